"""Texts that are entered while a turn runs: they join it where the dialect lets them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.crew.mail import Mailbox, letter_item
from pycodex.protocol import Item, MailRead, NotesRecorded, OutputRecorded
from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop

__all__ = ["Note", "Steering", "tell_note", "tell_notes"]


@dataclass(frozen=True, kw_only=True)
class Note:
    """What the model is to know of what was done beside the turn; `provenance`: by whom, where that is not usual."""

    text: str
    kind: str = "shell.user_command"
    provenance: Mapping[str, Any] | None = None


class Steering:
    """What waits to join the running turn, in order of entry."""

    def __init__(self) -> None:
        self._entered: list[str | Note] = []
        self._prefixes: list[tuple[str, ...]] = []
        self._notices: list[Item] = []
        self._window = False
        self._come = asyncio.Event()
        self.mail = Mailbox()
        """What other agents have written."""
        self.turn_id: str | None = None
        """The turn that runs."""
        self._runs = asyncio.Event()

    def begin(self, turn_id: str) -> None:
        """A turn begins."""
        self.turn_id = turn_id
        self._runs.set()

    def rest(self) -> None:
        """The turn has ended."""
        self.turn_id = None
        self._runs.clear()

    async def until_turn(self) -> None:
        """Wait until a turn runs."""
        await self._runs.wait()

    def put(self, text: str) -> None:
        """Something is entered."""
        self._entered.append(text)
        self._come.set()

    @property
    def waits(self) -> bool:
        """Whether something waits that the user has said."""
        return any(isinstance(each, str) for each in self._entered)

    async def until_waits(self) -> None:
        """Wait until something waits."""
        await self._come.wait()

    def take(self) -> list[str]:
        """What the user has said, which then waits no longer."""
        texts = [each for each in self._entered if isinstance(each, str)]
        self._entered = [each for each in self._entered if not isinstance(each, str)]
        self._come.clear()
        return texts

    def take_all(self) -> list[str | Note]:
        """That and the notes, in the order in which they came (captured: interactive/wait_agent_goes_on)."""
        entered, self._entered = self._entered, []
        self._come.clear()
        return entered

    def put_note(self, note: Note) -> None:
        """The user, or another agent, has done something beside the turn; it does not end an answer."""
        self._entered.append(note)

    def take_notes(self) -> list[Note]:
        """Those notes, which then wait no longer."""
        notes = [each for each in self._entered if isinstance(each, Note)]
        self._entered = [each for each in self._entered if not isinstance(each, Note)]
        return notes

    def put_notice(self, output: Item) -> None:
        """A tool has something to say beside the output of its call."""
        self._notices.append(output)

    def drop_notices(self) -> None:
        """Nobody is told of those (captured: code_mode/interrupted)."""
        self._notices.clear()

    def tell_notices(self, loop: AgentLoop, turn_id: str) -> None:
        """The model is told of those, after the outputs of the calls (captured: code_mode/notify)."""
        notices, self._notices = self._notices, []
        for item in notices:
            loop.context.record(item)
            loop.emit(OutputRecorded(turn_id=turn_id, item=item, at=loop.now()))

    def tell_mail(self, loop: AgentLoop, turn_id: str) -> None:
        """The model reads what other agents have written (captured: agents/v2_told)."""
        for letter in self.mail.take():
            item = loop.context.record(letter_item(letter, loop.context.settings.dialect.ids))
            loop.emit(MailRead(turn_id=turn_id, item=item, triggers=letter.triggers, at=loop.now()))

    def want_window(self) -> None:
        """The model wants a new context window."""
        self._window = True

    def takes_window(self) -> bool:
        """Whether it wanted one since this was asked last."""
        wanted, self._window = self._window, False
        return wanted

    def put_prefix(self, prefix: tuple[str, ...]) -> None:
        """The user allows commands that begin so, from now on."""
        self._prefixes.append(prefix)

    def tell_prefixes(self, loop: AgentLoop, turn_id: str) -> None:
        """The model is told of those."""
        prefixes, self._prefixes = self._prefixes, []
        for prefix in prefixes:
            from pycodex.saved_prefixes import tell_prefix

            tell_prefix(loop, turn_id, prefix)

    async def until_come(self, work: Coroutine[Any, Any, None]) -> None:
        """The work, ended at once where something waits or comes."""
        running, come = asyncio.ensure_future(work), asyncio.ensure_future(self._come.wait())
        try:
            await asyncio.wait({running, come}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await _ended(running)
            raise
        finally:
            come.cancel()
        if running.done():
            running.result()
        else:
            await _ended(running)


def tell_note(loop: AgentLoop, turn_id: str, note: Note) -> None:
    """A note joins the history."""
    tell_notes(loop, turn_id, [note])


def tell_notes(loop: AgentLoop, turn_id: str, notes: Sequence[Note]) -> None:
    """They join the history together (captured: code_mode/agents, whose state of the world comes after all of them)."""
    recorded = [loop.context.record_note("user", note.text, note.kind, note.provenance) for note in notes]
    if recorded:
        loop.emit(NotesRecorded(turn_id=turn_id, items=tuple(recorded)))


async def _ended(task: asyncio.Future[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
