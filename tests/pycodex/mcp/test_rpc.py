"""JSON-RPC as codex-cli's client speaks it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from pycodex.mcp.rpc import Connection, ConnectionClosed, RpcError


class Wire:
    """The other side: what was sent, and what is answered."""

    def __init__(self, *answers: Mapping[str, Any], reason: str | None = None) -> None:
        self.sent: list[dict[str, Any]] = []
        self.notes: list[Mapping[str, Any]] = []
        self._answers = list(answers)
        self.connection = Connection(self._send, self.notes.append, reason)

    async def _send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)
        if "method" in message and "id" in message and self._answers:
            self.connection.received({"jsonrpc": "2.0", "id": message["id"], **self._answers.pop(0)})


async def test_requests_count_from_nought_and_all_but_the_first_have_a_token() -> None:
    wire = Wire({"result": 1}, {"result": 2})
    assert [await wire.connection.request("a"), await wire.connection.request("b", {"_meta": {"k": 1}})] == [1, 2]
    assert [message["id"] for message in wire.sent] == [0, 1]
    assert [message["params"] for message in wire.sent] == [{}, {"_meta": {"k": 1, "progressToken": 0}}]


async def test_a_refusal_is_told_with_its_data() -> None:
    wire = Wire({"error": {"code": -32000, "message": "no", "data": {"k": [1]}}})
    with pytest.raises(RpcError, match=r'-32000: no\({"k":\[1\]}\)'):
        await wire.connection.request("a")


async def test_a_request_that_takes_too_long_is_cancelled_where_the_version_does_so() -> None:
    for reason, expected in ((None, 1), ("too long", 2)):
        wire = Wire(reason=reason)
        with pytest.raises(TimeoutError):
            await wire.connection.request("a", timeout=0.01)
        assert len(wire.sent) == expected


async def test_whoever_waits_is_told_of_the_end() -> None:
    wire = Wire()
    waiting = asyncio.create_task(wire.connection.request("a"))
    await asyncio.sleep(0)
    wire.connection.close()
    with pytest.raises(ConnectionClosed):
        await waiting
    with pytest.raises(ConnectionClosed):
        await wire.connection.request("b")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("ping", {"result": {}}),
        ("roots/list", {"result": {"roots": []}}),
        ("elicitation/create", {"result": {"action": "decline"}}),
        ("sampling/createMessage", {"error": {"code": -32601, "message": "sampling/createMessage"}}),
    ],
)
async def test_what_a_server_asks_is_answered(asked: str, answer: dict[str, Any]) -> None:
    wire = Wire()
    wire.connection.received({"jsonrpc": "2.0", "id": "s", "method": asked})
    await asyncio.sleep(0)
    assert wire.sent == [{"jsonrpc": "2.0", "id": "s", **answer}]


async def test_what_is_no_message_is_refused_and_notes_are_heard() -> None:
    wire = Wire()
    wire.connection.received({"x": 1})
    wire.connection.received([1])
    wire.connection.received({"method": "notifications/message", "params": {"level": "error"}})
    await asyncio.sleep(0)
    assert [message["error"]["code"] for message in wire.sent] == [-32600]
    assert wire.notes == [{"level": "error"}]
