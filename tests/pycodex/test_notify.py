"""The program of `notify`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pycodex.agent import AgentLoop
from pycodex.context import ContextManager
from pycodex.notify import Notifier
from pycodex.protocol import TurnCompleted
from pycodex.tools.base_tool import ToolRegistry
from tests.pycodex.sessions import ScriptedModel, says, settings_in


async def told(root: Path, program: list[str], *texts: str) -> list[dict[str, Any]]:
    context = ContextManager(settings_in(root))
    notifier = Notifier(program, context)

    def emit(event: object) -> None:
        if isinstance(event, TurnCompleted):
            notifier(event)
            notifier.close()

    loop = AgentLoop(ScriptedModel([[says("hi")] for _ in texts]), ToolRegistry(), context, emit=emit)
    for text in texts:
        await loop.run_turn(text)
    path = root / "told"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


async def test_each_turn_is_told_with_what_the_user_has_said(tmp_path: Path) -> None:
    script = f'echo noise; printf "%s\\n" "$1" >> {tmp_path}/told'
    first, second = await told(tmp_path, ["sh", "-c", script, "sh"], "one", "<b>two</b>")
    assert first["type"] == "agent-turn-complete"
    assert first["client"] == "codex_exec"
    assert first["input-messages"] == ["one"]
    assert second["input-messages"] == ["one", "<b>two</b>"]
    assert second["last-assistant-message"] == "hi"
    assert second["turn-id"] != first["turn-id"]


async def test_a_program_that_is_not_there_is_passed_over(tmp_path: Path) -> None:
    assert await told(tmp_path, ["no-such-program-at-all"], "one") == []
