"""What settings say of a model, its window and its outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pycodex.sessions import settings_in


@pytest.mark.parametrize(
    ("upstream", "window", "usable"),
    [
        ("0.115.0", 20_001, 19_000),
        ("0.169.0", 20_001, 19_000),
        ("0.169.0", 9_000_000, 258_400),
        ("0.169.0", None, 258_400),
    ],
)
def test_of_a_window_the_larger_part_can_be_used(
    tmp_path: Path, upstream: str, window: int | None, usable: int
) -> None:
    overrides = () if window is None else (f"model_context_window={window}",)
    assert settings_in(tmp_path, upstream=upstream, model="gpt-5.5", overrides=overrides).context_window == usable


@pytest.mark.parametrize(("model", "size"), [("gpt-5.4", 800), ("unknown-x", 800)])
def test_a_limit_of_outputs_counts_in_tokens(tmp_path: Path, model: str, size: int) -> None:
    settings = settings_in(tmp_path, model=model, overrides=("tool_output_token_limit=200",))
    assert settings.truncation_policy.bytes == size


def test_a_thread_says_when_no_memories_may_be_made_of_it(tmp_path: Path) -> None:
    assert settings_in(tmp_path).memory_mode is None
    assert settings_in(tmp_path, overrides=("memories.generate_memories=false",)).memory_mode == "disabled"
