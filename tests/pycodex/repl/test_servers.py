"""The servers of a session's threads: started beside the person, ended with their thread."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pycodex.protocol import Event, McpServersStarted
from pycodex.repl.conversation import Conversation
from pycodex.repl.servers import ThreadServers
from pycodex.session import SessionError
from pycodex.settings import Settings
from tests.pycodex.sessions import settings_in

TOY = Path(__file__).parents[3] / "captures" / "toy_mcp.py"
ONE = {"tools": [{"name": "one", "inputSchema": {}}]}


def _settings(root: Path, answer: dict[str, Any], more: str = "") -> Settings:
    script = root / "toy.json"
    script.write_text(json.dumps({"answers": {"tools/list": answer}}), encoding="utf-8")
    command = f"command = {json.dumps(sys.executable)}\nargs = {json.dumps([str(TOY), str(script)])}\n"
    return settings_in(root, config=f'model = "gpt-5.5"\n[mcp_servers.toy]\n{command}{more}')


async def _until(come: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not come():
            await asyncio.sleep(0.01)


async def test_tools_are_there_once_the_servers_are_waited_for(tmp_path: Path) -> None:
    events: list[Event] = []
    settings = _settings(tmp_path, {"result": ONE})
    servers = await ThreadServers.begin(settings, events.append)
    mcp = servers.given_to(settings).mcp
    assert mcp is not None
    assert (await servers.came(), await servers.came()) == (True, False)
    assert [tool.name for tool in mcp.tools] == ["one"]
    assert [event.servers[0].state for event in events if isinstance(event, McpServersStarted)] == ["ready"]
    await servers.aclose()


async def test_a_turn_that_is_interrupted_leaves_the_start_alone(tmp_path: Path) -> None:
    settings = _settings(tmp_path, {"result": ONE, "until": str(tmp_path / "go")})
    servers = await ThreadServers.begin(settings, lambda event: None)
    turn = asyncio.create_task(servers.came())
    await asyncio.sleep(0)
    turn.cancel()
    await asyncio.wait([turn])
    (tmp_path / "go").touch()
    mcp = servers.given_to(settings).mcp
    assert mcp is not None
    await _until(lambda: mcp.tools)
    await servers.aclose()


async def test_who_leaves_does_not_wait_for_a_server(tmp_path: Path) -> None:
    settings = _settings(tmp_path, {"silent": True})
    servers = await ThreadServers.begin(settings, lambda event: None)
    async with asyncio.timeout(30):
        await servers.aclose()
    assert not (await ThreadServers.begin(settings_in(tmp_path), lambda event: None)).given_to(settings).mcp


async def test_a_thread_stays_where_the_next_one_cannot_begin(tmp_path: Path) -> None:
    conversation = Conversation(settings_in(tmp_path), lambda event: None)
    await conversation.open()
    thread, conversation.settings = conversation.thread_id, _settings(tmp_path, {"exit": 3}, "required = true\n")
    with pytest.raises(SessionError, match="required MCP servers failed to initialize: toy"):
        await conversation.open()
    assert conversation.thread_id == thread
    await conversation.close()
