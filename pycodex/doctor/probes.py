"""The checks that codex-cli's own doctor makes over the network, as it makes them (captured: doctor/network_*)."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pycodex.doctor.as_codex import proxy_variables, stored_login
from pycodex.doctor.places import answers_route, url_of
from pycodex.doctor.report import Check, Issue, Verdict
from pycodex.request import MissingKey, build_head, credential
from pycodex.transports.base import TransportError
from pycodex.transports.http import HttpTransport
from pycodex.transports.proxies import proxy_for
from pycodex.upstream.failures import status_words

if TYPE_CHECKING:
    from pycodex.doctor.style import DoctorStyle
    from pycodex.doctor.subject import Subject
    from pycodex.settings import Settings

__all__ = ["endpoint", "provider_reachability", "websocket_reachability"]

_PATIENCE = 3.0
"""Seconds for each of the two requests (codex-cli's own)."""
_GRACE = 0.25
"""Seconds in which a WebSocket that was opened may be closed at once."""
_API = "https://api.openai.com/v1"
_CHATGPT = "https://chatgpt.com/backend-api/codex"

Details = list[tuple[str, str]]


async def provider_reachability(subject: Subject, *, models_required: bool = True) -> Check:
    """HEAD for the route of the answers, which may say what it wants, and GET for the models, which tells whether the
    address is right. Neither carries a key. A 404 for the models is no failure where nothing needs them."""
    settings, style = subject.loaded, subject.style
    mode, label, url, models = endpoint(subject)
    details: Details = [("reachability mode", mode)]
    if url is None:
        details.append(("active provider endpoint", "none configured"))
        return _reachability("ok", style.nothing_to_reach, details)
    transport = HttpTransport(settings.dialect.transport, settings.environment, keeps_all=True)
    try:
        status, said = await _status(settings, style, transport, "HEAD", url)
        if status is None:
            details.append((f"{label} inference URL", f"{url} {said} (required)"))
            return _reachability("fail", style.unreachable, details, remedy=style.network_remedy)
        details.append((f"{label} inference URL", f"{url} reachable (HTTP {status})"))
        if models is None:
            return _reachability("ok", style.reachable, details)
        return await _route(settings, style, transport, details, label, models, required=models_required)
    finally:
        await transport.aclose()


async def _route(
    settings: Settings,
    style: DoctorStyle,
    transport: HttpTransport,
    details: Details,
    label: str,
    url: str,
    *,
    required: bool,
) -> Check:
    name = f"{label} route probe"
    status, said = await _status(settings, style, transport, "GET", url)
    if status is not None and (200 <= status < 300 or status in (401, 403)):
        details.append((name, f"{url} route exists (HTTP {status})"))
        return _reachability("ok", style.reachable, details)
    if status is not None and (status != 404 or not required):
        details.append((name, f"{url} returned HTTP {status} (warning)"))
        return _reachability("warning", style.reachable_warned, details, remedy=style.network_remedy)
    measured = f"{url} {said}" if status is None else f"{url} returned HTTP {status}"
    details.append((name, f"{measured} (required)"))
    lost = status is None
    issue = Issue(
        severity="fail",
        cause=style.route_lost if lost else style.route_gone,
        measured=measured,
        expected=style.route_lost_expected if lost else style.route_expected,
        remedy=style.network_remedy if lost else style.route_remedy,
        fields=("route probe",),
    )
    return _reachability("fail", style.unreachable, details, issue, remedy=style.network_remedy)


def _reachability(
    status: Verdict, summary: str, details: Details, issue: Issue | None = None, *, remedy: str | None = None
) -> Check:
    return Check(
        id="network.provider_reachability",
        category="reachability",
        status=status,
        summary=summary,
        details=tuple(details),
        issues=() if issue is None else (issue,),
        remedy=remedy,
    )


def endpoint(subject: Subject) -> tuple[str, str, str | None, str | None]:
    """Whose login counts, how the endpoint is called, its URL, and that of its models where they are asked for."""
    settings = subject.loaded
    provider, auth = settings.config.provider, settings.auth
    if not provider.requires_openai_auth:
        mode = "provider auth"
    elif provider.env_key is not None or (
        stored_login(subject) == "api_key" if auth.token is None else not auth.chatgpt
    ):
        mode = "API key auth"
    else:
        mode = "ChatGPT auth"
    placed = provider.base_url not in (None, _API, _CHATGPT)
    if mode == "ChatGPT auth" and not placed:
        return mode, "ChatGPT", f"{_CHATGPT}/responses", None
    if provider.base_url is None:
        return mode, f"{provider.id} API", None, None
    return mode, f"{provider.id} API", url_of(settings, answers_route(settings)), url_of(settings, "models")


async def _status(
    settings: Settings, style: DoctorStyle, transport: HttpTransport, method: str, url: str
) -> tuple[int | None, str]:
    """The status of the answer, or None and why there is none."""
    head = [("originator", settings.originator), ("user-agent", settings.user_agent), ("accept", "*/*"), ("host", "")]
    try:
        async with asyncio.timeout(_PATIENCE), transport.stream(url, head, b"", method=method) as response:
            return response.status, ""
    except TimeoutError:
        return None, style.errors["timeout"]
    except TransportError as error:
        return None, style.errors.get(error.kind, style.error)


async def websocket_reachability(subject: Subject) -> Check:
    """Opens the provider's WebSocket with its key, and closes it. What hinders it is a warning: POST may still work."""
    settings, style = subject.loaded, subject.style
    provider = settings.config.provider
    details: Details = [
        ("model provider", provider.id),
        ("provider name", provider.name),
        ("wire API", provider.wire_api),
        ("supports websockets", str(provider.supports_websockets).lower()),
        proxy_variables(subject),
    ]
    if not provider.supports_websockets:
        return _websocket("ok", style.websocket_off, details)
    details.append(("connect timeout", f"{provider.websocket_connect_timeout_ms} ms"))
    try:
        token = credential(settings)
    except MissingKey as error:
        details.append(("provider setup failed", str(error)))
        return _websocket("warning", style.websocket_no_provider, details, style.websocket_remedy)
    chatgpt = settings.follows_login and settings.auth.chatgpt
    mode = "chatgpt" if chatgpt else "api_key"
    if token is None:
        mode = "chatgpt" if stored_login(subject) == "chatgpt" else "none"
    details.append(("auth mode", mode))
    url = provider.url("responses")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        details.append(("endpoint build failed", style.websocket_no_base))
        return _websocket("warning", style.websocket_no_url, details, style.websocket_remedy)
    details.append(("endpoint", f"ws{url.removeprefix('http')}"))
    details.append(
        ("DNS", await _families(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80), style))
    )
    return await _handshake(settings, style, url, token, details)


