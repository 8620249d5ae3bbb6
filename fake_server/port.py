"""The server's port: open (it listens) or shut (connections are refused), without the number ever being free."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

__all__ = ["Port"]

_BACKLOG = 128


class Port:
    """`open()` and `shut()` act at once: the kernel accepts or refuses from then on.

    While it is shut a second socket, bound but not listening, holds the number, so that no other program gets it. That
    needs SO_REUSEPORT, which would let two servers share a number that a person chose; such a number is not held.
    """

    def __init__(self, enter: Callable[[socket.socket], Awaitable[object]], host: str, port: int) -> None:
        """`enter` is given each connection, a socket that does not block; it is cancelled once the port is shut."""
        self._enter = enter
        self._entering: set[asyncio.Task[None]] = set()
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        self._family, self._host = family, str(address[0])
        self._holder: socket.socket | None = None
        self._listening: socket.socket | None = None
        self._ended = False
        self.number = port
        if port == 0:
            self._holder = socket.socket(family)
            self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            self._holder.bind((self._host, 0))
            self.number = int(self._holder.getsockname()[1])

    def open(self) -> None:
        """Listen, unless it was closed: a request that is still served may ask for it. Raises OSError where the port is
        taken."""
        if self._listening is not None or self._ended:
            return
        address = (self._host, self.number)
        reuse = self._holder is not None
        self._listening = socket.create_server(address, family=self._family, backlog=_BACKLOG, reuse_port=reuse)
        self._listening.setblocking(False)
        asyncio.get_running_loop().add_reader(self._listening, self._accept, self._listening)

    def _accept(self, listening: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError, InterruptedError, ConnectionAbortedError):
            while True:
                connection, _ = listening.accept()
                connection.setblocking(False)
                task = asyncio.get_running_loop().create_task(self._take_in(connection))
                self._entering.add(task)
                task.add_done_callback(self._entering.discard)

    async def _take_in(self, connection: socket.socket) -> None:
        try:
            await self._enter(connection)
        except asyncio.CancelledError:
            connection.close()
            raise

    def shut(self) -> None:
        """Refuse. Connections that are served are not touched."""
        if self._listening is None:
            return
        asyncio.get_running_loop().remove_reader(self._listening)
        self._listening.close()
        self._listening = None
        for task in self._entering:
            task.cancel()

    async def aclose(self) -> None:
        """Shut for good, and let the number go."""
        entering = list(self._entering)
        self._ended = True
        self.shut()
        await asyncio.gather(*entering, return_exceptions=True)
        if self._holder is not None:
            self._holder.close()
