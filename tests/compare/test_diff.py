from copy import deepcopy
from typing import Any

import pytest

from captures.recording import Recording
from compare import compare_recordings
from compare.surfaces import Key
from tests.compare.samples import changed, compare, put, tree_115, tree_169


def texts(expected: Any, actual: Any) -> list[str]:
    return [difference.text for difference in compare(expected, actual).differences]


@pytest.mark.parametrize("tree", [tree_115(), tree_169()], ids=["0.115.0", "0.169.0"])
def test_a_recording_is_identical_to_itself(tree: dict[str, Any]) -> None:
    comparison = compare(tree, deepcopy(tree))
    assert comparison.identical
    assert comparison.differences == ()


# path of the change, new value, (surface, kind, the line a person reads)
CHANGES: list[tuple[tuple[Key, ...], Any, tuple[str, str, str]]] = [
    (
        ("requests", 0, "head", 2, 0),
        "session_id",
        ("head", "changed", "request 1, header 3: upstream session-id, got session_id"),
    ),
    (
        ("requests", 0, "head", 4, 1),
        "Bearer sk-y",
        ("head", "changed", 'request 1, header 5 (authorization): upstream "Bearer sk-x", got "Bearer sk-y"'),
    ),
    (
        ("requests", 1, "body", "input", 5, "output"),
        "Chunk ID: <chunk:r2.1>\nWall time: 0.0000 seconds\nOutput:\nho\n",
        (
            "tool_output",
            "changed",
            'request 2, input 6 (function_call_output call_1), output, line 4: upstream "hi", got "ho"',
        ),
    ),
    (
        ("runs", 0, "stdout", 2, "$json", "item", "text"),
        "ho",
        ("stdout", "changed", 'run 1, stdout line 3 (item.completed), item.text: upstream "hi", got "ho"'),
    ),
    (
        ("rollouts", 0, "lines", 1, "$json", "payload", "info"),
        {"a": 1},
        ("rollout", "changed", 'rollout 1, line 2 (event_msg token_count), payload.info: upstream null, got {"a": 1}'),
    ),
    (("runs", 0, "exit"), 1, ("exit", "changed", "run 1, exit: upstream 0, got 1")),
    (
        ("responses", 0, "end"),
        "client_closed",
        ("traffic", "changed", 'response 1, end: upstream "complete", got "client_closed"'),
    ),
    (("files", "a.txt"), "one\n2\n", ("files", "changed", 'file a.txt, line 2: upstream "two", got "2"')),
    (("requests", 0, "body", "stream"), 1, ("body", "changed", "request 1, stream: upstream true, got 1")),
]


@pytest.mark.parametrize(
    ("path", "new", "expected"), CHANGES, ids=lambda v: "/".join(map(str, v)) if isinstance(v, tuple) else ""
)
def test_one_change_is_one_difference_where_it_is(
    path: tuple[Key, ...], new: Any, expected: tuple[str, str, str]
) -> None:
    (difference,) = compare(tree_169(), changed(tree_169(), *path, to=new)).differences
    assert (difference.surface, difference.kind, difference.text) == expected


def test_a_missing_request_is_one_difference_and_takes_its_response_along() -> None:
    actual = tree_115()
    del actual["requests"][0], actual["responses"][0]
    (difference,) = compare(tree_115(), actual).differences
    assert (difference.surface, difference.kind) == ("traffic", "missing")
    assert difference.text.startswith("request 1: missing: upstream has ")


def test_a_request_sent_twice_is_one_added_request() -> None:
    actual = tree_115()
    actual["requests"].insert(0, deepcopy(actual["requests"][0]))
    actual["responses"].insert(0, deepcopy(actual["responses"][0]))
    (difference,) = compare(tree_115(), actual).differences
    assert (difference.surface, difference.kind, difference.place) == ("traffic", "added", "requests/1")


def test_an_inserted_input_item_is_one_difference() -> None:
    actual = tree_169()
    extra = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "by the way"}]}
    actual["requests"][1]["body"]["input"].insert(3, extra)
    (difference,) = compare(tree_169(), actual).differences
    assert (difference.surface, difference.kind) == ("input", "added")
    assert difference.text.startswith("request 2, input 4 (user message): added: ")


def test_what_was_added_belongs_to_the_surface_it_has_in_the_candidate() -> None:
    actual = tree_115()
    for request in actual["requests"]:
        del request["body"]["instructions"]
    found = compare(tree_169(), actual).by_surface()
    added = [d for d in found["input"] if d.kind == "added" and d.path[-2:] == ("input", 1)]
    assert added, "the environment message, second of the candidate's input, is plain input"


def test_swapped_items_are_one_moved_item() -> None:
    actual = tree_169()
    items = actual["requests"][1]["body"]["input"]
    items[4], items[5] = items[5], items[4]
    (difference,) = compare(tree_169(), actual).differences
    assert difference.kind == "moved"
    assert difference.text == "request 2, input 6 (function_call_output call_1): moved: upstream at 6, got at 5"


def test_a_moved_header_is_one_difference_and_its_value_another() -> None:
    actual = tree_169()
    head = actual["requests"][0]["head"]
    head.insert(0, head.pop(4))
    assert texts(tree_169(), actual) == ["request 1, header 5 (authorization): moved: upstream at 5, got at 1"]
    head[0][1] = "Bearer other"
    assert texts(tree_169(), actual) == [
        "request 1, header 5 (authorization): moved: upstream at 5, got at 1",
        'request 1, header 5 (authorization): upstream "Bearer sk-x", got "Bearer other"',
    ]


