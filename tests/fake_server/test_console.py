from dataclasses import replace
from typing import Any

import pytest

from fake_server.console import arrival_lines, client_help, describe_answer, end_lines, head_lines, summary
from fake_server.journal import OpenExchange, Problem
from fake_server.script import Answer, Script
from fake_server.server import Arrival
from fake_server.tracks import Request

BODY = {"model": "gpt-5.5", "input": [{"type": "message", "role": "user"}] * 4, "tools": [{}] * 10}
PROBLEM = Problem(whose="agent", where="request 1", message="no call")


def answer(data: dict[str, Any]) -> Answer:
    return next(Script.from_data({"main": [data]}).answers)


def test_a_request_is_one_line() -> None:
    say = answer({"output": [{"message": "done"}]})
    arrival = Arrival(request=Request(number=1, body=BODY), answer=say, note="main/1", problems=())
    assert list(arrival_lines(arrival)) == [
        'request 1  POST /v1/responses  model gpt-5.5  4 input items  10 tools  -> main/1: message "done"'
    ]


def test_new_tool_outputs_and_problems_follow() -> None:
    output = {"type": "function_call_output", "call_id": "c1", "output": "Chunk ID: 1\n\nhi\n"}
    body = {"input": [output, {"type": "message"}, output]}
    arrival = Arrival(request=Request(number=2, body=body), answer=None, note="script error", problems=(PROBLEM,))
    assert list(arrival_lines(arrival)) == [
        "request 2  POST /v1/responses  3 input items  -> script error",
        "    output of c1: Chunk ID: 1 | hi",
        "    PROBLEM request 1: no call (whose fault: the agent)",
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"http": {"status": 400, "body": "bad"}}, "HTTP 400 bad"),
        ({"http": {"status": 204}}, "HTTP 204"),
        ({"events": [{}, {}]}, "2 events as they stand"),
        ({"output": []}, "nothing"),
        ({"output": [{"call": {"name": "f", "arguments": {"a": 1}}}, {"message": {"text": "x\ny"}}]},
         'call f {"a":1}, message "x\\ny"'),
        ({"output": [{"custom_call": {"name": "g", "input": "p\nq"}}, {"reasoning": {}}]},
         "custom call g p\\nq, reasoning"),
        ({"output": [{"web_search": "q"}, {"item": {"type": "novel"}}]}, "web search, item novel"),
    ],
)  # fmt: skip
def test_answers_in_words(data: dict[str, Any], words: str) -> None:
    assert describe_answer(answer(data)) == words


def test_long_text_is_clipped_in_the_middle() -> None:
    line = describe_answer(answer({"output": [{"message": "a" * 500 + "end"}]}))
    assert len(line) < 120 and "..." in line and line.endswith('end"')


def test_only_a_bad_end_is_told() -> None:
    made = OpenExchange(seq=4, connection="c1", method="POST", target="/", http_version="HTTP/1.1", head=(), body=b"")
    made.wrote(b"abc")
    made.close("complete")
    exchange = made.snapshot()
    assert list(end_lines(exchange)) == []
    assert list(end_lines(replace(exchange, end="client_closed"))) == [
        "    request 4 ended: client_closed after 3 bytes"
    ]


def test_the_summary() -> None:
    assert list(summary([], [])) == ["0 requests over 0 connections", "0 problems"]
    assert list(summary([], [PROBLEM]))[1:] == ["1 problem:", "  request 1: no call (whose fault: the agent)"]


def test_no_credential_is_shown() -> None:
    lines = "\n".join(head_lines((("authorization", "Bearer sk-1"), ("accept", "x"))))
    assert "sk-1" not in lines and "Bearer ***" in lines and "accept: x" in lines


def test_the_help_can_be_pasted() -> None:
    text = "\n".join(client_help("http://127.0.0.1:9", env_key="FAKE_KEY"))
    assert '  base_url = "http://127.0.0.1:9/v1"' in text.splitlines()
    assert "FAKE_KEY=any codex exec" in text
    assert "=any" not in "\n".join(client_help("http://h", env_key="OPENAI_API_KEY"))
