"""What a reader that goes away early makes of a run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("argv", "stream", "code", "told"),
    [
        (["exec", "--help"], "stdout", 0, ""),
        (["exec", "--nonsense"], "stderr", 2, ""),
        (["features", "list"], "stdout", 101, "failed printing to stdout: Broken pipe (os error 32)\n"),
        (["debug", "models"], "stdout", 101, "failed printing to stdout: Broken pipe (os error 32)\n"),
    ],
)
def test_nobody_reads(tmp_path: Path, argv: list[str], stream: str, code: int, told: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    out, err = (writer if stream == name else subprocess.PIPE for name in ("stdout", "stderr"))
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "CODEX_HOME": str(tmp_path)}
    env["TMPDIR"] = str(tmp_path / "tmp")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pycodex", "--upstream", "0.169.0", *argv],
            stdin=subprocess.DEVNULL, env=env, check=False, timeout=60, stdout=out, stderr=err,
        )  # fmt: skip
    finally:
        os.close(writer)
    assert (done.returncode, (done.stderr or done.stdout or b"").decode()) == (code, told)
