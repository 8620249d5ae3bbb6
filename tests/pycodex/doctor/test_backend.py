"""`pycodex --vllm-endpoint URL doctor`: that backend is looked at, and asked through the layer, as a turn asks it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from fake_server.chat import ChatServer
from pycodex.doctor.examine import examine
from pycodex.doctor.report import Check, overall
from tests.pycodex.doctor.subjects import Reply, by_id, canned, subject

JSON = {"content-type": "application/json"}
CONFIG = 'model_provider = "other"\n[model_providers.other]\nname = "other"\nbase_url = "http://127.0.0.1:1/v1"\n'
CHUNKS = [{"choices": [{"delta": {"content": "ok"}}]}, {"choices": [{"delta": {}, "finish_reason": "stop"}]}]
SAID = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in CHUNKS) + "data: [DONE]\n\n"
ANSWERS: Reply = (200, {"content-type": "text/event-stream"}, SAID)


def models(*names: str) -> Reply:
    return 200, JSON, json.dumps({"object": "list", "data": [{"id": name} for name in names]})


def refused(status: int, message: str) -> Reply:
    return status, JSON, json.dumps({"error": {"message": message}})


def looked_at(home: Path, endpoint: str, *argv: str, **given: Any) -> dict[str, Check]:
    return by_id(asyncio.run(examine(subject(home, CONFIG, *argv, endpoint=endpoint, **given), live=True)))


@pytest.mark.parametrize("version", ["0.115.0", "0.169.0"])
async def test_nothing_is_wrong(tmp_path: Path, version: str) -> None:
    async with ChatServer() as backend:
        backend.load([{"text": "ok"}])
        root = backend.base_url.removesuffix("/v1")
        given = subject(tmp_path, CONFIG, endpoint=root, version=version, env={"VLLM_API_KEY": "key-of-the-backend"})
        found = by_id(await examine(given, live=True))
        assert backend.finish() == []
    assert {check.id for check in found.values() if check.status not in ("ok", "skipped")} == {"sandbox.run"}
    assert found["backend.models"].summary == "local-model, the first of 1"
    assert found["live.request"].summary == "local-model answered"
    assert found["auth.key"].detail("from") == "the variable VLLM_API_KEY"
    (asked,) = backend.requests
    assert (asked["model"], asked["stream"]) == ("local-model", True)
    assert {head["authorization"] for head in backend.heads[-2:]} == {"Bearer key-of-the-backend"}
    told = [text for check in found.values() for text in (check.summary, *(value for _, value in check.details))]
    assert not any("key-of-the-backend" in text for text in told)


def test_the_way_is_that_to_the_backend(tmp_path: Path) -> None:
    replies = {("GET", "/models"): models("a", "b"), ("POST", "/chat/completions"): ANSWERS}
    with canned(replies) as (url, seen):
        found = looked_at(tmp_path, url)
    assert overall([*found.values()]) == "warning"  # of the sandbox
    asked = ["HEAD /v1/chat/completions", *["GET /v1/models"] * 3, "POST /v1/chat/completions"]
    assert seen == asked, "once for the route, once for the list, once for the model that is asked"


@pytest.mark.parametrize(
    ("named", "reply", "status", "summary", "remedy"),
    [
        (None, models(), "fail", "lists no model", "-m"),
        (None, refused(401, "who?"), "fail", "401, who?", "VLLM_API_KEY"),
        (None, (200, JSON, "[]"), "fail", "no JSON object", "-m MODEL"),
        ("a", (404, JSON, "{}"), "warning", "404", "-m MODEL"),
        ("c", models("a", "b"), "warning", "c is not in the backend's list", "a, b"),
        ("b", models("a", "b"), "ok", "b, one of 2", ""),
    ],
)
def test_the_list_of_models(
    tmp_path: Path, named: str | None, reply: Reply, status: str, summary: str, remedy: str
) -> None:
    with canned({("GET", "/models"): reply, ("POST", "/chat/completions"): ANSWERS}) as (url, _):
        found = looked_at(tmp_path, url, *([] if named is None else ["-c", f'model="{named}"']))
    check = found["backend.models"]
    assert (check.status, summary in check.summary, remedy in (check.remedy or "")) == (status, True, True)
    assert found["live.request"].status == ("skipped" if status == "fail" else "ok")


@pytest.mark.parametrize(
    ("reply", "summary", "remedy"),
    [
        (refused(401, "who?"), "401, the provider does not take the key: who?", "VLLM_API_KEY"),
        ((404, JSON, '{"detail": "Not Found"}'), "has no /chat/completions", "--vllm-endpoint"),
        (refused(404, "The model `a` does not exist."), "no model a", "-m"),
        (refused(400, "no tools here"), "400, the provider refuses the request: no tools here", "model is a"),
        ((200, JSON, "{}"), "the provider gave up (server_error): The backend's answer has no choices.", "again"),
        ((200, ANSWERS[1], ""), "The backend's stream ended before the answer was finished.", "again"),
    ],
)
def test_what_an_answer_says_is_wrong(tmp_path: Path, reply: Reply, summary: str, remedy: str) -> None:
    with canned({("GET", "/models"): models("a"), ("POST", "/chat/completions"): reply}) as (url, _):
        check = looked_at(tmp_path, url)["live.request"]
    assert check.status == "fail"
    assert summary in check.summary and remedy in (check.remedy or "")


def test_nobody_listens_there(tmp_path: Path) -> None:
    found = looked_at(tmp_path, "http://127.0.0.1:1")
    assert "correct the port in --vllm-endpoint" in (found["network.tcp"].remedy or "")
    assert {found[id_].status for id_ in ("backend.models", "live.request")} == {"skipped"}


def test_an_endpoint_that_is_none(tmp_path: Path) -> None:
    check = looked_at(tmp_path, "http://x:port")["config.load"]
    assert check.status == "fail"
    assert (check.remedy or "").startswith("Correct the command line: --vllm-endpoint: ")
    assert "backend.models" not in looked_at(tmp_path, "http://x:port")


def test_another_provider_has_no_such_check(tmp_path: Path) -> None:
    found = by_id(asyncio.run(examine(subject(tmp_path, CONFIG), live=False)))
    assert "backend.models" not in found
