"""The pytest plugin: `python -m pytest -p compare.plugin`, for tests of your own agents and servers.

Fixtures (all work in plain and in `async` tests: the server has a thread of its own):

    scripted_server     a fake Responses server; `load` answers, give its `base_url` to the agent, look at `requests`.
                        What goes wrong fails the test when it ends: an answer that was not used, a request the script
                        does not know, a tool output without its call; `finish()` gives these to the test instead
    agent_recorder      `record("my-agent --flag", "exec/hello", lane="0.169.0/direct")`: runs a command line through a
                        scenario of this repository or your own, with its own home, and gives the recording;
                        `await arecord(...)` where a loop must go on
    compare_recording   `compare_recording(recorded, surfaces=["head", "body"])`: fails with the words of the report
                        unless the recording is identical to codex-cli's of the same cell, or to the one in a folder of
                        yours, which `--keep-recordings` writes
    check_server        `check_server(url, only=["hello"])`: sends a server what codex-cli was recorded to send; fails
                        with what a codex user would see, and the fix

A worked example: examples/testing/test_own_agent.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from captures.manifest import UPSTREAM
from captures.recording import Recording
from compare.server.check import Options, Result, result_lines
from compare.server.check import check_server as send_cases
from compare.server.talk import Client
from compare.testing import Recorded, Recorder, Told, apart, held_against, keep
from fake_server.threaded import ThreadedServer

__all__ = [
    "CheckServer",
    "CompareRecording",
    "agent_recorder",
    "check_server",
    "compare_recording",
    "pytest_addoption",
    "scripted_server",
]

_KEEP = "--keep-recordings"


class CompareRecording(Protocol):
    """What the fixture `compare_recording` is."""

    def __call__(
        self,
        found: Recorded | Recording,
        expected: str | Path | None = None,
        *,
        surfaces: Sequence[str] = (),
        declared: Path | None = None,
    ) -> Told:
        """See compare.testing.held_against."""
        ...


class CheckServer(Protocol):
    """What the fixture `check_server` is."""

    def __call__(
        self,
        url: str,
        *,
        key: str | None = None,
        model: str | None = None,
        versions: Sequence[str] = (),
        only: Sequence[str] = (),
    ) -> list[Result]:
        """See `python -m compare server --help`; `versions`: the newest if none is given."""
        ...


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("compare", "recordings of agents")
    text = "write the recordings that tests name by folder anew, instead of comparing with them"
    group.addoption(_KEEP, action="store_true", help=text)


@pytest.fixture
def scripted_server() -> Iterator[ThreadedServer]:
    """A fake Responses server; what went wrong fails the test, unless the test asked for it with `finish()`."""
    with ThreadedServer() as server:
        yield server
        problems = [] if server.finished else server.finish()
    if problems:
        pytest.fail("the scripted server saw:\n" + "\n".join(f"  {problem}" for problem in problems), pytrace=False)


@pytest.fixture
def agent_recorder(tmp_path: Path) -> Recorder:
    """Runs command lines through scenarios; recordings lie below the test's `tmp_path`."""
    return Recorder(out=tmp_path / "recordings")


@pytest.fixture
def compare_recording(request: pytest.FixtureRequest) -> CompareRecording:
    """Fails unless two recordings are identical, noise and declared differences apart."""

    def compare(
        found: Recorded | Recording,
        expected: str | Path | None = None,
        *,
        surfaces: Sequence[str] = (),
        declared: Path | None = None,
    ) -> Told:
        if isinstance(expected, Path):
            if request.config.getoption(_KEEP):
                keep(found, expected)
            elif not (expected / "result.json").exists():
                pytest.fail(f"{expected}: no recording there yet; run once with {_KEEP}", pytrace=False)
        told = held_against(found, expected, surfaces=surfaces, declared=declared)
        if not told.identical:
            pytest.fail(str(told), pytrace=False)
        return told

    return compare


@pytest.fixture
def check_server() -> CheckServer:
    """Fails where a server's answers have a fault that codex-cli would stumble over."""

    def check(
        url: str,
        *,
        key: str | None = None,
        model: str | None = None,
        versions: Sequence[str] = (),
        only: Sequence[str] = (),
    ) -> list[Result]:
        known = sorted(path.name for path in UPSTREAM.iterdir() if path.is_dir())

        async def ask() -> list[Result]:
            async with Client(url, key) as client:
                return await send_cases(client, versions or known[-1:], Options(model=model, only=only))

        results = apart(ask())
        if not results:
            pytest.fail(f"no case of {', '.join(versions or known[-1:])} fits {', '.join(only)}", pytrace=False)
        if any(result.verdict == "fail" for result in results):
            pytest.fail("\n".join(result_lines(results)), pytrace=False)
        return results

    return check
