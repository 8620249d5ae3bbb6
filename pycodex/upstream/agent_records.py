"""What rollouts are told of calls that people are to know of; what people are told of those about other agents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pycodex.crew.events import AgentActivity, AgentCallEnded, AgentCallStarted, AgentState, MailRead, Receiver
from pycodex.tool_events import ImageViewed, MessageSent, Slept
from pycodex.upstream.contexts import COLLABORATION
from pycodex.upstream.item_records import ItemLedger, file_url

__all__ = ["ToldCall", "agent_words", "agent_words_in_full", "mail_records", "told_call"]

_KINDS = {
    "spawn_agent": "SpawnAgent",
    "send_input": "SendInput",
    "wait": "Wait",
    "close_agent": "CloseAgent",
    "resume_agent": "ResumeAgent",
}


ToldCall = AgentActivity | AgentCallEnded | ImageViewed | MessageSent | Slept
"""Calls of which rollouts tell people something."""


def told_call(event: ToldCall) -> tuple[dict[str, Any], float]:
    """The item of a rollout for a call that has one, and when the call began (captured: agents/*)."""
    if isinstance(event, AgentCallEnded):
        return _told_agents(event), event.started_at
    if isinstance(event, AgentActivity):
        return _told_activity(event), event.at
    if isinstance(event, Slept):
        told = {"type": "Extension", "kind": "clock.sleep", "id": event.call_id, "durationMs": event.milliseconds}
        return told, event.started_at
    if isinstance(event, MessageSent):
        said = {"type": "AgentMessage", "id": event.call_id, "content": [{"type": "Text", "text": event.text}]}
        asked = {"questions": list(event.questions)} if event.questions else {}
        return {**said, "phase": "final_answer", "delivery": "async", **asked}, event.at
    return {"type": "ImageView", "id": event.call_id, "path": file_url(event.path)}, event.at


def _told_agents(event: AgentCallEnded) -> dict[str, Any]:
    call = event.call
    began = {"model": event.model, "reasoning_effort": event.effort}
    return {
        "type": "CollabAgentToolCall",
        "id": call.call_id,
        "tool": call.tool,
        "status": "failed" if event.failed else "completed",
        "sender_thread_id": call.sender,
        "receiver_thread_ids": list(dict.fromkeys(receiver.id for receiver in call.receivers)),
        "receiver_agents": [_receiver(each) for each in call.receivers],
        **({"prompt": call.prompt} if call.prompt is not None else {}),
        **{key: value for key, value in began.items() if value is not None},
        "agents_states": {name: state.to_json() for name, state in event.states.items()},
    }


def _told_activity(event: AgentActivity) -> dict[str, Any]:
    return {
        "type": "SubAgentActivity",
        "model": event.model,
        "reasoning_effort": event.effort,
        "id": event.id,
        "kind": event.kind,
        "agent_thread_id": event.agent_id,
        "agent_path": event.path,
    }


def mail_records(ledger: ItemLedger, event: MailRead) -> list[dict[str, Any]]:
    """A letter of another agent, and whether one begins a turn on it (captured: agents/v2_waited_for)."""
    sources = [dict(COLLABORATION)] * len(event.item["content"])
    letter = ledger.record(event.item, event.turn_id, created=True, provenances=sources, ordered=True, at=event.at)
    return [{"type": "inter_agent_communication_metadata", "payload": {"trigger_turn": event.triggers}}, letter]


def _receiver(receiver: Receiver) -> dict[str, str]:
    named = {"agent_nickname": receiver.nickname, "agent_role": receiver.role}
    return {"thread_id": receiver.id, **{key: value for key, value in named.items() if value is not None}}


def agent_words(event: AgentCallStarted | AgentCallEnded) -> Iterator[str]:
    """0.169.0: that a call begins."""
    if isinstance(event, AgentCallStarted):
        yield f"collab: {_KINDS[event.tool]}"


def agent_words_in_full(event: AgentCallStarted | AgentCallEnded) -> Iterator[str]:
    """0.115.0: how a call begins and how it ends, with the agents that it is about."""
    told = event if isinstance(event, AgentCallStarted) else event.call
    prompt = "" if told.prompt is None else f', prompt="{told.prompt}"'
    call = f"{told.tool}({told.call_id}{prompt})"
    many = told.tool == "wait"
    if isinstance(event, AgentCallStarted):
        yield f"collab {call}"
        if told.receivers:
            yield f"  receiver{'s' * many}: {', '.join(receiver.id for receiver in told.receivers)}"
        return
    states = list(event.states.items())
    if many:
        yield f"{call} {len(states)} agents complete:" if states else f"{call} timed out:"
        for name, state in states:
            yield f"  {name} {_state(state)}"
        return
    yield f"{call} {_state(states[0][1]) if states else 'failed'}:"
    for name, _ in states:
        yield f"  {'agent' if told.tool == 'spawn_agent' else 'receiver'}: {name}"


def _state(state: AgentState) -> str:
    kind = state.kind.replace("_", " ")
    return kind if state.message is None else f'{kind}: "{state.message}"'
