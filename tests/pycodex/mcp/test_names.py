"""What the model calls a server's tools."""

from pycodex.mcp.names import flat_names, spaced_names


def test_flat_names_have_no_odd_characters_and_the_first_of_a_name_counts() -> None:
    found = flat_names([("a-b", "x.y"), ("a-b", "x y"), ("a-b", "z")])
    assert found == {("a-b", "x.y"): (None, "mcp__a_b__x_y"), ("a-b", "z"): (None, "mcp__a_b__z")}


def test_a_long_flat_name_ends_in_the_hash_of_all_of_it() -> None:
    (space, name) = flat_names([("b", "n" * 60)])["b", "n" * 60]
    assert (space, len(name), name[:24]) == (None, 64, "mcp__b__" + "n" * 16)


def test_spaced_names_that_would_be_the_same_are_told_apart() -> None:
    # The hashes are those of mcp/names_new.
    found = spaced_names([("b", "a.b"), ("b", "a b"), ("b", "c")])
    assert [name for _, name in found.values()] == ["a_b_028f15378e82", "a_b_bfcbe4f0277b", "c"]
    spaces = spaced_names([("toy-two", "c"), ("toy_two", "c")])
    assert [space for space, _ in spaces.values()] == ["mcp__toy_two_185d3917cede", "mcp__toy_two_f609b0ed30c4"]


def test_a_long_spaced_name_leaves_room_for_its_namespace() -> None:
    names = [spaced_names([("b", "x" * count)])["b", "x" * count][1] for count in (120, 121)]
    assert names[0] == "x" * 120
    assert len(names[1]) == 120
    assert names[1][107] == "_"
