from pathlib import Path

import pytest

from compare.versions import compare_versions, render_changes
from tests.compare.folders import commit
from tests.compare.samples import changed, tree_115


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    new = changed(tree_115(), "requests", 0, "body", "model", to="gpt-6")
    new["requests"][1]["body"]["model"] = "gpt-6"
    return commit(
        tmp_path / "upstream",
        {
            "1.0.0/direct/exec/hello": tree_115(),
            "1.0.0/direct/exec/resume": tree_115(),
            "1.0.0/direct/exec/old": tree_115(),
            "2.0.0/direct/exec/hello": new,
            "2.0.0/direct/exec/resume": changed(new, "runs", 0, "exit", to=1),
            "2.0.0/code_mode/exec/hello": new,
        },
    )


def test_changes_are_told_once_with_the_scenarios_that_show_them(upstream: Path) -> None:
    changes = compare_versions(upstream, "1.0.0", "2.0.0")
    model = 'request 1, model: upstream "gpt-5.4", got "gpt-6"'
    assert [(c.surface, c.text, c.forms, c.scenarios) for c in changes.changes] == [
        ("body", model, 1, ("direct/exec/hello", "direct/exec/resume")),
        ("exit", "run 1, exit: upstream 0, got 1", 1, ("direct/exec/resume",)),
    ]
    assert changes.only_before == ("direct/exec/old",)
    assert changes.only_after == ("code_mode/exec/hello",)


def test_the_list_as_text(upstream: Path) -> None:
    assert render_changes(compare_versions(upstream, "1.0.0", "2.0.0"), "1.0.0", "2.0.0").splitlines() == [
        "1.0.0 -> 2.0.0: 2 scenarios recorded with both",
        "only 1.0.0: direct/exec/old",
        "only 2.0.0: code_mode/exec/hello",
        "",
        "body (1)",
        '  request 1, model: upstream "gpt-5.4", got "gpt-6"  [all]',
        "",
        "exit (1)",
        "  run 1, exit: upstream 0, got 1  [direct/exec/resume]",
    ]


def test_a_version_without_recordings_is_an_error(upstream: Path) -> None:
    with pytest.raises(ValueError, match=r"no recordings of version 3\.0\.0 in .*; there are: 1\.0\.0, 2\.0\.0"):
        compare_versions(upstream, "1.0.0", "3.0.0")


def test_other_values_at_the_same_kind_of_place_are_counted(upstream: Path) -> None:
    output = ("requests", 1, "body", "input", 4, "output")
    one, two = changed(tree_115(), *output, to="one"), changed(tree_115(), *output, to="two")
    two["requests"][1]["body"]["input"].insert(3, {"type": "message", "role": "user", "content": []})
    commit(upstream, {"2.0.0/direct/exec/hello": one, "2.0.0/direct/exec/resume": two})
    changes = compare_versions(upstream, "1.0.0", "2.0.0")
    (change,) = (change for change in changes.changes if change.surface == "tool_output")
    assert (change.forms, len(change.scenarios)) == (2, 2)
    assert "(+ 1 other values)  [all]" in render_changes(changes, "1.0.0", "2.0.0")
