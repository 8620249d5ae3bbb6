from pathlib import Path

import pytest

from compare.declared import FOLDER, DeclaredError, parse_declared, read_declared
from compare.difference import Difference

ROW = """
[[difference]]
id = "user-agent"
cells = ["0.169.0/*/exec/*", "0.115.0/direct/exec/hello"]
surface = "head"
path = "requests/*/head/user-agent"
actual = "pycodex/*"
reason = "it says who it is"
evidence = "captures/scenarios/exec/hello.yaml"
"""

DIFFERENCE = Difference(
    surface="head",
    path=("requests", 0, "head", 3, 1),
    place="requests/0/head/user-agent",
    kind="changed",
    expected="codex_exec/0.169.0",
    actual="pycodex/0.1",
    text="request 1, header 4 (user-agent): ...",
)


def other(**changes: object) -> Difference:
    return Difference(**{**DIFFERENCE.__dict__, **changes})


def test_a_row_covers_what_all_its_globs_fit() -> None:
    (row,) = parse_declared(ROW).rows
    assert row.covers("0.169.0/direct/exec/hello", DIFFERENCE)
    assert row.covers("0.115.0/direct/exec/hello", DIFFERENCE)


@pytest.mark.parametrize(
    ("cell", "difference"),
    [
        ("0.115.0/direct/exec/resume", DIFFERENCE),
        ("0.169.0/direct/exec/hello", other(surface="body")),
        ("0.169.0/direct/exec/hello", other(place="requests/0/head/originator")),
        ("0.169.0/direct/exec/hello", other(actual="codex/0.1")),
        ("0.169.0/direct/exec/hello", other(actual=None)),
    ],
)
def test_a_row_covers_nothing_else(cell: str, difference: Difference) -> None:
    assert parse_declared(ROW).find(cell, difference) is None


def test_values_that_are_no_text_are_matched_as_compact_json() -> None:
    (row,) = parse_declared(ROW.replace("pycodex/*", '{\\"a\\":*}')).rows
    assert row.covers("0.169.0/direct/exec/hello", other(actual={"a": 1}))


def test_rows_that_excuse_nothing_are_stale() -> None:
    declared = parse_declared(ROW + ROW.replace("user-agent", "second"))
    assert declared.stale({"user-agent"}) == ("second",)
    assert declared.stale({"user-agent", "second"}) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ROW + 'path2 = "x"', "row 1: unknown key 'path2'"),
        (ROW.replace('reason = "it says who it is"', ""), "row 1: 'reason' is missing or empty"),
        (ROW.replace('"it says who it is"', '""'), "row 1: 'reason' is missing or empty"),
        (ROW.replace('surface = "head"', 'surface = "heads"'), "row 1: unknown surface 'heads'; there are head, "),
        (ROW.replace('"requests/*/head/user-agent"', "1"), "row 1: 'path' is not a text"),
        (ROW.replace('["0.169.0/*/exec/*", "0.115.0/direct/exec/hello"]', "[1]"), "row 1: 'cells' is neither"),
        (ROW + ROW, "id 'user-agent' stands twice"),
        ("[other]", "unknown key 'other'"),
        ('[[not_run]]\nscenario = "a/b"', "has a scenario and a reason"),
        ('[[not_run]]\nscenario = "a/b"\nreason = ""', "has a scenario and a reason"),
        ("x =", "ledger: "),
    ],
)
def test_a_ledger_with_a_mistake_says_where(text: str, message: str) -> None:
    with pytest.raises(DeclaredError, match="ledger: ") as error:
        parse_declared(text, "ledger")
    assert message in str(error.value)


def test_a_ledger_names_what_may_be_not_run() -> None:
    declared = parse_declared('[[not_run]]\nscenario = "a/b"\nreason = "it needs a thing"')
    assert (declared.rows, declared.may_be_not_run) == ((), ("a/b",))


def test_a_ledger_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DeclaredError, match=r"none\.toml: No such file"):
        read_declared(tmp_path / "none.toml")


def test_what_pycodex_declares_is_as_short_as_this() -> None:
    rows = read_declared(FOLDER / "pycodex.toml").rows
    assert {cell.rpartition("/direct/")[2] for row in rows for cell in row.cells} == {
        "doctor/help",
        "rollout/torn",
        "shell/shell_encoding",
        "sandbox/session_end",
    }
