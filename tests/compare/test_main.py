import json
from pathlib import Path

import pytest

from compare.__main__ import main
from compare.verdicts import VerdictFile
from tests.compare.folders import commit, lay, noise_of, tree_of
from tests.compare.samples import changed, tree_115

HELLO = "0.115.0/direct/exec/hello"
RESUME = "0.115.0/direct/exec/resume"
WRONG = changed(tree_115(), "runs", 0, "exit", to=1)
ROW = 'difference = [{id = "x", cells = "*", surface = "exit", path = "*", reason = "r", evidence = "e"}]'


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    return commit(tmp_path / "upstream", {HELLO: tree_115(), RESUME: tree_115()})


def check(upstream: Path, runs: Path, *more: str) -> int:
    return main(["check", str(runs), "--expected", str(upstream), *more])


def test_identical_recordings_give_0_and_a_verdict_file(upstream: Path, tmp_path: Path) -> None:
    runs = lay(tmp_path / "me", {HELLO: tree_115(), RESUME: tree_115()})
    assert check(upstream, runs) == 0
    verdicts = VerdictFile.from_json(json.loads((runs / "verdicts.json").read_text()))
    assert (verdicts.agent, len(verdicts.cells)) == ("me", 2)


def test_a_difference_gives_1_and_is_printed(
    upstream: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = lay(tmp_path / "me", {HELLO: WRONG, RESUME: tree_115()})
    target = tmp_path / "elsewhere.json"
    assert check(upstream, runs, "--json", str(target)) == 1
    assert "0.115.0/direct/exec/hello  exit  run 1, exit: upstream 0, got 1" in capsys.readouterr().out
    assert target.exists()


def test_not_run_gives_1_unless_allowed_or_not_asked_for(upstream: Path, tmp_path: Path) -> None:
    runs = lay(tmp_path / "me", {HELLO: tree_115()})
    assert check(upstream, runs) == 1
    assert check(upstream, runs, "--allow-not-run", "exec/resume") == 0
    assert check(upstream, runs, "--only", "exec/hello") == 0


def test_a_harness_error_gives_3(upstream: Path, tmp_path: Path) -> None:
    runs = lay(tmp_path / "me", {HELLO: tree_115(), RESUME: tree_115()})
    (runs / HELLO / "result.json").write_text('{"format": 99}')
    assert check(upstream, runs) == 3


def test_a_stale_row_gives_4(upstream: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.toml"
    ledger.write_text(ROW)
    runs = lay(tmp_path / "me", {HELLO: tree_115(), RESUME: tree_115()})
    assert check(upstream, runs, "--declared", str(ledger)) == 4
    lay(runs, {HELLO: WRONG})
    assert check(upstream, runs, "--declared", str(ledger)) == 0


def test_mistakes_of_the_person_give_2_and_no_traceback(
    upstream: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = tmp_path / "ledger.toml"
    ledger.write_text("oops =")
    runs = lay(tmp_path / "me", {HELLO: tree_115()})
    assert check(upstream, tmp_path / "none") == 2
    assert check(upstream, runs, "--declared", str(ledger)) == 2
    assert check(upstream, runs, "--declared", str(tmp_path / "no.toml")) == 2
    assert main(["report", "--expected", str(tmp_path / "nothing")]) == 2
    assert main(["drift", "1.0.0", "--expected", str(upstream)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 5 and all(line.startswith("compare: ") for line in said)
    with pytest.raises(SystemExit) as stop:
        main(["nonsense"])
    assert stop.value.code == 2


def test_accept_and_learn(upstream: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = lay(tmp_path / "fresh", {HELLO: WRONG})
    assert main(["learn", str(runs), "--into", str(upstream)]) == 0
    assert noise_of(upstream, HELLO)[0].args == {"lo": 0, "hi": 1}
    beyond = lay(tmp_path / "more", {HELLO: changed(tree_115(), "runs", 0, "exit", to=2)})
    assert main(["accept", str(beyond), "--into", str(upstream)]) == 0
    assert tree_of(upstream, HELLO)["runs"][0]["exit"] == 2
    assert capsys.readouterr().out.splitlines() == [
        f"{HELLO}: 1 new rules, 1 in all",
        "1 recordings, 1 noise rules",
        f"changed: {HELLO}: run 1, exit: upstream 0, got 2, outside the noise 0..1; "
        "1 noise rules lost their place, learn again",
        "1 recordings: 1 changed",
    ]


def test_what_no_rule_can_say_gives_1(upstream: Path, tmp_path: Path) -> None:
    runs = [
        lay(tmp_path / str(n), {HELLO: changed(tree_115(), "runs", 0, "stderr", 0, to="word " * n)})
        for n in range(1, 10)
    ]
    assert main(["learn", *map(str, runs), "--into", str(upstream)]) == 1


def test_an_edited_recording_gives_1(upstream: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay(upstream, {RESUME: WRONG})
    assert main(["accept", str(lay(tmp_path / "fresh", {HELLO: WRONG})), "--into", str(upstream)]) == 1
    assert RESUME in capsys.readouterr().err


@pytest.mark.parametrize(
    "verb",
    ["check", "report", "render", "accept", "learn", "capture", "demo", "server", "shapes", "wire", "drift"],
)
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([verb, "--help"])
    assert stop.value.code == 0
    assert "exit codes: 0 " in capsys.readouterr().out


def test_a_folder_with_something_else_is_not_emptied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    words = ["report", "--agent", "/bin/true", "--only", "0.169.0/direct/exec/hello", "--out", str(tmp_path)]
    assert main(words) == 2
    assert "something else in this folder" in capsys.readouterr().err
    assert (tmp_path / "mine.txt").read_text() == "mine"
