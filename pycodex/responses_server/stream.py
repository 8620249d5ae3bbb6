"""Chunks of a chat/completions answer -> events of a Responses answer, one after another. Pure, incremental.

Items are never interleaved: one is open at a time and streams, what comes for another waits. An item ends when
something follows and nothing more can come for it (a call: its arguments are a whole object), or when the backend says
that it is finished. Every stream ends with exactly one of completed, incomplete, failed. An item that is still open
when an answer fails is none, and neither is the input of a custom tool that was cut off: it has no `done`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from pycodex.responses_server.calls import Calls
from pycodex.responses_server.compact import compaction_item
from pycodex.responses_server.errors import is_error, stream_error
from pycodex.responses_server.ids import item_id
from pycodex.responses_server.request import ChatRequest
from pycodex.responses_server.response import usage_of
from pycodex.responses_server.segments import CallSegment, MessageSegment, ReasoningSegment, Segment

__all__ = ["ChatStream", "Event"]

Event = dict[str, Any]

_INCOMPLETE = {
    "length": "max_output_tokens",
    "max_tokens": "max_output_tokens",
    "model_length": "max_output_tokens",
    "content_filter": "content_filter",
    "content-filter": "content_filter",
    "safety": "content_filter",
}
"""finish_reason -> why the response is incomplete."""
_BROKEN = ("error", "abort", "cancelled", "canceled")
_REASONING = ("reasoning_content", "reasoning")
"""Fields of a delta that hold what was thought; where a backend fills both, they say the same."""
_ENDED = "The backend's stream ended before the answer was finished."


class ChatStream:
    """One answer. `response` is the response object as it begins, and as it ends."""

    def __init__(self, request: ChatRequest, response: dict[str, Any]) -> None:
        self.response = response
        self.finished = False
        """Whether the last event was given."""
        self._request = request
        self._number = 0
        self._queue: list[Segment] = []
        self._calls = Calls()
        self._segments: dict[int, CallSegment] = {}
        self._taken = set(request.call_ids)
        self._output: list[dict[str, Any]] = []
        self._reason: str | None = None
        self._usage: dict[str, Any] | None = None
        self._said: list[str] = []

    @property
    def said_all(self) -> bool:
        """Whether the backend finished its answer; at most its usage is still to come."""
        return self._reason is not None

    def start(self) -> list[Event]:
        """The events before the first chunk."""
        first = {"response": dict(self.response)}
        return [self._event("created", first), self._event("in_progress", first)]

    def feed(self, chunk: Any) -> list[Event]:
        """The events that a chunk brings."""
        if self.finished:
            return []
        if not isinstance(chunk, dict):
            return self.fail({"message": f"The backend sent what is no chunk: {str(chunk)[:200]}"})
        if is_error(chunk):
            return self.fail(chunk)
        found = usage_of(chunk.get("usage"))
        self._usage = found or self._usage
        events: list[Event] = []
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and choice.get("index") in (None, 0):
                events += self._choose(choice)
        if self.finished:  # a choice that broke off
            return events
        if self._reason is not None and found is not None:
            events += self._end()
        return events

    def end(self, *, told: bool = False) -> list[Event]:
        """The events at the end of the backend's stream; `told`: it said [DONE]."""
        if self.finished:
            return []
        if self._reason is None:
            said = bool(self._queue or self._output or self._said)
            if not told or not said or any(isinstance(one, CallSegment) and not one.closable for one in self._queue):
                return self.fail({"message": _ENDED})
            return self._finish("stop") + self._end()
        return self._end()

    def fail(self, error: Any) -> list[Event]:
        """The one event of an answer that failed; an item that was open stays open: it is no item."""
        if self.finished:
            return []
        self.finished = True
        self.response |= {"status": "failed", "output": self._output, "error": stream_error(error)}
        return [self._event("failed", {"response": self.response})]

    def _choose(self, choice: Mapping[str, Any]) -> list[Event]:
        if self._reason is not None:
            return []
        delta = choice.get("delta")
        if isinstance(delta, dict):
            self._take(delta, choice.get("logprobs"))
        elif isinstance(choice.get("message"), dict):
            self._take(self._fresh(choice["message"]), choice.get("logprobs"))
        reason = choice.get("finish_reason")
        events = list(self._advance())
        if isinstance(reason, str) and reason:
            events += self._finish(reason)
        return events

    def _fresh(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """A whole message at the end of a stream, without what came in deltas."""
        rest = dict(message)
        if self._said and isinstance(rest.get("content"), str):
            said = "".join(self._said)
            rest["content"] = rest["content"][len(said) :] if rest["content"].startswith(said) else ""
        if self._calls.all:
            rest.pop("tool_calls", None)
        if any(isinstance(one, ReasoningSegment) for one in self._queue) or any(
            item["type"] == "reasoning" for item in self._output
        ):
            rest = {key: value for key, value in rest.items() if key not in (*_REASONING, "reasoning_details")}
        return rest

    def _take(self, delta: Mapping[str, Any], logprobs: Any) -> None:
        self._think(delta)
        tokens = logprobs.get("content") if isinstance(logprobs, dict) else None
        for kind, text in _texts(delta.get("content")):
            if kind == "thinking":
                self._reasoning("reasoning_content").add(text)
            else:
                self._speak("output_text", text, tokens if isinstance(tokens, list) else [])
                tokens = None
        if isinstance(delta.get("refusal"), str) and delta["refusal"]:
            self._speak("refusal", delta["refusal"], [])
        if isinstance(delta.get("annotations"), list) and delta["annotations"]:
            self._message().annotations += [_annotation(one) for one in delta["annotations"]]
        calls = delta.get("tool_calls")
        if isinstance(calls, dict):
            calls = [calls]
        if not calls and isinstance(delta.get("function_call"), dict):
            calls = [{"index": 0, "function": delta["function_call"]}]
        for fragment in calls if isinstance(calls, list) else ():
            if isinstance(fragment, dict):
                self._call(fragment)

    def _think(self, delta: Mapping[str, Any]) -> None:
        for name in _REASONING:
            text = delta.get(name)
            if isinstance(text, str) and text:
                self._reasoning(name).add(text)
                break
        details = delta.get("reasoning_details")
        if isinstance(details, list) and details:
            self._reasoning("reasoning").add_details(details)

    def _reasoning(self, field: str) -> ReasoningSegment:
        last = self._queue[-1] if self._queue else None
        if not isinstance(last, ReasoningSegment):
            last = ReasoningSegment(field, seals=self._request.seals)
            self._queue.append(last)
        return last

    def _message(self) -> MessageSegment:
        last = self._queue[-1] if self._queue else None
        if not isinstance(last, MessageSegment):
            last = MessageSegment()
            self._queue.append(last)
        return last

    def _speak(self, kind: str, text: str, logprobs: list[Any]) -> None:
        if kind == "output_text":
            self._said.append(text)
        self._message().add(kind, text, logprobs)

    def _call(self, fragment: Mapping[str, Any]) -> None:
        call, begins = self._calls.of(fragment)
        if begins:
            self._segments[id(call)] = CallSegment(call, self._request.plan.restore, self._call_id)
            self._queue.append(self._segments[id(call)])
        self._segments[id(call)].add(call.take(fragment))

    def _call_id(self, given: str | None) -> str:
        """An id that no call of this history has."""
        identity = given if given is not None and given not in self._taken else item_id("call")
        self._taken.add(identity)
        return identity

    def _advance(self, status: str | None = None) -> Iterator[Event]:
        """Let the segment whose turn it is go on; with a `status` all end, the last of them with that."""
        if self._request.compacts:
            return
        while self._queue:
            segment, follows = self._queue[0], len(self._queue) > 1
            ends = status is not None or (follows and segment.closable)
            if segment.empty and (follows or (status is not None and self._output)):
                self._queue.pop(0)
                continue
            if status == "incomplete" and not segment.cuttable:
                self._queue.pop(0)
                continue
            if not segment.began and (segment.ready or ends):
                yield self._event("output_item.added", {"item": segment.opening()}, segment)
                segment.began = True
            if segment.began:
                for name, fields in segment.flush():
                    yield self._event(name, {"item_id": segment.id, **fields}, segment)
            if not ends:
                return
            last = status if status is not None and not follows else "completed"
            for name, fields in segment.close(last):
                yield self._event(name, {"item_id": segment.id, **fields}, segment)
            yield self._event("output_item.done", {"item": segment.done}, segment)
            self._output.append(segment.done)
            self._queue.pop(0)

    def _finish(self, reason: str) -> list[Event]:
        """The backend says that it said everything: items end now, so that calls can run; the rest waits for usage."""
        self._reason = reason
        if reason in _BROKEN:
            return self.fail({"message": f"The backend gave up: finish_reason {reason}."})
        return list(self._advance("incomplete" if reason in _INCOMPLETE else "completed"))

    def _end(self) -> list[Event]:
        if self._request.compacts and self._reason not in _INCOMPLETE and not "".join(self._said).strip():
            return self.fail({"message": "The backend wrote no summary."})
        self.finished = True
        why = _INCOMPLETE.get(self._reason or "")
        events: list[Event] = []
        if self._request.compacts and why is None:
            item = compaction_item("".join(self._said))
            events.append(self._event("output_item.added", {"output_index": 0, "item": item}))
            events.append(self._event("output_item.done", {"output_index": 0, "item": item}))
            self._output.append(item)
        status = "completed" if why is None else "incomplete"
        self.response |= {
            "status": status,
            "output": self._output,
            "usage": self._usage,
            "completed_at": int(time.time()) if why is None else None,
            "incomplete_details": None if why is None else {"reason": why},
        }
        return [*events, self._event(status, {"response": self.response})]

    def _event(self, name: str, fields: dict[str, Any], segment: Segment | None = None) -> Event:
        place = {} if segment is None else {"output_index": len(self._output)}
        event = {"type": f"response.{name}", "sequence_number": self._number, **place, **fields}
        self._number += 1
        return event


def _texts(content: Any) -> Iterator[tuple[str, str]]:
    """(text or thinking, what is said) of a delta's content; some backends give parts."""
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, str) and part:
            yield "text", part
        elif isinstance(part, dict):
            kind = "thinking" if part.get("type") in ("thinking", "reasoning") else "text"
            inner = part.get("thinking") or part.get("text")
            for _, text in _texts(inner):
                yield kind, text


def _annotation(value: Any) -> Any:
    """Chat has the values of a citation inside."""
    if isinstance(value, dict) and isinstance(value.get("url_citation"), Mapping):
        return {"type": "url_citation", **value["url_citation"]}
    return value
