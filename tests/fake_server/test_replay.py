from typing import Any

import pytest

from fake_server.journal import Exchange
from fake_server.replay import decode_events, exchanges_script, responses_script
from fake_server.script import HttpAnswer, Script, ScriptError

EVENTS = [{"type": "response.created", "n": 1}, {"type": "response.completed"}]
STREAM = 'event: response.created\r\ndata: {\r\ndata: "type":"response.created","n":1}\r\n\r\n: hi\n\ndata:{"type":"response.completed"}\n\n'  # noqa: E501


def exchange(**values: Any) -> Exchange:
    given: dict[str, Any] = {
        "seq": 1,
        "connection": "c1",
        "started": 0.0,
        "method": "POST",
        "target": "/v1/responses?a=b",
        "http_version": "HTTP/1.1",
        "head": (),
        "body": b"",
        "status": 200,
        "response_head": (("Content-Type", "text/event-stream"), ("Date", "now"), ("x-a", "1")),
        "response_body": STREAM.encode(),
        "chunks": (),
        "end": "complete",
        "finished": 0.0,
    }
    return Exchange(**given | values)


def test_events_of_a_recording() -> None:
    head = [["content-type", "text/event-stream"], ["x-a", "1"], ["transfer-encoding", "chunked"]]
    (answer,) = responses_script([{"status": 200, "head": head, "events": EVENTS}]).answers
    assert answer.step == "replay/1" and list(answer.events or ()) == EVENTS
    assert answer.headers == (("content-type", "text/event-stream"), ("x-a", "1"))


def test_a_plain_response_of_a_recording() -> None:
    data = [{"status": 429, "head": [["content-type", "application/json"]], "body": {"error": 1}}]
    (answer,) = responses_script(data).answers
    assert answer.http == HttpAnswer(status=429, headers=(("content-type", "application/json"),), body='{"error": 1}')


def test_a_step_needs_the_scenario() -> None:
    script = Script.from_data(
        {"main": [{"output": []}], "child": {"match": {"header": {"a": "b"}}, "answers": [{"output": []}]}}
    )
    steps = [{"step": "child/1"}, {"step": "main/1", "status": 200, "end": "complete"}]
    assert [answer.step for answer in responses_script(steps, script).answers] == ["child/1", "main/1"]


@pytest.mark.parametrize(
    ("entry", "scenario", "words"),
    [
        ({"step": "main/1"}, False, "--scenario FILE"),
        ({"step": "main/9"}, True, "the scenario has main/1"),
        ({"status": 200}, True, "neither `events`, `body` nor `step`"),
        (3, True, "must be an object"),
    ],
)
def test_what_cannot_be_replayed(entry: Any, scenario: bool, words: str) -> None:
    script = Script.from_data({"main": [{"output": []}]}) if scenario else None
    with pytest.raises(ScriptError, match=r"responses\[0\].*" + words):
        responses_script([entry], script)


def test_exchanges_are_served_back_as_events() -> None:
    others = [exchange(method="GET"), exchange(target="/v1/models"), exchange(status=500, response_body=b"no")]
    first, second = exchanges_script([exchange(), *others]).answers
    assert list(first.events or ()) == EVENTS
    assert first.headers == (("Content-Type", "text/event-stream"), ("x-a", "1"))
    assert second.http is not None and (second.http.status, second.http.body) == (500, "no")


def test_a_stream_that_is_not_json_is_served_as_text() -> None:
    assert decode_events("data: [DONE]\n\n") is None and decode_events("data: 3\n\n") is None
    (answer,) = exchanges_script([exchange(response_body=b"data: x\n\n")]).answers
    assert answer.http is not None and answer.http.body == "data: x\n\n"
