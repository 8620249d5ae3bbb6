import json
from typing import Any

import pytest

from compare.drift.facts import facts_of, numbers_of, parameters_of, ranges, shown_value
from tests.compare.samples import changed, tree_115, tree_169


def facts(*trees: dict[str, Any]) -> Any:
    """The facts of a lane with these recordings, named `a`, `b` ...; a text is its own name."""
    return facts_of({chr(ord("a") + number): tree for number, tree in enumerate(trees)}, lambda name, text: text)


def test_a_thing_is_what_it_is_in_each_scenario() -> None:
    found = facts(tree_115(), tree_169(), tree_115())
    assert found["header"]["session_id"] == [["<uuid7>", "0,2"]]
    assert found["header"]["session-id"] == [["<uuid7>", "1"]]
    assert found["body"]["stream"] == [["true", "0-2"]]
    assert found["body"]["model"] == [["gpt-5.4", "0,2"], ["gpt-5.5", "1"]]


def test_the_plainest_scenario_says_in_which_order_things_stand() -> None:
    early = tree_115()
    early["requests"][0]["head"].insert(0, ["x-odd", "1"])
    plain = facts_of({"aa": early, "exec/hello": tree_115()}, lambda name, text: name)
    assert list(plain["header"])[-1] == "x-odd"
    assert plain["header"]["x-odd"] == [["1", "0"]]


def test_metadata_items_events_and_records_by_their_keys() -> None:
    found = facts(tree_169())
    assert set(found["metadata"]) == {"installation_id", "turn_id"}
    assert found["client_metadata"]["x-codex-window-id"] == [["<uuid7>:0", "0"]]
    assert found["item"]["function_call"] == [["arguments, call_id, id, name, type", "0"]]
    assert found["item"]["message (developer)"] == [["content, id, role, type", "0"]]


def test_tools_wherever_they_are_declared() -> None:
    (value,) = facts(tree_169())["tool"]["exec_command"]
    assert json.loads(value[0])["type"] == "function"
    assert json.loads(value[0])["words"] == ": Runs a command."
    assert "web_search" in facts(tree_115())["tool"]


def test_the_words_of_a_tool_are_no_part_of_its_schema() -> None:
    def declared(*parameters: dict[str, Any]) -> list[Any]:
        schema = {"type": "object", "properties": dict(zip("ab", parameters, strict=False)), "required": ["a"]}
        tool = {"type": "function", "name": "t", "description": "T.", "parameters": schema}
        return [json.loads(facts(changed(tree_115(), "requests", 0, "body", "tools", to=[tool]))["tool"]["t"][0][0])]

    plain, told, typed = ({"type": "string"}, {"type": "string", "description": "A."}, {"type": "number"})
    assert declared(plain)[0] | {"words": ""} == declared(told)[0] | {"words": ""}
    assert declared(plain)[0]["parameters"] != declared(typed)[0]["parameters"]
    assert list(declared(plain, plain)[0]["parameters"]) == ["a", "b"]


def test_the_base_instructions_wherever_they_stand() -> None:
    old, new = (facts(tree)["text"]["base instructions"] for tree in (tree_115(), tree_169()))
    assert old == new == [["You are Codex.", "0"]]


def test_texts_of_the_context_by_their_tag() -> None:
    assert {name for name in facts(tree_115())["text"]} == {
        "base instructions",
        "developer message `<permissions instructions>`",
        "user message `<environment_context>`",
    }


def test_what_was_asked_run_by_run() -> None:
    tree = tree_115()
    assert facts(tree)["traffic"]["a"] == [["200×2", "0"]]
    tree["responses"][0] |= {"status": 500}
    tree["responses"][1] |= {"end": "reset"}
    tree["requests"][1]["run"] = 2
    assert facts(tree)["traffic"]["a"] == [["500 / 200!", "0"]]


def test_options_of_help_texts() -> None:
    lines = [
        "Run it.",
        "",
        "Usage: codex exec resume [OPTIONS]",
        "",
        "Options:",
        "  -m, --model <MODEL>",
        "      --all",
    ]
    found = facts(changed(tree_115(), "runs", 0, "stdout", to=lines))["option"]
    assert list(found) == ["codex exec resume --model", "codex exec resume --all"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"$json": {"a": 1}}, "JSON"),
        ({"a": "x" * 90}, "object"),
        (["x" * 90], "list"),
        ("<uuid7:turn.1>", "<uuid7>"),
        ("x" * 200, "text"),
        (None, "null"),
        ({"effort": "low"}, '{"effort": "low"}'),
    ],
)
def test_values_for_reading(value: Any, shown: str) -> None:
    assert shown_value(value) == shown


def test_numbers_as_ranges() -> None:
    assert ranges([7, 0, 1, 2, 4]) == "0-2,4,7"
    assert numbers_of("0-2,4,7") == [0, 1, 2, 4, 7]
    assert numbers_of(ranges([])) == []


def test_a_tool_without_an_object_has_no_parameters() -> None:
    assert parameters_of({"type": "custom"}) == parameters_of({"parameters": {}}) == {}
