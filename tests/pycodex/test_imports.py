"""What a process loads, seen from inside a fresh one."""

from __future__ import annotations

import subprocess
import sys

import pytest

HTTP = {"httpcore", "h11", "httpx", "aiohttp", "requests", "urllib3", "anyio", "http.client", "urllib.request"}
UI = {"rich", "textual", "prompt_toolkit", "curses", "tkinter", "readline"}

START = """
from pathlib import Path
from pycodex.upstream import NEWEST, load_dialect
from pycodex.settings import resolve
import pycodex.agent, pycodex.events, pycodex.runtime, pycodex.transports
load_dialect(NEWEST)
"""


def loaded(code: str) -> set[str]:
    """The modules of a process that ran `code`."""
    script = f"{code}\nimport sys\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_neither_an_http_nor_a_ui_library() -> None:
    found = loaded("import pycodex")
    assert "pycodex" in found
    assert found & (HTTP | UI | {"asyncio", "ssl"}) == set()


@pytest.mark.parametrize("code", ["from pycodex import *", START], ids=["all names", "an agent"])
def test_an_agent_is_put_together_without_them_too(code: str) -> None:
    found = loaded(code)
    assert "pycodex.agent" in found
    assert found & (HTTP | UI) == set()


def test_a_start_loads_only_the_dialect_that_is_spoken() -> None:
    from pycodex.upstream import NEWEST, VERSIONS

    others = {module for version, module in VERSIONS.items() if version != NEWEST}
    assert loaded(START) & others == set()


def test_a_start_does_not_load_what_is_slow_to_load() -> None:
    """Each of these was a hundredth of the start or more, and has a cheaper way."""
    slow = {"dataclasses", "uuid", "hashlib", "decimal", "platform", "shutil", "http", "random", "argparse"}
    assert loaded(START) & slow == set()
