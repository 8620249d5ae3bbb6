"""The committed page is what scenarios and recordings say, and its links lead somewhere."""

import re
from functools import cache
from pathlib import Path

from captures.scenario import load_scenarios
from compare.wire.command import PAGE, page
from compare.wire.sections import EVENTS, SECTIONS, SHORT, section_of
from tests.repository import ROOT

_LINK = re.compile(r"\]\(([^)#]+)\)")


@cache
def committed() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_page_is_not_stale() -> None:
    assert committed() == page(), "run: python -m compare wire --write"


def test_every_link_leads_to_a_file() -> None:
    links = set(_LINK.findall(committed()))
    assert len(links) > 500
    assert [link for link in links if not (PAGE.parent / link).resolve().is_file()] == []


def test_every_section_is_there_with_its_tables() -> None:
    for section in SECTIONS:
        part = committed().partition(f"\n## {section.title}\n")[2].partition("\n## ")[0]
        tables = sum(line.startswith("|---") for line in part.splitlines())
        assert tables == len(section.tables) + 1 + sum(name in ("head", "body") for name in section.tables)


def test_every_rule_of_a_section_stands_on_the_page() -> None:
    plain = committed().replace("\\|", "|").replace("&lt;", "<")
    sent = re.findall(r"captures/upstream/([^)]+)/requests.json", committed())
    told = {"/".join(place.split("/")[2:]) for place in sent}
    for scenario in load_scenarios():
        if scenario.id in told and section_of(scenario.id) is not None:
            assert " ".join(scenario.rule.split()) in plain


def test_what_is_pointed_at_is_a_scenario_of_ours() -> None:
    known = {scenario.id for scenario in load_scenarios()}
    assert {name for names in EVENTS.values() for name in names} | set(SHORT) <= known


def test_patterns_that_fit_nothing_are_no_patterns() -> None:
    from fnmatch import fnmatchcase

    names = [path.relative_to(ROOT / "captures/scenarios").with_suffix("").as_posix() for path in _scenarios()]
    unused = [p for each in SECTIONS for p in each.patterns if not any(fnmatchcase(name, p) for name in names)]
    assert unused == []


def _scenarios() -> list[Path]:
    return list((ROOT / "captures" / "scenarios").rglob("*.yaml"))
