from typing import Any

import pytest

from compare.align import same
from compare.surfaces import Path, look_up
from tests.compare.samples import tree_115, tree_169
from tests.mutation.mutations import mutations, renamed_ids


def leaves(value: Any, path: Path = ()) -> list[Path]:
    if not isinstance(value, dict | list):
        return [path]
    children = value.items() if isinstance(value, dict) else enumerate(value)
    return [leaf for key, child in children for leaf in leaves(child, (*path, key))]


def kind_of(tree: Any, path: Path) -> tuple[Path, str]:
    """The place, indexes left open, and what stands there."""
    return tuple("*" if isinstance(key, int) else key for key in path), repr(look_up(tree, path))


@pytest.mark.parametrize("tree", [tree_115(), tree_169()], ids=["0.115.0", "0.169.0"])
def test_every_leaf_is_flipped_and_every_mutation_changes_the_tree(
    tree: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.mutation.mutations.EVERY_LEAF", True)
    made = list(mutations(tree))
    flipped = {m.path for m in made if m.name == "flipped"}
    assert {kind_of(tree, path) for path in flipped} == {kind_of(tree, path) for path in leaves(tree)}
    assert [m.path for m in made if same(tree, m.tree)] == []
    assert {name.split(" ")[0] for name in (m.name for m in made)} == {
        "flipped",
        "element",
        "elements",
        "key",
        "keys",
        "header",
    }


def test_an_id_is_replaced_wherever_others_say_what_it_was() -> None:
    made = [m for m in renamed_ids(tree_169()) if m.name.startswith("<uuid7:turn.1>")]
    assert len(made) == repr(tree_169()).count("<uuid7:turn.1>")
    assert all("<uuid7:invented>" in repr(m.tree) for m in made)
    assert not any("<chunk" in m.name for m in renamed_ids(tree_169())), "it stands once: nothing says its name"
