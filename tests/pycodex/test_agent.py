import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pycodex import AgentLoop, BaseTool, ContextManager, ToolContext, ToolError, ToolRegistry
from pycodex.protocol import Event, LogLine, SampleFinished, TurnCompleted, TurnFailed
from pycodex.sampling import Failure
from tests.pycodex.sessions import ScriptedModel, calls, says, settings_in


class Echo(BaseTool):
    name = "echo"
    description = "says it again"
    input_schema = {"type": "object"}  # noqa: RUF012

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        if "error" in args:
            raise ToolError(args["error"])
        await asyncio.sleep(args.get("wait", 0))
        return f"{context.call_id} done"


def loop_in(root: Path, model: ScriptedModel, events: list[Event], **options: Any) -> AgentLoop:
    context = ContextManager(settings_in(root, **options))
    return AgentLoop(model, ToolRegistry([Echo()]), context, emit=events.append)


async def test_samples_until_nothing_is_called(tmp_path: Path) -> None:
    model = ScriptedModel([[calls("echo")], [calls("echo", call_id="call_2")], [says("the end")]])
    events: list[Event] = []
    result = await loop_in(tmp_path, model, events).run_turn("go")
    assert (result.output_text, result.failure, result.usage.total_tokens) == ("the end", None, 45)
    assert [item["type"] for item in model.requests[2].input[-4:]] == [
        "function_call", "function_call_output", "function_call", "function_call_output",
    ]  # fmt: skip
    assert isinstance(events[-1], TurnCompleted)
    assert len([event for event in events if isinstance(event, SampleFinished)]) == 3


async def test_outputs_stand_in_call_order_whoever_ends_first(tmp_path: Path) -> None:
    slow, quick = calls("echo", '{"wait": 0.02}', "slow"), calls("echo", "{}", "quick")
    model = ScriptedModel([[slow, quick], [says("x")]])
    await loop_in(tmp_path, model, []).run_turn("go")
    assert [item.get("call_id") for item in model.requests[1].input[-4:]] == ["slow", "quick", "slow", "quick"]


async def test_tool_errors_and_unknown_tools_are_told_to_the_model(tmp_path: Path) -> None:
    model = ScriptedModel([[calls("echo", '{"error": "no"}', "a"), calls("nope", "{}", "b")], [says("x")]])
    events: list[Event] = []
    await loop_in(tmp_path, model, events).run_turn("go")
    assert [item["output"] for item in model.requests[1].input[-2:]] == ["no", "unsupported call: nope"]
    assert [event.message for event in events if isinstance(event, LogLine)] == [
        "error=no", "error=unsupported call: nope",
    ]  # fmt: skip


async def test_wrong_payload_gets_an_aborted_output_after_its_call(tmp_path: Path) -> None:
    custom = {"type": "custom_tool_call", "id": "ctc_1", "call_id": "c", "name": "echo", "input": "x"}
    model = ScriptedModel([[custom, calls("echo")], [says("x")]])
    await loop_in(tmp_path, model, []).run_turn("go")
    tail = model.requests[1].input[-4:]
    assert [item["type"] for item in tail[:2]] == ["custom_tool_call", "custom_tool_call_output"]
    assert tail[1]["output"] == "aborted"


async def test_failure_is_a_result(tmp_path: Path) -> None:
    model = ScriptedModel([Failure(kind="status", status=400, body="bad")])
    events: list[Event] = []
    result = await loop_in(tmp_path, model, events).run_turn("go")
    assert result.failure is not None
    assert (result.failure.message, result.output_text) == ("bad", "")
    assert isinstance(events[-1], TurnFailed)


@pytest.mark.parametrize(("upstream", "carried"), [("0.115.0", 0), ("0.169.0", 1)])
async def test_retry_of_a_broken_stream(tmp_path: Path, upstream: str, carried: int) -> None:
    """faults.md, fact 4: one version resends the same bytes, the other adds what was finished."""

    class Breaking(ScriptedModel):
        async def stream(self, request: Any) -> Any:
            async for event in super().stream(request):
                if len(self.requests) == 1 and type(event).__name__ == "Completed":
                    yield Failure(kind="closed", detail="cut")
                    return
                yield event

    model = Breaking([[says("half")], [says("whole", "msg_2")]])
    loop = loop_in(tmp_path, model, [], upstream=upstream)
    provider = loop.context.settings.config.provider
    object.__setattr__(provider, "stream_max_retries", 1)
    object.__setattr__(loop._dialect.retry, "first_delay", 0.0)
    try:
        result = await loop.run_turn("go")
    finally:
        object.__setattr__(loop._dialect.retry, "first_delay", 0.2)
    assert result.output_text == "whole"
    assert len(model.requests[1].input) - len(model.requests[0].input) == carried


async def test_turn_state_is_the_first_one(tmp_path: Path) -> None:
    model = ScriptedModel([[calls("echo")], [says("x")]])
    await loop_in(tmp_path, model, []).run_turn("go")
    assert model.requests[1].turn.state == "TS-1"


async def test_a_tool_that_is_not_parallel_waits_for_the_calls_before_it(tmp_path: Path) -> None:
    first, second = calls("echo", '{"wait": 0.02}', "first"), calls("echo", "{}", "second")
    order: list[str] = []

    class Traced(Echo):
        async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
            order.append(f"{context.call_id} begins")
            text = await super().run(context, args)
            order.append(f"{context.call_id} ends")
            return text

    context = ContextManager(settings_in(tmp_path))
    loop = AgentLoop(ScriptedModel([[first, second], [says("x")]]), ToolRegistry([Traced()]), context)
    await loop.run_turn("go")
    assert order == ["first begins", "first ends", "second begins", "second ends"]
