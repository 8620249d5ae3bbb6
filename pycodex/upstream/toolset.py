"""Which tools a run declares: the dialect's list, kept or left out by facts of the run."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pycodex.config_layers import walk_keys
from pycodex.features import table_of
from pycodex.protocol import Item
from pycodex.records import dataclass
from pycodex.upstream.web_search import web_search_tool

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = [
    "PLAIN_IMAGES",
    "SEATS",
    "ModelList",
    "agents_version",
    "answered_names",
    "code_unadvertised",
    "configured_agents",
    "declared_names",
    "declared_tools",
    "deferred_spaces",
    "facts",
    "fits",
    "offered_agents",
    "plain_images",
    "seats",
    "spaced_names",
    "tools_for_code",
]

Agents = Literal["v1", "v2", "disabled"]
_SPAWN = "spawn_agent"


@dataclass(frozen=True, kw_only=True)
class ModelList:
    """How the declaration of `spawn_agent` lists the models of a catalog that was given in a file.

    `block` finds the list in the exported text. `row` may use {name} {slug} {description} {default} {efforts} {tiers};
    `effort` may use {effort} {description}; `tiers` {names}.
    """

    block: str
    heading: str = ""
    row: str
    effort: str
    default_effort: str | None = None
    """Of the effort that is the default, where it is told apart."""
    efforts: str = "{efforts}"
    tiers: str = ""
    limit: int | None = None
    nothing: str
    """Stands in place of the list when no model is shown."""

    def shown(self, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The first of the models that people are shown, in the order of their priority."""
        return self.allowed(rows)[: self.limit]

    def allowed(self, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """All of them, each of which may be named (captured: agents/v2_roles)."""
        shown = sorted((row for row in rows if row["visibility"] == "list"), key=lambda row: int(row["priority"]))
        return [row for row in shown if row["supported_in_api"]]

    def text(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """The list of those models."""
        lines = [self._line(row) for row in self.shown(rows)]
        return self.heading + "".join(lines) if lines else self.nothing

    def _line(self, row: Mapping[str, Any]) -> str:
        default = row.get("default_reasoning_level")
        efforts = [self._effort(level, default) for level in row["supported_reasoning_levels"]]
        tiers = [tier["id"] for tier in row.get("service_tiers") or ()]
        return self.row.format(
            name=row["display_name"],
            slug=row["slug"],
            description=row.get("description") or "",
            default=default or "none",
            efforts=self.efforts.format(efforts=", ".join(efforts)) if efforts or self.default_effort is None else "",
            tiers=self.tiers.format(names=", ".join(tiers)) if tiers else "",
        )

    def _effort(self, level: Mapping[str, str], default: str | None) -> str:
        text = self.default_effort if self.default_effort and level["effort"] == default else self.effort
        return text.format(**level)


def agents_version(settings: Settings) -> Agents:
    """Which kind of other agents the model may have (captured: tools/declared_new).

    A thread keeps what it began with (captured: rollout/switch_models). Else the feature counts most, then the switch
    for all agents, then the catalog, then the older feature.
    """
    kinds: tuple[Agents, ...] = ("v1", "v2", "disabled")
    for version in (settings.agents, configured_agents(settings), settings.model.get("multi_agent_version")):
        if version in kinds:
            return kinds[kinds.index(version)]
    return "v1" if "multi_agent" in settings.features else "disabled"


def configured_agents(settings: Settings) -> Agents | None:
    """The same, where the configuration leaves the catalog no choice."""
    if settings.subagent is not None:
        return settings.subagent.agents
    if "multi_agent_v2" in settings.features:
        return "v2"
    return "disabled" if settings.config.raw.get("agents", {}).get("enabled") is False else None


SEATS = 4
"""How many agents of a team there may be at once, the first among them, where nobody says another number."""


def seats(settings: Settings) -> int:
    """The same, as the configuration has it (captured: agents/v2_full, agents/v2_seats)."""
    told = table_of(settings.config.feature_tables, "multi_agent_v2").get("max_concurrent_threads_per_session")
    return told if isinstance(told, int) else SEATS


def offered_agents(settings: Settings) -> Agents:
    """Which kind of other agents the model may begin: those deep down begin none (captured: agents/deeper)."""
    begins = settings.subagent is None or settings.subagent.begins
    return agents_version(settings) if begins else "disabled"


def facts(settings: Settings) -> frozenset[str]:
    """The words that ToolEntry.needs may use, beside `feature:NAME`, `tool:NAME`, and `shell:`, `patch:` and
    `subagent:KIND`."""
    row, config = settings.model, settings.config
    mode, lite = _mode(settings), bool(row.get("use_responses_lite"))
    extra = row.get("experimental_supported_tools", ())
    found = {
        "apply_patch": bool(row.get("apply_patch_tool_type")),
        "tool_search": bool(row.get("supports_search_tool")),
        "code": mode != _DIRECT,
        "code_only": mode == _CODE_ONLY,
        PLAIN_IMAGES: plain_images(settings),
        "clock": "clock" in extra,
        "detail": bool(row.get("supports_image_detail_original")),
        "prompt": settings.mode == "prompt",
        "web_search": config.web_search != "disabled" and not lite,
        "asks": _asks(settings),
        "root": settings.subagent is None,
        "roles": _has_roles(settings),
        "mcp": settings.mcp is not None,
        "mcp_tools": settings.mcp is not None and bool(settings.mcp.tools),
        "update_plan": walk_keys(config.raw, "tools", "update_plan").get("enabled") is True,
        "sleeps": table_of(config.feature_tables, "current_time_reminder").get("sleep_tool") is True,
        "web": lite and config.provider.is_openai and config.web_search != "disabled",
    }
    return frozenset(
        {
            *(word for word, true in found.items() if true),
            *(f"feature:{name}" for name, on in settings.features.enabled.items() if on),
            *(f"tool:{name}" for name in extra),
            f"shell:{row.get('shell_type', settings.dialect.models.shell_type)}",
            f"patch:{row.get('apply_patch_tool_type')}",
            f"agents:{offered_agents(settings)}",
            f"subagent:{settings.subagent.kind if settings.subagent is not None else None}",
        }
    )


def fits(needs: Iterable[str], words: Collection[str]) -> bool:
    """Whether each need is met: `a` is a fact, `!a` is none, `a|b` where one of several is enough."""
    return all(any(_holds(part, words) for part in need.split("|")) for need in needs)


def _holds(word: str, words: Collection[str]) -> bool:
    return word[1:] not in words if word.startswith("!") else word in words


def declared_tools(settings: Settings) -> list[Item]:
    """The tools of a request, in order."""
    words = facts(settings)
    tools = _fitting(words, settings)
    code = settings.dialect.toolset.code
    if code is not None and "code" in words:
        tools = code.declared(tools, settings, "code_only" in words)
    return _in_one_namespace(tools) if settings.model.get("use_responses_lite") else tools


def tools_for_code(settings: Settings) -> list[Item]:
    """What code may call, where there is code: all there is, and what a model has to search for."""
    words, code = facts(settings), settings.dialect.toolset.code
    if code is None or "code" not in words:
        return []
    tools = _fitting(words | code.facts, settings)
    return [*tools, *deferred_spaces(settings)] if "tool_search" in words else tools


PLAIN_IMAGES = "plain_images"
"""The fact that code neither asks for a detail of an image nor is told one."""
_DIRECT, _CODE, _CODE_ONLY = "direct", "code_mode", "code_mode_only"


def _mode(settings: Settings) -> str:
    """Whether a model has code, alone or beside the other tools: as its row says, else by the features (captured:
    code_mode/declared_modes)."""
    told = settings.model.get("tool_mode")
    if told in (_DIRECT, _CODE, _CODE_ONLY):
        return str(told)
    if _CODE not in settings.features:
        return _DIRECT
    return _CODE_ONLY if _CODE_ONLY in settings.features else _CODE


def plain_images(settings: Settings) -> bool:
    """Whether that is so: where the feature counts for the model (captured: code_mode/declared,
    code_mode/unadvertised)."""
    row = settings.model
    counts = bool(row.get("use_responses_lite") or row.get("supports_image_detail_original"))
    return counts and "unified_image_budget" in settings.features


def code_unadvertised(settings: Settings) -> bool:
    """Whether it is the features alone that give a model code."""
    return settings.model.get("tool_mode") not in (_DIRECT, _CODE, _CODE_ONLY) and _mode(settings) != _DIRECT


def _fitting(words: Collection[str], settings: Settings) -> list[Item]:
    names = [entry.name for entry in settings.dialect.toolset.entries if fits(entry.needs, words)]
    return [tool for name in names for tool in _declared_of(name, settings)]


def deferred_spaces(settings: Settings) -> list[Item]:
    """The namespaces that a model has to search for."""
    own = [_declared("multi_agent_v1", settings)] if offered_agents(settings) == "v1" else []
    return [*([] if settings.mcp is None else settings.mcp.declarations()), *own]


def answered_names(settings: Settings, declared: Sequence[Item]) -> set[str]:
    """The names of tools that may be called: of the `declared` ones, and, where code is the only tool, of those that
    code may use, whoever calls them (captured: tools/code_mode_direct)."""
    if "code_only" in (words := facts(settings)):
        declared = [*declared, *_fitting(words, settings)]
    names = declared_names(declared)
    return {name for name in names if settings.data.tools.get(name, {}).get("type") in ("function", "custom")}


def declared_names(tools: Sequence[Item]) -> set[str]:
    """The names of tools and of those in the namespace that holds the usual ones."""
    inner = [tool for item in tools if item.get("name") == _USUAL for tool in item["tools"]]
    return {str(tool.get("name") or tool["type"]) for tool in (*tools, *inner)}


def spaced_names(tools: Sequence[Item]) -> set[str]:
    """The names of tools in namespaces: `clock.sleep`."""
    spaces = (item for item in tools if item["type"] == "namespace" and item["name"] != _USUAL)
    return {f"{item['name']}.{tool['name']}" for item in spaces for tool in item["tools"]}


_USUAL = "functions"


def _in_one_namespace(tools: Sequence[Item]) -> list[Item]:
    """Functions in a namespace of their own, before the other namespaces."""
    plain = [tool for tool in tools if tool["type"] != "namespace"]
    first: Item = {"type": "namespace", "name": _USUAL, "description": "", "tools": plain}
    return [first, *(tool for tool in tools if tool["type"] == "namespace")]


def _declared_of(name: str, settings: Settings) -> list[Item]:
    """A tool, or all those of MCP servers."""
    if name != "mcp":
        return [_declared(name, settings)]
    return [] if settings.mcp is None else settings.mcp.declarations()


def _declared(name: str, settings: Settings) -> Item:
    if name == "web_search":
        return web_search_tool(settings)
    declared = _for_spawn(_with_models(settings.data.tools[name], settings), settings)
    if not _asks(settings):
        declared = _without_tools(declared, _QUESTIONS)
    if settings.subagent is not None:  # (captured: agents/v2_deeper, agents/forked_model)
        declared = _without_tools(declared, _QUESTIONS[1:])
    refused = settings.dialect.toolset.login_follows_setting and not settings.config.allow_login_shell
    return _without_argument(declared, "login") if refused else declared


def _asks(settings: Settings) -> bool:
    """Whether the model may ask the user (captured: tools/switches)."""
    table = walk_keys(settings.config.raw, "tools", "experimental_request_user_input")
    return not settings.dialect.toolset.questions_follow_setting or table.get("enabled") is not False


_QUESTIONS = ("request_user_input", "request_user_input_async")


def _without_tools(space: Item, names: Collection[str]) -> Item:
    if space["type"] != "namespace":
        return space
    return {**space, "tools": [tool for tool in space["tools"] if tool.get("name") not in names]}


def _has_roles(settings: Settings) -> bool:
    tables = walk_keys(settings.config.raw, "agents")
    return any(isinstance(table, Mapping) for table in tables.values())


def _for_spawn(tool: Item, settings: Settings) -> Item:
    """The declaration with the user's roles for other agents."""
    if not _has_roles(settings):
        return tool
    from pycodex.agent_roles import configured_roles, with_roles

    roles = configured_roles(settings.config.raw)
    if tool["type"] == "namespace":
        return {**tool, "tools": [with_roles(inner, roles) for inner in tool["tools"]]}
    return with_roles(tool, roles)


def _without_argument(tool: Item, name: str) -> Item:
    properties = tool.get("parameters", {}).get("properties", {})
    if name not in properties:
        return tool
    kept = {key: value for key, value in properties.items() if key != name}
    return {**tool, "parameters": {**tool["parameters"], "properties": kept}}


def _with_models(tool: Item, settings: Settings) -> Item:
    """The declaration with the models of the catalog that was given in a file or by the provider."""
    rows = settings.data.offered if settings.catalog is None else settings.catalog
    if rows is None:
        return tool
    if tool["type"] == "namespace":
        return {**tool, "tools": [_with_models(inner, settings) for inner in tool["tools"]]}
    if tool.get("name") != _SPAWN:
        return tool
    style = settings.dialect.toolset.models
    if agents_version(settings) == "v2":
        # Models that may have no agents cannot be one (capture: tools/declared_new).
        rows = [row for row in rows if row.get("multi_agent_version") != "disabled"]
    shown = style.text(rows)
    return {**tool, "description": re.sub(style.block, lambda _: shown, tool["description"], count=1)}
