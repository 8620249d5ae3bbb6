"""Recordings of a version -> the values of each shape, as they were on the wire.

request        the body of POST /v1/responses
head           its head, as an object of lower-case names
message        a message on a WebSocket
upgrade        the head of the request that opens it
item           each item of an `input`
tool           each declared tool, of `tools` and of additional_tools
event          each line that `exec --json` prints
output         what a tool answered, by the tool's name
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from captures.manifest import recording_folders
from captures.recording import Tree, read_recording
from compare.server.revive import Fresh, Sendable, revive
from compare.shapes.infer import OPAQUE, Shape
from fake_server.friendly import offered_tools
from fake_server.invariants import OUTPUTS

__all__ = ["KINDS", "has_turn", "head_object", "is_turn", "named_outputs", "output_schema", "schemas", "split_body"]

KINDS = ("request", "head", "message", "upgrade", "item", "tool", "event", "output")

_OUTPUT_TYPES = frozenset(kind for kinds in OUTPUTS.values() for kind in kinds)
_FROM_THE_SERVER = OPAQUE | {"id", "call_id", "name", "status", "encrypted_content"}
"""Keys of items that come back as the server gave them."""

_MARK = "\nOutput:\n"
_VALUES = (
    (r"(?<=Chunk ID: )[0-9a-f]{6}", "[0-9a-f]{6}"),
    (r"\d+\.\d{4}(?!\d)", r"\\d+\\.\\d{4}"),
    (r"\d+\.\d(?!\d)", r"\\d+\\.\\d"),
    (r"(?<![\d{\[-])-\d+(?![\d\\}\]-])", r"-?\\d+"),
    (r"(?<![\d{\[-])\d+(?![\d\\}\]-])", r"\\d+"),
)
"""What varies in the lines above a command's output, and the pattern it leaves."""


def is_turn(body: Any) -> bool:
    """Whether a body asks for an answer of the model, as all do but those that --oss loads or pulls a model with."""
    return isinstance(body, Mapping) and "stream" in body and not body.keys() <= {"model", "stream"}


def head_object(head: Sequence[tuple[str, str]]) -> dict[str, str]:
    """A head as an object: the last of the values of a name."""
    return {name.lower(): value for name, value in head}


def split_body(body: Mapping[str, Any]) -> tuple[dict[str, Any], list[Any], list[Any]]:
    """A body without what has shapes of its own: (the rest, items, tools)."""
    items = body["input"] if isinstance(body.get("input"), list) else []
    tools = list(body["tools"]) if isinstance(body.get("tools"), list) else []
    bare = []
    for item in items:
        if isinstance(item, Mapping) and isinstance(item.get("tools"), list):
            tools += item["tools"]
            item = {**item, "tools": []}
        bare.append(item)
    rest = {key: [] if key in ("input", "tools") and isinstance(value, list) else value for key, value in body.items()}
    return rest, bare, tools


def named_outputs(items: Sequence[Any]) -> Iterator[tuple[int, str, Any]]:
    """(index, name of the tool, output) of each tool output among items; the name is that of its call, or its own where
    it answers none (a goal's objective)."""
    named = [item for item in items if isinstance(item, Mapping) and "name" in item]
    calls = {item["call_id"]: item["name"] for item in named if item.get("call_id") is not None}
    for index, item in enumerate(items):
        if isinstance(item, Mapping) and item.get("type") in _OUTPUT_TYPES:
            name = calls.get(item["call_id"]) if "call_id" in item else item.get("name")
            if name is not None:
                yield index, str(name), item.get("output")


