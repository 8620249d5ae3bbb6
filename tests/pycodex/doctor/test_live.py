"""The live request: every kind of answer has its verdict and its remedy."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from fake_server import ThreadedServer
from pycodex.doctor.live import check_live
from pycodex.doctor.report import Check
from tests.pycodex.doctor.subjects import KEY, Reply, canned, provider, subject

JSON = {"content-type": "application/json"}
HTML = {"content-type": "text/html"}
SSE = {"content-type": "text/event-stream"}
CREATED = 'event: response.created\ndata: {"type": "response.created", "response": {"id": "r"}}\n\n'


def _said(message: str) -> str:
    return json.dumps({"error": {"message": message}})


def asked(home: Path, url: str, more: str = "") -> Check:
    return asyncio.run(check_live(subject(home, provider(url, more))))


@pytest.mark.parametrize("version", ["0.115.0", "0.169.0"])
def test_a_model_that_answers(tmp_path: Path, version: str) -> None:
    with ThreadedServer() as server:
        server.load([{"output": [{"message": "ok"}]}])
        check = asyncio.run(check_live(subject(tmp_path, provider(server.base_url), version=version)))
        assert check.status == "ok" and "gpt-5.5 answered" in check.summary
        (request,) = server.requests
        assert server.finish() == []
    head = {name.lower(): value for name, value in request.head}
    assert head["authorization"] == f"Bearer {KEY}" and head["accept"] == "text/event-stream"
    assert request.body["stream"] is True and request.body["store"] is False and request.body["tools"] == []


@pytest.mark.parametrize(
    ("reply", "summary", "remedy"),
    [
        ((401, JSON, _said("Incorrect")), "401, the provider does not take the key: Incorrect", "OWN_KEY"),
        ((403, JSON, _said("No access")), "403", "may use gpt-5.5"),
        ((404, HTML, "<html>no</html>"), "leads to a web page", "/responses"),
        ((404, JSON, "{}"), "has no /responses", "/responses"),
        ((404, JSON, '{"error": {"code": "model_not_found", "message": "?"}}'), "no model gpt-5.5", "-m"),
        ((404, JSON, _said("The model `gpt-5.5` does not exist.")), "no model gpt-5.5", "/v1/models"),
        ((400, JSON, _said("bad tools")), "400, the provider refuses the request: bad tools", "gpt-5.5"),
        ((429, JSON | {"retry-after": "7"}, _said("slow")), "429, too many requests: slow", "in 7 s"),
        ((429, JSON, '{"error": {"code": "insufficient_quota"}}'), "no credit", "billing"),
        ((500, JSON, _said("oh")), "500, the provider failed: oh", "log"),
        ((502, HTML, "<html>"), "502, what stands before", "gateway"),
        ((304, {}, ""), "304, the provider sends requests elsewhere", "base_url"),
        ((200, HTML, "<!DOCTYPE html><p>Hello"), "leads to a web page", "base_url"),
        ((200, JSON, '{"object": "response"}'), "no stream of Responses events (application/json)", "stream"),
        ((200, JSON, '{"object": "chat.completion"}'), "with chat/completions", "--vllm-endpoint"),
        ((200, SSE, 'data: {"object": "chat.completion.chunk"}\n\n'), "with chat/completions", "--vllm-endpoint"),
        ((200, SSE, ""), "it is empty", "stream"),
        ((200, SSE, CREATED), "ended before response.completed", "log"),
    ],
)  # fmt: skip
def test_what_an_answer_says_is_wrong(tmp_path: Path, reply: Reply, summary: str, remedy: str) -> None:
    with canned({("POST", "/responses"): reply}) as (url, _):
        check = asked(tmp_path, url)
    assert check.status == "fail"
    assert summary in check.summary and remedy in (check.remedy or "")


def test_a_server_for_chat_alone_is_known_by_its_route(tmp_path: Path) -> None:
    replies: dict[tuple[str, str], Reply] = {("POST", "/chat/completions"): (422, JSON, "{}")}
    with canned(replies) as (url, seen):
        check = asked(tmp_path, url)
    assert "knows /chat/completions, but not /responses" in check.summary
    assert f"--vllm-endpoint {url}`" in (check.remedy or "")
    assert seen == ["POST /v1/responses", "POST /v1/chat/completions"]


def test_a_failure_within_the_stream(tmp_path: Path) -> None:
    error = '{"type": "response.failed", "response": {"error": {"code": "server_error", "message": "broken"}}}'
    with canned({("POST", "/responses"): (200, SSE, f"event: response.failed\ndata: {error}\n\n")}) as (url, _):
        check = asked(tmp_path, url)
    assert check.status == "fail" and "gave up" in check.summary and "broken" in check.summary and check.remedy


def test_an_answer_that_was_cut_short_is_an_answer(tmp_path: Path) -> None:
    event = '{"type": "response.incomplete", "response": {"incomplete_details": {"reason": "max_output_tokens"}}}'
    with canned({("POST", "/responses"): (200, SSE, f"event: response.incomplete\ndata: {event}\n\n")}) as (url, _):
        check = asked(tmp_path, url)
    assert check.status == "ok" and "cut short" in check.summary


@pytest.mark.parametrize(
    ("fault", "said"),
    [("close_before_head", "without an answer"), ("reset_before_head", "without an answer"), ("garbage", "no HTTP")],
)
def test_a_connection_that_breaks(tmp_path: Path, fault: str, said: str) -> None:
    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if fault == "garbage":
            writer.write(b"SSH-2.0-x\r\n\r\n")
        elif fault == "reset_before_head":
            writer.transport.abort()
        writer.close()

    async def run() -> Check:
        server = await asyncio.start_server(broken, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        check = await check_live(subject(tmp_path, provider(f"http://127.0.0.1:{port}/v1")))
        server.close()
        return check

    check = asyncio.run(run())
    assert check.status == "fail" and said in check.summary and check.remedy
