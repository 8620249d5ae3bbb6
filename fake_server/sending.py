"""Writing a Reply to the client, and noting how that ended.

What it takes care of, because an agent is measured through it:
- the response head holds only what was asked for and the framing, without date and server;
- one write per event, so that an agent sees an event when it is written;
- a client that goes away is an entry in the journal, never an error in the log.
"""

import asyncio

from aiohttp import HttpVersion11, web

from fake_server.faults import FAULTS, Fault, Gates, rest
from fake_server.journal import OpenExchange
from fake_server.reply import Reply, ReplyCut

__all__ = ["HEAD", "only_our_head", "send"]

HEAD = web.ResponseKey("head", tuple)
"""Where a response carries the head that a script asks for."""


async def send(request: web.Request, exchange: OpenExchange, reply: Reply, gates: Gates) -> web.StreamResponse:
    """Write a reply and note how it ended."""
    if reply.fault is not None and reply.fault.after is None:
        await _break(request, exchange, reply.fault, gates)
        return web.Response(status=500, text="the fault is over")
    await _rest(request, reply, gates, 0)
    if reply.hold is not None and (request.transport is None or request.transport.is_closing()):
        exchange.close("client_closed")  # it got nothing, on whichever way the server hears that it went
        return web.Response(status=500, text="nobody reads this")
    whole = reply.length is not None and reply.more is None
    # A client that reads what comes with the head (codex-cli, of a refused upgrade) must find the body there.
    response = (web.Response if whole else web.StreamResponse)(status=reply.status, reason=reply.reason)
    response[HEAD] = reply.head
    if isinstance(response, web.Response):
        response.body = b"".join(reply.writes)
    elif reply.length is not None:
        response.content_length = reply.length
    elif request.version >= HttpVersion11 and reply.status not in (204, 304):
        response.enable_chunked_encoding()
    exchange.status = reply.status
    end = "complete" if reply.fault is None else f"fault: {reply.fault.kind}"
    try:
        await response.prepare(request)
        exchange.response_head = tuple(response.headers.items())
        if isinstance(response, web.Response):
            if any(reply.writes):
                exchange.wrote(b"".join(reply.writes))
            exchange.close(end)
            await response.write_eof()
            return response
        for number, data in enumerate(reply.writes):
            if reply.fault is not None and number == reply.fault.after:
                break
            if number:
                await _rest(request, reply, gates, number)
                await asyncio.sleep(reply.delay)  # also without a delay: the loop must notice a client that went away
            if number == len(reply.writes) - 1 and reply.more is None:
                # codex closes the socket right after response.completed and leaves the terminator unread: once the
                # last event is written the exchange is complete, whatever becomes of the socket
                exchange.close(end)
            await _write(response, exchange, data)
        if reply.fault is not None and await _break(request, exchange, reply.fault, gates):
            return response
        if reply.more is not None:
            async for data in reply.more:
                await _write(response, exchange, data)
        exchange.close(end)
        await response.write_eof()
    except ConnectionError:
        written = sum(len(data) for data in reply.writes) == exchange.written
        if exchange.end == "open" or (reply.fault is None and not (written and reply.more is None)):
            exchange.close("client_closed")
    except ReplyCut as cut:
        exchange.close(f"error: {cut}")
        if request.transport is not None:
            request.transport.abort()
    finally:
        if reply.more is not None:
            await reply.more.aclose()
    return response


async def _rest(request: web.Request, reply: Reply, gates: Gates, written: int) -> None:
    """Wait where the reply is held at this place."""
    if reply.hold is not None and reply.hold.after == written and request.transport is not None:
        await rest(request.transport, gates.event(reply.hold.until))


async def _break(request: web.Request, exchange: OpenExchange, fault: Fault, gates: Gates) -> bool:
    """Act out a fault; True where the connection is gone with it."""
    row, transport = FAULTS[fault.kind], request.transport
    exchange.close(f"fault: {fault.kind}")
    if row.act is not None and transport is not None:
        await row.act(transport, gates.event(fault.until))
    return not row.finishes


async def _write(response: web.StreamResponse, exchange: OpenExchange, data: bytes) -> None:
    if data:
        await response.write(data)
        exchange.wrote(data)


async def only_our_head(request: web.Request, response: web.StreamResponse) -> None:
    """Put the head we want in place of aiohttp's; of that, keep only what frames the body."""
    frame = [
        (name.lower(), response.headers[name])
        for name in ("Transfer-Encoding", "Content-Length", "Connection")
        if name in response.headers
    ]
    if isinstance(response, web.WebSocketResponse):
        frame = [(name, value) for name, value in response.headers.items() if name not in ("Date", "Server")]
    head = response.get(HEAD, ())
    response.headers.clear()
    response.headers.extend([(name, value) for name, value in (*head, *frame) if value is not None])
