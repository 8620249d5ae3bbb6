"""The toy MCP server over HTTP: what it says, and what it writes down."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from captures.toy_http import ToyHttp

CALL = {"jsonrpc": "2.0", "id": 4, "method": "tools/call", "params": {"name": "echo", "arguments": {"a": 1}}}


@pytest.fixture
async def toy(tmp_path: Path) -> AsyncIterator[ToyHttp]:
    async with ToyHttp(tmp_path) as server:
        yield server


def script(folder: Path, **more: Any) -> None:
    (folder / "toy.json").write_text(json.dumps(more), encoding="utf-8")


def noted(folder: Path, name: str) -> list[Any]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


async def post(toy: ToyHttp, message: Any, **head: str) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as client, client.post(f"{toy.url}/toy", json=message, headers=head) as answer:
        return answer.status, answer.content_type, await answer.text()


async def test_a_request_is_answered_and_written_down_with_its_head(toy: ToyHttp, tmp_path: Path) -> None:
    script(tmp_path, answers={"tools/call": {"result": {"said": "$arguments"}}})
    status, kind, text = await post(toy, CALL, **{"X-One": "1"})
    assert (status, kind, json.loads(text)["result"]) == (200, "application/json", {"said": '{"a": 1}'})
    (seen,) = noted(tmp_path, "toy.post")
    assert seen["body"] == CALL
    assert ["X-One", "1"] in seen["head"]
    assert ["Content-Length", "<len:body>"] in seen["head"]


async def test_a_list_has_an_answer_for_each_time(toy: ToyHttp, tmp_path: Path) -> None:
    script(tmp_path, answers={"tools/call": [{"status": 404, "body": "gone"}, {"result": {}}]})
    assert [(await post(toy, CALL))[0] for _ in range(3)] == [404, 200, 200]


async def test_an_answer_may_be_a_stream(toy: ToyHttp, tmp_path: Path) -> None:
    script(tmp_path, stream=True, answers={"tools/call": {"result": {}, "say": ["id: 1"]}})
    _, kind, text = await post(toy, CALL)
    assert kind == "text/event-stream"
    assert text == 'id: 1\ndata: {"jsonrpc": "2.0", "id": 4, "result": {}}\n\n'


async def test_the_session_has_a_name_from_its_beginning_on(toy: ToyHttp, tmp_path: Path) -> None:
    script(tmp_path, session="s-1")
    async with aiohttp.ClientSession() as client:
        for message, session in (({**CALL, "method": "initialize"}, "s-1"), (CALL, None)):
            async with client.post(f"{toy.url}/toy", json=message) as answer:
                assert answer.headers.get("mcp-session-id") == session


async def test_a_message_that_is_no_request_is_accepted(toy: ToyHttp, tmp_path: Path) -> None:
    script(tmp_path, answers={"notifications/odd": {"status": 500}})
    assert (await post(toy, {"jsonrpc": "2.0", "method": "notifications/initialized"}))[0] == 202
    assert (await post(toy, {"jsonrpc": "2.0", "method": "notifications/odd"}))[0] == 500


async def test_methods_stand_in_files_of_their_own(toy: ToyHttp, tmp_path: Path) -> None:
    script(tmp_path, answers={"GET": {"status": 200, "body": "data: x\n\n"}})
    async with aiohttp.ClientSession() as client:
        for method, status in (("GET", 200), ("DELETE", 200)):
            async with client.request(method, f"{toy.url}/toy") as answer:
                assert answer.status == status
    assert len(noted(tmp_path, "toy.get")) == len(noted(tmp_path, "toy.delete")) == 1


async def test_another_path_is_not_there_and_written_down(toy: ToyHttp, tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as client, client.get(f"{toy.url}/.well-known/x/toy") as answer:
        assert answer.status == 404
    assert noted(tmp_path, "toy_http")[0]["target"] == "/.well-known/x/toy"


async def test_a_connection_may_be_cut(toy: ToyHttp, tmp_path: Path) -> None:
    script(tmp_path, answers={"tools/call": {"drop": True}})
    with pytest.raises(aiohttp.ClientError):
        await post(toy, CALL)
