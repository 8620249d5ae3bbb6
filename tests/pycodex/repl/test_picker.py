from pycodex.repl.picker import Picker

ROWS = [("one", "the first"), ("two", "")]


def test_a_row_is_chosen_by_its_mark_or_its_number() -> None:
    chosen: list[int] = []
    picker = Picker("Which", ROWS, chosen.append)
    picker.choose()
    picker.move(1)
    picker.choose()
    picker.choose(1)
    picker.choose(3)
    assert chosen == [0, 1, 0]


def test_after_the_last_row_comes_the_first() -> None:
    chosen: list[int] = []
    picker = Picker("Which", ROWS, chosen.append, marked=1)
    picker.move(1)
    picker.choose()
    picker.move(-1)
    picker.choose()
    assert chosen == [0, 1]


def test_the_list_shows_the_mark() -> None:
    lines = Picker("Which", ROWS, lambda index: None, marked=1).text().split("\n")
    assert lines[:3] == ["Which", "   1. one  the first", " › 2. two"]
