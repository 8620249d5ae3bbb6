"""Agents from PyPI, each in a Python environment of its own below `.work/agents`, never in the one that runs us.

Another project may have our package's name, as python-codex has. The environment is made from a lock of requirements/
with hashes, and made again when the lock has changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from captures.agents import AgentError

__all__ = ["LOCKS", "environment"]

LOCKS = Path(__file__).resolve().parent.parent / "requirements"


def environment(name: str, lock: str, tools: Path, locks: Path = LOCKS) -> Path:
    """The folder of its programs; made once per lock, also where several ask at once. Raises AgentError."""
    wanted = locks / lock
    try:
        print_of_lock = hashlib.sha256(wanted.read_bytes()).hexdigest()
    except OSError as error:
        raise AgentError(f"{wanted}: {error.strerror}; `make lock` writes it") from None
    folder = tools / "agents" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{name}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        ready = folder / ".ready"
        if not ready.exists() or ready.read_text() != print_of_lock:
            shutil.rmtree(folder, ignore_errors=True)
            _run(name, sys.executable, "-m", "venv", "--without-pip", str(folder))
            pip = (
                sys.executable,
                "-m",
                "pip",
                "--python",
                str(folder),
                "install",
                "-qq",
                "--disable-pip-version-check",
            )
            _run(name, *pip, "--require-hashes", "--only-binary", ":all:", "-r", str(wanted))
            ready.write_text(print_of_lock)
    return folder / "bin"


def _run(name: str, *command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "ERROR" in line]
        said = lines[0] if lines else done.stderr.strip() or f"exit code {done.returncode}"
        raise AgentError(f"{name}: its environment could not be made: {said}")
