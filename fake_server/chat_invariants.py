"""What must hold in every chat/completions request, whatever the script. Pure: request body -> sentences."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["broken_chat"]

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_ROLES = {"system", "developer", "user", "assistant", "tool"}


def broken_chat(body: Any) -> list[str]:
    """One sentence for each rule that a request body breaks."""
    if not isinstance(body, Mapping) or not isinstance(body.get("messages"), list):
        return ["the body has no list of messages"]
    return [*_tools(body), *_messages(body["messages"])]


def _tools(body: Mapping[str, Any]) -> Iterator[str]:
    tools = body.get("tools")
    if tools is None:
        for key in ("tool_choice", "parallel_tool_calls"):
            if key in body:
                yield f"{key} without tools"
        return
    names = [tool.get("function", {}).get("name") for tool in tools if isinstance(tool, Mapping)]
    if not tools or len(names) != len(tools):
        yield "tools is an empty list, or holds what is no tool"
    for name in names:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            yield f"no function may be called {name!r}"
        if names.count(name) > 1:
            yield f"two tools are called {name}"
    if any(tool.get("type") != "function" for tool in tools if isinstance(tool, Mapping)):
        yield "a tool is no function"


def _messages(messages: list[Any]) -> Iterator[str]:
    waiting: list[str] = []
    seen: set[str] = set()
    for number, message in enumerate(messages):
        where = f"messages[{number}]"
        role = message.get("role")
        if role not in _ROLES:
            yield f"{where} has the role {role!r}"
        if role == "tool":
            if message.get("tool_call_id") not in waiting:
                yield f"{where} answers {message.get('tool_call_id')!r}, which no call right before it has"
            else:
                waiting.remove(message["tool_call_id"])
        elif waiting:
            yield f"{where} stands before the outputs of {', '.join(waiting)}"
            waiting = []
        calls = message.get("tool_calls") or []
        if role == "assistant" and not calls and message.get("content") is None and not message.get("refusal"):
            yield f"{where} says nothing"
        if role != "assistant" and message.get("content") is None:
            yield f"{where} has no content"
        for call in calls:
            yield from _call(call, where, seen)
            waiting.append(str(call.get("id")))
    if waiting:
        yield f"the calls {', '.join(waiting)} have no output"


def _call(call: Mapping[str, Any], where: str, seen: set[str]) -> Iterator[str]:
    identity, function = call.get("id"), call.get("function")
    if not isinstance(identity, str) or not identity:
        yield f"{where} has a call without an id"
    elif identity in seen:
        yield f"{where} has the id {identity} again"
    seen.add(str(identity))
    if call.get("type") != "function" or not isinstance(function, Mapping):
        yield f"{where} has a call that is none of a function"
        return
    if not _NAME.fullmatch(str(function.get("name"))):
        yield f"{where} calls {function.get('name')!r}"
    if not isinstance(function.get("arguments"), str):
        yield f"{where}: arguments are {json.dumps(function.get('arguments'))}, not text"
