"""The committed timeline: facts and page are what the recordings give, complete, and each fact has its origin."""

import json
from pathlib import Path

import pytest

from captures.agents import load_agent
from captures.manifest import UPSTREAM, read_manifest
from captures.scenario import load_scenarios
from compare.cells import find_cells
from compare.drift.chain import FACTS, PAGE, TEXTS, Texts, committed_facts, page, versions_of
from compare.drift.facts import KINDS, numbers_of
from compare.drift.plan import SUBSET
from compare.drift.record import Store

VERSIONS = ("0.115.0", "0.130.0", "0.140.0", "0.150.0", "0.160.0", "0.169.0")
RECORDED = [version for version in VERSIONS if read_manifest(UPSTREAM / version) is not None]
AGAIN = "write it anew with: python -m compare drift --timeline --write"


def test_all_versions_are_there_and_say_where_they_come_from() -> None:
    files = versions_of()
    assert tuple(data["version"] for data in files) == VERSIONS
    for data in files:
        assert data["format"] == 1
        assert data["integrity"]["@openai/codex"].startswith("sha512-")
        assert {lane["role"] for lane in data["lanes"]} <= {"direct", "code_mode", "fallback"}


def test_the_versions_between_were_recorded_in_every_scenario_of_the_subset() -> None:
    scenarios = load_scenarios()
    for data in versions_of():
        for role in {lane["role"] for lane in data["lanes"]} if data["version"] not in RECORDED else ():
            lanes = [lane for lane in data["lanes"] if lane["role"] == role]
            seen = {name for lane in lanes for name in (*lane["scenarios"], *lane["not_run"])}
            tagged = {s.id for s in scenarios if SUBSET in s.tags and any(lane.role == role for lane in s.lanes)}
            assert seen == tagged, f"{data['version']} {role}: record again with drift --timeline VERSION... --write"


def test_every_fact_stands_in_a_scenario_of_its_lane() -> None:
    for data in versions_of():
        for lane in data["lanes"]:
            assert set(lane["facts"]) <= set(KINDS)
            places = [places for things in lane["facts"].values() for values in things.values() for _, places in values]
            assert {number for text in places for number in numbers_of(text)} <= set(range(len(lane["scenarios"])))


@pytest.mark.parametrize("version", RECORDED)
def test_the_facts_of_recorded_versions_are_those_of_their_recordings(version: str, tmp_path: Path) -> None:
    store = Store(load_agent("codex-cli"), find_cells(UPSTREAM), lambda _: {}, root=tmp_path)
    made = committed_facts(version, store, load_scenarios(), Texts(TEXTS))
    assert made == (FACTS / f"{version}.json").read_text(encoding="utf-8"), AGAIN


def test_the_page_is_that_of_the_facts() -> None:
    assert page(versions_of(), Texts(TEXTS), load_scenarios()) == PAGE.read_text(encoding="utf-8"), AGAIN


def test_every_text_is_named_and_every_named_text_is_there() -> None:
    facts = "".join(path.read_text(encoding="utf-8") for path in FACTS.glob("*.json"))
    assert [path.name for path in TEXTS.iterdir() if path.name not in facts] == [], AGAIN
    texts = Texts(TEXTS)
    for data in versions_of():
        for lane in data["lanes"]:
            names = [value for values in lane["facts"].get("text", {}).values() for value, _ in values]
            tools = [value for values in lane["facts"].get("tool", {}).values() for value, _ in values]
            for name in (*names, *(json.loads(tool)["words"] for tool in tools)):
                assert isinstance(texts.get(name), str)
