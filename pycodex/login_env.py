"""The environment that a login shell of the user makes.

codex-cli takes a snapshot of the user's login shell once per session, and runs commands in a shell that is
not a login shell, on top of that snapshot: `shopt login_shell` says off, but PATH is the one that
/etc/profile made. Only exported variables (and exported functions, which are variables too) survive into the
command, so these are all that is kept here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pycodex.shell import Shell
from pycodex.waiting import printed_within

__all__ = ["login_environment"]

_SECONDS = 10.0
_MARK = b"\0pycodex environment\0"
_OF_ONE_SHELL = ("PWD", "OLDPWD", "_")


async def login_environment(shell: Shell, env: Mapping[str, str], cwd: Path) -> dict[str, str] | None:
    """Variables that `shell` exports when it starts as a login shell with `env`; None when it cannot be
    asked.

    SHLVL is one less than the shell's own, because the next shell counts it up again.
    """
    script = "printf '\\0pycodex environment\\0'; env -0"
    printed = await printed_within(_SECONDS, shell.argv(script), cwd, env)
    if printed is None or _MARK not in printed:
        return None
    return _parsed(printed.rpartition(_MARK)[2])


def _parsed(block: bytes) -> dict[str, str]:
    variables = {}
    for entry in block.split(b"\0"):
        name, equals, value = entry.decode(errors="surrogateescape").partition("=")
        if equals and name not in _OF_ONE_SHELL:
            variables[name] = value
    level = variables.get("SHLVL", "")
    if level.isdigit():
        variables["SHLVL"] = str(max(0, int(level) - 1))
    return variables
