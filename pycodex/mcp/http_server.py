"""A server at a URL: credentials, the start that is tried again, the session that is begun anew when it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pycodex.mcp.configured import ServerConfig
from pycodex.mcp.http import WORKER, HttpLink
from pycodex.mcp.http_heads import configured_lines
from pycodex.mcp.rpc import Connection, SendFailed
from pycodex.mcp.server import RequestFailed, Server, StartFailed, duration
from pycodex.protocol import Emit, LogLine
from pycodex.transports.base import TransportError

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["HttpServer"]


class _NotBegun(StartFailed):
    """`again`: it may be tried again."""

    def __init__(self, *causes: str, told: str | None, again: bool) -> None:
        super().__init__(*causes, told=told)
        self.again = again


class HttpServer(Server):
    """See Server."""

    def __init__(self, config: ServerConfig, settings: Settings, emit: Emit, url: str) -> None:
        super().__init__(config, settings, emit)
        self._url = url
        self._http = self._style.http
        self._env = settings.environment
        self._lines = configured_lines(config, self._env)
        self._link: HttpLink | None = None
        self._renewing = asyncio.Lock()
        self._closing: list[asyncio.Task[None]] = []

    def _late(self, seconds: float) -> str:
        if self._http.timeout_told:
            unsent = TransportError("timeout", f"error sending request for url ({self._url})")
            self._quit(f"Transport channel closed, when {self._http.unsent(self._url, unsent)[1]}")
        return self._http.handshake_timeout.format(seconds=duration(seconds))

    async def _begin(self) -> None:
        self._token = self._credentials()
        await self._connect()

    def _credentials(self) -> str | None:
        """What the variable holds that the configuration names. Raises StartFailed."""
        variable = self.config.bearer_variable
        if variable is None:
            return None
        token = self._env.get(variable)
        if token is None or not token.strip():
            state = "is not set" if token is None else "is empty"
            raise StartFailed(f"Environment variable {variable} for MCP server '{self.config.name}' {state}")
        return token

    async def _connect(self) -> None:
        """Begin a session; a server that is not there, or has something wrong with it, is asked again. Raises
        StartFailed."""
        for pause in (*self._http.retries, None):
            try:
                await self._attempt()
                return
            except _NotBegun as error:
                if pause is None or not error.again:
                    raise
            await asyncio.sleep(pause)

    async def _attempt(self) -> None:
        """Raises StartFailed."""
        link = HttpLink(
            self._url,
            self._http,
            version=self._settings.dialect.version,
            configured=self._lines,
            token=self._token,
            env=self._env,
            arguments=self._settings.dialect.arguments,
            received=lambda message: connection.received(message),
            dropped=lambda number: connection.drop(number),
            log=self._log,
        )
        connection = Connection(link.send, self._note, self._style.cancel_reason)
        before, self._link = self._link, link
        begun = False
        try:
            await self._handshake(connection, self._http.capabilities)
            begun = True
        except SendFailed as error:
            raise self._not_begun(error, link) from None
        finally:
            if not begun:
                self._link = before
                await link.aclose(told=False)
        if before is not None:
            self._closing.append(asyncio.create_task(before.aclose()))
        self._connection = connection
        link.listen()

    def _agreed(self, found: Any) -> None:
        assert self._link is not None
        told = found.get("protocolVersion") if isinstance(found, Mapping) else None
        self._link.agreed(str(told or self._style.protocol))

    def _not_begun(self, error: SendFailed, link: HttpLink) -> _NotBegun:
        closed = "Transport channel closed, when"
        again = error.again or link.agreed_on  # (captured: mcp_http/start_again)
        if link.agreed_on:
            self._quit(f"{error}, when {error.step}")
            words = f"{closed} send initialized notification"
        else:
            self._quit(f"{closed} {error.debug}")
            words = f"{error}, when send initialize request"
        problem = f"Send message error Transport [{self._http.transport}] error: {words}"
        told = self._http.not_logged_in if error.login is not None else None
        return _NotBegun(
            *self._refused(problem).causes,
            told=told.format(name=self.config.name) if told else None,
            again=again,
        )

    def _quit(self, problem: str) -> None:
        self._log(WORKER, f"worker quit with fatal: {problem}")

    def _log(self, target: str, message: str) -> None:
        self._emit(LogLine(level="ERROR", target=target, message=message))

    async def _starting(self, method: str, params: Mapping[str, Any]) -> Any:
        for pause in self._http.retries:
            try:
                return await self.request(method, params)
            except RequestFailed as error:
                if not error.again:
                    raise
            await asyncio.sleep(pause)
        return await self.request(method, params)

    async def request(self, method: str, params: Mapping[str, Any] | None = None, timeout: float | None = None) -> Any:
        used = self._connection
        try:
            try:
                return await super().request(method, params, timeout)
            except SendFailed as error:
                if not error.lost:
                    raise
            await self._renew(used)
            return await super().request(method, params, timeout)
        except SendFailed as error:
            problem = f"Transport send error: Transport [{self._http.transport}] error: {error}"
            raise RequestFailed(problem, login=error.login, again=error.again) from None

    async def _renew(self, used: Connection | None) -> None:
        """A new session in place of the one that `used` had, once (captured: mcp_http/session_lost). Raises
        RequestFailed."""
        async with self._renewing:
            if self._connection is used:
                try:
                    await self._connect()
                except StartFailed as error:
                    raise RequestFailed(*error.causes) from None

    async def aclose(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.aclose()
        await asyncio.gather(*self._closing)
