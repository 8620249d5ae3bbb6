"""The verb from end to end, over two tiny recorded versions: no npm, nothing is started."""

import json
from pathlib import Path
from typing import Any

import pytest

from captures.scenario import SCENARIOS
from compare.__main__ import main
from compare.cells import CellName
from compare.drift.command import DriftError, resolve, scenario_link
from tests.compare.folders import commit
from tests.compare.samples import changed, tree_115

HELLO = "0.115.0/direct/exec/hello", "0.169.0/direct/exec/hello"
PLAIN = "0.115.0/direct/tools/exec_command", "0.169.0/direct/tools/exec_command"


def newer(tree: Any) -> Any:
    """The same of 0.169.0, which says its own version and is played by its own model."""
    return json.loads(json.dumps(tree).replace("0.115.0", "0.169.0").replace("gpt-5.4", "gpt-5.5"))


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    for name in ("exec/hello", "tools/exec_command"):
        beside = tmp_path / "scenarios" / f"{name}.yaml"
        beside.parent.mkdir(parents=True)
        beside.write_text((SCENARIOS / f"{name}.yaml").read_text())
    return commit(tmp_path / "upstream", {HELLO[0]: tree_115(), PLAIN[0]: tree_115()})


def drift(upstream: Path, *more: str) -> int:
    return main(["drift", "0.115.0", "0.169.0", "--expected", str(upstream), *more])


def test_a_header_that_came_in_every_scenario_is_one_line_and_5(
    upstream: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = tree_115()
    for request in new["requests"]:
        request["head"].insert(0, ["thread-id", "<uuid7:thread>"])
    commit(upstream, {HELLO[1]: newer(new), PLAIN[1]: newer(new)})
    assert drift(upstream) == 5
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("0.115.0 -> 0.169.0: a server sees 1 of 1 changes; 2 scenarios")
    assert said[-1] == "  + header `thread-id`: `<uuid7:thread>` [2 of 2: exec/hello]"


def test_what_only_an_agent_does_is_1(upstream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = changed(tree_115(), "runs", 0, "exit", to=1)
    commit(upstream, {HELLO[1]: newer(new), PLAIN[1]: newer(tree_115())})
    assert drift(upstream) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "  ~ exit code: `0` -> `1` [1 of 2: exec/hello]"


def test_version_and_model_themselves_are_no_change(upstream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commit(upstream, {HELLO[1]: newer(tree_115())})
    assert drift(upstream) == 0
    assert "direct: gpt-5.4 in 0.115.0 and gpt-5.5 in 0.169.0" in capsys.readouterr().out


def test_a_scenario_that_the_newer_one_refuses_is_not_run(upstream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = changed(tree_115(), "runs", 0, "exit", to=2) | {"requests": [], "responses": []}
    refused["runs"][0]["stderr"] = ["error: unexpected argument '--json' found", ""]
    commit(upstream, {HELLO[1]: newer(refused), PLAIN[1]: newer(tree_115())})
    assert drift(upstream) == 1
    assert "not run: direct/exec/hello: 0.169.0: error: unexpected argument '--json' found" in capsys.readouterr().out


def test_files_for_programs_and_issues(
    upstream: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(upstream, {HELLO[1]: newer(changed(tree_115(), "requests", 0, "body", "store", to=False))})
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    out = tmp_path / "out"
    assert drift(upstream, "--json", str(out / "d.json"), "--markdown", str(out / "d.md"), "--summary") == 5
    assert json.loads((out / "d.json").read_text())["exit_code"] == 5
    told = (out / "d.md").read_text()
    assert told.startswith("# codex-cli 0.115.0 -> 0.169.0\n")
    assert "- **+** body key `store`: `false` (1 of 1: [exec/hello](" in told
    assert (tmp_path / "summary.md").read_text() == told
    (tmp_path / "file").write_text("")
    assert drift(upstream, "--json", str(tmp_path / "file" / "d.json")) == 2
    assert "compare: " in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [["0.115.0"], ["0.115.0", "0.169.0", "0.170.0"], ["0.115.0", "1,2"], ["0.115.0", "0.169.0", "--write"], []],
    ids=" ".join,
)
def test_what_cannot_be_compared_is_a_usage_error(
    words: list[str], upstream: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(upstream, {HELLO[1]: tree_115()})
    assert main(["drift", *words, "--expected", str(upstream)]) == 2
    assert capsys.readouterr().err.startswith("compare: ")


def test_nothing_in_common_is_a_harness_error(upstream: Path) -> None:
    commit(upstream, {"0.169.0/direct/exec/resume": tree_115()})
    assert drift(upstream) == 3


def test_the_newest_recorded_version_has_a_name() -> None:
    cells = [CellName(version, "direct", "exec/hello") for version in ("0.99.0", "0.115.0")]
    assert resolve("recorded", cells) == "0.115.0"
    assert resolve("0.1.2") == "0.1.2"
    assert resolve("0.1.2-alpha.3") == "0.1.2-alpha.3"
    with pytest.raises(DriftError, match="no recordings"):
        resolve("recorded")


def test_npm_is_asked_for_other_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "npm"
    npm.write_text('#!/bin/sh\ntest "$*" = "view @openai/codex@latest version" && echo 0.170.0\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert resolve("latest") == "0.170.0"
    with pytest.raises(DriftError, match="npm knows no version 'next'"):
        resolve("next")


def test_links_lead_to_the_commit_in_a_workflow(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA"):
        monkeypatch.delenv(name, raising=False)
    assert scenario_link() == "captures/scenarios/"
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://example.invalid")
    monkeypatch.setenv("GITHUB_REPOSITORY", "a/b")
    monkeypatch.setenv("GITHUB_SHA", "c0ffee")
    assert scenario_link() == "https://example.invalid/a/b/blob/c0ffee/captures/scenarios/"
