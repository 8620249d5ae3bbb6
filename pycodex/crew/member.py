"""One agent that another has begun: it takes what it is given in turns, one after the other, until it is closed."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.crew.events import AgentState, Receiver
from pycodex.ids import uuid7
from pycodex.model import model_beside
from pycodex.protocol import CommandAbandoned, Event, LogLine, TurnAborted, TurnCompleted, TurnFailed
from pycodex.records import replace

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop
    from pycodex.crew.mail import Letter
    from pycodex.guardian import Decision
    from pycodex.session import Session
    from pycodex.subagents import Parent

__all__ = ["Member"]


class Member:
    """`changed` is called when its state is another one."""

    def __init__(self, loop: AgentLoop, opened: Session, changed: Callable[[Member], None]) -> None:
        from pycodex.agent import AgentLoop
        from pycodex.api import builtin_tools

        self.opened = opened
        self.state = AgentState(kind="pending_init")
        self._parent_loop = loop
        self._changed = changed
        self.at_work = asyncio.Event()
        """Set once it has begun to do something."""
        self.turn_id = ""
        """Its last turn."""
        self._given: deque[tuple[str, Sequence[str] | None]] = deque()
        self._wakes = asyncio.Event()
        self._turn: asyncio.Task[None] | None = None
        self._ended: Event | None = None
        self._broken: str | None = None
        settings = opened.context.settings
        self._model = model_beside(loop.model, settings)
        self._tools = builtin_tools(settings, self._note)
        loop.tools.adopt(self._tools)
        self.loop = AgentLoop(self._model, self._tools, opened.context, emit=self._note)
        if loop.person_beside is not None:
            self.loop.person, self.loop.person_beside = self._ask, loop.person_beside
        self._work = asyncio.create_task(self._run())

    @property
    def id(self) -> str:
        """Its thread's id."""
        return self.opened.context.thread.id

    @property
    def receiver(self) -> Receiver:
        """Who it is."""
        subagent = self.opened.context.settings.subagent
        assert subagent is not None
        named = subagent.named
        return Receiver(id=self.id, nickname=named.get("agent_nickname"), role=named.get("agent_role"))

    def give(self, texts: Sequence[str], parent: Parent) -> str:
        """Something to do, by whom: it joins the running turn, or is one. The id of the submission."""
        submission = uuid7()
        if self._turn is not None:
            for text in texts:
                self.loop.steering.put(text)
            return submission
        context = self.opened.context
        context.thread = replace(context.thread, parent=parent)
        self._given.append((submission, texts))
        self._wakes.set()
        return submission

    def post(self, letter: Letter, parent: Parent) -> None:
        """A letter for one of a team, by whom: one who does nothing begins a turn where it is a task."""
        self.loop.steering.mail.put(letter)
        if letter.triggers and self._turn is None:
            context = self.opened.context
            context.thread = replace(context.thread, parent=parent)
            self._given.append((uuid7(), None))
            self._wakes.set()

    async def _ask(self, call_id: str, action: Mapping[str, Any], reason: str | None) -> Decision:
        """Its user is asked (captured: interactive/agent_asks); what is denied ends the turn of this agent alone."""
        assert self.loop.person_beside is not None
        decision = await self.loop.person_beside(call_id, action, reason)
        while decision is None:
            if self._turn is not None:
                self._turn.cancel()
            await asyncio.Event().wait()
        return decision

    async def interrupt(self) -> None:
        """End the running turn."""
        if self._turn is None:
            return
        self._turn.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(self._turn)

    async def _run(self) -> None:
        while True:
            await self._wakes.wait()
            submission, texts = self._given.popleft()
            if not self._given:
                self._wakes.clear()
            self._turn = asyncio.create_task(self._take(submission, texts))
            try:
                await asyncio.shield(self._turn)
            except asyncio.CancelledError:
                if (work := asyncio.current_task()) is not None and work.cancelling():  # it is this loop that ends
                    raise
            except Exception as error:  # whoever waits for the agent is told, and so is its parent
                self._broken = f"{type(error).__name__}: {error}"
            self._turn = None
            if late := self.loop.steering.take():  # what came too late to join
                self._given.append((uuid7(), late))
                self._wakes.set()
            if self.loop.steering.mail.triggers and not self._given:
                self._given.append((uuid7(), None))
                self._wakes.set()
            self._settle()

    async def _take(self, submission: str, texts: Sequence[str] | None) -> None:
        self._ended = self._broken = None
        self.turn_id = submission
        self._become(AgentState(kind="running"))
        self.at_work.set()
        if texts is None:
            await self.loop.run_turn(None, turn_id=submission)
            return
        parts = texts if len(texts) > 1 else ()
        await self.loop.run_turn("".join(texts), parts=parts, turn_id=submission)

    def _settle(self) -> None:
        """What it is after a turn."""
        style = self.opened.context.settings.dialect.toolset.agents
        if self._broken is not None:
            self._become(AgentState(kind="errored", message=self._broken))
            return
        match self._ended:
            case TurnFailed() if not style.failed_is_completed:
                self._become(AgentState(kind="errored", message=self._ended.failure.message))
            case TurnFailed() | TurnCompleted():
                self._become(AgentState(kind="completed", message=self._ended.last_agent_message))
            case _:
                self._become(AgentState(kind="interrupted"))

    def _become(self, state: AgentState) -> None:
        self.state = state
        self._changed(self)

    def _note(self, event: Event) -> None:
        """What happens in its thread; people are told nothing of it but what goes wrong."""
        self.opened.writer(event)
        abandoned = self.opened.context.settings.dialect.toolset.abandoned_log
        if isinstance(event, LogLine):
            self._parent_loop.emit(event)
        elif isinstance(event, CommandAbandoned) and abandoned is not None:
            target, text = abandoned
            self._parent_loop.emit(LogLine(level="ERROR", target=target, message=text.format(thread_id=self.id)))
        elif isinstance(event, TurnCompleted | TurnFailed | TurnAborted):
            self._ended = event

    async def aclose(self) -> None:
        """End what it does, and release what it holds."""
        await self.interrupt()
        self._work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._work
        await self._release()
        self._become(AgentState(kind="shutdown"))

    async def _release(self) -> None:
        """Its agents, tools and connections."""
        self._parent_loop.tools.part_from(self._tools)
        if self.loop.crew is not None:
            await self.loop.crew.aclose()
        await self._tools.aclose()
        if self._model is not self._parent_loop.model:
            await self._model.aclose()
        self.opened.writer.close()
