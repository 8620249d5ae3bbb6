"""The server's port: open (it listens) or shut (connections are refused), without the number ever being free."""

import asyncio
import contextlib
import socket
from collections.abc import Callable

__all__ = ["Port"]

_BACKLOG = 128


class Port:
    """`open()` and `shut()` act at once: the kernel accepts or refuses from then on.

    While it is shut a second socket, bound but not listening, holds the number, so that no other program gets it. That
    needs SO_REUSEPORT, which would let two servers share a number that a person chose; such a number is not held.
    """

    def __init__(self, factory: Callable[[], asyncio.BaseProtocol], host: str, port: int) -> None:
        self._factory = factory
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        self._family, self._host = family, str(address[0])
        self._holder: socket.socket | None = None
        self._listening: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._starting: asyncio.Task[None] | None = None
        self.number = port
        if port == 0:
            self._holder = socket.socket(family)
            self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            self._holder.bind((self._host, 0))
            self.number = int(self._holder.getsockname()[1])

    def open(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        if self._listening is not None:
            return
        address = (self._host, self.number)
        reuse = self._holder is not None
        self._listening = socket.create_server(address, family=self._family, backlog=_BACKLOG, reuse_port=reuse)
        self._starting = asyncio.get_running_loop().create_task(self._start(self._listening))

    async def _start(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._factory, sock=listening, backlog=_BACKLOG, start_serving=False)
        await self._server.start_serving()

    def shut(self) -> None:
        """Refuse. Connections that stand are not touched."""
        if self._listening is None:
            return
        if self._starting is not None:
            self._starting.cancel()
        if self._server is not None:
            self._server.close()
        self._listening.close()
        self._listening = self._server = self._starting = None

    async def aclose(self) -> None:
        """Shut for good, and let the number go."""
        starting = self._starting
        self.shut()
        if starting is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await starting
        if self._holder is not None:
            self._holder.close()
