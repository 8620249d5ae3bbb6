"""The terminal of an interactive session: a composer at the bottom, what happens above it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from prompt_toolkit import ANSI, PromptSession, print_formatted_text
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.shortcuts import clear

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
from pycodex.repl.commands import run_command
from pycodex.repl.composing import Words, file_word, image_place, pasted_image
from pycodex.repl.conversation import Conversation
from pycodex.repl.form import Form
from pycodex.repl.history import read_history
from pycodex.repl.keys import key_bindings
from pycodex.repl.picker import Picker, shortened
from pycodex.repl.printer import Printer, shown_action
from pycodex.repl.taking_up import Start, choose_thread, take_up
from pycodex.repl.terminal import ended_by_signals, is_dumb
from pycodex.shell import shlex_join

if TYPE_CHECKING:
    from prompt_toolkit.buffer import Buffer

    from pycodex.protocol import Event
    from pycodex.settings import Settings

__all__ = ["Screen", "run_screen"]

_PROMPT = "› "
_WORKING = "• Working (esc to interrupt)"
_PRIMED = "esc again to edit an earlier message"
_PLANNING = "Plan mode (shift-tab leaves it)"
_ASKING = (ApprovalAsked, QuestionsAsked, TurnCompleted)
_ESCAPE = 0.05
"""Seconds in which the rest of a key's sequence comes: a lone Esc is one at once."""


