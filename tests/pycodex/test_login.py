import base64
import json
from pathlib import Path
from typing import Any

import pytest

from fake_server import FakeServer, Script
from pycodex.auth import Auth
from pycodex.login import Recovery
from pycodex.records import replace
from pycodex.sampling import Failure, Logged
from pycodex.settings import Settings
from pycodex.transports.http import HttpTransport
from pycodex.upstream.logins import OTHER_ACCOUNT, REFUSALS, REFUSED
from tests.pycodex.sessions import settings_in

REFUSAL = Failure(kind="status", status=401, body="no")
CLAIMS = {"https://api.openai.com/auth": {"chatgpt_user_id": "user-1"}}
ID_TOKEN = f"e30.{base64.urlsafe_b64encode(json.dumps(CLAIMS).encode()).rstrip(b'=').decode()}.c2ln"
TOKENS = {"id_token": ID_TOKEN, "access_token": "access-1", "refresh_token": "refresh-1", "account_id": "acc-1"}
NEW = {"access_token": "access-2", "refresh_token": "refresh-2"}


def lay(root: Path, **changes: Any) -> None:
    (root / "home").mkdir(exist_ok=True)
    (root / "home" / "auth.json").write_text(json.dumps({"tokens": {**TOKENS, **changes}}))


def logged_in(root: Path, version: str, url: str) -> Settings:
    lay(root)
    settings = settings_in(root, upstream=version)
    provider = replace(settings.config.provider, env_key=None, requires_openai_auth=True)
    environment = {**settings.config.environment, "CODEX_REFRESH_TOKEN_URL_OVERRIDE": f"{url}/oauth/token"}
    return replace(settings, config=replace(settings.config, provider=provider, environment=environment))


async def refreshed(root: Path, version: str, answer: dict[str, Any]) -> tuple[Any, Settings, FakeServer]:
    """What comes of the second 401, before a token server with this answer."""
    async with FakeServer() as server:
        track = {"match": {"target": "/oauth/token"}, "answers": [{"http": answer}]}
        server.load(Script.from_data({"refresh": track}))
        settings = logged_in(root, version, server.url)
        transport = HttpTransport(settings.dialect.transport, {})
        recovery = Recovery(settings=settings)
        first = await recovery.after(REFUSAL, transport)
        assert first is not None and first.failure is None
        done = await recovery.after(REFUSAL, transport)
        assert await recovery.after(REFUSAL, transport) is None
        await transport.aclose()
        assert server.finish() == []
        return done, settings, server


@pytest.mark.parametrize(
    ("version", "more"), [("0.115.0", {}), ("0.169.0", {"refresh_reason": "unauthorized_recovery"})]
)
async def test_tokens_are_refreshed_kept_and_used(tmp_path: Path, version: str, more: dict[str, str]) -> None:
    done, settings, server = await refreshed(tmp_path, version, {"status": 200, "body": NEW})
    assert done.failure is None
    assert settings.auth == Auth(token="access-2", account="acc-1", refresh="refresh-2", user="user-1")
    kept = json.loads((tmp_path / "home" / "auth.json").read_text())
    assert kept["tokens"] == {**TOKENS, **NEW} and kept["last_refresh"].endswith("Z")
    assert (tmp_path / "home" / "auth.json").stat().st_mode & 0o777 == 0o600
    asked = json.loads(server.journal[0].body)
    assert list(asked) == ["client_id", "grant_type", *more, "refresh_token"] and asked["refresh_token"] == "refresh-1"


@pytest.mark.parametrize(
    ("version", "status", "body", "kind", "words"),
    [
        ("0.115.0", 401, {"error": {"code": "refresh_token_reused"}}, "login", REFUSALS["refresh_token_reused"]),
        ("0.115.0", 401, "x", "login", REFUSED),
        ("0.115.0", 403, "x", "refresh", "Failed to refresh token: 403 Forbidden: x"),
        ("0.115.0", 200, {}, "refresh", "error decoding response body"),
        ("0.169.0", 403, {"code": "REFRESH_TOKEN_EXPIRED"}, "login", REFUSALS["refresh_token_expired"]),
        ("0.169.0", 400, {"error": "invalid_grant"}, "login", REFUSED),
        ("0.169.0", 403, {"error": "invalid_grant"}, "refresh", "Failed to refresh token: 403 Forbidden"),
        ("0.169.0", 200, "[", "refresh", "OAuth token response is invalid"),
    ],
)
async def test_a_refresh_that_fails(
    tmp_path: Path, version: str, status: int, body: Any, kind: str, words: str
) -> None:
    done, settings, _ = await refreshed(tmp_path, version, {"status": status, "body": body})
    assert (done.failure.kind, done.failure.detail) == (kind, words)
    assert [type(line) for line in done.logged] == ([Logged] if status != 200 else [])
    assert settings.auth.token == "access-1"


async def test_what_another_program_wrote_is_taken_for_the_same_account_alone(tmp_path: Path) -> None:
    settings = logged_in(tmp_path, "0.169.0", "http://127.0.0.1:9")
    transport = HttpTransport(settings.dialect.transport, {})
    assert settings.auth.token == "access-1"
    lay(tmp_path, access_token="access-new")
    done = await Recovery(settings=settings).after(REFUSAL, transport)
    assert done is not None and done.failure is None and settings.auth.token == "access-new"
    lay(tmp_path, account_id="acc-2")
    done = await Recovery(settings=settings).after(REFUSAL, transport)
    assert done is not None and done.failure == Failure(kind="login", detail=OTHER_ACCOUNT)
    assert settings.auth.token == "access-new"


async def test_only_a_401_of_chatgpts_tokens_is_recovered(tmp_path: Path) -> None:
    settings = logged_in(tmp_path, "0.169.0", "http://127.0.0.1:9")
    transport = HttpTransport(settings.dialect.transport, {})
    assert await Recovery(settings=settings).after(Failure(kind="status", status=403), transport) is None
    (tmp_path / "home" / "auth.json").write_text('{"OPENAI_API_KEY": "sk-x"}')
    other = replace(settings, ephemeral=True)
    assert await Recovery(settings=other).after(REFUSAL, transport) is None
