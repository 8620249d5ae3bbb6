from typing import Any

import pytest

from compare.align import Pair, align, fingerprint, marks_of, match_unordered, profile, same, similarity


def shape(pairs: list[Pair]) -> list[tuple[int | None, int | None] | tuple[int | None, int | None, str]]:
    return [(p.expected, p.actual, "moved") if p.moved else (p.expected, p.actual) for p in pairs]


def item(name: str, text: str) -> dict[str, Any]:
    return {"type": "function", "name": name, "text": text, "strict": False}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        (0, False),
        (None, 0),
        ("1", 1),
        ([1], [1, 2]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1}, {"a": True}),
    ],
)
def test_same_is_strict(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert same(one, one)


def test_same_needs_no_same_object() -> None:
    assert same({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]})


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("abc", "abc", [(0, 0), (1, 1), (2, 2)]),
        ("abc", "axbc", [(0, 0), (None, 1), (1, 2), (2, 3)]),
        ("abc", "ac", [(0, 0), (1, None), (2, 1)]),
        ("abc", "axc", [(0, 0), (1, 1), (2, 2)]),
        ("abc", "xyz", [(0, 0), (1, 1), (2, 2)]),
        ("ab", "ba", [(0, 1), (1, 0, "moved")]),
        ("abcd", "bcda", [(0, 3, "moved"), (1, 0), (2, 1), (3, 2)]),
        ("aab", "ab", [(0, 0), (1, None), (2, 1)]),
        ("", "a", [(None, 0)]),
        ("a", "", [(0, None)]),
        ("", "", []),
    ],
)
def test_alignment_of_plain_elements(ours: str, theirs: str, expected: list[Any]) -> None:
    assert sorted(shape(align(list(ours), list(theirs))), key=str) == sorted(expected, key=str)


def test_similar_elements_are_paired_across_an_insertion() -> None:
    ours = [item("a", "first"), item("b", "second")]
    theirs = [item("x", "other"), item("a", "first, changed"), item("b", "second, changed")]
    assert shape(align(ours, theirs)) == [(None, 0), (0, 1), (1, 2)]


def test_elements_of_another_name_are_not_the_same_thing() -> None:
    ours, theirs = [item("a", "t"), item("b", "t"), item("c", "t")], [item("a", "t"), item("c", "t2")]
    assert shape(align(ours, theirs)) == [(0, 0), (1, None), (2, 1)]


def test_names_of_ids_do_not_count() -> None:
    assert shape(align(["<uuid7:a>", "b"], ["x", "<uuid7:q>", "b"])) == [(None, 0), (0, 1), (1, 2)]


def test_a_gap_too_large_to_weigh_is_paired_by_position() -> None:
    ours, theirs = [f"a{n}" for n in range(60)], [f"b{n}" for n in range(60)]
    assert shape(align(ours, theirs)) == [(n, n) for n in range(60)]


def test_unordered_elements_find_their_partner() -> None:
    ours = [{"path": "a", "kind": "add"}, {"path": "b", "kind": "update"}, {"path": "c", "kind": "delete"}]
    theirs = [{"path": "c", "kind": "delete"}, {"path": "a", "kind": "update"}, {"path": "b", "kind": "update"}]
    assert shape(match_unordered(ours, theirs)) == [(0, 1), (1, 2), (2, 0)]


def test_unordered_elements_without_partner_are_missing_or_added() -> None:
    assert shape(match_unordered(["a", "b"], ["b"])) == [(0, None), (1, 0)]
    assert shape(match_unordered(["a"], ["b", "a"])) == [(0, 1), (None, 0)]


def test_marks_reach_through_wrappers() -> None:
    line = {"$json": {"type": "item.completed", "item": {"type": "agent_message", "text": "hi"}}}
    assert marks_of(line) == {"$json.type": "item.completed", "$json.item.type": "agent_message"}
    assert marks_of("text") == {}


def test_similarity_falls_with_each_other_name() -> None:
    alike = similarity(profile(item("a", "t")), profile(item("a", "t")))
    renamed = similarity(profile(item("a", "t")), profile(item("b", "t")))
    assert alike == 1.0
    assert 0 < renamed < 0.5
    assert similarity(profile({}), profile({})) == 1.0


def test_fingerprints_differ_by_key_order() -> None:
    assert fingerprint({"a": 1, "b": 2}) != fingerprint({"b": 2, "a": 1})
