"""`pycodex doctor` as a program: exit codes, what stands on which stream."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pycodex.doctor.subjects import KEY, canned, provider
from tests.pycodex.doctor.test_examine import WELL

ROOT = Path(__file__).parents[3]


def run(home: Path, *argv: str, version: str = "0.169.0") -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(home), "CODEX_HOME": str(home), "OWN_KEY": KEY}
    env["TMPDIR"] = str(home / "tmp")
    return subprocess.run(
        [sys.executable, "-m", "pycodex", "--upstream", version, *argv],
        stdin=subprocess.DEVNULL, env=env, cwd=home, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("version", ["0.115.0", "0.169.0"])
def test_nothing_failed(tmp_path: Path, version: str) -> None:
    with canned(WELL) as (url, _):
        (tmp_path / "config.toml").write_text('sandbox_mode = "danger-full-access"\n' + provider(url))
        done = run(tmp_path, "doctor", "--json", version=version)
    found = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert found["checks"]["live.request"]["status"] == "ok" and found["codexVersion"] == version
    assert KEY not in done.stdout


def test_something_failed(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("\nmodel = 3\n")
    done = run(tmp_path, "doctor", "--summary")
    assert (done.returncode, done.stderr) == (1, "")
    assert f"`model` in line 2 of {tmp_path / 'config.toml'}: invalid type" in done.stdout


def test_skip_live(tmp_path: Path) -> None:
    with canned(WELL) as (url, seen):
        (tmp_path / "config.toml").write_text('sandbox_mode = "danger-full-access"\n' + provider(url))
        done = run(tmp_path, "doctor", "--skip-live", "--ascii", "--no-color")
    assert done.returncode == 0 and "not asked: --skip-live" in done.stdout and done.stdout.isascii() is False
    assert not any(line.startswith("POST") for line in seen)


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (["doctor", "--nonsense"], 2, "unexpected argument '--nonsense'"),
        (["doctor", "--enable", "nosuch"], 1, "Unknown feature flag: nosuch"),
    ],
)
def test_usage(tmp_path: Path, argv: list[str], code: int, said: str) -> None:
    done = run(tmp_path, *argv)
    assert done.returncode == code and said in done.stderr and done.stdout == ""


@pytest.mark.parametrize("version", ["0.115.0", "0.169.0"])
def test_help_tells_options_deadlines_and_exit_codes(tmp_path: Path, version: str) -> None:
    done = run(tmp_path, "doctor", "--help", version=version)
    assert done.returncode == 0
    for said in ("--skip-live", "--json", "--network-only", "Seconds that each may take", "Exit codes: 0"):
        assert said in done.stdout
