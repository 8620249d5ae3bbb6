"""What a backend refuses by name is left out from then on; anything else stays refused."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from pycodex.responses_server.adapt import Lessons

CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{broken"}}
CHAT: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "developer", "content": "D"},
        {"role": "assistant", "content": None, "reasoning_content": "hm", "tool_calls": [CALL]},
    ],
    "verbosity": "low",
    "reasoning_effort": "xhigh",
    "max_tokens": 9,
    "stream_options": {"include_usage": True},
}


def learned(message: str, status: int = 400) -> dict[str, Any]:
    """The request as it is asked again."""
    lessons = Lessons()
    assert lessons.learn(CHAT, status, message)
    chat, told = lessons.apply(CHAT)
    assert len(told) == 1
    return chat


@pytest.mark.parametrize("key", ["verbosity", "reasoning_effort", "stream_options"])
@pytest.mark.parametrize("status", [400, 422, 500])
def test_an_optional_field_is_left_out(key: str, status: int) -> None:
    assert learned(f"Unsupported parameter: '{key}'", status) == {k: v for k, v in CHAT.items() if k != key}


def test_only_the_value_that_was_refused_is_left_out() -> None:
    lessons = Lessons()
    assert lessons.learn(CHAT, 400, "reasoning_effort must be low, medium or high")
    other = {**CHAT, "reasoning_effort": "low"}
    assert lessons.apply(other) == (other, [])


def test_names_and_roles_are_those_that_the_backend_knows() -> None:
    renamed = learned("Use 'max_completion_tokens' instead.")
    assert (renamed["max_completion_tokens"], "max_tokens" in renamed) == (9, False)
    assert learned("unknown role: developer")["messages"][0] == {"role": "system", "content": "D"}
    assert "reasoning_content" not in learned("messages.1.reasoning_content: extra")["messages"][1]


def test_arguments_that_no_template_can_read_are_wrapped() -> None:
    call = learned("Expecting property name enclosed in double quotes")["messages"][1]["tool_calls"][0]
    assert json.loads(call["function"]["arguments"]) == {"arguments": "{broken"}


@pytest.mark.parametrize("status", [401, 404, 429, 503])
def test_other_refusals_teach_nothing(status: int) -> None:
    assert not Lessons().learn(CHAT, status, "verbosity")


def test_nothing_is_tried_twice() -> None:
    lessons, tries = Lessons(), 0
    chat = CHAT
    while lessons.learn(chat, 400, "verbosity, developer"):
        chat, _ = lessons.apply(CHAT)
        tries += 1
    assert tries == 3, "the field, the role, the arguments; then it is the client's to see"


TALK: list[dict[str, Any]] = [
    {"role": "system", "content": "s"},
    {"role": "user", "content": "context"},
    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]},
    {"role": "assistant", "content": "a", "reasoning_content": "r"},
    {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}]},
    {"role": "tool", "tool_call_id": "1", "content": "x"},
    {"role": "system", "content": "late"},
    {"role": "user", "content": "go"},
]
ALTERNATE = "Error: Jinja Exception: Conversation roles must alternate user/assistant/user/assistant/..."
LATE = "Error: Jinja Exception: System message must be at the beginning."


def said(messages: list[dict[str, Any]]) -> Iterator[str]:
    """Every text and image, in pieces as they were before any were joined."""
    for one in messages:
        for value in (one.get("reasoning_content"), one["content"]):
            parts = value if isinstance(value, list) else [{"text": value or ""}]
            for part in parts:
                yield from filter(None, part["text"].split("\n\n") if "text" in part else [json.dumps(part)])


@pytest.mark.parametrize(
    ("refusals", "roles"),
    [
        ([LATE], "system user user assistant assistant tool user user"),
        ([ALTERNATE], "system user assistant tool system user"),
        ([ALTERNATE, LATE], "system user assistant tool user"),
        ([LATE, ALTERNATE], "system user assistant tool user"),
        (["System role not supported", ALTERNATE], "user assistant tool user"),
    ],
)
def test_messages_are_such_as_the_template_of_the_model_can_write(refusals: list[str], roles: str) -> None:
    lessons = Lessons()
    chat = {"model": "m", "messages": TALK}
    for message in refusals:
        assert lessons.learn(lessons.apply(chat)[0], 400, message)
    found, told = lessons.apply(chat)
    assert [one["role"] for one in found["messages"]] == roles.split()
    assert len(told) == len(refusals)
    assert sorted(said(found["messages"])) == sorted(said(TALK))
    calls = [call["id"] for one in found["messages"] for call in one.get("tool_calls", ())]
    assert calls == ["1"]
