from typing import Any

import pytest

from compare.surfaces import SURFACES, Path, is_structural, look_up, surface_of
from tests.compare.samples import tree_115, tree_169

# One row per row of the table of the design; (tree, path, surface).
ROWS: list[tuple[dict[str, Any], Path, str]] = [
    (tree_115(), ("requests", 0), "traffic"),
    (tree_115(), ("requests", 0, "run"), "traffic"),
    (tree_115(), ("requests", 0, "target"), "traffic"),
    (tree_115(), ("requests", 0, "connection"), "traffic"),
    (tree_115(), ("responses", 1, "status"), "traffic"),
    (tree_115(), ("requests", 0, "head"), "head"),
    (tree_115(), ("requests", 0, "head", 1, 0), "head"),
    (tree_115(), ("requests", 0, "head", 0, 1, "$json", "sandbox"), "head"),
    (tree_115(), ("requests", 0, "body"), "body"),
    (tree_115(), ("requests", 0, "body", "model"), "body"),
    (tree_115(), ("requests", 0, "body", "instructions"), "instructions"),
    (tree_115(), ("requests", 0, "body", "tools", 0, "parameters", "type"), "tools"),
    (tree_115(), ("requests", 0, "body", "input"), "input"),
    (tree_115(), ("requests", 0, "body", "input", 0, "content", 0, "text"), "input"),
    (tree_115(), ("requests", 1, "body", "input", 3, "arguments", "$json", "cmd"), "input"),
    (tree_115(), ("requests", 1, "body", "input", 4, "output"), "tool_output"),
    (tree_169(), ("requests", 0, "body", "input", 0, "tools", 0, "name"), "tools"),
    (tree_169(), ("requests", 0, "body", "input", 1, "content", 0, "text"), "instructions"),
    (tree_169(), ("requests", 0, "body", "input", 2, "content", 0, "text"), "input"),
    (tree_169(), ("requests", 0, "body", "client_metadata", "turn_id"), "body"),
    (tree_115(), ("runs", 0), "exit"),
    (tree_115(), ("runs", 0, "exit"), "exit"),
    (tree_115(), ("runs", 0, "stdout", 0, "$json", "type"), "stdout"),
    (tree_115(), ("runs", 0, "stderr", 0), "stderr"),
    (tree_115(), ("files", "a.txt"), "files"),
    (tree_115(), ("home", "config.toml"), "files"),
    (tree_115(), ("rollouts", 0, "lines", 1, "$json", "payload"), "rollout"),
    (tree_115(), ("anything", "else"), "traffic"),
    (tree_115(), (), "traffic"),
]


@pytest.mark.parametrize(("tree", "path", "surface"), ROWS, ids=lambda value: "/".join(map(str, value)) or "top")
def test_each_place_has_its_surface(tree: dict[str, Any], path: Path, surface: str) -> None:
    assert surface_of(path, tree) == surface


def test_every_surface_has_a_row() -> None:
    assert {surface for _, _, surface in ROWS} == set(SURFACES)


@pytest.mark.parametrize("body", ["text", None, {"input": "text"}, {"input": [1, "x", None]}])
def test_a_body_of_another_shape_is_no_error(body: Any) -> None:
    tree = {"requests": [{"body": body}]}
    assert surface_of(("requests", 0, "body", "input", 0), tree) in ("body", "input")


def test_key_order_counts_in_what_the_agent_wrote_only() -> None:
    assert is_structural(("requests", 0))
    assert is_structural(("files",))
    assert not is_structural(("requests", 0, "body"))
    assert not is_structural(("runs", 0, "stdout", 0, "$json"))


def test_look_up_gives_the_default_where_there_is_nothing() -> None:
    tree = tree_115()
    assert look_up(tree, ("runs", 0, "exit")) == 0
    assert look_up(tree, ("runs", 7, "exit"), "none") == "none"
    assert look_up(tree, ("runs", 0, "exit", "deeper")) is None
