from copy import deepcopy
from typing import Any

import pytest

from captures.noise import NoiseRule
from compare.excuse import RuleTree, range_text
from tests.compare.samples import changed, compare, put, tree_115, tree_169

WALL = ("requests", 1, "body", "input", 4, "output")
OUTPUT = tree_115()["requests"][1]["body"]["input"][4]["output"]
WALL_RULE = NoiseRule(
    path=WALL,
    kind="text",
    args={"template": OUTPUT.replace("0.0001", "{0}"), "slots": [{"lo": 0, "hi": 0.5, "decimals": 4}]},
)
USAGE = ("runs", 0, "stdout", 3, "$json", "usage", "input_tokens")
METADATA = ("requests", 0, "head", 0, 1, "$json")


def rule(kind: str, *path: str | int, **args: Any) -> NoiseRule:
    return NoiseRule(path=path, kind=kind, args=args)


def test_a_number_in_its_range_is_no_difference_and_outside_it_is_one() -> None:
    number = rule("number", *USAGE, lo=10, hi=30)
    comparison = compare(tree_115(), changed(tree_115(), *USAGE, to=25), [number])
    assert (comparison.differences, comparison.used) == ((), (number,))
    (difference,) = compare(tree_115(), changed(tree_115(), *USAGE, to=31), [number]).differences
    assert difference.text.endswith("upstream 20, got 31, outside the noise 10..30")


def test_a_text_may_differ_in_its_slots_only() -> None:
    within = changed(tree_115(), *WALL, to=OUTPUT.replace("0.0001", "0.4999"))
    assert compare(tree_115(), within, [WALL_RULE]).identical
    for text in (OUTPUT.replace("0.0001", "0.5001"), OUTPUT.replace("0.0001", "0.1"), OUTPUT.replace("hi", "ho")):
        (difference,) = compare(tree_115(), changed(tree_115(), *WALL, to=text), [WALL_RULE]).differences
        assert "outside the noise 0..0.5 in its numbers" in difference.text


def test_a_line_may_differ_in_its_slots_only_in_every_text_at_such_a_place() -> None:
    slots = [{"lo": 0, "hi": 0.5, "decimals": 4}]
    line = rule("line", "requests", "*", "body", "input", "*", "output", template="Wall time: {0} seconds", slots=slots)
    within = changed(tree_115(), *WALL, to=OUTPUT.replace("0.0001", "0.4999"))
    assert compare(tree_115(), within, [line]).used == (line,)
    (difference,) = compare(
        tree_115(), changed(tree_115(), *WALL, to=OUTPUT.replace("0.0001", "0.5001")), [line]
    ).differences
    assert "outside the noise 0..0.5 in its numbers" in difference.text
    for text in (OUTPUT.replace("hi", "ho"), f"{OUTPUT}\n", OUTPUT.replace("0.0001", "0.1"), f"Wall {OUTPUT}"):
        assert not compare(tree_115(), changed(tree_115(), *WALL, to=text), [line]).identical


def test_a_number_rule_for_many_places_says_nothing_where_upstream_has_none() -> None:
    number = rule("number", "runs", "*", "stdout", "*", "$json", "usage", "input_tokens", lo=10, hi=30)
    none = changed(tree_115(), *USAGE, to=None)
    assert not compare(none, tree_115(), [number]).identical


def test_ids_in_an_excused_text_are_still_bound() -> None:
    actual = eval(repr(tree_115()).replace("<chunk:r2.1>", "<chunk:1>").replace("0.0001", "0.2000"))
    assert compare(tree_115(), actual, [WALL_RULE]).identical
    tree = changed(tree_115(), "files", "a.txt", to="<chunk:r2.1>")
    put(tree, "files", "b.txt", to="<chunk:r2.1>")
    other = deepcopy(tree)
    put(other, *WALL, to=OUTPUT.replace("0.0001", "0.2000").replace("<chunk:r2.1>", "<chunk:other>"))
    (difference,) = compare(tree, other, [WALL_RULE]).differences
    assert "another id" in difference.text


def test_one_of_admits_its_forms_and_no_other() -> None:
    forms = rule("one_of", "runs", 0, "stderr", 0, forms=["Reading prompt from stdin...", "warning: <uuid7:a>"])
    assert compare(tree_115(), changed(tree_115(), "runs", 0, "stderr", 0, to="warning: <uuid7:b>"), [forms]).identical
    (difference,) = compare(tree_115(), changed(tree_115(), "runs", 0, "stderr", 0, to="other"), [forms]).differences
    assert difference.text.endswith('got "other", outside the noise one of 2 forms')


