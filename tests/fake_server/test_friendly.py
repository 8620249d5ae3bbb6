from typing import Any

import pytest

from fake_server.friendly import Friendly, friendly_item, last_user_text, offered_tools
from fake_server.tracks import Request


def user(*texts: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text} for text in texts]}


def test_it_greets_and_repeats() -> None:
    assert friendly_item({"input": "hi"}) == {"message": "Hello from the fake server! You said: hi"}
    assert friendly_item({"input": [user("env"), user("a", "b")]})["message"].endswith("You said: b")
    assert friendly_item(None) == {"message": "Hello from the fake server!"}


@pytest.mark.parametrize(
    ("tool", "call"),
    [
        ("exec_command", {"call": {"name": "exec_command", "arguments": {"cmd": "ls -l"}}}),
        ("shell_command", {"call": {"name": "shell_command", "arguments": {"command": "ls -l"}}}),
        ("shell", {"call": {"name": "shell", "arguments": {"command": ["bash", "-lc", "ls -l"]}}}),
    ],
)
def test_it_runs_what_is_asked(tool: str, call: dict[str, Any]) -> None:
    body = {"input": [user(" Run: ls -l ")], "tools": [{"type": "web_search"}, {"type": "function", "name": tool}]}
    assert friendly_item(body) == call


def test_it_speaks_code_mode() -> None:
    tools = {
        "type": "additional_tools",
        "tools": [{"type": "namespace", "name": "functions", "tools": [{"name": "exec"}]}],
    }
    item = friendly_item({"input": [tools, user('run: echo "a"')]})
    assert item["custom_call"]["name"] == "exec" and '"echo \\"a\\""' in item["custom_call"]["input"]


def test_it_says_so_when_there_is_no_shell() -> None:
    assert "no shell tool" in friendly_item({"input": "run: ls"})["message"]


WEATHER = {
    "type": "function",
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city"],
    },
}
PATCH = {"type": "custom", "name": "patch"}
WEATHER_CALL = {"call": {"name": "get_weather", "arguments": {"city": "hi"}}}
PATCH_CALL = {"custom_call": {"name": "patch", "input": "hi"}}


@pytest.mark.parametrize(
    ("choice", "item"),
    [
        ("required", WEATHER_CALL),
        ({"type": "function", "name": "get_weather"}, WEATHER_CALL),
        ({"type": "custom", "name": "patch"}, PATCH_CALL),
        ({"type": "function", "name": "other"}, None),
        ("auto", None),
        ("none", None),
        (None, None),
        (3, None),
    ],
)
def test_it_calls_another_tool_only_where_it_must(choice: Any, item: dict[str, Any] | None) -> None:
    body = {"input": "hi", "tools": [{"type": "web_search"}, WEATHER, PATCH], "tool_choice": choice}
    assert friendly_item(body) == (item or friendly_item({"input": "hi"}))
    output = {"type": "function_call_output", "call_id": "c", "output": "sunny"}
    assert "sunny" in friendly_item({**body, "input": [user("hi"), output]})["message"], "once"


def test_a_call_fits_a_tool_without_parameters() -> None:
    tools = [{"type": "function", "name": "now", "parameters": None}]
    item = friendly_item({"input": "hi", "tools": tools, "tool_choice": "required"})
    assert item == {"call": {"name": "now", "arguments": {}}}


@pytest.mark.parametrize("path", ["/v1/responses/compact", "/responses/compact"])
def test_it_compacts(path: str) -> None:
    source = Friendly()
    asked = Request(number=1, path=path, body={"model": "m", "input": "hi"})
    assert source.claims(asked) and not source.claims(Request(number=1, method="GET", path=path))
    done = source.answer(asked).http
    assert done is not None and done.status == 200
    assert [item["type"] for item in done.body["output"]] == ["compaction"]
    refused = source.answer(Request(number=2, path=path, body={"input": "hi"})).http
    assert refused is not None and (refused.status, refused.body["error"]["param"]) == (400, "model")
    assert not source.at_rest(), "nobody was greeted yet"


def test_it_compacts_where_the_input_ends_with_the_wish() -> None:
    assert friendly_item({"input": [user("hi"), {"type": "compaction_trigger"}]})["item"]["type"] == "compaction"
    assert "message" in friendly_item({"input": [{"type": "compaction_trigger"}, user("hi")]})


def test_it_tells_what_came_back() -> None:
    output = {"type": "function_call_output", "call_id": "c", "output": "file.txt"}
    assert friendly_item({"input": [user("run: ls"), output]}) == {"message": "The command gave back:\nfile.txt"}
    assert "You said: more" in friendly_item({"input": [user("run: ls"), output, user("more")]})["message"]


def test_as_a_source() -> None:
    source = Friendly()
    body = {"input": [user("run: ls")], "tools": [{"name": "shell"}]}
    assert not source.at_rest()
    assert source.answer(Request(number=1, body=body)).step == "friendly/1" and not source.at_rest()
    assert source.answer(Request(number=2, body={"input": "hi"})).step == "friendly/2" and source.at_rest()
    assert source.unused() == [] and not source.claims(Request(number=3, path="/x"))


def test_odd_bodies_do_not_confuse_it() -> None:
    bodies: list[Any] = [
        [],
        {"input": 3},
        {"input": [3, {"role": "user", "content": None}]},
        {"tools": "x", "input": []},
    ]
    bodies.append({"input": [{"role": "user", "content": 3}], "tools": [3]})
    for body in bodies:
        assert last_user_text(body) == "" and list(offered_tools(body)) == []
    assert last_user_text({"input": [{"role": "user", "content": "plain"}]}) == "plain"
