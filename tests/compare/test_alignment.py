from dataclasses import replace
from pathlib import Path

import pytest

from captures.manifest import UPSTREAM, edited_recordings
from compare.alignment import TOOLS, AlignmentError, basis, basis_of, render_alignment
from compare.check import check
from compare.declared import Declared
from compare.merge import Merged, merge
from compare.verdicts import VerdictFile
from tests.compare.folders import commit, lay
from tests.compare.samples import changed, tree_115
from tests.repository import ROOT

HELLO = "0.115.0/direct/exec/hello"
PAGE = ROOT / "docs" / "ALIGNMENT.md"


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    return commit(tmp_path / "upstream", {HELLO: tree_115()})


@pytest.fixture
def merged(upstream: Path, tmp_path: Path) -> Merged:
    runs = lay(tmp_path / "me", {HELLO: changed(tree_115(), "runs", 0, "exit", to=1)})
    return merge([check(runs, upstream, agent="me", declared=Declared())])


def test_the_committed_page_is_of_these_recordings_and_scenarios() -> None:
    assert basis_of(PAGE.read_text()) == basis(UPSTREAM), "out of date; `make report` writes it again"


def test_the_page_says_scores_areas_and_tools(merged: Merged, upstream: Path) -> None:
    page = render_alignment(merged, upstream)
    assert "# Alignment of me with codex-cli" in page
    assert "| exit | 0 of 1: 1 different |" in page
    assert "| head | 1 |" in page
    assert "| exec | 1 | 1 | 0 | 1 different |" in page
    assert f"| {HELLO} | different | exit |" in page
    assert "| exec_command | 0.115.0/direct: 1 | 1 | 1 different |" in page
    assert "| write_stdin | 0.115.0/direct: 1 | 0 | no recording calls it |" in page
    assert "| artifacts | nowhere | 0 | no recording calls it |" in page
    assert len(set(TOOLS)) == len(TOOLS)


def test_the_basis_follows_recordings_and_scenarios(upstream: Path) -> None:
    before = basis(upstream)
    assert before == basis(upstream)
    commit(upstream, {HELLO: changed(tree_115(), "runs", 0, "exit", to=1)})
    after = basis(upstream)
    assert edited_recordings(upstream / "0.115.0") == []
    (upstream.parent / "scenarios").mkdir()
    (upstream.parent / "scenarios" / "new.yaml").write_text("rule: x\n")
    assert len({before, after, basis(upstream)}) == 3


def test_a_page_without_a_basis_is_out_of_date() -> None:
    assert basis_of("# Alignment") is None


def test_it_is_made_of_one_agent_and_of_the_recordings_that_are_there(merged: Merged, upstream: Path) -> None:
    (file,) = merged.files
    with pytest.raises(AlignmentError, match="one agent"):
        render_alignment(merge([file, replace(file, agent="it")]), upstream)
    with pytest.raises(AlignmentError, match="1 of 1 cells have no verdict"):
        render_alignment(merge([VerdictFile(agent="me", cells=())]), upstream)
    commit(upstream, {HELLO: changed(tree_115(), "runs", 0, "exit", to=3)})
    with pytest.raises(AlignmentError, match="about another recording"):
        render_alignment(merged, upstream)