def test_one_of_may_speak_of_a_whole_object() -> None:
    forms = rule("one_of", *METADATA, forms=[{"turn_id": "<uuid7:turn.1>", "workspaces": {}}])
    actual = changed(tree_115(), *METADATA, to={"turn_id": "<uuid7:turn.1>", "workspaces": {}})
    assert compare(tree_115(), actual, [forms]).identical
    put(actual, *METADATA, "workspaces", to={"a": 1})
    assert not compare(tree_115(), actual, [forms]).identical


def test_an_optional_key_may_be_absent_but_not_other() -> None:
    optional = rule("optional", *METADATA, "sandbox")
    assert compare(tree_115(), changed(tree_115(), *METADATA, to={"turn_id": "<uuid7:turn.1>"}), [optional]).identical
    assert not compare(tree_115(), changed(tree_115(), *METADATA, "sandbox", to="other"), [optional]).identical


def test_an_optional_element_may_be_absent() -> None:
    optional = rule("optional", "requests", 0, "head", 2)
    actual = tree_115()
    del actual["requests"][0]["head"][2]
    assert compare(tree_115(), actual, [optional]).identical
    del actual["requests"][0]["head"][2]
    assert len(compare(tree_115(), actual, [optional]).differences) == 1


@pytest.mark.parametrize(
    ("path", "place"), [((*METADATA, "workspaces"), METADATA), (("runs", 0, "stdout", "*"), ("runs", 0, "stdout"))]
)
def test_what_only_some_runs_have_is_admitted_in_its_forms(
    path: tuple[str | int, ...], place: tuple[str | int, ...]
) -> None:
    form = {"$json": {"type": "error", "message": "lagged"}}
    optional = rule("optional", *path, forms=[form])
    for value, same in ((form, True), ({"$json": {"type": "error", "message": "else"}}, False)):
        actual = tree_115()
        holder: Any = actual
        for key in place:
            holder = holder[key]
        if isinstance(holder, list):
            holder.insert(1, value)
        else:
            holder["workspaces"] = value
        assert compare(tree_115(), actual, [optional]).identical is same


def test_keys_in_any_order() -> None:
    path = ("requests", 0, "body", "client_metadata")
    keys = tree_169()["requests"][0]["body"]["client_metadata"]
    actual = changed(tree_169(), *path, to=dict(reversed(keys.items())))
    assert not compare(tree_169(), actual).identical
    unordered = rule("unordered", *path)
    assert compare(tree_169(), actual, [unordered]).used == (unordered,)
    del actual["requests"][0]["body"]["client_metadata"]["turn_id"]
    assert [d.kind for d in compare(tree_169(), actual, [unordered]).differences] == ["missing"]


def test_only_the_named_headers_may_change_places() -> None:
    unordered = rule("unordered", "requests", 0, "head", among=["session-id", "thread-id"])
    actual = tree_169()
    head = actual["requests"][0]["head"]
    head[2], head[3] = head[3], head[2]
    assert compare(tree_169(), actual, [unordered]).used == (unordered,)
    head[3], head[4] = head[4], head[3]
    assert [d.kind for d in compare(tree_169(), actual, [unordered]).differences] == ["moved"]


def test_list_elements_in_any_order() -> None:
    changes = [{"path": "a", "kind": "add"}, {"path": "b", "kind": "delete"}]
    tree = changed(tree_115(), "runs", 0, "stdout", 1, to={"$json": {"changes": changes}})
    path = ("runs", 0, "stdout", 1, "$json", "changes")
    actual = changed(tree, *path, to=changes[::-1])
    unordered = rule("unordered", *path)
    assert compare(tree, actual, [unordered]).used == (unordered,)
    put(actual, *path, 0, "kind", to="add")
    assert [d.kind for d in compare(tree, actual, [unordered]).differences] == ["changed"]
    assert compare(tree, deepcopy(tree), [unordered]).used == ()


def test_a_star_stands_for_any_index() -> None:
    number = rule("number", "runs", "*", "exit", lo=0, hi=9)
    assert compare(tree_115(), changed(tree_115(), "runs", 0, "exit", to=9), [number]).identical


def test_what_a_rule_allows_in_words() -> None:
    assert range_text(rule("number", lo=0, hi=0.5)) == "0..0.5"
    assert range_text(WALL_RULE) == "0..0.5 in its numbers"
    assert range_text(rule("one_of", forms=[1, 2])) == "one of 2 forms"
    assert range_text(rule("optional")) == "optional"


def test_no_rules_cost_no_look_up() -> None:
    rules = RuleTree()
    assert rules.root() == ()
    assert rules.below((), "requests") == ()
