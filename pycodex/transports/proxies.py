"""Which proxy a URL goes through, by the environment variables that curl and reqwest know."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

__all__ = ["proxy_for"]

_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")


def proxy_for(url: str, env: Mapping[str, str]) -> str | None:
    """The proxy's URL, or None for a direct connection.

    `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` count in capitals, also where they are empty, and else in
    small letters; a proxy without a scheme is an http one, and what names no proxy counts as empty. Under CGI, where a
    header of a request becomes it, there is no HTTP_PROXY. NO_PROXY holds host names (with their subdomains) or `*` for
    all names, addresses and networks. Captured: faults/proxy, faults/proxy_unless, faults/proxy_login.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    own = "" if parts.scheme == "http" and "REQUEST_METHOD" in env else _value(env, f"{parts.scheme}_proxy")
    proxy = _address(own) or _address(_value(env, "all_proxy"))
    return None if not proxy or _bypassed(host, _value(env, "no_proxy")) else proxy


def _address(value: str) -> str:
    scheme, mark, _ = value.partition("://")
    if not mark:
        return f"http://{value}" if value and "/" not in value else ""
    return value if scheme.lower() in _SCHEMES else ""


def _value(env: Mapping[str, str], name: str) -> str:
    return env.get(name.upper(), env.get(name, ""))


def _bypassed(host: str, no_proxy: str) -> bool:
    entries = [entry for part in no_proxy.split(",") if (entry := part.strip())]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return any(_names(entry.lstrip(".").lower(), host) for entry in entries)
    return any(_holds(entry, address) for entry in entries)


def _names(entry: str, host: str) -> bool:
    return entry == "*" or host == entry or host.endswith(f".{entry}")


def _holds(entry: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
