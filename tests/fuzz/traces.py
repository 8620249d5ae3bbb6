"""What an agent did with a unit, taken apart by call: the part of a recording that the fuzzer compares.

A part is a tree as `compare` knows it, so that its own judge says what differs. Only the last request is looked at:
it holds every call and output.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gzip
import hashlib
import json
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from captures import canonical, placeholders, recording
from captures.agents import Agent
from captures.canonical import canonical_tree
from captures.driver import play
from captures.recording import Tree
from captures.scenario import Lane
from captures.workplace import BASE
from fake_server import FakeServer
from tests.fuzz.calls import Group
from tests.fuzz.units import LAST, call_id, calls_of, mark, scenario_data, scenario_of

__all__ = ["Store", "Trace", "take_apart", "trace"]


@dataclass(frozen=True, kw_only=True)
class Trace:
    """`calls`: a tree for each call, with what was sent back for it and the events it made. `rest`: the end of the
    run, and its files. `problems`: what the driver said of the agent."""

    calls: tuple[Tree, ...]
    rest: Tree
    problems: tuple[str, ...] = ()


async def trace(groups: Sequence[Group], lane: Lane, agent: Agent, fake: FakeServer) -> Trace:
    """Runs the agent on the calls, in the folder that is theirs: other agents see the same paths."""
    root = BASE / f"pycodex-{_name(groups, lane)[:8]}"
    async with _alone(root.with_suffix(".lock")):
        shutil.rmtree(root, ignore_errors=True)  # of a run that was killed
        raw, problems = await play(scenario_of(groups, lane), lane, agent, fake, root=root)
    turns = [one for one in raw.exchanges if one.exchange.method == "POST"]
    tree = canonical_tree(replace(raw, exchanges=turns[-1:]))
    broken = [f"{p.where}: {p.message}" for p in problems]
    return take_apart(tree, len(calls_of(groups)), broken)


@contextlib.asynccontextmanager
async def _alone(path: Path) -> AsyncIterator[None]:
    """Another campaign may come to the same calls, and so to the same folder: it waits."""
    with path.open("w") as file:
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def take_apart(tree: Tree, count: int, problems: Sequence[str] = ()) -> Trace:
    """The trace of a recording whose last request is the only one in it."""
    body = tree["requests"][0]["body"] if tree["requests"] else {}
    items = body.get("input", []) if isinstance(body, dict) else []
    events = _by_mark(tree["runs"][0]["stdout"], count)
    calls = []
    for index in range(count):
        mine = [item for item in items if item.get("call_id") == call_id(index)]
        calls.append({"requests": [{"body": {"input": mine}}], "runs": [{"stdout": events[index + 1]}]})
    run = {"exit": tree["runs"][0]["exit"], "stdout": events[0] + events[-1], "stderr": tree["runs"][0]["stderr"]}
    rest = {"requests": [], "runs": [run], "files": tree["files"]}
    return Trace(calls=tuple(calls), rest=rest, problems=tuple(problems))


def _by_mark(lines: Sequence[Any], count: int) -> list[list[Any]]:
    """The lines before the first call, of each call from its mark on, and after the last.

    What happens to an item later stands where the item began: a command that ends while its last call is answered
    is told of before or after the next message (both binaries, from run to run).
    """
    parts: list[list[Any]] = [[]]
    marks = [mark(index) for index in range(count)] + [LAST]
    began: dict[str, list[Any]] = {}
    for line in lines:
        item = line["$json"].get("item", {}) if isinstance(line, dict) and isinstance(line["$json"], dict) else {}
        if (
            item.get("type") == "agent_message"
            and len(parts) <= len(marks)
            and item.get("text") == marks[len(parts) - 1]
        ):
            parts.append([])
        (began.setdefault(item["id"], parts[-1]) if "id" in item else parts[-1]).append(line)
    return parts + [[] for _ in range(len(marks) + 1 - len(parts))]


class Store:
    """Traces of the agent that is taken as right, kept: its answer to the same calls is the same tomorrow.

    They are kept in canonical form, so those of another canonical form lie elsewhere.
    """

    def __init__(self, folder: Path) -> None:
        sources = [Path(str(module.__file__)).read_bytes() for module in (canonical, placeholders, recording)]
        self._folder = folder / hashlib.sha256(b"".join([*sources, Path(__file__).read_bytes()])).hexdigest()[:12]

    def load(self, groups: Sequence[Group], lane: Lane) -> Trace | None:
        path = self._path(groups, lane)
        if not path.exists():
            return None
        data = json.loads(gzip.decompress(path.read_bytes()))
        return Trace(calls=tuple(data["calls"]), rest=data["rest"], problems=tuple(data["problems"]))

    def save(self, groups: Sequence[Group], lane: Lane, found: Trace) -> None:
        path = self._path(groups, lane)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_bytes(gzip.compress(json.dumps(asdict(found), ensure_ascii=False).encode(), 5))
        partial.rename(path)

    def _path(self, groups: Sequence[Group], lane: Lane) -> Path:
        return self._folder / str(lane) / f"{_name(groups, lane)}.json.gz"


def _name(groups: Sequence[Group], lane: Lane) -> str:
    return hashlib.sha256(json.dumps([str(lane), scenario_data(groups, role=lane.role)]).encode()).hexdigest()[:32]
