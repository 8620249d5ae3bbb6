"""Random trees: what is equal is identical, each mutation is found, and so is all that deepdiff sees."""

from copy import deepcopy
from typing import Any

from deepdiff import DeepDiff
from hypothesis import given, settings
from hypothesis import strategies as st

from compare.surfaces import SURFACES, surface_of
from tests.compare.samples import changed, compare, tree_115
from tests.mutation.mutations import mutations

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["", "a", "b c", "line\nline", "<root>", "<uuid7:x>"])
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcdefg"), inner, max_size=4),
    max_leaves=12,
)
ITEMS = st.lists(st.dictionaries(st.sampled_from(["type", "role", "text", "name"]), JSON, max_size=4), max_size=4)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Any]:
    """A sample recording with random parts wherever an agent's own data stands."""
    tree = tree_115()
    tree["requests"][0]["body"] = draw(JSON)
    tree["requests"][1]["body"]["input"] = draw(ITEMS)
    tree["requests"][0]["head"] = draw(
        st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), JSON).map(list), max_size=4)
    )
    tree["runs"][0]["stdout"] = draw(st.lists(JSON, max_size=5))
    tree["rollouts"][0]["lines"] = draw(st.lists(JSON, max_size=4))
    return tree


@given(trees())
def test_a_tree_is_identical_to_its_copy(tree: dict[str, Any]) -> None:
    assert compare(tree, deepcopy(tree)).identical


@settings(max_examples=60)
@given(trees(), st.data())
def test_a_random_mutation_is_always_found(tree: dict[str, Any], data: st.DataObject) -> None:
    mutation = data.draw(st.sampled_from(list(mutations(tree))))
    differences = compare(tree, mutation.tree).differences
    assert differences
    assert {difference.surface for difference in differences} <= set(SURFACES)


@settings(max_examples=60)
@given(trees(), st.sampled_from([("runs", 0, "stdout"), ("requests", 0, "body")]), JSON)
def test_deepdiff_is_the_witness(tree: dict[str, Any], path: tuple[str | int, ...], value: Any) -> None:
    other = changed(tree, *path, to=value)
    differences = compare(tree, other).differences
    if DeepDiff(tree, other):
        assert differences
    else:  # it does not look at key order, which is part of what an agent says
        assert {difference.kind for difference in differences} <= {"order"}


@settings(max_examples=40)
@given(trees(), st.data())
def test_every_place_has_a_surface(tree: dict[str, Any], data: st.DataObject) -> None:
    mutation = data.draw(st.sampled_from(list(mutations(tree))))
    assert surface_of(mutation.path, tree) in SURFACES
