import asyncio
import json
from typing import Any

import aiohttp
import pytest

from fake_server.chat import ChatServer, chat_chunks, chat_completion
from fake_server.chat_invariants import broken_chat

CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
ASKED = {"role": "assistant", "content": None, "tool_calls": [CALL]}
CAME = {"role": "tool", "tool_call_id": "a", "content": "x"}
USER = {"role": "user", "content": "hi"}
TOOL = {"type": "function", "function": {"name": "f"}}
GOOD: dict[str, Any] = {"messages": [USER, ASKED, CAME], "tools": [TOOL], "tool_choice": "auto"}


def with_call(**function: Any) -> dict[str, Any]:
    call = {**CALL, "function": {"name": "f", "arguments": "{}", **function}}
    return {**GOOD, "messages": [{**ASKED, "tool_calls": [call]}, CAME]}


def test_a_good_request_breaks_nothing() -> None:
    assert broken_chat(GOOD) == []


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ([], "no list of messages"),
        ({"messages": [USER], "tool_choice": "auto"}, "tool_choice without tools"),
        ({"messages": [USER], "parallel_tool_calls": True}, "parallel_tool_calls without tools"),
        ({**GOOD, "tools": []}, "empty list"),
        ({**GOOD, "tools": [TOOL, TOOL]}, "two tools are called f"),
        ({**GOOD, "tools": [{"type": "function", "function": {"name": "a.b"}}]}, "may be called 'a.b'"),
        ({**GOOD, "tools": [{**TOOL, "type": "custom"}]}, "is no function"),
        ({"messages": [{"role": "critic", "content": ""}]}, "the role 'critic'"),
        ({"messages": [CAME]}, "no call right before it"),
        ({"messages": [ASKED, USER, CAME]}, "before the outputs of a"),
        ({"messages": [ASKED]}, "have no output"),
        ({"messages": [ASKED, CAME, ASKED, CAME]}, "the id a again"),
        ({"messages": [{"role": "assistant", "content": None}]}, "says nothing"),
        ({"messages": [{"role": "user", "content": None}]}, "has no content"),
        ({"messages": [{**ASKED, "tool_calls": [{**CALL, "id": ""}]}]}, "without an id"),
        ({"messages": [{**ASKED, "tool_calls": [{**CALL, "type": "custom"}]}, CAME]}, "none of a function"),
        (with_call(name="a b"), "calls 'a b'"),
        (with_call(arguments={}), "not text"),
    ],
)
def test_what_a_request_breaks_is_said(body: Any, sentence: str) -> None:
    assert any(sentence in text for text in broken_chat(body)), broken_chat(body)


def test_chunks_and_completion_say_the_same() -> None:
    answer = {"text": "abc def", "reasoning": "hm", "calls": [{"name": "f", "arguments": {"a": "b"}}]}
    deltas = [chunk["choices"][0]["delta"] for chunk in chat_chunks(answer) if chunk["choices"]]
    message = chat_completion(answer)["choices"][0]["message"]
    assert "".join(delta.get("content", "") for delta in deltas) == message["content"]
    assert "".join(delta.get("reasoning_content", "") for delta in deltas) == message["reasoning_content"]
    fragments = [delta["tool_calls"][0]["function"]["arguments"] for delta in deltas if "tool_calls" in delta]
    assert "".join(fragments) == message["tool_calls"][0]["function"]["arguments"] == '{"a":"b"}'


async def test_it_answers_in_order_and_tells_what_was_wrong() -> None:
    async with ChatServer() as server, aiohttp.ClientSession() as client:
        server.load(
            [{"text": "A"}, {"status": 429, "body": "slow", "headers": {"retry-after": "1"}}, {"text": "never"}]
        )
        url = f"{server.base_url}/chat/completions"
        async with client.post(url, json={"messages": [USER]}) as got:
            assert (await got.json())["choices"][0]["message"]["content"] == "A"
        async with client.post(url, json={"messages": [CAME], "stream": True}) as got:
            assert (got.status, await got.text(), got.headers["retry-after"]) == (429, "slow", "1")
        wrong, unused = server.finish()
        assert (wrong.startswith("request 2: messages[0]"), "never used" in unused) == (True, True)
        server.load([])
        async with client.post(url, json={"messages": [USER]}) as got:
            assert (got.status, server.finish()) == (500, ["request 1: there is no answer left"])


@pytest.mark.parametrize(("answer", "end"), [({}, "data: [DONE]\n\n"), ({"done": False}, "}\n\n")])
async def test_a_stream_ends_as_the_script_says(answer: dict[str, Any], end: str) -> None:
    async with ChatServer() as server, aiohttp.ClientSession() as client:
        server.load([{"text": "A", "split": 3, **answer}])
        async with client.post(f"{server.base_url}/chat/completions", json={"messages": [USER], "stream": True}) as got:
            text = await got.text()
        assert text.endswith(end)
        assert json.loads(text.split("\n")[0].removeprefix("data: "))["choices"]


async def test_a_client_that_leaves_is_noticed() -> None:
    async with ChatServer() as server, aiohttp.ClientSession() as client:
        server.load([{"text": "A", "wait": True}])
        async with client.post(f"{server.base_url}/chat/completions", json={"messages": [USER], "stream": True}) as got:
            await got.content.readline()
            assert not server.left.is_set()
        async with asyncio.timeout(10):
            await server.left.wait()


def test_an_answer_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValueError, match="novel"):
        ChatServer().load([{"novel": 1}])
