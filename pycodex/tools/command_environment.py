"""The environment of a command: the agent's own as far as the configuration passes it on, and the login shell's."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from pycodex.command_env import CommandRules
from pycodex.login_env import login_environment
from pycodex.tools.base_tool import ToolContext, ToolError

__all__ = ["CommandEnvironment"]


class CommandEnvironment:
    """Shared by the tools that run commands: the login shell is asked once for all of them."""

    def __init__(
        self,
        rules: CommandRules,
        *,
        core: Collection[str],
        filters_login: bool,
        programs: Callable[[], Path | None] = lambda: None,
    ) -> None:
        """`core`: what `inherit = "core"` keeps. `filters_login`: whether what the login shell exports goes through
        the policy too, or stands above it (captures: shell/environment_core). `programs` gives a folder that comes
        first on PATH, as long as no profile makes another PATH (captures: shell/patch_program)."""
        self.rules = rules
        self._programs = programs
        self._core = core
        self._filters_login = filters_login
        self._login: asyncio.Task[dict[str, str] | None] | None = None

    def is_login(self, asked: bool | None) -> bool:
        """Whether a command is to run as in a login shell. Raises ToolError where that is not allowed."""
        if not self.rules.login_allowed and asked:
            raise ToolError("login shell is disabled by config; omit `login` or set it to false.")
        return self.rules.login_allowed if asked is None else asked

    def stands_for_login(self, context: ToolContext, cwd: Path) -> bool:
        """Whether the snapshot of the login shell counts for a command in that folder: it was taken in the folder of
        the turn, and elsewhere a login shell is one (captures: shell/snapshot_workdir)."""
        return self.rules.snapshot and os.path.normpath(cwd) == os.path.normpath(context.cwd)

    async def of(self, context: ToolContext, own: Mapping[str, str], *, snapshot: bool) -> dict[str, str]:
        """What the configuration leaves of the agent's environment, then `own`, then (`snapshot`) what the user's
        login shell exports. Variables of codex-cli's own, and those that the configuration sets, are not to be
        overridden by a profile (captures: shell/environment_set)."""
        own = {**context.own_env, **own}
        if not context.sandbox.network:
            own["CODEX_SANDBOX_NETWORK_DISABLED"] = "1"
        policy = self.rules.environment
        env = {**policy.apply(self._inherited(context), self._core), **own}
        if snapshot and (exported := await self._exported(context)):
            if self._filters_login:
                exported = policy.apply(exported, self._core)
            kept = {name for name in env if name in policy.set or (name in own and name.startswith("CODEX_"))}
            env.update({name: value for name, value in exported.items() if name not in kept})
        return env

    def _inherited(self, context: ToolContext) -> dict[str, str]:
        env, folder = dict(context.env), self._programs()
        if folder is not None:
            env["PATH"] = f"{folder}:{env['PATH']}" if env.get("PATH") else str(folder)
        return env

    async def _exported(self, context: ToolContext) -> dict[str, str] | None:
        if self._login is None:
            self._login = asyncio.create_task(login_environment(context.shell, self._inherited(context), context.cwd))
        return await asyncio.shield(self._login)

    async def aclose(self) -> None:
        """The login shell is not waited for any more."""
        if self._login is not None:
            self._login.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._login
