"""What a thread is told of its context window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.protocol import Part

if TYPE_CHECKING:
    from pycodex.context import Thread
    from pycodex.settings import Settings

__all__ = ["ROOT", "no_window", "tells_window", "told_window"]

ROOT = "/root"
"""The name of the agent that a person talks to."""

_PROVENANCE = {"provenance": {"type": "harness", "hook": False}}


def tells_window(settings: Settings) -> bool:
    """Whether the thread is told: with the feature, of a model whose window is known (captured: tools/declared_new)."""
    known = settings.model.window(settings.config.model_context_window) is not None
    return known and "token_budget" in settings.features


def no_window(settings: Settings, thread: Thread) -> list[Part]:
    """Nothing."""
    return []


def told_window(settings: Settings, thread: Thread) -> list[Part]:
    """Which window it is, with the feature token_budget: three parts (captured: tools/context_remaining)."""
    if not tells_window(settings):
        return []
    rows = {
        "Agent name": ROOT,
        "First context window id": thread.first_window_id or thread.context_window_id,
        "Current context window id": thread.context_window_id,
        "Previous context window id": thread.previous_window_id,
    }
    lines = "".join(f"{name}: {value}\n" for name, value in rows.items() if value is not None)
    texts = ("<context_window>", f"\n{lines}", "</context_window>")
    return [Part(text=text, kind="token_budget.context_window", provenance=_PROVENANCE) for text in texts]
