"""A Dialect is data: a version that nobody wrote code for runs a turn."""

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from pycodex import AgentLoop, ContextManager, ToolRegistry, upstream
from pycodex.sampling import Failure
from pycodex.upstream import UnknownVersion, load_dialect
from pycodex.upstream.dialect import Dialect
from pycodex.upstream.instructions import without_planning
from tests.pycodex.sessions import ScriptedModel, says, settings_in


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch) -> Dialect:
    dialect = load_dialect("0.115.0")
    toolset = replace(dialect.toolset, entries=dialect.toolset.entries[:1])
    made = replace(dialect, client=replace(dialect.client, originator="inventor"), toolset=toolset)
    module = ModuleType("invented_dialect")
    module.DIALECT = made  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "invented_dialect", module)
    monkeypatch.setitem(upstream.VERSIONS, "9.9.9", "invented_dialect")
    return made


async def test_third_version_says_hello(tmp_path: Path, invented: Dialect) -> None:
    settings = settings_in(tmp_path, upstream="9.9.9")
    assert settings.originator == "inventor"
    loop = AgentLoop(ScriptedModel([[says("hello")]]), ToolRegistry(), ContextManager(settings))
    assert (await loop.run_turn("hi")).output_text == "hello"


def test_unknown_version_lists_the_known_ones() -> None:
    with pytest.raises(UnknownVersion, match=r"0\.0\.1.*0\.115\.0, 0\.169\.0"):
        load_dialect("0.0.1")


@pytest.mark.parametrize("version", upstream.VERSIONS)
@pytest.mark.parametrize(
    ("failure", "again"),
    [
        (Failure(kind="status", status=400, body="raw"), (False, False)),
        (Failure(kind="status", status=404), (False, True)),
        (Failure(kind="status", status=429), (False, False)),
        (Failure(kind="status", status=500), (True, True)),
        (Failure(kind="status", status=529), (True, True)),
        (Failure(kind="send"), (True, True)),
        (Failure(kind="body"), (False, True)),
        (Failure(kind="idle"), (False, True)),
        (Failure(kind="failed", code="context_length_exceeded"), (False, False)),
        (Failure(kind="failed", code="server_error"), (False, True)),
        (Failure(kind="missing_key"), (False, False)),
    ],
)
def test_failure_table(version: str, failure: Failure, again: tuple[bool, bool]) -> None:
    rule = next(rule for rule in load_dialect(version).retry.rules if rule.when(failure))
    assert (rule.request, rule.stream) == again
    assert isinstance(rule.text(failure), str)


def test_unexpected_status_names_what_helps() -> None:
    failure = Failure(
        kind="status",
        status=529,
        body='{"error":{"message":"busy"}}',
        url="http://x/v1/responses",
        headers=(("cf-ray", "R"), ("x-request-id", "I")),
    )
    rule = next(rule for rule in load_dialect().retry.rules if rule.when(failure))
    expected = "unexpected status 529 <unknown status code>: busy, url: http://x/v1/responses, cf-ray: R, request id: I"
    assert rule.text(failure) == expected


def test_without_planning_cuts_sections_and_bullet(tmp_path: Path) -> None:
    bullet = "- If you create a checklist or task list, x\n"
    text = f"# A\n\n## Planning\n\nplan\n\n## B\n{bullet}- y\n\n## `update_plan`\n\nz\n"
    assert without_planning(text, settings_in(tmp_path)) == "# A\n\n## B\n- y\n\n"
