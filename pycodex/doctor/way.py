"""Checks of pycodex' own of the way to the provider, a step each: proxy, name, connection, TLS."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pycodex.doctor.places import answers_route, place_of_base_url, url_of
from pycodex.doctor.report import Check, Verdict
from pycodex.doctor.secrets import bare_url
from pycodex.records import dataclass
from pycodex.transports.authorities import unusable
from pycodex.transports.base import TransportError
from pycodex.transports.proxies import proxy_for
from pycodex.transports.tls import start_tls, tls_context
from pycodex.transports.tunnel import WEBSOCKET_HEAD, Via, hang_up, open_tunnel, tunnel_head, tunnels

if TYPE_CHECKING:
    from pycodex.doctor.subject import Subject

__all__ = ["Way", "check_dns", "check_proxy", "check_tcp", "check_tls", "way_to"]

_LOCAL = ("localhost", "127.0.0.1", "::1")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True)
class Way:
    """Where the first connection goes: to the provider, or to the proxy that stands before it."""

    host: str
    port: int
    provider_host: str
    provider_port: int
    encrypted: bool
    """Whether the provider is asked over TLS."""
    proxy: str | None

    @property
    def place(self) -> str:
        """The other end of the first connection, for people."""
        return f"{self.host}:{self.port}" + (" (the proxy)" if self.proxy else "")


def way_to(subject: Subject) -> Way:
    """The way to the provider whose address was found to be one."""
    settings = subject.loaded
    url = url_of(settings, answers_route(settings))
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    proxy = proxy_for(url, settings.environment)
    first = urlsplit(proxy) if proxy is not None else parts
    return Way(
        host=first.hostname or "",
        port=first.port or _PORTS.get(first.scheme, 1080),
        provider_host=host,
        provider_port=port,
        encrypted=parts.scheme == "https",
        proxy=proxy,
    )


def check_proxy(subject: Subject) -> Check:
    """Which proxy requests take, if any, and whether it is one that can be used."""
    way = way_to(subject)
    names = _proxy_names(subject)
    if way.proxy is None:
        passed = f"; {', '.join(names)} does not apply to {way.provider_host}" if names else ""
        return _check("proxy", "ok", f"none: requests go straight to the provider{passed}")
    shown = bare_url(way.proxy)
    details = (("proxy", shown), ("variables", ", ".join(names)))
    scheme = urlsplit(way.proxy).scheme
    if scheme not in _PORTS or not way.host:
        remedy = f"Set {' or '.join(names)} to http://host:port, or unset it"
        return _check("proxy", "fail", f"{shown} is no http or https proxy", *details, remedy=remedy)
    if way.provider_host in _LOCAL:
        remedy = f"Add {way.provider_host} to NO_PROXY"
        summary = f"requests to {way.provider_host} go through {shown}, which has another {way.provider_host}"
        return _check("proxy", "warning", summary, *details, remedy=remedy)
    return _check("proxy", "ok", f"requests go through {shown}", *details)


def _proxy_names(subject: Subject) -> list[str]:
    names = ("http_proxy", "https_proxy", "all_proxy")
    environment = subject.loaded.environment
    return [name for low in names for name in (low, low.upper()) if environment.get(name)]


async def check_dns(subject: Subject) -> Check:
    """Whether the name of the other end is known."""
    way = way_to(subject)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(way.host, way.port, type=socket.SOCK_STREAM)
    except OSError as error:
        told = "the proxy variables" if way.proxy else _base_url(subject)
        remedy = f"Check the name in {told}, the network connection and the resolver (VPN, /etc/resolv.conf)"
        return _check("dns", "fail", f"{way.host} cannot be looked up: {error.strerror or error}", remedy=remedy)
    addresses = ", ".join(dict.fromkeys(str(address[4][0]) for address in found))
    return _check("dns", "ok", f"{way.host} is {addresses}", ("host", way.host), ("addresses", addresses))


async def check_tcp(subject: Subject) -> Check:
    """Whether somebody listens there."""
    way = way_to(subject)
    try:
        _, writer = await asyncio.open_connection(way.host, way.port)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        if way.proxy:
            remedy = "Start the proxy, or correct or unset the proxy variables"
        elif way.host in _LOCAL:
            remedy = f"Start the server, or correct the port in {_base_url(subject)}"
        else:
            remedy = f"Check {_base_url(subject)}, firewall and VPN; where a proxy is needed, set HTTPS_PROXY"
        return _check("tcp", "fail", f"no connection to {way.place}: {reason}", remedy=remedy)
    await hang_up(writer)
    return _check("tcp", "ok", f"connected to {way.place}")


async def check_tls(subject: Subject) -> Check:
    """Whether the provider's certificate is one to trust: through the proxy's tunnel where there is a proxy."""
    way = way_to(subject)
    if not way.encrypted:
        return _check("tls", "skipped", "the provider is asked over http, without TLS")
    name = way.provider_host
    if way.proxy is not None and not tunnels(way.proxy):
        return _check("tls", "skipped", f"not looked at through {bare_url(way.proxy)}")
    environment = subject.loaded.environment
    if (reason := unusable(environment)) is not None:
        return _check("tls", "fail", reason, remedy="Correct the variable")
    try:
        context = tls_context(environment)
        if way.proxy is None:
            _, writer = await asyncio.open_connection(way.host, way.port)
        else:
            _, writer = await open_tunnel(
                name, way.provider_port, Via(proxy=way.proxy, head=tunnel_head(WEBSOCKET_HEAD, way.proxy))
            )
    except TransportError as error:
        return _check("tls", "fail", error.message, remedy="Check the proxy and its login, or NO_PROXY")
    except OSError as error:
        return _check("tls", "fail", f"the connection broke off: {error}", remedy="Try again; see the line above")
    try:
        await start_tls(writer, context, name)
        told = writer.get_extra_info("ssl_object")
        details = (("version", str(told.version())), ("certificate", _certificate(told.getpeercert())))
        return _check("tls", "ok", f"{name} has a certificate to trust ({told.version()})", *details)
    except ssl.SSLCertVerificationError as error:
        return _check("tls", "fail", f"{name}: {error.verify_message}", remedy=_trust(error, subject))
    except (OSError, EOFError) as error:
        port = way.provider_port
        remedy = f"Port {port} may speak plain http: then write http:// in {_base_url(subject)}; else look at the proxy"
        return _check("tls", "fail", f"no TLS handshake with {name}:{port}: {_reason(error)}", remedy=remedy)
    finally:
        await hang_up(writer)


def _trust(error: ssl.SSLCertVerificationError, subject: Subject) -> str:
    words = error.verify_message.lower()
    if "hostname" in words or "ip address" in words:
        return f"Write the name that the certificate is for in {_base_url(subject)}"
    if "expired" in words or "not yet valid" in words:
        return "Check this machine's clock; else the server needs a new certificate"
    return (
        "Put the certificate of the server's CA (or of the proxy that opens TLS) in a PEM file, and name it in "
        "CODEX_CA_CERTIFICATE or SSL_CERT_FILE"
    )


def _certificate(peer: Any) -> str:
    """For whom it is, by whom, and until when."""

    def of(field: str) -> str:
        rows = dict(pair for row in peer.get(field, ()) for pair in row)
        return str(rows.get("commonName") or rows.get("organizationName") or "?")

    return f"{of('subject')}, by {of('issuer')}, until {peer.get('notAfter', '?')}"


def _reason(error: Exception) -> str:
    return (error.reason if isinstance(error, ssl.SSLError) else None) or str(error) or type(error).__name__


def _base_url(subject: Subject) -> str:
    return place_of_base_url(subject.loaded)


def _check(category: str, status: Verdict, summary: str, *details: tuple[str, str], remedy: str | None = None) -> Check:
    id_ = f"network.{category}"
    return Check(id=id_, category=category, status=status, summary=summary, details=details, remedy=remedy)
