"""How versions run code: which tools it has, and which Node runs it. What is heavy is loaded when code is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pycodex.protocol import Item
    from pycodex.settings import Settings

__all__ = ["any_node", "described_to_code", "node_of_settings", "offered_to_code", "sections_of_exec"]


def sections_of_exec(declared: Sequence[Item], settings: Settings) -> list[dict[str, str]]:
    """The tools that the declaration of `exec` describes, and those of servers."""
    from pycodex.code_mode.nested import code_tools
    from pycodex.upstream.code_tools import tools_of_servers

    found = [*code_tools(declared, "exec"), *tools_of_servers(settings)]
    return sorted(found, key=lambda tool: tool["name"])


def offered_to_code(declared: Sequence[Item], settings: Settings) -> list[dict[str, str]]:
    """Whatever a model would have without code."""
    from pycodex.upstream.code_tools import callable_tools

    return callable_tools(settings)


def described_to_code(tools: Sequence[Item], settings: Settings, only: bool) -> list[Item]:
    """Each declaration says how code calls the tool."""
    from pycodex.upstream.code_tools import declared_for_code

    return declared_for_code(tools, settings, only=only)


def any_node(settings: Settings) -> str:
    """The Node that pycodex brings, else one on PATH. Raises EngineMissing."""
    from pycodex.code_mode.engine import find_engine

    return find_engine(settings.environment)


def node_of_settings(settings: Settings) -> str:
    """The Node that environment or configuration name, else the one on PATH; there is one, or code mode is off."""
    from pycodex.node_runtime import node_path

    return str(settings.cwd / (node_path(settings) or "node"))
