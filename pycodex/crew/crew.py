"""The agents that one agent has begun: who they are, what they are told, and what it is told of them.

As codex-cli does it (captures: agents/*): each is a thread of its own with its rollout; when one has done what it was
begun for, the agent that began it gets a note, once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycodex import rollout, session
from pycodex.config_layers import walk_keys
from pycodex.crew.child import (
    Wanted,
    check,
    child_settings,
    child_thread,
    parent_of,
    role_names,
    worker_settings,
)
from pycodex.crew.events import NOT_FOUND, AgentState, Receiver
from pycodex.crew.inheritance import opened_anew, opened_with_all, opened_with_said
from pycodex.crew.member import Member
from pycodex.crew.roster import Roster
from pycodex.records import replace
from pycodex.request import compact
from pycodex.steering import Note, tell_note
from pycodex.tools.base_tool import ToolError
from pycodex.waiting import set_within

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop
    from pycodex.crew.job import Job
    from pycodex.settings import Settings

__all__ = ["Crew"]

_KIND = "multi_agent.subagent_notification"
_PROVENANCE = {"provenance": {"type": "tool", "namespace": "multi_agent_v1"}}
_ENDED = ("completed", "errored", "shutdown")


class Crew:
    """The agents that the agent of `loop` has begun; `roster`: what it shares with the one that has begun it."""

    def __init__(self, loop: AgentLoop, roster: Roster | None = None) -> None:
        self._loop = loop
        self.style = loop.context.settings.dialect.toolset.agents
        self._roster = Roster() if roster is None else roster
        self._members: dict[str, Member] = {}
        self._paths: dict[str, Path] = {}
        """Where the threads of those that are closed are."""
        self._watched: set[str] = set()
        """Those whose end is still to be told."""
        self._change = asyncio.Event()
        self._depth = _depth(loop)

    # --- what tools ask for ---

    def check(self, wanted: Wanted) -> None:
        """Raises ToolError where no agent can be like that."""
        check(self._loop.context.settings, wanted)

    def begun(self, wanted: Wanted, forked_by: str | None = None) -> Member:
        """A new agent that has nothing to do yet; `forked_by`: the call that begins it, where it has the history up to
        that. Raises ToolError where there are too many, or the history is not to be had."""
        context = self._loop.context
        candidates = role_names(context.settings, wanted.role) or self.style.nicknames
        self._reserve()
        settings = child_settings(
            context.settings,
            wanted,
            depth=self._depth + 1,
            nickname=self._roster.name(candidates),
            parent_id=context.thread.id,
        )
        try:
            return self._join(self._opened(settings, forked_by))
        except ToolError:
            self._roster.count -= 1
            raise

    def _opened(self, settings: Settings, forked_by: str | None) -> session.Session:
        context = self._loop.context
        thread = child_thread(context, parent_of(context, ""))
        if forked_by is None:
            return opened_anew(settings, context, thread)
        if self.style.forked_output:
            return opened_with_all(settings, context, thread, forked_by)
        return opened_with_said(settings, context, thread)

    def worker(self, job_id: str) -> Member:
        """A new agent for a row of a job, without a name; nobody is told of its end. Raises ToolError as `begun`."""
        context = self._loop.context
        self._reserve()
        settings = worker_settings(context.settings, job_id)
        opened = session.begin(settings, context.git, child_thread(context, parent_of(context, "")))
        return self._join(opened, watched=False)

    def give(self, member: Member, texts: Sequence[str], turn_id: str) -> str:
        """Something to do for an agent; the id of the submission."""
        return member.give(texts, parent_of(self._loop.context, turn_id, member.opened.context.settings.subagent))

    @property
    def limit(self) -> int:
        """How many agents a session may have."""
        settings = self._loop.context.settings
        return int(walk_keys(settings.config.raw, "agents").get("max_threads", self.style.max_threads))

    @contextlib.contextmanager
    def working_on(self, job: Job) -> Iterator[None]:
        """Its workers can report until the end of the block."""
        self._roster.jobs[job.id] = job
        try:
            yield
        finally:
            del self._roster.jobs[job.id]

    def job(self, job_id: str) -> Job | None:
        """A job that is worked on, by whomever it was begun."""
        return self._roster.jobs.get(job_id)

    def resumed(self, agent_id: str) -> AgentState:
        """An agent that was closed is there again; raises ToolError where its thread is not to be found."""
        if agent_id in self._members:
            return self._members[agent_id].state
        path = self._paths.get(agent_id)
        if path is None or not path.is_file():
            raise ToolError(f"agent with id {agent_id} not found")
        self._reserve()
        context = self._loop.context
        records, _ = rollout.read_rollout(path)
        named = _named(records[0].get("payload") or {})
        wanted = Wanted(role=named.get("agent_role"))
        name = named.get("agent_nickname", "")
        parent_id = context.thread.id
        settings = child_settings(context.settings, wanted, depth=self._depth + 1, nickname=name, parent_id=parent_id)
        opened = session.resume(settings, context.git, path)
        parent = parent_of(context, "")
        # Whose history it began with is not told any more (captured: agents/forked_resumed).
        session_id = parent.session_id if self.style.shares_session else None
        opened.context.thread = replace(opened.context.thread, parent=parent, session_id=session_id, forked_from=None)
        member = self._join(opened)
        if self.style.settles_interrupts and records[-1]["payload"].get("type") == "turn_aborted":
            member.state = AgentState(kind="interrupted")
        return member.state

    async def closed(self, agent_id: str) -> AgentState:
        """Close an agent; what it did until then. Raises ToolError where there is none."""
        member = self.member(agent_id)
        state = member.state
        await self._close(member)
        return state

    def member(self, agent_id: str) -> Member:
        """An agent that is there; raises ToolError."""
        if agent_id not in self._members:
            raise ToolError(f"agent with id {agent_id} not found")
        return self._members[agent_id]

    def state(self, agent_id: str) -> AgentState:
        """What an agent does."""
        return self._members[agent_id].state if agent_id in self._members else NOT_FOUND

    def receiver(self, agent_id: str) -> Receiver:
        """Who has that id."""
        return self._members[agent_id].receiver if agent_id in self._members else Receiver(id=agent_id)

    async def wait(self, ids: Collection[str], seconds: float) -> dict[str, AgentState]:
        """Those of these agents that have ended, as soon as there is one; none after so many seconds."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            ended = {each: state for each in ids if (state := self.state(each)).is_final}
            rest = deadline - asyncio.get_running_loop().time()
            if ended or rest <= 0:
                return ended
            self._change.clear()
            await set_within(self._change, rest)

    async def aclose(self) -> None:
        """Close them all, without a word."""
        self._watched.clear()
        for member in list(self._members.values()):
            await self._close(member)

    # --- what happens to them ---

    def _reserve(self) -> None:
        if self._roster.count >= self.limit:
            raise ToolError(self.style.limit.format(limit=self.limit))
        self._roster.count += 1

    def _join(self, opened: session.Session, *, watched: bool = True) -> Member:
        member = Member(self._loop, opened, self._changed)
        member.loop.crew = Crew(member.loop, self._roster)
        self._members[member.id] = member
        if watched:
            self._watched.add(member.id)
        self._tell_companions()
        return member

    async def _close(self, member: Member) -> None:
        await member.aclose()
        self._roster.count -= 1
        self._members.pop(member.id, None)
        if member.opened.writer.path is not None:
            self._paths[member.id] = member.opened.writer.path
        self._tell_companions()

    def _changed(self, member: Member) -> None:
        if member.state.kind in _ENDED and member.id in self._watched:
            self._watched.discard(member.id)
            self._notify(member)
        self._change.set()

    def _notify(self, member: Member) -> None:
        told: dict[str, Any] = {self.style.notified_as: member.id, "status": member.state.to_json()}
        text = compact(told)
        note = Note(
            text=f"<subagent_notification>\n{text}\n</subagent_notification>", kind=_KIND, provenance=_PROVENANCE
        )
        if self._loop.steering.turn_id is not None:
            self._loop.steering.put_note(note)
        else:
            tell_note(self._loop, "", note)

    def _tell_companions(self) -> None:
        """The state of the thread lists them (captured: agents/waited_for, the rollout's world_state)."""
        lines = [f"- {who.id}: {who.nickname}" for _, who in sorted((m.id, m.receiver) for m in self._members.values())]
        context = self._loop.context
        context.change(replace(context.settings, companions="\n".join(lines)))


def _depth(loop: AgentLoop) -> int:
    subagent = loop.context.settings.subagent
    recorded = subagent.recorded if subagent is not None else None
    spawned = recorded.get("thread_spawn") if isinstance(recorded, dict) else None
    return int(spawned["depth"]) if spawned else 0


def _named(meta: Any) -> dict[str, str]:
    return {key: meta[key] for key in ("agent_nickname", "agent_role") if isinstance(meta.get(key), str)}
