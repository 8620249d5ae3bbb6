"""Servers at a URL: credentials, the start that is tried again, the session that is lost, the end."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from captures.toy_http import ToyHttp
from pycodex.mcp.events import ServerState
from pycodex.mcp.rpc import ConnectionClosed
from pycodex.mcp.server import RequestFailed, Server
from pycodex.mcp.servers import start_servers
from pycodex.protocol import Event, LogLine
from tests.pycodex.sessions import settings_in

OLD, NEW = "0.115.0", "0.169.0"
ONE = {"tools/list": {"result": {"tools": [{"name": "one", "inputSchema": {}}]}}}
BEGUN = ["initialize", "notifications/initialized", "tools/list"]
BUSY = {"status": 503, "body": "later", "headers": {"content-type": "text/plain"}}
INIT = {"result": {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": "t", "version": "1"}}}


class Site:
    """A toy server, and what is configured of it."""

    def __init__(self, toy: ToyHttp, root: Path) -> None:
        self.toy, self.root = toy, root
        self.log: list[str] = []
        self.states: list[ServerState] = []

    async def started(self, upstream: str, answers: dict[str, Any], config: str = "", **more: Any) -> Server:
        script = {"session": "s-1", "answers": {**ONE, **answers}, **more}
        (self.root / "toy.json").write_text(json.dumps(script), encoding="utf-8")
        table = f'model = "gpt-5.5"\n[mcp_servers.toy]\nurl = "{self.toy.url}/toy"\n{config}\n'
        settings = settings_in(self.root, upstream=upstream, config=table)

        def emit(event: Event) -> None:
            if isinstance(event, LogLine):
                self.log.append(event.message)

        return (await start_servers(settings, emit, self.states.extend)).servers["toy"]

    def seen(self, kind: str) -> list[Any]:
        path = self.root / f"toy.{kind}.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def methods(self) -> list[str]:
        return [each["body"].get("method", "") for each in self.seen("post")]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with ToyHttp(tmp_path) as toy:
        yield Site(toy, tmp_path)


@pytest.mark.parametrize("upstream", [OLD, NEW], ids=["old", "new"])
@pytest.mark.parametrize("stream", [False, True], ids=["json", "events"])
async def test_a_server_is_begun_asked_and_ended(site: Site, upstream: str, stream: bool) -> None:
    server = await site.started(upstream, {"tools/call": {"result": {"content": []}}}, stream=stream)
    assert (server.failure, [tool["name"] for tool in server.tools]) == (None, ["one"])
    assert await server.request("tools/call", {"name": "one"}, 5) == {"content": []}
    await server.aclose()
    assert site.methods() == [*BEGUN, "tools/call"]
    assert ["mcp-session-id", "s-1"] in site.seen("delete")[0]["head"]


async def test_the_new_one_is_patient_with_a_start(site: Site) -> None:
    server = await site.started(NEW, {"initialize": [BUSY, INIT], "tools/list": [BUSY, ONE["tools/list"]]})
    assert server.failure is None
    assert site.methods() == ["initialize", *BEGUN, "tools/list"]
    await server.aclose()


async def test_the_old_one_is_not(site: Site) -> None:
    server = await site.started(OLD, {"initialize": [BUSY, INIT]})
    assert server.failure is not None
    assert "Unexpected content type" in server.failure


async def test_a_refusal_that_is_final_is_not_asked_again(site: Site) -> None:
    server = await site.started(NEW, {"initialize": {"status": 401, "body": "no"}})
    assert site.methods() == ["initialize"]
    assert server.failure is not None
    assert server.failure.endswith("HTTP 401: no, when send initialize request")
    assert site.log == [
        'worker quit with fatal: Transport channel closed, when UnexpectedServerResponse("HTTP 401: no")'
    ]


@pytest.mark.parametrize("upstream", [OLD, NEW], ids=["old", "new"])
async def test_a_lost_session_is_begun_anew_once_for_a_call(site: Site, upstream: str) -> None:
    lost = {"status": 404, "body": ""}
    server = await site.started(
        upstream, {"tools/call": [lost, {"result": {"n": 1}}, lost, lost, {"result": {"n": 2}}]}
    )
    assert await server.request("tools/call", {"name": "one"}, 5) == {"n": 1}
    with pytest.raises(RequestFailed, match="streamable HTTP session expired"):
        await server.request("tools/call", {"name": "one"}, 5)
    assert await server.request("tools/call", {"name": "one"}, 5) == {"n": 2}
    await server.aclose()
    assert site.methods().count("initialize") == len(site.seen("delete")) == 3


@pytest.mark.parametrize("upstream", [OLD, NEW], ids=["old", "new"])
async def test_a_call_that_takes_too_long_holds_up_the_old_one_only(site: Site, upstream: str) -> None:
    server = await site.started(upstream, {"tools/call": [{"silent": True}, {"result": {}}]})
    with pytest.raises(TimeoutError):
        await server.request("tools/call", {"name": "one"}, 0.1)
    if upstream == OLD:
        with pytest.raises(TimeoutError):
            await server.request("tools/call", {"name": "one"}, 0.1)
        assert site.methods() == [*BEGUN, "tools/call"]
    else:
        assert await server.request("tools/call", {"name": "one"}, 5) == {}
        assert site.methods() == [*BEGUN, "tools/call", "notifications/cancelled", "tools/call"]
    await server.aclose()
    assert len(site.seen("delete")) == (upstream == NEW)


async def test_a_cut_stream_is_taken_up_again_where_it_has_ids(site: Site) -> None:
    head = {"content-type": "text/event-stream"}
    late = 'data: {"jsonrpc":"2.0","id":2,"result":{"late":1}}\n\n'
    cut = [{"stream": True, "body": "id: 7\nretry: 1\ndata: \n\n"}, {"stream": True, "body": ": no id\n\n"}]
    server = await site.started(
        NEW, {"tools/call": cut, "GET": [{"status": 405}, {"status": 200, "headers": head, "body": late}]}
    )
    assert await server.request("tools/call", {"name": "one"}, 5) == {"late": 1}
    assert ["last-event-id", "7"] in site.seen("get")[-1]["head"]
    with pytest.raises(ConnectionClosed):
        await server.request("tools/call", {"name": "one"}, 5)
    await server.aclose()


async def test_a_token_that_is_not_there_ends_the_start(site: Site) -> None:
    server = await site.started(NEW, {}, 'bearer_token_env_var = "NO_SUCH"')
    assert server.failure == "Environment variable NO_SUCH for MCP server 'toy' is not set"
    assert site.seen("post") == []


async def test_the_old_one_asks_how_to_log_in_where_it_has_no_credentials(site: Site) -> None:
    await (await site.started(OLD, {})).aclose()
    places = [json.loads(line)["target"] for line in (site.root / "toy_http.jsonl").read_text().splitlines()]
    well_known = "/.well-known/oauth-authorization-server"
    assert places == [f"{well_known}/toy", f"/toy{well_known}", well_known]


async def test_people_are_told_to_log_in_by_the_old_one(site: Site) -> None:
    wants = {"status": 401, "body": "", "headers": {"www-authenticate": "Bearer"}}
    await site.started(OLD, {"initialize": wants})
    assert site.states[0].problem == "The toy MCP server is not logged in. Run `codex mcp login toy`."