class Screen:
    """`await Screen(settings).run()`: until the person leaves."""

    def __init__(self, settings: Settings, start: Start | None = None) -> None:
        self.start = start or Start()
        self.conversation = Conversation(settings, self._show)
        self._opening: asyncio.Task[None] | None = None
        self._forms: list[Form] = []
        """Questions that wait for an answer, oldest first."""
        self.picker: Picker | None = None
        """A list that the user is to choose from."""
        self._approvals: list[ApprovalAsked] = []
        self._printer = Printer(self.print, settings.cwd)
        self._returned = ""
        self._queued: list[str] = []
        """Texts that are to be turns of their own, oldest first."""
        self._pasted: dict[int, str] = {}
        self._left = self._primed = False
        self._dumb = is_dumb()
        self._working: set[asyncio.Future[None]] = set()
        self._composer: PromptSession[str] = PromptSession(
            self._message,
            history=InMemoryHistory(read_history(settings.config.codex_home)),
            completer=Words(settings.cwd),
            complete_while_typing=True,
            key_bindings=key_bindings(self),
            erase_when_done=True,
        )
        self._composer.app.ttimeoutlen = self._composer.app.timeoutlen = _ESCAPE

    async def run(self) -> None:
        """The session."""
        settings = self.conversation.settings
        with patch_stdout(raw=True):
            self.print(f"pycodex · {settings.model.slug} · {settings.cwd} · /help")
            if self.start.path is not None:
                take_up(self, self.start.path, self._say_first)
            if self.picker is not None or self._opening is None:
                await self.conversation.open()
            if self.start.choose:
                choose_thread(self, self._say_first)
            elif self.start.path is None:
                self._say_first()
            try:
                while not self._left:
                    try:
                        text = await self._composer.prompt_async(default=self._take_returned(), handle_sigint=False)
                    except EOFError:
                        break
                    await self._enter(text)
            finally:
                await self.conversation.close()

    def _say_first(self) -> None:
        prompt, images = self.start.prompt, self.start.images
        if prompt or images:
            self._told(prompt)
            self.conversation.say(prompt, images)

    def later(self, opening: Coroutine[None, None, None]) -> None:
        """Another thread is being opened: what is entered waits for it."""
        self._opening = asyncio.create_task(opening)

    def move(self, settings: Settings) -> None:
        """Go on in another folder."""
        self.conversation.settings = settings
        self._printer = Printer(self.print, settings.cwd)
        self._composer.completer = Words(settings.cwd)

    def print(self, text: str) -> None:
        """Lines above the composer."""
        print_formatted_text(ANSI(text))

    def clear(self) -> None:
        """Nothing stands above the composer any more."""
        clear()

    def leave(self) -> None:
        """End the session."""
        self._left = True

    # --- what keys and commands do ---

    @property
    def asked(self) -> ApprovalAsked | None:
        """What waits to be allowed."""
        return self._approvals[0] if self._approvals else None

    @property
    def form(self) -> Form | None:
        """The questions that are to be answered first."""
        return self._forms[0] if self._forms else None

    def decide(self, *, allowed: bool, for_good: bool = False) -> None:
        """Allow what waits for it, or not; `for_good`: also commands that begin like it."""
        asked = self._approvals.pop(0)
        mark = "\x1b[32m✔\x1b[0m You allowed" if allowed else "\x1b[31m✗\x1b[0m You did not allow"
        what = f"commands that begin with {shlex_join(asked.prefix)}" if for_good else shown_action(asked)
        self.print(f"{mark} {what}")
        self.conversation.decide(Decide(call_id=asked.call_id, allowed=allowed, for_good=for_good), asked.prefix)
        self._redraw()

    def mark(self, by: int) -> None:
        """Mark another option of the question."""
        chosen_from = self.picker or self.form
        if chosen_from is not None:
            chosen_from.move(by)

    def pick(self, number: int | None = None) -> None:
        """Choose from the list."""
        picker, self.picker = self.picker, None
        if picker is not None:
            picker.choose(number)

    def pick_nothing(self) -> None:
        """Leave things as they are."""
        self.picker = None

    def escape(self, buffer: Buffer) -> None:
        """Esc: completions go away; twice in an empty composer: an earlier prompt is to be edited."""
        if buffer.complete_state is not None:
            buffer.cancel_completion()
        elif buffer.text:
            return
        elif not self._primed:
            self._primed = True
        else:
            self._primed = False
            self._go_back()

    def _go_back(self) -> None:
        prompts = self.conversation.prompts()
        if not prompts:
            self.print("There is nothing to go back to.")
            return

        def take(index: int) -> None:
            self._enters(self._edit(prompts[index], len(prompts) - index))

        rows = [(shortened(text), "") for text in prompts]
        self.picker = Picker("Edit a message; it and what came after it are dropped", rows, take, len(rows) - 1)

    async def _edit(self, text: str, back: int) -> None:
        await self.conversation.go_back(back)
        self.print("The conversation is back at this point; files are as they were left.")
        self.give_back(text)

    def answer(self, words: str) -> None:
        """Take the option that is marked, or words; after the last question all are sent."""
        form = self.form
        if form is not None and form.answer(words):
            self._forms.remove(form)
            self.conversation.answer(form.call_id, form.answers)

    def refuse(self) -> None:
        """Give no answer."""
        form = self.form
        if form is not None:
            self._forms.remove(form)
            self.conversation.answer(form.call_id, form.escaped())

    def enqueue(self, text: str) -> None:
        """A turn of its own, once this one has ended."""
        if not text:
            return
        if self.conversation.busy:
            self.print(f"[steer] queued: {text}")
            self._queued.append(text)
        self.conversation.queue(text)

    async def _enter(self, text: str) -> None:
        if self._opening is not None:
            await self._opening
            self._opening = None
        self._primed = False
        stripped = text.strip()
        name, _, rest = stripped[1:].partition(" ")
        said = bool(rest.strip()) and name in self.conversation.settings.dialect.session.wordless
        if text.startswith("/") and "/" not in name and not said:  # a path is no command
            await run_command(self, name, rest.strip())
        elif stripped:
            self._told(stripped)
            if stripped.startswith("!") and stripped[1:].strip():
                self.conversation.run_shell(stripped[1:].strip())
            else:
                images = [path for number, path in self._pasted.items() if image_place(number) in stripped]
                self._pasted.clear()
                self.conversation.say(stripped, images)

    def _told(self, text: str) -> None:
        self.print("\n" + "\n".join(f"\x1b[1m› {line}\x1b[0m" for line in text.split("\n")))

    def paste(self, text: str) -> str:
        """What stands in the composer for what was pasted: a place for the file of an image."""
        path = pasted_image(text, self.conversation.settings.cwd)
        if path is None:
            return text.replace("\r\n", "\n").replace("\r", "\n")
        number = len(self._pasted) + 1
        self._pasted[number] = path
        return image_place(number) + " "

    def completes_file(self) -> bool:
        """Whether what stands before the cursor is the beginning of a file's name."""
        return file_word(self._composer.default_buffer.document.text_before_cursor) is not None

    # --- what happens ---

    def _show(self, event: Event) -> None:
        match event:
            case ApprovalAsked():
                self._approvals.append(event)
            case QuestionsAsked():
                self._forms.append(Form(event))
            case TextsReturned():
                self._queued = [text for text in self._queued if text not in event.texts]
                self.give_back("\n".join(event.texts))
            case TurnCompleted() if self.conversation.has_plan:
                self._forms.clear()
                self.picker = self._asks_to_implement()
            case TurnStarted() | TurnCompleted() | TurnFailed() | TurnAborted():
                self._approvals.clear()
                self._forms.clear()
            case _:
                pass
        if isinstance(event, TurnStarted) and event.prompt in self._queued[:1]:
            self.print(f"[steer] inserted: {self._queued.pop(0)}")
        self._printer.planning = self.conversation.planning
        self._printer(event)
        self._redraw()
        if self._dumb and isinstance(event, _ASKING) and (asks := self._asks()):
            self.print(asks)  # what is drawn there stays as it was

    def _asks_to_implement(self) -> Picker:
        rows = [
            ("Yes", "in default mode"),
            ("Yes, in a fresh thread", "which knows the plan only"),
            ("No", "stay here"),
        ]
        if self.conversation.settings.dialect.session.implement_fresh is None:
            del rows[1]

        def take(index: int) -> None:
            if index == len(rows) - 1:
                return
            self._enters(self._implement(fresh=index == 1))

        return Picker("Implement this plan?", rows, take)

    async def _implement(self, *, fresh: bool) -> None:
        conversation = self.conversation
        text = await conversation.implement_fresh() if fresh else conversation.implement()
        self._told(text)
        conversation.say(text)

    def _enters(self, work: Coroutine[Any, Any, None]) -> None:
        """Something that a key sets off, and that takes a while."""
        task = asyncio.ensure_future(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

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

    def _asks(self) -> str:
        """What waits for the user to decide."""
        if self.asked is not None:
            return _question(self.asked)
        if self.form is not None:
            return self.form.text()
        return "" if self.picker is None else self.picker.text()

    def _message(self) -> FormattedText:
        """What stands before the composer: the line that is being written, a question, whether a turn runs."""
        parts: list[tuple[str, str]] = []
        if self._printer.partial:
            parts.append(("", self._printer.partial + "\n"))
        if asks := self._asks():
            parts.append(("bold", asks + "\n"))
        elif self.conversation.stoppable:
            parts.append(("fg:ansibrightblack", _WORKING + "\n"))
        elif self._primed and not self._composer.default_buffer.text:
            parts.append(("fg:ansibrightblack", _PRIMED + "\n"))
        if self.conversation.planning:
            parts.append(("fg:ansicyan", _PLANNING + "\n"))
        return FormattedText([*parts, ("bold", _PROMPT)])


def _question(asked: ApprovalAsked) -> str:
    action = asked.action
    reason = action.get("justification") or asked.reason
    why = f"\n  Reason: {reason}" if reason else ""
    what = "make the following edits" if action["tool"] == "apply_patch" else "run the following command"
    always = f"p: yes, always for {shlex_join(asked.prefix)} · " if asked.prefix else ""
    return f"Would you like to {what}?{why}\n  {shown_action(asked)}\n  y: yes · {always}n: no, and stop"


async def run_screen(settings: Settings, start: Start) -> None:
    """An interactive session."""
    screen = Screen(settings, start)
    with ended_by_signals(screen.conversation.kill):
        await screen.run()
