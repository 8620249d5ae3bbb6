"""The servers of the configuration: started, named, ended."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from pycodex.mcp.events import ServerState
from pycodex.mcp.servers import McpServers, RequiredServerFailed, start_servers
from tests.pycodex.sessions import settings_in

TOY = Path(__file__).parents[3] / "captures" / "toy_mcp.py"


def _config(root: Path, answers: dict[str, Any], more: str = "") -> str:
    script = root / "toy.json"
    script.write_text(json.dumps({"answers": answers}), encoding="utf-8")
    command = f"command = {json.dumps(sys.executable)}\nargs = {json.dumps([str(TOY), str(script)])}\n"
    return f"[mcp_servers.toy]\n{command}{more}"


def _tools(*names: str) -> dict[str, Any]:
    return {"tools/list": {"result": {"tools": [{"name": name, "inputSchema": {}} for name in names]}}}


async def _started(root: Path, config: str, upstream: str) -> tuple[McpServers, list[ServerState]]:
    settings = settings_in(root, upstream=upstream, config=f'model = "gpt-5.5"\n{config}\n')
    states: list[ServerState] = []
    found = await start_servers(settings, lambda event: None, states.extend)
    await found.aclose()
    return found, states


@pytest.mark.parametrize(
    ("upstream", "names"), [("0.115.0", ["mcp__toy__one"]), ("0.169.0", ["mcp__toy"])], ids=["old", "new"]
)
async def test_tools_are_declared_in_the_form_of_the_version(tmp_path: Path, upstream: str, names: list[str]) -> None:
    config = _config(tmp_path, _tools("one", "two"), 'disabled_tools = ["two"]\n')
    found, states = await _started(tmp_path, config, upstream)
    assert [item["name"] for item in found.declarations()] == names
    assert [(each.name, each.state) for each in states] == [("toy", "ready")]


async def test_a_server_that_fails_is_told_of_and_has_no_tools(tmp_path: Path) -> None:
    found, states = await _started(tmp_path, _config(tmp_path, {"initialize": {"exit": 3}}), "0.115.0")
    assert found.declarations() == []
    assert "connection closed: initialize response" in states[0].problem


async def test_a_required_server_that_fails_ends_the_start(tmp_path: Path) -> None:
    with pytest.raises(RequiredServerFailed, match="toy: handshaking"):
        await _started(tmp_path, _config(tmp_path, {"initialize": {"exit": 3}}, "required = true\n"), "0.169.0")


async def test_a_server_that_is_switched_off_is_not_there(tmp_path: Path) -> None:
    found, states = await _started(tmp_path, _config(tmp_path, {}, "enabled = false\n"), "0.169.0")
    assert (found.servers, states) == ({}, [])


@pytest.mark.parametrize(("upstream", "late"), [("0.115.0", False), ("0.169.0", True)], ids=["old", "new"])
async def test_who_is_late_comes_in_later_where_the_version_does_not_wait(
    tmp_path: Path, upstream: str, late: bool
) -> None:
    answers = _tools("one")
    answers["tools/list"]["until" if late else "wait"] = str(tmp_path / "go") if late else 0.1
    settings = settings_in(tmp_path, upstream=upstream, config=f'model = "gpt-5.5"\n{_config(tmp_path, answers)}\n')
    states: list[ServerState] = []
    found = await start_servers(settings, lambda event: None, states.extend)
    assert (found.is_late("toy"), len(found.tools), len(states)) == ((True, 0, 0) if late else (False, 1, 1))
    (tmp_path / "go").touch()
    await found.there("toy")
    assert (found.is_late("toy"), [tool.name for tool in found.tools]) == (False, ["one"])
    await found.aclose()
