"""Which proxy a URL goes through, by the environment variables that curl and reqwest know."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

__all__ = ["proxy_for"]


def proxy_for(url: str, env: Mapping[str, str]) -> str | None:
    """The proxy's URL, or None for a direct connection.

    `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` count in capitals and in small letters; a proxy
    without a scheme is an http one. NO_PROXY holds host names (with their subdomains), addresses, networks,
    or `*`.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxy = _value(env, f"{parts.scheme}_proxy") or _value(env, "all_proxy")
    if not proxy or _bypassed(host, _value(env, "no_proxy")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _value(env: Mapping[str, str], name: str) -> str:
    return env.get(name) or env.get(name.upper()) or ""


def _bypassed(host: str, no_proxy: str) -> bool:
    for entry in (part.strip() for part in no_proxy.split(",")):
        if not entry:
            continue
        if entry == "*" or _same_network(host, entry):
            return True
        suffix = entry.lstrip(".").lower()
        if host == suffix or host.endswith("." + suffix):
            return True
    return False


def _same_network(host: str, entry: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
