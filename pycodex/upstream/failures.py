"""Failures of a request: tests, sentences and rollout words that the failure tables of the Dialects are made of."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from pycodex.sampling import Failure, retry_after
from pycodex.upstream.retries import FailureRule

__all__ = [
    "always",
    "body_says",
    "both",
    "broken",
    "code",
    "connection_failed",
    "connection_info",
    "delay_in_words",
    "detail",
    "disconnected",
    "error_code",
    "fixed",
    "incomplete",
    "incomplete_because",
    "message_if_any",
    "message_or",
    "rate_limited",
    "raw_body",
    "reason",
    "retry_limit",
    "row",
    "server_error",
    "status",
    "status_code",
    "status_with_retry_after",
    "status_words",
    "told_info",
    "too_many_info",
    "unexpected_status",
]


Test = Callable[[Failure], bool]
Text = Callable[[Failure], str]
Info = Callable[[Failure], Any]


def row(
    when: Test,
    text: Text,
    info: str | Info = "other",
    **more: Any,
) -> FailureRule:
    """A row of a failure table. `info`: the rollout's word, or how to make it. `more`: fields of FailureRule."""
    word = (lambda failure: info) if isinstance(info, str) else info
    return FailureRule(when=when, text=text, info=word, **more)


_BLOCKED = "Access blocked by Cloudflare. This usually happens when connecting from a restricted region"
_BODY_LIMIT = 1000
_PHRASES = {
    203: "Non Authoritative Information",
    413: "Payload Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    418: "I'm a teapot",
    422: "Unprocessable Entity",
}
"""Where Python's own words differ, or change from one Python to the next."""
_DELAY = re.compile(r"try again in\s*(\d+(?:\.\d+)?)\s*(s|ms)", re.IGNORECASE | re.ASCII)


def _error(failure: Failure) -> dict[str, Any]:
    try:
        error = json.loads(failure.body).get("error")
    except (ValueError, AttributeError):
        return {}
    return error if isinstance(error, dict) else {}


def _message(failure: Failure) -> str | None:
    message = failure.message if failure.kind == "failed" else _error(failure).get("message")
    return message if isinstance(message, str) else None


def status_words(status: int) -> str:
    """`404 Not Found`."""
    if status in _PHRASES:
        return f"{status} {_PHRASES[status]}"
    try:
        from http import HTTPStatus  # a table of codes that a run without errors never reads

        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} <unknown status code>"


def reason(failure: Failure) -> str:
    """The status of a failure in words."""
    return status_words(failure.status or 0)


# --- tests ---


def always(failure: Failure) -> bool:
    """Every failure."""
    return True


def both(one: Test, other: Test) -> Test:
    """A failure that passes both tests."""
    return lambda failure: one(failure) and other(failure)


def status(*codes: int) -> Test:
    """An HTTP status out of these."""
    return lambda failure: failure.kind == "status" and failure.status in codes


def status_code(code_name: str, *codes: int) -> Test:
    """An HTTP status out of these whose body's error has that code or type."""

    def test(failure: Failure) -> bool:
        error = _error(failure)
        named = code_name in (error.get("code"), error.get("type"))
        return failure.kind == "status" and failure.status in codes and named

    return test


def error_code(name: str, *codes: int) -> Test:
    """An HTTP status out of these whose body's error has that code."""
    test = status(*codes)
    return lambda failure: test(failure) and _error(failure).get("code") == name


def status_with_retry_after(*codes: int) -> Test:
    """An HTTP status out of these that says when to come back."""
    test = status(*codes)
    return lambda failure: test(failure) and retry_after(failure) is not None


def server_error(failure: Failure) -> bool:
    """Any 5xx."""
    return failure.kind == "status" and (failure.status or 0) >= 500


def code(*names: str) -> Test:
    """A `response.failed` with one of these codes."""
    return lambda failure: failure.kind == "failed" and failure.code in names


def incomplete(failure: Failure) -> bool:
    """A `response.incomplete`."""
    return failure.kind == "incomplete"


def incomplete_because(reason: str) -> Test:
    """A `response.incomplete` for that reason."""
    return lambda failure: failure.kind == "incomplete" and failure.code == reason


