"""Going back: a thread without its last prompts and what came of them, so that another one takes their place."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.items import said_by_user
from pycodex.records import dataclass

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Cut", "cut_place", "end_of", "prompts_of", "surviving", "without_last"]

Records = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Where a thread was cut off: how many prompts were dropped, and where what is left of it stands."""

    prompts: int
    id: str = ""
    """The id of the rollout's own, where the thread goes on in another one."""
    base: Mapping[str, Any] | None = None
    """Where its history ends in the rollout before; None: nothing is left of it."""


def prompts_of(records: Records) -> list[str]:
    """What the user has said since the thread was compacted last, oldest first."""
    return [records[place]["payload"]["content"][-1].get("text", "") for place in _prompts(records)]


def surviving(records: Records) -> list[Mapping[str, Any]]:
    """The records of a rollout without those that were dropped later."""
    kept: list[Mapping[str, Any]] = []
    for record in records:
        if record["payload"].get("type") == "thread_rolled_back":
            kept = without_last(kept, record["payload"].get("num_turns", 0))
        else:
            kept.append(record)
    return kept


def without_last(records: Records, prompts: int) -> list[Mapping[str, Any]]:
    """The records without those last prompts. Without any prompt the context stays, and is said again (captured:
    interactive/backtrack_first)."""
    places = _prompts(records)
    if not places or len(places) > prompts:
        return list(records[: cut_place(records, prompts)])
    return [record for record in records[: places[0]] if record.get("type") != "turn_context"]


def cut_place(records: Records, prompts: int) -> int:
    """Where the last prompts begin, so many of them: with their turn, where they began it."""
    places = _prompts(records)
    if not places or prompts <= 0:
        return len(records)
    place = places[max(len(places) - prompts, 0)]
    turns = [index for index in range(place) if records[index]["payload"].get("type") == "task_started"]
    if not turns or any(turns[-1] < other < place for other in places):
        return place
    return turns[-1]


def end_of(path: Path, ordinal: int) -> int:
    """How many bytes of a rollout stand before the record of that ordinal."""
    end = 0
    for line in path.read_bytes().splitlines(keepends=True):
        with contextlib.suppress(ValueError):
            if json.loads(line).get("ordinal", -1) >= ordinal:
                break
        end += len(line)
    return end


def _prompts(records: Records) -> list[int]:
    compacted = [index for index, record in enumerate(records) if record.get("type") == "compacted"]
    first = compacted[-1] + 1 if compacted else 0
    return [
        index
        for index, record in enumerate(records)
        if index >= first and record.get("type") == "response_item" and said_by_user(record["payload"])
    ]
