from typing import Any

import pytest

from captures.recording import Recording
from compare.drift.changes import compare_pair
from compare.drift.reshape import reshape
from compare.drift.subjects import Subject, generalized, tag_of
from compare.surfaces import Key
from tests.compare.samples import changed, put, tree_115


def subjects(after: dict[str, Any], before: dict[str, Any] | None = None) -> list[tuple[str, str, Subject]]:
    """(surface, kind, subject) of each difference between two recordings of 0.115.0."""
    ours, theirs = (
        reshape(Recording(lane="0.115.0/direct", scenario="exec/hello", tree=tree), "0.115.0")
        for tree in (before or tree_115(), after)
    )
    return [(difference.surface, difference.kind, subject) for difference, subject in compare_pair(ours, theirs)]


def only(after: dict[str, Any], before: dict[str, Any] | None = None) -> tuple[str, str, Subject]:
    (found,) = subjects(after, before)
    return found


BODY: tuple[Key, ...] = ("requests", 0, "body")


def test_a_header_is_named_wherever_it_stands() -> None:
    tree = tree_115()
    tree["requests"][0]["head"].insert(1, ["thread-id", "x"])
    assert only(tree) == ("head", "added", Subject(thing="header `thread-id`"))
    del tree["requests"][0]["head"][2]
    assert [subject.thing for _, kind, subject in subjects(tree) if kind == "missing"] == ["header `session_id`"]


def test_what_stands_in_the_json_of_a_header_is_a_part_of_it() -> None:
    tree = changed(tree_115(), "requests", 0, "head", 0, 1, "$json", "sandbox", to="seccomp")
    assert only(tree)[2] == Subject(thing="header `x-codex-turn-metadata`", field="sandbox")


def test_an_order_is_told_once() -> None:
    tree = tree_115()
    tree["requests"][0]["head"].reverse()
    assert only(tree)[2].thing == "order of the headers"
    tree = tree_115()
    tree["requests"][0]["body"]["tools"] = tree["requests"][0]["body"]["tools"][::-1]
    assert only(tree)[2].thing == "order of the tools"


def test_keys_of_the_body() -> None:
    tree = changed(tree_115(), *BODY, "reasoning", to={"effort": "low"})
    assert only(tree)[2] == Subject(thing="body key `reasoning`")
    other = changed(tree_115(), *BODY, "reasoning", to={"effort": "high"})
    assert only(tree, other)[2] == Subject(thing="body key `reasoning`", field="effort")


def test_items_are_named_by_type_role_and_tag() -> None:
    tree = changed(tree_115(), *BODY, "input", 1, "content", 0, "text", to="<environment_context>\nother")
    assert only(tree)[2] == Subject(thing="user message, part `<environment_context>`")
    tree = changed(tree_115(), *BODY, "input", 1, "id", to="msg_1")
    assert only(tree)[2] == Subject(thing="user message", field="id")
    tree = tree_115()
    tree["requests"][0]["body"]["input"].append({"type": "compaction_trigger"})
    assert only(tree) == ("input", "added", Subject(thing="item `compaction_trigger`"))


def test_tools_by_name_parameter_and_what_of_it() -> None:
    def with_schema(schema: Any) -> dict[str, Any]:
        tree = tree_115()
        tool = {**tree["requests"][0]["body"]["tools"][0], "parameters": schema}
        put(tree, *BODY, "tools", to=[tool, *tree["requests"][0]["body"]["tools"][1:]])
        return tree

    plain = {"properties": {"plan": {"items": {"properties": {"step": {"type": "string"}}}}}}
    enum = {"properties": {"plan": {"items": {"properties": {"step": {"type": "string", "enum": ["a"]}}}}}}
    told = {"properties": {"plan": {"items": {"properties": {"step": {"type": "string", "description": "a"}}}}}}
    subject = only(with_schema(enum), with_schema(plain))[2]
    assert subject == Subject(thing="tool `exec_command`", field="parameter plan[].step: enum")
    assert only(with_schema(told), with_schema(plain))[2] == Subject(
        thing="descriptions of tool `exec_command`", field="parameter plan[].step", merged=True
    )


def test_an_output_has_the_name_of_its_tool_and_what_is_otherwise() -> None:
    tree = tree_115()
    output = tree["requests"][1]["body"]["input"][4]["output"]
    put(tree, "requests", 1, "body", "input", 4, "output", to=output.partition("\n")[2])
    surface, _, subject = only(tree)
    assert (surface, subject.thing, subject.field) == ("tool_output", "output of `exec_command`", "output")
    assert subject.values == ("Command: ", "(order)")


def test_a_key_that_every_output_has_is_one_of_the_item() -> None:
    tree = changed(tree_115(), "requests", 1, "body", "input", 4, "id", to="fco_1")
    assert only(tree)[2] == Subject(thing="item `function_call_output`", field="id")


def test_requests_that_come_and_go() -> None:
    tree = tree_115()
    tree["requests"].append({**tree["requests"][1], "method": "GET", "target": "/v1/models?a=b", "body": None})
    tree["responses"].append(tree["responses"][1])
    assert only(tree) == ("traffic", "added", Subject(thing="request GET `/v1/models`"))


@pytest.mark.parametrize(
    ("place", "value", "thing"),
    [
        (("runs", 0, "exit"), 1, "exit code"),
        (("runs", 0, "stderr", 0), "other", "line of standard error"),
        (("files", "new.txt"), "x", "file `new.txt` of the workspace"),
        (("home", "state.json"), "x", "file `state.json` of CODEX_HOME"),
    ],
)
def test_what_only_an_agent_has(place: tuple[Key, ...], value: Any, thing: str) -> None:
    assert only(changed(tree_115(), *place, to=value))[2].thing == thing


def test_tags_and_headings() -> None:
    assert tag_of("<permissions instructions>\nx") == " `<permissions instructions>`"
    assert tag_of("# AGENTS.md instructions for <root>\n") == " `# AGENTS.md instructions`"
    assert tag_of("say hi") == tag_of(None) == ""


def test_a_value_without_what_differs_from_run_to_run() -> None:
    assert generalized("<chunk:r2.1> took 0.5 s") == generalized("<chunk:r9.1> took 12 s")
    assert generalized(None) == ""
