from pycodex.repl.picker import Picker, shortened

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


def test_a_long_list_shows_what_is_around_the_marked_row() -> None:
    picker = Picker("Which", [(f"row {number}", "") for number in range(30)], lambda index: None, marked=29)
    assert "30. row 29" in picker.text() and "row 20" not in picker.text()
    picker.move(1)
    assert "1. row 0" in picker.text() and "row 9" not in picker.text()


def test_a_label_is_one_line() -> None:
    assert shortened("one") == "one"
    assert shortened(" one\ntwo") == "one…"
    assert shortened("x" * 100) == "x" * 60 + "…"
