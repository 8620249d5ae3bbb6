from typing import Any

import pytest

from captures.manifest import UPSTREAM
from captures.scenario import load_scenarios
from compare.wire.facts import Facts, gather
from compare.wire.render import render
from compare.wire.sections import section_of


def tiny(*requests: dict[str, Any]) -> dict[str, Any]:
    answers = [{"status": r.pop("status", 200), "end": r.pop("end", "complete")} for r in requests]
    return {"requests": list(requests), "responses": answers}


def post(**more: Any) -> dict[str, Any]:
    body = {"model": "m", "stream": True, "input": [], **more.pop("body", {})}
    head = [["accept", "x"], *more.pop("head", [])]
    return {
        "run": 1,
        "method": "POST",
        "target": "/v1/responses",
        "connection": "new",
        "head": head,
        "body": body,
    } | more


@pytest.mark.parametrize(
    ("requests", "statuses"),
    [
        ([post(), post()], ["200×2"]),
        ([post(status=500), post(status=500, connection="kept"), post()], ["500×2 200"]),
        ([post(), post(run=2, status=400)], ["200", "400"]),
        ([post(end="fault: reset"), post(status=0, end="fault: close")], ["200! none!"]),
        ([post(method="MESSAGE")], ["200ws"]),
    ],
)
def test_statuses_run_by_run(requests: list[dict[str, Any]], statuses: list[str]) -> None:
    from compare.wire.facts import _statuses

    assert list(_statuses(tiny(*requests))) == statuses


def test_what_differs_from_hello() -> None:
    from compare.wire.facts import _differs

    hello = post(body={"text": {"verbosity": "low"}, "store": False})
    other = post(head=[["x-one", "1"]], body={"store": True, "service_tier": "flex"})
    assert _differs(tiny(other), hello) == ["+ header x-one", '+ service_tier: "flex"', "- text", "store: true"]


def test_facts_of_the_recordings() -> None:
    facts = gather(UPSTREAM)
    lane = facts.lanes["0.169.0/direct"]
    assert lane.reuse["a stream", "kept"] == 0 < lane.reuse["a stream", "new"]
    assert lane.heads["session-id"] == lane.count and lane.hello["body"]["model"] == "gpt-5.5"
    assert "`apply_patch` (custom)" in lane.tools and "GET /v1/models" in lane.side
    outputs, count = lane.items["function_call_output"], lane.items_count["function_call_output"]
    assert 0 < outputs["call_id"] < outputs["output"] == count, "a goal's objective is an output that says no call"
    assert "previous_response_id" in lane.message and lane.upgrade


def test_an_empty_world_still_has_its_headings() -> None:
    scenarios = load_scenarios()
    text = render(Facts(), scenarios)
    assert "## Errors and retries" in text


@pytest.mark.parametrize(
    ("scenario", "title"),
    [
        ("request/openai_websocket", "WebSocket"),
        ("request/oss_ollama", "Side requests"),
        ("request/verbosity", "Body"),
        ("server/status_429", "Errors and retries"),
        ("server/silent", "Connection"),
        ("server/same_call_id", "Events"),
        ("config/trust", None),
    ],
)
def test_where_a_scenario_belongs(scenario: str, title: str | None) -> None:
    section = section_of(scenario)
    assert (section.title if section else None) == title
