import urllib.error
import urllib.request

import pytest

from fake_server import Script, ScriptError, ThreadedServer
from fake_server.friendly import Friendly

HI = {"output": [{"message": "hi"}]}


def post(server: ThreadedServer, body: bytes = b'{"model":"m","input":[]}') -> bytes:
    head = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{server.base_url}/responses", body, head)) as answer:
        return bytes(answer.read())


@pytest.mark.parametrize("answers", [[HI], {"main": [HI]}, Script.from_data({"main": [HI]}), Friendly()])
def test_whoever_is_not_asynchronous_is_answered(answers: list[dict[str, object]]) -> None:
    with ThreadedServer() as server:
        server.load(answers)
        assert b"response.completed" in post(server, b'{"model":"m","input":[],"stream":true}')
        assert server.settle()
        (request,) = server.requests
        assert (request.path, request.body["model"]) == ("/v1/responses", "m")
        assert server.journal[0].end == "complete"
        assert server.finish() == []


async def test_a_loop_of_one_s_own_is_no_hindrance() -> None:
    with ThreadedServer() as server:
        server.load([HI])
        assert b"hi" in post(server)


def test_what_went_wrong_is_told_once_and_a_load_begins_anew() -> None:
    with ThreadedServer() as server:
        server.load([HI, HI])
        with pytest.raises(urllib.error.HTTPError):
            for _ in range(3):
                post(server)
        assert not server.finished
        assert [problem.whose for problem in server.finish()] == ["script"]
        assert server.finished
        server.load([HI])
        assert (server.problems, server.finished) == ([], False)
        assert [problem.where for problem in server.finish()] == ["main/1"]


def test_a_body_that_is_no_json_has_no_value() -> None:
    with ThreadedServer() as server:
        server.load([HI, HI])
        post(server, b"oops")
        assert server.requests[0].body is None
        assert [problem.whose for problem in server.problems] == ["agent"]


def test_a_wrong_script_is_refused() -> None:
    with ThreadedServer() as server, pytest.raises(ScriptError):
        server.load([{"nonsense": 1}])
