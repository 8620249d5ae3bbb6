"""The layer as a server, before a scripted chat backend. Each test is one law."""

import asyncio
import json
from typing import Any

import pytest

from fake_server.grammar import check_events
from pycodex.responses_server.app import WARNINGS
from pycodex.responses_server.store import Store
from tests.pycodex.responses_server.answers import TOOLS, USAGE, delta, texts
from tests.pycodex.responses_server.served import Served, served

CALLS = {
    "reasoning": "hm",
    "text": "I look.",
    "calls": [
        {"name": "exec_command", "arguments": {"cmd": "ls"}},
        {"name": "apply_patch", "arguments": {"input": "*** Begin Patch"}},
        {"name": "mcp__srv__echo", "arguments": {}},
    ],
}
KINDS = ["reasoning", "message", "function_call", "custom_tool_call", "function_call"]


@pytest.mark.parametrize("split", [1, 7, None])
async def test_streaming_and_plain_say_the_same(split: int | None) -> None:
    async with served() as s:
        s.backend.load([{**CALLS, **({"split": split} if split else {})}, CALLS])
        events = await s.stream(tools=TOOLS)
        assert check_events(events) == []
        status, plain, _ = await s.ask(tools=TOOLS)
        assert (status, plain["status"], plain["object"]) == (200, "completed", "response")
        streamed = events[-1]["response"]
        assert [item["type"] for item in plain["output"]] == [item["type"] for item in streamed["output"]] == KINDS
        assert set(plain) == set(streamed)
        assert [body.get("stream", False) for body in s.backend.requests] == [True, False]
        assert s.backend.finish() == []


async def test_a_conversation_goes_on_with_an_earlier_response() -> None:
    async with served() as s:
        s.backend.load([CALLS, {"text": "Done."}, {"text": "Bye."}])
        _, first, _ = await s.ask(tools=TOOLS)
        outputs = [
            {"type": item["type"] + "_output", "call_id": item["call_id"], "output": "ok"}
            for item in first["output"][2:]
        ]
        _, second, _ = await s.ask(outputs, tools=TOOLS, previous_response_id=first["id"])
        assert second["previous_response_id"] == first["id"]
        await s.ask("thanks", previous_response_id=second["id"])
        roles = [message["role"] for message in s.backend.requests[-1]["messages"]]
        assert roles == ["user", "assistant", "tool", "tool", "tool", "assistant", "user"]
        assert s.backend.finish() == []
        status, error, _ = await s.ask(previous_response_id="resp_none")
        assert (status, error["error"]["code"]) == (400, "previous_response_not_found")


async def test_a_response_is_stored_before_its_end_is_told() -> None:
    async with served() as s:
        s.backend.load([{"text": "A"}])
        async with s.layer.ask({"model": "m", "input": "hi", "stream": True}) as answer:
            async for events in answer.events:
                if events[-1]["type"] == "response.completed":
                    assert s.layer.stored(events[-1]["response"]["id"]).response["status"] == "completed"
                    break
            else:
                pytest.fail("no end")


async def test_what_came_at_once_is_sent_at_once() -> None:
    async with served() as s:
        s.backend.load([{"chunks": [*[delta(content="x")] * 50, delta("stop"), {"choices": [], "usage": USAGE}]}])
        async with s.layer.ask({"model": "m", "input": "hi", "stream": True}) as answer:
            sizes = [len(events) async for events in answer.events]
        assert max(sizes) > 50, "the backend wrote all of it in one go"


async def test_what_is_stored_can_be_read_and_deleted() -> None:
    async with served() as s:
        s.backend.load([{"text": "A"}, {"text": "B"}])
        _, first, _ = await s.ask("one")
        _, _, _ = await s.ask("two", store=False)
        async with s.client.get(f"{s.url}/responses/{first['id']}") as got:
            assert await got.json() == first
        async with s.client.get(f"{s.url}/responses/{first['id']}/input_items?limit=1&order=asc") as got:
            page = await got.json()
        assert (page["object"], page["has_more"], len(page["data"])) == ("list", False, 1)
        assert page["data"][0]["content"][0]["text"] == "one"
        assert page["first_id"] == page["last_id"] == page["data"][0]["id"]
        async with s.client.delete(f"{s.url}/responses/{first['id']}") as gone:
            assert await gone.json() == {"id": first["id"], "object": "response", "deleted": True}
        for path in (first["id"], f"{first['id']}/input_items"):
            async with s.client.get(f"{s.url}/responses/{path}") as got:
                assert (got.status, (await got.json())["error"]["code"]) == (404, "not_found")
        assert len(s.layer.store) == 0, "what is not to be stored is not"


