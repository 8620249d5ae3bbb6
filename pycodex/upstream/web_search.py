"""The declaration of the tool that the provider runs: `web_search` (captured: config/web_search_tool)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycodex.config_layers import walk_keys
from pycodex.protocol import Item

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["web_search_tool"]

_PLACE = ("country", "region", "city", "timezone")


def web_search_tool(settings: Settings) -> Item:
    """With live results or kept ones, and narrowed as the table `tools.web_search` says."""
    indexed = settings.config.web_search == "indexed"
    tool: Item = {"type": "web_search", "external_web_access": indexed or _live(settings)}
    if indexed:
        tool["indexed_web_access"] = True
    tool |= _narrowed(settings)
    if settings.model.get("web_search_tool_type") == "text_and_image":
        tool["search_content_types"] = ["text", "image"]
    return tool


def _live(settings: Settings) -> bool:
    """Full access to the machine comes with live results; so does the setting, and where there is none the feature."""
    sandbox = settings.sandbox
    if sandbox.mode == "danger-full-access" and sandbox.network and settings.profile is None:
        return True
    if settings.config.web_search is not None:
        return settings.config.web_search == "live"
    return "web_search_request" in settings.features and "web_search_cached" not in settings.features


def _narrowed(settings: Settings) -> dict[str, Any]:
    table = walk_keys(settings.config.raw, "tools", "web_search")
    found: dict[str, Any] = {}
    if "allowed_domains" in table:
        found["filters"] = {"allowed_domains": table["allowed_domains"]}
    if "location" in table:
        place = table["location"]
        found["user_location"] = {"type": "approximate", **{key: place[key] for key in _PLACE if key in place}}
    if "context_size" in table:
        found["search_context_size"] = table["context_size"]
    return found
