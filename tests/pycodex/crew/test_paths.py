"""Names and paths of agents in a team."""

from __future__ import annotations

import pytest

from pycodex.crew.paths import child_path, is_below, parent_path, resolved


def test_a_child_stands_below_its_parent() -> None:
    assert child_path("/root/one", "two_2") == "/root/one/two_2"
    assert parent_path("/root/one/two_2") == "/root/one"


@pytest.mark.parametrize("name", ["", "root", ".", "..", "a/b", "A", "a b", "é", "a-b"])
def test_names_that_no_agent_can_have(name: str) -> None:
    with pytest.raises(ValueError, match="agent_name"):
        child_path("/root", name)


@pytest.mark.parametrize(
    ("reference", "path"),
    [("two", "/root/one/two"), ("two/three", "/root/one/two/three"), ("/root", "/root"), ("/root/x", "/root/x")],
)
def test_a_path_is_read_from_where_the_agent_is(reference: str, path: str) -> None:
    assert resolved(reference, "/root/one") == path


@pytest.mark.parametrize("reference", ["", "/", "/other", "/root/", "/root//a", "a//b", "B"])
def test_paths_that_mean_nobody(reference: str) -> None:
    with pytest.raises(ValueError, match="agent"):
        resolved(reference, "/root")


def test_who_comes_of_whom() -> None:
    assert is_below("/root/one", "/root/one")
    assert is_below("/root/one/two", "/root/one")
    assert not is_below("/root/one_two", "/root/one")
