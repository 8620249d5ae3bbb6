"""The rollout file: one thread on disk, a record per line, appended as it happens.

Each record is one write, so a killed process leaves whole lines, or one torn last line, which is passed over when the
thread is taken up again.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from pycodex.protocol import Event

__all__ = [
    "Recorder",
    "RolloutWriter",
    "cut_rollout_path",
    "end_last_line",
    "find_base",
    "find_rollout",
    "latest_rollout",
    "name_thread",
    "named_thread",
    "new_rollout_path",
    "read_rollout",
    "stamp",
    "thread_name",
]

Record = dict[str, Any]


class Recorder(Protocol):
    """Maps an event to the records it leaves, without their timestamps."""

    def __call__(self, event: Event) -> Sequence[Record]:
        """The records, in order."""
        ...


def stamp(seconds: float) -> str:
    """Unix seconds as `2026-01-31T12:00:00.123Z`."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def new_rollout_path(home: Path, thread_id: str, created_at: float) -> Path:
    """`sessions/YYYY/MM/DD/rollout-<local time>-<thread>.jsonl`; the time follows TZ (captured)."""
    moment = datetime.fromtimestamp(created_at)
    folder = home / "sessions" / f"{moment:%Y}" / f"{moment:%m}" / f"{moment:%d}"
    return folder / f"rollout-{moment:%Y-%m-%dT%H-%M-%S}-{thread_id}.jsonl"


def cut_rollout_path(home: Path, thread_id: str, cut_id: str) -> Path:
    """The rollout in which a thread goes on that was cut off (captured: interactive/backtrack)."""
    return new_rollout_path(home, f"{thread_id}_{cut_id}", time.time())


def find_rollout(home: Path, thread_id: str) -> Path | None:
    """The rollout of a thread; the newest, where it was cut off and goes on in others."""
    names = (f"rollout-*-{thread_id}.jsonl", f"rollout-*-{thread_id}_*.jsonl")
    found = sorted(path for name in names for path in (home / "sessions").glob(f"*/*/*/{name}"))
    return found[-1] if found else None


def find_base(home: Path, identity: str) -> Path | None:
    """The rollout of that id: a thread's first one, or the one in which it went on after a cut."""
    names = (f"rollout-*-{identity}.jsonl", f"rollout-*_{identity}.jsonl")
    return next((path for name in names for path in (home / "sessions").glob(f"*/*/*/{name}")), None)


def latest_rollout(home: Path, cwd: Path | None, *, or_began: bool = False) -> Path | None:
    """The rollout that was written last, of the threads whose last turn was in `cwd` (None: in any folder).

    `or_began`: also of those that began there.
    """
    candidates = sorted(
        (home / "sessions").glob("*/*/*/rollout-*.jsonl"),
        key=lambda path: (path.stat().st_mtime_ns, path.name),
        reverse=True,
    )
    return next((path for path in candidates if _is_of(path, cwd, or_began=or_began)), None)


def _is_of(path: Path, cwd: Path | None, *, or_began: bool) -> bool:
    """Whether somebody's thread was at work there last, or began there and never was at work (captured:
    exec/resume_ways, rollout/last_of_folder); sub-agents' do not count (captured: review/resumed_last)."""
    try:
        first, *rest = path.read_bytes().splitlines()
        meta = json.loads(first)["payload"]
        turns = (line for line in reversed(rest) if _TURN_CONTEXT in line)
        places = {json.loads(next(turns, first))["payload"].get("cwd"), *([meta.get("cwd")] if or_began else [])}
        return not isinstance(meta.get("source"), dict) and (cwd is None or str(cwd) in places)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return cwd is None


_TURN_CONTEXT = b'"type":"turn_context"'


def read_rollout(path: Path) -> tuple[list[Record], list[str]]:
    """The records of a rollout, and a warning for each line that is none. Unknown kinds of records are kept."""
    records: list[Record] = []
    warnings: list[str] = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError:
            warnings.append(f"{path.name}, line {number}: not a whole record; it is left out")
            continue
        if isinstance(record, dict) and isinstance(record.get("payload"), dict):
            records.append(record)
    return records, warnings


