"""Typed placeholders: what differs in every run, named so that identity survives.

Ids get the name of the place that defines them (`<uuid7:thread>`, `<uuid7:turn.2>`), the others a name by first
occurrence in a request or file (`<uuid7:r2.1>`). The kind is read off the value: a version 4 where upstream has a
version 7 is a difference. A time is replaced only where it lies inside the run, so a wrong clock shows.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = ["IDENTITY", "Naming", "Window", "zones_of"]

IDENTITY = re.compile(r"<(uuid\d|chunk|session|hex):[a-z0-9_.]+>")
"""The placeholders that stand for an identity, which a comparison pairs by a bijection."""

_UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])")
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|\+00:00)")
_FILE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d")
_MILLISECONDS = re.compile(r"\d{13}")
_SECONDS = re.compile(r'(?<="ts":)\d{10}(?=,)')
_CLOCK = re.compile(r"(?<=It is )(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?= UTC\.)")
_STARTED = re.compile(r'(?<=_unix_ms": )\d{13}(?=[,}])')
_CHUNK = re.compile(r"(?<=Chunk ID: )[0-9a-f]{6}(?=\n)")
_WORKTREE = re.compile(r"(?<=worktrees/)[0-9a-f]{4}(?=/)")
_JOB = re.compile(r"(?<=\.agent-job-)[0-9a-f]{8}(?=\.csv)|(?<=\[2Kjob )[0-9a-f]{8}(?= \[)")
_PANICKED = re.compile(r"(?<=thread 'main' \()\d+(?=\) panicked)")
_SESSION = re.compile(r"(?<=session ID )\d+|(?<=Unknown process id )\d+")

# The key or header under which an id first appears -> the name it gets.
DEFINERS: Mapping[str, str] = {
    "x-codex-window-id": "thread",
    "x-client-request-id": "thread",
    "session_id": "thread",
    "session-id": "thread",
    "thread-id": "thread",
    "thread_id": "thread",
    "window_id": "thread",
    "prompt_cache_key": "thread",
    "turn_id": "turn",
    "root_turn_id": "turn",
    "installation_id": "installation",
    "x-codex-installation-id": "installation",
    "context_window_id": "window",
}
NUMBERED = ("turn", "window", "worktree")
"""Names that carry a number from the first on; the others from the second on."""

_PRECISION = {0: "s", 3: "ms", 6: "us", 9: "ns"}
_LENGTHS = ("end_byte_offset",)
"""Lengths of rollouts: they follow from the digits of the durations in them."""
_SESSION_KEYS = ("session_id", "process_id")


@dataclass(frozen=True, kw_only=True)
class Window:
    """The time between the start and the end of the runs, in unix seconds, with a second of grace on each side.

    `zones` are those in which a run tells the local time; None is the machine's own.
    """

    start: float
    end: float
    zones: tuple[tzinfo | None, ...] = (UTC, None)

    def holds(self, seconds: float) -> bool:
        return self.start - 1 <= seconds <= self.end + 1

    @cached_property
    def dates(self) -> frozenset[str]:
        days = [datetime.fromtimestamp(t, zone) for t in (self.start, self.end) for zone in self.zones]
        return frozenset(f"{day:%Y-%m-%d}" for day in days)

    def holds_local(self, moment: datetime) -> bool:
        """Whether a time without a zone lies in the runs, in one of their zones."""
        return any(self.holds(moment.replace(tzinfo=zone).timestamp()) for zone in self.zones)


def zones_of(names: Iterable[str]) -> tuple[tzinfo, ...]:
    """The zones that values of TZ mean, with UTC, which a name that means none is to codex-cli (captured)."""
    found: list[tzinfo] = [UTC]
    for name in sorted({*names}):
        with contextlib.suppress(ZoneInfoNotFoundError, ValueError):
            found.append(ZoneInfo(name))
    return tuple(found)


@dataclass(kw_only=True)
class Naming:
    """Replaces facts, ids and times in strings and numbers; remembers what it named.

    `facts` is exact text -> placeholder wherever it stands; `keyed` is (key, whole value) -> placeholder; `literal`
    are ids that stand in the scenario itself and so mean themselves; `nicknames` are agents' names that fell by chance.
    """

    window: Window
    facts: Mapping[str, str]
    keyed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    literal: frozenset[str] = frozenset()
    nicknames: frozenset[str] = frozenset()
    _names: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def value(self, value: Any, scope: str, key: str = "") -> Any:
        """The value with placeholders; `scope` names the request or file, `key` the place inside it."""
        if isinstance(value, str):
            return self.text(value, scope, key)
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float):
            return self.number(value, scope, key)
        if isinstance(value, list):
            return [self.value(item, scope, key) for item in value]
        return {self.text(k, scope): self.value(v, scope, key if k == "$json" else k) for k, v in value.items()}

    def number(self, value: float, scope: str, key: str) -> Any:
        if key in _LENGTHS:
            return "<bytes>"
        if key in _SESSION_KEYS and isinstance(value, int):
            return self._known("session", str(value), scope)
        if isinstance(value, int) and self.window.holds(value / 1000):
            return "<unix:ms>"
        if self.window.holds(value):
            return "<unix:s>" if isinstance(value, int) else "<unix:float>"
        return value

    def text(self, text: str, scope: str, key: str = "") -> str:
        if (key, text) in self.keyed:
            return self.keyed[key, text]
        if _MILLISECONDS.fullmatch(text) and self.window.holds(int(text) / 1000):
            return "<unix:ms:text>"
        for value, placeholder in self.facts.items():
            if value in text:
                text = text.replace(value, placeholder)
        text = _UUID.sub(lambda m: self._uuid(m, scope, key), text)
        for name in self.nicknames:
            if name in text:
                text = re.sub(rf"\b{name}\b", self._known("nickname", name, scope), text)
        text = _TIME.sub(self._time, text)
        text = _CLOCK.sub(self._clock, text)
        text = _FILE_TIME.sub(self._file_time, text)
        text = _SECONDS.sub(lambda m: "<unix:s>" if self.window.holds(int(m.group())) else m.group(), text)
        text = _STARTED.sub(lambda m: "<unix:ms>" if self.window.holds(int(m.group()) / 1000) else m.group(), text)
        text = _CHUNK.sub(lambda m: self._known("chunk", m.group(), scope), text)
        text = _WORKTREE.sub(lambda m: self._known("hex", m.group(), scope, "worktree"), text)
        text = _JOB.sub(lambda m: self._known("hex", m.group(), scope, "job"), text)
        text = _PANICKED.sub("<pid>", text)
        text = _SESSION.sub(lambda m: self._known("session", m.group(), scope), text)
        if key in _SESSION_KEYS and text.isdigit():
            text = self._known("session", text, scope)
        for date in self.window.dates:
            text = text.replace(date, "<today>").replace(date.replace("-", "/"), "<today:path>")
        return text

    def _uuid(self, match: re.Match[str], scope: str, key: str) -> str:
        uuid, version = match.group(), match.group(1)
        if uuid in self.literal:
            return uuid
        if version == "7" and not self.window.holds(int(uuid[:8] + uuid[9:13], 16) / 1000):
            return uuid  # made at another time: not an id of these runs
        return self._known(f"uuid{version}", uuid, scope, DEFINERS.get(key))

    def _known(self, kind: str, value: str, scope: str, definer: str | None = None) -> str:
        known = f"{kind}:{value}"
        if known not in self._names:
            base = definer or scope
            self._counts[base] = count = self._counts.get(base, 0) + 1
            plain = definer is not None and count == 1 and definer not in NUMBERED
            self._names[known] = f"<{kind}:{base}>" if plain else f"<{kind}:{base}.{count}>"
        return self._names[known]

    def _time(self, match: re.Match[str]) -> str:
        seconds = datetime.fromisoformat(match.group(1)).replace(tzinfo=UTC).timestamp()
        if not self.window.holds(seconds):
            return match.group()
        digits = len(match.group(2) or "")
        return f"<time:{_PRECISION.get(digits if digits < 7 else 9, str(digits))}>{match.group(3)}"

    def _clock(self, match: re.Match[str]) -> str:
        moment = datetime.fromisoformat(f"{match.group(1)}T{match.group(2)}").replace(tzinfo=UTC)
        return "<time:clock>" if self.window.holds(moment.timestamp()) else match.group()

    def _file_time(self, match: re.Match[str]) -> str:
        day, _, clock = match.group().partition("T")
        moment = datetime.fromisoformat(f"{day}T{clock.replace('-', ':')}")
        return "<time:file>" if self.window.holds_local(moment) else match.group()
