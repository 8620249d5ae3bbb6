"""What one version does, distilled: small enough to be committed for versions whose recordings are not. Pure.

A fact is a thing of a kind (a header, a body key, a kind of item, a tool, an event, a retry rule, a text ...), and what
it is in each scenario that shows it: `{"header": {"thread-id": [["<uuid7>", "0-1,4"]]}}`, the numbers being places in
the lane's list of scenarios. So two versions are compared where both were looked at, and nowhere else.

`captures/timeline/<version>.json` holds the facts of a version by lane (role and model) with where they come from:
npm's integrity of the binary, the scenarios, and those that it did not start. Texts stand beside, by content.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from captures.recording import Tree
from compare.align import dump
from compare.drift.subjects import tag_of
from compare.ids import skeleton
from compare.shapes.collect import is_turn

__all__ = ["KINDS", "PLAIN", "Facts", "Values", "facts_of", "numbers_of", "parameters_of", "ranges", "shown_value"]

Values = list[list[str]]
"""What a thing is, and the scenarios (by number, `0-3,7`) in which it is that."""

Facts = dict[str, dict[str, Values]]
"""Kind -> thing -> values."""

KINDS = (
    "traffic",
    "header",
    "metadata",
    "body",
    "client_metadata",
    "item",
    "tool",
    "text",
    "event",
    "exit",
    "option",
    "record",
)

PLAIN = ("exec/hello", "request/hello_code_mode", "exec/hello_fallback", "tools/exec_command", "exec/resume")
"""The scenarios that are looked at first, so that things stand in the order in which a plain run has them."""

_METADATA = "x-codex-turn-metadata"
_OPTION = re.compile(r"^ {2,6}(?:-\w, |-\w \[\w+\], )?(--[a-z][\w-]*)", re.MULTILINE)
_USAGE = re.compile(r"^Usage: codex((?: [a-z]+)*)", re.MULTILINE)


def facts_of(trees: Mapping[str, Tree], keep: Callable[[str, str], str]) -> Facts:
    """The facts of one lane, from its recordings by scenario; `keep(name, text)` stores a text and returns its name.

    Trees are those of `compare.drift.reshape.reworded`: the lane's own version and model are put back.
    """
    found: dict[str, dict[str, dict[str, set[int]]]] = {kind: {} for kind in KINDS}
    order = {scenario: number for number, scenario in enumerate(sorted(trees))}
    for scenario in sorted(trees, key=lambda name: (PLAIN.index(name) if name in PLAIN else len(PLAIN), name)):
        for kind, thing, value in _facts(scenario, trees[scenario], keep):
            found[kind].setdefault(thing, {}).setdefault(value, set()).add(order[scenario])
    return {
        kind: {thing: [[value, ranges(places)] for value, places in values.items()] for thing, values in things.items()}
        for kind, things in found.items()
        if things
    }


def ranges(numbers: Collection[int]) -> str:
    """`0-3,7`: numbers, as a person would write them down."""
    out: list[list[int]] = []
    for number in sorted(numbers):
        if out and number == out[-1][-1] + 1:
            out[-1] = [out[-1][0], number]
        else:
            out.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in out)


def numbers_of(text: str) -> list[int]:
    """The inverse of `ranges`."""
    pairs = [part.partition("-") for part in text.split(",") if part]
    return [number for first, _, last in pairs for number in range(int(first), int(last or first) + 1)]


def shown_value(value: Any) -> str:
    """A value as a fact: ids by their kind, long and nested ones by what they are."""
    if isinstance(value, dict) and "$json" in value:
        return "JSON"
    if isinstance(value, dict | list) and len(dump(value)) > 80:
        return "object" if isinstance(value, dict) else "list"
    if isinstance(value, str):
        return skeleton(value) if len(value) <= 120 else "text"
    return skeleton(dump(value))


def parameters_of(tool: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a declared tool by name; none where it takes no object."""
    schema = tool.get("parameters")
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return dict(properties) if isinstance(properties, dict) else {}


def _facts(scenario: str, tree: Tree, keep: Callable[[str, str], str]) -> Iterator[tuple[str, str, str]]:
    """(kind, thing, value) of all that one recording shows."""
    if traffic := " / ".join(_traffic(tree)):
        yield "traffic", scenario, traffic
    yield "exit", scenario, " / ".join(str(run["exit"]) for run in tree["runs"])
    for request in tree["requests"]:
        if request["method"] == "GET" and not any(name.lower() == "upgrade" for name, _ in request["head"]):
            continue
        for name, value in request["head"]:
            yield "header", name, shown_value(value)
            if name == _METADATA and isinstance(value, dict):
                for key, inner in value["$json"].items():
                    yield "metadata", key, shown_value(inner)
        if is_turn(request["body"]):
            yield from _body(request["body"], keep)
    yield from _keyed("item", (item for r in tree["requests"] for item in _items(r["body"])), _item_name)
    lines = [
        line["$json"] for run in tree["runs"] for line in run["stdout"] if isinstance(line, dict) and "$json" in line
    ]
    yield from _keyed("event", (line for line in lines if isinstance(line, dict) and "type" in line), _event_name)
    records = [
        line["$json"] for r in tree["rollouts"] for line in r["lines"] if isinstance(line, dict) and "$json" in line
    ]
    yield from _keyed("record", (line for line in records if isinstance(line, dict)), _record_name)
    yield from _options(tree)


