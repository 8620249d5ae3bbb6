"""Lines a person reads: one per request, one per tool output, one per problem. Pure text; nothing here prints.

Heads are never shown except by `head_lines`, which masks credentials.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fake_server.invariants import tool_outputs
from fake_server.items import compact
from fake_server.journal import Exchange, Head, Problem, redact_head
from fake_server.script import Answer
from fake_server.server import Arrival

__all__ = ["arrival_lines", "client_help", "describe_answer", "end_lines", "head_lines", "summary"]

_WIDTH = 100


def arrival_lines(arrival: Arrival) -> Iterator[str]:
    """`request 1  POST /v1/responses  model gpt-5.5  4 input items  10 tools  -> main/1: message "done"`."""
    asked = arrival.request
    target = f"{arrival.note}: {describe_answer(arrival.answer)}" if arrival.answer is not None else arrival.note
    yield "  ".join([f"request {asked.number}", f"{asked.method} {asked.path}", *_body(asked.body), f"-> {target}"])
    for call_id, text in _new_outputs(asked.body):
        yield f"    output of {call_id}: {_clip(' | '.join(line for line in text.splitlines() if line.strip()))}"
    for problem in arrival.problems:
        yield f"    PROBLEM {problem}"


def end_lines(exchange: Exchange) -> Iterator[str]:
    """A line only when the exchange did not end as it should."""
    if exchange.end != "complete":
        yield f"    request {exchange.seq} ended: {exchange.end} after {len(exchange.response_body)} bytes"


def head_lines(head: Head) -> Iterator[str]:
    """The head of a request, credentials masked."""
    for name, value in redact_head(head):
        yield f"    {name}: {_clip(value)}"


def describe_answer(answer: Answer) -> str:
    """What an answer says, in a few words."""
    if answer.http is not None:
        return f"HTTP {answer.http.status} {_clip(answer.http.body)}".rstrip()
    if answer.websocket is not None:
        return "a WebSocket"
    if answer.fault is not None and answer.fault.after is None:
        return f"fault {answer.fault.kind}"
    if answer.events is not None:
        return f"{len(answer.events)} events as they stand"
    if answer.raw is not None:
        return f"{len(answer.raw)} pieces as they stand"
    return (
        ", ".join(_describe_item(kind, value) for item in answer.output or () for kind, value in item.items())
        or "nothing"
    )


def summary(exchanges: Sequence[Exchange], problems: Sequence[Problem]) -> Iterator[str]:
    """The last words: how many requests, over how many connections, and every problem."""
    connections = len({exchange.connection for exchange in exchanges})
    yield f"{_count(exchanges, 'request')} over {connections} connection{'' if connections == 1 else 's'}"
    yield f"{_count(problems, 'problem')}" + (":" if problems else "")
    for problem in problems:
        yield f"  {problem}"


def client_help(url: str, *, env_key: str) -> Iterator[str]:
    """How to point a client at the server: ready to paste."""
    base = f"{url}/v1"
    settings = f'name="fake", base_url="{base}", env_key="{env_key}", wire_api="responses"'
    yield f"base_url {base}"
    yield ""
    yield "in config.toml:"
    yield '  model_provider = "fake"'
    yield "  [model_providers.fake]"
    for setting in settings.split(", "):
        yield "  " + setting.replace("=", " = ", 1)
    yield "or in one line:"
    key = "" if env_key != "FAKE_KEY" else "FAKE_KEY=any "
    provider = f"-c model_provider=fake -c 'model_providers.fake={{{settings}}}'"
    yield f"  {key}codex exec --skip-git-repo-check {provider} 'run: echo hello'"


def _body(body: Any) -> Iterator[str]:
    if not isinstance(body, Mapping):
        return
    if "model" in body:
        yield f"model {body['model']}"
    given = body.get("input")
    if isinstance(given, list):
        yield _count(given, "input item")
    if isinstance(body.get("tools"), list):
        yield _count(body["tools"], "tool")


def _new_outputs(body: Any) -> list[tuple[str, str]]:
    """Tool outputs after the last item that is something else."""
    given = body.get("input") if isinstance(body, Mapping) else None
    items = given if isinstance(given, list) else []
    start = len(items)
    while start and isinstance(items[start - 1], Mapping) and str(items[start - 1].get("type")).endswith("_output"):
        start -= 1
    return tool_outputs({"input": items[start:]})


def _describe_item(kind: str, value: Any) -> str:
    match kind:
        case "message":
            return f"message {_clip(compact(value if isinstance(value, str) else value['text']))}"
        case "call":
            return f"call {value['name']} {_clip(value['arguments'])}"
        case "custom_call":
            return f"custom call {value['name']} {_clip(value['input'])}"
        case "item":
            return f"item {value.get('type')}"
        case _:
            return kind.replace("_", " ")


def _clip(value: Any) -> str:
    text = value if isinstance(value, str) else compact(value)
    text = text.replace("\n", "\\n")
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 30]}...{text[-27:]}"


def _count(things: Sequence[Any], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"
