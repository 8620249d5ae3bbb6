"""Rollout records of the flat kind: timestamp, type, payload; short events beside each response item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex import protocol as p
from pycodex.citations import shown_text
from pycodex.items import said_by_user
from pycodex.metadata import without_credentials
from pycodex.rollout import stamp
from pycodex.upstream.blocks import agents_text
from pycodex.upstream.instructions import personality
from pycodex.upstream.item_records import told_plan
from pycodex.upstream.permissions import policy_with_memories

if TYPE_CHECKING:
    from pycodex.context import ContextManager
    from pycodex.settings import Settings

__all__ = [
    "FlatRecorder",
    "collaboration_mode",
    "git_record",
    "last_info",
    "session_meta",
    "source",
    "text_content",
    "text_elements",
]

_TAG = "<collaboration_mode>"
_LIMITS = ("limit_id", "limit_name", "primary", "secondary", "credits", "plan_type")


def session_meta(context: ContextManager) -> dict[str, Any]:
    """The payload of the first record."""
    settings, forked_from = context.settings, context.thread.forked_from
    payload: dict[str, Any] = {
        "id": context.thread.id,
        **({} if forked_from is None else {"forked_from_id": forked_from}),
        "timestamp": stamp(context.thread.created_at),
        "cwd": str(settings.cwd),
        "originator": settings.originator,
        "cli_version": settings.dialect.client.version,
        "source": source(settings),
        **(settings.subagent.named if settings.subagent is not None else {}),
        "model_provider": settings.config.provider.id,
        "base_instructions": {"text": context.base_instructions},
    }
    if settings.memory_mode is not None:
        payload["memory_mode"] = settings.memory_mode
    if context.git is not None:
        payload["git"] = git_record(context)
    return payload


class FlatRecorder:
    """See `RolloutStyle.recorder`."""

    def __init__(self, context: ContextManager, existing: Sequence[Mapping[str, Any]]) -> None:
        self._context = context
        self._begun = bool(existing)
        self._info = last_info(existing)
        self._limits: dict[str, Any] | None = None
        counts = (record["payload"] for record in reversed(existing))
        self._told_limits = next((each["rate_limits"] for each in counts if each.get("type") == "token_count"), None)

    def __call__(self, event: p.Event) -> list[dict[str, Any]]:
        """The records of one event."""
        match event:
            case p.ThreadStarted() if (cut := self._context.thread.cut) is not None:
                self._info = self._count(self._context.usage, self._context.last_usage)
                self._limits = self._told_limits
                return [_event("thread_rolled_back", num_turns=cut.prompts), self._token_count()]
            case p.TurnStarted():
                return [*self._meta(), self._started(event)]
            case p.ContextRecorded():
                return [*(_item(each.item) for each in event.items), self._turn_context(event)]
            case p.UserMessageRecorded():
                local = list(event.images)
                places = text_elements(event.text, event.images, self._context.settings)
                told = _event("user_message", message=event.text, images=[], local_images=local, text_elements=places)
                return [_item(event.item), told]
            case p.NotesRecorded():
                return [_item(each.item) for each in event.items]
            case p.RateLimitsRead():
                self._limits = {key: event.limits.get(key) for key in _LIMITS}
                return [self._token_count()]
            case p.ItemDone(kept=True):
                return [*self._planned(event), *self._spoken(event), _item(event.item)]
            case p.OutputRecorded() | p.ReminderRecorded():
                return [_item(event.item)]
            case p.SampleDone():
                if event.told:  # captured: server/usage_missing
                    self._info = self._count(event.thread, event.usage)
                return [self._token_count()]
            case p.WindowFilled():
                self._info = self._count(event.thread, event.last)
                return [self._token_count()]
            case p.ContextCompacted():
                return self._compacted(event)
            case p.ReviewStarted():
                entered = _event("entered_review_mode", target=event.target, user_facing_hint=event.hint)
                return [*self._meta(), entered]
            case p.SubagentTold():
                return [kept for record in event.records if (kept := _told_of_subagent(record)) is not None]
            case p.ReviewEnded():
                exited = _event("exited_review_mode", review_output=event.review)
                return [_item(event.user_item), exited, _item(event.item), *_told(event.item, raw=False)]
            case p.TurnAborted():
                aborted = _event("turn_aborted", turn_id=event.turn_id, reason="interrupted")
                return [_item(event.item), aborted]
            case p.TurnCompleted() | p.TurnFailed():
                last = event.last_agent_message
                return [_event("task_complete", turn_id=event.turn_id, last_agent_message=last)]
            case _:
                return []

    def _planned(self, event: p.ItemDone) -> list[dict[str, Any]]:
        """The plan that an item proposes (captured: interactive/plan_implemented)."""
        if event.plan is None:
            return []
        item = told_plan(event.turn_id, event.plan)
        return [_event("item_completed", thread_id=self._context.thread.id, turn_id=event.turn_id, item=item)]

    def _spoken(self, event: p.ItemDone) -> list[dict[str, Any]]:
        raw = self._context.settings.config.show_raw_agent_reasoning
        return [] if event.told is None else _told(event.told, raw=raw)

    def _meta(self) -> list[dict[str, Any]]:
        if self._begun:
            return []
        self._begun = True
        return [{"type": "session_meta", "payload": session_meta(self._context)}]

    def _started(self, event: p.TurnStarted) -> dict[str, Any]:
        return _event(
            "task_started",
            turn_id=event.turn_id,
            model_context_window=self._context.settings.context_window,
            collaboration_mode_kind=self._context.settings.collaboration,
        )

    def _turn_context(self, event: p.ContextRecorded | p.ContextCompacted) -> dict[str, Any]:
        settings = self._context.settings
        effort = settings.config.model_reasoning_effort
        truncation = settings.truncation_policy
        payload: dict[str, Any] = {
            "turn_id": event.turn_id,
            "cwd": str(settings.cwd),
            "current_date": settings.today,
            "timezone": settings.timezone,
            "approval_policy": settings.approval_policy,
            "sandbox_policy": policy_with_memories(settings),
            "model": settings.model.slug,
            **({"personality": own} if (own := personality(settings)) else {}),
            "collaboration_mode": collaboration_mode(settings),
            "realtime_active": False,
            **({"effort": effort} if effort else {}),
            "summary": settings.reasoning_summary,
        }
        if (text := agents_text(settings)) is not None:
            payload["user_instructions"] = text
        if settings.config.developer_instructions is not None:
            payload["developer_instructions"] = settings.config.developer_instructions
        if settings.output_schema is not None:
            payload["final_output_json_schema"] = settings.output_schema
        payload["truncation_policy"] = {"mode": truncation.kind, "limit": truncation.limit}
        return {"type": "turn_context", "payload": payload}

    def _compacted(self, event: p.ContextCompacted) -> list[dict[str, Any]]:
        # The window is still that of the model that was asked (captured: compact/smaller_model_old).
        asked = {"model_context_window": self._info["model_context_window"]} if self._info else {}
        self._info = {**self._count(event.thread, p.Usage(total_tokens=event.tokens)), **asked}
        payload = {"message": event.message, "replacement_history": list(event.history)}
        return [
            {"type": "compacted", "payload": payload},
            *([self._turn_context(event)] if event.context else []),
            self._token_count(),
            _event("context_compacted"),
        ]

    def _count(self, thread: p.Usage, last: p.Usage) -> dict[str, Any]:
        return {
            "total_token_usage": _usage(thread),
            "last_token_usage": _usage(last),
            "model_context_window": self._context.settings.context_window,
        }

    def _token_count(self) -> dict[str, Any]:
        return _event("token_count", info=self._info, rate_limits=self._limits)


def source(settings: Settings) -> Any:
    """What program began the thread, or what sub-agent it is of."""
    if settings.subagent is not None:
        return {"subagent": settings.subagent.recorded or settings.subagent.kind}
    return "exec" if settings.mode == "exec" else "cli"


def collaboration_mode(settings: Settings) -> dict[str, Any]:
    """How a person and the agent work together; with a person there, in upstream's own words (`prompt.json`)."""
    told = None
    # Whatever the row of a model says; of plan mode 0.169.0 tells less than it keeps.
    if settings.collaborates:
        plans = settings.collaboration == "plan"
        told = settings.data.text("collaboration_mode.plan.kept.md" if plans else "collaboration_mode.md")
    words = {
        "model": settings.model.slug,
        "reasoning_effort": settings.config.model_reasoning_effort,
        "developer_instructions": told and told.removeprefix(_TAG).removesuffix(_TAG.replace("<", "</")),
    }
    return {"mode": settings.collaboration, "settings": words}


