"""Failures of a request: tests, sentences and rollout words that the failure tables of the Dialects are made of."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pycodex.records import dataclass
from pycodex.sampling import Failure

__all__ = [
    "FailureRule",
    "RetryStyle",
    "always",
    "broken",
    "code",
    "connection_failed",
    "connection_info",
    "detail",
    "disconnected",
    "error_message",
    "fixed",
    "incomplete",
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
    "too_many_info",
    "unexpected_status",
]


@dataclass(frozen=True, kw_only=True)
class FailureRule:
    """A row of the failure table, first match wins.

    `request`: resent at request level (silent). `stream`: retried at stream level. Neither: final.
    `info` gives what the rollout keeps.
    """

    when: Callable[[Failure], bool]
    text: Callable[[Failure], str]
    request: bool = False
    stream: bool = False
    waits: bool = False
    """Whether the stream is tried again for as long as it takes (`RetryStyle.network_delays`), and not counted."""
    fills_window: bool = False
    """Whether the failure means that the context window is full."""
    info: Callable[[Failure], Any]


@dataclass(frozen=True, kw_only=True)
class RetryStyle:
    """Two nested loops: resending a request before an answer, and asking again for a stream that broke."""

    rules: tuple[FailureRule, ...]
    first_delay: float
    """Seconds before the first retry; doubled each time."""
    jitter: float
    stream_limit: int
    """stream_max_retries above this is cut to it."""
    retry_after: bool
    """Whether a Retry-After header sets the delay."""
    network_delays: tuple[float, ...] = ()
    """Seconds between the tries to reach a provider that nobody answers for; the last one is repeated."""
    network_progress: str = ""
    """What stands for the count of such tries."""


Test = Callable[[Failure], bool]
Text = Callable[[Failure], str]
Info = Callable[[Failure], Any]


def row(
    when: Test,
    text: Text,
    info: str | Info = "other",
    *,
    request: bool = False,
    stream: bool = False,
    waits: bool = False,
    fills_window: bool = False,
) -> FailureRule:
    """A row of a failure table. `info`: the rollout's word, or how to make it."""
    word = (lambda failure: info) if isinstance(info, str) else info
    return FailureRule(
        when=when, text=text, request=request, stream=stream, waits=waits, fills_window=fills_window, info=word
    )


def _error(failure: Failure) -> dict[str, Any]:
    try:
        error = json.loads(failure.body).get("error")
    except (ValueError, AttributeError):
        return {}
    return error if isinstance(error, dict) else {}


def status_words(status: int) -> str:
    """`404 Not Found`."""
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


def status_with_retry_after(*codes: int) -> Test:
    """An HTTP status out of these that says when to come back, in whole seconds."""
    test = status(*codes)
    return lambda failure: test(failure) and (failure.header("retry-after") or "").isdigit()


def server_error(failure: Failure) -> bool:
    """Any 5xx."""
    return failure.kind == "status" and (failure.status or 0) >= 500


def code(*names: str) -> Test:
    """A `response.failed` with one of these codes."""
    return lambda failure: failure.kind == "failed" and failure.code in names


def incomplete(failure: Failure) -> bool:
    """A `response.incomplete`."""
    return failure.kind == "incomplete"


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


def error_message(failure: Failure) -> str:
    """`error.message` of the body."""
    return str(_error(failure).get("message") or failure.body)


def disconnected(failure: Failure) -> str:
    """A stream that broke."""
    return f"stream disconnected before completion: {failure.detail}"


def connection_failed(failure: Failure) -> str:
    """A provider that nobody answers for."""
    return f"Connection failed: {failure.detail}"


def rate_limited(failure: Failure) -> str:
    """A limit that a message tells of."""
    return f"rate limit exceeded: {failure.detail or error_message(failure)}"


def retry_limit(failure: Failure) -> str:
    """A 429."""
    request_id = failure.header("x-request-id")
    tail = f", request id: {request_id}" if request_id else ""
    return f"exceeded retry limit, last status: {reason(failure)}{tail}"


def unexpected_status(failure: Failure) -> str:
    """Any other status, with what helps to find the request again."""
    words = str(_error(failure).get("message") or failure.body or "Unknown error")
    text = f"unexpected status {reason(failure)}: {words}" + (f", url: {failure.url}" if failure.url else "")
    names = (
        ("cf-ray", "cf-ray"),
        ("request id", "x-request-id"),
        ("auth error", "x-openai-authorization-error"),
    )
    return text + "".join(f", {label}: {value}" for label, name in names if (value := failure.header(name)))


# --- rollout words ---


def connection_info(failure: Failure) -> Any:
    """The status of a connection that failed."""
    return {"http_connection_failed": {"http_status_code": failure.status}}


def too_many_info(failure: Failure) -> Any:
    """The status that was retried too often."""
    return {"response_too_many_failed_attempts": {"http_status_code": failure.status}}
