from typing import Any

from captures.wire import WireRow
from compare.align import Pair
from compare.html.wirelog import wire_log
from tests.compare.samples import tree_115

TREE = tree_115()
BOTH = [Pair(expected=0, actual=0), Pair(expected=1, actual=1)]


def events(answer: dict[str, Any], script: dict[str, Any] | None = None) -> str:
    tree = {**TREE, "responses": [answer]}
    return wire_log(tree, tree, BOTH[:1], None, script or {})[0].events


def test_a_row_for_each_pair_with_its_answer() -> None:
    rows = wire_log(TREE, TREE, [*BOTH, Pair(expected=None, actual=0)], None, {})
    assert [(row.ours, row.theirs) for row in rows] == [(1, 1), (2, 2), (None, 1)]
    assert rows[1].request == "POST /v1/responses"
    assert rows[1].answer == "main/2 · 200 · complete"
    assert rows[1].at is None


def test_times_are_those_of_the_candidates_request() -> None:
    times = [
        WireRow(connection="1/c1", at=10, took=5, events=((1, "a"), (1, "a"), (4, "a"), (4, "b"))),
        WireRow(connection="1/c2", at=20, took=6),
    ]
    crossed = wire_log(TREE, TREE, [Pair(expected=1, actual=0), Pair(expected=0, actual=None)], times, {})
    assert [(row.at, row.took) for row in crossed] == [(10, 5), (None, None)]
    assert crossed[0].events == "+1 a ×2 · +4 a · b"


def test_without_times_the_script_says_what_a_step_sends() -> None:
    answer = {"step": "main/1", "status": 200, "end": "complete"}
    call = {"call": {"name": "exec_command"}}
    assert events(answer, {"main": [{"output": [{"message": "hi"}, call]}]}) == "message · call exec_command"
    assert events(answer, {"main": {"answers": [{"events": [{"type": "response.failed"}]}]}}) == "response.failed"
    assert events(answer, {"main": [{"http": {"status": 429}}]}) == "HTTP 429"
    assert events(answer, {"main": [{"fault": {"kind": "reset"}}]}) == "fault reset"
    scripts: list[dict[str, Any]] = [{}, {"main": []}, {"other": [{"output": []}]}]
    for script in scripts:
        assert events(answer, script) == ""


def test_a_recorded_answer_has_its_own_events() -> None:
    recorded = {"status": 200, "end": "complete", "events": [{"type": "a"}, {"type": "a"}, "[DONE]"]}
    assert events(recorded) == "a ×2 · [DONE]"


def test_a_long_list_of_events_is_clipped() -> None:
    recorded = {"status": 200, "end": "complete", "events": [{"type": f"e{n}"} for n in range(100)]}
    assert events(recorded).endswith("· e59 · … 40 more")
