"""The sandbox that bubblewrap makes where pycodex may not make namespaces of its own, held to the same. Without any
`bwrap` these tests fail.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from captures.driver import WORK
from tests.pycodex.test_path_rules import (
    test_a_working_directory_that_is_not_there_is_the_root,
    test_what_may_not_be_read_stays_unread,
    test_without_the_root_nothing_else_is_there,
    workspace,
)
from tests.pycodex.test_sandbox_escapes import (
    WAYS,
    Way,
    place,
    test_an_empty_folder_of_ones_own_stays,
    test_an_open_network_opens_nothing_else,
    test_an_ordinary_user_is_kept_in_too,
    test_everything_ends_with_the_agent,
    test_nothing_escapes,
    test_placeholders_stay_while_one_command_needs_them,
    test_protected_folders_of_a_writable_workspace,
    test_the_terminal_is_not_the_commands_own,
)

__all__ = [
    "place",
    "test_a_working_directory_that_is_not_there_is_the_root",
    "test_an_empty_folder_of_ones_own_stays",
    "test_an_open_network_opens_nothing_else",
    "test_an_ordinary_user_is_kept_in_too",
    "test_everything_ends_with_the_agent",
    "test_nothing_escapes",
    "test_placeholders_stay_while_one_command_needs_them",
    "test_protected_folders_of_a_writable_workspace",
    "test_the_terminal_is_not_the_commands_own",
    "test_what_may_not_be_read_stays_unread",
    "test_without_the_root_nothing_else_is_there",
    "workspace",
]

NO_BUBBLEWRAP = (
    "there is no `bwrap` on PATH: install bubblewrap (Debian, Ubuntu: `apt-get install bubblewrap`; Fedora: `dnf "
    "install bubblewrap`), or the codex-cli that brings one (`python -m captures install 0.169.0`, which needs npm)"
)


@pytest.fixture
def way(monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    """By the `bwrap` of the system, else by the one that an installed codex-cli brings; none is a failure."""
    if shutil.which("bwrap"):
        yield WAYS["bubblewrap"]
        return
    brought = sorted((WORK / "npm").glob("*/*/node_modules/@openai/*/vendor/*/codex-resources/bwrap"))
    assert brought, NO_BUBBLEWRAP
    # A copy where every user may run it.
    folder = Path("/var/tmp") / f"pycodex-bwrap-{secrets.token_hex(4)}"
    folder.mkdir()
    shutil.copy(brought[-1], folder / "bwrap")
    (folder / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    yield WAYS["bubblewrap"]
    shutil.rmtree(folder)
