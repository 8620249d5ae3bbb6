from typing import Any

import aiohttp
import pytest

from fake_server import FakeServer, Script, ScriptError
from fake_server.reply import answer_reply

PIECES: list[Any] = ["data: {", {"base64": "/w=="}, {"event": {"type": "a", "t": "ü"}}, {"text": "ab", "times": 3}]
WRITTEN = (b"data: {", b"\xff", b'data: {"type":"a","t":"\xc3\xbc"}\n\n', b"ababab")


def reply(answer: dict[str, Any]) -> Any:
    return answer_reply(next(Script.from_data({"main": [answer]}).answers))


def test_a_raw_answer_is_one_write_a_piece() -> None:
    made = reply({"raw": PIECES, "headers": {"content-type": None}})
    assert (made.status, made.head, made.writes, made.length) == (200, (), WRITTEN, None)
    assert b"".join(reply({"raw": PIECES, "chunking": {"bytes": 1}}).writes) == b"".join(WRITTEN)


def test_over_a_websocket_a_piece_is_a_message() -> None:
    assert reply({"raw": PIECES}).messages == ("data: {", b"\xff", '{"type":"a","t":"ü"}', "ababab")


@pytest.mark.parametrize(
    ("piece", "words"),
    [
        ({"base64": "*"}, r"answers\.main\[0\]\.raw\[0\]: not base64"),
        ({"text": "x"}, r"answers\.main\[0\]\.raw\[0\]"),
        ({"event": {}, "text": "x", "times": 1}, r"answers\.main\[0\]\.raw\[0\]"),
        (7, r"answers\.main\[0\]\.raw\[0\]: must be string or object"),
    ],
)
def test_a_piece_that_says_nothing_is_named(piece: Any, words: str) -> None:
    with pytest.raises(ScriptError, match=words):
        Script.from_data({"main": [{"raw": [piece]}]})


async def test_bytes_are_a_binary_message_and_text_need_not_be_json() -> None:
    upgrades = {"match": {"method": "GET"}, "answers": [{"websocket": {}}]}
    async with FakeServer() as server, aiohttp.ClientSession() as session:
        server.load(Script.from_data({"upgrades": upgrades, "main": [{"raw": PIECES}]}))
        async with session.ws_connect(f"{server.url}/v1/responses") as socket:
            await socket.send_json({"type": "response.create", "model": "gpt-5.5", "input": []})
            said = [(await socket.receive()).data for _ in PIECES]
        assert said == ["data: {", b"\xff", '{"type":"a","t":"ü"}', "ababab"]