def text_elements(text: str, images: Sequence[str], settings: Settings) -> list[dict[str, Any]]:
    """Where a command that is none and images stand in the text, in bytes (captured: interactive/command_words,
    interactive/image_pasted)."""
    found = []
    command = text.partition(" ")[0]
    if settings.mode == "prompt" and command[:1] == "/" and command[1:] in settings.dialect.session.wordless:
        found.append({"byte_range": {"start": 0, "end": len(command.encode())}, "placeholder": command})
    for number in range(1, len(images) + 1):
        place = f"[Image #{number}]"
        before, there, _ = text.partition(place)
        if there:
            start = len(before.encode())
            found.append({"byte_range": {"start": start, "end": start + len(place)}, "placeholder": place})
    return found


def text_content(event: p.UserMessageRecorded, settings: Settings) -> list[dict[str, Any]]:
    """What the user says, as content of an item."""
    texts = event.parts or (event.text,)
    return [
        {"type": "text", "text": text, "text_elements": text_elements(text, event.images, settings)} for text in texts
    ]


def git_record(context: ContextManager) -> dict[str, Any]:
    """The repository, as the first record of a rollout names it; credentials go as turn metadata has them."""
    git = context.git
    if git is None:
        return {}
    url = git.repository_url
    if url is not None and context.settings.dialect.metadata.strip_credentials:
        url = without_credentials(url)
    named = {"commit_hash": git.commit_hash, "branch": git.branch, "repository_url": url}
    return {key: value for key, value in named.items() if value is not None}


