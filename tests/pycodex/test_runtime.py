import asyncio
from pathlib import Path

import pytest

from pycodex import AgentLoop, AgentRuntime, ContextManager, ToolRegistry
from pycodex.protocol import Event, Interrupt, Shutdown, TextsReturned, TurnAborted, UserShell, UserTurn
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


async def test_an_interrupt_gives_back_the_texts_of_turns_to_come(tmp_path: Path) -> None:
    events: list[Event] = []
    model = SlowModel([[says("never")], [says("second")]])
    loop = AgentLoop(model, ToolRegistry(), ContextManager(settings_in(tmp_path)), emit=events.append)
    runtime = AgentRuntime(loop)
    running = asyncio.create_task(runtime.run())
    runtime.submit(UserTurn(text="a"))
    while not model.requests:
        await asyncio.sleep(0)
    queued = [runtime.submit(UserTurn(text=text)) for text in "bc"]
    assert runtime.waits
    runtime.submit(Interrupt())
    for waiting in queued:
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert not runtime.waits
    assert [event.texts for event in events if isinstance(event, TextsReturned)] == [("b", "c")]
    runtime.submit(Shutdown())
    await running


async def test_an_interrupt_ends_the_command_of_the_user(tmp_path: Path) -> None:
    events: list[Event] = []
    context = ContextManager(settings_in(tmp_path))
    runtime = AgentRuntime(AgentLoop(ScriptedModel([]), ToolRegistry(), context, emit=events.append))
    running = asyncio.create_task(runtime.run())
    done = runtime.submit(UserShell(command="touch begun; sleep 60"))
    folder = context.settings.cwd
    async with asyncio.timeout(20):
        while not (folder / "begun").exists():
            await asyncio.sleep(0.01)
        assert runtime.runs_shell and not runtime.busy
        runtime.submit(Interrupt())
        await done
    assert not runtime.runs_shell and isinstance(events[-1], TurnAborted)
    told, aborted = (item["content"][0]["text"] for item in context.history)
    assert "Exit code: -1\nDuration: 0.0000 seconds\nOutput:\ncommand aborted by user\n" in told
    assert aborted.startswith("<turn_aborted>")
    runtime.submit(Shutdown())
    await running