def test_a_header_too_many_and_one_too_few_are_two_differences() -> None:
    actual = tree_169()
    head = actual["requests"][0]["head"]
    del head[4]
    head.insert(0, ["accept-encoding", "gzip"])
    assert texts(tree_169(), actual) == [
        'request 1, header 1 (accept-encoding): added: accept-encoding: "gzip"',
        'request 1, header 5 (authorization): missing: upstream has authorization: "Bearer sk-x"',
    ]


def test_key_order_of_the_body_is_a_difference_of_its_own() -> None:
    body = tree_115()["requests"][0]["body"]
    reordered = {key: body[key] for key in ("model", "stream", "instructions", "input", "tools")}
    (difference,) = compare(tree_115(), changed(tree_115(), "requests", 0, "body", to=reordered)).differences
    assert (difference.surface, difference.kind) == ("body", "order")
    assert difference.text == (
        "request 1, body: key order: upstream model,instructions,input,tools,stream, "
        "got model,stream,instructions,input,tools"
    )


def test_key_order_of_what_the_harness_made_is_none() -> None:
    tree = tree_115()
    request = dict(reversed(tree["requests"][0].items()))
    actual = changed(tree, "requests", 0, to=request) | {"files": dict(reversed(tree["files"].items()))}
    assert compare(tree, actual).identical


def test_another_tool_is_shown_as_another_tool() -> None:
    other = {"type": "custom", "name": "apply_patch", "format": {"type": "grammar"}}
    (difference,) = compare(tree_115(), changed(tree_115(), "requests", 0, "body", "tools", 0, to=other)).differences
    assert difference.surface == "tools"
    assert difference.text.startswith('request 1, tool 1 (function exec_command): upstream {"type": "function"')


def test_other_names_for_the_same_ids_are_no_difference() -> None:
    text = repr(tree_169()).replace("<uuid7:thread>", "<uuid7:r1.7>").replace("<chunk:r2.1>", "<chunk:1>")
    assert compare(tree_169(), eval(text)).identical


def test_an_id_of_another_kind_is_a_difference_at_every_place() -> None:
    actual = eval(repr(tree_169()).replace("<uuid7:turn.1>", "<uuid4:turn.1>"))
    found = compare(tree_169(), actual).differences
    assert len(found) == repr(tree_169()).count("<uuid7:turn.1>")
    assert 'upstream "<uuid7:turn.1>", got "<uuid4:turn.1>"' in found[0].text


def test_a_wrong_id_is_one_difference_also_where_it_comes_first() -> None:
    first = changed(tree_169(), "requests", 0, "head", 2, 1, to="<uuid7:other>")
    assert texts(tree_169(), first) == [
        "request 1, header 3 (session-id): another id: upstream <uuid7:thread>, got <uuid7:other>"
    ]


def test_an_id_used_for_two_things_is_found_in_a_place_that_looks_equal() -> None:
    actual = eval(repr(tree_169()).replace("<uuid7:thread>", "<uuid7:t>"))
    put(actual, "requests", 0, "head", 3, 1, to="<uuid7:thread>")
    assert texts(tree_169(), actual) == [
        "request 1, header 4 (thread-id): another id: upstream <uuid7:thread>, got <uuid7:thread>"
    ]


def test_swapped_ids_name_what_they_stand_for() -> None:
    actual = changed(tree_169(), "requests", 1, "head", 2, 1, to="<uuid7:turn.1>")
    assert texts(tree_169(), actual) == [
        "request 2, header 3 (session-id): another id: upstream <uuid7:thread>, got <uuid7:turn.1>, "
        "which elsewhere stands for <uuid7:turn.1>"
    ]


def test_ids_in_file_names_are_ids() -> None:
    tree = tree_169()
    renamed = {("snapshots/<uuid7:r9.1>.sh" if "snap" in k else k): v for k, v in tree["home"].items()}
    (difference,) = compare(tree, tree | {"home": renamed}).differences
    assert (difference.surface, "another id" in difference.text) == ("files", True)
    gone = {k: v for k, v in tree["home"].items() if "snap" not in k}
    (difference,) = compare(tree, tree | {"home": gone}).differences
    assert difference.text == 'home file snapshots/<uuid7:thread>.sh: missing: upstream has "# shell\\n"'


def test_differences_come_in_the_order_of_the_recording() -> None:
    actual = changed(tree_169(), "rollouts", 0, "path", to="elsewhere")
    put(actual, "requests", 1, "head", 2, 1, to="<uuid7:other>")
    put(actual, "requests", 0, "body", "model", to="gpt-x")
    put(actual, "runs", 0, "exit", to=2)
    assert [difference.surface for difference in compare(tree_169(), actual).differences] == [
        "body",
        "head",
        "exit",
        "rollout",
    ]


def test_compare_recordings_uses_the_noise_of_the_expected_one() -> None:
    ours = Recording(lane="0.169.0/direct", scenario="exec/hello", tree=tree_169())
    theirs = Recording(lane="0.169.0/direct", scenario="exec/hello", tree=changed(tree_169(), "runs", 0, "exit", to=3))
    assert [d.surface for d in compare_recordings(ours, theirs).differences] == ["exit"]
