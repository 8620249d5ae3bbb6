"""Answers for whoever comes, without a script: a first contact with the server that cannot go wrong.

It says hello and repeats the last user text. A prompt `run: CMD` becomes a call of whichever shell tool the request
offers, and the next answer tells what the tool gave back. Another tool is called where `tool_choice` demands it, and
never else: nobody knows what a stranger's tool does.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fake_server.faults import Gates
from fake_server.invariants import tool_outputs
from fake_server.items import Ids, compact
from fake_server.script import Answer, HttpAnswer, Usage
from fake_server.tracks import RESPONSES_PATHS, Request
from fake_server.writer import CREATED_AT

__all__ = ["SHELL_TOOLS", "Friendly", "fitting", "friendly_item", "last_user_text", "offered_tools", "wanted_schema"]

_COMPACT_PATHS = tuple(f"{path}/compact" for path in RESPONSES_PATHS)
_CALLED = ("function", "custom")
_SUMMARY = {
    "type": "compaction",
    "encrypted_content": base64.b64encode(b"The fake server remembers nothing.").decode(),
}
_RUN = re.compile(r"\s*run:\s*(.+)", re.IGNORECASE | re.DOTALL)


def _code(command: str) -> dict[str, Any]:
    source = f"const done = await tools.exec_command({{cmd: {compact(command)}}});\ntext(done.output);"
    return {"custom_call": {"name": "exec", "input": source}}


SHELL_TOOLS = {
    "exec_command": lambda cmd: {"call": {"name": "exec_command", "arguments": {"cmd": cmd}}},
    "shell_command": lambda cmd: {"call": {"name": "shell_command", "arguments": {"command": cmd}}},
    "shell": lambda cmd: {"call": {"name": "shell", "arguments": {"command": ["bash", "-lc", cmd]}}},
    "exec": _code,  # code mode: JavaScript that calls the tools
}
"""Tool name -> the item that runs a command with it; the first one offered is used."""


class Friendly:
    """The Source without a script."""

    def __init__(self) -> None:
        self._number = 0
        self._last: dict[str, Any] = {}

    def answer(self, request: Request) -> Answer:
        self._number += 1
        step = f"friendly/{self._number}"
        if request.path in _COMPACT_PATHS:
            return Answer(step=step, http=_compaction(request.body, step))
        if not request.is_turn:
            return Answer(step=step, http=HttpAnswer(status=426, body="no WebSocket here; post"))
        self._last = friendly_item(request.body)
        if "item" in self._last:
            self._last = {"item": {"id": Ids(step).next("cmp"), **self._last["item"]}}
        return Answer(step=step, output=(self._last,))

    def claims(self, request: Request) -> bool:
        """A compaction, and an upgrade to a WebSocket, which a 426 declines: codex-cli then posts at once and without a
        word."""
        if request.method == "POST":
            return request.path in _COMPACT_PATHS
        return request.method == "GET" and request.path in RESPONSES_PATHS

    def unused(self) -> list[str]:
        return []

    def at_rest(self) -> bool:
        return "message" in self._last

    def shuts_port(self, gates: Gates) -> bool:
        return False


def _compaction(body: Any, step: str) -> HttpAnswer:
    """What `/responses/compact` gives: an item that stands for everything before it."""
    if not isinstance(body, Mapping) or not body.get("model"):
        error = {"type": "invalid_request_error", "code": "missing_required_parameter", "param": "model"}
        return HttpAnswer(status=400, body={"error": {"message": "model is missing.", **error}})
    ids = Ids(step)
    return HttpAnswer(
        status=200,
        body={
            "id": ids.next("resp"),
            "object": "response.compaction",
            "created_at": CREATED_AT,
            "output": [{"id": ids.next("cmp"), **_SUMMARY}],
            "usage": Usage().to_json(),
        },
    )


def friendly_item(body: Any) -> dict[str, Any]:
    """The one item (a shorthand) that answers a request body."""
    if _asks_for_a_summary(body):
        return {"item": {**_SUMMARY}}
    outputs = _fresh_outputs(body)
    if outputs:
        return {"message": "The command gave back:\n" + _clip("\n".join(outputs))}
    text = last_user_text(body)
    asked = _RUN.fullmatch(text)
    if asked:
        offered = set(offered_tools(body))
        tool = next((make for name, make in SHELL_TOOLS.items() if name in offered), None)
        if tool is None:
            return {
                "message": f"You ask me to run {asked[1].strip()!r}, but the request offers no shell tool that I know."
            }
        return tool(asked[1].strip())
    forced = _forced(body)
    if forced is not None:
        return _called(forced, text)
    schema = wanted_schema(body)
    if schema is not None:
        return {"message": compact(fitting(schema, text))}
    return {"message": "Hello from the fake server!" + (f" You said: {_clip(text)}" if text else "")}


def _asks_for_a_summary(body: Any) -> bool:
    """Whether it ends with the item by which codex-cli 0.169.0 asks for a compaction."""
    items = _list(body.get("input")) if isinstance(body, Mapping) else []
    return bool(items) and isinstance(items[-1], Mapping) and items[-1].get("type") == "compaction_trigger"


def _forced(body: Any) -> Mapping[str, Any] | None:
    """The tool that `tool_choice` demands: the one it names, or the first."""
    choice = body.get("tool_choice") if isinstance(body, Mapping) else None
    named = choice.get("name") if isinstance(choice, Mapping) else None
    if choice != "required" and not isinstance(named, str):
        return None
    tools = (
        tool for tool in _list(body.get("tools")) if isinstance(tool, Mapping) and isinstance(tool.get("name"), str)
    )
    return next((tool for tool in tools if tool.get("type") in _CALLED and named in (None, tool["name"])), None)


def _called(tool: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The plainest call that a tool allows."""
    if tool["type"] == "custom":
        return {"custom_call": {"name": tool["name"], "input": text}}
    schema = tool["parameters"] if isinstance(tool.get("parameters"), Mapping) else {}
    return {"call": {"name": tool["name"], "arguments": fitting({"type": "object", **schema}, text)}}