def end_last_line(path: Path) -> bool:
    """End a last line that has no line break, so that the next record has a line of its own; nothing is cut off.

    True: that line is no record (its writer was killed), so reading passes over it.
    """
    data = path.read_bytes()
    if not data or data.endswith(b"\n"):
        return False
    with path.open("ab") as file:
        file.write(b"\n")
    try:
        json.loads(data.rpartition(b"\n")[2])
    except ValueError:
        return True
    return False


def name_thread(home: Path, thread_id: str, name: str, *, locked: bool = True) -> None:
    """Give a thread a name, in the list of names of the home (captured: approvals/allowed); `locked`: with a lock."""
    now = time.time_ns()
    when = f"{datetime.fromtimestamp(now // 10**9, UTC):%Y-%m-%dT%H:%M:%S}.{now % 10**9:09d}Z"
    line = json.dumps({"id": thread_id, "thread_name": name, "updated_at": when}, separators=(",", ":")) + "\n"
    if locked:
        (home / "session_index.jsonl.lock").touch()
    with (home / "session_index.jsonl").open("a", encoding="utf-8") as file:
        file.write(line)


def thread_name(home: Path, thread_id: str) -> str | None:
    """The name of a thread in that list: the newest."""
    return next((name for known, name in _names(home) if known == thread_id), None)


def named_thread(home: Path, name: str) -> str | None:
    """The id of the thread that got that name last, if it has it still (captured: interactive/resume_name)."""
    seen: set[str] = set()
    for thread_id, known in _names(home):
        if known == name and thread_id not in seen:
            return thread_id
        seen.add(thread_id)
    return None


def _names(home: Path) -> Iterator[tuple[str, str]]:
    """Ids and names in that list, the newest first."""
    try:
        lines = (home / "session_index.jsonl").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in reversed(lines):
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and isinstance(row.get("id"), str) and isinstance(row.get("thread_name"), str):
            yield row["id"], row["thread_name"]


class RolloutWriter:
    """Appends records. The file is made with the first one; without a path nothing is kept, but the recorder takes its
    notes, which requests carry too (`ContextManager.notes`)."""

    def __init__(self, path: Path | None, recorder: Recorder, *, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._recorder = recorder
        self._clock = clock
        self._file: int | None = None
        self._unwritten = bytearray()
        self._trouble: OSError | None = None
        self._told = False

    def __call__(self, event: Event) -> Sequence[Record]:
        """Write what `event` leaves, and return it."""
        records = self._recorder(event)
        for record in records:
            if self.path is None:
                continue
            self._append(self.path, {"timestamp": stamp(self._clock()), **record})
        return records

    def go_on(self, recorder: Recorder) -> None:
        """Another recorder, which knows what is written, as if the thread were taken up again."""
        self._recorder = recorder

    def copy(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Write records that the recorder knows."""
        for record in records if self.path is not None else ():
            assert self.path is not None
            self._append(self.path, {"timestamp": stamp(self._clock()), **record})

    def trouble(self) -> str | None:
        """That records cannot be written, said once; they are kept, and written as soon as they can be."""
        if self._trouble is None or self._told:
            return None
        self._told = True
        from pycodex.rust import os_error

        return f"{self.path} cannot be written, and is tried again with each record: {os_error(self._trouble)}"

    def _append(self, path: Path, record: Mapping[str, Any]) -> None:
        line = json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n"
        self._unwritten += line.encode()
        self._write(path)

    def _write(self, path: Path) -> None:
        try:
            if self._file is None:
                path.parent.mkdir(parents=True, exist_ok=True)
                flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
                self._file = os.open(path, flags, 0o644)
            while self._unwritten:
                del self._unwritten[: os.write(self._file, self._unwritten)]
        except OSError as error:
            self._trouble = error

    def close(self) -> None:
        """Close the file."""
        if self.path is not None and self._unwritten:
            self._write(self.path)
        if self._file is not None:
            os.close(self._file)
            self._file = None
