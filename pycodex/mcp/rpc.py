"""JSON-RPC as codex-cli's MCP client speaks it, without I/O: messages in, messages out.

Captured (mcp/call, mcp/notifications): requests count from 0, all but the first carry a `progressToken` that counts
from 0; a server's `ping` and `roots/list` are answered, what it asks else is refused with the method as the message.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from pycodex.records import dataclass

__all__ = ["Connection", "ConnectionClosed", "RpcError", "SendFailed"]

Message = dict[str, Any]
_NOT_FOUND = -32601
_INVALID = {"code": -32600, "message": "Invalid request"}


@dataclass(frozen=True, kw_only=True)
class _Answer:
    result: Any = None
    error: Mapping[str, Any] | None = None


class RpcError(Exception):
    """The server refused a request."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        from pycodex.request import compact

        told = f"({compact(data)})" if data is not None else ""
        super().__init__(f"{code}: {message}{told}")


class ConnectionClosed(Exception):
    """The server went away."""


class SendFailed(Exception):
    """A message did not reach the server, or it would not take it: in words, and in the `debug` form of the log.

    `again`: it may be tried again; `lost`: the server knows the session no more; `login`: how the server says that it
    wants a login; `step`: what was being done.
    """

    def __init__(
        self,
        words: str,
        debug: str = "",
        *,
        again: bool = False,
        lost: bool = False,
        login: str | None = None,
        step: str = "send initialized notification",
    ) -> None:
        super().__init__(words)
        self.step = step
        self.debug = debug
        self.again = again
        self.lost = lost
        self.login = login


class Connection:
    """Pairs requests with answers; `send` writes a message, `log` hears what a server notes.

    `cancel_reason`: what it is told of a request that took too long, or of a call that is cut off.
    """

    def __init__(
        self,
        send: Callable[[Message], Awaitable[None]],
        log: Callable[[Mapping[str, Any]], None],
        cancel_reason: str | None,
    ) -> None:
        self._send = send
        self._log = log
        self._reason = cancel_reason
        self._count = 0
        self._waiting: dict[Any, asyncio.Future[_Answer]] = {}
        self._answers: set[asyncio.Task[None]] = set()
        self.closed = False

    async def request(self, method: str, params: Mapping[str, Any] | None = None, timeout: float | None = None) -> Any:
        """The result. Raises RpcError, ConnectionClosed, SendFailed, TimeoutError."""
        if self.closed:
            raise ConnectionClosed
        number, self._count = self._count, self._count + 1
        told: Message = dict(params or {})
        if number:
            told["_meta"] = {**told.get("_meta", {}), "progressToken": number - 1}
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout):
                await self._write({"jsonrpc": "2.0", "id": number, "method": method, "params": told})
                answer = await waiting
        except TimeoutError:
            await self._cancel(number)
            raise
        except asyncio.CancelledError:
            if method == "tools/call":  # a start that is given up is told nothing: the server itself is ended
                await self._cancel(number)
            raise
        finally:
            del self._waiting[number]
        if answer.error is not None:
            raise RpcError(answer.error.get("code", 0), answer.error.get("message", ""), answer.error.get("data"))
        return answer.result

    async def _cancel(self, number: int) -> None:
        """Tell the server that nobody waits for that request any more (captured: interactive/mcp_interrupt)."""
        if self._reason is not None:
            with contextlib.suppress(SendFailed):
                await self.notify("notifications/cancelled", {"requestId": number, "reason": self._reason})

    async def notify(self, method: str, params: Mapping[str, Any] | None = None) -> None:
        """Tell the server something. Raises SendFailed."""
        told = {} if params is None else {"params": dict(params)}
        await self._write({"jsonrpc": "2.0", "method": method, **told})

    def received(self, message: Any) -> None:
        """What the server sent; what means nothing is left alone."""
        if not isinstance(message, dict):
            return
        if "method" in message:
            if "id" in message:
                self._soon(self._answer(message))
            elif message["method"] == "notifications/message":
                self._log(message.get("params") or {})
            return
        if "result" not in message and "error" not in message:
            self._soon(self._write({"jsonrpc": "2.0", "error": _INVALID}))
            return
        waiting = self._waiting.get(message.get("id"))
        if waiting is not None and not waiting.done():
            waiting.set_result(_Answer(result=message.get("result"), error=message.get("error")))

    def drop(self, number: Any) -> None:
        """The answer to a request will not come."""
        waiting = self._waiting.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_exception(ConnectionClosed())

    def close(self) -> None:
        """Nothing more comes: whoever waits is told."""
        self.closed = True
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionClosed())

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        async def alone() -> None:
            with contextlib.suppress(SendFailed):  # nobody waits for it
                await work

        task = asyncio.create_task(alone())
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer(self, message: Message) -> None:
        results = {"ping": {}, "roots/list": {"roots": []}, "elicitation/create": {"action": "decline"}}
        method = message["method"]
        told: Message = {"error": {"code": _NOT_FOUND, "message": method}}
        if method in results:
            told = {"result": results[method]}
        await self._write({"jsonrpc": "2.0", "id": message["id"], **told})

    async def _write(self, message: Message) -> None:
        try:
            await self._send(message)
        except OSError:
            self.close()