async def test_the_memory_is_bounded() -> None:
    async with served(Store(most=3, most_bytes=100_000)) as s:
        s.backend.load([{"text": "A"}], repeat=True)
        ids = [(await s.ask("x"))[1]["id"] for _ in range(5)]
        assert [s.layer.store.find(one) is not None for one in ids] == [False, False, True, True, True]
        await s.ask("y" * 200_000)
        assert len(s.layer.store) == 3, "what is larger than the memory is not kept, and pushes nothing out"
        big = [(await s.ask("y" * 45_000))[1]["id"] for _ in range(3)]
        assert [s.layer.store.find(one) is not None for one in big] == [False, True, True]


async def test_models_are_those_of_the_backend() -> None:
    async with served() as s, s.client.get(f"{s.url}/models", headers={"authorization": "Bearer mine"}) as got:
        assert [model["id"] for model in (await got.json())["data"]] == ["local-model"]
        assert s.backend.heads[-1]["authorization"] == "Bearer mine"


async def test_credentials_are_passed_on_or_replaced() -> None:
    for key, told in ((None, "Bearer mine"), ("ours", "Bearer ours")):
        async with served(key=key, headers={"x-team": "a"}) as s:
            s.backend.load([{"text": "A"}])
            body = {"model": "m", "input": "hi"}
            async with s.client.post(f"{s.url}/responses", json=body, headers={"authorization": "Bearer mine"}):
                pass
            assert (s.backend.heads[-1]["authorization"], s.backend.heads[-1]["x-team"]) == (told, "a")


LONG = "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens."


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, {"error": {"message": "Unauthorized"}}, "invalid_api_key"),
        (400, {"object": "error", "message": LONG, "type": "BadRequestError", "code": 400}, "context_length_exceeded"),
        (400, {"error": {"message": "no", "code": "my_code", "param": "x", "type": "t"}}, "my_code"),
        (429, {"error": {"message": "slow down", "code": None}}, "rate_limit_exceeded"),
        (404, {"detail": "no such model"}, "model_not_found"),
        (404, {"detail": "Not Found"}, "not_found"),
        (503, "upstream connect error", "server_is_overloaded"),
        (500, "", "server_error"),
    ],
)
async def test_a_refusal_of_the_backend_keeps_its_status_and_code(
    status: int, body: Any, code: str, stream: bool
) -> None:
    async with served() as s:
        s.backend.load([{"status": status, "body": body, "headers": {"retry-after": "7"}}])
        got, error, headers = await s.ask(stream=stream)
        assert (got, error["error"]["code"], headers["retry-after"]) == (status, code, "7")
        assert set(error["error"]) == {"message", "type", "param", "code"}
        assert error["error"]["message"]
        assert s.backend.finish() == []


async def test_a_backend_that_is_not_there_is_told() -> None:
    async with served(url="http://127.0.0.1:1/v1") as s:
        status, error, _ = await s.ask(stream=True)
        assert (status, error["error"]["code"]) == (502, "backend_unreachable")


@pytest.mark.parametrize("body", [b"{broken", b"[]", b'{"model": "m", "input": 5}', b'{"input": "hi"}', b"[" * 100_000])
async def test_what_is_no_request_is_refused(body: bytes) -> None:
    async with served() as s, s.client.post(f"{s.url}/responses", data=body) as got:
        assert (got.status, (await got.json())["error"]["type"]) == (400, "invalid_request_error")


async def test_what_is_left_out_is_told_each_time_and_logged_once() -> None:
    async with served() as s:
        s.backend.load([{"text": "A"}], repeat=True)
        for _ in range(2):
            _, _, headers = await s.ask(tools=[{"type": "web_search"}])
            assert headers[WARNINGS].startswith("1; tools[0]")
        assert len(s.log) == 1


async def test_a_field_that_the_backend_refuses_is_left_out_from_then_on() -> None:
    refusal = {"status": 400, "body": {"error": {"message": "Unsupported parameter: 'verbosity'", "code": None}}}
    async with served() as s:
        s.backend.load([refusal, {"text": "A"}, {"text": "B"}])
        for _ in range(2):
            status, _, headers = await s.ask(text={"verbosity": "low"})
            assert (status, WARNINGS in headers) == (200, True)
        assert ["verbosity" in body for body in s.backend.requests] == [True, False, False]
        assert s.backend.finish() == []


