import pytest

from pycodex.paint import Painter, wants_colors


def test_codes_stand_outermost_first_and_end_one_by_one() -> None:
    paint = Painter(roles={"label": (1,), "heading": (35, 3)})
    assert paint("label", "x") == "\x1b[1mx\x1b[0m"
    assert paint("heading", "x") == "\x1b[35m\x1b[3mx\x1b[0m\x1b[0m"
    assert paint("other", "x") == "x"


@pytest.mark.parametrize(
    ("choice", "terminal", "environment", "colours"),
    [
        ("always", False, {}, True),
        ("never", True, {"TERM": "xterm"}, False),
        (None, True, {"TERM": "xterm"}, True),
        ("auto", True, {"TERM": "xterm", "NO_COLOR": "1"}, False),
        ("auto", True, {"TERM": "dumb"}, False),
        ("auto", False, {"TERM": "xterm"}, False),
        ("auto", True, {"TERM": "xterm", "NO_COLOR": "0"}, True),
        ("auto", False, {"FORCE_COLOR": "yes", "NO_COLOR": "1"}, True),
        ("auto", False, {"FORCE_COLOR": "0", "CLICOLOR_FORCE": "1"}, False),
        ("auto", False, {"CLICOLOR_FORCE": ""}, True),
        ("auto", False, {"TERM": "", "IGNORE_IS_TERMINAL": ""}, True),
        ("auto", True, {}, False),
        ("auto", True, {"COLORTERM": ""}, True),
        ("auto", True, {"CLICOLOR": "0"}, False),
        ("auto", True, {"CI": "1"}, True),
    ],
)
def test_when_there_are_colours(choice: str, terminal: bool, environment: dict[str, str], colours: bool) -> None:
    assert wants_colors(choice, terminal=terminal, environment=environment) is colours
