"""What an agent of a team has of the history of the one that began it."""

from __future__ import annotations

import pytest

from pycodex.crew.inheritance import inherits_all


@pytest.mark.parametrize(
    ("said", "inherits"), [(None, True), ("", True), (" ALL ", True), ("none", False), ("3", True), ("+3", True)]
)
def test_all_or_nothing(said: str | None, inherits: bool) -> None:
    assert inherits_all(said) is inherits


@pytest.mark.parametrize("said", ["some", "0", "-1", "3.0", "+"])
def test_other_words_are_refused(said: str) -> None:
    with pytest.raises(ValueError, match="`none` or `all`"):
        inherits_all(said)
