"""How much of a provider's limits is used, as its response headers say it (captured: rollout/rate_limits)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["REACHED", "Limits", "limits_of", "merged", "reached_limit", "read_limits"]

Limits = Mapping[str, Any]
"""One limit: limit_id, limit_name, primary, secondary, credits; windows and credits as a rollout keeps them."""

REACHED = (
    "rate_limit_reached",
    "workspace_owner_credits_depleted",
    "workspace_member_credits_depleted",
    "workspace_owner_usage_limit_reached",
    "workspace_member_usage_limit_reached",
)
_OWN = "codex"
_FAMILY = re.compile(r"x-(.+)-primary-used-percent")
_FLOAT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_INTEGER = re.compile(r"[+-]?\d+")


def read_limits(headers: Mapping[str, str]) -> list[Limits]:
    """The limits of an answer: the provider's own one always, then those of other families that say anything."""
    families = {match[1].replace("-", "_") for name in headers if (match := _FAMILY.fullmatch(name))}
    others = (limits_of(headers, family) for family in sorted(families - {_OWN}))
    return [limits_of(headers), *(one for one in others if one["primary"] or one["secondary"] or one["credits"])]


def reached_limit(headers: Mapping[str, str]) -> Limits:
    """The limit that a refusal is about, and of which kind it is (captured: failures/usage_limit_kept)."""
    kind = headers.get("x-codex-rate-limit-reached-type", "")
    limits = limits_of(headers, headers.get("x-codex-active-limit"))
    return {**limits, "rate_limit_reached_type": kind if kind in REACHED else None}


def limits_of(headers: Mapping[str, str], limit_id: str | None = None) -> Limits:
    """The limit of one family of headers (names in lower case)."""
    family = ((limit_id or "").strip() or _OWN).lower().replace("_", "-")
    return {
        "limit_id": family.replace("-", "_"),
        "limit_name": headers.get(f"x-{family}-limit-name", "").strip() or None,
        "primary": _window(headers, f"x-{family}-primary"),
        "secondary": _window(headers, f"x-{family}-secondary"),
        "credits": _credits(headers),
    }


def merged(before: Limits | None, now: Limits) -> Limits:
    """What is known after an answer: windows are the newest ones, credits stay until others are told."""
    return {**now, "credits": now["credits"] or (before or {}).get("credits")}


def _window(headers: Mapping[str, str], prefix: str) -> dict[str, Any] | None:
    used = _float(headers.get(f"{prefix}-used-percent"))
    minutes = _integer(headers.get(f"{prefix}-window-minutes"))
    resets_at = _integer(headers.get(f"{prefix}-reset-at"))
    if used is None or not (used or minutes or resets_at is not None):
        return None
    return {"used_percent": used, "window_minutes": minutes, "resets_at": resets_at}


def _credits(headers: Mapping[str, str]) -> dict[str, Any] | None:
    has, unlimited = (_truth(headers.get(f"x-codex-credits-{name}")) for name in ("has-credits", "unlimited"))
    if has is None or unlimited is None:
        return None
    balance = headers.get("x-codex-credits-balance", "").strip() or None
    return {"has_credits": has, "unlimited": unlimited, "balance": balance}


def _truth(text: str | None) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get((text or "").lower())


def _float(text: str | None) -> float | None:
    value = float(text) if text and _FLOAT.fullmatch(text) else None
    return value if value is not None and math.isfinite(value) else None


def _integer(text: str | None) -> int | None:
    return int(text) if text and _INTEGER.fullmatch(text) else None