def last_info(records: Sequence[Mapping[str, Any]]) -> Any:
    """What the last token_count of a rollout says of the tokens that were used."""
    for record in reversed(records):
        payload = record.get("payload", {})
        if payload.get("type") == "token_count" and payload.get("info") is not None:
            return payload["info"]
    return None


def _usage(usage: p.Usage) -> dict[str, int]:
    return {
        "input_tokens": usage.input_tokens,
        "cached_input_tokens": usage.cached_input_tokens,
        "output_tokens": usage.output_tokens,
        "reasoning_output_tokens": usage.reasoning_output_tokens,
        "total_tokens": usage.total_tokens,
    }


def _item(item: p.Item) -> dict[str, Any]:
    return {"type": "response_item", "payload": item}


def _event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "event_msg", "payload": {"type": kind, **fields}}


_OF_SUBAGENTS = frozenset({"task_started", "user_message", "agent_reasoning", "agent_message"})


def _told_of_subagent(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """A record of a sub-agent, if the rollout of the thread that began it has it too (captured: review/tools)."""
    kept = record["type"] == "event_msg" and record["payload"]["type"] in _OF_SUBAGENTS
    return {"type": record["type"], "payload": record["payload"]} if kept else None


def _told(item: p.Item, *, raw: bool) -> list[dict[str, Any]]:
    """What people are told of an item, before the item itself."""
    if item["type"] == "message" and item["role"] == "assistant":
        return [_event("agent_message", message=shown_text(item), phase=item.get("phase"))]
    if said_by_user(item):  # of the model's own making (captured: answers/user_role)
        texts = [part["text"] for part in item["content"] if part["type"] == "input_text"]
        images = [part["image_url"] for part in item["content"] if part["type"] == "input_image"]
        return [_event("user_message", message="".join(texts), images=images, local_images=[], text_elements=[])]
    if item["type"] == "reasoning":
        shown = [_event("agent_reasoning", text=part["text"]) for part in item["summary"]]
        content = item.get("content") or () if raw else ()
        return shown + [_event("agent_reasoning_raw_content", text=part["text"]) for part in content]
    return []
