"""How full the context of a thread is, and whether that is reason enough to compact it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pycodex.items import said_by_user
from pycodex.protocol import Item
from pycodex.truncation import approx_tokens

if TYPE_CHECKING:
    from pycodex.context import ContextManager
    from pycodex.settings import Settings
    from pycodex.upstream.compaction import CompactStyle

__all__ = [
    "BY_MODEL_BEFORE",
    "CONTEXT_LIMIT",
    "OTHER_HASH",
    "due",
    "due_before_turn",
    "estimated_tokens",
    "items_added",
    "room",
    "token_limit",
    "unread_tokens",
]

CONTEXT_LIMIT, OTHER_HASH, SMALLER = "context_limit", "comp_hash_changed", "model_downshift"
"""Why a context is compacted without being asked to."""
BY_MODEL_BEFORE = frozenset({OTHER_HASH, SMALLER})
"""Where the model that had the thread sums it up."""
_GENERATED = frozenset(
    {"reasoning", "function_call", "custom_tool_call", "local_shell_call", "web_search_call", "tool_search_call"}
)


def due(context: ContextManager) -> bool:
    """Whether the context has reached the limit: what the last answer took, and what joined since."""
    return room(context) == 0


def room(context: ContextManager) -> int | None:
    """How many tokens the context still takes; None: it takes any."""
    if (limit := token_limit(context.settings)) is None:
        return None
    unread = unread_tokens(context.history, context.settings.dialect.compact)
    return max(limit - context.last_usage.total_tokens - unread, 0)


def due_before_turn(context: ContextManager) -> str | None:
    """Why the thread is to be compacted before its next turn; None: it is not."""
    if context.model_before is not None and context.settings.dialect.compact.hash_counts:
        before, now = context.model_before.get("comp_hash"), context.settings.model.get("comp_hash")
        if before is not None and now is not None and before != now:
            return OTHER_HASH
    if not due(context):
        return None
    return SMALLER if _has_less_room(context) else CONTEXT_LIMIT


def _has_less_room(context: ContextManager) -> bool:
    """Whether the model before this one could hold more (captured: compact/smaller_model)."""
    settings, before = context.settings, (context.model_before or {}).get("model")
    if before is None or before == settings.model.slug:
        return False
    wanted = settings.config.model_context_window
    model = settings.data.model(before, settings.dialect.models.fallback, settings.catalog)[0]
    larger, now = model.window(wanted), settings.model.window(wanted)
    return larger is not None and now is not None and larger > now


def token_limit(settings: Settings) -> int | None:
    """From how many tokens on the context is compacted: nine tenths of the window at most."""
    config = settings.config
    window = settings.model.window(config.model_context_window)
    wanted = config.model_auto_compact_token_limit
    wanted = settings.model.get("auto_compact_token_limit") if wanted is None else wanted
    limits = [each for each in (wanted, None if window is None else window * 9 // 10) if each is not None]
    return min(limits, default=None)


def estimated_tokens(context: ContextManager, *, counts_base: bool = True) -> int:
    """How many tokens the history and the base prompt have; where that opens the history it is counted there
    (captured: code_mode/compact/mid_turn)."""
    base = approx_tokens(len(context.base_instructions.encode())) if counts_base else 0
    return base + sum(map(context.settings.dialect.compact.estimate, context.history))


def unread_tokens(history: Sequence[Item], style: CompactStyle) -> int:
    """What joined since the model said something last, and reasoning that the provider does not count."""
    if not any(map(_is_generated, history)):
        return 0
    said = max((number for number, item in enumerate(history) if said_by_user(item)), default=0)
    older = [item for item in history[:said] if item["type"] == "reasoning" and item.get("encrypted_content")]
    return sum(map(style.estimate, [*items_added(history), *older]))


def items_added(history: Sequence[Item]) -> Sequence[Item]:
    """What joined since the model said something last."""
    last = max((number for number, item in enumerate(history) if _is_generated(item)), default=len(history))
    return history[last + 1 :]


def _is_generated(item: Item) -> bool:
    return item["type"] in _GENERATED or (item["type"] == "message" and item["role"] == "assistant")
