"""When a context is full: the limit, and what counts towards it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pycodex.context import ContextManager
from pycodex.fullness import due, due_before_turn, room, token_limit, unread_tokens
from pycodex.protocol import Usage
from tests.pycodex.sessions import calls, says, settings_in


def output(text: str) -> dict[str, str]:
    return {"type": "function_call_output", "call_id": "call_1", "output": text}


@pytest.mark.parametrize(
    ("config", "limit"),
    [
        ("", 244_800),
        ("model_auto_compact_token_limit = 5000\n", 5000),
        ("model_auto_compact_token_limit = 999999\n", 244_800),
        ("model_context_window = 1000\n", 900),
    ],
)
def test_the_limit_is_nine_tenths_of_the_window_at_most(tmp_path: Path, config: str, limit: int) -> None:
    assert token_limit(settings_in(tmp_path, upstream="0.115.0", config=config)) == limit


@pytest.mark.parametrize(("used", "full"), [(4999, False), (5000, True)])
def test_a_context_is_full_at_the_limit(tmp_path: Path, used: int, full: bool) -> None:
    settings = settings_in(tmp_path, config="model_auto_compact_token_limit = 5000\n")
    context = ContextManager(settings, history=[says("x")], last_usage=Usage(total_tokens=used))
    assert due(context) is full
    assert room(context) == 5000 - used


def test_only_what_joined_after_the_model_counts(tmp_path: Path) -> None:
    style = settings_in(tmp_path, upstream="0.169.0").dialect.compact
    assert unread_tokens([output("x" * 400)], style) == 0
    assert unread_tokens([calls("a"), output("x" * 400)], style) == 100


def test_versions_estimate_differently(tmp_path: Path) -> None:
    history = [calls("a"), output("x" * 400)]
    whole = unread_tokens(history, settings_in(tmp_path, upstream="0.115.0").dialect.compact)
    assert whole > unread_tokens(history, settings_in(tmp_path, upstream="0.169.0").dialect.compact)


@pytest.mark.parametrize(
    ("version", "before", "reason"),
    [
        ("0.169.0", {"model": "gpt-6-sol", "comp_hash": "other"}, "comp_hash_changed"),
        ("0.169.0", {"model": "gpt-6-sol"}, None),
        ("0.115.0", {"model": "gpt-6-sol", "comp_hash": "other"}, None),
    ],
)
def test_another_way_to_read_the_history_is_a_reason(
    tmp_path: Path, version: str, before: dict[str, str], reason: str | None
) -> None:
    settings = settings_in(tmp_path, upstream=version)
    assert due_before_turn(ContextManager(settings, model_before=before)) == reason


@pytest.mark.parametrize(
    ("before", "used", "reason"),
    [
        ("gpt-6.1-terra", 250_000, "model_downshift"),
        ("gpt-6.1-terra", 200_000, None),
        ("gpt-6-sol", 250_000, "context_limit"),
        ("gpt-6.1-sol", 250_000, "context_limit"),
    ],
)
def test_a_model_that_could_hold_more_sums_up(tmp_path: Path, before: str, used: int, reason: str | None) -> None:
    settings = settings_in(tmp_path, upstream="0.169.0", config='model = "gpt-6.1-sol"\n')
    last = {"model": before, "comp_hash": settings.model.get("comp_hash")}
    context = ContextManager(settings, history=[says("x")], last_usage=Usage(total_tokens=used), model_before=last)
    assert due_before_turn(context) == reason
