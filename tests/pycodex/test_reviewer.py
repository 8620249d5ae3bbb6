import asyncio
from pathlib import Path

import pytest

from pycodex import AgentLoop, AgentRuntime, ContextManager, ToolRegistry
from pycodex.protocol import (
    Event,
    Interrupt,
    ItemDone,
    Rested,
    ReviewEnded,
    ReviewStarted,
    ReviewTurn,
    Shutdown,
    SubagentTold,
    TurnAborted,
    TurnFailed,
)
from pycodex.review import Uncommitted
from pycodex.reviewer import reviewing_settings
from pycodex.sampling import Failure
from pycodex.settings import Settings
from tests.pycodex.sessions import ScriptedModel, SlowModel, calls, says, settings_in

VERSIONS = ("0.115.0", "0.169.0")
ASKED = ReviewTurn(target=Uncommitted())


def loop_of(settings: Settings, model: ScriptedModel) -> tuple[AgentLoop, list[Event]]:
    events: list[Event] = []
    return AgentLoop(model, ToolRegistry(), ContextManager(settings), emit=events.append), events


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_thread_keeps_what_was_found_and_no_more(tmp_path: Path, version: str) -> None:
    model = ScriptedModel([[says("I look"), calls("nothing")], [says("fine")], [says("done")]])
    loop, events = loop_of(settings_in(tmp_path, upstream=version, ephemeral=True), model)
    result = await loop.run_review(ASKED)
    assert result.output_text == "fine"
    assert result.review is not None
    assert result.review.explanation == "fine"
    assert [item["role"] for item in loop.context.history] == ["user", "assistant"]
    assert isinstance(events[0], ReviewStarted)
    told = [each.event for each in events if isinstance(each, SubagentTold)]
    messages = [each.item for each in told if isinstance(each, ItemDone) and each.item["type"] == "message"]
    # The last message is the review; those before are told where the version tells them.
    assert [item["content"][0]["text"] for item in messages] == (["I look"] if version == "0.115.0" else [])
    await loop.run_turn("fix it")
    assert "fine" in str(model.requests[-1].input)
    assert "I look" not in str(model.requests[-1].input)


async def test_the_subagent_is_its_own_thread(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, upstream="0.169.0", ephemeral=True, config='review_model = "other"\n')
    model = ScriptedModel([[says("fine")]])
    loop, _ = loop_of(settings, model)
    await loop.run_review(ASKED)
    child = model.requests[0].context
    assert child.settings.model.slug == "other"
    assert child.settings.approval_policy == "never"
    assert child.thread.parent is not None
    assert child.thread.parent.thread_id == loop.context.thread.id != child.thread.id
    assert child.thread.session_id == loop.context.thread.id
    names = {tool.get("name") for tool in model.requests[0].tools}
    assert "exec_command" in names
    assert not names & {"get_goal", "spawn_agent", "web_search"}


def test_the_configuration_cannot_give_it_other_agents(tmp_path: Path) -> None:
    settings = reviewing_settings(settings_in(tmp_path, config="features.multi_agent_v2 = true\n"))
    from pycodex.upstream.toolset import agents_version

    assert agents_version(settings) == "disabled"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_failure_is_told_once_and_ends_the_turn(tmp_path: Path, version: str) -> None:
    model = ScriptedModel([Failure(kind="status", status=400, body="boom")])
    loop, events = loop_of(settings_in(tmp_path, upstream=version, ephemeral=True), model)
    result = await loop.run_review(ASKED)
    assert result.failure is not None
    assert result.failure.message == "boom"
    assert isinstance(events[-1], TurnFailed)
    assert events[-1].told
    ended = next(event for event in events if isinstance(event, ReviewEnded))
    assert ended.review is None
    assert "interrupted" in ended.text


async def test_an_interrupt_leaves_a_thread_that_can_be_gone_on_with(tmp_path: Path) -> None:
    model = SlowModel([[says("never")], [says("second")]])
    loop, events = loop_of(settings_in(tmp_path, ephemeral=True), model)
    runtime = AgentRuntime(loop)
    running = asyncio.create_task(runtime.run())
    first = runtime.submit(ASKED)
    while not model.requests:
        await asyncio.sleep(0)
    runtime.submit(Interrupt())
    with pytest.raises(asyncio.CancelledError):
        await first
    assert [type(event) for event in events[-2:]] == [TurnAborted, Rested]
    assert [item["role"] for item in loop.context.history] == ["user", "assistant", "user"]
    second = await runtime.submit(ASKED)
    assert second is not None
    assert second.output_text == "second"
    runtime.submit(Shutdown())
    await running
