"""What is sent to a server: a table of recorded requests. To add a case, write its row; a version that has no such
recording, or whose request does not carry what the case is about, does not send it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from captures.manifest import UPSTREAM
from captures.recording import read_recording
from compare.server.revive import Fresh, Sendable, revive

__all__ = ["CASES", "Case", "recorded_request", "sendable", "suspects"]

Body = dict[str, Any]
Carries = Callable[[Body], bool]


@dataclass(frozen=True, kw_only=True)
class Case:
    """`request` n of a scenario's recording, in a role; `prompt` replaces the last words of the user, `add` adds keys.

    wants   what the answer must be beside a good stream: a name in compare.server.judge.WANTS
    """

    name: str
    about: str
    scenario: str
    request: int = 1
    role: str = "direct"
    carries: Carries = bool
    prompt: str | None = None
    add: Mapping[str, Any] | None = None
    wants: str = "turn"


def _items(body: Body) -> list[Any]:
    found = body.get("input")
    return found if isinstance(found, list) else []


def _has_item(kind: str, body: Body) -> bool:
    return any(item.get("type") == kind for item in _items(body))


def _has_tool(kind: str, body: Body) -> bool:
    return any(tool.get("type") == kind for tool in body.get("tools", []))


def _has_image(body: Body) -> bool:
    parts = [part for item in _items(body) for part in item.get("content") or [] if isinstance(part, dict)]
    return any(part.get("type") == "input_image" for part in parts)


def _has_schema(body: Body) -> bool:
    return "format" in (body.get("text") or {})


_WORDS = "word " * 1_500_000

CASES: Sequence[Case] = (
    Case(name="hello", about="a prompt, and every key and header that comes with it", scenario="exec/hello"),
    Case(
        name="unknown_field",
        about="a key that no version sends yet: each release brings new ones",
        scenario="exec/hello",
        add={"a_field_of_tomorrow": {"on": True}},
    ),
    Case(
        name="tool_call",
        about="a prompt that asks for a command",
        scenario="tools/exec_command",
        prompt="run: echo one",
        wants="call",
    ),
    Case(
        name="tool_output",
        about="a call and its output",
        scenario="tools/exec_command",
        request=2,
        carries=partial(_has_item, "function_call_output"),
    ),
    Case(
        name="parallel_calls",
        about="two calls, then their two outputs",
        scenario="tools/parallel_calls",
        request=2,
        carries=partial(_has_item, "function_call_output"),
    ),
    Case(
        name="custom_tool",
        about="a custom tool with a grammar, its call and its output",
        scenario="patch/kinds",
        request=2,
        carries=partial(_has_item, "custom_tool_call_output"),
    ),
    Case(
        name="namespace_tools",
        about="tools in a namespace",
        scenario="exec/hello_fallback",
        role="fallback",
        carries=partial(_has_tool, "namespace"),
    ),
    Case(
        name="tool_search",
        about="a tool_search tool",
        scenario="exec/hello",
        carries=partial(_has_tool, "tool_search"),
    ),
    Case(
        name="additional_tools",
        about="tools as the first item of the input, as models of code mode get them",
        scenario="request/hello_code_mode",
        role="code_mode",
        carries=partial(_has_item, "additional_tools"),
    ),
    Case(
        name="reasoning",
        about="reasoning that comes back with its encrypted_content",
        scenario="exec/hello_reasoning",
        request=2,
        carries=partial(_has_item, "reasoning"),
    ),
    Case(
        name="web_search",
        about="a search of the model that comes back",
        scenario="output/web_search",
        request=2,
        carries=partial(_has_item, "web_search_call"),
    ),
    Case(name="images", about="an image before the prompt", scenario="request/images", carries=_has_image),
    Case(
        name="output_schema",
        about="a JSON schema for the message",
        scenario="request/output_schema",
        carries=_has_schema,
        wants="schema",
    ),
    Case(name="wrong_key", about="a key that is not the server's", scenario="exec/hello", wants="refused_key"),
    Case(
        name="unknown_model",
        about="a model that is not there",
        scenario="exec/hello",
        add={"model": "no-such-model-x"},
        wants="refused_model",
    ),
    Case(
        name="too_long",
        about="an input of 1.5 million words",
        scenario="exec/hello",
        prompt=_WORDS,
        wants="refused_length",
    ),
    Case(name="burst", about="many prompts at once (--burst N)", scenario="exec/hello", wants="burst"),
    Case(name="websocket", about="a WebSocket with previous_response_id", scenario="", wants="websocket"),
    Case(name="models", about="GET /models, as --oss asks", scenario="request/oss_lmstudio", wants="models"),
    Case(
        name="compact_local",
        about="a full context: a prompt without tools that asks for a summary",
        scenario="compact/mid_turn",
        request=2,
        wants="summary",
    ),
    Case(
        name="compacted",
        about="the thread that goes on with its summary",
        scenario="compact/mid_turn",
        request=3,
    ),
    Case(
        name="compact_trigger",
        about="a full context, of a provider named OpenAI: a prompt that ends with a compaction_trigger",
        scenario="compact/provider",
        request=3,
        carries=partial(_has_item, "compaction_trigger"),
        wants="compaction",
    ),
    Case(
        name="compact",
        about="the same as POST /responses/compact",
        scenario="compact/provider_old",
        request=2,
        wants="compact",
    ),
)


def recorded_request(case: Case, version: str, upstream: Path = UPSTREAM) -> Mapping[str, Any] | None:
    """The recorded request of a case; None where this version does not send such a one."""
    folder = upstream / version / case.role / case.scenario
    if not case.scenario or not (folder / "result.json").exists():
        return None
    requests = read_recording(folder).tree["requests"]
    found: Mapping[str, Any] | None = requests[case.request - 1] if len(requests) >= case.request else None
    if found is None or (isinstance(found["body"], dict) and not case.carries(found["body"])):
        return None
    return found


def sendable(case: Case, recorded: Mapping[str, Any], model: str | None = None) -> Sendable:
    """The request of a case as it can be sent."""
    request = revive(recorded, Fresh(), model=model)
    body = request.body
    if not isinstance(body, dict):
        return request
    if case.prompt is not None:
        body = {**body, "input": _with_prompt(_items(body), case.prompt)}
    return replace(request, body={**body, **(case.add or {})})


def _with_prompt(items: list[Any], prompt: str) -> list[Any]:
    last = next(n for n in range(len(items) - 1, -1, -1) if items[n].get("role") == "user")
    said = {**items[last], "content": [{"type": "input_text", "text": prompt}]}
    return [*items[:last], said, *items[last + 1 :]]


def suspects(request: Sendable) -> Iterator[tuple[str, Sendable]]:
    """What a server may have refused a request for, parts before wholes, each with the request that lacks it."""
    body = request.body
    if not isinstance(body, dict):
        return
    for kind in dict.fromkeys(str(tool.get("type")) for tool in body.get("tools", [])):
        kept = [tool for tool in body["tools"] if tool.get("type") != kind]
        yield f"the tools of type {kind}", replace(request, body={**body, "tools": kept})
    for kind in dict.fromkeys(str(item.get("type")) for item in _items(body)):
        if kind != "message":
            left = [item for item in _items(body) if not str(item.get("type")).startswith(kind)]
            yield f"the items of type {kind}", replace(request, body={**body, "input": left})
    kept_items = [item for item in _items(body) if item.get("role") != "developer"]
    yield "the messages of the role developer", replace(request, body={**body, "input": kept_items})
    bare = [{key: value for key, value in item.items() if key != "id"} for item in _items(body)]
    yield "the ids of the items", replace(request, body={**body, "input": bare})
    known = ("accept", "content-type", "user-agent")
    yield "the headers of codex", replace(request, head=tuple(p for p in request.head if p[0].lower() in known))
    for key in body:
        if key not in ("model", "input", "stream"):
            yield f"the key {key}", replace(request, body={k: v for k, v in body.items() if k != key})
