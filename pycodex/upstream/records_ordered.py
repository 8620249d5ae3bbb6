"""Rollout records of the ordered kind: ordinals, metadata on response items, finished items beside them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex import protocol as p
from pycodex.ids import uuid7
from pycodex.subagents import root_of
from pycodex.truncation import history_policy
from pycodex.upstream import thread_records as threads
from pycodex.upstream import turn_records as turns
from pycodex.upstream.agent_records import ToldCall, mail_records, told_call
from pycodex.upstream.compaction_records import CompactionRecords
from pycodex.upstream.contexts import world_state_previous, world_state_snapshot
from pycodex.upstream.goal_records import changed_goal
from pycodex.upstream.item_records import (
    UNPREPARED,
    ItemLedger,
    entered,
    given_up,
    kinds_of_parts,
    paginated,
    quoting,
    told_command,
    told_flat,
    told_item,
    told_of_subagent,
    told_patch,
    told_plan,
)
from pycodex.upstream.mcp_records import Attribution, told_mcp_call
from pycodex.upstream.spoken_items import looks_like_context, recorded_of, told_of_user, told_prompt
from pycodex.upstream.token_records import TokenRecords
from pycodex.upstream.world_state import state_records

if TYPE_CHECKING:
    from pycodex.context import ContextManager
    from pycodex.settings import Settings

__all__ = ["OrderedRecorder"]

_USER = {"provenance": {"type": "user"}}
_HARNESS = {"provenance": {"type": "harness", "hook": False}}
_NOTHING = ("images", "local_images", "audio", "local_audio", "text_elements")
_WAITING, _ASKED = "waiting", "asked"
"""Under which the places of texts among the inputs are kept: of those that wait to join a turn, of others."""


class OrderedRecorder:
    """See `RolloutStyle.recorder`. Counts on where the existing records end."""

    def __init__(self, context: ContextManager, existing: Sequence[Mapping[str, Any]]) -> None:
        self._context = context
        self._begun = bool(existing)
        self._flat = bool(existing) and not any(paginated(record) for record in existing)
        """The thread was begun in an older form of rollout: it goes on in that form (captured: rollout/seeded)."""
        self._existing = existing
        self._state = world_state_previous(existing)
        # silent: nothing of this run is in the history; joined, unasked: what the user says to the goal's turn
        self._settled, self._fresh, self._silent, self._joined, self._unasked = False, True, True, False, False
        self._applied_last: dict[str, Any] | None = None
        self._ordinal = 1 + max((record.get("ordinal", -1) for record in existing), default=-1)
        self._ledger = ItemLedger(existing)
        context.notes, context.sources = self._ledger.notes, self._ledger.sources
        self._compaction = CompactionRecords(context, self._ledger, existing)
        self._turn_id = self._compacted_in = ""
        self._mcp = Attribution(existing, lost=self._flat)
        self._pending: int | None = None
        self._tokens = TokenRecords(context, existing)
        self._commands: dict[str, p.CommandStarted] = {}
        self._turns_of: dict[str, str] = {}
        """By the call: the turn that began the command, which may outlive it."""
        self._patches: dict[str, p.PatchStarted] = {}

    @property
    def _settings(self) -> Settings:
        return self._context.settings

    def __call__(self, event: p.Event) -> list[dict[str, Any]]:
        """The records of one event."""
        records = self._records(event)
        for record in records:
            self._compaction.note(record)
        if self._flat:
            return records
        for record in records:
            fields = dict(record)
            record.clear()
            record.update(ordinal=self._ordinal, **fields)  # between timestamp and type
            self._ordinal += 1
        return records

    def _records(self, event: p.Event) -> list[dict[str, Any]]:
        match event:
            case p.ThreadStarted() if self._context.thread.forked or self._context.thread.cut is not None:
                return self._goes_on()
            case p.ThreadNamed():  # which is kept from then on (captured: interactive/rename_only)
                return [] if self._begun else self._opening()
            case p.TurnStarted():
                self._turn_id = event.turn_id
                self._compaction.running = False
                pursued = event.by == "goal" and self._settings.mode == "prompt"
                self._joined, self._unasked = pursued and bool(event.prompt), pursued and not event.prompt
                records = [turns.started(self._context, event)]
                records += [] if pursued else self._opening(asked=event.by == "prompt")
                return records if event.by == "goal" else [*records[1:], records[0]]  # (captured: tools/goal_resumed)
            case p.CompactionStarted():
                self._compaction.running = True
                if event.phase == "pre_turn" and not self._unasked:  # (captured: interactive/goal_compacted)
                    self._ledger.reserve(_ASKED)
                return []
            case p.CompactionSaid():
                return [self._summed_up(event)]
            case p.ContextCompacted():
                return self._compacted(event)
            case p.ContextRecorded():
                return self._context_records(event)
            case p.UserMessageRecorded():
                return self._user(event)
            case p.NotesRecorded():
                notes = [self._note(each, event.turn_id) for each in event.items]
                return notes if self._state is None else [*notes, *self._state_changed()]
            case p.SampleStarted():
                self._pending = self._ledger.sequence
                return [] if self._state is None else self._state_changed()
            case p.ItemBegan():
                if event.item["type"] == "message":
                    self._ledger.reserve(event.item.get("id"))
                return []
            case p.TextWaits():
                self._ledger.reserve(_WAITING)
                return []
            case p.ItemDone():
                self._read_so_far()
                return self._done(event)
            case p.OutputRecorded():
                return [*self._ledger.verified(event.item, event.turn_id), self._output(event)]
            case p.SampleDone():
                self._read_so_far()
                used = [self._tokens.used(event)] if event.told else []  # captured: server/usage_missing
                return [*used, self._tokens.count()] if self._compaction.running and not event.apart else used
            case p.WindowFilled():
                return [self._tokens.filled(event)]
            case p.RateLimitsRead():
                self._tokens.limit(event)
                return [self._tokens.count()] if event.reached or self._compaction.running else []
            case p.SampleFinished():
                return [self._tokens.count()]
            case p.CommandStarted():
                self._commands[event.call_id] = event
                self._turns_of[event.call_id] = event.turn_id or self._turn_id
                return []
            case p.PatchStarted():
                self._patches[event.call_id] = event
                return []
            case p.PatchEnded() if not self._flat:
                return [self._patch(event)]
            case p.McpToolUsed():
                return self._mcp.use(event)
            case p.McpCallEnded() if not self._flat:
                return [self._told(event.turn_id, told_mcp_call(event), event.started_at, time.time())]
            case _ if isinstance(event, ToldCall) and not self._flat:
                return [self._told(self._turn_id, *told_call(event), event.at)]
            case p.MailRead():
                return mail_records(self._ledger, event)
            case p.CommandAbandoned():
                return self._abandoned(event)
            case p.CommandEnded():
                return [] if self._flat or event.status == "declined" else [self._command(event)]
            case p.TurnAborted():
                return turns.aborted(self._context, self._ledger, event)
            case p.ReviewStarted():
                self._turn_id = event.turn_id
                told = {"type": "EnteredReviewMode", "id": uuid7(), **entered(event)}
                return [*self._opening(asked=False), self._told(event.turn_id, told, event.at, event.at)]
            case p.GoalChanged():
                changed = [self._applied(), *changed_goal(self._context, self._ledger, event)]
                return changed if self._begun else [*self._opening(), *changed]
            case p.SettingsTold():
                return self._chosen() if event.chosen else [self._applied()]
            case p.SubagentTold():
                return [kept for record in event.records if (kept := told_of_subagent(record)) is not None]
            case p.ReviewEnded():
                return self._reviewed(event)
            case p.TurnCompleted() | p.TurnFailed():
                return [turns.completed(self._context, event)]
            case _:
                return []

    def _read_so_far(self) -> None:
        """The model has read what it was sent once it begins to say something (captured: signals/sigint_silent)."""
        if self._pending is not None:
            self._ledger.sampled, self._pending = self._pending, None

    def _reviewed(self, event: p.ReviewEnded) -> list[dict[str, Any]]:
        """What a review leaves; the settings stand before the first item of a thread (captured: review/uncommitted)."""
        opening = [] if self._settled else [self._applied()]
        self._settled = True
        user, item = (
            self._ledger.record(
                each,
                event.turn_id,
                created=each is event.user_item,
                kinds=["unknown"],
                retained=True,
                complete=each is event.item,
                ordered=True,
                after=self._mcp.value if each is event.user_item else {},
                at=event.at,
            )
            for each in (event.user_item, event.item)
        )
        exited = {"type": "ExitedReviewMode", "id": uuid7(), "review_output": event.review}
        said = (exited, told_item(event.item) or {})
        ended, spoken = (self._told(event.turn_id, each, event.at, event.at) for each in said)
        return [*opening, user, ended, item, spoken]

    def _goes_on(self) -> list[dict[str, Any]]:
        """The thread goes on in another rollout (captured: rollout/fork, interactive/backtrack, backtrack_first)."""
        self._begun = True
        meta = {"type": "session_meta", "payload": threads.session_meta(self._context)}
        if not self._existing:
            self._mcp.lose()
            first = self._applied()
            first["payload"]["thread_settings"]["collaboration_mode"]["settings"]["developer_instructions"] = None
            return [meta, first, self._applied()]
        self._existing = [*self._existing, applied := self._applied()]
        return [meta, applied]

    def _opening(self, *, asked: bool = True) -> list[dict[str, Any]]:
        """What stands before a turn. `asked`: somebody prompts; then a program that a person talks to tells its
        settings each time but the first (captured: interactive/three_turns, shell_first)."""
        if self._begun and asked and self._settings.mode == "prompt" and (self._settled or not self._existing):
            changed = self._applied_last not in (None, threads.settings_applied(self._settings))
            return [self._applied() for _ in range(2 if changed else 1)]  # captured: interactive/plan_later
        if self._settled:
            return []
        if self._begun:
            self._settled = True
            changed = threads.settings_changed(self._existing, self._settings)
            if self._settings.subagent is not None:  # captured: agents/given_more
                return []
            return [self._applied() for _ in range(2 if changed else 1)]
        self._begun = True
        return [{"type": "session_meta", "payload": threads.session_meta(self._context)}]

    def _summed_up(self, event: p.CompactionSaid) -> dict[str, Any]:
        attributed, self._silent = self._silent, False
        spoken = event.item["type"] == "message"
        return self._ledger.record(
            event.item,
            event.turn_id,
            kinds=["unknown"] * len(event.item.get("content") or ()) if spoken else (),
            after={"compaction_output": True, **(self._mcp.value if attributed else {})},
        )

    def _compacted(self, event: p.ContextCompacted) -> list[dict[str, Any]]:
        """The new history, and what it says of the context (captured: compact/mid_turn, interactive/compact)."""
        self._compaction.running = False
        record = self._compaction.compacted(event, self._mcp.value, self._tokens.latest)
        self._state = world_state_snapshot(self._settings, self._context.opens_with_tools)
        root = root_of(self._context, event.turn_id)
        self._begun = self._settled = True
        self._compacted_in, self._fresh = event.turn_id, False
        applied = self._applied()
        return [
            record,
            *state_records(None, self._state),
            {"type": "turn_context", "payload": threads.turn_context(self._settings, event.turn_id, root)},
            applied,
            self._tokens.compacted(event),
            self._compaction.told(event),
        ]

    def _context_records(self, event: p.ContextRecorded) -> list[dict[str, Any]]:
        first = self._state is None
        records = [*(self._note(each, event.turn_id) for each in event.items), *self._state_changed()]
        if event.turn_id != self._compacted_in:  # else it is said already (captured: compact/pre_turn)
            payload = threads.turn_context(self._settings, event.turn_id, root_of(self._context, event.turn_id))
            records.append({"type": "turn_context", "payload": payload})
        self._settled = True
        if first or self._joined:
            records.append(self._applied())
        return records

    def _state_changed(self) -> list[dict[str, Any]]:
        before, self._state = self._state, world_state_snapshot(self._settings, self._context.opens_with_tools)
        return state_records(before, self._state)

    def _chosen(self) -> list[dict[str, Any]]:
        last, now = self._applied_last, threads.settings_applied(self._settings)
        same = last == now if last is not None else not threads.settings_changed(self._existing, self._settings)
        if same or not self._begun:  # a thread that has not begun begins with them (captured: interactive/model_first)
            return []
        self._existing = [*self._existing, applied := self._applied()]
        return [applied]

    def _applied(self) -> dict[str, Any]:
        applied = threads.settings_applied(self._settings)
        # What the program's first turn tells is no change (captured: interactive/compact_first, goal_first).
        self._applied_last = applied if self._settings.introduced else None
        return turns.told("thread_settings_applied", thread_id=self._context.thread.id, thread_settings=applied)

    def _note(self, each: p.ContextItem, turn_id: str) -> dict[str, Any]:
        """A message of the program's own; the first item of a run says more (captured: interactive/shell_first)."""
        attributed, self._fresh, self._silent = self._fresh, False, False
        return self._ledger.record(
            each.item,
            turn_id,
            created=True,
            kinds=[part.kind for part in each.parts],
            provenances=[dict(part.provenance) for part in each.parts],
            after=self._mcp.value if attributed else {},
        )

    def _user(self, event: p.UserMessageRecorded) -> list[dict[str, Any]]:
        kinds = kinds_of_parts(event.item, self._settings.dialect.images.undecodable)
        marked = self._fresh or not looks_like_context(event.text)
        self._fresh = self._silent = False
        # What it quotes counts as an input of its own (captured: approvals/again).
        self._ledger.order += bool(event.sources)
        item = self._ledger.record(
            event.item,
            event.turn_id,
            reserved=_WAITING if event.joined else _ASKED,
            created=True,
            kinds=kinds,
            provenances=[_HARNESS if kind == UNPREPARED else _USER for kind in kinds],
            retained=True,
            ordered=True,
            before=quoting(event.sources),
            after=self._mcp.value if marked else {},
            at=event.at,
        )
        if event.sources:
            return [item]
        if self._flat and not event.images:
            return [item, turns.told("user_message", message=event.text, **dict.fromkeys(_NOTHING, ()))]
        return [item, self._told(event.turn_id, told_prompt(event, self._settings), event.at, event.at)]

    def _done(self, event: p.ItemDone) -> list[dict[str, Any]]:
        if not event.kept:
            # A kind that is not kept still takes a place in the sequence (captured).
            self._ledger.sequence += 1
            return []
        item = event.item
        record = self._ledger.record(
            item, event.turn_id, reserved=event.id, **recorded_of(item, self._mcp.value, first=self._fresh)
        )
        self._fresh = self._fresh and item["type"] != "message"
        plans = [] if event.plan is None else [told_plan(event.turn_id, event.plan)]
        planned = [self._told(event.turn_id, plan, event.at, event.at) for plan in plans]
        if event.told is None:
            return [*planned, record]
        if self._flat:
            return [*planned, *told_flat(event.told, raw=self._settings.config.show_raw_agent_reasoning), record]
        told = told_item(event.told) or told_of_user(item)
        return [*planned, *([self._told(event.turn_id, told, event.at, event.at)] if told else []), record]

    def _told(self, turn_id: str, item: Mapping[str, Any], started: float, completed: float) -> dict[str, Any]:
        return turns.told(
            "item_completed",
            thread_id=self._context.thread.id,
            turn_id=turn_id,
            item=item,
            started_at_ms=int(started * 1000),
            completed_at_ms=int(completed * 1000),
        )

    def _output(self, event: p.OutputRecorded) -> dict[str, Any]:
        # 12000 for 10000 tokens, 3000 for 10000 bytes (measured on the binary).
        limit = history_policy(self._settings.truncation_policy, self._settings.dialect.truncate).limit
        item, uncalled = event.item, "call_id" not in event.item  # as a goal's is (captured: tools/goal_reached)
        first, self._fresh = self._fresh and uncalled, self._fresh and not uncalled
        after = self._mcp.after(item, limit, first=first)
        beside = {"additional_context_tool_output": True} if uncalled else {}
        return self._ledger.record(item, event.turn_id, created=True, before=beside, after=after, at=event.at)

    def _command(self, event: p.CommandEnded) -> dict[str, Any]:
        started = self._commands.pop(event.call_id, None)
        began = time.time() - event.duration if started is None else started.started_at
        turn_id = self._turns_of.pop(event.call_id, self._turn_id)
        return self._told(turn_id, told_command(event), began, time.time())

    def _patch(self, event: p.PatchEnded) -> dict[str, Any]:
        return self._told(self._turn_id, told_patch(event), self._patches.pop(event.call_id).started_at, time.time())

    def _abandoned(self, event: p.CommandAbandoned) -> list[dict[str, Any]]:
        """A command that was killed at the end is told of as failed (captured)."""
        if self._flat:
            return []
        known = [each for each in self._commands.values() if each.process_id == event.process_id]
        return [self._command(given_up(each, event.output)) for each in known]
