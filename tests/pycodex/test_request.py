import json
from pathlib import Path

import pytest

from pycodex.context import ContextManager, Turn
from pycodex.request import MissingKey, Request, build_request
from pycodex.settings import Settings
from tests.pycodex.sessions import settings_in

HEADS = {
    "0.115.0": "x-codex-turn-metadata x-client-request-id session_id authorization accept content-type user-agent "
    "originator host content-length",
    "0.169.0": "x-codex-beta-features x-codex-window-id x-codex-turn-metadata x-client-request-id session-id thread-id "
    "accept content-type authorization originator user-agent host content-length",
}
BODIES = {
    "0.115.0": "model instructions input tools tool_choice parallel_tool_calls reasoning store stream include "
    "prompt_cache_key text",
    "0.169.0": "model stream input tools tool_choice parallel_tool_calls reasoning store include prompt_cache_key text "
    "client_metadata",
}


def request_of(settings: Settings, state: str | None = None) -> Request:
    context = ContextManager(settings)
    return build_request(context, Turn(id="t", started_at=1.5, state=state), [], context.request_input())


@pytest.mark.parametrize("version", HEADS)
def test_orders(tmp_path: Path, version: str) -> None:
    request = request_of(settings_in(tmp_path, upstream=version))
    assert [name for name, _ in request.head] == HEADS[version].split()
    assert list(json.loads(request.body)) == BODIES[version].split()
    assert b'": ' not in request.body.split(b'"instructions"')[0]


@pytest.mark.parametrize("version", HEADS)
def test_turn_state_is_sent_when_there_is_one(tmp_path: Path, version: str) -> None:
    head = dict(request_of(settings_in(tmp_path, upstream=version), state="TS").head)
    assert head["x-codex-turn-state"] == "TS"


def test_provider_headers_come_first_and_yield_or_win(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, upstream="0.115.0")
    provider = settings.config.provider
    headers = {"X-One": "1", "authorization": "z", "session_id": "s", "user-agent": "ua"}
    object.__setattr__(provider, "http_headers", headers)
    head = request_of(settings).head
    assert [name for name, _ in head[:4]] == ["x-one", "authorization", "session_id", "user-agent"]
    values = dict(head)
    assert (values["authorization"], values["user-agent"]) == ("Bearer sk-x", "ua")
    assert values["session_id"] != "s"


def test_missing_key_says_which(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    object.__setattr__(settings.config.provider, "env_key", "NO_SUCH")
    with pytest.raises(MissingKey, match="Missing environment variable: `NO_SUCH`"):
        request_of(settings)
