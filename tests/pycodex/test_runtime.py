import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from pycodex import AgentLoop, AgentRuntime, ContextManager, ToolRegistry
from pycodex.goals import Goals
from pycodex.protocol import (
    ClearGoal,
    Event,
    Interrupt,
    Item,
    SetGoal,
    Shutdown,
    TextsReturned,
    TurnAborted,
    TurnStarted,
    UserShell,
    UserTurn,
)
from pycodex.sampling import Failure
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


NEVER = Failure(kind="status", status=400, detail="no")


def with_goal(root: Path, answers: Sequence[Sequence[Item] | Failure], events: list[Event]) -> AgentLoop:
    """A loop with a goal, which a turn of the user fails to reach."""
    context = ContextManager(settings_in(root, upstream="0.169.0"))
    loop = AgentLoop(ScriptedModel(answers), ToolRegistry(), context, emit=events.append)
    loop.goals = Goals(loop)
    loop.goals.begin("paint", None)
    return loop


def begun(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.by, event.prompt) for event in events if isinstance(event, TurnStarted)]


async def test_what_is_queued_joins_the_turns_of_the_goal_one_by_one(tmp_path: Path) -> None:
    events: list[Event] = []
    runtime = AgentRuntime(with_goal(tmp_path, [[says("no")], [says("a")], [says("b")], NEVER], events), attended=True)
    results = [runtime.submit(UserTurn(text=text)) for text in ("one", "two", "three")]
    running = asyncio.create_task(runtime.run())
    await asyncio.wait(results)
    while runtime.busy:
        await asyncio.sleep(0)
    assert begun(events) == [("goal", "one"), ("goal", "two"), ("goal", "three"), ("goal", "")]
    assert [result.result().output_text for result in results if result.result()] == ["no", "a", "b"]  # type: ignore[union-attr]
    runtime.submit(Shutdown())
    await running


@pytest.mark.parametrize("attended", [True, False])
async def test_goal_goes_on_where_somebody_is_there_and_nothing_else_is_asked_for(
    tmp_path: Path, attended: bool
) -> None:
    events: list[Event] = []
    runtime = AgentRuntime(with_goal(tmp_path, [[says("no")], [says("no")]], events), attended=attended)
    runtime.submit(Shutdown())
    await runtime.run()
    assert begun(events) == []


async def test_goal_that_the_user_sets_goes_on_at_once(tmp_path: Path) -> None:
    events: list[Event] = []
    context = ContextManager(settings_in(tmp_path, upstream="0.169.0"))
    loop = AgentLoop(ScriptedModel([[says("no")], NEVER]), ToolRegistry(), context, emit=events.append)
    runtime = AgentRuntime(loop, attended=True)
    running = asyncio.create_task(runtime.run())
    await runtime.submit(SetGoal(objective="paint"))
    while len(begun(events)) < 2 or runtime.busy:
        await asyncio.sleep(0)
    assert begun(events) == [("goal", ""), ("goal", "")]
    assert await runtime.submit(ClearGoal()) is None
    runtime.submit(Shutdown())
    await running
