"""Conversations before the fake server: threads, titles, what is remembered."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fake_server import FakeServer, Script
from pycodex.protocol import Event, TurnCompleted
from pycodex.records import replace
from pycodex.repl.conversation import Conversation
from pycodex.repl.history import read_history
from pycodex.rollout import find_rollout, latest_rollout, thread_name
from tests.pycodex.sessions import settings_in

TITLES = {
    "aside": True,
    "match": {"body": {"text.format.name": "codex_output_schema"}},
    "answers": [{"output": [{"message": '{"title":"Saying hi"}'}]}],
}


class Talk:
    """A conversation, what happened in it, and the server's view."""

    def __init__(self, tmp_path: Path, server: FakeServer, upstream: str) -> None:
        port = int(server.url.rpartition(":")[2])
        self.server = server
        self.settings = replace(settings_in(tmp_path, upstream=upstream, port=port), mode="prompt")
        self.home = self.settings.config.codex_home
        self.events: list[Event] = []
        self.conversation = Conversation(self.settings, self.events.append)

    async def turns(self, number: int) -> None:
        while sum(isinstance(event, TurnCompleted) for event in self.events) < number:
            await asyncio.sleep(0.01)

    def asked(self) -> list[dict[str, Any]]:
        bodies = [json.loads(exchange.body) for exchange in self.server.journal]
        return [body for body in bodies if "format" not in body.get("text", {})]


@contextlib.asynccontextmanager
async def talk(tmp_path: Path, upstream: str, *answers: str) -> AsyncIterator[Talk]:
    async with FakeServer() as server:
        main = [{"output": [{"message": text}]} for text in answers]
        server.load(Script.from_data({"main": main, "title": TITLES}))
        async with asyncio.timeout(30):
            made = Talk(tmp_path, server, upstream)
            await made.conversation.open()
            yield made
            await made.conversation.close()
        assert [str(problem) for problem in server.finish()] == []


async def test_a_thread_gets_a_title_once_and_keeps_it_when_it_is_taken_up(tmp_path: Path) -> None:
    async with talk(tmp_path, "0.169.0", "one", "two", "three") as made:
        conversation = made.conversation
        for number, text in enumerate(("a", "b"), 1):
            conversation.say(text)
            await made.turns(number)
            while conversation.title is None:
                await asyncio.sleep(0.01)
        thread = conversation.thread_id
        assert thread_name(made.home, thread) == conversation.title == "Saying hi"
        conversation.name("Mine")
        await conversation.open(latest_rollout(made.home, made.settings.cwd))
        assert (conversation.thread_id, conversation.title) == (thread, "Mine")
        conversation.say("c")
        await made.turns(3)
        assert [item.get("role") for item in made.asked()[-1]["input"][-5:]].count("assistant") == 2
        assert read_history(made.home) == ["a", "b", "c"]


async def test_the_older_version_asks_for_no_title(tmp_path: Path) -> None:
    async with talk(tmp_path, "0.115.0", "one") as made:
        made.conversation.say("a")
        await made.turns(1)
        assert len(made.server.journal) == 1 and made.conversation.title is None


async def test_a_new_thread_knows_nothing_of_the_one_before(tmp_path: Path) -> None:
    async with talk(tmp_path, "0.115.0", "one", "two") as made:
        made.conversation.say("a")
        await made.turns(1)
        before = made.conversation.thread_id
        await made.conversation.open()
        assert made.conversation.thread_id != before
        made.conversation.say("b")
        await made.turns(2)
        first, second = made.asked()
        assert first["prompt_cache_key"] != second["prompt_cache_key"]
        assert "assistant" not in [item.get("role") for item in second["input"]]


PLAN = "So:\n<proposed_plan>\nDo it.\n</proposed_plan>"


async def test_a_plan_is_done_in_the_default_mode(tmp_path: Path) -> None:
    async with talk(tmp_path, "0.115.0", PLAN, "Done.") as made:
        conversation = made.conversation
        conversation.say("Plan.")
        conversation.switch_mode()
        await made.turns(1)
        assert conversation.has_plan and conversation.plan == "Do it.\n"
        conversation.say(conversation.implement())
        await made.turns(2)
        assert not conversation.planning and not conversation.has_plan
        mode, prompt = made.asked()[1]["input"][-2:]
        assert mode["content"][0]["text"].startswith("<collaboration_mode># Collaboration Mode: Default")
        assert prompt["content"][0]["text"] == "Implement the plan."
        told = [event.last_agent_message for event in made.events if isinstance(event, TurnCompleted)]
        assert told == ["So:\n", "Done."]


async def test_a_plan_is_done_in_a_thread_that_knows_nothing_else(tmp_path: Path) -> None:
    async with talk(tmp_path, "0.169.0", PLAN, "Done.") as made:
        conversation = made.conversation
        conversation.switch_mode()
        conversation.say("Plan.")
        await made.turns(1)
        before = conversation.thread_id
        text = await conversation.implement_fresh()
        conversation.name("Mine")  # so that it asks for no title
        conversation.say(text)
        await made.turns(2)
        assert conversation.thread_id != before and not conversation.planning
        words = made.asked()[1]["input"][-1]["content"][0]["text"]
        (file,) = made.home.glob("attachments/*/approved-plan.md")
        assert words == f"Read the approved plan at {file} and implement it." and file.read_text() == "Do it.\n"
        assert "assistant" not in [item.get("role") for item in made.asked()[1]["input"]]


@pytest.mark.parametrize(("upstream", "kept"), [("0.115.0", []), ("0.169.0", ["!true", "cleared"])])
async def test_what_is_remembered_beside_prompts(tmp_path: Path, upstream: str, kept: list[str]) -> None:
    async with talk(tmp_path, upstream) as made:
        made.conversation.run_shell("true")
        made.conversation.cleared("cleared")
        await made.turns(1)
        assert read_history(made.home) == kept


async def test_plan_mode_is_told_with_the_next_turn_and_has_its_effort(tmp_path: Path) -> None:
    async with talk(tmp_path, "0.115.0", "one", "two") as made:
        made.conversation.say("a")
        await made.turns(1)
        made.conversation.switch_mode()
        assert made.conversation.planning
        made.conversation.say("b")
        await made.turns(2)
        told = made.asked()[1]["input"][-2]
        assert told["role"] == "developer" and told["content"][0]["text"].startswith("<collaboration_mode># Plan Mode")
        made.conversation.switch_mode()
        assert not made.conversation.planning


@pytest.mark.parametrize("upstream", ["0.115.0", "0.169.0"])
async def test_an_earlier_prompt_takes_the_place_of_what_came_after_it(tmp_path: Path, upstream: str) -> None:
    async with talk(tmp_path, upstream, "one", "two", "three", "four") as made:
        conversation = made.conversation
        assert conversation.prompts() == []
        conversation.name("Mine")
        for number, text in enumerate(("a", "b", "c"), 1):
            conversation.say(text)
            await made.turns(number)
        thread = conversation.thread_id
        assert conversation.prompts() == ["a", "b", "c"]
        await conversation.go_back(2)
        assert (conversation.thread_id, conversation.title, conversation.prompts()) == (thread, "Mine", ["a"])
        await conversation.open(find_rollout(made.home, thread))
        assert conversation.prompts() == ["a"]
        conversation.say("d")
        await made.turns(4)
        said = [item["content"][0]["text"] for item in made.asked()[-1]["input"][-3:]]
        assert said == ["a", "one", "d"]
