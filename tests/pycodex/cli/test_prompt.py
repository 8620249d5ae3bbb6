"""`pycodex PROMPT`: one turn in the shape of codex-cli's terminal program, as captured in a pseudo-terminal."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from captures.agents import model_for
from captures.prompts import MODES, PROMPT, asked_first, shape_of
from captures.scenario import Lane
from fake_server import FakeServer, Script
from tests.pycodex.cli.test_exec import HELLO, run

UPSTREAM = Path(__file__).parents[3] / "captures" / "upstream"
VERSIONS = ("0.115.0", "0.169.0")


def port_of(server: FakeServer) -> int:
    return int(server.url.rpartition(":")[2])


def _without_roots(messages: list[list[str]]) -> list[list[str]]:
    """The writable roots are the host's."""
    return [[re.sub(r"(The writable roots are )[^\n]*\n", r"\1...", text) for text in texts] for texts in messages]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("mode", MODES)
async def test_request_has_the_captured_shape(tmp_path: Path, version: str, mode: str) -> None:
    recorded: dict[str, Any] = json.loads((UPSTREAM / version / "prompt.json").read_text(encoding="utf-8"))
    async with FakeServer() as server:
        server.load(Script.from_data(HELLO))
        model = model_for(Lane(version, "direct"))
        code, out, _ = await run(tmp_path, port_of(server), "--upstream", version, "-m", model, "-s", mode, PROMPT)
        assert (code, out) == (0, "Hi\n")
        shape = shape_of(server.journal[0], str(tmp_path))
    tools = {tool.get("name") or tool["type"]: tool for tool in shape.pop("tools")}
    expected = recorded["modes"][mode]
    assert list(tools) == expected.pop("tools")
    live = {"web_search": {**recorded["tools"]["web_search"]}}
    for name, tool in tools.items():
        # Live results come with full access to the machine.
        tool.pop("external_web_access", None)
        live["web_search"].pop("external_web_access", None)
        assert tool == live.get(name, recorded["tools"][name]), name
    ours, theirs = (_without_roots(each.pop("developer")) for each in (shape, expected))
    assert ours == theirs
    assert shape == expected


@pytest.mark.parametrize("version", VERSIONS)
async def test_rollout_and_title_request_are_the_captured_ones(version: str) -> None:
    recorded: dict[str, Any] = json.loads((UPSTREAM / version / "prompt.json").read_text(encoding="utf-8"))
    argv = [sys.executable, "-m", "pycodex", "--upstream", version, "-s", MODES[0], PROMPT]
    asked = await asked_first(argv, model_for(Lane(version, "direct")), later=0.5)
    assert len(asked.rollout) == len(recorded["rollout"])
    for ours, theirs in zip(asked.rollout, recorded["rollout"], strict=True):
        assert ours == theirs
    assert asked.title == recorded["title"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_json_is_one_object(tmp_path: Path, version: str) -> None:
    async with FakeServer() as server:
        server.load(Script.from_data(HELLO))
        code, out, _ = await run(tmp_path, port_of(server), "--upstream", version, "--json", "say hi")
    told = json.loads(out)
    assert (code, list(told)) == (0, ["output_text", "items", "usage", "thread_id"])
    assert told["output_text"] == "Hi"
    assert [item["role"] for item in told["items"]] == ["user", "assistant"]
    assert told["usage"]["total_tokens"] == 15
    (rollout,) = (tmp_path / "home" / "sessions").rglob("*.jsonl")
    assert told["thread_id"] in rollout.name


async def test_prompt_may_be_piped(tmp_path: Path) -> None:
    async with FakeServer() as server:
        server.load(Script.from_data(HELLO))
        code, out, err = await run(tmp_path, port_of(server), stdin="say hi\n")
        body = json.loads(server.journal[0].body)
    assert (code, out) == (0, "Hi\n")
    assert "Reading prompt from stdin..." in err
    assert body["input"][-1]["content"][0]["text"] == "say hi\n"


async def test_profile_is_taken(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "deep.config.toml").write_text('model_reasoning_effort = "high"\n', encoding="utf-8")
    async with FakeServer() as server:
        server.load(Script.from_data(HELLO))
        code, _, _ = await run(tmp_path, port_of(server), "--profile", "deep", "say hi")
        body = json.loads(server.journal[0].body)
    assert (code, body["reasoning"]["effort"]) == (0, "high")


async def test_failed_turn_is_told_and_exits_with_one(tmp_path: Path) -> None:
    async with FakeServer() as server:
        server.load(Script.from_data({"main": [{"http": {"status": 400, "body": "no such thing"}}]}))
        code, out, _ = await run(tmp_path, port_of(server), "--json", "say hi")
    assert code == 1
    assert json.loads(out)["error"] == "no such thing"


async def test_bad_flag_exits_with_two(tmp_path: Path) -> None:
    code, _, err = await run(tmp_path, 9, "--no-such-flag", "say hi")
    assert code == 2
    assert "--no-such-flag" in err


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("--upstream", "0.169.0", "--worktree"), "--worktree is for `pycodex exec`"),
        (("--upstream", "0.115.0", "-a", "untrusted"), "pycodex does not have `untrusted` of 0.115.0"),
        (
            ("--upstream", "0.115.0", "-c", "approval_policy=on-failure"),
            "pycodex does not have `on-failure` of 0.115.0",
        ),
    ],
)
async def test_what_it_does_not_have_is_refused(tmp_path: Path, argv: tuple[str, ...], told: str) -> None:
    code, out, err = await run(tmp_path, 1, *argv, "say hi")
    assert (code, out, told in err) == (1, "", True), err
