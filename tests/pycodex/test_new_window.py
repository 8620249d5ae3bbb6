"""A new context window in place of a full one: what the thread is told, and what is left of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pycodex import AgentLoop, ContextManager
from pycodex.items import text_of
from pycodex.tools.base_tool import ToolRegistry
from pycodex.tools.small import small_tools
from tests.pycodex.sessions import ScriptedModel, calls, says, settings_in

CONFIG = "features.token_budget = true\n"


def texts(request: object) -> list[str]:
    return [text_of(item) for item in request.input if item.get("type") == "message"]  # type: ignore[attr-defined]


async def two_windows(root: Path, version: str) -> ScriptedModel:
    """A turn in which the model asks for a new window."""
    settings = settings_in(root, upstream=version, config=CONFIG)
    model = ScriptedModel([[says("I forget"), calls("new_context")], [says("done", "msg_2")]])
    tools = ToolRegistry(small_tools(settings, {"new_context"}))
    loop = AgentLoop(model, tools, ContextManager(settings))
    assert (await loop.run_turn("go")).output_text == "done"
    return model


async def test_nothing_of_the_conversation_is_left(tmp_path: Path) -> None:
    first, second = map(texts, (await two_windows(tmp_path, "0.169.0")).requests)
    assert "go" in first
    assert {"go", "I forget"}.isdisjoint(second)


async def test_each_window_is_told_of_the_one_before(tmp_path: Path) -> None:
    first, second = (
        next(text for text in texts(request) if text.startswith("<context_window>")).splitlines()[1:-1]
        for request in (await two_windows(tmp_path, "0.169.0")).requests
    )
    beginning, now = (line.rpartition(" ")[2] for line in first[1:])
    assert beginning == now
    assert second[1].endswith(beginning)
    assert not second[2].endswith(now)
    assert second[3].endswith(now)
    assert len(first) == 3


@pytest.mark.parametrize("arguments", ["{}", "[", ""])
def test_arguments_may_be_anything(tmp_path: Path, arguments: str) -> None:
    settings = settings_in(tmp_path, upstream="0.169.0", config=CONFIG)
    for tool in small_tools(settings, {"new_context", "get_context_remaining"}):
        assert tool.parse(arguments) == {}


def test_a_version_without_the_feature_says_nothing(tmp_path: Path) -> None:
    context = ContextManager(settings_in(tmp_path, upstream="0.115.0", config=CONFIG))
    context.open_turn([])
    assert not any(text_of(item).startswith("<context_window>") for item in context.history)
