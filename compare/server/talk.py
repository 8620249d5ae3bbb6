"""Sends requests to a server, and gives each answer as it came. One function for HTTP, one class for a WebSocket."""

from __future__ import annotations

import io
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import aiohttp
from multidict import CIMultiDict

from compare.server.revive import Sendable
from fake_server.findings import Given
from fake_server.items import compact

__all__ = ["Client", "Socket", "Unreachable"]

_NEVER_ADDED = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")


class Unreachable(Exception):
    """Nobody answers at that address; the message names it."""


class Client:
    """`async with Client(url, key, quiet) as client:`; `url` is a base URL as codex-cli's base_url; `quiet` is how many
    seconds of silence count as the end."""

    def __init__(self, url: str, key: str | None = None, quiet: float = 120.0) -> None:
        self.url = url.rstrip("/")
        self.key = key
        self._quiet = quiet
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=self._quiet)
        self._session = aiohttp.ClientSession(
            auto_decompress=False, skip_auto_headers=_NEVER_ADDED, timeout=timeout, trust_env=True
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    def _head(self, request: Sendable, key: str | None) -> CIMultiDict[str]:
        head = CIMultiDict(request.head)
        if key is not None:
            head["authorization"] = f"Bearer {key}"
        return head

    async def send(self, request: Sendable, *, key: str | None = None) -> Given:
        """One request and its whole answer; raises Unreachable where there is not even a head."""
        assert self._session is not None, "use Client as a context manager"
        data = None
        if request.body is not None:
            data = io.BytesIO(compact(request.body).encode("utf-8", "surrogatepass"))
        written = bytearray()
        try:
            async with self._session.request(
                request.method,
                self.url + request.path,
                headers=self._head(request, key or self.key),
                data=data,
            ) as answer:
                head = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in answer.raw_headers)
                end = "complete"
                try:
                    async for piece in answer.content.iter_any():
                        written += piece
                except TimeoutError:
                    end = "silent"
                except (aiohttp.ClientError, OSError) as error:
                    end = f"cut: {type(error).__name__}"
                return Given(status=answer.status, head=head, body=bytes(written), end=end)
        except TimeoutError:
            raise Unreachable(f"{self.url}{request.path}: no answer within {self._quiet:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{self.url}{request.path}: {error or type(error).__name__}") from None

    async def upgrade(self, request: Sendable) -> Socket | int:
        """A WebSocket, or the status that refuses it."""
        assert self._session is not None, "use Client as a context manager"
        try:
            socket = await self._session.ws_connect(
                self.url + request.path, headers=self._head(request, self.key), max_msg_size=0
            )
        except aiohttp.WSServerHandshakeError as error:
            return error.status
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(f"{self.url}{request.path}: {error or type(error).__name__}") from None
        return Socket(socket, self._quiet)


class Socket:
    """A WebSocket: one answer for each message."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, quiet: float) -> None:
        self._socket = socket
        self._quiet = quiet

    async def ask(self, body: Any) -> Given:
        """Says a message and reads on until the response is over, the socket closes or nothing comes."""
        lines: list[str] = []
        end = "complete"
        await self._socket.send_str(compact(body))
        while not _over(lines):
            try:
                message = await self._socket.receive(timeout=self._quiet)
            except TimeoutError:
                end = "silent"
                break
            if message.type is not aiohttp.WSMsgType.TEXT:
                end = f"cut: {message.type.name}"
                break
            lines.append(message.data)
        return Given(status=200, body="\n".join(lines).encode("utf-8", "replace"), end=end, messages=True)

    async def close(self) -> None:
        await self._socket.close()


def _over(lines: Sequence[str]) -> bool:
    ends = ('"response.completed"', '"response.failed"', '"response.incomplete"', '"type":"error"', '"type": "error"')
    return bool(lines) and any(end in lines[-1] for end in ends)
