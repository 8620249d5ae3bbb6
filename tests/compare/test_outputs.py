"""`check` and `render` from the command line: what they write, and what they say when they cannot."""

import json
from pathlib import Path
from xml.etree import ElementTree as XML

import pytest

from compare.__main__ import main
from compare.alignment import basis, basis_of
from compare.verdicts import VerdictFile
from tests.compare.folders import commit, lay
from tests.compare.samples import changed, tree_115

HELLO = "0.115.0/direct/exec/hello"
RESUME = "0.115.0/direct/exec/resume"
WRONG = changed(tree_115(), "runs", 0, "exit", to=1)


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    return commit(tmp_path / "upstream", {HELLO: tree_115(), RESUME: tree_115()})


def check(upstream: Path, runs: Path, *more: str) -> int:
    return main(["check", str(runs), "--expected", str(upstream), *more])


def render(upstream: Path, *more: object) -> int:
    return main(["render", "--expected", str(upstream), *map(str, more)])


def shards(upstream: Path, tmp_path: Path) -> list[Path]:
    """The verdict files of two jobs, each beside its recordings."""
    files = []
    for job, cell, tree in (("one", HELLO, tree_115()), ("two", RESUME, WRONG)):
        runs = lay(tmp_path / job / "me", {cell: tree})
        check(upstream, runs, "--only", cell)
        files.append(runs / "verdicts.json")
    return files


def test_a_check_writes_all_that_is_asked_for(
    upstream: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = lay(tmp_path / "me", {HELLO: tree_115(), RESUME: WRONG})
    out, step = tmp_path / "out", tmp_path / "step.md"
    step.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(step))
    asked = ["--html", out / "html", "--junit", out / "j.xml", "--markdown", out / "m.md", "--alignment", out / "a.md"]
    assert check(upstream, runs, "--summary", *map(str, asked)) == 1
    assert (out / "html" / "cells" / "me" / f"{HELLO}.html").is_file()
    assert len(XML.parse(out / "j.xml").getroot().findall(".//testcase")) == 2
    assert step.read_text() == f"before\n{(out / 'm.md').read_text()}"
    assert "| exit | 1 of 2: 1 different |" in (out / "a.md").read_text()
    assert f"wrote {out / 'html' / 'index.html'} and 2 cells" in capsys.readouterr().out


def test_without_the_variable_a_summary_goes_nowhere(
    upstream: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert check(upstream, lay(tmp_path / "me", {HELLO: tree_115(), RESUME: tree_115()}), "--summary") == 0


def test_the_files_of_many_jobs_become_one_report(upstream: Path, tmp_path: Path) -> None:
    files, out = shards(upstream, tmp_path), tmp_path / "out"
    assert render(upstream, *files, "--html", out, "--json", tmp_path / "all.json", "--alignment", tmp_path / "a") == 1
    merged = VerdictFile.from_json(json.loads((tmp_path / "all.json").read_text()))
    assert [cell.name for cell in merged.cells] == [HELLO, RESUME]
    assert "not there" not in (out / "cells" / "me" / f"{RESUME}.html").read_text()
    assert "no recording of me" not in (out / "cells" / "me" / f"{RESUME}.html").read_text(), "it lies beside its file"
    assert basis_of((tmp_path / "a").read_text()) == basis(upstream)


def test_recordings_elsewhere_are_named_with_runs(upstream: Path, tmp_path: Path) -> None:
    file = shards(upstream, tmp_path)[1]
    moved = tmp_path / "verdicts.json"
    file.rename(moved)
    page = tmp_path / "out" / "cells" / "me" / f"{RESUME}.html"
    render(upstream, moved, "--html", tmp_path / "out")
    assert "no recording of me is at hand" in page.read_text()
    render(upstream, moved, "--html", tmp_path / "out", "--runs", file.parent)
    assert "no recording of me is at hand" not in page.read_text()


def test_conflicts_are_said(upstream: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = []
    for job, tree in (("one", tree_115()), ("two", WRONG)):
        runs = lay(tmp_path / job / "me", {HELLO: tree, RESUME: tree_115()})
        check(upstream, runs)
        files.append(runs / "verdicts.json")
    capsys.readouterr()
    assert render(upstream, *files, "--html", tmp_path / "out") == 1
    said = capsys.readouterr().err
    assert said.startswith(f"conflict: me: {HELLO}: verdict files 2 and 1 disagree")
    assert said.removeprefix("conflict: ").strip() in (tmp_path / "out" / "index.html").read_text()


def test_a_page_about_a_part_is_not_written(upstream: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "a.md"
    runs = lay(tmp_path / "me", {HELLO: tree_115(), RESUME: tree_115()})
    assert check(upstream, runs, "--only", HELLO, "--alignment", str(page)) == 0
    assert f"{page} is left as it is: 1 of 2 cells have no verdict, such as {RESUME}" in capsys.readouterr().out
    assert not page.exists()


def test_mistakes_of_the_person_give_2_and_no_traceback(
    upstream: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = shards(upstream, tmp_path)
    other = tmp_path / "other.json"
    other.write_text(files[0].read_text().replace('"agent": "me"', '"agent": "it"'))
    texts = {"empty": "", "list": "[]", "new": '{"format": 9}', "part": '{"format": 1, "agent": "me"}'}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine").write_text("")
    capsys.readouterr()
    unread: list[list[object]] = [[tmp_path / name] for name in ("none.json", *texts)]
    assert main(["report", "--html", str(tmp_path / "taken"), "--agent", "false"]) == 2, "before anything is run"
    asked: list[list[object]] = [
        *unread,
        [files[0], other, "--json", tmp_path / "x.json"],
        [*files, "--runs", "a", "--runs", "b", "--runs", "c"],
        [files[0], "--html", tmp_path / "taken"],
        [files[0], "--junit", tmp_path / "taken" / "mine" / "j.xml"],
    ]
    for words in asked:
        assert render(upstream, *words) == 2, words
    said = capsys.readouterr().err.splitlines()
    assert len(said) == len(asked) + 1
    assert all(line.startswith("compare: ") for line in said)
