"""A team: agents that begin each other, know each other by path, and write to each other (captures: agents/v2_*).

Each has a desk: its place in the team, where its letters come in. One that has answered what it was begun for stays,
and can be given more; whoever began it gets its answer as a letter.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING

from pycodex import rollout, session
from pycodex.crew.child import Wanted, check, child_settings, child_thread, parent_of, role_names
from pycodex.crew.events import NOT_FOUND, AgentActivity, AgentState
from pycodex.crew.inheritance import opened_anew, opened_in_team
from pycodex.crew.mail import Letter
from pycodex.crew.member import Member
from pycodex.crew.paths import ROOT, child_path, is_below, parent_path, resolved
from pycodex.crew.roster import Roster
from pycodex.records import replace
from pycodex.tools.base_tool import ToolError
from pycodex.upstream.toolset import seats
from pycodex.waiting import set_within

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop

__all__ = ["Desk", "Team"]

_FAILED = (
    "Agent errored: {error}\n\nThis agent's turn failed. If you still need this agent, use the available collaboration "
    "tools to give it another task."
)


class Team:
    """All desks of a session, by path; `loop` is that of the first agent."""

    def __init__(self, loop: AgentLoop) -> None:
        self.roster = Roster()
        self.root = Desk(self, loop, ROOT)
        self.desks: dict[str, Desk] = {ROOT: self.root}
        self._tasks = 0
        if loop.context.thread.resumed and not loop.context.settings.ephemeral:
            from pycodex.crew.returning import restore

            restore(self.root)

    def desk(self, path: str) -> Desk:
        """The desk there; raises ToolError."""
        if path not in self.desks:
            raise ToolError(f"live agent path `{path}` not found")
        return self.desks[path]

    def below(self, prefix: str) -> list[Desk]:
        """The desks of an agent and of those that come of it, by path, where somebody is there."""
        return [desk for path, desk in sorted(self.desks.items()) if is_below(path, prefix) and not desk.away]

    def has_room(self) -> bool:
        """Whether one more may be there; of those that do nothing the one leaves whose last task is the oldest."""
        there = [desk for desk in self.desks.values() if not desk.away]
        if len(there) < seats(self.root.loop.context.settings):
            return True
        idle = [desk for desk in there if desk.state.kind not in ("pending_init", "running")]
        if not idle:
            return False
        leaves = min(idle, key=lambda desk: desk.task)
        leaves.away = True
        self.desks[parent_path(leaves.path)].tell_companions()
        return True

    def next_task(self) -> int:
        """The number of a task."""
        self._tasks += 1
        return self._tasks


class Desk:
    """One agent's place in its team; `member` is None for the first one."""

    def __init__(self, team: Team, loop: AgentLoop, path: str) -> None:
        self.team, self.loop, self.path = team, loop, path
        self.member: Member | None = None
        self.away = False
        """Whether the agent has left for another one: it comes back with its next task."""
        self.task = 0
        """The number of its last task."""

    @property
    def state(self) -> AgentState:
        """What the agent does."""
        if self.away:
            return NOT_FOUND
        return AgentState(kind="running") if self.member is None else self.member.state

    @property
    def thread_id(self) -> str:
        """Its thread's id."""
        return self.loop.context.thread.id

    # --- what tools ask for ---

    def find(self, reference: str) -> Desk:
        """The desk that a path, or the id of a thread, means to this agent; raises ToolError."""
        try:
            thread_id = str(uuid.UUID(reference))
        except ValueError:
            return self.team.desk(self.path_of(reference))
        for desk in self.team.desks.values():
            if desk.thread_id == thread_id:
                return desk
        raise ToolError(f"agent with id {thread_id} not found")

    def path_of(self, reference: str) -> str:
        """The path that a reference means, to this agent; raises ToolError."""
        try:
            return resolved(reference, self.path)
        except ValueError as error:
            raise ToolError(str(error)) from None

    def begun(self, name: str, wanted: Wanted, turn_id: str, *, inherits: bool) -> Desk:
        """A new agent, begun in that turn, which has nothing to do yet; `inherits`: it has the history of this one.
        Raises ToolError."""
        # Who it would be is looked at before its name (captured: agents/v2_refused).
        check(self.loop.context.settings, wanted)
        try:
            path = child_path(self.path, name)
        except ValueError as error:
            raise ToolError(str(error)) from None
        context, team = self.loop.context, self.team
        if not team.has_room():
            raise ToolError(context.settings.dialect.toolset.agents.limit)
        if path in team.desks:
            raise ToolError(f"agent path `{path}` already exists")
        names = role_names(context.settings, wanted.role) or context.settings.dialect.toolset.agents.nicknames
        settings = child_settings(
            context.settings,
            wanted,
            depth=path.count("/") - 1,
            nickname=team.roster.name(names),
            parent_id=context.thread.id,
            path=path,
        )
        thread = child_thread(context, parent_of(context, turn_id))
        opened = opened_in_team(settings, context, thread) if inherits else opened_anew(settings, context, thread)
        desk = self.seat(path, opened)
        self.tell_companions()
        return desk

    def seat(self, path: str, opened: session.Session, *, away: bool = False) -> Desk:
        """A desk for an agent that this one has begun, now or once (`away`)."""
        member = Member(self.loop, opened, lambda member: self._changed(desk, member))
        desk = Desk(self.team, member.loop, path)
        desk.member, desk.away, member.loop.crew = member, away, desk
        self.team.desks[path] = desk
        return desk

    def write(self, to: Desk, letter: Letter, turn_id: str) -> None:
        """A letter from this agent, in that turn."""
        if to.member is None:
            to.loop.steering.mail.put(letter)
            return
        if letter.triggers:
            if to.away:
                to.come_back()
            to.task = self.team.next_task()
        to.member.post(letter, parent_of(self.loop.context, turn_id))

    def come_back(self) -> None:
        """The agent goes on with its thread, as one that is taken up again; raises ToolError (captured:
        agents/v2_full)."""
        if not self.team.has_room():
            raise ToolError("collab tool failed: agent thread limit reached")
        context = self.loop.context
        window = context.thread.recorded_window_id or context.thread.context_window_id
        context.thread = replace(context.thread, resumed=True, context_window_id=window)
        if self.member is not None:
            writer, self.member.state = self.member.opened.writer, AgentState(kind="pending_init")
            if writer.path is not None:
                records, _ = rollout.read_rollout(writer.path)
                writer.go_on(context.settings.dialect.rollout.recorder(context, records))
        self.away = False
        self.team.desks[parent_path(self.path)].tell_companions()

    async def wait(self, seconds: float) -> bool:
        """Until a letter comes, if none waits; whether one does."""
        return await set_within(self.loop.steering.mail.come, seconds)

    def tell(
        self, call_id: str, kind: str, about: Desk, *, model: str | None = None, effort: str | None = None
    ) -> None:
        """The rollout is told of something about an agent."""
        told = AgentActivity(
            id=call_id,
            kind=kind,
            agent_id=about.thread_id,
            path=about.path,
            at=time.time(),
            model=model,
            effort=effort,
        )
        self.loop.emit(told)

    async def aclose(self) -> None:
        """End all that this agent has begun, without a word."""
        mine = [desk for desk in self.team.desks.values() if parent_path(desk.path) == self.path and desk.member]
        for desk in mine:
            del self.team.desks[desk.path]
        await asyncio.gather(*(desk.member.aclose() for desk in mine if desk.member is not None))

    # --- what happens to others ---

    def _changed(self, desk: Desk, member: Member) -> None:
        """An agent that this one has begun does something else: its answer, or what went wrong, comes as a letter."""
        if desk.path not in self.team.desks:
            return
        if member.state.kind == "completed":
            self.tell(f"subagent-completed-{member.turn_id}", "completed", desk)
            text = member.state.message or ""
        elif member.state.kind == "errored":
            text = _FAILED.format(error=member.state.message)
        else:
            return
        letter = Letter(kind="FINAL_ANSWER", author=desk.path, recipient=self.path, text=text)
        self.loop.steering.mail.put(letter)

    def tell_companions(self) -> None:
        """The state of the thread lists those that this agent has begun, who have left last."""
        desks = self.team.desks
        mine = sorted(
            (path for path in desks if parent_path(path) == self.path), key=lambda path: (desks[path].away, path)
        )
        context = self.loop.context
        listed = "\n".join(f'<agent name="{path}" />' for path in mine)
        context.change(replace(context.settings, companions=listed))
