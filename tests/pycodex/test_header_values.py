import pytest

from pycodex.header_values import valid_name, valid_value


@pytest.mark.parametrize(
    ("name", "valid"), [("X-One", True), ("x_1!", True), ("", False), ("a b", False), ("ä", False)]
)
def test_names(name: str, valid: bool) -> None:
    assert valid_name(name) is valid


@pytest.mark.parametrize(
    ("value", "valid"),
    [("", True), (" a\tb ", True), ("ä€", True), ("a\nb", False), ("a\x7f", False), ("\x00", False), ("\udcff", False)],
)
def test_values(value: str, valid: bool) -> None:
    assert valid_value(value) is valid
