import json
from pathlib import Path
from typing import Any

import pytest

from pycodex.parsed_command import parse_command

CAPTURED: dict[str, Any] = json.loads((Path(__file__).parent / "parsed_commands.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("script", CAPTURED)
def test_captured_rows(script: str) -> None:
    steps = parse_command(["/bin/bash", "-lc", script])
    assert steps == CAPTURED[script]
    assert [list(step) for step in steps] == [list(step) for step in CAPTURED[script]]


def test_an_argv_without_a_shell() -> None:
    assert parse_command(["cat", "a b"]) == [{"type": "read", "cmd": "cat 'a b'", "name": "a b", "path": "a b"}]
