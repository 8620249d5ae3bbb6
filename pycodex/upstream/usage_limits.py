"""A usage limit: how a refusal says it, and the sentence that a version makes of it (captured: failures/usage_limit_*).

The provider's headers name the limit, a promotion, or the kind of limit; the body names the plan and the end.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from pycodex.rate_limits import reached_limit
from pycodex.records import dataclass
from pycodex.sampling import Failure

__all__ = ["UsageLimitStyle", "not_included", "reached", "told"]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SUFFIXES = {1: "st", 2: "nd", 3: "rd"}
_LAST_MOMENT = 8_210_266_876_799
_FIRST_MOMENT = -8_334_601_228_800


@dataclass(frozen=True, kw_only=True)
class UsageLimitStyle:
    """The sentences. Those of `plans`, `named` and `promoted` go on with ` or try again ...`."""

    plans: Mapping[str, str]
    """By plan; others have `other_plan`."""
    other_plan: str
    """Goes on with ` Try again ...`."""
    named: str
    """For a limit with a name; may use {name}."""
    promoted: str
    """With a promotion; may use {message}."""
    kinds: Mapping[str, str]
    """Whole sentences for kinds of limits."""


def reached(failure: Failure) -> bool:
    """A 429 that says that a usage limit is reached."""
    return _refusal(failure).get("type") == "usage_limit_reached"


def not_included(failure: Failure) -> bool:
    """A 429 that says that the plan does not include the use."""
    return _refusal(failure).get("type") == "usage_not_included"


def told(style: UsageLimitStyle) -> Callable[[Failure], str]:
    """The sentence."""

    def text(failure: Failure) -> str:
        refusal, headers = _refusal(failure), dict(reversed(failure.headers))
        limit = reached_limit(headers)
        name, kind = limit["limit_name"], limit["rate_limit_reached_type"]
        end = _end(refusal.get("resets_at"))
        if name and name.lower() != "codex":
            return f"{style.named.format(name=name)} or try again {end}."
        if kind in style.kinds:
            return style.kinds[kind]
        if promotion := headers.get("x-codex-promo-message", "").strip():
            return f"{style.promoted.format(message=promotion)} or try again {end}."
        if (advice := style.plans.get(refusal.get("plan_type") or "")) is not None:
            return f"{advice} or try again {end}."
        return f"{style.other_plan} Try again {end}."

    return text


def _refusal(failure: Failure) -> Mapping[str, Any]:
    """The error of a 429. Empty where a part of it has another type: then it is no usage limit
    (captured: failures/usage_limit_odd)."""
    if failure.kind != "status" or failure.status != 429:
        return {}
    try:
        error = json.loads(failure.body)["error"]
    except (ValueError, TypeError, KeyError):
        return {}
    readable = (
        isinstance(error, dict)
        and all(isinstance(error.get(key), str | None) for key in ("type", "plan_type"))
        and type(error.get("resets_at")) in (int, type(None))
    )
    return error if readable else {}


def _end(resets_at: int | None) -> str:
    """`later`, `at 3:33 AM` of today, or `at May 18th, 2033 3:33 AM`, in local time."""
    if resets_at is None or not _FIRST_MOMENT <= resets_at <= _LAST_MOMENT:
        return "later"
    moment, now = time.localtime(resets_at), time.localtime()
    half = "AM" if moment.tm_hour < 12 else "PM"
    clock = f"{moment.tm_hour % 12 or 12}:{moment.tm_min:02d} {half}"
    if moment[:3] == now[:3]:
        return f"at {clock}"
    day = moment.tm_mday
    suffix = "th" if 11 <= day <= 13 else _SUFFIXES.get(day % 10, "th")
    return f"at {_MONTHS[moment.tm_mon - 1]} {day}{suffix}, {moment.tm_year:04d} {clock}"
