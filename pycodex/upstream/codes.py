"""How versions run code: which tools it has, and which Node runs it. What is heavy is loaded when code is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pycodex.protocol import Item
    from pycodex.settings import Settings

__all__ = [
    "any_node",
    "described_by_space",
    "described_to_code",
    "node_of_settings",
    "offered_by_space",
    "offered_to_code",
]


def offered_by_space(settings: Settings) -> list[dict[str, str]]:
    """Whatever a model would have without code, or would have to search for."""
    from pycodex.upstream.code_spaces import tools_by_space

    return tools_by_space(settings)


def described_by_space(tools: Sequence[Item], settings: Settings, only: bool) -> list[Item]:
    """Each declaration says how code calls the tool; where code is all there is, that of `exec` does."""
    from pycodex.upstream.code_spaces import declared_by_space

    return declared_by_space(tools, settings, only)


def offered_to_code(settings: Settings) -> list[dict[str, str]]:
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