async def test_an_error_in_the_middle_fails_the_answer() -> None:
    chunks = [delta(content="Hel"), {"error": {"message": "slow down", "code": 429}}]
    async with served() as s:
        s.backend.load([{"chunks": chunks}, {"chunks": chunks[:1], "cut": True}, {"chunks": chunks[:1], "done": False}])
        codes = []
        for _ in range(3):
            last = (await s.stream())[-1]
            assert last["type"] == "response.failed"
            codes.append(last["response"]["error"]["code"])
        assert codes == ["rate_limit_exceeded", "server_error", "server_error"]


async def test_done_may_be_missing() -> None:
    whole = {"chunks": [delta(content="A"), delta("stop"), {"choices": [], "usage": USAGE}], "done": False}
    raw = f"data: {json.dumps(delta(content='B'))}\ndata: {json.dumps(delta('stop'))}\n"
    async with served() as s:
        s.backend.load([whole, {"raw": raw}])
        assert (await s.stream())[-1]["response"]["usage"]["total_tokens"] == 10
        last = (await s.stream())[-1]["response"]
        assert (last["status"], texts(last["output"][0])) == ("completed", "B")


async def test_a_client_that_leaves_cancels_the_request_to_the_backend() -> None:
    async with served() as s:
        s.backend.load([{"chunks": [delta(content="Hel")], "wait": True}])
        async with s.client.post(f"{s.url}/responses", json={"model": "m", "input": "x", "stream": True}) as response:
            assert await response.content.readline()
        async with asyncio.timeout(10):
            await s.backend.left.wait()


async def test_a_client_that_does_not_read_stops_the_backend() -> None:
    """Back pressure: what nobody reads is not read from the backend either."""
    piece = delta(content="x" * 10_000)
    async with served() as s:
        s.backend.load([{"chunks": [piece] * 2_000, "split": 100_000}])
        async with s.client.post(f"{s.url}/responses", json={"model": "m", "input": "x", "stream": True}) as response:
            await asyncio.sleep(1)
            assert s.backend.open == 1, "20 MB are more than all buffers on the way"
            async for _ in response.content.iter_chunked(1 << 20):
                pass
        assert s.backend.open == 0


async def test_200_streams_at_once() -> None:
    async with served() as s:
        s.backend.load([{**CALLS, "split": 300}], repeat=True)
        answers = await asyncio.gather(*(s.stream(f"number {n}", tools=TOOLS) for n in range(200)))
        assert all(check_events(events) == [] for events in answers)
        assert len({events[-1]["response"]["id"] for events in answers}) == 200
        assert s.backend.problems == []


async def test_a_websocket_remembers_what_is_not_stored() -> None:
    async with served() as s:
        s.backend.load([{"text": "A"}, {"text": "B"}])
        async with s.client.ws_connect(f"{s.url}/responses") as socket:

            async def ask(**body: Any) -> list[dict[str, Any]]:
                await socket.send_json({"type": "response.create", "model": "m", "store": False, **body})
                events: list[dict[str, Any]] = []
                while not events or events[-1]["type"] not in ("response.completed", "error"):
                    events.append(await socket.receive_json(timeout=10))
                return events

            warm = await ask(input=[], instructions="I", generate=False)
            assert (check_events(warm), s.backend.requests) == ([], [])
            first = await ask(input="one", previous_response_id=warm[-1]["response"]["id"])
            second = await ask(input="two", previous_response_id=first[-1]["response"]["id"])
            assert check_events(second) == []
            (error,) = await ask(input="three", previous_response_id="resp_none")
            assert (error["status"], error["error"]["code"]) == (400, "previous_response_not_found")
        said = [message["content"] for message in s.backend.requests[-1]["messages"]]
        assert said == ["one", "A", "two"]
        assert len(s.layer.store) == 0


ORPHAN = {"type": "function_call_output", "call_id": "call_none", "output": "x"}


@pytest.mark.parametrize(
    ("failing", "answers", "code"),
    [
        ({"input": [ORPHAN]}, [], None),
        ({"input": "x", "background": True}, [], "unsupported_parameter"),
        ({"input": "x"}, [{"status": 500, "body": {"error": {"message": "down"}}}], "server_error"),
        ({"input": "x"}, [{"chunks": [{"error": {"message": "down"}}]}], None),
    ],
)
async def test_a_websocket_forgets_what_a_failed_turn_went_on_with(
    failing: dict[str, Any], answers: list[dict[str, Any]], code: str | None
) -> None:
    async with served() as s:
        s.backend.load([{"text": "A"}, *answers, {"text": "B"}])
        async with s.client.ws_connect(f"{s.url}/responses") as socket:

            async def ask(**body: Any) -> dict[str, Any]:
                await socket.send_json({"type": "response.create", "model": "m", "store": False, **body})
                while True:
                    event: dict[str, Any] = await socket.receive_json(timeout=10)
                    if event["type"] in ("response.completed", "response.failed", "error"):
                        return event

            first = (await ask(input="one"))["response"]["id"]
            failed = await ask(previous_response_id=first, **failing)
            assert failed["type"] in ("response.failed", "error")
            assert code in (None, failed.get("error", {}).get("code"))
            again = await ask(previous_response_id=first, input="two")
            assert (again["type"], again["error"]["code"]) == ("error", "previous_response_not_found")
            assert (await ask(input="three"))["type"] == "response.completed"
        assert s.backend.finish() == []


