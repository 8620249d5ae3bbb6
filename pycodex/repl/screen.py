"""The terminal of an interactive session: a composer at the bottom, what happens above it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prompt_toolkit import ANSI, PromptSession, print_formatted_text
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout

from pycodex.protocol import (
    ApprovalAsked,
    Decide,
    QuestionsAsked,
    TextsReturned,
    TurnAborted,
    TurnCompleted,
    TurnFailed,
    TurnStarted,
)
from pycodex.repl.commands import COMMANDS, run_command
from pycodex.repl.conversation import Conversation
from pycodex.repl.form import Form
from pycodex.repl.history import read_history
from pycodex.repl.keys import key_bindings
from pycodex.repl.printer import Printer
from pycodex.shell import shlex_join

if TYPE_CHECKING:
    from pathlib import Path

    from pycodex.protocol import Event
    from pycodex.settings import Settings

__all__ = ["Screen", "run_screen"]

_PROMPT = "› "
_WORKING = "• Working (esc to interrupt)"
_PLANNING = "Plan mode (shift-tab leaves it)"
_ESCAPE = 0.05
"""Seconds in which the rest of a key's sequence comes: a lone Esc is one at once."""


class Screen:
    """`await Screen(settings).run()`: until the person leaves."""

    def __init__(self, settings: Settings) -> None:
        self.conversation = Conversation(settings, self._show)
        self.form: Form | None = None
        """Questions that wait for an answer."""
        self._approvals: list[ApprovalAsked] = []
        self._printer = Printer(self.print)
        self._returned = ""
        self._left = False
        self._composer: PromptSession[str] = PromptSession(
            self._message,
            history=InMemoryHistory(read_history(settings.config.codex_home)),
            completer=WordCompleter([f"/{name}" for name in COMMANDS], sentence=True),
            complete_while_typing=False,
            key_bindings=key_bindings(self),
            erase_when_done=True,
        )
        self._composer.app.ttimeoutlen = self._composer.app.timeoutlen = _ESCAPE

    async def run(self, path: Path | None = None) -> None:
        """The session; `path`: the rollout of the thread to go on with."""
        settings = self.conversation.settings
        with patch_stdout(raw=True):
            self.print(f"pycodex · {settings.model.slug} · {settings.cwd} · /help")
            await self.conversation.open(path)
            try:
                while not self._left:
                    try:
                        text = await self._composer.prompt_async(default=self._take_returned())
                    except EOFError:
                        break
                    await self._enter(text)
            finally:
                await self.conversation.close()

    def print(self, text: str) -> None:
        """Lines above the composer."""
        print_formatted_text(ANSI(text))

    def leave(self) -> None:
        """End the session."""
        self._left = True

    # --- what keys and commands do ---

    @property
    def asked(self) -> ApprovalAsked | None:
        """What waits to be allowed."""
        return self._approvals[0] if self._approvals else None

    def decide(self, *, allowed: bool) -> None:
        """Allow what waits for it, or not."""
        self.conversation.decide(Decide(call_id=self._approvals.pop(0).call_id, allowed=allowed))
        self._redraw()

    def mark(self, by: int) -> None:
        """Mark another option of the question."""
        if self.form is not None:
            self.form.move(by)

    def answer(self, words: str) -> None:
        """Take the option that is marked, or words; after the last question all are sent."""
        form = self.form
        if form is not None and form.answer(words):
            self.form = None
            self.conversation.answer(form.call_id, form.answers)

    def refuse(self) -> None:
        """Give no answer."""
        form, self.form = self.form, None
        if form is not None:
            self.conversation.answer(form.call_id, None)

    def enqueue(self, text: str) -> None:
        """A turn of its own, once this one has ended."""
        if not text:
            return
        if self.conversation.busy:
            self.print(f"[steer] queued: {text}")
        self.conversation.queue(text)

    async def _enter(self, text: str) -> None:
        stripped = text.strip()
        name, _, rest = stripped[1:].partition(" ")
        if text.startswith("/") and "/" not in name:  # a path is no command
            await run_command(self, name, rest.strip())
        elif stripped:
            self.print("\n" + "\n".join(f"\x1b[1m› {line}\x1b[0m" for line in stripped.split("\n")))
            if stripped.startswith("!") and stripped[1:].strip():
                self.conversation.run_shell(stripped[1:].strip())
            else:
                self.conversation.say(stripped)

    # --- what happens ---

    def _show(self, event: Event) -> None:
        match event:
            case ApprovalAsked():
                self._approvals.append(event)
            case QuestionsAsked():
                self.form = Form(event)
            case TextsReturned():
                self.give_back("\n".join(event.texts))
            case TurnStarted() | TurnCompleted() | TurnFailed() | TurnAborted():
                self._approvals.clear()
                self.form = None
            case _:
                pass
        self._printer(event)
        self._redraw()

    def give_back(self, text: str) -> None:
        """A text that was not sent stands in the composer again."""
        if self._composer.app.is_running:
            self._composer.default_buffer.insert_text(text)
        else:
            self._returned = text

    def _take_returned(self) -> str:
        text, self._returned = self._returned, ""
        return text

    def _redraw(self) -> None:
        if self._composer.app.is_running:
            self._composer.app.invalidate()

    def _message(self) -> FormattedText:
        """What stands before the composer: the line that is being written, a question, whether a turn runs."""
        parts: list[tuple[str, str]] = []
        if self._printer.partial:
            parts.append(("", self._printer.partial + "\n"))
        if self.asked is not None:
            parts.append(("bold", _question(self.asked) + "\n"))
        elif self.form is not None:
            parts.append(("bold", self.form.text() + "\n"))
        elif self.conversation.busy:
            parts.append(("fg:ansibrightblack", _WORKING + "\n"))
        if self.conversation.planning:
            parts.append(("fg:ansicyan", _PLANNING + "\n"))
        return FormattedText([*parts, ("bold", _PROMPT)])


def _question(asked: ApprovalAsked) -> str:
    action = asked.action
    reason = action.get("justification") or asked.reason
    why = f"\n  Reason: {reason}" if reason else ""
    if action["tool"] == "apply_patch":
        what, shown = "make the following edits", ", ".join(action["files"])
    else:
        what, shown = "run the following command", shlex_join(action["command"])
    return f"Would you like to {what}?{why}\n  {shown}\n  y: yes · n: no, and stop"


async def run_screen(settings: Settings, path: Path | None = None) -> None:
    """An interactive session; `path`: the rollout of the thread to go on with."""
    screen = Screen(settings)
    try:
        await screen.run(path)
    except asyncio.CancelledError:
        screen.conversation.kill()
        raise
