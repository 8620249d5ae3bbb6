from __future__ import annotations

import pytest

from pycodex.rust import debug_string, float_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", '""'),
        ("a\nb\t\"c'd\x01é\u200b\x7f", '"a\\nb\\t\\"c\'d\\u{1}é\\u{200b}\\u{7f}"'),
        ("\x1b[1m\0a", '"\\u{1b}[1m\\0a"'),
        ("back\\slash ‘x’", '"back\\\\slash ‘x’"'),
    ],
)
def test_debug_string(text: str, shown: str) -> None:
    assert debug_string(text) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (500.0, "500.0"),
        (-0.0, "-0.0"),
        (1e15, "1000000000000000.0"),
        (1e16, "1e+16"),
        (1.8446744073709552e19, "1.8446744073709552e+19"),
        (-9.223372036854776e18, "-9.223372036854776e+18"),
        (1234567890123456.5, "1234567890123456.5"),
        (1e-5, "0.00001"),
        (0.00001234, "0.00001234"),
        (1e-6, "1e-6"),
        (0.1, "0.1"),
    ],
)
def test_float_text(value: float, shown: str) -> None:
    assert float_text(value) == shown
