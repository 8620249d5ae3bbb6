"""Tools as code has them in 0.169.0, where they may stand in namespaces.

Where code is beside the other tools, each that it may call says how (captured: code_mode/declared). Where code is all
there is, `exec` describes those in its own declaration; what a model has to search for is only on `tools` and in
ALL_TOOLS (captured: code_mode/mcp).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from pycodex.records import dataclass
from pycodex.upstream.code_tools import declaration, global_name
from pycodex.upstream.typescript import type_of

if TYPE_CHECKING:
    from pycodex.mcp.server import ServerTool
    from pycodex.protocol import Item
    from pycodex.settings import Settings

__all__ = ["declared_by_space", "tools_by_space"]

_OWN = ("exec", "wait")
_SEARCH = "tool_search"
_APART = frozenset(
    (
        "request_user_input",
        "request_user_input_async",
        "send_message_to_user_async",
        "new_context",
        "clock.sleep",
        *(f"collaboration.{name}" for name in ("followup_task", "interrupt_agent", "list_agents")),
        *(f"collaboration.{name}" for name in ("send_message", "spawn_agent", "wait_agent")),
    )
)
"""Tools that only the model itself may call (captured: code_mode/declared)."""
_UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class _Nested:
    """A tool that code may call. `told`: what is said of the namespace."""

    tool: Item
    space: str = ""
    told: str = ""
    server: ServerTool | None = None

    @property
    def name(self) -> str:
        """As code calls it."""
        own = str(self.tool["name"])
        return f"{self.space}__{own}" if self.space else own


def declared_by_space(tools: Sequence[Item], settings: Settings, only: bool) -> list[Item]:
    """The declarations with what code is told of them. `only`: code is all there is, and `exec` describes the rest."""
    if not only:
        return [_for_both(tool, settings) for tool in tools]
    own = [tool for tool in tools if tool.get("name") in _OWN]
    parts = [own[0]["description"], *_sections(tools, settings)]
    kept = (_without_code(tool) for tool in tools if tool not in own and tool["type"] != _SEARCH)
    return [{**own[0], "description": "\n\n".join(parts)}, *own[1:], *(tool for tool in kept if tool is not None)]


def tools_by_space(settings: Settings) -> list[dict[str, str]]:
    """What code may call, by name; a tool of a namespace has what is said of that in its own description."""
    from pycodex.upstream.toolset import tools_for_code

    tools = []
    for each in _nested(tools_for_code(settings), settings):
        own = str(each.tool["name"])
        described = _described(each, settings, each.told.strip())
        tool = {"name": global_name(each.name), "description": described, "told": each.space + own}
        tools.append({**tool, "namespace": each.space, "tool": own} if each.space else tool)
    return sorted(tools, key=lambda tool: tool["name"])


def _nested(tools: Sequence[Item], settings: Settings) -> Iterator[_Nested]:
    servers = settings.mcp
    of_servers = {} if servers is None else {(tool.space or "", tool.given): tool for tool in servers.tools}
    instructions = {} if servers is None else servers.instructions()
    for tool in tools:
        if tool["type"] == "namespace":
            space = str(tool["name"])
            for inner in tool["tools"]:
                if f"{space}.{inner['name']}" not in _APART:
                    told = str(instructions.get(space, tool["description"]))
                    yield _Nested(tool=inner, space=space, told=told, server=of_servers.get((space, inner["name"])))
        elif _called(tool):
            yield _Nested(tool=tool)


def _called(tool: Item) -> bool:
    return tool["type"] in ("function", "custom") and tool["name"] not in (*_OWN, *_APART)


def _without_code(tool: Item) -> Item | None:
    """What is left of a tool, or a namespace, where the model has code for the rest."""
    if tool["type"] != "namespace":
        return None if _called(tool) else tool
    kept = [inner for inner in tool["tools"] if f"{tool['name']}.{inner['name']}" in _APART]
    return {**tool, "tools": kept} if kept else None


def _for_both(tool: Item, settings: Settings) -> Item:
    nested = {each.tool["name"]: each for each in _nested([tool], settings)}
    if tool["type"] != "namespace":
        return {**tool, "description": _described(nested[tool["name"]], settings)} if nested else tool
    described = [
        {**inner, "description": _described(nested[inner["name"]], settings)} if inner["name"] in nested else inner
        for inner in tool["tools"]
    ]
    return {**tool, "tools": described}


def _sections(tools: Sequence[Item], settings: Settings) -> Iterator[str]:
    """Those without a namespace first, then by namespace; one of which nothing is said has no heading."""
    headed: Collection[str] = {""}
    for each in sorted(_nested(tools, settings), key=lambda each: (each.space, each.name)):
        if each.space not in headed and each.told:
            yield f"## {each.space}\n{each.told.strip()}"
        headed = {*headed, each.space}
        yield f"### `{global_name(each.name)}`\n{_described(each, settings).strip()}"


def _described(each: _Nested, settings: Settings, told: str = "") -> str:
    tool = each.tool
    given = "input: string" if tool["type"] == "custom" else f"args: {type_of(tool['parameters'], comments=True)}"
    described = f"{tool['description']}\n\n{told}" if told else tool["description"]
    return declaration(described, each.name, given, _result(each, settings))


def _result(each: _Nested, settings: Settings) -> str:
    if each.server is not None:
        structured = type_of(each.server.definition.get("outputSchema"), comments=True)
        return "CallToolResult" if structured == _UNKNOWN else f"CallToolResult<{structured}>"
    from pycodex.upstream.toolset import PLAIN_IMAGES, facts

    results, name = settings.data.code_results, global_name(each.name)
    plain = f"{name}.plain_images"
    return results.get(plain if plain in results and PLAIN_IMAGES in facts(settings) else name, _UNKNOWN)
