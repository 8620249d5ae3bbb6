from typing import Any

import pytest

from pycodex.arguments import BOOL, I64, STRING, Field, Scalar, Struct
from pycodex.json_reader import ArgumentsError, ArgumentStyle
from pycodex.json_values import from_value

PART = Struct(name="Part", fields=(Field("count", I64, required=True),))
WHOLE = Struct(
    name="Whole",
    fields=(
        Field("id", STRING, required=True),
        Field("part", PART, optional=True, positional=True),
        Field("done", BOOL, optional=True),
        Field("share", Scalar("a JSON number", "float"), optional=True),
    ),
)
PLAIN, AS_TEXT = ArgumentStyle(floats_are_numbers=False), ArgumentStyle(floats_are_numbers=True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"id": "a", "zz": 1}, {"id": "a", "part": None, "done": None, "share": None}),
        (["a", [5]], {"id": "a", "part": {"count": 5}, "done": None, "share": None}),
        (["a", None, True, 2], {"id": "a", "part": None, "done": True, "share": 2.0}),
    ],
)
def test_a_value_is_taken_as_its_fields(value: Any, expected: dict[str, Any]) -> None:
    assert from_value(value, WHOLE, PLAIN) == expected


@pytest.mark.parametrize(
    ("value", "plain", "as_text"),
    [
        ({}, "missing field `id`", None),
        (
            {"id": 1.5},
            "invalid type: floating point `1.5`, expected a string",
            "invalid type: number, expected a string",
        ),
        ({"id": None}, "invalid type: null, expected a string", None),
        (5, "invalid type: integer `5`, expected struct Whole", "invalid type: number, expected struct Whole"),
        ({"part": [True], "id": 5}, "invalid type: boolean `true`, expected i64", None),
        ({"part": {"count": 2**63}}, f"invalid value: integer `{2**63}`, expected i64", "invalid number"),
        (
            {"part": {"count": 2**64}},
            "invalid type: floating point `1.8446744073709552e+19`, expected i64",
            "invalid number",
        ),
        ({"part": {"count": {}}}, "invalid type: map, expected i64", None),
        (["a"], "invalid length 1, expected struct Whole with 4 elements", None),
        ({"part": []}, "invalid length 0, expected struct Part with 1 element", None),
        (["a", None, None, None, 1], "invalid length 5, expected fewer elements in array", None),
        ({"share": []}, "invalid type: sequence, expected a JSON number", None),
    ],
)
def test_what_does_not_fit_is_told_in_serdes_words(value: Any, plain: str, as_text: str | None) -> None:
    for style, words in ((PLAIN, plain), (AS_TEXT, as_text or plain)):
        with pytest.raises(ArgumentsError) as told:
            from_value(value, WHOLE, style)
        assert str(told.value) == words
