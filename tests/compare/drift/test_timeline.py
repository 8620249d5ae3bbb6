from typing import Any

from compare.drift.steps import common_lane, compare_lanes, lanes_of
from compare.drift.timeline import render_timeline, version_of_facts

Things = dict[str, dict[str, list[list[str]]]]
TOOL = '{"type": "function", "parameters": {%s}, "required": [], "rest": "1", "words": "%s"}'


def lane(facts: Things, role: str = "direct", model: str = "m", scenarios: str = "a b", **more: Any) -> dict[str, Any]:
    return {"role": role, "model": model, "scenarios": scenarios.split(), "not_run": {}, "facts": facts, **more}


def version(name: str, *lanes: dict[str, Any]) -> dict[str, Any]:
    return {"version": name, "lanes": list(lanes)}


def moves(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    (one,), (two,) = lanes_of(version("1", before)), lanes_of(version("2", after))
    return [(move.how, move.thing, move.what) for move in compare_lanes(one, two).moves]


def test_what_came_went_and_changed() -> None:
    before = lane({"header": {"old": [["1", "0-1"]], "kept": [["1", "0"]], "other": [["1", "0-1"]]}})
    after = lane({"header": {"new": [["2", "1"]], "kept": [["1", "0"]], "other": [["1", "0"], ["2", "1"]]}})
    assert moves(before, after) == [("new", "new", "`2`"), ("gone", "old", ""), ("changed", "other", "`1` -> `2`")]


def test_only_scenarios_that_both_were_run_in_count() -> None:
    before = lane({"header": {"x": [["1", "0"]]}}, scenarios="a")
    after = lane({"header": {"x": [["1", "0"], ["2", "1"]], "y": [["1", "1"]]}}, scenarios="a b")
    assert moves(before, after) == []


def test_keys_of_items_are_told_by_name() -> None:
    before, after = lane({"item": {"m": [["a, b", "0-1"]]}}), lane({"item": {"m": [["a, b", "0"], ["b, c", "1"]]}})
    assert moves(before, after) == [("changed", "m", "+ `c`; - `a`")]


def test_tools_are_told_by_parameter_and_words() -> None:
    before = lane({"tool": {"t": [[TOOL % ('"a": "1", "b": "1"', "w1"), "0"]]}})
    after = lane({"tool": {"t": [[TOOL % ('"a": "2", "c": "1"', "w2"), "0"]]}})
    what = "new parameter `c`; parameter gone `b`; other schema of `a`; other words"
    assert moves(before, after) == [("changed", "t", what)]


def test_lanes_of_one_model_are_compared_where_there_are_any() -> None:
    before = lanes_of(version("1", lane({}, model="old"), lane({}, model="both")))
    after = lanes_of(version("2", lane({}, model="both"), lane({}, model="new")))
    pair = common_lane(before, after, "direct")
    assert pair is not None and (pair[0].model, pair[1].model) == ("both", "both")
    other = common_lane(before[:1], after[1:], "direct")
    assert other is not None and (other[0].model, other[1].model) == ("old", "new")
    assert common_lane(before, after, "code_mode") is None


ONE = version(
    "1.0.0", lane({"header": {"host": [["h", "0-1"]], "old": [["1", "0"]]}, "traffic": {"a": [["200", "0"]]}})
)
TWO = version(
    "2.0.0",
    lane(
        {
            "header": {"host": [["h", "0-1"]], "new": [["1", "0"]]},
            "traffic": {"a": [["429×2 / 200 / 200", "0"]]},
            "text": {"base instructions": [["t1", "0"]]},
        },
        not_run={"c": "error: --c"},
    ),
    lane({"header": {"lite": [["1", "0"]]}}, role="code_mode", model="sol"),
)
THREE = version(
    "3.0.0",
    lane({"header": {"host": [["g", "0-1"]], "new": [["1", "0"]]}, "text": {"base instructions": [["t2", "0"]]}}),
    lane({"header": {"host": [["g", "0"]], "lite": [["2", "0"]]}}, role="code_mode", model="sol"),
)
TEXTS = {"t1": "You are a tool.", "t2": "You are a helpful tool."}


def page(*versions: dict[str, Any]) -> str:
    return render_timeline([version_of_facts(data) for data in versions], TEXTS.__getitem__, {"a": "The rule."})


def test_a_table_says_when_each_thing_was_there() -> None:
    told = page(ONE, TWO, THREE).splitlines()
    assert "| `old` | ● |  |  |" in told
    assert "| `new` |  | ● | ● |" in told
    assert "| `host` | ● | ● | ◐ |" in told


def test_what_could_not_be_seen_is_no_absence() -> None:
    unseen = version("2.0.0", lane({"header": {"host": [["h", "0"]]}}, scenarios="b"))
    assert "| `old` | ● | ? |" in page(ONE, unseen).splitlines()


def test_what_is_in_all_versions_alike_is_a_sentence() -> None:
    assert "In all, unchanged: `host`." in page(ONE, TWO)


def test_retries_are_told_with_their_rule() -> None:
    assert "| [a](../captures/scenarios/a.yaml): The rule. | `200` | `429×2 / (200)×2` |" in page(ONE, TWO).splitlines()


def test_version_by_version() -> None:
    told = page(ONE, TWO, THREE)
    assert "Against 1.0.0, direct (`m` in both), 2 scenarios:\n\n**Requests and retries**" in told
    assert "- + `new`: `1` (in a)\n- − `old`\n" in told
    assert "Not run:\n\n- c: `error: --c`" in told
    assert "New: a code_mode model (`sol`). What it has that a direct one has not:\n\n- headers: `lite`" in told
    besides = "**Headers**\n\n- + `host`: `g` (in a)\n- ~ `lite`: `1` -> `2` (in a)\n"
    assert f"Against 2.0.0, code_mode (`sol` in both), 2 scenarios:\n\n{besides}" in told


def test_texts_are_shown_word_by_word() -> None:
    told = page(TWO, THREE)
    assert "base instructions: 15 -&gt; 23 characters, 0 words out, 1 words in" in told
    assert "! You are a {+helpful +}tool." in told
