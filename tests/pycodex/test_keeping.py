"""A thread that is kept: it goes back and gets a name by operations."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pycodex import AgentLoop, AgentRuntime, ContextManager, Keeper, ToolRegistry
from pycodex.items import text_of
from pycodex.protocol import GoBack, Rename, Shutdown, UserTurn
from pycodex.session import SessionError
from tests.pycodex.sessions import ScriptedModel, says, settings_in

VERSIONS = ("0.115.0", "0.169.0")
ANSWERS = [[says("one")], [says("two")], [says("three")]]


@contextlib.asynccontextmanager
async def running(runtime: AgentRuntime) -> AsyncIterator[None]:
    loop = asyncio.create_task(runtime.run())
    async with asyncio.timeout(20):
        yield
        runtime.submit(Shutdown())
        await loop


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_thread_goes_back_and_is_taken_up_so(tmp_path: Path, version: str) -> None:
    settings = settings_in(tmp_path, upstream=version)
    keeper = await Keeper.begin(settings)
    model = ScriptedModel(ANSWERS)
    runtime = AgentRuntime(AgentLoop(model, ToolRegistry(), keeper.context, emit=keeper), keeper=keeper)
    thread = keeper.thread_id
    async with running(runtime):
        turns = [runtime.submit(UserTurn(text=text)) for text in "ab"]
        back = runtime.submit(GoBack(prompts=1))  # takes its place in the queue
        last = runtime.submit(UserTurn(text="c"))
        await asyncio.gather(*turns, back, last)
    keeper.close()
    said = [text_of(item) for item in model.requests[2].input if item.get("role") in ("user", "assistant")]
    assert said[-3:] == ["a", "one", "c"] and "b" not in said
    assert (keeper.prompts(), keeper.thread_id) == (["a", "c"], thread)
    assert keeper.session.writer.path is not None
    again = await Keeper.resume(settings, keeper.session.writer.path)
    assert (again.thread_id, again.prompts()) == (thread, ["a", "c"])


@pytest.mark.parametrize("prompts", [0, 2])
async def test_it_cannot_go_back_by_more_than_there_is(tmp_path: Path, prompts: int) -> None:
    keeper = await Keeper.begin(settings_in(tmp_path))
    loop = AgentLoop(ScriptedModel(ANSWERS), ToolRegistry(), keeper.context, emit=keeper)
    runtime = AgentRuntime(loop, keeper=keeper)
    async with running(runtime):
        await runtime.submit(UserTurn(text="a"))
        with pytest.raises(SessionError, match=f"cannot go back by {prompts} prompts"):
            await runtime.submit(GoBack(prompts=prompts))
        result = await runtime.submit(UserTurn(text="b"))
    assert result is not None and result.output_text == "two" and keeper.prompts() == ["a", "b"]


async def test_a_name_is_kept(tmp_path: Path) -> None:
    keeper = await Keeper.begin(settings_in(tmp_path))
    runtime = AgentRuntime(AgentLoop(ScriptedModel([]), ToolRegistry(), keeper.context, emit=keeper), keeper=keeper)
    assert keeper.name is None
    await runtime.submit(Rename(name="Mine"))
    assert keeper.name == "Mine"


@pytest.mark.parametrize("operation", [GoBack(), Rename(name="x")])
async def test_a_thread_that_is_not_kept_says_so(tmp_path: Path, operation: GoBack | Rename) -> None:
    loop = AgentLoop(ScriptedModel([]), ToolRegistry(), ContextManager(settings_in(tmp_path)))
    with pytest.raises(ValueError, match="not kept"):
        await AgentRuntime(loop).submit(operation)
