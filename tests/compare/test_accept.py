from pathlib import Path

import pytest

from captures.manifest import Manifest, edited_recordings, read_manifest
from captures.noise import NoiseRule
from compare.accept import Accepted, EditedError, accept, accepted_lines, differing, still_fitting
from compare.cells import CellName
from tests.compare.folders import commit, lay, noise_of, tree_of
from tests.compare.samples import changed, tree_115, tree_169

HELLO, RESUME = "0.169.0/direct/exec/hello", "0.169.0/direct/exec/resume"
MS = ("runs", 0, "exit")
NOISE = NoiseRule(path=MS, kind="number", args={"lo": 0, "hi": 5}, observed=(0, 5), runs=2)


def statuses(done: list[Accepted]) -> dict[str, str]:
    return {str(one.cell): one.status for one in done}


def test_only_what_is_new_or_differs_beyond_the_noise_is_written(tmp_path: Path) -> None:
    into = commit(tmp_path / "upstream", {HELLO: tree_169(), RESUME: tree_169()}, [NOISE])
    within = changed(tree_169(), *MS, to=5)
    beyond = changed(tree_169(), "runs", 0, "stderr", to=["new words", ""])
    runs = lay(tmp_path / "runs", {HELLO: within, RESUME: beyond, "0.170.0/direct/exec/hello": tree_169()})
    done = accept(runs, into, manifests={"0.170.0": Manifest(version="0.170.0", platform="here")})
    assert statuses(done) == {HELLO: "unchanged", RESUME: "changed", "0.170.0/direct/exec/hello": "new"}
    assert tree_of(into, HELLO) == tree_169()
    assert tree_of(into, RESUME) == beyond
    assert noise_of(into, RESUME) == (NOISE,)
    assert edited_recordings(into / "0.169.0") == edited_recordings(into / "0.170.0") == []
    known = read_manifest(into / "0.169.0")
    assert known is not None and known.platform == "linux-x86_64"


def test_accepting_the_same_again_changes_no_file(tmp_path: Path) -> None:
    into = commit(tmp_path / "upstream", {HELLO: tree_169()})
    runs = lay(tmp_path / "runs", {HELLO: tree_169()})
    before = {path: path.read_bytes() for path in into.rglob("*.json")}
    accept(runs, into)
    assert {path: path.read_bytes() for path in into.rglob("*.json")} == before


def test_a_recording_edited_by_hand_is_written_again_and_said(tmp_path: Path) -> None:
    into = commit(tmp_path / "upstream", {HELLO: tree_169()}, [NOISE])
    lay(into, {HELLO: changed(tree_169(), *MS, to=1)}, [NOISE])
    done = accept(lay(tmp_path / "runs", {HELLO: tree_169()}), into)
    assert statuses(done) == {HELLO: "edited by hand"}
    assert tree_of(into, HELLO) == tree_169()
    assert edited_recordings(into / "0.169.0") == []


def test_an_edit_elsewhere_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    into = commit(tmp_path / "upstream", {HELLO: tree_169(), RESUME: tree_169()})
    lay(into, {RESUME: changed(tree_169(), *MS, to=1)})
    runs = lay(tmp_path / "runs", {HELLO: changed(tree_169(), *MS, to=2)})
    with pytest.raises(EditedError, match=RESUME):
        accept(runs, into)
    assert tree_of(into, HELLO) == tree_169()


def test_what_differs_is_known_before_anything_is_written(tmp_path: Path) -> None:
    into = commit(tmp_path / "upstream", {HELLO: tree_169(), RESUME: tree_169()})
    wrong = changed(tree_169(), *MS, to=1)
    runs = lay(tmp_path / "runs", {HELLO: wrong, RESUME: tree_169(), "0.169.0/direct/exec/new": wrong})
    assert differing(runs, into) == {HELLO: "run 1, exit: upstream 0, got 1"}
    assert differing(runs, into, only=[RESUME]) == {}
    lay(into, {HELLO: changed(tree_169(), *MS, to=2)})
    assert differing(runs, into) == {}, "an edited recording is to be written again, whatever it says"


def test_only_the_selected_cells_are_taken(tmp_path: Path) -> None:
    into = commit(tmp_path / "upstream", {HELLO: tree_169()})
    runs = lay(tmp_path / "runs", {HELLO: changed(tree_169(), *MS, to=1), RESUME: tree_169()})
    assert statuses(accept(runs, into, only=[RESUME])) == {RESUME: "new"}
    assert tree_of(into, HELLO) == tree_169()


def test_rules_that_lost_their_place_are_left_behind() -> None:
    def rule(kind: str, *path: str | int, **args: object) -> NoiseRule:
        return NoiseRule(path=path, kind=kind, args=args)

    kept = [
        NOISE,
        rule("optional", "requests", 0, "head", 1),
        rule("optional", "runs", 0, "stdout", "*", forms=["x"]),
        rule("optional", "requests", 0, "body", "extra", forms=["x"]),
        rule("number", "runs", "*", "exit", lo=0, hi=1),
    ]
    lost = [
        rule("optional", "requests", 7, "head", 1),
        rule("number", "requests", 0, "body", "model", lo=0, hi=1),
        rule("optional", "requests", 7, "body", "extra", forms=["x"]),
    ]
    assert still_fitting([*kept, *lost], tree_115()) == tuple(kept)


def test_what_is_said() -> None:
    cell = CellName("0.169.0", "direct", "exec/hello")
    lines = accepted_lines(
        [
            Accepted(cell=cell, status="unchanged"),
            Accepted(cell=cell, status="new"),
            Accepted(cell=cell, status="changed", reasons=("exit: ...", "more"), lost_rules=2),
        ]
    )
    assert lines == [
        f"new: {HELLO}",
        f"changed: {HELLO}: exit: ... (and 1 more); 2 noise rules lost their place, learn again",
        "3 recordings: 1 unchanged, 1 new, 1 changed",
    ]
    assert accepted_lines([]) == ["0 recordings: nothing there"]
