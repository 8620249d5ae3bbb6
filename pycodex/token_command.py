"""The token of a provider that a command tells: `[model_providers.ID.auth]`.

Measured on 0.169.0 (auth/command, auth/command_failed): what the command writes, without the space around it, is the
bearer token. It is run when a token is first needed, when the one there is is older than `refresh_interval_ms`, and
where the provider refused it. A command that fails is logged; the request then carries the token there was. Without any
it is run once more, and the request goes without one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pycodex.records import dataclass, names

__all__ = ["CommandTokens", "TokenCommand", "TokenError"]


class TokenError(Exception):
    """The command gave no token; the message is what a person reads."""


@dataclass(frozen=True, kw_only=True)
class TokenCommand:
    """One `auth` table, defaults filled in. Times are milliseconds."""

    command: str
    """A name of PATH, or a path from `cwd`."""
    args: tuple[str, ...] = ()
    timeout_ms: int = 5_000
    refresh_interval_ms: int = 300_000
    """How old a token may become; 0: as old as the provider lets it."""
    cwd: str | None = None
    """None: where the program was started (captured: -C changes nothing)."""


class CommandTokens:
    """The newest token of a command, for all threads of a program."""

    def __init__(self, command: TokenCommand) -> None:
        self.token: str | None = None
        """What a request carries."""
        self._command = command
        self._told_at = 0.0
        self._running = asyncio.Lock()

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> CommandTokens:
        """The tokens of a table whose types were checked."""
        fields = {key: value for key, value in table.items() if key in names(TokenCommand)}
        return cls(TokenCommand(**{**fields, "args": tuple(table.get("args", ()))}))

    async def prepare(self, environment: Mapping[str, str]) -> list[str]:
        """See to it that there is a token for the next request. Comes back with what went wrong."""
        problems = []
        for _ in range(_LOOKS):
            async with self._running:
                if self._fresh:
                    break
                try:
                    await self._run(environment)
                except TokenError as error:
                    problems.append(str(error))
                if self.token is not None:
                    break
        return problems

    async def renew(self, environment: Mapping[str, str]) -> None:
        """Run the command again, however young the token is. Raises TokenError, and keeps the token then."""
        async with self._running:
            await self._run(environment)

    @property
    def _fresh(self) -> bool:
        age = (time.monotonic() - self._told_at) * 1000
        limit = self._command.refresh_interval_ms
        return self.token is not None and (limit == 0 or age < limit)

    async def _run(self, environment: Mapping[str, str]) -> None:
        self.token = await _told(self._command, environment)
        self._told_at = time.monotonic()


_LOOKS = 2


async def _told(command: TokenCommand, environment: Mapping[str, str]) -> str:
    """What the command writes. Raises TokenError."""
    from pycodex.waiting import exit_words, run_within

    title = f"provider auth command `{command.command}`"
    folder = Path.cwd() if command.cwd is None else Path(command.cwd)
    program = command.command
    if len(Path(program).parts) > 1 or program.startswith("./"):
        program = str(folder / program)
    try:
        done = await run_within(command.timeout_ms / 1000, (program, *command.args), folder, environment, session=False)
    except TimeoutError:
        raise TokenError(f"{title} timed out after {command.timeout_ms} ms") from None
    except ValueError:
        raise TokenError(f"{title} failed to start: nul byte found in provided data") from None
    except OSError as error:
        raise TokenError(f"{title} failed to start: {error.strerror} (os error {error.errno})") from None
    if done.status != 0:
        said = done.stderr.decode(errors="replace").strip()
        raise TokenError(f"{title} exited with status {exit_words(done.status)}{f': {said}' if said else ''}")
    try:
        token = done.stdout.decode().strip()
    except UnicodeDecodeError:
        raise TokenError(f"{title} wrote non-UTF-8 data to stdout") from None
    if not token:
        raise TokenError(f"{title} produced an empty token")
    return token
