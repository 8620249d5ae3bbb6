"""What of the user's messages outlives a compaction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pycodex.upstream.compaction import json_tokens, kept_messages, text_tokens
from tests.pycodex.sessions import says, settings_in

VERSIONS = ("0.115.0", "0.169.0")


def asks(text: str, number: int = 1) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}]
    return {"type": "message", "id": f"msg_{number}", "role": "user", "content": content}


def kept(history: list[dict[str, Any]], root: Path, version: str) -> list[list[str]]:
    dialect = settings_in(root, upstream=version).dialect
    found = kept_messages(history, "SUMMARY", dialect.compact, dialect.ids)
    return [[part["text"] for part in each.item["content"]] for each in found]


@pytest.mark.parametrize("version", VERSIONS)
def test_summaries_and_answers_and_context_do_not_stay(tmp_path: Path, version: str) -> None:
    history = [asks("one"), says("first"), asks("SUMMARY\nof it"), asks("<turn_aborted>x</turn_aborted>"), asks("two")]
    assert kept(history, tmp_path, version) == [["one"], ["two"]]


@pytest.mark.parametrize(("version", "parts"), [("0.115.0", 1), ("0.169.0", 3)])
def test_the_oldest_that_fits_in_part_is_cut(tmp_path: Path, version: str, parts: int) -> None:
    found = kept([asks("gone"), asks("x" * 100_000, 2), asks("y" * 4000, 3)], tmp_path, version)
    assert len(found) == 2
    assert len(found[0]) == parts
    cut = "".join(found[0])
    assert cut == "x" * 38_000 + "…6000 tokens truncated…" + "x" * 38_000


@pytest.mark.parametrize("version", VERSIONS)
def test_images_do_not_stay(tmp_path: Path, version: str) -> None:
    message = asks("what is it")
    shown = [
        {"type": "input_text", "text": "<image name=[Image #1]>"},
        {"type": "input_image", "image_url": "data:image/png;base64,AAAA"},
        {"type": "input_text", "text": "</image>"},
    ]
    assert kept([{**message, "content": [*shown, *message["content"]]}], tmp_path, version) == [["what is it"]]


def test_a_message_counts_as_its_json_or_as_its_text() -> None:
    assert text_tokens(asks("x" * 40)) == 10
    assert json_tokens(asks("x" * 40)) > 10


def test_encrypted_reasoning_counts_as_what_it_may_hold() -> None:
    item = {"type": "reasoning", "summary": [], "encrypted_content": "x" * 2000}
    assert json_tokens(item) == text_tokens(item) == (1500 - 650 + 3) // 4