def _body(body: Mapping[str, Any], keep: Callable[[str, str], str]) -> Iterator[tuple[str, str, str]]:
    for key, value in body.items():
        yield "body", key, {"input": "list", "tools": "list", "instructions": "text"}.get(key) or shown_value(value)
    metadata = body.get("client_metadata")
    for key, value in (metadata if isinstance(metadata, dict) else {}).items():
        yield "client_metadata", key, shown_value(value)
    for name, tool in _tools(body):
        yield "tool", name, _tool_value(tool, keep, name)
    if isinstance(body.get("instructions"), str):
        yield "text", "base instructions", keep("instructions", body["instructions"])
    prompted = "instructions" in body or "previous_response_id" in body
    for item in _items(body):
        if item.get("type") != "message" or item.get("role") not in ("developer", "user"):
            continue
        for part in item.get("content") or []:
            text = part.get("text") if isinstance(part, dict) else None
            if not isinstance(text, str):
                continue
            if item["role"] == "developer" and not prompted:
                prompted = True
                yield "text", "base instructions", keep("instructions", text)
            elif tag_of(text):
                yield "text", f"{item['role']} message{tag_of(text)}", keep(tag_of(text), text)


def _keyed(
    kind: str, elements: Iterator[Any] | Sequence[Any], name_of: Callable[[Any], str]
) -> Iterator[tuple[str, str, str]]:
    """One fact for each name: all keys that its elements have."""
    keys: dict[str, dict[str, None]] = {}
    for element in elements:
        inner = element.get("item") if kind == "event" else element.get("payload") if kind == "record" else None
        known = keys.setdefault(name_of(element), {})
        known |= dict.fromkeys(element)
        if isinstance(inner, dict):
            known |= {f"{'item' if kind == 'event' else 'payload'}.{key}": None for key in inner}
        if isinstance(element.get("usage"), dict):
            known |= {f"usage.{key}": None for key in element["usage"]}
    for name, known in keys.items():
        yield kind, name, ", ".join(sorted(known))


def _item_name(item: Any) -> str:
    return str(item.get("type")) + (f" ({item['role']})" if "role" in item else "")


def _event_name(event: Any) -> str:
    inner = event.get("item")
    return str(event["type"]) + (f" ({inner['type']})" if isinstance(inner, dict) and "type" in inner else "")


def _record_name(record: Any) -> str:
    inner = record.get("payload")
    kind = inner.get("type") if isinstance(inner, dict) else None
    return str(record.get("type")) + (f" ({kind})" if isinstance(kind, str) else "")


def _items(body: Any) -> list[Mapping[str, Any]]:
    items = body.get("input") if isinstance(body, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _tools(body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    declared = list(body["tools"]) if isinstance(body.get("tools"), list) else []
    for item in _items(body):
        declared += item["tools"] if isinstance(item.get("tools"), list) else []
    for tool in declared:
        name = str(tool.get("name") or tool.get("type"))
        inner = tool.get("tools")
        yield name, tool if not isinstance(inner, list) else {**tool, "tools": [each.get("name") for each in inner]}
        for each in inner if isinstance(inner, list) else []:
            yield f"{name}.{each.get('name')}", each


def _tool_value(tool: Mapping[str, Any], keep: Callable[[str, str], str], name: str) -> str:
    """The declaration, without its words: type, parameters with their own hash; then the hash of the words."""
    plain = _wordless(tool)
    parameters = {key: _hash(dump(_wordless(value))) for key, value in parameters_of(tool).items()}
    rest = {key: value for key, value in plain.items() if key not in ("parameters", "name", "type")} if plain else {}
    told = {"type": tool.get("type"), "parameters": parameters, "required": _required(tool), "rest": _hash(dump(rest))}
    return dump({**told, "words": keep(name, _words(tool))})


def _required(tool: Mapping[str, Any]) -> list[str]:
    schema = tool.get("parameters")
    return list(schema.get("required") or []) if isinstance(schema, dict) else []


def _wordless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _wordless(inner) for key, inner in value.items() if not _is_words(key, inner)}
    return [_wordless(inner) for inner in value] if isinstance(value, list) else value


def _words(tool: Mapping[str, Any]) -> str:
    """All descriptions of a tool, each behind the place it stands at, in the order of these places."""
    return "\n".join(f"{place}: {words}" for place, words in sorted(_described(tool, ())))


def _described(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if _is_words(key, inner):
                yield ".".join(path), inner
            else:
                yield from _described(inner, path if key in ("parameters", "properties", "items") else (*path, key))
    if isinstance(value, list):
        for inner in value:
            yield from _described(inner, path)


def _is_words(key: str, value: Any) -> bool:
    return key == "description" and isinstance(value, str)


def _traffic(tree: Tree) -> Iterator[str]:
    """What each run asked and got: `POST 500×2 200`."""
    runs: dict[int, list[str]] = {}
    for request, answer in zip(tree["requests"], tree["responses"], strict=False):
        cut = "" if answer["end"] in ("complete", "client_closed") else "!"
        method = "" if request["method"] == "POST" else f"{request['method']} "
        runs.setdefault(request["run"], []).append(f"{method}{answer['status'] or 'none'}{cut}")
    for words in runs.values():
        told: list[str] = []
        for word in words:
            if told and told[-1].partition("×")[0] == word:
                told[-1] = f"{word}×{int(told[-1].partition('×')[2] or 1) + 1}"
            else:
                told.append(word)
        yield " ".join(told)


def _options(tree: Tree) -> Iterator[tuple[str, str, str]]:
    """The options that help texts list, with their command."""
    for run in tree["runs"]:
        text = "\n".join(line for line in run["stdout"] if isinstance(line, str))
        if usage := _USAGE.search(text):
            for option in _OPTION.findall(text):
                yield "option", f"codex{usage.group(1)} {option}", ""


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
