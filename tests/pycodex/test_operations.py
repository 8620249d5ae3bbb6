"""Operations on a running turn, as a library: an AgentRuntime before the fake server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fake_server import FakeServer, Script
from pycodex import AgentLoop, AgentRuntime, ContextManager, ResponsesModelClient
from pycodex.api import builtin_tools
from pycodex.items import text_of
from pycodex.protocol import (
    Answer,
    ApprovalAsked,
    Decide,
    Event,
    Interrupt,
    QuestionsAsked,
    Shutdown,
    Steer,
    TextsReturned,
    UserShell,
    UserTurn,
)
from pycodex.records import replace
from tests.pycodex.sessions import settings_in

VERSIONS = ("0.115.0", "0.169.0")
HELD = {"after": 6, "until": "more"}


class Session:
    """A runtime and what happened in it."""

    def __init__(self, tmp_path: Path, server: FakeServer, upstream: str) -> None:
        self.server = server
        self.events: list[Event] = []
        port = int(server.url.rpartition(":")[2])
        settings = settings_in(tmp_path, upstream=upstream, port=port, sandbox_mode="danger-full-access")
        self.settings = replace(settings, mode="prompt")
        self.context = ContextManager(self.settings)
        tools = builtin_tools(self.settings, self.events.append)
        loop = AgentLoop(ResponsesModelClient(self.settings), tools, self.context, emit=self.events.append)
        self.runtime = AgentRuntime(loop, attended=True)

    async def until(self, kind: type[Any]) -> Any:
        while not (found := [event for event in self.events if isinstance(event, kind)]):
            await asyncio.sleep(0.01)
        return found[-1]

    async def asked(self, number: int, *, written: int = 0) -> None:
        journal = self.server.journal
        while len(journal) < number or len(journal[number - 1].chunks) < written:
            await asyncio.sleep(0.01)
            journal = self.server.journal

    def said(self) -> list[str]:
        """The texts of the history, by the user and the model."""
        return [text_of(item) for item in self.context.history if item.get("role") in ("user", "assistant")][1:]


@contextlib.asynccontextmanager
async def session(tmp_path: Path, upstream: str, *answers: dict[str, Any]) -> AsyncIterator[Session]:
    async with FakeServer() as server:
        server.load(Script.from_data({"main": list(answers)}))
        made = Session(tmp_path, server, upstream)
        running = asyncio.create_task(made.runtime.run())
        try:
            async with asyncio.timeout(30):
                yield made
                made.runtime.submit(Shutdown())
                await running
        finally:
            running.cancel()
        assert [str(problem) for problem in server.finish()] == []


def message(text: str, **more: Any) -> dict[str, Any]:
    return {"output": [{"message": text}], **more}


def call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"output": [{"call": {"name": name, "arguments": arguments, "call_id": "call_1"}}]}


@pytest.mark.parametrize(
    ("upstream", "said"),
    [("0.115.0", ["one", "a long story", "be brief", "ok"]), ("0.169.0", ["one", "be brief", "ok"])],
)
async def test_a_text_joins_the_turn_after_the_answer_or_in_its_place(
    tmp_path: Path, upstream: str, said: list[str]
) -> None:
    async with session(tmp_path, upstream, message("a long story", hold=HELD), message("ok")) as made:
        turn = made.runtime.submit(UserTurn(text="one"))
        await made.asked(1, written=6)
        made.runtime.submit(Steer(text="be brief"))
        await asyncio.sleep(0.05)
        made.server.open_gate("more")
        result = await turn
        assert result is not None and result.output_text == "ok"
        assert made.said() == said


async def test_a_text_without_a_turn_is_one(tmp_path: Path) -> None:
    async with session(tmp_path, "0.169.0", message("hi")) as made:
        result = await made.runtime.submit(Steer(text="one"))
        assert result is not None and result.output_text == "hi"


async def test_a_turn_that_is_asked_for_meanwhile_comes_after(tmp_path: Path) -> None:
    async with session(tmp_path, "0.169.0", message("first", hold=HELD), message("second")) as made:
        made.runtime.submit(UserTurn(text="one"))
        await made.asked(1)
        later = made.runtime.submit(UserTurn(text="two"))
        made.server.open_gate("more")
        await later
        assert made.said() == ["one", "first", "two", "second"]


@pytest.mark.parametrize("upstream", VERSIONS)
async def test_texts_that_wait_at_an_interrupt_are_sent_as_one_or_returned(tmp_path: Path, upstream: str) -> None:
    sleeps = call("exec_command", {"cmd": "sleep 30", "yield_time_ms": 20_000})
    async with session(tmp_path, upstream, sleeps, message("ok"), message("held", hold=HELD)) as made:
        first = made.runtime.submit(UserTurn(text="one"))
        while not made.runtime.loop.tools.declarations() or len(made.context.history) < 4:
            await asyncio.sleep(0.01)
        made.runtime.submit(Steer(text="a"))
        made.runtime.submit(Steer(text="b"))
        made.runtime.submit(Interrupt(waiting="send"))
        with pytest.raises(asyncio.CancelledError):
            await first
        await made.asked(2)
        while made.runtime.busy:
            await asyncio.sleep(0.01)
        assert made.said()[-2:] == ["a\nb", "ok"]
        second = made.runtime.submit(UserTurn(text="two"))
        await made.asked(3)
        if upstream == "0.115.0":  # in the other one the text would break off the answer, and ask again
            made.runtime.submit(Steer(text="c"))
        made.runtime.submit(Interrupt(waiting="return"))
        with pytest.raises(asyncio.CancelledError):
            await second
        if upstream == "0.115.0":
            assert (await made.until(TextsReturned)).texts == ("c",)


@pytest.mark.parametrize("upstream", VERSIONS)
async def test_the_person_allows_or_ends_the_turn(tmp_path: Path, upstream: str) -> None:
    arguments = {"cmd": "echo done", "sandbox_permissions": "require_escalated", "justification": "May I?"}
    async with session(tmp_path, upstream, call("exec_command", arguments), message("ok")) as made:
        turn = made.runtime.submit(UserTurn(text="one"))
        asked = await made.until(ApprovalAsked)
        assert asked.action["command"][-1] == "echo done"
        made.runtime.submit(Decide(call_id=asked.call_id, allowed=True))
        await turn
        assert "done" in made.context.history[-2]["output"]
    async with session(tmp_path, upstream, call("exec_command", arguments)) as made:
        turn = made.runtime.submit(UserTurn(text="one"))
        made.runtime.submit(Decide(call_id=(await made.until(ApprovalAsked)).call_id, allowed=False))
        with pytest.raises(asyncio.CancelledError):
            await turn
        assert "aborted by user" in made.context.history[-2]["output"]


@pytest.mark.parametrize("upstream", VERSIONS)
async def test_questions_are_answered_in_plan_mode_only(tmp_path: Path, upstream: str) -> None:
    options = [{"label": "Red", "description": "warm"}]
    question = {"id": "color", "header": "Color", "question": "Which?", "options": options}
    ask = call("request_user_input", {"questions": [question]})
    async with session(tmp_path, upstream, ask, message("ok"), ask, message("ok")) as made:
        await made.runtime.submit(UserTurn(text="one"))
        assert made.context.history[-2]["output"] == "request_user_input is unavailable in Default mode"
        made.context.settings = made.settings.collaborating("plan")
        turn = made.runtime.submit(UserTurn(text="two"))
        asked = await made.until(QuestionsAsked)
        made.runtime.submit(Answer(call_id=asked.call_id, answers={"color": ["Red"]}))
        await turn
        assert made.context.history[-2]["output"] == '{"answers":{"color":{"answers":["Red"]}}}'


async def test_a_command_of_the_user_is_told_in_the_next_turn(tmp_path: Path) -> None:
    async with session(tmp_path, "0.169.0", message("ok")) as made:
        await made.runtime.submit(UserShell(command="echo mine; exit 3"))
        await made.runtime.submit(UserTurn(text="one"))
        told = text_of(made.context.history[0])
        assert "<command>\necho mine; exit 3\n</command>" in told
        assert "Exit code: 3" in told and "Output:\nmine\n" in told
