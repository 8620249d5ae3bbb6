from pathlib import Path

import pytest

from captures.catalog import Model
from captures.scenario import Lane, Scenario, load_scenarios
from compare.cells import CellName
from compare.drift.plan import SUBSET, Role, Version, cells_of, plan_roles

RECORDED = {"direct", "code_mode", "fallback"}
OLD = Version(name="0.115.0", committed=frozenset({"direct", "fallback"}))
NEW = Version(name="0.169.0", committed=frozenset(RECORDED))


def version(name: str, *models: str) -> Version:
    """A version without recordings: `gpt-5.5` is a direct model, `sol*` one of code mode."""
    rows = (Model(slug=slug, role="code_mode" if slug.startswith("sol") else "direct") for slug in models)
    return Version(name=name, models=tuple(rows))


def lanes(before: Version, after: Version) -> dict[str, tuple[str, str]]:
    roles, _ = plan_roles(before, after)
    return {role.name: (str(role.before), str(role.after)) for role in roles}


def test_two_recorded_versions_are_compared_as_they_are_recorded() -> None:
    roles, notes = plan_roles(OLD, NEW)
    assert [(role.name, str(role.before), str(role.after)) for role in roles] == [
        ("direct", "0.115.0/direct", "0.169.0/direct"),
        ("fallback", "0.115.0/fallback", "0.169.0/fallback"),
    ]
    assert roles[0].models == ("gpt-5.4", "gpt-5.5") and not roles[0].same_model
    assert [note.partition(":")[0] for note in notes] == ["direct", "code_mode"]


def test_another_version_is_played_by_the_model_of_the_recorded_one() -> None:
    after = version("0.170.0", "gpt-7", "gpt-5.5", "sol-9", "gpt-6.1-sol")
    newer = Version(**{**vars(NEW), "models": (Model(slug="gpt-5.5", role="direct"),)})
    assert lanes(newer, after)["direct"] == ("0.169.0/direct", "0.170.0/gpt-5.5")


def test_where_that_is_not_known_it_is_the_first_model_that_both_know() -> None:
    before, after = version("0.130.0", "a", "gpt-5.5", "gpt-5.4"), version("0.140.0", "new", "gpt-5.4", "gpt-5.5")
    assert lanes(before, after)["direct"] == ("0.130.0/gpt-5.4", "0.140.0/gpt-5.4")


def test_without_a_common_model_each_has_its_own_and_the_notes_say_so() -> None:
    roles, notes = plan_roles(version("0.130.0", "a"), version("0.140.0", "b"))
    assert roles[0].models == ("a", "b")
    assert notes[0].startswith("direct: a in 0.130.0 and b in 0.140.0")


def test_a_role_that_only_one_version_has_is_named() -> None:
    roles, notes = plan_roles(version("0.140.0", "a"), version("0.150.0", "a", "sol-1"))
    assert [role.name for role in roles] == ["direct", "fallback"]
    assert notes == ["code_mode: not compared, 0.140.0 has no model of this kind"]


def test_a_role_that_neither_has_is_nothing_to_speak_of() -> None:
    assert plan_roles(version("0.130.0", "a"), version("0.140.0", "a"))[1] == []


@pytest.fixture
def scenarios() -> list[Scenario]:
    return load_scenarios(only=["exec/hello", "exec/hello_fallback", "request/hello_code_mode", "tools/unknown_tool"])


def role(before: str, after: str, name: str = "direct") -> Role:
    return Role(name=name, before=Lane.parse(before), after=Lane.parse(after), models=("m", "m"))


def test_recorded_lanes_have_what_was_recorded(scenarios: list[Scenario]) -> None:
    held = {
        CellName(version, "direct", name): Path()
        for version, names in (("0.115.0", ["exec/hello"]), ("0.169.0", ["exec/hello", "tools/unknown_tool"]))
        for name in names
    }
    both, one = role("0.115.0/direct", "0.169.0/direct"), role("0.169.0/direct", "0.170.0/gpt-5.5")
    assert [pair.name for pair in cells_of(scenarios, [both], held, every=True)] == ["direct/exec/hello"]
    assert [pair.name for pair in cells_of(scenarios, [one], held)] == ["direct/exec/hello"]
    assert [pair.name for pair in cells_of(scenarios, [one], held, every=True)] == [
        "direct/exec/hello",
        "direct/tools/unknown_tool",
    ]


def test_lanes_without_recordings_have_what_names_the_role(scenarios: list[Scenario]) -> None:
    code = role("0.150.0/sol", "0.160.0/sol", "code_mode")
    assert [pair.name for pair in cells_of(scenarios, [code], {})] == ["code_mode/request/hello_code_mode"]


def test_the_subset_is_at_most_forty_scenarios() -> None:
    tagged = [scenario.id for scenario in load_scenarios() if SUBSET in scenario.tags]
    assert 30 <= len(tagged) <= 40
