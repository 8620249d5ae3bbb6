import json
from typing import Any

import pytest

from pycodex.protocol import Usage
from pycodex.sampling import (
    Completed,
    Failure,
    FirstToken,
    Logged,
    OutputItem,
    OutputItemAdded,
    Sampler,
    Served,
    TextDelta,
)
from pycodex.upstream import load_dialect

STYLE = load_dialect("0.169.0").stream.answers


def feed(sampler: Sampler, **event: Any) -> list[Any]:
    return sampler.feed(json.dumps(event))


def test_only_done_items_and_completed_count() -> None:
    sampler = Sampler(style=STYLE)
    item = {"type": "message", "id": "msg_1", "role": "assistant", "content": []}
    assert feed(sampler, type="response.output_item.added", item=item) == [OutputItemAdded(item=item)]
    assert feed(sampler, type="response.output_item.done", item=item) == [FirstToken(), OutputItem(item=item)]
    done = feed(sampler, type="response.completed", response={"id": "r", "usage": None, "end_turn": False})
    assert done == [Completed(response_id="r", usage=None, end_turn=False)]
    assert feed(sampler, type="response.output_item.done", item=item) == []


@pytest.mark.parametrize(
    "data",
    [
        "{",
        "[]",
        "{}",
        '{"type":5}',
        '{"type":"response.output_item.done","item":null}',
        '{"type":"response.output_item.done","item":{"id":"x"}}',
        '{"type":"response.completed"}',
        '{"type":"response.output_item.done","item":{"type":"message","role":"assistant","content":"hi"}}',
        '{"type":"response.output_item.done","item":{"type":"message","role":"assistant","content":[{"type":"text"}]}}',
        '{"type":"response.output_item.done","item":{"type":"function_call","name":"x","call_id":"c","arguments":{}}}',
        '{"type":"response.output_item.done","item":{"type":"function_call","name":"x","arguments":"{}"}}',
        '{"type":"response.output_item.done","item":{"type":"reasoning","id":"rs_1"}}',
        '{"type":"error","message":"x"}',
    ],
)
def test_what_cannot_be_read_is_skipped(data: str) -> None:
    sampler = Sampler(style=STYLE)
    assert sampler.feed(data) == []
    assert sampler.end() == Failure(kind="closed", detail="stream closed before response.completed")


@pytest.mark.parametrize(
    ("response", "field"),
    [
        ({"usage": None}, "id"),
        ({"id": "r", "usage": {"output_tokens": 1}}, "input_tokens"),
        ({"id": "r", "usage": {"input_tokens": 1, "output_tokens": 1}}, "total_tokens"),
    ],
)
def test_a_completed_response_that_lacks_a_field_is_told(response: dict[str, Any], field: str) -> None:
    sampler = Sampler(style=STYLE)
    assert feed(sampler, type="response.completed", response=response) == []
    assert sampler.end() == Failure(kind="closed", detail=f"failed to parse ResponseCompleted: missing field `{field}`")


def test_text_outside_of_an_item_is_logged() -> None:
    stray = Logged(target="codex_core::util", message="OutputTextDelta without active item")
    sampler = Sampler(style=STYLE)
    assert stray in feed(sampler, type="response.output_text.delta", delta="hi")
    feed(sampler, type="response.output_item.added", item={"type": "message", "role": "assistant"})
    assert feed(sampler, type="response.output_text.delta", delta="hi") == [TextDelta(text="hi")]


def test_announced_failure_is_the_end_unless_completed_comes() -> None:
    sampler = Sampler(style=STYLE)
    feed(sampler, type="response.failed", response={"error": {"code": "server_error", "message": "boom"}})
    assert sampler.end() == Failure(kind="failed", detail="boom", message="boom", code="server_error")
    assert isinstance(feed(sampler, type="response.completed", response={"id": "r"})[0], Completed)


@pytest.mark.parametrize(
    ("response", "detail"),
    [({}, "unknown"), ({"incomplete_details": {"reason": "max_output_tokens"}}, "max_output_tokens")],
)
def test_incomplete_names_its_reason(response: dict[str, Any], detail: str) -> None:
    sampler = Sampler(style=STYLE)
    feed(sampler, type="response.incomplete", response=response)
    assert sampler.end().detail == f"Incomplete response returned, reason: {detail}"


@pytest.mark.parametrize(
    "response",
    [5, {"incomplete_details": 5}, {"incomplete_details": {"reason": 5}}],
)
def test_an_incomplete_answer_whose_reason_is_not_readable_has_none(response: Any) -> None:
    sampler = Sampler(style=STYLE)
    feed(sampler, type="response.incomplete", response=response)
    assert sampler.end().code == "unknown"


def test_usage_reads_details() -> None:
    details = {"input_tokens_details": {"cached_tokens": 4}, "output_tokens_details": {"reasoning_tokens": 2}}
    full = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, **details}
    expected = Usage(
        input_tokens=10, cached_input_tokens=4, output_tokens=5, reasoning_output_tokens=2, total_tokens=15
    )
    done = feed(Sampler(style=STYLE), type="response.completed", response={"id": "r", "usage": full})
    assert done == [Completed(response_id="r", usage=expected)]


def test_the_model_that_answers_is_told_once_whatever_the_event() -> None:
    sampler = Sampler(style=STYLE)
    inner = {"id": "r", "headers": {"X-OpenAI-Model": ["m2", "m3"]}}
    assert feed(sampler, type="zzz", response=inner, headers={"openai-model": "m4"}) == [Served(model="m2")]
    assert feed(sampler, type="zzz", headers={"openai-model": "m2"}) == []
    assert feed(sampler, type="zzz", headers={"openai-model": 5}) == []
