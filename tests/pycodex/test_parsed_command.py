import json
from pathlib import Path
from typing import Any

import pytest

from pycodex.parsed_command import parse_command, plain_commands

CAPTURED: dict[str, Any] = json.loads((Path(__file__).parent / "parsed_commands.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("script", CAPTURED)
def test_captured_rows(script: str) -> None:
    assert parse_command(["/bin/bash", "-lc", script]) == CAPTURED[script]


@pytest.mark.parametrize(
    ("script", "commands"),
    [
        ("a b\n\nc 'd e' && f g\"h\";", [["a", "b"], ["c", "d e"], ["f", "gh"]]),
        ("\na |\n b\n", [["a"], ["b"]]),
        ("", []),
        ("'a' b", None),
        ("a'b' c", None),
        ("a ; ; b", None),
        ("a &&", None),
        ("a > b", None),
        ("A=1 b", None),
    ],
)
def test_plain_commands(script: str, commands: list[list[str]] | None) -> None:
    assert plain_commands(script) == commands
