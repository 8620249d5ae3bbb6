from typing import Any

import pytest

from fake_server.script import Script
from fake_server.tracks import Mismatch, Request, Tracks, substitute, value_at

SAY = {"output": [{"message": "hi"}]}


def tracks(**data: Any) -> Tracks:
    return Tracks(Script.from_data(data))


def request(body: Any = None, *, number: int = 1, **more: Any) -> Request:
    return Request(number=number, body=body if body is not None else {}, **more)


def test_answers_come_in_order_and_once() -> None:
    source = tracks(main=[SAY, SAY])
    assert source.unused() == ["main/1", "main/2"] and not source.at_rest()
    assert [source.answer(request()).step for _ in range(2)] == ["main/1", "main/2"]
    assert source.unused() == [] and source.at_rest()


def test_one_request_too_many() -> None:
    source = tracks(main=[SAY])
    source.answer(request())
    with pytest.raises(Mismatch, match=r"request 2 \(POST /v1/responses\) is one more.*'main'.*Add answers.main\[1\]"):
        source.answer(request(number=2))


def titled(value: str) -> dict[str, Any]:
    return {"match": {"body": {"text.format.name": value}}, "answers": [SAY]}


def test_a_matching_track_goes_before_the_default_one() -> None:
    source = tracks(main=[SAY], title=titled("^schema$"))
    assert source.answer(request({"text": {"format": {"name": "schema"}}})).step == "title/1"
    assert source.answer(request({"text": {}})).step == "main/1"


def test_two_tracks_at_once() -> None:
    source = tracks(a=titled("x"), b=titled("y"))
    with pytest.raises(Mismatch, match="fits the tracks 'a' and 'b' at once"):
        source.answer(request({"text": {"format": {"name": "xy"}}}))
    assert source.unused() == ["a/1", "b/1"]


def test_no_track() -> None:
    with pytest.raises(Mismatch, match=r"request 1 \(POST /v1/responses\) fits no track \(tracks: a\)"):
        tracks(a=titled("x")).answer(request({}))


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ({"header": {"X-Sub": "rev"}}, True),
        ({"header": {"x-sub": "^rev$"}}, False),
        ({"header": {"x-other": ""}}, False),
        ({"body": {"model": "gpt"}}, True),
        ({"body": {"model": "gpt", "absent": ""}}, False),
        ({"body": {"input.-1.role": "user", "input.0.role": "dev"}}, True),
        ({"body": {"input.5.role": ""}}, False),
        ({"body": {"store": "^false$"}}, True),
        ({"body": {"input": '"role":"user"'}}, True),
        ({"method": "GET"}, False),
        ({"target": "compact"}, False),
        ({"target": "responses$"}, True),
    ],
)
def test_predicates(match: dict[str, Any], fits: bool) -> None:
    body = {"model": "gpt-5", "store": False, "input": [{"role": "dev"}, {"role": "user"}]}
    asked = request(body, head=(("x-sub", "review"),))
    source = tracks(rest=[SAY], special={"match": match, "answers": [SAY]})
    assert source.answer(asked).step == ("special/1" if fits else "rest/1")


def test_another_path_is_claimed_only_by_target() -> None:
    other = request(path="/v1/responses/compact")
    assert not tracks(main=[SAY]).claims(other)
    source = tracks(
        compact={"match": {"target": "/compact$"}, "answers": [SAY]},
        any={"match": {"header": {"a": ""}}, "answers": []},
    )
    assert source.claims(other) and source.answer(other).step == "compact/1"
    assert not source.claims(request(method="GET", path="/v1/responses/compact"))


def test_value_at() -> None:
    value = {"a": [{"b": 1}, {"b": 2}]}
    assert value_at(value, "a.-1.b") == 2
    assert [value_at(value, path) for path in ("a.2.b", "a.x", "a.0.b.c", "z")] == [None] * 4


def after(*texts: str) -> Request:
    items = [{"type": "function_call_output", "call_id": f"c{n}", "output": text} for n, text in enumerate(texts)]
    return request({"input": items})


TAKE = {"take": {"session": r"session ID (\d+)"}}


def test_a_value_is_taken_and_put_in_place() -> None:
    write = {"call": {"name": "write_stdin", "arguments": {"session_id": "$session", "chars": "$session\n"}}}
    source = tracks(main=[SAY, TAKE | {"output": [write]}, {"output": [{"message": "saw $session, $HOME, $sessions"}]}])
    source.answer(request())
    answer = source.answer(after("session ID 1", "running with session ID 4321", "other"))
    assert answer.output == ({"call": {"name": "write_stdin", "arguments": {"session_id": 4321, "chars": "4321\n"}}},)
    assert source.answer(after()).output == ({"message": "saw 4321, $HOME, $sessions"},)


def test_a_value_stays_text_where_text_is_wanted() -> None:
    short = [
        {"message": "$session"},
        {"call": {"name": "f", "arguments": "$session"}},
        {"custom_call": {"name": "g", "input": "$session"}},
        {"item": {"type": "x", "n": "$session"}},
    ]
    output = tracks(main=[TAKE | {"output": short}]).answer(after("session ID 7")).output or ()
    assert [next(iter(item.values())) for item in output] == [
        "7",
        {"name": "f", "arguments": "7"},
        {"name": "g", "input": "7"},
        {"type": "x", "n": 7},
    ]


def test_values_reach_events_bodies_headers_and_response() -> None:
    data = [
        TAKE | {"output": [], "headers": {"x-s": "s-$session", "gone": None}, "response": {"user": "$session"}},
        {"events": [{"type": "t", "n": "$session"}]},
        {"http": {"status": 200, "body": {"n": "$session"}}},
        {"http": {"status": 200, "body": "$session"}},
    ]
    source = tracks(main=data)
    first = source.answer(after("session ID 7"))
    assert first.headers == (("x-s", "s-7"), ("gone", None)) and first.response == {"user": "7"}
    assert source.answer(request()).events == ({"type": "t", "n": 7},)
    plain = [source.answer(request()).http for _ in range(2)]
    assert [http.body for http in plain if http] == [{"n": 7}, "7"]


def test_a_value_is_taken_from_what_the_user_says_where_no_output_has_it() -> None:
    said = {"role": "user", "content": [{"type": "input_text", "text": "session ID 7"}]}
    answer = tracks(main=[TAKE | {"output": [{"message": "$session"}]}]).answer(request({"input": [said]}))
    assert answer.output == ({"message": "7"},)


def test_nothing_to_take() -> None:
    source = tracks(main=[TAKE | SAY])
    with pytest.raises(Mismatch, match=r"main/1 takes 'session' with .* 1 tool outputs \(the last says 'no'\)"):
        source.answer(after("no"))
    with pytest.raises(Mismatch, match="it has none"):
        source.answer(request())
    assert source.answer(after("session ID 1")).step == "main/1"


def test_a_value_used_before_it_is_taken() -> None:
    source = tracks(main=[{"output": [{"message": "$session"}]}, TAKE | SAY])
    with pytest.raises(Mismatch, match=r"main/1 uses \$session before any answer has taken it"):
        source.answer(request())


def test_only_declared_names_are_replaced() -> None:
    names = frozenset({"a", "ab"})
    assert substitute("$ab $a $b $$a", {"a": "1", "ab": "2"}, names) == "2 1 $b $1"
    assert substitute("$a", {"a": "x1"}, names) == "x1"
    assert substitute(["$a", 5, None], {"a": "1"}, names) == [1, 5, None]
    assert substitute("$a", {}, frozenset()) == "$a"
