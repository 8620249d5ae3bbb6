"""The random fault scripts: a few of them each time, the rules beside the measured tables, and the clock."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from captures.driver import REPO
from captures.scenario import load_scenario, scenario_from_data
from fake_server import Script
from tests.fuzz_faults import __main__ as fuzz
from tests.fuzz_faults.answers import FAULTS
from tests.fuzz_faults.clock import Hang, QuickLoop
from tests.fuzz_faults.in_process import Played, mistakes
from tests.fuzz_faults.rules import of_status, of_stream
from tests.fuzz_faults.units import Unit, make_unit, scenario_of, write_unit


@pytest.mark.parametrize("version", fuzz.VERSIONS)
@pytest.mark.parametrize("first", [0, 15])
def test_random_faults_end_as_upstream_ends_them(version: str, first: int, tmp_path: Path) -> None:
    # In a process of its own: what a program leaves to its end is no warning of these tests.
    words = ["--seed", "2", "--version", version, "--first", str(first), "--scripts", "15", "--keep", str(tmp_path)]
    command = [sys.executable, "-m", "tests.fuzz_faults", *words, "--jobs", "1"]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "15 scripts, " in done.stdout
    assert "0 scripts with another result" in done.stdout


# units


def test_a_unit_follows_from_its_seed_number_and_version() -> None:
    assert make_unit(7, 3, "0.115.0") == make_unit(7, 3, "0.115.0")
    assert make_unit(7, 3, "0.115.0").data != make_unit(7, 3, "0.169.0").data
    assert make_unit(7, 3, "0.115.0").data != make_unit(7, 4, "0.115.0").data != make_unit(8, 4, "0.115.0").data


def test_units_are_scenarios_with_all_kinds_of_faults() -> None:
    units = [make_unit(1, number, version) for number in range(150) for version in fuzz.VERSIONS]
    scripts = [Script.from_data(scenario_of(unit).answers) for unit in units]
    assert {len(script.tracks) for script in scripts} == {1, 3}
    kinds = {kind.partition(" ")[0] for unit in units for kind in unit.kinds}
    assert {
        "good",
        "cut,",
        "failed,",
        "incomplete,",
        "odd",
        "status",
        "error",
        "reset",
        "close",
        "bad",
        "byte",
    } <= kinds
    assert len(kinds) > len(FAULTS)
    assert {unit.ends for unit in units} == {(True, True), (True, False), (False, True), (False, False)}


def test_a_unit_is_kept_as_a_scenario(tmp_path: Path) -> None:
    unit = make_unit(1, 1, "0.169.0")
    path = write_unit(unit, tmp_path, ["how\nto", "see it"])
    assert path.read_text(encoding="utf-8").startswith("# how\n# to\n# see it\nformat: 1\n")
    assert load_scenario(path, tmp_path).answers == scenario_from_data(unit.data, "x", "x").answers


# the rules


def _stream(*events: dict[str, Any], version: str = "0.169.0", whole: bool = True) -> str:
    found = of_stream(version, events, whole=whole)
    return found.way + (" more" if found.more else "")


def test_the_rules_of_streams() -> None:
    call = {"type": "response.output_item.done", "item": {"type": "function_call"}}
    good = {"type": "response.completed", "response": {"id": "r"}}
    failed = {"type": "response.failed", "response": {"error": {"code": "cyber_policy"}}}
    full = {"type": "response.failed", "response": {"error": {"code": "context_length_exceeded"}}}
    assert _stream() == "stream"
    assert _stream(good, failed) == "ok"
    assert _stream(call, good) == "ok more"
    assert _stream(call) == "stream"
    assert _stream({**good, "response": {"id": "r", "end_turn": False}}) == "ok more"
    assert _stream({**good, "response": {"id": "r", "end_turn": False}}, version="0.115.0") == "ok"
    assert _stream(failed) == "final"
    assert _stream(failed, version="0.115.0") == "stream"
    assert _stream(failed, good) == "ok"
    assert _stream(failed, whole=False) == "stream"
    assert _stream(full, whole=False) == "final"
    assert _stream(full, whole=False, version="0.115.0") == "stream"


@pytest.mark.parametrize(
    ("status", "headers", "code", "old", "new"),
    [
        (400, {}, None, "final", "final"),
        (404, {}, None, "stream", "stream"),
        (429, {}, None, "final", "final"),
        (429, {"retry-after": "3"}, None, "final", "stream"),
        (429, {"retry-after": "1.5"}, None, "final", "final"),
        (429, {"retry-after": "3"}, "insufficient_quota", "final", "final"),
        (500, {}, None, "request stream", "request stream"),
        (503, {}, "server_is_overloaded", "request final", "request final"),
        (503, {"retry-after": "3"}, "server_is_overloaded", "request final", "request stream"),
        (503, {}, "slow_down", "request final", "request stream"),
    ],
)
def test_the_rules_of_statuses(status: int, headers: dict[str, str], code: str | None, old: str, new: str) -> None:
    for version, words in (("0.115.0", old), ("0.169.0", new)):
        found = of_status(version, status, headers, code)
        assert found.way + (f" {found.then}" if found.way == "request" else "") == words


# what counts as a mistake


def _played(unit: Unit, **changes: Any) -> list[str]:
    line = '{"type":"response_item","payload":{"content":[{"text":"%s"}]}}\n'
    ends = ['{"type":"turn.completed"}\n' if good else '{"type":"turn.failed"}\n' for good in unit.ends]
    played: dict[str, Any] = {
        "exits": tuple(int(not good) for good in unit.ends),
        "stdout": tuple(ends),
        "stderr": ("", ""),
        "rollouts": (line % "go" + line % "and now?",),
        "problems": (),
    }
    return mistakes(unit, Played(**{**played, **changes}))


def test_each_kind_of_mistake_is_seen() -> None:
    unit = make_unit(1, 0, "0.169.0")
    assert _played(unit) == []
    assert _played(unit, exits=(3, 3))
    assert _played(unit, stdout=("", ""))
    assert _played(unit, stderr=("", "Traceback (most recent call last):"))
    assert _played(unit, rollouts=())
    assert _played(unit, rollouts=("{}\n",))
    assert _played(unit, rollouts=("{",) * 2)
    assert _played(unit, problems=("script: one more",)) == ["script: one more"]
    assert _played(unit, trouble="hangs")


# the clock


def _run(doing: Any) -> Any:
    with asyncio.Runner(loop_factory=QuickLoop) as runner:
        return runner.run(doing)


def test_a_wait_takes_no_time_and_the_clock_says_it_did() -> None:
    async def wait() -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        await asyncio.sleep(3600)
        return loop.time() - start

    assert _run(wait()) >= 3600


def test_threads_and_processes_are_waited_for() -> None:
    async def work() -> int | None:
        async with asyncio.timeout(60):
            await asyncio.to_thread(time.sleep, 0.1)
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", "import time; time.sleep(0.1)")
            await process.wait()
            return process.returncode

    assert _run(work()) == 0


def test_a_hang_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz_faults.clock._LAST_HOPE", 0.01)

    async def hang() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Hang, match="nothing will ever happen"):
        _run(hang())

    async def for_ever() -> None:
        while True:
            await asyncio.sleep(1000)

    with pytest.raises(Hang, match="a day"):
        _run(for_ever())
