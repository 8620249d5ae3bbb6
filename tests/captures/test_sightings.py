"""What a codex user sees of a fault is told from the recording of the real codex-cli."""

from pathlib import Path

import pytest

from captures.manifest import UPSTREAM
from captures.sightings import finding_lines, recording_of, seen
from fake_server.findings import FAULTS, Finding

VERSIONS = sorted(path.name for path in UPSTREAM.iterdir() if path.is_dir())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_version_has_seen_every_fault(fault: str, version: str) -> None:
    assert recording_of(fault, version) is not None
    words = seen(fault, version)
    assert words.endswith(("(exit code 0)", "(exit code 1)")) and "<uuid" not in words


@pytest.mark.parametrize(
    ("fault", "version", "words"),
    [
        ("deltas_only", "0.169.0", "the turn passes without a message (exit code 0)"),
        ("item_done_twice", "0.115.0", "the message 'hi there' 2 times; the turn passes (exit code 0)"),
        ("usage_missing", "0.169.0", "the message 'hi there'; the turn passes, with no tokens counted (exit code 0)"),
        ("end_turn_false", "0.169.0", "the model is asked 2 times; the message 'hi there' 2 times; the turn passes"),
        ("status_404_model", "0.169.0", "the turn fails: `no such model` (exit code 1)"),
        ("status_404_model", "0.115.0", "`Reconnecting... 1/1` (as often as stream_max_retries says, 5 times by"),
        ("undeclared_tool", "0.169.0", "the model reads 'unsupported call: run_shell'"),
    ],
)
def test_the_words_are_those_of_the_recording(fault: str, version: str, words: str) -> None:
    assert words in seen(fault, version)


def test_a_version_that_has_not_seen_it_says_so(tmp_path: Path) -> None:
    assert seen("silent", "9.9.9", tmp_path) == "not recorded for this version"


def test_a_finding_is_told_with_verdict_sight_and_fix() -> None:
    first, sight, fix = finding_lines(Finding(fault="silent", detail="nothing came", advice="hurry"), VERSIONS[-1])
    assert first == "silent: nothing came"
    assert sight.startswith("  a codex") and "idle timeout waiting for SSE" in sight
    assert fix == "  the fix: hurry"
