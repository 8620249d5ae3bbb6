"""The reviewing model of `--approve-for-me`: a sub-agent that is asked whether an action may leave the sandbox.

As codex-cli does it (captures: approvals/*). It is one thread for all questions of a thread, read-only, and asked
again when its answer cannot be read.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pycodex import session
from pycodex.context import ContextManager, Thread, Turn
from pycodex.guardian_prompt import Words, entries, question
from pycodex.model import model_beside
from pycodex.protocol import Event, LogLine, NotesRecorded, SettingsTold, TurnCompleted, TurnFailed
from pycodex.records import dataclass, replace
from pycodex.rollout import name_thread
from pycodex.skills import Skills
from pycodex.subagents import Parent, Subagent

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop
    from pycodex.settings import Settings
    from pycodex.upstream.reviews import GuardianStyle

__all__ = ["Decision", "Guardian", "guarding_settings"]

_KIND = "guardian"
_NAME = "Guardian review"
_ATTEMPTS = 3
_DENIALS = 3
"""So many in a row end the turn (captured: approvals/denials)."""
_REMINDER = "guardian.followup_review_reminder"
_REMINDED_IN = "auto-compact-1"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Whether the action may be done; `refusal` is the text for the model where it may not."""

    refusal: str | None = None


def guarding_settings(settings: Settings, style: GuardianStyle) -> Settings:
    """The settings of the reviewing model: what the sandbox lets write it may read, and it thinks little."""
    messages = (settings.model.get("model_messages") or {}).get("auto_review") or {}
    template = _text(settings, messages.get("policy_template")) or settings.data.text("guardian.instructions.md")
    usual = _text(settings, messages.get("policy")) or settings.data.text("guardian.policy.md")
    policy = settings.config.raw.get("auto_review", {}).get("policy") or usual
    for place in ("{{ tenant_policy_config }}", "{policy}"):
        template = template.replace(place, policy)
    config = replace(
        settings.config,
        web_search="disabled",
        developer_instructions=None,
        model_reasoning_effort="low",
        model_reasoning_summary=settings.reasoning_summary,
    )
    sandbox = replace(
        settings.sandbox, mode="read-only", writable_roots=(), narrowed=settings.sandbox.mode == "workspace-write"
    )
    return replace(
        settings,
        config=config,
        sandbox=sandbox,
        sandbox_asked_for=True,
        skills=Skills(),
        subagent=Subagent(
            kind=_KIND,
            recorded={"other": _KIND},
            instructions=template,
            unsaid=style.unsaid,
        ),
        output_schema=json.loads(settings.data.text("guardian.schema.json")),
        output_schema_strict=False,
        auto_review=False,
        approvals_reviewer="auto_review",
    )


def _text(settings: Settings, value: Any) -> str | None:
    """A text of a row, which may stand in a file of its own."""
    return settings.data.text(value["$text"]) if isinstance(value, Mapping) else value