def body_says(words: str, *codes: int) -> Test:
    """An HTTP status out of these whose body has these words."""
    return lambda failure: failure.kind == "status" and failure.status in codes and words in failure.body


def _blocked(failure: Failure) -> bool:
    """A 403 from the network in between."""
    words = "Cloudflare" in failure.body and "blocked" in failure.body
    return failure.kind == "status" and failure.status == 403 and words


def broken(*kinds: str) -> Test:
    """A failure of these kinds."""
    return lambda failure: failure.kind in kinds


# --- sentences ---


def fixed(text: str) -> Text:
    """Always this text."""
    return lambda failure: text


def raw_body(failure: Failure) -> str:
    """The body of the answer."""
    return failure.body


def detail(failure: Failure) -> str:
    """The failure's own words."""
    return failure.detail


def told_info(failure: Failure) -> Any:
    """The word of what failed within it."""
    return failure.info


def message_or(text: str) -> Text:
    """The error's own message, or this text where it says nothing."""
    return lambda failure: message if (message := _message(failure) or "").strip() else text


def message_if_any(text: str) -> Text:
    """The error's own message, also an empty one, or this text where there is none."""
    return lambda failure: text if (message := _message(failure)) is None else message


def disconnected(failure: Failure) -> str:
    """A stream that broke."""
    return f"stream disconnected before completion: {failure.detail}"


def connection_failed(failure: Failure) -> str:
    """A provider that nobody answers for."""
    return f"Connection failed: {failure.detail}"


def rate_limited(failure: Failure) -> str:
    """A limit that a message tells of."""
    return f"rate limit exceeded: {_message(failure) or ''}"


def retry_limit(failure: Failure) -> str:
    """A 429."""
    request_id = _request_id(failure) or failure.header("cf-ray")
    tail = f", request id: {request_id}" if request_id else ""
    return f"exceeded retry limit, last status: {reason(failure)}{tail}"


def unexpected_status(failure: Failure) -> str:
    """Any other status, with what helps to find the request again (captured: failures/statuses)."""
    if _blocked(failure):
        return f"{_BLOCKED} (status {reason(failure)}), url: {failure.url}{_traces(failure)}"
    words = (_message(failure) or "").strip() or _cut(failure.body.strip()) or "Unknown error"
    url = f", url: {failure.url}" if failure.url else ""
    return f"unexpected status {reason(failure)}: {words}{url}{_traces(failure)}"


def _cut(text: str) -> str:
    data = text.encode()
    return text if len(data) <= _BODY_LIMIT else data[:_BODY_LIMIT].decode(errors="ignore") + "..."


def _request_id(failure: Failure) -> str | None:
    return failure.header("x-request-id") or failure.header("x-oai-request-id")


def _traces(failure: Failure) -> str:
    traces = (
        ("cf-ray", failure.header("cf-ray")),
        ("request id", _request_id(failure)),
        ("auth error", failure.header("x-openai-authorization-error")),
        ("auth error code", _code_of_header(failure)),
    )
    return "".join(f", {label}: {value}" for label, value in traces if value)


def _code_of_header(failure: Failure) -> str | None:
    if (value := failure.header("x-error-json")) is None:
        return None
    import base64  # only for a header of the ChatGPT backend

    try:
        code = json.loads(base64.b64decode(value, validate=True))["error"]["code"]
    except (ValueError, TypeError, KeyError):
        return None
    return code if isinstance(code, str) else None


# --- delays ---


def delay_in_words(failure: Failure) -> float | None:
    """`try again in 1.5s`, in seconds or whole milliseconds; nothing else is read."""
    match = _DELAY.search(failure.detail)
    if match is None:
        return None
    value = float(match[1])
    return int(value) / 1000 if match[2].lower() == "ms" else value


# --- rollout words ---


def connection_info(failure: Failure) -> Any:
    """The status of a connection that failed."""
    return {"http_connection_failed": {"http_status_code": failure.status}}


def too_many_info(failure: Failure) -> Any:
    """The status that was retried too often."""
    return {"response_too_many_failed_attempts": {"http_status_code": failure.status}}
