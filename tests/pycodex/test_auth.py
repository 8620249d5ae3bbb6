"""auth.json: whose key or tokens a request carries, and where it goes then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pycodex.config import ConfigError
from pycodex.settings import Settings
from tests.pycodex.sessions import settings_in

TOKENS = {"id_token": "a.b.c", "access_token": "test-access", "refresh_token": "test-refresh", "account_id": "acc"}
OPENAI = ("model_provider=openai",)


def logged_in(root: Path, auth: Any, overrides: tuple[str, ...] = OPENAI, **options: Any) -> Settings:
    (root / "home").mkdir(exist_ok=True)
    text = auth if isinstance(auth, str) else json.dumps(auth)
    (root / "home/auth.json").write_text(text)
    return settings_in(root, overrides=overrides, **options)


def test_an_api_key_is_taken(tmp_path: Path) -> None:
    settings = logged_in(tmp_path, {"OPENAI_API_KEY": "sk-test"})
    assert (settings.auth.token, settings.auth.account) == ("sk-test", None)
    assert settings.config.provider.base_url == "https://api.openai.com/v1"
    assert settings.follows_login


def test_tokens_are_taken_to_their_own_address(tmp_path: Path) -> None:
    settings = logged_in(tmp_path, {"auth_mode": "chatgpt", "OPENAI_API_KEY": None, "tokens": TOKENS})
    assert (settings.auth.token, settings.auth.account) == ("test-access", "acc")
    assert settings.config.provider.base_url == "https://chatgpt.com/backend-api/codex"
    placed = logged_in(tmp_path, {"tokens": TOKENS}, (*OPENAI, "openai_base_url=http://127.0.0.1:9"))
    assert placed.config.provider.base_url == "http://127.0.0.1:9"


def test_a_provider_with_a_key_of_its_own_follows_no_login(tmp_path: Path) -> None:
    assert not logged_in(tmp_path, {"OPENAI_API_KEY": "sk-test"}, ()).follows_login


@pytest.mark.parametrize("store", ["keyring", "ephemeral"])
def test_another_store_leaves_the_file_alone(tmp_path: Path, store: str) -> None:
    overrides = (*OPENAI, f"cli_auth_credentials_store={store}")
    assert logged_in(tmp_path, {"OPENAI_API_KEY": "sk-test"}, overrides).auth.token is None


@pytest.mark.parametrize("text", ["not json", '{"OPENAI_API_KEY": 5}', '{"auth_mode": "x"}', '{"tokens": {}}'])
def test_a_broken_file_says_nothing_or_stops(tmp_path: Path, text: str) -> None:
    assert logged_in(tmp_path, text).auth.token is None
    with pytest.raises(ConfigError, match="at line 1 column"):
        logged_in(tmp_path, text, upstream="0.115.0")
