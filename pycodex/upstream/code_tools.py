"""Tools as code has them in 0.115.0: each declaration says how code calls it, and a list says what there is to call
(captured: code_mode/old_declared)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.upstream.typescript import type_of

if TYPE_CHECKING:
    from pycodex.protocol import Item
    from pycodex.settings import Settings

__all__ = ["callable_tools", "declaration", "declared_for_code", "global_name"]

_OWN = ("exec", "exec_wait")
_DECLARATION = (
    "{described}\n\nexec tool declaration:\n```ts\ndeclare const tools: {{ {signature}: Promise<{result}>; }};\n```"
)
_SECTION = "### `{name}` (`{tool}`)\n{described}"
_UNKNOWN = "unknown"


def declared_for_code(tools: Sequence[Item], settings: Settings, *, only: bool) -> list[Item]:
    """The declarations with what code is told of them. `only`: code is all there is, and `exec` describes the rest."""
    described = [_described(tool, settings) if _called(tool) else tool for tool in tools]
    if not only:
        return described
    own = [tool for tool in described if tool.get("name") in _OWN]
    others = sorted((tool for tool in described if _called(tool)), key=lambda tool: str(tool["name"]))
    sections = [
        _SECTION.format(name=global_name(tool["name"]), tool=tool["name"], described=tool["description"].strip())
        for tool in others
    ]
    first = {**own[0], "description": "\n\n".join([own[0]["description"], *sections])}
    return [first, *own[1:]]


def callable_tools(settings: Settings) -> list[dict[str, str]]:
    """What code may call, by name; a tool of a server also stands in a module of that server."""
    from pycodex.upstream.toolset import tools_for_code

    found = [tool for tool in tools_for_code(settings) if _called(tool)]
    places = {} if settings.mcp is None else {tool.given: tool for tool in settings.mcp.tools}
    tools = []
    for tool in found:
        name, server = tool["name"], places.get(tool["name"])
        space = "" if server is None else f"mcp/{server.server.config.name}"
        own = name if server is None else name.removeprefix(f"mcp__{server.server.config.name}__")
        described = _described(tool, settings)["description"]
        tools.append(
            {"name": global_name(name), "description": described, "tool": name, "space": space, "own": global_name(own)}
        )
    return sorted(tools, key=lambda tool: tool["name"])


def _called(tool: Item) -> bool:
    return tool["type"] in ("function", "custom") and tool["name"] not in _OWN


def _described(tool: Item, settings: Settings) -> Item:
    name = tool["name"]
    given = "input: string" if tool["type"] == "custom" else f"args: {type_of(tool['parameters'])}"
    return {**tool, "description": declaration(tool["description"], name, given, _result(name, settings))}


def declaration(described: str, name: str, given: str, result: str) -> str:
    """A description that says how code calls the tool, too."""
    return _DECLARATION.format(described=described, signature=f"{global_name(name)}({given})", result=result)


def _result(name: str, settings: Settings) -> str:
    servers = {} if settings.mcp is None else {tool.given: tool for tool in settings.mcp.tools}
    if (tool := servers.get(name)) is not None:
        return type_of(
            _RESULT_OF_SERVER | {"properties": _RESULT_OF_SERVER["properties"] | _structured(tool.definition)}
        )
    return settings.data.code_results.get(name, _UNKNOWN)


_RESULT_OF_SERVER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "_meta": {},
        "content": {"type": "array", "items": {}},
        "isError": {"type": "boolean"},
        "structuredContent": {},
    },
    "required": ["content"],
}


def _structured(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {"structuredContent": definition.get("outputSchema", {})}


def global_name(name: str) -> str:
    """A name as JavaScript can have it."""
    made = re.sub(r"[^A-Za-z0-9_$]", "_", name)
    return f"_{made}" if made[:1].isdigit() else made
