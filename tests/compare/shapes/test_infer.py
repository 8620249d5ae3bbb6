from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from compare.shapes.infer import ENOUGH, FEW, KEYS, MANY, Shape

UUID7 = "019a0000-0000-7000-8000-%012d"

names = st.sampled_from(["a", "b", "type", "arguments", "a/b"])
words = st.sampled_from(["x", "y", "two words", '{"a":1}', "msg_1", UUID7 % 1])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


def shape(values: list[Any], copies: int = 1) -> dict[str, Any]:
    """The schema of values that come from `copies` recordings each."""
    made = Shape()
    for number in range(copies):
        for value in values:
            made.add(value, number)
    return made.schema()


def fits(schema: dict[str, Any], value: Any) -> bool:
    return bool(Draft202012Validator(schema).is_valid(value))


@given(st.lists(values, min_size=1, max_size=6), st.sampled_from([1, FEW, ENOUGH, MANY]))
def test_a_schema_accepts_what_it_was_made_of(seen: list[Any], copies: int) -> None:
    schema = shape(seen, copies)
    Draft202012Validator.check_schema(schema)
    assert [value for value in seen if not fits(schema, value)] == []


@pytest.mark.parametrize(("copies", "strict"), [(FEW - 1, False), (FEW, True)])
def test_keys_are_promised_with_enough_evidence(copies: int, strict: bool) -> None:
    schema = shape([{"a": 1, "b": 2}, {"a": 1}], copies)
    assert fits(schema, {"b": 2}) is not strict and fits(schema, {"a": 1, "c": 3}) is not strict
    assert fits(schema, {"a": 5}) and not fits(schema, {"a": "5"})


@pytest.mark.parametrize(("copies", "strict"), [(ENOUGH - 1, False), (ENOUGH, True)])
def test_words_are_a_choice_with_enough_evidence(copies: int, strict: bool) -> None:
    assert fits(shape(["auto", "none"], copies), "other") is not strict


def test_sentences_are_no_choice() -> None:
    assert fits(shape(["say hi"], MANY), "say ho")


@pytest.mark.parametrize(("copies", "strict"), [(MANY - 1, False), (MANY, True)])
def test_kinds_are_closed_with_much_evidence(copies: int, strict: bool) -> None:
    schema = shape([{"type": "message", "text": "a b"}, {"type": "call", "name": 1}], copies)
    assert fits(schema, {"type": "other"}) is not strict
    assert fits(schema, {"type": "call", "name": 2}) and not fits(schema, {"type": "call", "name": "x"})
    assert not fits(schema, {"text": "a b"})


@pytest.mark.parametrize(
    ("texts", "good", "bad"),
    [
        ([UUID7 % n for n in range(4)], UUID7 % 9, "019a0000-0000-4000-8000-000000000000"),
        ([f"msg_{n} x" for n in range(70)], "msg_y", None),
        ([f"fco_{n} x" for n in range(7)], "fco_y", "ctco_y"),
    ],
)
def test_forms(texts: list[str], good: str, bad: str | None) -> None:
    schema = shape(texts, FEW)
    assert fits(schema, good) and (bad is None or not fits(schema, bad))


def test_json_in_a_text_has_a_shape_inside_unless_the_model_wrote_it() -> None:
    assert shape([{"x": '{"a":1}'}])["properties"]["x"]["contentSchema"]["properties"] == {"a": {"type": "integer"}}
    assert shape([{"arguments": '{"a":1}', "schema": {"a": 1}}])["properties"] == {
        "arguments": {"type": "string"},
        "schema": {"type": "object"},
    }


@pytest.mark.parametrize("keys", [["/a/b", "/c"], [f"k{n}" for n in range(KEYS + 1)]])
def test_maps_have_a_shape_of_their_values_only(keys: list[str]) -> None:
    schema = shape([{key: {"n": number} for number, key in enumerate(keys)}], MANY)
    assert fits(schema, {"other": {"n": 1}}) and not fits(schema, {"other": {"n": "1"}})


def test_what_the_server_gave_is_known_by_its_type_only() -> None:
    made = Shape(unread=frozenset({"id"}))
    for number in range(MANY):
        made.add([{"id": "msg_1"}], number)
    assert fits(made.schema(), [{"id": "anything"}]) and not fits(made.schema(), [{"id": 1}])
