"""A WebSocket conversation: the handshake, then one answer after another to what the client sends.

Each text message of the client is an exchange of its own, with the method MESSAGE, so that a script answers it and a
journal holds it like a POST. The events of the answer go out as they would in a stream, one text message each; a plain
HTTP answer goes out as one `error` event with its status.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from aiohttp import WSMsgType, web

from fake_server.faults import FAULTS, Gates
from fake_server.items import compact
from fake_server.journal import OpenExchange
from fake_server.reply import Reply
from fake_server.sending import HEAD

__all__ = ["converse"]

_LARGEST = 512 * 1024 * 1024  # bytes of one message

Send = Callable[[Reply], Awaitable[None]]
Arrive = Callable[[str, int], OpenExchange]
Answer = Callable[[OpenExchange, Send], Awaitable[None]]


async def converse(
    request: web.Request, exchange: OpenExchange, reply: Reply, gates: Gates, arrive: Arrive, answer: Answer
) -> web.StreamResponse:
    """Accept the upgrade and talk until one side ends. `arrive` makes the exchange of a message (its text and number),
    `answer` finds its reply and has it sent."""
    socket = web.WebSocketResponse(compress=reply.deflate, max_msg_size=_LARGEST, autoclose=True)
    socket[HEAD] = reply.head
    exchange.status = 101
    try:
        await socket.prepare(request)
        exchange.response_head = tuple(socket.headers.items())
        number = 0
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            number += 1
            said = arrive(message.data, number)
            await answer(said, partial(_say, request, socket, said, gates))
    except ConnectionError:
        pass
    finally:
        exchange.close("complete")
    return socket


async def _say(
    request: web.Request, socket: web.WebSocketResponse, exchange: OpenExchange, gates: Gates, reply: Reply
) -> None:
    exchange.status = 200
    try:
        for number, text in enumerate(_messages(reply)):
            if reply.fault is not None and number == (reply.fault.after or 0):
                break
            if number:
                await asyncio.sleep(reply.delay)
            if isinstance(text, bytes):
                await socket.send_bytes(text)
                exchange.wrote(text)
                continue
            await socket.send_str(text)
            exchange.wrote(f"{text}\n".encode())
        if reply.fault is None:
            exchange.close("complete")
            return
        row, transport = FAULTS[reply.fault.kind], request.transport
        exchange.close(f"fault: {reply.fault.kind}")
        if row.act is not None and transport is not None:
            await row.act(transport, gates.event(reply.fault.until))
        if row.finishes:
            await socket.close()
    except ConnectionError:
        exchange.close("client_closed")


def _messages(reply: Reply) -> Sequence[bytes | str]:
    if reply.messages is not None:
        return reply.messages
    if not reply.status:
        return []
    body: Any = b"".join(reply.writes).decode("utf-8", "replace")
    try:
        body = json.loads(body)
    except ValueError:
        body = {"error": {"message": body}}
    return [compact({"type": "error", "status": reply.status, **(body if isinstance(body, dict) else {})})]
