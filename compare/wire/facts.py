"""Recordings -> what they show of the wire. Pure but for reading them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from captures.recording import Tree, read_recording
from captures.sightings import seen_in
from compare.cells import CellName, find_cells
from compare.shapes.collect import has_turn, is_turn
from fake_server.items import compact

__all__ = ["Facts", "Lane", "Rule", "gather", "turns"]

_LEFT_OUT = ("host", "content-length")
_OWN = ("input", "tools", "instructions", "client_metadata", "prompt_cache_key", "model")


@dataclass(kw_only=True)
class Lane:
    """What one lane's recordings show together. `count` is how many POSTs for an answer there are."""

    count: int = 0
    heads: Counter[str] = field(default_factory=Counter)
    keys: Counter[str] = field(default_factory=Counter)
    items: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    items_count: Counter[str] = field(default_factory=Counter)
    tools: Counter[str] = field(default_factory=Counter)
    reuse: Counter[tuple[str, str]] = field(default_factory=Counter)
    side: Counter[str] = field(default_factory=Counter)
    upgrade: list[tuple[str, Any]] = field(default_factory=list)
    message: dict[str, Any] = field(default_factory=dict)
    hello: Mapping[str, Any] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    """What -> the first recording that has it."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What one recording shows: statuses run by run, what its first request has otherwise than hello, and, before a
    server with a fault, what the user sees."""

    statuses: Sequence[str]
    differs: Sequence[str]
    seen: str = ""


@dataclass(kw_only=True)
class Facts:
    """Everything, by lane and by cell."""

    lanes: dict[str, Lane] = field(default_factory=dict)
    rules: dict[CellName, Rule] = field(default_factory=dict)


def turns(tree: Tree) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """(number, request) of each POST for an answer of the model."""
    for number, request in enumerate(tree["requests"], 1):
        if request["method"] == "POST" and is_turn(request["body"]):
            yield number, request


def gather(upstream: Path) -> Facts:
    """Reads all recordings."""
    facts = Facts()
    trees = {cell: read_recording(folder).tree for cell, folder in find_cells(upstream).items()}
    for cell, tree in trees.items():
        lane = facts.lanes.setdefault(cell.lane, Lane())
        if cell.scenario in ("exec/hello", "exec/hello_fallback", "request/hello_code_mode"):
            lane.hello = next(request for _, request in turns(tree))
    for cell, tree in trees.items():
        if tree["requests"]:
            lane = facts.lanes[cell.lane]
            _add(lane, cell, tree)
            seen = seen_in(tree) if cell.scenario.startswith("server/") else ""
            facts.rules[cell] = Rule(statuses=list(_statuses(tree)), differs=_differs(tree, lane.hello), seen=seen)
    return facts


def _add(lane: Lane, cell: CellName, tree: Tree) -> None:
    def first(what: str) -> None:
        lane.first.setdefault(what, cell.scenario)

    for number, request in turns(tree):
        lane.count += 1
        names = list(dict.fromkeys(name for name, _ in request["head"]))
        lane.heads.update(names)
        lane.keys.update(list(request["body"]))
        for what in (*(f"head {name}" for name in names), *(f"body {key}" for key in request["body"])):
            first(what)
        known = tree["requests"][number - 2]["body"] if number > 1 else None
        old = known.get("input", []) if isinstance(known, dict) else []
        for item in request["body"]["input"][len(old) if isinstance(old, list) else 0 :]:
            kind = str(item.get("type")) + (f" ({item['role']})" if "role" in item else "")
            lane.items_count[kind] += 1
            lane.items[kind].update(list(item))
            first(f"item {kind}")
        for name in _tools(request["body"]):
            lane.tools[name] += 1
            first(f"tool {name}")
    for before, request, answer in zip(tree["requests"], tree["requests"][1:], tree["responses"], strict=False):
        if before["run"] == request["run"] and before["method"] == request["method"] == "POST":
            kind = "a stream" if answer.get("status") == 200 else f"HTTP {answer['status']}" if answer["status"] else ""
            lane.reuse[kind or "a broken connection", request["connection"]] += 1
    for request in tree["requests"]:
        target = request["target"].partition("?")[0]
        upgrade = any(name.lower() == "upgrade" for name, _ in request["head"])
        if upgrade and not lane.upgrade and has_turn(tree):
            lane.upgrade = request["head"]
            first("upgrade")
        if request["method"] == "MESSAGE" and isinstance(request["body"], dict):
            for key, value in request["body"].items():
                lane.message.setdefault(key, value)
                first(f"message {key}")
        plain = request["method"] == "POST" and isinstance(request["body"], dict) and "stream" not in request["body"]
        if (request["method"] == "GET" and not upgrade) or plain:
            side = f"{request['method']} {target}" + (" (no `stream`)" if plain else "")
            lane.side[side] += 1
            first(f"side {side}")


def _tools(body: Mapping[str, Any]) -> Iterator[str]:
    declared = list(body.get("tools") or [])
    for item in body["input"]:
        declared += item.get("tools") or [] if item.get("type") == "additional_tools" else []
    for tool in declared:
        name = tool.get("name")
        yield f"`{name}` ({tool['type']})" if name else f"`{tool['type']}`"
        for inner in tool.get("tools", []) if tool["type"] == "namespace" else []:
            yield f"`{name}.{inner.get('name')}` ({inner['type']})"


def _statuses(tree: Tree) -> Iterator[str]:
    """For each run that asked: the statuses of what it asked, in order, repeated ones counted."""
    runs: dict[int, list[str]] = {}
    for request, answer in zip(tree["requests"], tree["responses"], strict=True):
        cut = "" if answer["end"] in ("complete", "client_closed") else "!"
        word = f"{answer['status'] or 'none'}{cut}" + ("ws" if request["method"] == "MESSAGE" else "")
        runs.setdefault(request["run"], []).append(word)
    for words in runs.values():
        groups: list[tuple[str, int]] = []
        for word in words:
            if groups and groups[-1][0] == word:
                groups[-1] = (word, groups[-1][1] + 1)
            else:
                groups.append((word, 1))
        yield " ".join(word if count == 1 else f"{word}×{count}" for word, count in groups)


def _differs(tree: Tree, hello: Mapping[str, Any]) -> list[str]:
    """Headers and body keys of a first request that hello's has not, has otherwise, or has alone."""
    request = next((request for _, request in turns(tree)), None)
    if request is None or not hello:
        return []
    names = {name for name, _ in hello["head"]}
    mine = {name for name, _ in request["head"]}
    found = [f"+ header {name}" for name in sorted(mine - names)] + [
        f"- header {name}" for name in sorted(names - mine)
    ]
    body, plain = request["body"], hello["body"]
    found += [f"+ {key}: {_short(body[key])}" for key in body if key not in plain]
    found += [f"- {key}" for key in plain if key not in body]
    changed = [key for key in body if key in plain and key not in _OWN and body[key] != plain[key]]
    return found + [f"{key}: {_short(body[key])}" for key in changed]


def _short(value: Any) -> str:
    text = compact(value)
    return text if len(text) <= 90 else f"{text[:87]}..."
