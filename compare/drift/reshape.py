"""A recording in the form that rules are told in. Pure.

A header and a tool are known by their name, wherever they stand, so heads and lists of tools become objects, whose key
order is the order on the wire; a run is the run of its number; the base prompt is one thing, whether it is a key of the
body or the first developer message. Version and model of the lane are put back to `<version>` and `<model>`: they were
asked for, and are no change. The surfaces stay what they are (`compare.surfaces`), and noise rules move with their
places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from captures.noise import NoiseRule
from captures.recording import Recording, Tree
from compare.surfaces import Path as TreePath
from compare.surfaces import look_up

__all__ = ["by_name", "reshape", "reworded", "tool_name"]

_PLACE = "place"
_Words = tuple[tuple[str, re.Pattern[str], str], ...]


def reshape(recording: Recording, version: str, model: str = "") -> Recording:
    """The recording with its noise; `model` is put back only where it is given."""
    words = _wording(version, model)
    tree = _reworded(recording.tree, words)
    indexes = [_prompt_index(request.get("body")) for request in tree["requests"]]
    rules = [moved for rule in recording.noise if (moved := _moved(rule, recording.tree, indexes, words)) is not None]
    requests = [_request(request, index) for request, index in zip(tree["requests"], indexes, strict=True)]
    runs = dict(enumerate(tree["runs"]))
    return replace(recording, tree={**tree, "requests": requests, "runs": runs}, noise=tuple(rules))


def reworded(tree: Tree, version: str, model: str = "") -> Tree:
    """The tree with the lane's own version, and model if it is given, put back to what they are."""
    out: Tree = _reworded(tree, _wording(version, model))
    return out


def by_name(elements: Sequence[Any], name_of: Callable[[Any], str]) -> dict[str, Any]:
    """Elements by name in their order; a name that comes again is counted."""
    named: dict[str, Any] = {}
    for element in elements:
        name = name_of(element)
        number = 1
        while (key := name if number == 1 else f"{name} ({number})") in named:
            number += 1
        named[key] = element
    return named


def tool_name(tool: Any) -> str:
    """What a declared tool is called: its name, or its type where it has none."""
    if not isinstance(tool, Mapping):
        return str(tool)
    return str(tool.get("name") or tool.get("type") or "tool")


def _request(request: Mapping[str, Any], prompt: int | None) -> dict[str, Any]:
    head = by_name(request["head"], lambda header: str(header[0]))
    return {
        **request,
        "head": {name: header[1] for name, header in head.items()},
        "body": _body(request["body"], prompt) if isinstance(request["body"], dict) else request["body"],
    }


def _body(body: Mapping[str, Any], prompt: int | None) -> dict[str, Any]:
    out = dict(body)
    if isinstance(body.get("tools"), list):
        out["tools"] = _tools(body["tools"])
    if isinstance(body.get("input"), list):
        out["input"] = [_item(item) for index, item in enumerate(body["input"]) if index != prompt]
    if isinstance(body.get("instructions"), str):
        out["instructions"] = {_PLACE: "key `instructions` of the body", "text": body["instructions"]}
    elif prompt is not None:
        item = body["input"][prompt]
        parts = item.get("content") or []
        text = look_up(parts, (0, "text"), "")
        more = {"more": parts[1:]} if len(parts) > 1 else {}
        out["instructions"] = {_PLACE: "first developer message of the input", "text": text, **more}
    return out


def _item(item: Any) -> Any:
    if isinstance(item, dict) and isinstance(item.get("tools"), list):
        return {**item, "tools": _tools(item["tools"])}
    return item


def _tools(tools: Sequence[Any]) -> dict[str, Any]:
    return {
        name: {**tool, "tools": _tools(tool["tools"])}
        if isinstance(tool, dict) and isinstance(tool.get("tools"), list)
        else tool
        for name, tool in by_name(tools, tool_name).items()
    }


def _prompt_index(body: Any) -> int | None:
    """Which item is the base prompt: the first developer message, as `compare.surfaces` has it."""
    if not isinstance(body, dict) or "instructions" in body or "previous_response_id" in body:
        return None
    items = body.get("input")
    if not isinstance(items, list):
        return None
    roles = [item.get("role") if isinstance(item, dict) and item.get("type") == "message" else None for item in items]
    return roles.index("developer") if "developer" in roles else None


def _moved(rule: NoiseRule, tree: Tree, prompts: Sequence[int | None], words: _Words) -> NoiseRule | None:
    """The rule where its place is now; None where that is no place of its own any more."""
    path: TreePath = rule.path
    if path[:1] == ("requests",) and path[2:3] == ("head",) and len(path) > 3:
        name = look_up(tree, (*path[:4], 0))
        if not isinstance(name, str) or path[4:5] == (0,):
            return None
        path = (*path[:3], name, *path[5:])
    if path[:1] == ("requests",) and path[2:4] == ("body", "input") and len(path) > 4:
        prompt = prompts[path[1]] if isinstance(path[1], int) and path[1] < len(prompts) else next(iter(prompts), None)
        if prompt is not None and isinstance(path[4], int):
            if path[4] == prompt:
                return None
            path = (*path[:4], path[4] - (path[4] > prompt), *path[5:])
    return replace(rule, path=tuple(_reworded(key, words) for key in path), args=_reworded(dict(rule.args), words))


def _wording(version: str, model: str) -> _Words:
    words = [(version, re.compile(rf"(?<![\d.]){re.escape(version)}(?![\d]|\.\d)"), "<version>")]
    if model:
        words.append((model, re.compile(rf"(?<![\w.-]){re.escape(model)}(?![\w-]|\.\d)"), "<model>"))
    return tuple(words)


def _reworded(value: Any, words: _Words) -> Any:
    if isinstance(value, str):
        for plain, pattern, word in words:
            if plain in value:
                value = pattern.sub(word, value)
        return value
    if isinstance(value, dict):
        return {_reworded(key, words): _reworded(inner, words) for key, inner in value.items()}
    if isinstance(value, list):
        return [_reworded(inner, words) for inner in value]
    return value
