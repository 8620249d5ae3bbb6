"""Which tools a run declares: the dialect's list, kept or left out by facts of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.protocol import Item

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["declared_tools", "facts"]


def facts(settings: Settings) -> frozenset[str]:
    """The words that ToolEntry.needs may use."""
    row, config = settings.model, settings.config
    found = {
        "apply_patch": bool(row.get("apply_patch_tool_type")),
        "tool_search": bool(row.get("supports_search_tool")),
        "no_tool_search": not row.get("supports_search_tool"),
        "direct": row.get("tool_mode") != "code_mode_only",
        "code_mode": row.get("tool_mode") == "code_mode_only",
        "clock": "clock" in row.get("experimental_supported_tools", ()),
        "no_clock": "clock" not in row.get("experimental_supported_tools", ()),
        "team": row.get("multi_agent_version") == "v2",
        "prompt": settings.mode == "prompt",
        "web_search": config.web_search != "disabled",
        "web": config.provider.is_openai and config.web_search != "disabled",
        "no_web": not config.provider.is_openai or config.web_search == "disabled",
    }
    return frozenset(word for word, true in found.items() if true)


def declared_tools(settings: Settings) -> list[Item]:
    """The tools of a request, in order."""
    words = facts(settings)
    names = [entry.name for entry in settings.dialect.toolset.entries if entry.needs <= words]
    return [_declared(name, settings) for name in names]


def _declared(name: str, settings: Settings) -> Item:
    if name != "web_search":
        return settings.data.tools[name]
    # Full access to the machine comes with live results; so does the setting (captured).
    live = settings.sandbox.mode == "danger-full-access" or settings.config.web_search == "live"
    tool: Item = {"type": "web_search", "external_web_access": live}
    if settings.model.get("web_search_tool_type") == "text_and_image":
        tool["search_content_types"] = ["text", "image"]
    return tool
