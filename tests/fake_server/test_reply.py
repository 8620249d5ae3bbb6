import json
from typing import Any

from fake_server.reply import answer_reply, json_reply
from fake_server.script import Script


def reply(data: dict[str, Any], body: Any = None, **options: Any) -> Any:
    return answer_reply(next(Script.from_data({"main": [data]}).answers), body, **options)


def test_a_stream_has_one_write_per_event_and_no_length() -> None:
    made = reply({"output": [{"message": "a b"}]}, {"model": "gpt-5.4"})
    assert made.status == 200 and made.length is None and len(made.writes) == 10
    assert made.head == (("content-type", "text/event-stream"),)
    assert all(write.startswith(b"event: ") and write.endswith(b"\n\n") for write in made.writes)
    assert b'"model":"gpt-5.4"' in made.writes[0] and b'"id":"resp_main1"' in made.writes[0]


def test_chunking_cuts_the_same_bytes() -> None:
    whole = b"".join(reply({"output": [{"message": "grüße"}]}).writes)
    made = reply({"output": [{"message": "grüße"}], "chunking": {"bytes": 7}, "delay_ms": 20})
    assert b"".join(made.writes) == whole and made.delay == 0.02
    assert {len(write) for write in made.writes[:-1]} == {7}


def test_who_reads_no_events_gets_the_response_they_end_with() -> None:
    data = {"output": [{"message": "grüße"}], "delay_ms": 20}
    streamed, made = reply(data, {"model": "m"}), reply(data, {"model": "m"}, streams=False)
    assert made.head == (("content-type", "application/json"),)
    assert json.loads(b"".join(made.writes)) == json.loads(streamed.messages[-1])["response"]
    assert made.messages == streamed.messages
    cut = reply({**data, "chunking": {"bytes": 7}}, {"model": "m"}, streams=False)
    assert b"".join(cut.writes) == made.writes[0] and {len(write) for write in cut.writes[:-1]} == {7}
    events = {"events": [{"type": "odd"}]}
    assert reply(events, streams=False) == reply(events), "raw events are sent as they stand"


def test_what_strikes_after_an_event_strikes_before_the_one_object() -> None:
    data = {"output": [{"message": "a"}], "fault": {"kind": "reset", "after": 3}}
    assert reply(data, streams=False).fault.after == 0
    held = {"output": [{"message": "a"}], "hold": {"after": 3, "until": "gate"}}
    assert reply(held, streams=False).hold.after == 0


def test_raw_events_are_sent_as_they_stand() -> None:
    assert reply({"events": [{"type": "odd", "n": 1}, {"n": 2}]}).writes == (
        b'event: odd\ndata: {"type":"odd","n":1}\n\n',
        b'data: {"n":2}\n\n',
    )


def test_plain_answers() -> None:
    made = reply({"http": {"status": 400, "body": "bad", "headers": {"retry-after": "1"}}})
    assert (made.status, made.writes, made.length) == (400, (b"bad",), 3)
    assert made.head == (("content-type", "text/plain; charset=utf-8"), ("retry-after", "1"))
    assert reply({"http": {"status": 429, "body": {"a": [1]}}}).head == (("content-type", "application/json"),)
    empty = reply({"http": {"status": 204}})
    assert (empty.head, empty.writes, empty.length) == ((), (b"",), 0)


def test_headers_are_added_replaced_and_left_out() -> None:
    headers = {"Content-Type": "text/odd", "x-a": ["1", "2"]}
    assert reply({"output": [], "headers": headers}).head == (("Content-Type", "text/odd"), ("x-a", "1"), ("x-a", "2"))
    assert reply({"output": [], "headers": {"content-type": None}}).head == ()


def test_our_own_json() -> None:
    made = json_reply(500, {"error": "ü"})
    assert made.writes == ('{"error":"ü"}'.encode(),) and made.length == len(made.writes[0])