@pytest.mark.parametrize("polite", [True, False])
async def test_a_websocket_that_is_left_cancels_the_request_to_the_backend(polite: bool) -> None:
    async with served() as s:
        s.backend.load([{"chunks": [delta(content="Hel")], "wait": True}])
        socket = await s.client.ws_connect(f"{s.url}/responses")
        await socket.send_json({"type": "response.create", "model": "m", "input": "x"})
        assert (await socket.receive_json(timeout=10))["type"] == "response.created"
        if polite:
            await socket.close()
        else:
            await s.client.close()
        async with asyncio.timeout(10):
            await s.backend.left.wait()


async def compacted(s: Served, items: list[Any]) -> dict[str, Any]:
    async with s.client.post(f"{s.url}/responses/compact", json={"model": "m", "input": items}) as got:
        assert got.status == 200
        found: dict[str, Any] = await got.json()
        return found


async def test_a_compaction_stands_for_what_was_said() -> None:
    items = [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Fix it."}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Fixed."}]},
    ]
    async with served() as s:
        s.backend.load([{"text": "They fixed it."}, {"text": "A"}, {"text": "Again."}, {"text": ""}])
        found = await compacted(s, items)
        assert (found["object"], [item["type"] for item in found["output"]]) == (
            "response.compaction",
            ["message", "compaction"],
        )
        await s.ask([*found["output"], {"role": "user", "content": "go on"}])
        said = [message["content"] for message in s.backend.requests[-1]["messages"]]
        assert (said[0], said[1].endswith("They fixed it."), said[2]) == ("Fix it.", True, "go on")
        events = await s.stream([*items, {"type": "compaction_trigger"}])
        assert check_events(events) == []
        assert [item["type"] for item in events[-1]["response"]["output"]] == ["compaction"]
        async with s.client.post(f"{s.url}/responses/compact", json={"model": "m", "input": items}) as got:
            assert got.status == 502, "no summary is no success"


async def test_what_a_compaction_keeps_are_whole_messages() -> None:
    image = {"type": "input_image", "image_url": "data:image/png;base64,AA"}
    items = [{"role": "user", "content": "Fix it."}, {"type": "message", "role": "user", "content": [image]}]
    async with served() as s:
        s.backend.load([{"text": "They fixed it."}])
        *kept, _ = (await compacted(s, items))["output"]
    assert all(item.pop("id").startswith("msg_") for item in kept)
    whole = {"type": "message", "status": "completed", "role": "user"}
    assert kept == [
        {**whole, "content": [{"type": "input_text", "text": "Fix it."}]},
        {**whole, "content": [{"detail": "auto", **image}]},
    ]


async def test_a_compaction_has_a_usage_also_where_nobody_counted() -> None:
    async with served() as s:
        s.backend.load([{"text": "They did it.", "usage": usage} for usage in (USAGE, None)])
        totals = [(await compacted(s, [{"role": "user", "content": "x"}]))["usage"]["total_tokens"] for _ in range(2)]
        assert totals == [10, 0]


async def test_an_item_can_be_named_by_its_id() -> None:
    async with served() as s:
        s.backend.load([{"text": "A"}, {"text": "B"}])
        _, first, _ = await s.ask("one")
        await s.ask([{"type": "item_reference", "id": first["output"][0]["id"]}, {"role": "user", "content": "x"}])
        assert [message["content"] for message in s.backend.requests[-1]["messages"]] == ["A", "x"]
        status, error, _ = await s.ask([{"type": "item_reference", "id": "msg_none"}])
        assert (status, error["error"]["param"]) == (400, "input[0].id")


MISSING = [("GET", "/v1/nothing"), ("PUT", "/v1/responses"), ("GET", "/v1/responses")]


@pytest.mark.parametrize(("method", "path"), MISSING)
async def test_what_is_not_there_is_told_as_an_error(method: str, path: str) -> None:
    async with served() as s, s.client.request(method, s.url.removesuffix("/v1") + path) as got:
        assert got.status in (404, 405)
        assert (await got.json())["error"]["message"]
