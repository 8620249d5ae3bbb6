"""How far a job is, as a line for people."""

from __future__ import annotations

import pytest

from pycodex.crew.events import JobBegan, JobEnded, JobProgressed
from pycodex.plain_jobs import JobLines


def at(done: int, failed: int = 0, left: int | None = None) -> JobProgressed:
    return JobProgressed(
        job_id="49fccff6-1111",
        total=3,
        pending=3 - done - failed,
        running=0,
        completed=done,
        failed=failed,
        seconds_left=left,
    )


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (at(0), "[--------------------] 0/3 0% f0 r0 p3 eta --"),
        (at(1, left=5), "[#######-------------] 1/3 33% f0 r0 p2 eta 5.00s"),
        (at(1, 1, left=125), "[#############-------] 2/3 67% f1 r0 p1 eta 2m 05s"),
        (at(2, 1, left=0), "[####################] 3/3 100% f1 r0 p0 eta 0ms"),
    ],
)
def test_how_far_it_is(event: JobProgressed, words: str) -> None:
    assert JobLines().progress(event) == f"\n\x1b[1A\x1b[1G\x1b[2Kjob 49fccff6 {words}"


def test_one_line_is_written_again_until_something_else_comes() -> None:
    lines = JobLines()
    assert lines.close() == ""
    assert lines.progress(at(0)).startswith("\n")
    assert not lines.progress(at(1)).startswith("\n")
    assert lines.close() == "\n"
    assert lines.close() == ""


def test_how_it_begins_and_ends() -> None:
    lines = JobLines()
    began = JobBegan(job_id="j", wanted=None, limit=6, at_once=6)
    assert lines.line(began) == "agent job concurrency: job_id=j requested=None max_threads=Some(6) effective=6"
    assert lines.line(JobEnded(failed=2)) == "agent job completed with 2 failed items"
    assert lines.line(JobEnded(failed=0)) is None
