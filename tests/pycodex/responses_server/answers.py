"""Help for the tests of the layer: chunks of a chat stream in, the events and the response out."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fake_server.grammar import check_events
from pycodex.responses_server.backend import Backend
from pycodex.responses_server.request import ChatRequest, chat_request
from pycodex.responses_server.response import response_object
from pycodex.responses_server.stream import ChatStream

Event = dict[str, Any]

BACKEND = Backend(url="http://127.0.0.1:1/v1")
USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}

SHELL = {"type": "function", "name": "exec_command", "parameters": {"type": "object", "properties": {}}}
PATCH = {
    "type": "custom",
    "name": "apply_patch",
    "description": "Edits files.",
    "format": {"type": "grammar", "syntax": "lark", "definition": 'start: "x"'},
}
SPACE = {
    "type": "namespace",
    "name": "mcp__srv",
    "description": "A server.",
    "tools": [{"type": "function", "name": "echo"}, {"type": "function", "name": "add"}],
}
SEARCH = {"type": "tool_search", "execution": "client", "description": "Finds tools.", "parameters": {"type": "object"}}
SHELLS = {"type": "local_shell"}
TOOLS = [SHELL, PATCH, SPACE, SEARCH]


def asked(items: Sequence[Any] | str = "hi", backend: Backend = BACKEND, **body: Any) -> ChatRequest:
    """A translated request."""
    return chat_request({"model": "m", "input": items, **body}, backend)


def delta(finish: str | None = None, **fields: Any) -> Event:
    """A chunk."""
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


def call(index: int | None = 0, *, name: str | None = None, id: str | None = None, arguments: Any = None) -> Event:
    """A chunk with a fragment of one call."""
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    told = {key: value for key, value in (("index", index), ("id", id)) if value is not None}
    return delta(tool_calls=[{**told, "type": "function", "function": function}])


def end(reason: str = "stop") -> list[Event]:
    """The last chunks."""
    return [delta(reason), {"choices": [], "usage": USAGE}]


def events_of(chunks: Iterable[Any], request: ChatRequest | None = None, *, told: bool = True) -> list[Event]:
    """Every event of an answer; what is given out is held against the grammar of a Responses stream."""
    request = asked(tools=TOOLS) if request is None else request
    stream = ChatStream(request, response_object({"model": "m"}, "m"))
    found = [json.dumps(event) for event in stream.start()]
    for chunk in chunks:
        # As it was then: what is written to a client does not change afterwards.
        found += [json.dumps(event) for event in stream.feed(chunk)]
    found += [json.dumps(event) for event in stream.end(told=told)]
    events = [json.loads(event) for event in found]
    assert check_events(events) == []
    return events


def items_of(chunks: Iterable[Any], request: ChatRequest | None = None) -> list[Event]:
    """The items of an answer that ends well, without the ids that the layer makes up."""
    last = events_of(chunks, request)[-1]
    assert last["type"] == "response.completed"
    return [bare(item) for item in last["response"]["output"]]


def bare(item: Mapping[str, Any]) -> Event:
    """An item without its id and status."""
    return {key: value for key, value in item.items() if key not in ("id", "status")}


def texts(item: Mapping[str, Any]) -> str:
    """What a message or a reasoning item says."""
    return "".join(part.get("text") or part.get("refusal", "") for part in item["content"])
