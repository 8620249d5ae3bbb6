"""Readings of scripts. The rows of rule_words.json hold for both binaries: under a rule for each of these commands, all
317 scripts were refused, or run, with the same words by codex-cli 0.115.0 (first column) and 0.169.0 (second)."""

import json
from pathlib import Path

import pytest

from pycodex.scripts import Argv, command_before_heredoc, literal_commands, plain_commands, script_of

WORDS: dict[str, list[list[Argv] | None]] = json.loads(
    (Path(__file__).parent / "rule_words.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("script", WORDS)
def test_words_that_rules_are_held_against(script: str) -> None:
    old, new = WORDS[script]
    before = command_before_heredoc(script)
    assert (plain_commands(script, literal=False) or ([before] if before else [])) == (old or [])
    assert plain_commands(script, literal=True) == new


@pytest.mark.parametrize(
    ("script", "commands"),
    [
        ("if a; then b 'c d' $E \"f\"; fi", [["a"], ["b", "c d", "f"]]),
        ('echo "$(a b)" | x*y z; $c d', [["echo"], ["a", "b"]]),
        ("A=1 b < c; # d", [["b"]]),
        ("if a b", []),
        ("", []),
    ],
)
def test_literal_commands(script: str, commands: list[Argv]) -> None:
    assert literal_commands(script) == commands


@pytest.mark.parametrize(
    ("argv", "script"),
    [
        (["/bin/bash", "-lc", "ls"], "ls"),
        (["sh", "-c", "ls"], "ls"),
        (["bash.exe", "-c", "ls"], "ls"),
        (["bash", "-x", "ls"], None),
        (["bash", "-c", "ls", "name"], None),
        (["ksh", "-c", "ls"], None),
        (["ls"], None),
    ],
)
def test_script_of(argv: Argv, script: str | None) -> None:
    assert script_of(argv) == script