class Guardian:
    """Asks about the actions of one thread, one after the other."""

    def __init__(self, loop: AgentLoop, style: GuardianStyle) -> None:
        self._loop = loop
        self._style = style
        self._lock = asyncio.Lock()
        self._child: AgentLoop | None = None
        self._opened: session.Session | None = None
        self._seen = 0
        self._asked = 0
        self._answer: str | None = None
        self._failure: str | None = None
        self._denials = 0

    @property
    def tripped(self) -> bool:
        """Whether so much was denied in this turn that it ends."""
        return self._denials >= _DENIALS

    def begin_turn(self) -> None:
        """Another turn of the thread."""
        self._denials = 0

    async def decide(self, turn: Turn, action: Mapping[str, Any], reason: str | None = None) -> Decision:
        """Ask about an action."""
        async with self._lock:
            for _ in range(_ATTEMPTS):
                await self._ask(turn, action, reason)
                if self._failure is not None:
                    return Decision(refusal=self._failed(self._failure))
                outcome = _outcome(self._answer)
                if outcome is not None:
                    return self._decided(*outcome)
            return Decision(refusal=self._failed(self._style.unreadable))

    def _decided(self, allowed: bool, rationale: str | None) -> Decision:
        if allowed:
            self._denials = 0
            return Decision()
        self._denials += 1
        text = self._loop.context.settings.data.text(self._style.denied)
        return Decision(refusal=text.replace("{rationale}", rationale or self._style.no_rationale))

    def _failed(self, error: str) -> str:
        return self._loop.context.settings.data.text(self._style.failed).replace("{error}", error)

    async def _ask(self, turn: Turn, action: Mapping[str, Any], reason: str | None) -> None:
        child, opened = self._open()
        parent = self._loop.context
        opened.context.thread = replace(opened.context.thread, parent=_parent(parent, turn))
        words = _words(opened.context.settings)
        said = entries(parent.history, parent.sources)
        parts, quoted = question(words, said, seen=self._seen, session=parent.thread.id, action=action, reason=reason)
        self._seen = len(said)
        if self._asked == 1:
            note = opened.context.record_note("developer", words.reminder, _REMINDER)
            opened.writer(NotesRecorded(turn_id=_REMINDED_IN, items=(note,)))
        if self._asked:
            opened.writer(SettingsTold())
        self._asked += 1
        self._answer = self._failure = None
        await child.run_turn(parts[0], parts=parts, sources=quoted)

    def _open(self) -> tuple[AgentLoop, session.Session]:
        if self._child is None or self._opened is None:
            from pycodex.agent import AgentLoop
            from pycodex.api import builtin_tools

            parent = self._loop.context
            settings = guarding_settings(parent.settings, self._style)
            thread = Thread.new(parent.thread.installation_id, "guardian_review")
            thread = replace(
                thread,
                session_id=parent.thread.session_id or parent.thread.id,
                cache_key=f"{_KIND}:{parent.thread.id}",
            )
            self._opened = session.begin(settings, parent.git, thread)
            if not settings.ephemeral:
                name_thread(settings.config.codex_home, thread.id, _NAME)
            model = model_beside(self._loop.model, settings)
            tools = builtin_tools(settings, self._note)
            self._loop.tools.adopt(tools)
            self._child = AgentLoop(model, tools, self._opened.context, emit=self._note)
        return self._child, self._opened

    def _note(self, event: Event) -> None:
        """What happens in its thread; people are told nothing of it but what goes wrong."""
        if self._opened is not None:
            self._opened.writer(event)
        if isinstance(event, LogLine):
            self._loop.emit(event)
        elif isinstance(event, TurnCompleted):
            self._answer = event.last_agent_message
        elif isinstance(event, TurnFailed):
            self._failure = event.failure.message

    async def aclose(self) -> None:
        """Release what its thread holds."""
        if self._child is None or self._opened is None:
            return
        self._loop.tools.part_from(self._child.tools)
        await self._child.tools.aclose()
        if self._child.model is not self._loop.model:
            await self._child.model.aclose()
        self._opened.writer.close()
        self._child = None


def _parent(context: ContextManager, turn: Turn) -> Parent:
    thread = context.thread
    return Parent(
        thread_id=thread.id,
        session_id=thread.session_id or thread.id,
        turn_id=turn.id,
        root_turn_id=turn.id,
        kind=_KIND,
        trigger="guardian_review",
    )


def _words(settings: Settings) -> Words:
    parts = json.loads(settings.data.text("guardian.prompt.json"))
    data = settings.data
    return Words(**parts, reason=data.text("guardian.reason.md"), nothing=data.text("guardian.nothing.md"))


def _outcome(answer: str | None) -> tuple[bool, str | None] | None:
    """Whether the answer allows, and why; None when it cannot be read. JSON may stand amid other words."""
    text = answer or ""
    first, last = text.find("{"), text.rfind("}")
    for part in (text, text[first : last + 1] if 0 <= first < last else ""):
        try:
            value = json.loads(part)
        except ValueError:
            continue
        if isinstance(value, dict) and value.get("outcome") in ("allow", "deny"):
            rationale = value.get("rationale")
            return value["outcome"] == "allow", rationale if isinstance(rationale, str) else None
    return None
