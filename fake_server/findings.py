"""What is wrong with an answer of a Responses server, as far as codex-cli trips over it, and beyond that. Pure.

Two readers look at one answer. The first reads as leniently as codex-cli reads: only finished items and
`response.completed` count, and each row of FAULTS is something that this reader loses or gives up at; its name is the
name of the scenario `captures/scenarios/server/NAME.yaml`, whose recordings say what a codex user sees. The second is
the strict grammar (grammar.py): what only that one notices is the row `grammar`.

To add a fault, write its row, its scenario, and the check that finds it.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fake_server.bodies import header
from fake_server.friendly import offered_tools
from fake_server.grammar import check_events
from fake_server.journal import MESSAGE, Exchange, Head

__all__ = ["FAULTS", "Finding", "Given", "Stream", "find_faults", "read_stream"]

FAULTS: Mapping[str, str] = {
    "status_400": "accept what the request has, or say in error.message what is wrong with it: it is told as it stands",
    "status_400_context": "this is the answer to give when the input is too long",
    "status_401": "accept the key; if it is wrong, say so in error.message",
    "status_404": "serve POST /v1/responses",
    "status_404_model": "serve the model that the request names",
    "status_413": "answer 400 with error.code context_length_exceeded: with another status it is not understood",
    "status_422": "accept what the request has; answer 400 what can never pass: every other 4xx is asked again",
    "status_429": "send Retry-After in whole seconds with a 429 that will pass",
    "status_429_fraction": "send Retry-After in whole seconds: a fraction is not read",
    "status_429_seconds": "nothing: this is how to say when to come again",
    "status_500": "find the error in the server's log: a 5xx is asked again at both levels, 30 times in all by default",
    "json_answer": "stream: the request says stream true, always; content-type text/event-stream",
    "chat_chunks": "send events of the Responses API, not chunks of chat completions",
    "type_in_event_line": "put `type` into the data of each event; event: lines are not read",
    "no_last_blank_line": "end every event with a blank line, the last one too",
    "done_marker": "end with response.completed; [DONE] is not read",
    "closed_early": "end every answer with response.completed, response.failed or response.incomplete",
    "silent": "send events while the model thinks; a comment is not enough to reset the clock",
    "error_event": "send response.failed with error.code and error.message; an event of type error is not read",
    "failed": "find out why the server failed; give error.code a value that says whether to ask again",
    "incomplete": "finish the answer: raise the server's own limit of output tokens",
    "completed_without_id": "give response.completed a response with a string id",
    "usage_in_part": "give usage all of input_tokens, output_tokens and total_tokens, or leave it null",
    "usage_of_chat": "name the counts input_tokens and output_tokens, not as chat completions do",
    "usage_missing": "send usage: without it the context is never compacted",
    "end_turn_false": "leave end_turn out, unless the model is to be asked again",
    "deltas_only": "send response.output_item.done with the whole item: deltas are only shown while it is written",
    "output_in_completed_only": "send response.output_item.done for each item: response.output is not read",
    "item_done_twice": "send response.output_item.done once for each item",
    "item_after_completed": "send response.completed last",
    "content_string": "make content a list of parts: [{type: output_text, text: ...}]",
    "content_part_text": "name the parts of an assistant's message output_text",
    "arguments_object": "send arguments as a string of JSON, not as an object",
    "arguments_in_deltas_only": "repeat the whole arguments in the finished item",
    "arguments_not_json": "constrain calls to the tool's schema: arguments must parse as JSON",
    "call_without_call_id": "give each call a call_id",
    "same_call_id": "give each call a call_id of its own",
    "undeclared_tool": "let the model call only the tools of the request, by their own names",
    "reasoning_without_summary": "give a reasoning item a summary, an empty list at least",
    "schema_ignored": "constrain the message to text.format: nobody checks it after you",
    "grammar": "follow the order, numbers and ids of the events: other clients do not pass over this",
}
"""Fault -> what the server's author can do."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong: the row of FAULTS, what was seen in words, and the fix where it is not the row's."""

    fault: str
    detail: str
    advice: str = ""

    @property
    def fix(self) -> str:
        return self.advice or FAULTS[self.fault]


@dataclass(frozen=True, kw_only=True)
class Given:
    """An answer as a client got it; `end` as in a journal, or `silent` where the client gave up waiting."""

    status: int
    head: Head = ()
    body: bytes = b""
    end: str = "complete"
    messages: bool = False

    @classmethod
    def of(cls, exchange: Exchange) -> "Given":
        """The answer of an exchange; of a WebSocket, the messages that answered one."""
        return cls(
            status=exchange.status,
            head=exchange.response_head,
            body=exchange.response_body,
            end=exchange.end,
            messages=exchange.method == MESSAGE,
        )

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def error(self) -> Mapping[str, Any]:
        """The `error` of a plain answer; empty where it has none."""
        try:
            found = json.loads(self.text).get("error")
        except (ValueError, AttributeError):
            return {}
        return found if isinstance(found, Mapping) else {"message": found}


@dataclass(frozen=True, kw_only=True)
class Stream:
    """A stream as codex-cli reads it: events with a type; data without one by what it is; what no blank line ended."""

    events: Sequence[Mapping[str, Any]]
    untyped: Sequence[Any] = ()
    named: Sequence[str] = ()
    tail: str = ""


def find_faults(given: Given, request: Any = None) -> list[Finding]:
    """Everything that is wrong with an answer to a request that should have passed, the gravest first.

    `request` is the body that was answered; with it, calls are held against the tools that it declares.
    """
    if given.status != 200:
        return [_status(given)]
    stream = read_stream(given)
    found = [*_ends(given, stream), *_items(stream, request)]
    broken = check_events(stream.events)
    if broken and not found:
        more = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
        found.append(Finding(fault="grammar", detail=broken[0] + more))
    return found


def read_stream(given: Given) -> Stream:
    """The events of an answer."""
    if given.messages:
        values = [_json(line) for line in given.text.splitlines()]
        return Stream(events=[v for v in values if _typed(v)], untyped=[v for v in values if not _typed(v)])
    text = given.text.replace("\r\n", "\n")
    *blocks, tail = text.split("\n\n")
    events, untyped, named = [], [], []
    for block in blocks:
        lines = block.split("\n")
        data = "\n".join(line[5:].removeprefix(" ") for line in lines if line.startswith("data:"))
        if not data:
            continue
        value = _json(data)
        if _typed(value):
            events.append(value)
        else:
            untyped.append(value)
            named += [line[6:].strip() for line in lines if line.startswith("event:")]
    return Stream(events=events, untyped=untyped, named=named, tail=tail.strip())


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _typed(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("type"), str)


def _status(given: Given) -> Finding:
    words = str(given.error.get("message") or given.text)[:300] or "nothing"
    detail = f"HTTP {given.status}, saying: {words}"
    code = given.error.get("code")
    if code == "context_length_exceeded":
        return Finding(fault="status_400_context" if given.status == 400 else "status_413", detail=detail)
    if given.status == 429:
        wait = header(given.head, "retry-after")
        kind = "status_429" if wait is None else "status_429_seconds" if wait.isdigit() else "status_429_fraction"
        return Finding(fault=kind, detail=f"{detail}; Retry-After: {wait or 'none'}")
    if given.status == 404 and code == "model_not_found":
        return Finding(fault="status_404_model", detail=detail)
    known = f"status_{given.status}" if f"status_{given.status}" in FAULTS else "status_422"
    return Finding(fault="status_500" if given.status >= 500 else known, detail=detail)


def _ends(given: Given, stream: Stream) -> Iterator[Finding]:
    """Whether and how the answer ends: at most one finding on that, then what response.completed lacks."""
    by_type = {str(event["type"]): event for event in reversed(stream.events)}
    last = by_type.get("response.completed")
    if last is None:
        yield _unfinished(given, stream, by_type)
        return
    response = last.get("response")
    usage = response.get("usage") if isinstance(response, Mapping) else None
    if not isinstance(response, Mapping) or not isinstance(response.get("id"), str):
        yield Finding(fault="completed_without_id", detail="response.completed has no response.id")
    elif usage is None:
        yield Finding(fault="usage_missing", detail="response.completed has no usage")
    elif not isinstance(usage, Mapping) or not _counts(usage):
        kind = "usage_of_chat" if isinstance(usage, Mapping) and "prompt_tokens" in usage else "usage_in_part"
        yield Finding(fault=kind, detail=f"usage is {json.dumps(usage)[:200]}")
    if isinstance(response, Mapping) and response.get("end_turn") is False:
        yield Finding(fault="end_turn_false", detail="response.completed says end_turn false")


def _counts(usage: Mapping[str, Any]) -> bool:
    return all(isinstance(usage.get(key), int) for key in ("input_tokens", "output_tokens", "total_tokens"))


def _unfinished(given: Given, stream: Stream, by_type: Mapping[str, Mapping[str, Any]]) -> Finding:
    """Why there is no response.completed: the first row that explains it."""
    chunks = [v for v in stream.untyped if isinstance(v, Mapping) and v.get("object") == "chat.completion.chunk"]
    failed, incomplete, error = (by_type.get(name) for name in ("response.failed", "response.incomplete", "error"))
    if chunks:
        return Finding(fault="chat_chunks", detail=f"{len(chunks)} chunks of chat completions")
    if not stream.events and stream.named:
        return Finding(fault="type_in_event_line", detail=f"no data has a type; event: lines say {stream.named[0]}")
    if not stream.events and stream.tail.startswith("{"):
        return Finding(fault="json_answer", detail=f"{header(given.head, 'content-type')}: {stream.tail[:100]}")
    if failed is not None:
        told = failed.get("response")
        return Finding(fault="failed", detail=f"error: {json.dumps(told.get('error') if told else told)}")
    if incomplete is not None:
        told = incomplete.get("response") or {}
        return Finding(fault="incomplete", detail=f"incomplete_details: {json.dumps(told.get('incomplete_details'))}")
    if given.end in ("silent", "fault: stall", "client_closed"):
        return Finding(fault="silent", detail=f"nothing came after {_last(stream)}, and the connection stayed open")
    if "response.completed" in stream.tail:
        return Finding(fault="no_last_blank_line", detail="no blank line ends response.completed")
    if error is not None:
        return Finding(fault="error_event", detail=json.dumps(error)[:300])
    if "[DONE]" in (*stream.untyped, stream.tail.removeprefix("data:").strip()):
        return Finding(fault="done_marker", detail=f"[DONE] came after {_last(stream)}, and no response.completed")
    return Finding(fault="closed_early", detail=f"the stream ended ({given.end}) after {_last(stream)}")


def _last(stream: Stream) -> str:
    return str(stream.events[-1]["type"]) if stream.events else "no event"


def _items(stream: Stream, request: Any) -> Iterator[Finding]:
    names = [event["type"] for event in stream.events]
    end = names.index("response.completed") if "response.completed" in names else len(names)
    done = [event["item"] for event in stream.events[:end] if _finishes(event)]
    if any(_finishes(event) for event in stream.events[end:]):
        yield Finding(fault="item_after_completed", detail="an item was done after response.completed")
    ids = Counter(str(item["id"]) for item in done if item.get("id"))
    if twice := [each for each, count in ids.items() if count > 1]:
        yield Finding(fault="item_done_twice", detail=f"the item {twice[0]} was done {ids[twice[0]]} times")
    calls = Counter(str(item["call_id"]) for item in done if item.get("call_id") and ids[str(item.get("id"))] < 2)
    if twice := [each for each, count in calls.items() if count > 1]:
        yield Finding(fault="same_call_id", detail=f"{calls[twice[0]]} calls have the call_id {twice[0]}")
    yield from _lost(stream, end, done)
    for item in done:
        kind = str(item.get("type"))
        if kind in _OF_ITEM:
            yield from _OF_ITEM[kind](item, stream, request)


def _finishes(event: Mapping[str, Any]) -> bool:
    return event["type"] == "response.output_item.done" and isinstance(event.get("item"), Mapping)


def _lost(stream: Stream, end: int, done: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """What was told otherwise than by finished items."""
    said = "".join(str(e.get("delta", "")) for e in stream.events if e["type"] == "response.output_text.delta")
    if said and not any(item.get("type") == "message" for item in done):
        yield Finding(fault="deltas_only", detail=f"the text {said[:80]!r} was never part of a finished item")
        return
    last = stream.events[end].get("response") if end < len(stream.events) else None
    output = last.get("output") if isinstance(last, Mapping) else None
    if isinstance(output, list) and len(output) > len(done):
        detail = f"response.output has {len(output)} items, {len(done)} were done"
        yield Finding(fault="output_in_completed_only", detail=detail)


def _message(item: Mapping[str, Any], stream: Stream, request: Any) -> Iterator[Finding]:
    content = item.get("content")
    if isinstance(content, str):
        yield Finding(fault="content_string", detail=f"content is the text {content[:80]!r}")
    for part in content if isinstance(content, list) else []:
        if isinstance(part, Mapping) and part.get("type") == "text":
            yield Finding(fault="content_part_text", detail="a part of the message is of type text")


def _call(item: Mapping[str, Any], stream: Stream, request: Any) -> Iterator[Finding]:
    name, arguments = item.get("name"), item.get("arguments")
    if not isinstance(item.get("call_id"), str):
        yield Finding(fault="call_without_call_id", detail=f"the call of {name} has no call_id")
    if isinstance(arguments, Mapping):
        yield Finding(fault="arguments_object", detail=f"the arguments of {name} are an object")
    elif not isinstance(_json(str(arguments)), Mapping):
        of_call = [e for e in stream.events if e["type"].startswith("response.function_call_arguments.")]
        told = any(e.get("delta") or e.get("arguments") for e in of_call)
        kind = "arguments_in_deltas_only" if not arguments and told else "arguments_not_json"
        yield Finding(fault=kind, detail=f"the arguments of {name} are {arguments!r}"[:300])
    yield from _declared(item, request)


def _custom_call(item: Mapping[str, Any], stream: Stream, request: Any) -> Iterator[Finding]:
    if not isinstance(item.get("call_id"), str):
        yield Finding(fault="call_without_call_id", detail=f"the call of {item.get('name')} has no call_id")
    yield from _declared(item, request)


def _declared(item: Mapping[str, Any], request: Any) -> Iterator[Finding]:
    offered = sorted(set(offered_tools(request)))
    if offered and item.get("name") not in offered:
        detail = f"a call of {item.get('name')}; declared are {', '.join(offered)}"
        yield Finding(fault="undeclared_tool", detail=detail)


def _reasoning(item: Mapping[str, Any], stream: Stream, request: Any) -> Iterator[Finding]:
    if not isinstance(item.get("summary"), list):
        yield Finding(fault="reasoning_without_summary", detail="a reasoning item has no summary")


_OF_ITEM = {
    "message": _message,
    "function_call": _call,
    "custom_tool_call": _custom_call,
    "reasoning": _reasoning,
}
"""Item type -> what can be wrong with a finished one."""
