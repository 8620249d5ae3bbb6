"""Which parts of the context the configuration leaves out (captured: context/left_out, context/left_out_later)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pycodex.config_layers import walk_keys

if TYPE_CHECKING:
    from pycodex.settings import Settings
    from pycodex.upstream.dialect import Block

__all__ = ["COLLABORATION_MODE", "ENVIRONMENT", "HOST_SKILLS", "PERMISSIONS", "included", "left_out"]

COLLABORATION_MODE = "collaboration_mode.instructions"
ENVIRONMENT = "environments.environment_context"
HOST_SKILLS = "host_skills.instructions"
PERMISSIONS = "permissions.instructions"


def left_out(settings: Settings) -> frozenset[str]:
    """The kinds of parts that are not said."""
    switches = settings.dialect.context.switches
    raw = settings.config.raw
    return frozenset(kind for kind, (*path, key) in switches.items() if walk_keys(raw, *path).get(key) is False)


def included(blocks: Sequence[Block], settings: Settings) -> list[Block]:
    """The blocks that are said, in order: skills stand before the permissions, or else at the end."""
    gone = left_out(settings)
    kept = [block for block in blocks if block.kind not in gone]
    if PERMISSIONS in gone:
        kept.sort(key=lambda block: block.kind == HOST_SKILLS)
    return kept
