"""A difference -> what it is about, in the words of somebody who builds a server or an agent. Pure.

The place of a difference says request, index and scenario; its subject says none of these, so that the same change in
forty scenarios has one subject: a header, a key, a kind of item, a tool, an event, a kind of line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compare.difference import Difference
from compare.surfaces import Path, Tree, look_up

__all__ = ["Subject", "generalized", "subject_of", "tag_of"]

_TAG = re.compile(r"\s*<([A-Za-z_][\w -]{0,40})>|\s*(# [^\n]{1,40}?)(?= for |\n|$)")
_VARIES = re.compile(r"<[a-z0-9_]+:[^>]*>|0x[0-9a-f]+|\d+(?:\.\d+)?")
_LABEL = re.compile(r"[A-Z][A-Za-z ]{2,24}: ")
_CLIPPED = 160
_DESCRIPTION = "description"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """`thing` is what changed and `field` the part of it; `values`: what it changed from and to tells changes apart.

    `merged` fields of one thing are one change (the descriptions of a tool's parameters).
    """

    thing: str
    field: str = ""
    values: tuple[str, str] = ("", "")
    merged: bool = False


def subject_of(difference: Difference, before: Tree, after: Tree) -> Subject:
    """The subject of one difference between two reshaped trees."""
    path = tuple(key for key in difference.path if key != "$json")
    make = _MAKERS.get(difference.surface, _traffic)
    return make(path, difference, before, after)


def tag_of(text: Any) -> str:
    """What a text of the context is known by: the tag or heading it opens with."""
    match = _TAG.match(text) if isinstance(text, str) else None
    if match is None:
        return ""
    return f" `<{match.group(1)}>`" if match.group(1) else f" `{match.group(2).strip()}`"


def generalized(value: Any) -> str:
    """A value without what differs from run to run or from scenario to scenario: ids and numbers."""
    text = value if isinstance(value, str) else "" if value is None else repr(value)
    return _VARIES.sub("#", text)[:_CLIPPED]


def _head(path: Path, difference: Difference, before: Tree, after: Tree) -> Subject:
    if len(path) == 3:
        return Subject(thing="order of the headers")
    return Subject(thing=f"header `{path[3]}`", field=_field(path[4:]))


def _body(path: Path, difference: Difference, before: Tree, after: Tree) -> Subject:
    if len(path) == 3:
        return Subject(thing="order of the body's keys" if difference.kind == "order" else "body")
    return Subject(thing=f"body key `{path[3]}`", field=_field(path[4:]))


def _instructions(path: Path, difference: Difference, before: Tree, after: Tree) -> Subject:
    return Subject(thing="base instructions", field="" if path[4:] == ("text",) else _field(path[4:]))


def _input(path: Path, difference: Difference, before: Tree, after: Tree) -> Subject:
    if len(path) < 5:
        return Subject(thing="input", field=_field(path[4:]))
    item = _element(path, 5, difference, before)
    rest = path[5:]
    thing = _item_words(item)
    if rest[:1] == ("content",) and len(rest) > 1:
        part = _element(path, 7, difference, before)
        tag = tag_of(look_up(part, ("text",)))
        return Subject(thing=f"{thing}, part{tag}" if tag else thing, field="" if tag else _field(rest))
    if not rest:
        return Subject(thing=thing + tag_of(look_up(item, ("content", 0, "text"))))
    return Subject(thing=thing, field=_field(rest))


def _tools(path: Path, difference: Difference, before: Tree, after: Tree) -> Subject:
    at = path.index("tools") + 1 if "tools" in path else len(path)
    if len(path) <= at:
        thing = "order of the tools" if difference.kind == "order" else "tools"
        return Subject(thing=thing if path[-1:] == ("tools",) else "item of tools in the input", field=_field(path[5:]))
    name, rest = str(path[at]), path[at + 1 :]
    if rest[:1] == ("tools",) and len(rest) > 1:  # a tool of a namespace
        name, rest = f"{name}.{rest[1]}", rest[2:]
    thing = f"tool `{name}`"
    if difference.kind == "order":
        return Subject(thing=f"order of keys of {thing}", merged=True)
    if rest[-1:] == (_DESCRIPTION,):
        return Subject(
            thing=f"descriptions of {thing}", field=_schema_field(rest[:-1]) or "the tool itself", merged=True
        )
    return Subject(thing=thing, field=_schema_field(rest))


def _tool_output(path: Path, difference: Difference, before: Tree, after: Tree) -> Subject:
    tree = after if difference.kind == "added" and len(path) == 5 else before
    item = _element(path, 5, difference, before)
    items = look_up(tree, path[:4], [])
    call = next((one for one in items if _names(one, look_up(item, ("call_id",)))), None)
    name = look_up(call, ("name",)) or look_up(call, ("type",)) or look_up(item, ("type",), "a call")
    if path[5:] and path[5] != "output":  # a key that an output has whatever the tool
        return Subject(thing=_item_words(item), field=_field(path[5:]))
    return Subject(thing=f"output of `{name}`", field=_field(path[5:]), values=_values(difference))


def _traffic(path: Path, difference: Difference, before: Tree, after: Tree) -> Subject:
    if path[:1] == ("requests",) and len(path) == 2:
        request = _element(path, 2, difference, before)
        target = str(look_up(request, ("target",), "")).partition("?")[0]
        return Subject(thing=f"request {look_up(request, ('method',))} `{target}`")
    field = _field(path[2:])
    thing = {"requests": "request", "responses": "what the server answered"}.get(
        str(path[0]) if path else "", "traffic"
    )
    return Subject(thing=thing, field=field, values=_values(difference))


def _stdout(path: Path, difference: Difference, before: Tree, after: Tree) -> Subject:
    line = _unpacked(_element(path, 4, difference, before))
    if isinstance(line, Mapping) and "type" in line:
        kind = look_up(line, ("item", "type"))
        thing = f"event `{line['type']}`{f' (`{kind}`)' if kind else ''}"
        return Subject(thing=thing, field=_field(path[4:]))
    return Subject(thing="line of standard output", values=_values(difference))


def _stderr(path: Path, difference: Difference, before: Tree, after: Tree) -> Subject:
    return Subject(thing="line of standard error", values=_values(difference))


def _exit(path: Path, difference: Difference, before: Tree, after: Tree) -> Subject:
    return Subject(
        thing="exit code", field="" if path[-1:] == ("exit",) else _field(path[2:]), values=_values(difference)
    )


def _files(path: Path, difference: Difference, before: Tree, after: Tree) -> Subject:
    where = "CODEX_HOME" if path[0] == "home" else "the workspace"
    name = generalized(path[1]) if len(path) > 1 else ""
    return Subject(thing=f"file `{name}` of {where}", field=_field(path[2:]), values=_values(difference))


def _rollout(path: Path, difference: Difference, before: Tree, after: Tree) -> Subject:
    if len(path) < 4 or path[2] != "lines":
        return Subject(thing="rollout", field=_field(path[2:]))
    line = _unpacked(_element(path, 4, difference, before))
    if not isinstance(line, Mapping):
        return Subject(thing="line of the rollout", values=_values(difference))
    if path[4:] == ("ordinal",) and difference.kind == "changed":
        return Subject(thing="ordinals of rollout records")
    kind = look_up(line, ("payload", "type"))
    thing = f"rollout record `{line.get('type')}`{f' (`{kind}`)' if isinstance(kind, str) else ''}"
    return Subject(thing=thing, field=_field(path[4:]))


_MAKERS = {
    "head": _head,
    "body": _body,
    "instructions": _instructions,
    "input": _input,
    "tools": _tools,
    "tool_output": _tool_output,
    "traffic": _traffic,
    "stdout": _stdout,
    "stderr": _stderr,
    "exit": _exit,
    "files": _files,
    "rollout": _rollout,
}


def _element(path: Path, length: int, difference: Difference, before: Tree) -> Any:
    """The element of a list that the place is in; an added one is in the difference itself."""
    packed = _packed_prefix(difference.path, length)
    if len(path) == length and difference.kind == "added":
        return _unpacked(difference.actual)
    return look_up(before, packed)


def _packed_prefix(path: Path, length: int) -> Path:
    """The first `length` keys of a path that are no `$json`, with those in between."""
    count = 0
    for number, key in enumerate(path):
        count += key != "$json"
        if count == length:
            return path[: number + 1]
    return path


def _unpacked(value: Any) -> Any:
    return value["$json"] if isinstance(value, dict) and "$json" in value else value


def _item_words(item: Any) -> str:
    kind = look_up(item, ("type",), "item")
    if kind == "message":
        return f"{look_up(item, ('role',), '')} message".strip()
    return f"item `{kind}`"


def _names(item: Any, call_id: Any) -> bool:
    kind = look_up(item, ("type",), "")
    return look_up(item, ("call_id",)) == call_id and isinstance(kind, str) and not kind.endswith("_output")


def _values(difference: Difference) -> tuple[str, str]:
    """What tells this change from others: of two texts the lines that only one of them has, by their labels."""
    ours, theirs = difference.expected, difference.actual
    if isinstance(ours, str) and isinstance(theirs, str):
        old, new = ours.split("\n"), theirs.split("\n")
        return _labels(old, new), _labels(new, old)
    return generalized(ours), generalized(theirs)


def _labels(lines: Sequence[str], others: Sequence[str]) -> str:
    known = {generalized(line) for line in others}
    own = [line for line in map(generalized, lines) if line not in known]
    return "\n".join(match.group() if (match := _LABEL.match(line)) else line for line in own)[:_CLIPPED] or "(order)"


def _field(keys: Sequence[Any]) -> str:
    """Keys as one reads them: `usage.total`, `content[].text`."""
    out = ""
    for key in keys:
        if key == "$json":
            continue
        out += "[]" if isinstance(key, int) else f"{'.' if out else ''}{key}"
    return out


def _schema_field(keys: Sequence[Any]) -> str:
    """The parameter that a place of a schema speaks of, and what of it: `plan[].status: enum`."""
    names: list[str] = []
    rest = list(keys)
    while rest:
        if rest[0] == "parameters" and not names:
            rest = rest[1:]
        elif rest[0] == "properties" and len(rest) > 1:
            names, rest = [*names, str(rest[1])], rest[2:]
        elif rest[0] == "items" and len(rest) > 1 and names:
            names[-1] += "[]"
            rest = rest[1:]
        else:
            break
    what = _field(rest)
    parameter = f"parameter {'.'.join(names)}" if names else ""
    return f"{parameter}: {what}" if parameter and what else parameter or what
