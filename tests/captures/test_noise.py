"""Noise rules: what each kind admits, and that a value outside is not admitted."""

import pytest

from captures.noise import NoiseError, NoiseRule, path_matches, rules_from_json, rules_to_json


def test_number_admits_its_range_and_nothing_else() -> None:
    rule = NoiseRule(path=("a",), kind="number", args={"lo": 1, "hi": 3})
    assert [rule.admits(value) for value in (1, 2.5, 3, 3.1, 0, True, "2", None)] == [
        *(True, True, True),
        *(False, False, False, False, False),
    ]


@pytest.mark.parametrize(
    ("text", "admitted"),
    [
        ("Wall time: 0.0123 seconds\nexit 0", True),
        ("Wall time: 0.012 seconds\nexit 0", False),  # fewer decimals than every observation
        ("Wall time: 9.0000 seconds\nexit 0", False),  # outside the range
        ("Wall time: 0.0123 seconds\nexit 1", False),  # the fixed part differs
        ("Wall time: 0.0123 seconds\nexit 0\n", False),
    ],
)
def test_text_admits_numbers_in_their_slots_only(text: str, admitted: bool) -> None:
    slots = [{"lo": 0, "hi": 5, "decimals": 4}]
    rule = NoiseRule(path=("a",), kind="text", args={"template": "Wall time: {0} seconds\nexit 0", "slots": slots})
    assert rule.admits(text) is admitted


def test_line_admits_one_line_with_numbers_in_their_slots() -> None:
    args = {"template": "in {0} ms", "slots": [{"lo": 0, "hi": 5, "decimals": 0}]}
    rule = NoiseRule(path=("a",), kind="line", args=args)
    assert rule.admits("in 3 ms")
    assert not rule.admits("in 3 ms\nin 3 ms")
    assert not rule.admits("in 6 ms")


def test_one_of_compares_types_too() -> None:
    rule = NoiseRule(path=("a",), kind="one_of", args={"forms": [1, {"x": None}]})
    assert rule.admits(1)
    assert rule.admits({"x": None})
    assert not rule.admits(True)
    assert not rule.admits({"x": 0})


def test_a_star_stands_for_exactly_one_step() -> None:
    assert path_matches(("requests", "*", "head"), ("requests", 3, "head"))
    assert not path_matches(("requests", "*"), ("requests", 3, "head"))
    assert not path_matches(("requests", 1), ("requests", 3))


def test_rules_survive_their_committed_form() -> None:
    rules = (
        NoiseRule(path=("b", 2), kind="unordered", observed=(["x", "y"],), runs=4),
        NoiseRule(path=("a",), kind="number", args={"lo": 0, "hi": 9}, observed=(1, 2), runs=20),
    )
    assert set(map(repr, rules_from_json(rules_to_json(rules)))) == set(map(repr, rules))


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(NoiseError, match="a/1: unknown kind 'ignore'"):
        NoiseRule(path=("a", 1), kind="ignore")