def schemas(version_folder: Path) -> dict[str, dict[str, Any]]:
    """Kind of shape -> its schema, from all recordings of a version."""
    shapes = {kind: Shape() for kind in KINDS if kind != "output"}
    shapes["item"] = Shape(unread=_FROM_THE_SERVER)
    outputs: dict[str, list[Any]] = {}
    declared: set[str] = set()
    for number, (_, folder) in enumerate(recording_folders(version_folder)):
        tree = read_recording(folder).tree
        for request in _requests(tree):
            _add_request(shapes, outputs, request, number)
            declared |= set(offered_tools(request.body))
        for event in _events(tree):
            shapes["event"].add(event, number)
    found = {kind: shape.schema() for kind, shape in shapes.items()}
    for kind in ("head", "upgrade"):
        found[kind].pop("additionalProperties", None)  # a provider may have headers of its own
    _name_outputs(found["item"])
    found["output"] = {
        "type": "object",
        "properties": {name: output_schema(values) for name, values in sorted(outputs.items()) if name in declared},
    }
    return found


def _name_outputs(schema: dict[str, Any]) -> None:
    """An output that says no call says its own name (captured: tools/goal_*)."""
    for clause in schema.get("allOf", ()):
        kind, shape = clause["if"]["properties"]["type"]["const"], clause["then"]
        if (
            kind in _OUTPUT_TYPES
            and "name" in shape["properties"]
            and "call_id" not in shape.get("required", ["call_id"])
        ):
            shape |= {"if": {"not": {"required": ["call_id"]}}, "then": {"required": ["name"]}}


def has_turn(tree: Tree) -> bool:
    """Whether there is a request of a turn in it: else an upgrade only asks whether there could be one (doctor)."""
    return any(is_turn(request["body"]) for request in tree["requests"])


def _requests(tree: Tree) -> Iterator[Sendable]:
    fresh = Fresh()
    if not has_turn(tree):
        return
    for recorded in tree["requests"]:
        if recorded["method"] != "GET" or any(name.lower() == "upgrade" for name, _ in recorded["head"]):
            yield revive(recorded, fresh)


def _add_request(shapes: Mapping[str, Shape], outputs: dict[str, list[Any]], request: Sendable, number: int) -> None:
    if request.method == "GET":
        shapes["upgrade"].add(head_object(request.head), number)
        return
    if not is_turn(request.body):
        return
    rest, items, tools = split_body(request.body)
    if request.method == "POST":
        shapes["head"].add(head_object(request.head), number)
        shapes["request"].add(rest, number)
    else:
        shapes["message"].add(rest, number)
    for item in items:
        shapes["item"].add(item, number)
    for tool in tools:
        shapes["tool"].add(tool, number)
    for _, name, output in named_outputs(items):
        outputs.setdefault(name, []).append(output)


def _events(tree: Tree) -> Iterator[Any]:
    fresh = Fresh()
    for run in tree["runs"]:
        for line in run["stdout"]:
            if isinstance(line, dict) and "type" in (line.get("$json") or {}):
                yield revive({"method": "", "target": "", "head": [], "body": line["$json"]}, fresh).body


def output_schema(values: Sequence[Any]) -> dict[str, Any]:
    """The shape of one tool's outputs. A text with a line `Output:` has one of the heads that were seen above it."""
    kinds = sorted({"string" if isinstance(value, str) else "array" for value in values})
    heads = sorted({_head(value) for value in values if isinstance(value, str) and _MARK in value})
    out: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else kinds}
    if heads:
        out["anyOf"] = [{"pattern": head} for head in heads] + [{"not": {"pattern": _MARK}}]
    return out


def _head(text: str) -> str:
    """The pattern of the lines above `Output:`; a command that is repeated there may be any."""
    head = text[: text.index(_MARK)]
    if head.startswith("Command: "):
        at = head.find("\nChunk ID: ")
        return "^Command: [\\s\\S]*" + _pattern(head[at:] if at > 0 else "") + _MARK
    return "^" + _pattern(head) + _MARK


def _pattern(head: str) -> str:
    escaped = re.sub(r"([.^$*+?{}\[\]|()\\])", r"\\\1", head)
    for found, pattern in _VALUES:
        escaped = re.sub(found.replace(r"\.", r"\\\."), pattern, escaped)
    return escaped
