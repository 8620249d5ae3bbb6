"""Which key does what in an interactive session: one row per key and state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from prompt_toolkit.filters import Condition, FilterOrBool
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

if TYPE_CHECKING:
    from pycodex.repl.screen import Screen

__all__ = ["key_bindings"]


def key_bindings(screen: Screen) -> KeyBindings:
    """The keys beside those of the composer itself."""
    keys = KeyBindings()
    asked = Condition(lambda: screen.asked is not None)
    form = Condition(lambda: screen.form is not None)
    busy = Condition(lambda: screen.conversation.busy)

    rows: tuple[tuple[str, FilterOrBool, Callable[[KeyPressEvent], None]], ...] = (
        ("y", asked, lambda event: screen.decide(allowed=True)),
        ("n", asked, lambda event: screen.decide(allowed=False)),
        ("escape", asked, lambda event: screen.decide(allowed=False)),
        ("up", form, lambda event: screen.mark(-1)),
        ("down", form, lambda event: screen.mark(1)),
        ("enter", form, lambda event: screen.answer(_taken(event))),
        ("escape", form, lambda event: screen.refuse()),
        ("escape", busy & ~asked & ~form, lambda event: screen.conversation.interrupt(send_waiting=True)),
        ("escape", ~busy, lambda event: event.current_buffer.cancel_completion()),
        ("c-c", busy, lambda event: screen.conversation.interrupt(send_waiting=False)),
        ("c-c", ~busy, lambda event: _clear_or_leave(screen, event)),
        ("tab", busy, lambda event: screen.enqueue(_taken(event))),
        ("s-tab", ~form, lambda event: screen.conversation.switch_mode()),
        ("c-j", True, lambda event: event.current_buffer.insert_text("\n")),
    )
    for name, when, act in rows:
        keys.add(name, filter=when, eager=True)(act)
    return keys


def _taken(event: KeyPressEvent) -> str:
    """What is in the composer, which then is empty."""
    text = event.current_buffer.text.strip()
    event.current_buffer.reset(append_to_history=bool(text))
    return text


def _clear_or_leave(screen: Screen, event: KeyPressEvent) -> None:
    if event.current_buffer.text:
        screen.conversation.cleared(_taken(event))
    else:
        event.app.exit(exception=EOFError)
