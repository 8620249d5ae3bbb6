"""Agents that the model begins: what their requests are, what is told of their end, and how they end."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pycodex import AgentLoop, ContextManager
from pycodex.api import builtin_tools
from pycodex.model import ModelRequest
from pycodex.protocol import AgentCallEnded, AgentCallStarted, Event
from pycodex.settings import Settings
from tests.pycodex.sessions import ScriptedModel, calls, says, settings_in

NEW, OLD = "0.169.0", "0.115.0"
SPACE = {NEW: "multi_agent_v1", OLD: None}


class Model(ScriptedModel):
    """Answers each thread from its own list, by the last thing that its first request says."""

    def __init__(self, by_prompt: dict[str, list[list[dict[str, Any]]]]) -> None:
        super().__init__([])
        self.by_prompt = by_prompt

    async def stream(self, request: ModelRequest) -> Any:
        prompt = next(text for text in reversed(_said(request.input)) if text in self.by_prompt)
        self.answers += [self.by_prompt[prompt].pop(0)]
        async for event in super().stream(request):
            yield event


def _said(items: Sequence[dict[str, Any]]) -> list[str]:
    return [part["text"] for item in items for part in item.get("content") or () if "text" in part]


def call(version: str, name: str, call_id: str, **arguments: Any) -> dict[str, Any]:
    made = calls(name, json.dumps(arguments), call_id)
    return made if SPACE[version] is None else {**made, "namespace": SPACE[version]}


def loop_of(settings: Settings, model: ScriptedModel) -> tuple[AgentLoop, list[Event]]:
    events: list[Event] = []
    return AgentLoop(model, builtin_tools(settings), ContextManager(settings), emit=events.append), events


def outputs(loop: AgentLoop) -> dict[str, Any]:
    return {item["call_id"]: item["output"] for item in loop.context.history if "output" in item}


@pytest.mark.parametrize("version", [NEW, OLD])
async def test_an_agent_has_a_thread_of_its_own(tmp_path: Path, version: str) -> None:
    settings = settings_in(tmp_path, upstream=version)
    sleep = calls("exec_command", json.dumps({"cmd": "sleep 0.5"}), "nap")
    model = Model(
        {
            "go": [[call(version, "spawn_agent", "s", message="count")], [sleep], [says("bye")]],
            "count": [[says("three")]],
        }
    )
    loop, events = loop_of(settings, model)
    assert (await loop.run_turn("go")).output_text == "bye"
    await loop.aclose()
    child = next(request for request in model.requests if "count" in _said(request.input))
    parent = child.context.thread.parent
    assert parent is not None and parent.thread_id == loop.context.thread.id
    assert "spawn_agent" not in json.dumps(child.tools)
    note = next(text for text in _said(loop.context.history) if "subagent_notification" in text)
    assert json.loads(note.split("\n")[1])["status"] == {"completed": "three"}
    began = json.loads(outputs(loop)["s"])
    assert began["nickname"] in settings.dialect.toolset.agents.nicknames
    told = [event for event in events if isinstance(event, AgentCallStarted | AgentCallEnded)]
    assert isinstance(told[0], AgentCallStarted) and isinstance(told[1], AgentCallEnded)
    assert [who.id for who in told[1].call.receivers] == [began["agent_id"]]


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ({}, "Provide one of: message or items"),
        ({"message": " "}, "Empty message can't be sent to an agent"),
        ({"items": []}, "Items can't be empty"),
        ({"message": "x", "items": []}, "Provide either message or items, but not both"),
        ({"message": "x", "agent_type": "nobody"}, "unknown agent_type 'nobody'"),
    ],
)
async def test_what_cannot_be_begun(tmp_path: Path, arguments: dict[str, Any], answer: str) -> None:
    model = Model({"go": [[call(NEW, "spawn_agent", "s", **arguments)], [says("bye")]]})
    loop, _ = loop_of(settings_in(tmp_path, upstream=NEW), model)
    await loop.run_turn("go")
    await loop.aclose()
    assert outputs(loop)["s"] == answer


async def test_there_are_no_more_than_the_configuration_allows(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, upstream=OLD, config="agents = {max_threads = 1}\n")
    spawns = [call(OLD, "spawn_agent", name, message="count") for name in ("s", "t")]
    model = Model({"go": [[spawns[0]], [spawns[1]], [says("bye")]], "count": [[says("three")]]})
    loop, _ = loop_of(settings, model)
    await loop.run_turn("go")
    await loop.aclose()
    assert outputs(loop)["t"] == "collab spawn failed: agent thread limit reached (max 1)"
