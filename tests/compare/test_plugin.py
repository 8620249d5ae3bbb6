"""The plugin as people load it: in a pytest of their own, with `-p compare.plugin`."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.repository import ROOT

EXAMPLE = ROOT / "examples" / "testing" / "test_own_agent.py"

WRONG = """
from pathlib import Path
from fake_server import ThreadedServer
from fake_server.script import HttpAnswer

def test_unused(scripted_server):
    scripted_server.load([{"output": [{"message": "hi"}]}])

def test_problems_that_the_test_asked_for(scripted_server):
    scripted_server.load([{"output": [{"message": "hi"}]}])
    assert len(scripted_server.finish()) == 1

def test_nothing_kept(agent_recorder, compare_recording):
    recorded = agent_recorder.record("/bin/true", {"runs": [{"argv": []}]})
    compare_recording(recorded, Path(__file__).with_name("kept"))

def test_different(agent_recorder, compare_recording):
    recorded = agent_recorder.record("/bin/true", "exec/hello", lane="0.169.0/direct", strict=False)
    compare_recording(recorded, surfaces=["stdout", "traffic"])

def test_server(check_server):
    with ThreadedServer() as server:
        server.load([{"http": {"status": 500, "body": "no"}}] * 20)
        check_server(server.base_url, only=["hello"])

def test_no_case(check_server):
    check_server("http://127.0.0.1:9/v1", only=["nothing"])
"""


def pytest_run(*words: str, cwd: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-p", "compare.plugin", "-p", "no:cacheprovider", "-q", *words]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, cwd=cwd, env={**env, "COLUMNS": "120"}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_example_passes_as_the_readme_says() -> None:
    command = f".venv/bin/python -m pytest -p compare.plugin {EXAMPLE.parent.relative_to(ROOT)}"
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
    assert command in EXAMPLE.read_text(encoding="utf-8")
    code, said = pytest_run(str(EXAMPLE), cwd=ROOT)
    assert code == 0, said


def test_what_is_wrong_fails_in_words(tmp_path: Path) -> None:
    (tmp_path / "test_wrong.py").write_text(WRONG)
    code, said = pytest_run("test_wrong.py", cwd=tmp_path)
    assert code == 1
    assert "main/1: this answer was never used" in said
    assert "run once with --keep-recordings" in said
    assert re.search(r"0.169.0/direct/exec/hello: \d+ differences from the recording\n  traffic: ", said)
    assert "status_500" in said
    assert "no case of 0.169.0 fits nothing" in said
    assert "4 failed, 2 passed, 1 error" in said


def test_kept_recordings_are_written_only_when_asked(tmp_path: Path) -> None:
    (tmp_path / "test_wrong.py").write_text(WRONG)
    assert pytest_run("test_wrong.py", "-k", "nothing_kept", cwd=tmp_path)[0] == 1
    assert not (tmp_path / "kept").exists()
    assert pytest_run("test_wrong.py", "-k", "nothing_kept", "--keep-recordings", cwd=tmp_path)[0] == 0
    assert pytest_run("test_wrong.py", "-k", "nothing_kept", cwd=tmp_path)[0] == 0


def test_the_fixtures_are_listed_with_their_docstrings(tmp_path: Path) -> None:
    said = pytest_run("--fixtures", cwd=tmp_path)[1]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in ("scripted_server", "agent_recorder", "compare_recording", "check_server"):
        assert re.search(rf"^{name}.*\n    \w+", said, re.MULTILINE), name
        assert f"`{name}`" in readme
