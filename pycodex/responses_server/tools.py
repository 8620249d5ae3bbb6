"""Tools of a Responses request -> functions of chat/completions. Pure; the names are kept in a plan.

- function: as it is · custom: a function with one string, `input`, whose description has the grammar
- namespace: its members, each by itself · tool_search that the client runs: a function · local_shell: a function
- tools that only the provider of OpenAI can run (web_search, image_generation, ...): left out, and said so
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pycodex.responses_server.errors import LayerError
from pycodex.responses_server.names import NamePlan, ToolName

__all__ = ["INPUT", "declare", "tool_choice", "tool_name"]

Warn = Callable[[str], None]
Tool = Mapping[str, Any]

INPUT = "input"
"""The one argument of a function that stands for a custom tool."""

_SHELL_PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "command": {"type": "array", "items": {"type": "string"}, "description": "The program and its arguments."},
        "working_directory": {"type": "string", "description": "Where to run it."},
        "timeout_ms": {"type": "number", "description": "How long it may run, in milliseconds."},
    },
    "required": ["command"],
}


def declare(tools: Sequence[Any], plan: NamePlan, warn: Warn, param: str = "tools") -> list[dict[str, Any]]:
    """The chat tools, in order. Raises LayerError for what is no tool."""
    if not isinstance(tools, list | tuple):
        raise LayerError(f"{param} must be a list.", code="invalid_type", param=param)
    found: list[dict[str, Any]] = []
    for number, tool in enumerate(tools):
        where = f"{param}[{number}]"
        if not isinstance(tool, Mapping) or not isinstance(tool.get("type"), str):
            raise LayerError(f"{where} is not an object with a `type`.", code="invalid_type", param=where)
        found += _functions(tool, None, plan, warn, where)
    return found


def _functions(tool: Tool, namespace: str | None, plan: NamePlan, warn: Warn, where: str) -> Iterator[dict[str, Any]]:
    kind = tool["type"]
    if kind == "namespace":
        name = _named(tool, where)
        plan.space(name)
        members = tool.get("tools")
        for number, member in enumerate(members if isinstance(members, Sequence) else ()):
            if not isinstance(member, Mapping) or not isinstance(member.get("type"), str):
                raise LayerError(f"{where}.tools[{number}] is not a tool.", param=f"{where}.tools[{number}]")
            described = member if number else _in_namespace(member, tool)
            yield from _functions(described, name, plan, warn, f"{where}.tools[{number}]")
        return
    target = tool_name(tool, namespace)
    if target is None:
        warn(f"{where}: a tool of type `{kind}` runs at OpenAI only; the model is not told of it.")
        return
    if kind in ("function", "custom"):
        _named(tool, where)
    function: dict[str, Any] = {"name": plan.flat(target)}
    description = _description(tool)
    if description:
        function["description"] = description
    function["parameters"] = _parameters(tool)
    if kind == "function" and tool.get("strict") is True:
        function["strict"] = True
    yield {"type": "function", "function": function}


def tool_name(tool: Tool, namespace: str | None = None) -> ToolName | None:
    """What a declared tool is called by; None where the client would not run it."""
    match tool.get("type"):
        case "function":
            return ToolName(name=str(tool.get("name")), namespace=namespace)
        case "custom":
            return ToolName(name=str(tool.get("name")), namespace=namespace, kind="custom")
        case "tool_search" if tool.get("execution") == "client":
            return ToolName(name="tool_search", kind="tool_search")
        case "local_shell":
            return ToolName(name="local_shell", kind="local_shell")
    return None


def _named(tool: Tool, where: str) -> str:
    name = tool.get("name")
    if not isinstance(name, str) or not name:
        raise LayerError(f"{where} has no name.", code="missing_required_parameter", param=f"{where}.name")
    return name


def _in_namespace(member: Tool, namespace: Tool) -> Tool:
    """The first member says what its namespace is for: chat has nowhere else to say it."""
    about = namespace.get("description")
    if not isinstance(about, str) or not about.strip():
        return member
    own, told = member.get("description"), f"About all of {namespace['name']}: {about}"
    return {**member, "description": f"{own}\n\n{told}" if own else told}


def _description(tool: Tool) -> str:
    own = tool.get("description")
    text = own if isinstance(own, str) else ""
    form = tool.get("format")
    if tool["type"] == "local_shell":
        return "Runs a command on the user's machine."
    if tool["type"] != "custom":
        return text
    parts = [text] if text else []
    parts.append(f"Put the whole text, unquoted and unwrapped, into the string `{INPUT}`.")
    if isinstance(form, Mapping) and form.get("type") == "grammar":
        parts.append(f"It must follow this {form.get('syntax')} grammar:\n{form.get('definition')}")
    return "\n\n".join(parts)


def _parameters(tool: Tool) -> Any:
    if tool["type"] == "custom":
        return {
            "type": "object",
            "properties": {INPUT: {"type": "string", "description": "The text for the tool."}},
            "required": [INPUT],
            "additionalProperties": False,
        }
    if tool["type"] == "local_shell":
        return dict(_SHELL_PARAMETERS)
    given = tool.get("parameters")
    return given if isinstance(given, Mapping) else {"type": "object", "properties": {}}


def tool_choice(choice: Any, tools: list[dict[str, Any]], plan: NamePlan) -> tuple[Any, list[dict[str, Any]]]:
    """The chat `tool_choice` (None: not said), and the tools that are left. Raises LayerError."""
    if choice is None or isinstance(choice, str):
        if choice not in (None, "auto", "none", "required"):
            raise _refused_choice(f"`{choice}` is not auto, none or required")
        if choice == "required" and not tools:
            raise _refused_choice("a tool is required, and there is none that the backend can be told of")
        return choice, tools
    if not isinstance(choice, Mapping):
        raise _refused_choice("it is neither a word nor an object")
    kind = choice.get("type")
    if kind == "allowed_tools":
        allowed = choice.get("tools")
        names = {_chosen(tool, tools, plan) for tool in (allowed if isinstance(allowed, Sequence) else ())}
        left = [tool for tool in tools if tool["function"]["name"] in names]
        return choice.get("mode") or "auto", left
    return {"type": "function", "function": {"name": _chosen(choice, tools, plan)}}, tools


def _chosen(choice: Any, tools: list[dict[str, Any]], plan: NamePlan) -> str:
    space = choice.get("namespace") if isinstance(choice, Mapping) else None
    execution = {"execution": "client"} if isinstance(choice, Mapping) and choice.get("type") == "tool_search" else {}
    target = tool_name({**choice, **execution}, space) if isinstance(choice, Mapping) else None
    if target is None:
        kind = choice.get("type") if isinstance(choice, Mapping) else choice
        raise _refused_choice(f"a tool of type `{kind}` cannot be chosen: the backend has none")
    name = plan.flat(target)
    if all(tool["function"]["name"] != name for tool in tools):
        raise _refused_choice(f"there is no tool `{target.name}`")
    return name


def _refused_choice(reason: str) -> LayerError:
    return LayerError(f"tool_choice cannot be followed: {reason}.", code="invalid_value", param="tool_choice")
