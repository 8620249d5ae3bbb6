import pytest

from compare.declared import Declared
from compare.report import print_report, render_text
from compare.verdicts import Verdict, VerdictFile, judge, uniform
from tests.compare.samples import changed, compare, tree_115, tree_169


def verdicts() -> VerdictFile:
    wrong = changed(tree_169(), "runs", 0, "exit", to=1)
    cells = [
        judge("0.115.0/direct", "exec/hello", tree_115(), tree_115(), compare(tree_115(), tree_115()), Declared()),
        judge("0.169.0/direct", "exec/hello", tree_169(), wrong, compare(tree_169(), wrong), Declared()),
        uniform("0.169.0/direct", "exec/git", Verdict.NOT_RUN, "this host has no git"),
    ]
    return VerdictFile(agent="pycodex", cells=tuple(cells), stale=("old-row",))


def test_the_report_as_text() -> None:
    lines = render_text(verdicts()).splitlines()
    assert lines[0].split("  ")[0] == "surface"
    assert "0.115.0/direct" in lines[0] and "0.169.0/direct" in lines[0]
    assert lines[2].split() == ["head", "1", "identical", "1", "identical,", "1", "not", "run"]
    (exit_row,) = (line for line in lines if line.startswith("exit "))
    assert exit_row.split() == ["exit", "1", "identical", "1", "differ,", "1", "not", "run"]
    assert lines[15:] == [
        "0.169.0/direct/exec/hello  exit  run 1, exit: upstream 0, got 1",
        "0.169.0/direct/exec/git  not run: this host has no git",
        "stale: declared difference 'old-row' excuses nothing any more; remove its row",
        "",
        "3 cells x 12 surfaces = 36 verdicts: 23 identical, 1 different, 12 not run",
    ]


def test_the_list_of_differences_has_an_end() -> None:
    assert "... and 1 more lines; the verdict file has them all" in render_text(verdicts(), most=1)


def test_in_a_pipe_it_is_plain_and_on_a_terminal_it_says_the_same(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    print_report(verdicts())
    assert capsys.readouterr().out == render_text(verdicts()) + "\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    print_report(verdicts())
    shown = capsys.readouterr().out
    assert "pycodex" in shown and "1 differ, 1 not run" in shown
    assert "0.169.0/direct/exec/hello  exit  run 1, exit: upstream 0, got 1" in shown


def test_no_cells_at_all() -> None:
    assert render_text(VerdictFile(agent="me", cells=())).endswith("0 cells x 12 surfaces = 0 verdicts")