async def _families(host: str, port: int, style: DoctorStyle) -> str:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return style.unknown_host
    families = [family for family, *_ in found]
    first = "IPv4" if families[0] == socket.AF_INET else "IPv6"
    return f"{families.count(socket.AF_INET)} IPv4, {families.count(socket.AF_INET6)} IPv6, first {first}"


async def _handshake(settings: Settings, style: DoctorStyle, url: str, token: str | None, details: Details) -> Check:
    from pycodex.responses_socket import upgrade_head
    from pycodex.transports.tls import tls_context
    from pycodex.transports.websocket import UpgradeRefused, connect, websocket_url

    provider, environment = settings.config.provider, settings.environment
    headers = [header for header in settings.dialect.websocket.headers if header.name in style.websocket_headers]
    head = upgrade_head(build_head(headers, _values(settings, token), provider, environment))
    try:
        async with asyncio.timeout(provider.websocket_connect_timeout_ms / 1000):
            tls = tls_context(environment) if url.startswith("https:") else None
            opened = await connect(websocket_url(url), head, tls, proxy_for(url, environment))
    except TimeoutError:
        details.append(("", "handshake timed out"))
        return _websocket("warning", style.websocket_late, details, style.websocket_remedy)
    except (UpgradeRefused, TransportError) as error:
        reason = f"http {status_words(error.status)}" if isinstance(error, UpgradeRefused) else "network error"
        details.append(("handshake transport error", f"{reason}: [redacted]"))
        return _websocket("warning", style.websocket_failed, details, style.websocket_remedy)
    names = {name for name, _ in opened.headers}
    details += [
        ("handshake result", style.websocket_upgraded),
        ("reasoning header", str("x-reasoning-included" in names).lower()),
        ("server model present", str("openai-model" in names).lower()),
    ]
    try:
        async with asyncio.timeout(_GRACE):
            message = await opened.receive()
    except (TimeoutError, OSError, ValueError):
        message = None
    finally:
        opened.close()
    if message is not None and message.kind == "close":
        code = int.from_bytes(message.data[:2], "big") if len(message.data) >= 2 else 1005
        details += [
            ("immediate close code", str(code)),
            ("immediate close reason", message.data[2:].decode(errors="replace")),
        ]
        return _websocket("warning", style.websocket_closed, details, style.websocket_remedy)
    return _websocket("ok", style.websocket_open, details)


def _values(settings: Settings, token: str | None) -> dict[str, Any]:
    """What the headers are filled with; one that would tell of a thread is left out."""
    built_in = settings.config.provider.id == "openai"
    return {
        "token": token,
        "account": settings.auth.account if settings.follows_login else None,
        "builtin_version": settings.dialect.client.version if built_in else None,
        "originator": settings.originator,
        "user_agent": settings.user_agent,
    }


def _websocket(status: Verdict, summary: str, details: Details, remedy: str | None = None) -> Check:
    return Check(
        id="network.websocket_reachability",
        category="websocket",
        status=status,
        summary=summary,
        details=tuple(details),
        remedy=remedy,
    )
