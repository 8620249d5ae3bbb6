"""The verb as a person types it."""

import shutil
import sys
from pathlib import Path

import pytest

from captures.manifest import UPSTREAM
from compare.__main__ import main
from compare.shapes.collect import KINDS
from compare.shapes.publish import stale, write
from tests.repository import ROOT

POST = """
import json, sys, urllib.request
body = json.dumps({"model": "m", "stream": True, "input": [{"type": "hologram"}]}).encode()
sent = urllib.request.Request(sys.argv[1] + "/responses", data=body, headers={"content-type": "application/json"})
urllib.request.urlopen(sent).read()
print('{"type": "thread.begun"}')
"""


def test_any_agent_is_held_against_the_shapes(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["shapes", "--", sys.executable, "-c", POST, "{url}", "--json"]) == 1
    out, told = capfd.readouterr()
    assert out == '{"type": "thread.begun"}\n'
    assert "request 1: body/input/0/type: 'hologram' is not one of" in told
    assert "request 1: head: 'x-codex-window-id' is a required property" in told
    assert "stdout line 1: event/type: 'thread.begun' is not one of" in told
    assert "1 requests, " in told


@pytest.mark.parametrize("version", ["0.115.0", "0.169.0"])
def test_pycodex_has_the_shapes_of_the_version_it_speaks(version: str, capfd: pytest.CaptureFixture[str]) -> None:
    scenario = ROOT / "captures" / "scenarios" / "tools" / "exec_command.yaml"
    agent = [sys.executable, "-m", "pycodex", "--upstream", version, "exec", "--json", "--skip-git-repo-check"]
    words = ["-s", "danger-full-access", "count"]
    assert main(["shapes", "--version", version, "--scenario", str(scenario), "--", *agent, *words]) == 0
    assert f"2 requests, 0 violations of the shapes of codex-cli {version}" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--", "/no/such/agent"], 3, "No such file"),
        (["--", sys.executable, "-c", "", "{url}"], 3, "the agent sent nothing here"),
        (["--version", "9.9.9", "--", "x"], 2, "no shapes of codex-cli 9.9.9"),
        (["--key-env", "NO_SUCH_KEY", "--", "x"], 2, "the variable NO_SUCH_KEY is not set"),
        (["--scenario", "nowhere.yaml", "--", "x"], 2, "nowhere.yaml"),
    ],
)
def test_what_cannot_be_done_is_said(
    words: list[str], code: int, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["shapes", *words]) == code
    assert message in capfd.readouterr().err


def test_what_is_written_is_no_longer_stale(tmp_path: Path) -> None:
    few = tmp_path / "upstream"
    shutil.copytree(UPSTREAM / "0.169.0" / "direct" / "exec" / "hello", few / "0.169.0" / "direct" / "exec" / "hello")
    shutil.copytree(UPSTREAM.parent / "texts", tmp_path / "texts")
    shapes = tmp_path / "shapes"
    assert len(stale(shapes, few)) == len(write(shapes, few)) == len(KINDS) + 1
    assert stale(shapes, few) == [] == write(shapes, few)
