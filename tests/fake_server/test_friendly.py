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
