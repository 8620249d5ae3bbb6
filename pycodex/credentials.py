"""Credentials around a request: seen to before it goes out, and recovered where the provider refuses them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from pycodex.sampling import Failure, Logged

if TYPE_CHECKING:
    from pycodex.login import Recovered, Recovery
    from pycodex.settings import Settings
    from pycodex.transports.base import Transport

__all__ = ["Refusals", "prepare"]


async def prepare(settings: Settings) -> list[Logged]:
    """What a request needs for its head, before that is built. Comes back with what to log."""
    tokens = settings.config.provider.tokens
    if tokens is None:
        return []
    target, text = settings.dialect.auth.command_log
    problems = await tokens.prepare(settings.environment)
    return [Logged(target=target, message=text.format(problem=problem)) for problem in problems]


class Refusals:
    """What is done about 401s, for one try of a stream."""

    def __init__(
        self, settings: Settings, connect: Callable[[], Transport], forget: Callable[[], Awaitable[None]]
    ) -> None:
        """`connect` gives the transport that a token server is asked by, `forget` lets it go."""
        self._settings = settings
        self._connect = connect
        self._forget = forget
        self._recovery: Recovery | None = None

    async def after(self, failure: Failure) -> Recovered | None:
        """Do the next thing about a failure; None where nothing is to be done."""
        settings = self._settings
        if failure.status != 401 or not (settings.follows_login or settings.config.provider.tokens is not None):
            return None
        if self._recovery is None:
            from pycodex.login import Recovery

            self._recovery = Recovery(settings=settings)
        done = await self._recovery.after(failure, self._connect())
        await self._forget()
        return done
