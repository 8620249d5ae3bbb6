"""What an answer over HTTP means that is not a message (captured: mcp_http/start_*, mcp_http/call_*).

Each failure has two forms: words for the model and for people, and Rust's debug form for the log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pycodex.arguments import ArgumentStyle
from pycodex.json_reader import ArgumentsError, Reader
from pycodex.mcp.messages import debug_message, debug_option, fits_a_variant, fits_its_keys
from pycodex.mcp.rpc import SendFailed
from pycodex.records import dataclass
from pycodex.rust import debug_string
from pycodex.transports.base import TransportError

__all__ = ["EVENTS", "HttpAnswer", "Judge", "judged_by_status", "judged_by_type", "unsent_plainly", "unsent_request"]

EVENTS = "text/event-stream"
_JSON = "application/json"
_TOLD_BYTES = 8192
_ACCEPTED = (202, 204)
_STARTING = ("initialize", "notifications/initialized", "tools/list")
"""What is tried again where the server has something wrong with it."""
_POSITION = re.compile(r"(.*) at line (\d+) column (\d+)", re.DOTALL)
_EXPIRED = "streamable HTTP session expired with 404 Not Found"
_KINDS = {111: "ConnectionRefused", 113: "HostUnreachable", 101: "NetworkUnreachable", 110: "TimedOut"}


@dataclass(frozen=True, kw_only=True)
class HttpAnswer:
    """An answer to a message: `text` is its body, None where that is a stream of events. `in_session`: whether the
    request named one; `session`: the one that the answer names."""

    status: int
    content_type: str | None
    authenticate: str | None
    text: str | None
    method: str | None
    in_session: bool
    session: str | None = None


Judge = Callable[[HttpAnswer, ArgumentStyle], Any]
"""The message that an answer holds; None where there is none, or its events have them. Raises SendFailed."""


def judged_by_type(answer: HttpAnswer, style: ArgumentStyle) -> Any:
    """0.115.0: the status means little, the type of the content decides (captured: mcp_http/call_refused_old)."""
    _expired(answer)
    if answer.status == 401 and answer.authenticate is not None:
        raise _login(answer.authenticate)
    if answer.status in _ACCEPTED or answer.text is None:
        return None
    if not (answer.content_type or "").startswith(_JSON):
        raise _unexpected_type(answer)
    try:
        found = _message(
            answer.text, style, fits_a_variant, "data did not match any variant of untagged enum JsonRpcMessage"
        )
    except ArgumentsError as error:
        debug = f"Client(Reqwest(reqwest::Error {{ kind: Decode, source: {_debugged(error)} }}))"
        raise SendFailed("Client error: error decoding response body", debug) from None
    if answer.method == "notifications/initialized":  # (captured: mcp_http/start_answered_old)
        told = f"Json({debug_message(found)}, {debug_option(answer.session)})"
        problem = f"unexpected server response: expect accepted, got {told}"
        raise SendFailed(problem, step="process initialized notification response")
    return found


def judged_by_status(answer: HttpAnswer, style: ArgumentStyle) -> Any:
    """0.169.0: an error is one, unless it says so in JSON-RPC (captured: mcp_http/call_refused_new)."""
    _expired(answer)
    if answer.status == 401 and answer.authenticate is not None:
        raise _login(answer.authenticate)
    if answer.status == 403 and "insufficient_scope" in (answer.authenticate or ""):
        raise _scope(answer.authenticate or "")
    if answer.status in _ACCEPTED or answer.text is None:
        return None
    busy = answer.status in (408, 429) or answer.status >= 500
    is_json = (answer.content_type or "").startswith(_JSON)
    told = f"HTTP {answer.status}: {_beginning(answer.text)}"
    refused = SendFailed(
        f"unexpected server response: {told}", f"UnexpectedServerResponse({debug_string(told)})", again=busy
    )
    bad = answer.status >= 400
    if bad and (not is_json or (busy and answer.method in _STARTING)):
        raise refused
    if not is_json:
        raise _unexpected_type(answer)
    try:
        return _message(answer.text, style, fits_its_keys, "unrecognized JSON-RPC message")
    except ArgumentsError as error:
        if bad:
            raise refused from None
        raise SendFailed(f"Deserialize error: {error}", f"Deserialize({_debugged(error)})") from None


def unsent_plainly(url: str, error: TransportError) -> tuple[str, str]:
    """0.115.0."""
    source = "hyper_util::client::legacy::Error(SendRequest, hyper::Error(IncompleteMessage))"
    cause = error.__cause__
    if isinstance(cause, TransportError) and cause.kind == "connect":
        found = cause.__cause__
        code = found.errno if isinstance(found, OSError) and found.errno is not None else 0
        source = "hyper_util::client::legacy::Error(Connect, " + _connect_error(url, code) + ")"
    debug = f"Client(Reqwest(reqwest::Error {{ kind: Request, url: {debug_string(url)}, source: {source} }}))"
    return f"Client error: {error.message}", debug


def _connect_error(url: str, code: int) -> str:
    import os
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    system = (
        f"Os {{ code: {code}, kind: {_KINDS.get(code, 'Uncategorized')}, message: {debug_string(os.strerror(code))} }}"
    )
    return f'ConnectError("tcp connect error", {parts.hostname}:{parts.port}, {system})'


def unsent_request(url: str, error: TransportError) -> tuple[str, str]:
    """0.169.0."""
    told = f"http/request failed: {error.message}"
    return f"Client error: HTTP request failed: {told}", f"Client(HttpRequest(HttpRequest({debug_string(told)})))"


def _beginning(text: str) -> str:
    """So much of a body as is told (captured: mcp_http/long_body)."""
    data = text.encode()
    if len(data) <= _TOLD_BYTES:
        return text
    kept = data[:_TOLD_BYTES].decode(errors="ignore")
    return f"{kept}... (truncated {len(data) - len(kept.encode())} bytes)"


def _message(text: str, style: ArgumentStyle, fits: Callable[[Any], bool], shapeless: str) -> Mapping[str, Any]:
    """Raises ArgumentsError."""
    reader = Reader(text, style)
    value = reader.value()
    reader.end()
    if not fits(value):
        raise ArgumentsError(shapeless)
    found: Mapping[str, Any] = value
    return found


def _debugged(error: ArgumentsError) -> str:
    """An error of serde_json, in its debug form."""
    found = _POSITION.fullmatch(str(error))
    words, line, column = found.groups() if found else (str(error), "0", "0")
    return f"Error({debug_string(words)}, line: {line}, column: {column})"


def _expired(answer: HttpAnswer) -> None:
    if answer.status == 404 and answer.in_session:
        raise SendFailed(f"Client error: {_EXPIRED}", "Client(SessionExpired404)", lost=True)


def _login(value: str) -> SendFailed:
    debug = f"AuthRequired(AuthRequiredError {{ www_authenticate_header: {debug_string(value)} }})"
    return SendFailed("Auth required", debug, login=value)


def _scope(value: str) -> SendFailed:
    found = re.search(r'scope="([^"]*)"|scope=([^\s,;]+)', value)
    scope = f"Some({debug_string(found.group(1) or found.group(2) or '')})" if found else "None"
    debug = f"www_authenticate_header: {debug_string(value)}, required_scope: {scope}"
    return SendFailed("Insufficient scope", f"InsufficientScope(InsufficientScopeError {{ {debug} }})")


def _unexpected_type(answer: HttpAnswer) -> SendFailed:
    kind = answer.content_type or "missing-content-type"
    body = _beginning(answer.text or "")
    told = f"Some({debug_string(f'{kind}; body: {body}')})"
    return SendFailed(f"Unexpected content type: {told}", f"UnexpectedContentType({told})")
