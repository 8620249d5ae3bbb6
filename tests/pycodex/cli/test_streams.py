"""Standard streams that are closed, or lead nowhere, and arguments that are no text."""

import subprocess
import sys
from pathlib import Path

import pytest

from pycodex.cli.clap import UsageError, parse
from pycodex.cli.options import program
from pycodex.cli.turn import Unprintable, writer
from pycodex.upstream import load_dialect

SHOW = """
import os, sys
from pycodex.cli import main
main._open_streams()
kinds = [os.fstat(number).st_rdev for number in range(3)]
print("said")
sys.stderr.write(sys.stdin.read())
with open(sys.argv[1], "w") as file:
    file.write(repr([kind == os.stat(os.devnull).st_rdev for kind in kinds]))
"""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_lead_to_nowhere(closed: str, tmp_path: Path) -> None:
    file = tmp_path / "kinds"
    argv = ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-c", SHOW, str(file)]
    done = subprocess.run(argv, input=b"typed", capture_output=True)
    kinds = ["<&-" in closed, ">&-" in closed.replace("2>&-", ""), "2>&-" in closed]
    assert file.read_text() == repr(kinds), done.stderr
    assert done.returncode == 0
    assert done.stdout == (b"" if kinds[1] else b"said\n")
    assert done.stderr == (b"" if kinds[0] or kinds[2] else b"typed")


def test_what_cannot_be_printed_is_told() -> None:
    full = open("/dev/full", "w")  # noqa: SIM115 - closing it fails, too
    with pytest.raises(Unprintable, match=r"^failed printing to /dev/full: No space left on device \(os error 28\)$"):
        writer(full)("text")
    with pytest.raises(OSError, match="No space"):
        full.close()


@pytest.mark.parametrize("words", [["exec"], ["exec", "-m"], ["exec", "review", "--base"], ["exec", "-o", "x"]])
def test_an_argument_that_is_no_text_is_refused(words: list[str]) -> None:
    with pytest.raises(UsageError, match=r"^error: invalid UTF-8 was detected in one or more arguments\n\nUsage: "):
        parse(program(load_dialect("0.169.0")), [*words, "x\udcff"])


def test_a_path_may_be_any_bytes() -> None:
    parsed = parse(program(load_dialect("0.169.0")), ["exec", "-o", "x\udcff", "hi"])
    assert parsed.sub is not None and parsed.sub[1].values["last_message_file"] == "x\udcff"
