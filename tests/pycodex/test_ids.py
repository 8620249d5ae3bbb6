from __future__ import annotations

import re
import uuid

import pytest

from pycodex import ids


def test_uuid7_has_its_version_and_never_goes_back() -> None:
    made = [ids.uuid7() for _ in range(5000)]
    assert made == sorted(set(made))
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", x) for x in made)


def test_uuid7_does_not_go_back_with_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    before = ids.uuid7()
    monkeypatch.setattr("pycodex.ids.time.time_ns", lambda: 0)
    assert ids.uuid7() > before


def test_uuid4_and_uuid5() -> None:
    assert uuid.UUID(ids.uuid4()).version == 4
    name = "5f8a1b7e-0000-7000-8000-000000000000"
    assert ids.uuid5(name, "x") == ids.uuid5(name, "x") != ids.uuid5(name, "y")
    with pytest.raises(ValueError, match="badly formed"):
        ids.uuid5("no uuid", "x")


def test_chunk_id_is_six_hex_digits() -> None:
    assert re.fullmatch(r"[0-9a-f]{6}", ids.chunk_id())
    assert len({ids.chunk_id() for _ in range(50)}) > 1