def wanted_schema(body: Any) -> Mapping[str, Any] | None:
    """The JSON schema that a request wants its message to fit."""
    text = body.get("text") if isinstance(body, Mapping) else None
    form = text.get("format") if isinstance(text, Mapping) else None
    schema = form.get("schema") if isinstance(form, Mapping) else None
    return schema if isinstance(schema, Mapping) else None


def fitting(schema: Mapping[str, Any], text: str) -> Any:
    """The plainest value that a schema of a strict output allows; `text` stands where it wants one."""
    if "const" in schema or schema.get("enum"):
        return schema["const"] if "const" in schema else schema["enum"][0]
    for key in ("anyOf", "oneOf"):
        if schema.get(key):
            return fitting(schema[key][0], text)
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        known = schema.get("properties", {})
        return {name: fitting(known.get(name, {}), text) for name in schema.get("required", [])}
    return {"array": [], "integer": 0, "number": 0, "boolean": False, "null": None}.get(str(kind), text)


def last_user_text(body: Any) -> str:
    """The last text part of the last user message; a plain string `input` is one."""
    given = body.get("input") if isinstance(body, Mapping) else None
    if isinstance(given, str):
        return given
    for item in reversed(_list(given)):
        if isinstance(item, Mapping) and item.get("role") == "user":
            content = item.get("content")
            if isinstance(content, str):
                return content
            texts = [
                part["text"]
                for part in _list(content)
                if isinstance(part, Mapping) and isinstance(part.get("text"), str)
            ]
            return texts[-1] if texts else ""
    return ""


def offered_tools(body: Any) -> Iterator[str]:
    """Names of all tools of a request, also inside namespaces and `additional_tools` input items."""
    if not isinstance(body, Mapping):
        return
    yield from _names(body.get("tools"))
    for item in _list(body.get("input")):
        if isinstance(item, Mapping) and item.get("type") == "additional_tools":
            yield from _names(item.get("tools"))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _names(tools: Any) -> Iterator[str]:
    for tool in _list(tools):
        if isinstance(tool, Mapping):
            yield str(tool.get("name") or tool.get("type"))
            yield from _names(tool.get("tools"))


def _fresh_outputs(body: Any) -> list[str]:
    """Tool outputs that came after the last word of the user or the model."""
    given = body.get("input") if isinstance(body, Mapping) else None
    tail: list[Any] = []
    for item in reversed(_list(given)):
        if not isinstance(item, Mapping) or not str(item.get("type")).endswith("_output"):
            break
        tail.insert(0, item)
    return [text for _, text in tool_outputs({"input": tail})]


def _clip(text: str) -> str:
    return text if len(text) <= 2000 else f"{text[:1000]}\n...\n{text[-1000:]}"
