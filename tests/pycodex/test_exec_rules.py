"""Rules files: what they may say, and how an error reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from pycodex.config_layers import ConfigError
from pycodex.exec_rules import Match, Rules, RulesStyle, load_rules


def rules(folder: Path, **files: str) -> Rules:
    for name, text in files.items():
        (folder / f"{name}.rules").write_text(text)
    return load_rules([folder, folder / "absent"], RulesStyle())


def error(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        rules(folder, bad=text)
    head, _, line = str(raised.value).partition("\n")
    assert head == "Error loading rules:"
    return line.removeprefix(f"{folder}/bad.rules:")


def test_no_files_no_rules(tmp_path: Path) -> None:
    assert not rules(tmp_path)
    (tmp_path / "sub.rules").mkdir()
    (tmp_path / "notes.txt").write_text("bad(")
    assert not rules(tmp_path)


def test_language(tmp_path: Path) -> None:
    found = rules(
        tmp_path,
        b='prefix_rule(["b"], "prompt")',
        a='"""Ours."""\nCOMMON = ["git"]  # a name\nprefix_rule(\n    pattern = COMMON + [["push", "fetch"]],\n'
        '    decision = "forbid" + "den",\n    justification = "ask",\n    match = ["git push x", ["git", "fetch"]],\n'
        '    not_match = ["git pull"],\n)\n',
    )
    assert found.matches(["git", "push", "x"]) == [
        Match(decision="forbidden", prefix=("git", "push"), justification="ask")
    ]
    assert found.matches(["git", "pull"]) == found.matches(["git"]) == found.matches([]) == []
    assert [match.decision for match in found.matches(["/any/b", "c"])] == ["prompt"]


def test_a_name_may_stand_for_some_paths_only(tmp_path: Path) -> None:
    found = rules(tmp_path, a='prefix_rule(["b"])\nhost_executable(name="b", paths=["/bin/b"])')
    assert found.matches(["b"]) and found.matches(["/bin/b"])
    assert not found.matches(["/other/b"])


ERRORS = [
    ('prefix_rule(["ls"], "maybe")', "1: error: invalid decision: maybe (problem is on or around line 1)"),
    (
        "\nprefix_rule([])",
        "2: error: invalid pattern element: pattern cannot be empty (problem is on or around line 2)",
    ),
    ("other(1)", "1: starlark error: error: Variable `other` not found (problem is on or around line 1)"),
    ("X = Y", "1: starlark error: error: Variable `Y` not found (problem is on or around line 1)"),
    (
        'prefix_rule(["ls", ["-l", "-a"]], match=["cat x"])',
        '1: expected every example to match at least one rule. rules: ["PrefixRule { pattern: PrefixPattern { first: '
        '\\"ls\\", rest: [Alts([\\"-l\\", \\"-a\\"])] }, decision: Allow, justification: None }"]; '
        'unmatched examples: ["cat x"] (problem is on or around line 1)',
    ),
]


@pytest.mark.parametrize(("text", "line"), ERRORS)
def test_errors(text: str, line: str, tmp_path: Path) -> None:
    assert error(tmp_path, text) == line


@pytest.mark.parametrize(
    "text",
    [
        'prefix_rule(["ls"]',
        "def f():\n    pass",
        'prefix_rule(["ls"], colour="red")',
        'prefix_rule(**{"pattern": ["ls"]})',
        'prefix_rule(["ls", 1])',
        'prefix_rule(["ls"], not_match=["ls -l"])',
        'prefix_rule(["ls"], match="ls")',
        'network_rule(host="example.com", decision="deny")',
        'host_executable(name="ls")',
        'X = ["a"] + "b"',
    ],
)
def test_what_is_not_understood_is_refused(text: str, tmp_path: Path) -> None:
    assert "(problem is on or around line 1)" in error(tmp_path, text)
