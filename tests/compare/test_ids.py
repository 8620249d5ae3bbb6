from compare.ids import Places, Sightings, bind, fits, identities, pair_identities, rename, skeleton


def test_skeleton_keeps_the_kind_and_drops_the_name() -> None:
    assert skeleton("msg_<uuid7:r2.1> at <root>") == "msg_<uuid7> at <root>"


def test_identities_in_order_and_as_often_as_they_stand() -> None:
    assert identities("<chunk:1> <port> <uuid4:a> <chunk:1>") == ["<chunk:1>", "<uuid4:a>", "<chunk:1>"]


def test_texts_that_differ_in_names_only_give_pairs() -> None:
    assert pair_identities("a <uuid7:x> b <chunk:1>", "a <uuid7:y> b <chunk:2>") == [
        ("<uuid7:x>", "<uuid7:y>"),
        ("<chunk:1>", "<chunk:2>"),
    ]


def test_another_kind_or_another_text_gives_none() -> None:
    assert pair_identities("<uuid7:x>", "<uuid4:x>") is None
    assert pair_identities("a <uuid7:x>", "b <uuid7:x>") is None


def test_rename_takes_upstreams_names_by_position() -> None:
    assert rename("<chunk:1> 0.1", "<chunk:9> 0.2") == ("<chunk:1> 0.2", [("<chunk:1>", "<chunk:9>")])
    assert rename("<chunk:1>", "<session:9>") == ("<session:9>", [])
    assert rename("<chunk:1>", "none") == ("none", [])


def test_the_most_frequent_pairing_is_the_meant_one() -> None:
    binding = bind([("a", "wrong"), ("a", "b"), ("a", "b"), ("c", "d")])
    assert binding == {"a": "b", "c": "d"}
    assert fits(binding, "a", "b")
    assert not fits(binding, "a", "wrong")


def test_ties_go_to_the_first_and_a_binding_is_one_to_one() -> None:
    assert bind([("a", "x"), ("a", "y")]) == {"a": "x"}
    assert bind([("a", "x"), ("b", "x")]) == {"a": "x"}


def test_sightings_ask_nothing_while_names_agree() -> None:
    ids = Sightings()
    ids.see_equal(1, ("a",))
    ids.see_renamed(2, ("b",), "<uuid7:x>", "<uuid7:x>", [("<uuid7:x>", "<uuid7:x>")])
    assert list(ids.wrong(Places({"a": {"<uuid7:x>": ["<uuid7:y>"]}, "b": "<uuid7:x>"}))) == []


def test_sightings_find_the_wrong_one_in_values_and_keys_of_equal_parts() -> None:
    places = Places({"home": {"a/<uuid7:x>.sh": ["<root>", "is <uuid7:x>", 1]}, "files": ["<uuid7:x>"]})
    ids = Sightings()
    for step in (1, 2, 3):
        ids.see_renamed(step, (step,), "<uuid7:x>", "<uuid7:y>", [("<uuid7:x>", "<uuid7:y>")])
    ids.see_equal(4, ("home",))
    assert [(wrong.step, wrong.path) for wrong in ids.wrong(places)] == [
        (4, ("home", "a/<uuid7:x>.sh")),
        (4, ("home", "a/<uuid7:x>.sh", 1)),
    ]
    assert next(ids.wrong(places)).text == "another id: upstream <uuid7:x>, got <uuid7:x>"


def test_sightings_of_another_walk_come_after_those_met_before() -> None:
    first, second = Sightings(), Sightings()
    first.see_renamed(3, ("a",), "<uuid7:x>", "<uuid7:y>", [("<uuid7:x>", "<uuid7:y>")])
    second.see_equal(1, ("b",))
    first.add(second, after=3)
    assert [(wrong.step, wrong.path) for wrong in first.wrong(Places({"b": "<uuid7:x>"}))] == [(4, ("b",))]
