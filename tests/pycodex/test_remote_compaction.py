"""The provider of OpenAI compacts by itself: what it is asked, what the history is then, what a failure says."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fake_server import FakeServer, Script
from pycodex import AgentLoop, ContextManager, ResponsesModelClient, ToolRegistry
from pycodex.compaction import Compaction
from pycodex.records import replace
from pycodex.remote_compaction import FetchedCompaction, TriggeredCompaction, compaction_for
from tests.pycodex.sessions import ScriptedModel, settings_in

FULL = "model_auto_compact_token_limit = 10\n"
SEALED = {"type": "compaction", "encrypted_content": "c2VhbGVk"}
ONE, TWO = {"output": [{"message": "one"}]}, {"output": [{"message": "two"}]}
PLACE = {"target": "/responses/compact$"}


def loop_at(root: Path, version: str, port: int, *, name: str = "OpenAI") -> AgentLoop:
    settings = settings_in(root, upstream=version, port=port, config=FULL)
    provider = replace(settings.config.provider, name=name)
    settings = replace(settings, config=replace(settings.config, provider=provider))
    return AgentLoop(ResponsesModelClient(settings), ToolRegistry(), ContextManager(settings))


@contextlib.asynccontextmanager
async def served(root: Path, version: str, tracks: dict[str, Any]) -> AsyncIterator[tuple[AgentLoop, FakeServer]]:
    async with FakeServer() as server:
        server.load(Script.from_data(tracks))
        loop = loop_at(root, version, int(server.url.rpartition(":")[2]))
        yield loop, server
        await loop.aclose()
        assert [str(problem) for problem in server.finish()] == []


def answered(body: str, status: int = 200) -> dict[str, Any]:
    return {"http": {"status": status, "headers": {"content-type": "application/json"}, "body": body}}


@pytest.mark.parametrize(("version", "kind"), [("0.115.0", FetchedCompaction), ("0.169.0", TriggeredCompaction)])
def test_the_name_of_the_provider_decides(tmp_path: Path, version: str, kind: type[Compaction]) -> None:
    assert compaction_for(loop_at(tmp_path, version, 9)) is kind
    assert compaction_for(loop_at(tmp_path, version, 9, name="fake")) is Compaction
    context = loop_at(tmp_path, version, 9).context
    assert compaction_for(AgentLoop(ScriptedModel([]), ToolRegistry(), context)) is Compaction


async def test_the_last_item_of_a_request_asks_for_it(tmp_path: Path) -> None:
    async with served(tmp_path, "0.169.0", {"main": [ONE, {"output": [{"item": SEALED}]}, TWO]}) as (loop, server):
        await loop.run_turn("first")
        result = await loop.run_turn("second")
        assert result.failure is None
        asked, after = (json.loads(exchange.body)["input"] for exchange in server.journal[1:])
        assert asked[-1] == {"type": "compaction_trigger"}
        assert [item["role"] for item in asked[-3:-1]] == ["user", "assistant"]
        kinds = [item.get("role") or item["type"] for item in after]
        assert kinds == ["developer", "developer", "user", "user", "compaction", "user"]
        assert after[4]["id"].startswith("cmp_")


@pytest.mark.parametrize(("sealed", "count"), [([], 0), ([SEALED, SEALED], 2)])
async def test_one_sealed_item_is_an_answer(tmp_path: Path, sealed: list[dict[str, Any]], count: int) -> None:
    output = [{"message": "hm"}, *({"item": item} for item in sealed)]
    async with served(tmp_path, "0.169.0", {"main": [ONE, {"output": output}]}) as (loop, _):
        await loop.run_turn("first")
        result = await loop.run_turn("second")
        assert result.failure is not None
        assert result.failure.message.startswith("Error running remote compact task: ")
        assert f"got {count} from {count + 1} output items" in result.failure.message


async def test_an_address_of_its_own_answers_with_the_history(tmp_path: Path) -> None:
    def message(role: str, text: str) -> dict[str, Any]:
        return {"type": "message", "role": role, "content": [{"type": "input_text", "text": text}]}

    output = [message("developer", "rules"), message("user", "first"), {"type": "reasoning", "summary": []}, SEALED]
    tracks = {"compact": {"match": PLACE, "answers": [answered(json.dumps({"output": output}))]}, "main": [ONE, TWO]}
    async with served(tmp_path, "0.115.0", tracks) as (loop, server):
        await loop.run_turn("first")
        result = await loop.run_turn("second")
        assert result.failure is None
        asked, after = (json.loads(exchange.body) for exchange in server.journal[1:])
        assert "stream" not in asked
        assert [item.get("role") or item["type"] for item in asked["input"][-2:]] == ["user", "assistant"]
        kinds = [item.get("role") or item["type"] for item in after["input"]]
        assert kinds == ["user", "compaction", "developer", "user", "user"]


@pytest.mark.parametrize(
    ("answer", "text"),
    [(answered("no", 404), "unexpected status 404 Not Found: no, url: "), (answered("{}"), "")],
)
async def test_what_that_address_does_not_answer_ends_the_turn(
    tmp_path: Path, answer: dict[str, Any], text: str
) -> None:
    tracks = {"compact": {"match": PLACE, "answers": [answer]}, "main": [ONE]}
    async with served(tmp_path, "0.115.0", tracks) as (loop, _):
        await loop.run_turn("first")
        result = await loop.run_turn("second")
        assert result.failure is not None
        assert result.failure.message.startswith(f"Error running remote compact task: {text}")
