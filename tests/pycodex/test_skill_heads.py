"""Heads of skill files: what the recordings do not have (context/skills_heads, context/skills_broken)."""

import pytest

from pycodex.skill_heads import HeadError, read_mapping, text_of


def read(text: str) -> dict[str, str | None]:
    return {key: text_of(node, key) for key, node in read_mapping(text, ("name",), "Head").items()}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("# nothing\n", {}),
        ("name: a\n\n# between\nmore: b", {"name": "a", "more": "b"}),
        ('name: "a\n  b"\nmore: c', {"name": "a b", "more": "c"}),
        ("name:\n  a\n  b", {"name": "a b"}),
        ("name: |\n  a\n\n  b\nmore: >\n  c\n  d", {"name": "a\n\nb", "more": "c d"}),
        ("name: &x a\nmore: *x", {"name": "a", "more": "a"}),
        ("name: !!str 7", {"name": "7"}),
        ("{name: a, more: 'b'}", {"name": "a", "more": "b"}),
        ("name: a#b # c", {"name": "a#b"}),
        ('name: "\\u00e9\\x41\\n\\/"', {"name": "éA\n/"}),
        ("name: ~", {"name": None}),
    ],
)
def test_texts(text: str, values: dict[str, str | None]) -> None:
    assert read(text) == values


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name: a: b", "mapping values are not allowed in this context at line 1 column 8"),
        ("name: a\n  b: c", "mapping values are not allowed in this context at line 2 column 4"),
        ("name: a\nname: b", "duplicate field `name`"),
        ("- a", "invalid type: sequence, expected struct Head"),
        ("some words", 'invalid type: string "some words", expected struct Head'),
        ("name:\n- a\n- b\nmore: c", "name: invalid type: sequence, expected a string at line 2 column 1"),
        ("name:\n  a: b", "name: invalid type: map, expected a string at line 2 column 3"),
        (
            "name: 'a",
            "found unexpected end of stream at line 1 column 9, while scanning a quoted scalar at line 1 column 7",
        ),
    ],
)  # fmt: skip
def test_problems(text: str, problem: str) -> None:
    with pytest.raises(HeadError) as caught:
        read(text)
    assert str(caught.value) == problem


def test_a_level_below_is_read_and_a_list_passed_over() -> None:
    nodes = read_mapping("a:\n  b: c\n  d:\n    - e\nf: [g]\nh: i", (), "Head")
    assert nodes["a"].entries["b"].text == "c"
    assert (nodes["a"].entries["d"].kind, nodes["f"].kind, nodes["h"].text) == ("sequence", "sequence", "i")
