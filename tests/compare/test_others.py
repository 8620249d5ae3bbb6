from pathlib import Path

import pytest

from captures.manifest import UPSTREAM
from compare.__main__ import main
from compare.alignment import render_alignment
from compare.check import check
from compare.declared import Declared
from compare.merge import merge
from compare.others import FOLDER, Other, other_of, read_others, render_others, renewed, write_other
from compare.verdicts import CellVerdict, Verdict, VerdictError, VerdictFile, uniform
from tests.compare.folders import commit, lay
from tests.compare.samples import changed, tree_115

HELLO, AGAIN = "0.115.0/direct/exec/hello", "0.115.0/direct/exec/again"


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    return commit(tmp_path / "upstream", {HELLO: tree_115(), AGAIN: tree_115()})


@pytest.fixture
def verdicts(upstream: Path, tmp_path: Path) -> VerdictFile:
    runs = lay(tmp_path / "it", {HELLO: changed(tree_115(), "runs", 0, "exit", to=1), AGAIN: tree_115()})
    return check(runs, upstream, agent="it", declared=Declared())


def cell_of(verdicts: VerdictFile, name: str) -> CellVerdict:
    return next(cell for cell in verdicts.cells if cell.name == name)


def test_a_row_is_written_and_read_again(verdicts: VerdictFile, tmp_path: Path) -> None:
    other = other_of(verdicts)
    write_other(tmp_path / "rows" / "it.json", other)
    assert read_others(tmp_path / "rows") == [other]
    assert len(other.cells[AGAIN][1]) == 12 and "exit" not in other.cells[HELLO][1]


def test_a_row_is_renewed_in_parts(verdicts: VerdictFile, tmp_path: Path) -> None:
    path = tmp_path / "it.json"
    assert renewed(path, verdicts) == other_of(verdicts)
    write_other(path, Other(agent="it", cells={HELLO: ("old", ()), AGAIN: ("old", ()), "gone": ("old", ("head",))}))
    part = VerdictFile(
        agent="it",
        cells=(cell_of(verdicts, HELLO), uniform("0.115.0/direct", "exec/again", Verdict.HARNESS_ERROR, "died")),
    )
    assert renewed(path, part).cells == {HELLO: other_of(verdicts).cells[HELLO], "gone": ("old", ("head",))}
    write_other(path, Other(agent="another", cells={"gone": ("old", ())}))
    assert renewed(path, verdicts) == other_of(verdicts)


def test_what_was_not_compared_is_left_out(verdicts: VerdictFile) -> None:
    silent = uniform("0.115.0/direct", "exec/gone", Verdict.NOT_RUN, "")
    file = VerdictFile(agent="it", cells=(*verdicts.cells, silent))
    assert set(other_of(file).cells) == {HELLO, AGAIN}


def test_only_cells_of_the_same_recording_count(verdicts: VerdictFile) -> None:
    other = other_of(verdicts)
    known = {name: cell_of(verdicts, name).recording for name in (HELLO, AGAIN)}
    text = "\n".join(render_others([other], known))
    assert "Held against 2 of 2 recordings" in text
    assert "| exit | 1 of 2 |" in text and "| head | 2 of 2 |" in text and "| whole cells | 1 of 2 |" in text
    text = "\n".join(render_others([other], {**known, AGAIN: "0" * 64, "0.115.0/direct/exec/new": "1" * 64}))
    assert "Held against 1 of 3 recordings" in text
    assert "| exit | 0 of 1 |" in text
    assert "Held against 0 of 1" in "\n".join(render_others([Other(agent="x", cells={HELLO: ("", ())})], {HELLO: "a"}))


def test_the_page_has_a_section_for_each(verdicts: VerdictFile, upstream: Path, tmp_path: Path) -> None:
    write_other(tmp_path / "rows" / "it.json", other_of(verdicts))
    merged = merge([verdicts])
    assert "### it\n" in render_alignment(merged, upstream, others=tmp_path / "rows")
    assert "Other agents" not in render_alignment(merged, upstream, others=tmp_path / "none")


@pytest.mark.parametrize("text", ["oops", "[]", '{"format": 2}', '{"format": 1, "agent": "a", "cells": {"a": []}}'])
def test_what_is_no_row_is_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(VerdictError, match=r"a\.json: not a row"):
        read_others(tmp_path)


def test_the_committed_rows_are_of_cells_that_are_or_were(tmp_path: Path) -> None:
    for other in read_others():
        assert (FOLDER / f"{other.agent}.json").exists()
        assert all(len(name.split("/")) >= 4 and len(hash_) == 16 for name, (hash_, _) in other.cells.items())
        assert any((UPSTREAM / name).exists() for name in other.cells)


def test_the_option_writes_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["report", "--agent", "/bin/true", "--only", "0.169.0/direct/exec/hello", "--out", str(tmp_path / "o")]
    assert main([*words, "--row", str(tmp_path / "true.json")]) == 1
    assert f"wrote {tmp_path / 'true.json'}" in capsys.readouterr().out
    (other,) = read_others(tmp_path)
    assert (other.agent, list(other.cells)) == ("true", ["0.169.0/direct/exec/hello"])
