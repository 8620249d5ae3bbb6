import asyncio
from pathlib import Path

import pytest

from pycodex import AgentLoop, AgentRuntime, ContextManager, ToolRegistry
from pycodex.protocol import Interrupt, Shutdown, UserTurn
from tests.pycodex.sessions import ScriptedModel, SlowModel, says, settings_in


async def test_turns_run_in_order(tmp_path: Path) -> None:
    model = ScriptedModel([[says("one")], [says("two")]])
    runtime = AgentRuntime(AgentLoop(model, ToolRegistry(), ContextManager(settings_in(tmp_path))))
    results = [runtime.submit(UserTurn(text=text)) for text in "ab"]
    runtime.submit(Shutdown())
    await runtime.run()
    assert [result.result().output_text for result in results if result.result()] == ["one", "two"]  # type: ignore[union-attr]


async def test_interrupt_ends_the_turn_and_not_the_loop(tmp_path: Path) -> None:
    model = SlowModel([[says("never")], [says("second")]])
    runtime = AgentRuntime(AgentLoop(model, ToolRegistry(), ContextManager(settings_in(tmp_path))))
    running = asyncio.create_task(runtime.run())
    first = runtime.submit(UserTurn(text="a"))
    while not model.requests:
        await asyncio.sleep(0)
    runtime.submit(Interrupt())
    with pytest.raises(asyncio.CancelledError):
        await first
    second = await runtime.submit(UserTurn(text="b"))
    assert second is not None
    assert second.output_text == "second"
    runtime.submit(Shutdown())
    await running
