from pathlib import Path

import pytest

from captures.agents import Agent, AgentError, load_agent
from captures.environments import environment
from captures.scenario import Lane
from tests.repository import ROOT

LANE = Lane("0.169.0", "direct")


@pytest.mark.parametrize(
    ("argv", "given"),
    [
        (["exec", "--skip-git-repo-check", "-s", "read-only", "say hi"], ["say hi"]),
        (["exec", "exec"], ["exec"]),
        (["review", "exec"], ["review", "exec"]),
        (["exec", "--json", "--", "-s", "exec"], ["--json", "--", "-s", "exec"]),
        (["-s"], []),
        ([], []),
    ],
)
def test_words_that_say_what_an_agent_always_does_are_left_out(argv: list[str], given: list[str]) -> None:
    agent = Agent(name="a", command=("a",), leave_out={"exec": 0, "--skip-git-repo-check": 0, "-s": 1})
    assert agent.arguments(argv) == given
    assert Agent(name="a", command=("a",)).arguments(argv) == argv


@pytest.mark.parametrize("path", sorted((ROOT / "captures" / "agents").glob("*.toml")), ids=lambda path: path.stem)
def test_each_description_is_named_as_its_file(path: Path) -> None:
    agent = load_agent(path.stem)
    assert agent.name == path.stem
    if agent.lock is not None:
        assert (ROOT / "requirements" / agent.lock).exists() and agent.program


def test_an_environment_is_made_once_and_again_when_its_lock_has_changed(tmp_path: Path) -> None:
    (tmp_path / "some.txt").write_text("# nothing\n")
    programs = environment("some", "some.txt", tmp_path, tmp_path)
    assert programs == tmp_path / "agents" / "some" / "bin" and (programs / "python").exists()
    (programs / "mine").write_text("")
    assert (environment("some", "some.txt", tmp_path, tmp_path) / "mine").exists()
    (tmp_path / "some.txt").write_text("# nothing at all\n")
    assert not (environment("some", "some.txt", tmp_path, tmp_path) / "mine").exists()


def test_what_cannot_be_installed_is_told(tmp_path: Path) -> None:
    with pytest.raises(AgentError, match=r"none.txt: No such file.*make lock"):
        environment("none", "none.txt", tmp_path, tmp_path)
    (tmp_path / "bad.txt").write_text("no-hash==1\n")
    with pytest.raises(AgentError, match="bad: its environment could not be made: ERROR"):
        environment("bad", "bad.txt", tmp_path, tmp_path)
    agent = Agent(name="bad", command=("{binary}",), lock="bad-too.txt", program="x")
    with pytest.raises(AgentError, match="bad-too"):
        agent.start_command(LANE, tmp_path)
