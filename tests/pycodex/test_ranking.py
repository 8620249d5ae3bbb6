"""Which texts fit a query."""

from pycodex.ranking import ranked

TEXTS = (
    "reads a file from disk",
    "lists the files of a folder",
    "adds two numbers",
    "writes one file, then another file",
)


def test_texts_are_found_by_stems_of_words_the_best_first() -> None:
    assert ranked("adding number", TEXTS, 8) == [2]
    assert ranked("files", TEXTS, 8)[0] == 3
    assert ranked("disk file", TEXTS, 8)[0] == 0


def test_common_words_and_unknown_ones_find_nothing() -> None:
    assert ranked("the of a", TEXTS, 8) == ranked("zebra", TEXTS, 8) == ranked("", TEXTS, 8) == []


def test_no_more_than_the_limit_is_found() -> None:
    assert len(ranked("file", TEXTS, 2)) == 2
    assert ranked("file", (), 2) == []
