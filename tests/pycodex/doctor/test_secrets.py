"""Nothing secret is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from pycodex.doctor.report import Check
from pycodex.doctor.secrets import bare_url, cut_urls, masked, redacted, secrets_of, shown
from tests.pycodex.doctor.subjects import KEY, provider, subject


@pytest.mark.parametrize(
    ("url", "cut"),
    [
        ("http://h:1/v1/responses", "http://h:1/v1/<redacted>"),
        ("http://h/v1", "http://h/v1"),
        ("https://u:pw@h/a/b/c?key=1#x", "https://h/a/<redacted>"),
        ("(https://h/v1?key=1).", "(https://h/v1)."),
        ("h:1/v1/responses", "h:1/v1/responses"),
        ("http://h", "http://h"),
    ],
)
def test_a_url_is_cut(url: str, cut: str) -> None:
    assert cut_urls(f"x {url} y") == f"x {cut} y"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("OPENAI_API_KEY", "sk-x", "<redacted>"),
        ("OPENAI_API_KEY", "present", "present"),
        ("auth env vars present", "OPENAI_API_KEY", "OPENAI_API_KEY"),
        ("enabled feature flags", "a, token_budget", "<redacted>"),
        ("cwd", "/here", "/here"),
    ],
)
def test_a_detail_that_speaks_of_a_secret_is_masked(name: str, value: str, told: str) -> None:
    assert redacted(name, value) == told
    assert shown(Check(id="x", category="x", status="ok", summary="", details=((name, value),))) == [(name, told)]


def test_a_check_of_our_own_may_speak_of_keys() -> None:
    check = Check(id="x", category="x", status="ok", summary="", details=(("key", "the token"),), plain=True)
    assert shown(check) == [("key", "the token")]


def test_a_url_is_bare() -> None:
    assert bare_url("https://u:pw@h:1/v1?key=1") == "https://h:1/v1"
    assert bare_url("http://[x/v1?key=1") == "http://[x/v1"


def test_every_secret_of_a_run_is_known(tmp_path: Path) -> None:
    more = (
        'http_headers = {x = "header-secret"}\nenv_http_headers = {y = "OTHER"}\nquery_params = {k = "query-secret"}\n'
    )
    config = provider("http://name:test-in-the-url@127.0.0.1/v1", more)
    env = {
        "OTHER": "other-secret",
        "HTTPS_PROXY": "http://me:test%21secret@h",
        "MY_TOKEN": "token-secret",
        "A_KEY": "us",
    }
    looked = subject(tmp_path, config, env=env)
    found = secrets_of(looked.environment, looked.settings)
    expected = {KEY, "header-secret", "other-secret", "query-secret", "test-in-the-url", "test!secret", "token-secret"}
    assert expected <= {*found} and "us" not in found
    assert masked(f"{KEY} and test!secret", found) == "*** and ***"
