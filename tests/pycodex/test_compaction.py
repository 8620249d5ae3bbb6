"""A compaction, asked for and by itself: what is asked, what the history is after it, and what a failure leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pycodex import AgentLoop, AgentRuntime, ContextManager, ToolRegistry
from pycodex.items import text_of
from pycodex.protocol import Compact, ContextCompacted, Event, Interrupt, Shutdown, UserTurn
from pycodex.sampling import Failure
from tests.pycodex.sessions import ScriptedModel, SlowModel, calls, says, settings_in

VERSIONS = ("0.115.0", "0.169.0")
FULL = "model_auto_compact_token_limit = 10\n"
BROKEN = Failure(kind="closed", detail="closed")
TOO_LONG = Failure(kind="failed", code="context_length_exceeded", message="too long")


def loop_in(root: Path, answers: Sequence[Any], version: str, config: str = "") -> tuple[AgentLoop, list[Event]]:
    events: list[Event] = []
    context = ContextManager(settings_in(root, upstream=version, config=config))
    return AgentLoop(ScriptedModel(answers), ToolRegistry(), context, emit=events.append), events


def said(loop: AgentLoop) -> list[str]:
    """The texts of the history, without the context."""
    kept = [item for item in loop.context.history if item["type"] == "message" and item["role"] != "developer"]
    return [text_of(item) for item in kept if not text_of(item).startswith("<environment_context>")]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_summary_takes_the_place_of_what_the_agent_said(tmp_path: Path, version: str) -> None:
    loop, events = loop_in(tmp_path, [[says("first")], [says("sum")], [says("second")]], version)
    await loop.run_turn("one")
    result = await loop.run_compaction()
    assert result.failure is None
    assert said(loop)[0] == "one"
    assert said(loop)[1].endswith(":\nsum")
    await loop.run_turn("two")
    assert [text.rpartition("\n")[2] for text in said(loop)] == ["one", "sum", "two", "second"]
    assert sum(isinstance(event, ContextCompacted) for event in events) == 1
    asked = loop.model.requests[1]  # type: ignore[attr-defined]
    assert asked.tools == ()
    assert text_of(asked.input[-1]).startswith("You are performing")


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_full_context_is_compacted_before_the_next_turn(tmp_path: Path, version: str) -> None:
    loop, _ = loop_in(tmp_path, [[says("first")], [says("sum")], [says("second")]], version, FULL)
    await loop.run_turn("one")
    await loop.run_turn("two")
    assert [text.rpartition("\n")[2] for text in said(loop)] == ["one", "sum", "two", "second"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_turn_that_wants_more_is_compacted_within(tmp_path: Path, version: str) -> None:
    loop, _ = loop_in(tmp_path, [[calls("nothing")], [says("sum")], [says("done")]], version, FULL)
    await loop.run_turn("one")
    assert [text.rpartition("\n")[2] for text in said(loop)] == ["one", "sum", "done"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_compaction_that_fails_leaves_the_history(tmp_path: Path, version: str) -> None:
    loop, events = loop_in(tmp_path, [[says("first")], BROKEN, [says("second")]], version)
    await loop.run_turn("one")
    before = list(loop.context.history)
    result = await loop.run_compaction()
    assert result.failure is not None
    assert loop.context.history == before
    assert not [event for event in events if isinstance(event, ContextCompacted)]


@pytest.mark.parametrize(("version", "kept"), [("0.115.0", 0), ("0.169.0", 1)])
async def test_what_the_user_said_before_a_failed_compaction(tmp_path: Path, version: str, kept: int) -> None:
    loop, _ = loop_in(tmp_path, [[says("first")], BROKEN], version, FULL)
    await loop.run_turn("one")
    result = await loop.run_turn("two")
    assert result.failure is not None
    assert said(loop).count("two") == kept


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_is_too_long_is_asked_for_without_its_oldest_item(tmp_path: Path, version: str) -> None:
    loop, _ = loop_in(tmp_path, [[says("first")], TOO_LONG, [says("sum")]], version)
    await loop.run_turn("one")
    await loop.run_compaction()
    first, second = loop.model.requests[1:]  # type: ignore[attr-defined]
    assert len(first.input) - len(second.input) == 1
    assert said(loop)[0] == "one"


async def test_an_interrupt_leaves_the_history_and_says_so(tmp_path: Path) -> None:
    model = SlowModel([[says("never")], [says("second")]])
    runtime = AgentRuntime(AgentLoop(model, ToolRegistry(), ContextManager(settings_in(tmp_path))))
    running = asyncio.create_task(runtime.run())
    first = runtime.submit(Compact())
    while not model.requests:
        await asyncio.sleep(0)
    runtime.submit(Interrupt())
    with pytest.raises(asyncio.CancelledError):
        await first
    await runtime.submit(UserTurn(text="b"))
    assert said(runtime.loop)[0].startswith("<turn_aborted>")
    runtime.submit(Shutdown())
    await running


async def test_each_compaction_begins_a_window(tmp_path: Path) -> None:
    loop, events = loop_in(tmp_path, [[says("first")], [says("sum")], [says("sum of it")]], "0.169.0")
    first = loop.context.thread.context_window_id
    await loop.run_turn("one")
    await loop.run_compaction()
    await loop.run_compaction()
    one, two = (event.window for event in events if isinstance(event, ContextCompacted))
    assert (one.number, one.previous, one.first) == (1, first, first)
    assert (two.number, two.previous, two.first) == (2, one.id, first)
    assert loop.context.thread.context_window_id == two.id
    assert len(said(loop)) == 2
