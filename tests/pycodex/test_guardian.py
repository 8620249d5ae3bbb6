import json
from pathlib import Path

import pytest

from pycodex import AgentLoop, ContextManager
from pycodex.api import builtin_tools
from pycodex.config import ConfigError
from pycodex.guardian import guarding_settings
from pycodex.protocol import CommandEnded, Event, TurnAborted
from pycodex.sampling import Failure
from pycodex.settings import Settings, resolve
from pycodex.upstream import load_dialect
from tests.pycodex.sessions import ScriptedModel, calls, says, settings_in

ALLOW = says('{"outcome":"allow"}')
DENY = says('{"outcome":"deny","rationale":"no"}')
END = says("end")


def ask(cmd: str, call_id: str) -> list[dict[str, str]]:
    arguments = {"cmd": cmd, "sandbox_permissions": "require_escalated"}
    return [calls("exec_command", json.dumps(arguments), call_id)]


def settings_of(root: Path, *, config: str = "") -> Settings:
    plain = settings_in(root, upstream="0.169.0", config=config)
    return resolve(
        plain.dialect,
        cwd=plain.cwd,
        env=plain.environment,
        home=plain.config.codex_home,
        ephemeral=True,
        auto_review=True,
    )


def loop_of(settings: Settings, model: ScriptedModel) -> tuple[AgentLoop, list[Event]]:
    events: list[Event] = []
    tools = builtin_tools(settings, events.append)
    return AgentLoop(model, tools, ContextManager(settings), emit=events.append), events


async def test_allowed_it_runs(tmp_path: Path) -> None:
    model = ScriptedModel([ask("touch made", "call_1"), [ALLOW], [END]])
    loop, _ = loop_of(settings_of(tmp_path), model)
    assert (await loop.run_turn("go")).output_text == "end"
    await loop.aclose()
    assert (tmp_path / "ws" / "made").exists()
    reviewing = model.requests[1].context
    assert reviewing.settings.sandbox.mode == "read-only"
    assert reviewing.thread.parent is not None
    assert {tool["name"] for tool in model.requests[1].tools} == {"exec_command", "write_stdin", "view_image"}


async def test_denied_it_does_not(tmp_path: Path) -> None:
    model = ScriptedModel([ask("touch made", "call_1"), [DENY], [END]])
    loop, events = loop_of(settings_of(tmp_path), model)
    await loop.run_turn("go")
    await loop.aclose()
    assert not (tmp_path / "ws" / "made").exists()
    ended = next(event for event in events if isinstance(event, CommandEnded))
    assert (ended.status, ended.exit_code) == ("declined", None)
    assert "Reason: no" in str(model.requests[-1].input[-1]["output"])


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([[says("hm")], [says("hm")], [says('{"outcome":"perhaps"}')]], "not valid JSON"),
        ([Failure(kind="status", status=400, body="boom")], "failed: boom"),
    ],
)
async def test_without_a_review_it_does_not(tmp_path: Path, answers: list[object], reason: str) -> None:
    model = ScriptedModel([ask("touch made", "call_1"), *answers, [END]])  # type: ignore[list-item]
    loop, _ = loop_of(settings_of(tmp_path), model)
    await loop.run_turn("go")
    await loop.aclose()
    assert not (tmp_path / "ws" / "made").exists()
    assert reason in str(model.requests[-1].input[-1]["output"])


async def test_three_denials_end_the_turn(tmp_path: Path) -> None:
    import asyncio

    model = ScriptedModel([part for n in range(3) for part in (ask("true", f"call_{n}"), [DENY])])
    loop, events = loop_of(settings_of(tmp_path), model)
    with pytest.raises(asyncio.CancelledError):
        await loop.run_turn("go")
    await loop.aclose()
    assert isinstance(events[-1], TurnAborted)


def test_the_policy_of_the_configuration(tmp_path: Path) -> None:
    style = load_dialect("0.169.0").guardian
    assert style is not None
    settings = settings_of(tmp_path, config="auto_review.policy = 'Never on Sundays.'\n")
    prompt = guarding_settings(settings, style).base_instructions
    assert "# Security Policy\nNever on Sundays.\n" in prompt
    assert "{policy}" not in prompt


@pytest.mark.parametrize(
    ("policy", "reviewed"), [("", True), ("approval_policy = 'never'\n", False)], ids=["unset", "never"]
)
def test_the_configuration_asks_for_it(tmp_path: Path, policy: str, reviewed: bool) -> None:
    config = f"approvals_reviewer = 'auto_review'\n{policy}"
    assert settings_in(tmp_path, upstream="0.169.0", config=config).auto_review is reviewed
    with pytest.raises(ConfigError, match="unknown variant `auto_review`"):
        settings_in(tmp_path, upstream="0.115.0", config=config)
