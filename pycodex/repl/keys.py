"""Which key does what in an interactive session: one row per key and state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.filters import Condition, FilterOrBool
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

if TYPE_CHECKING:
    from pycodex.repl.screen import Screen

__all__ = ["key_bindings"]


def key_bindings(screen: Screen) -> KeyBindings:
    """The keys beside those of the composer itself."""
    keys = KeyBindings()
    asked = Condition(lambda: screen.asked is not None)
    form = Condition(lambda: screen.form is not None)
    busy = Condition(lambda: screen.conversation.busy)
    stops = Condition(lambda: screen.conversation.stoppable)
    picks = Condition(lambda: screen.picker is not None)

    rows: tuple[tuple[str, FilterOrBool, Callable[[KeyPressEvent], None]], ...] = (
        ("up", picks, lambda event: screen.mark(-1)),
        ("left", picks, lambda event: screen.mark(-1)),
        ("right", picks, lambda event: screen.mark(1)),
        ("down", picks, lambda event: screen.mark(1)),
        ("enter", picks, lambda event: screen.pick()),
        ("escape", picks, lambda event: screen.pick_nothing()),
        *((str(number), picks, _number(screen, number)) for number in range(1, 10)),
        ("y", asked, lambda event: screen.decide(allowed=True)),
        ("p", Condition(lambda: screen.asked is not None and bool(screen.asked.prefix)), _allow_for_good(screen)),
        ("n", asked, lambda event: screen.decide(allowed=False)),
        ("escape", asked, lambda event: screen.decide(allowed=False)),
        ("up", form, lambda event: screen.mark(-1)),
        ("down", form, lambda event: screen.mark(1)),
        ("enter", form, lambda event: screen.answer(_taken(event))),
        ("escape", form, lambda event: screen.refuse()),
        ("escape", stops & ~asked & ~form & ~picks, lambda event: screen.conversation.interrupt(send_waiting=True)),
        ("escape", ~stops & ~picks & ~asked & ~form, lambda event: screen.escape(event.current_buffer)),
        ("c-c", stops, lambda event: screen.conversation.interrupt(send_waiting=False)),
        ("c-c", ~stops, lambda event: _clear_or_leave(screen, event)),
        ("c-d", asked | form | picks, lambda event: None),  # as codex-cli at an approval (measured): no way out of it
        ("tab", Condition(lambda: screen.completes_file()), _complete),
        ("tab", busy & ~Condition(lambda: screen.completes_file()), lambda event: screen.enqueue(_taken(event))),
        ("s-tab", ~form & ~busy, lambda event: screen.conversation.switch_mode()),
        ("s-tab", busy, lambda event: None),  # captured: interactive/plan_in_turn
        (Keys.BracketedPaste, True, lambda event: event.current_buffer.insert_text(screen.paste(event.data))),
        ("c-j", True, lambda event: event.current_buffer.insert_text("\n")),
        ("c-z", True, lambda event: event.app.suspend_to_background()),  # `fg` goes on; codex-cli stops so, too
    )
    for name, when, act in rows:
        keys.add(name, filter=when, eager=True)(act)
    return keys


def _allow_for_good(screen: Screen) -> Callable[[KeyPressEvent], None]:
    return lambda event: screen.decide(allowed=True, for_good=True)


def _number(screen: Screen, number: int) -> Callable[[KeyPressEvent], None]:
    return lambda event: screen.pick(number)


def _taken(event: KeyPressEvent) -> str:
    """What is in the composer, which then is empty."""
    text = event.current_buffer.text.strip()
    event.current_buffer.reset(append_to_history=bool(text))
    return text


def _complete(event: KeyPressEvent) -> None:
    """The first file that fits, and the space after it."""
    buffer = event.current_buffer
    found = next(
        iter(buffer.completer.get_completions(buffer.document, CompleteEvent(completion_requested=True))), None
    )
    if found is not None:
        buffer.cancel_completion()
        buffer.apply_completion(found)
        buffer.insert_text(" ")


def _clear_or_leave(screen: Screen, event: KeyPressEvent) -> None:
    if event.current_buffer.text:
        screen.conversation.cleared(_taken(event))
    else:
        event.app.exit(exception=EOFError)
