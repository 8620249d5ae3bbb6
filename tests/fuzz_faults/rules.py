"""What upstream makes of an answer, in the words of the measured tables: one function a version, no pycodex in it.

An answer ends in one of four ways: `ok`; `final` (the turn fails); `stream` (asked again as a stream that broke, told);
`request` (resent silently, and where that is used up it is what `then` says).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Outcome", "of_status", "of_stream"]

Way = Literal["ok", "final", "stream", "request"]

_FINAL_CODES = ("context_length_exceeded", "insufficient_quota", "usage_not_included", "server_is_overloaded")
_FINAL_CODES_NEW = ("cyber_policy", "bio_policy")
_FULL = "context_length_exceeded"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an answer ends. `more`: the model is asked again. `tokens`: what it says the context has. `full`: the context
    window is, so the next turn begins with a summary."""

    way: Way
    then: Literal["final", "stream"] = "stream"
    more: bool = False
    tokens: int | None = None
    full: bool = False


def of_status(version: str, status: int, headers: Mapping[str, str], code: str | None) -> Outcome:
    """A plain answer; by POST."""
    new, after = version != "0.115.0", headers.get("retry-after", "")
    timed = new and (after.isdigit() or after.endswith("GMT"))
    if status == 400:
        return Outcome(way="final", full=new and code == _FULL)
    if status == 429:
        spent = code in ("usage_limit_reached", "insufficient_quota", "usage_not_included")
        return Outcome(way="stream" if timed and not spent else "final")
    if status >= 500:
        if status == 503 and code == "server_is_overloaded":
            return Outcome(way="request", then="stream" if timed else "final")
        if status == 503 and code == "slow_down":
            return Outcome(way="request", then="stream" if new else "final")
        return Outcome(way="request")
    return Outcome(way="stream")


def of_stream(version: str, events: Sequence[Mapping[str, Any]], *, whole: bool) -> Outcome:
    """A stream of these events; `whole`: it then ends in good order. What a failure told is forgotten where not."""
    new = version != "0.115.0"
    told: Outcome | None = None
    calls = 0
    for event in events:
        kind = event.get("type")
        response: Any = event.get("response")
        if kind == "response.output_item.done":
            calls += event["item"]["type"] in ("function_call", "custom_tool_call")
        elif kind == "response.completed" and _is_whole(response):
            usage = response.get("usage") or {}
            more = calls > 0 or (new and response.get("end_turn") is False)
            return Outcome(way="ok", more=more, tokens=usage.get("total_tokens", 0))
        elif kind == "response.completed" and isinstance(response, Mapping):
            told = Outcome(way="stream")
        elif kind == "response.failed":
            told, at_once = _failed(new, response)
            if at_once:
                return told
        elif kind == "response.incomplete":
            reason = _part(_part(response, "incomplete_details"), "reason")
            told = Outcome(way="final" if new and reason != "content_filter" else "stream")
            if new and reason != "content_filter":
                return told
    return told if told is not None and whole else Outcome(way="stream")


def _failed(new: bool, response: Any) -> tuple[Outcome, bool]:
    """A `response.failed`, and whether it ends the answer before the stream does."""
    code = _part(_part(response, "error"), "code")
    final = code in _FINAL_CODES or code == "invalid_prompt"
    final = final or (code in _FINAL_CODES_NEW if new else code == "slow_down")
    return Outcome(way="final" if final else "stream", full=code == _FULL), new and code == _FULL


def _is_whole(response: Any) -> bool:
    """Whether a `response.completed` can be read: it has an id, and counts all tokens or none."""
    if not isinstance(response, Mapping) or not isinstance(response.get("id"), str):
        return False
    usage = response.get("usage")
    return usage is None or {"input_tokens", "output_tokens", "total_tokens"} <= set(usage)


def _part(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None
