"""Checks without a network: each kind of failure has its verdict and its remedy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pycodex.doctor.on_disk import check_config, check_dotenv, check_key, check_provider
from tests.pycodex.doctor.subjects import KEY, provider, subject


def test_a_configuration_that_cannot_be_used_is_told_with_file_line_and_key(tmp_path: Path) -> None:
    check = check_config(subject(tmp_path, "\nmodel = 3\n"))
    assert check.status == "fail" and check.id == "config.load"
    assert check.detail("file") == str(tmp_path / "config.toml")
    assert (check.detail("line"), check.detail("key")) == ("2", "model")
    assert check.remedy is not None and f"`model` in line 2 of {tmp_path / 'config.toml'}" in check.remedy


@pytest.mark.parametrize(("flag", "said"), [("model=3", "given by a flag"), ("model", "the command line")])
def test_a_flag_that_cannot_be_used(tmp_path: Path, flag: str, said: str) -> None:
    check = check_config(subject(tmp_path, "", "-c", flag))
    assert check.status == "fail" and said in (check.remedy or "")


def test_an_error_without_a_key_points_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"model = \xff\n")
    check = check_config(subject(tmp_path))
    assert check.status == "fail" and str(tmp_path / "config.toml") in (check.remedy or "")


def test_a_configuration_that_can_be_used(tmp_path: Path) -> None:
    assert check_config(subject(tmp_path, 'model = "gpt-5.5"\n')).status == "ok"
    assert check_config(subject(tmp_path, "nonsense = 1\n")).status == "warning"


def test_a_login_that_lets_nothing_run_is_named(tmp_path: Path) -> None:
    (tmp_path / "auth.json").write_text("{")
    check = check_config(subject(tmp_path, version="0.115.0"))
    assert check.status == "fail" and f"Correct or remove {tmp_path / 'auth.json'}: EOF" in (check.remedy or "")


def test_no_dotenv_is_well(tmp_path: Path) -> None:
    assert check_dotenv(subject(tmp_path)).status == "ok"


def test_a_dotenv_is_told_by_its_names_alone(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=secret-a\nexport B='secret b'\n# C=1\n\n")
    check = check_dotenv(subject(tmp_path))
    assert check.status == "ok" and check.detail("names") == "A, B"
    assert "secret" not in str(check)


def test_names_of_codex_are_not_imported(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CODEX_API_KEY=sk-x\ncodex_x=1\nA=1\n")
    check = check_dotenv(subject(tmp_path))
    assert check.status == "warning" and check.detail("not imported") == "CODEX_API_KEY, codex_x"
    assert "not imported" in check.summary and "export CODEX_API_KEY=" in (check.remedy or "")


def test_lines_that_cannot_be_read_are_numbered(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\nwhat is this\nB=a b\nC='open\n")
    check = check_dotenv(subject(tmp_path))
    assert check.status == "warning" and check.detail("unreadable lines") == "2, 3, 4"
    assert "NAME=value" in (check.remedy or "")


def test_a_dotenv_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff\n")
    check = check_dotenv(subject(tmp_path))
    assert check.status == "warning" and "UTF-8" in check.summary and check.remedy


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("https://h.invalid/v1", "ok", ""),
        ("http://127.0.0.1:1/v1", "ok", ""),
        ("http://h.invalid/v1", "warning", "https"),
        ("https://h.invalid", "warning", "/v1"),
        ("h.invalid/v1", "fail", "scheme"),
        ("http://h.invalid:port/v1", "fail", "scheme"),
        ("ftp://h.invalid/v1", "fail", "scheme"),
        ("https://h.invalid/v1/responses", "fail", "https://h.invalid/v1:"),
        ("https://h.invalid/v1/chat/completions/", "fail", "https://h.invalid/v1:"),
    ],
)
def test_the_address_of_the_provider(tmp_path: Path, url: str, status: str, said: str) -> None:
    check = check_provider(subject(tmp_path, provider(url)))
    assert check.status == status and said in (check.remedy or "")
    assert (check.remedy is None) == (status == "ok")


def test_a_provider_without_an_address(tmp_path: Path) -> None:
    check = check_provider(subject(tmp_path, 'model_provider = "x"\n[model_providers.x]\nname = "x"\n'))
    assert check.status == "fail" and "base_url" in (check.remedy or "")


def test_the_key_is_shown_by_its_end(tmp_path: Path) -> None:
    check = check_key(subject(tmp_path, provider("https://h.invalid/v1")))
    assert check.status == "ok" and check.summary == "...abcd from the variable OWN_KEY"
    assert KEY not in str(check)
    short = check_key(subject(tmp_path, provider("https://h.invalid/v1"), env={"OWN_KEY": "short"}))
    assert short.summary == "*** from the variable OWN_KEY"


def test_a_key_that_is_not_set(tmp_path: Path) -> None:
    check = check_key(subject(tmp_path, provider("https://h.invalid/v1"), env={"OWN_KEY": ""}))
    assert check.status == "fail" and "Set OWN_KEY" in (check.remedy or "") and ".env" in (check.remedy or "")


def test_a_key_of_a_name_that_dotenv_cannot_give(tmp_path: Path) -> None:
    config = provider("https://h.invalid/v1").replace("OWN_KEY", "CODEX_OWN")
    assert "CODEX_" in (check_key(subject(tmp_path, config)).remedy or "")


def test_a_key_with_a_line_break(tmp_path: Path) -> None:
    check = check_key(subject(tmp_path, provider("https://h.invalid/v1"), env={"OWN_KEY": f"{KEY}\n"}))
    assert check.status == "fail" and "line breaks" in check.summary and check.remedy


def test_a_bearer_token_of_the_configuration(tmp_path: Path) -> None:
    config = provider("https://h.invalid/v1").replace('env_key = "OWN_KEY"', f'experimental_bearer_token = "{KEY}"')
    check = check_key(subject(tmp_path, config))
    assert check.status == "ok" and "experimental_bearer_token" in check.summary and KEY not in str(check)


def test_a_provider_without_a_key(tmp_path: Path) -> None:
    config = provider("https://h.invalid/v1").replace('env_key = "OWN_KEY"', "")
    assert check_key(subject(tmp_path, config)).status == "ok"


def test_openai_needs_a_key(tmp_path: Path) -> None:
    check = check_key(subject(tmp_path))
    assert check.status == "fail" and "CODEX_API_KEY" in (check.remedy or "")
    other = check_key(subject(tmp_path, env={"OPENAI_API_KEY": KEY}))
    assert other.status == "fail" and "OPENAI_API_KEY is set" in (other.remedy or "")
    assert check_key(subject(tmp_path, env={"CODEX_API_KEY": KEY})).summary == "...abcd from CODEX_API_KEY"


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        (json.dumps({"OPENAI_API_KEY": KEY}), "ok", "auth.json"),
        (
            json.dumps({"tokens": {"id_token": "a", "access_token": KEY, "refresh_token": "c", "account_id": "d"}}),
            "ok",
            "ChatGPT",
        ),
        ("{", "fail", "no key"),
    ],
)
def test_a_login(tmp_path: Path, text: str, status: str, said: str) -> None:
    (tmp_path / "auth.json").write_text(text)
    check = check_key(subject(tmp_path))
    assert check.status == status and said in check.summary and KEY not in str(check)


def test_a_login_that_stops_a_version(tmp_path: Path) -> None:
    (tmp_path / "auth.json").write_text("{")
    config = provider("https://h.invalid/v1").replace('env_key = "OWN_KEY"', "requires_openai_auth = true")
    check = check_key(subject(tmp_path, config, version="0.115.0"))
    assert check.status == "fail" and str(tmp_path / "auth.json") in (check.remedy or "")
