from pathlib import Path

import pytest

from pycodex import host


@pytest.mark.parametrize(
    ("release", "text"),
    [
        ('ID=debian\nVERSION_ID="12"\n', "Debian 12.0.0"),
        ("ID=ubuntu\nVERSION_ID=22.04\n", "Ubuntu 22.4.0"),
        ("ID=strange\n", "Linux Unknown"),
    ],
)
def test_system(tmp_path: Path, release: str, text: str) -> None:
    path = tmp_path / "os-release"
    path.write_text(release, encoding="utf-8")
    assert host.system(path) == text


@pytest.mark.parametrize(
    ("env", "token"),
    [
        ({"TERM": "xterm"}, "xterm"),
        ({"TERM": "xterm", "TERM_PROGRAM": "vscode", "TERM_PROGRAM_VERSION": "1.2.3"}, "vscode/1.2.3"),
        ({"TERM": "xterm", "WEZTERM_VERSION": "2024"}, "WezTerm/2024"),
        ({"TERM": ""}, "unknown"),
    ],
)
def test_terminal(env: dict[str, str], token: str) -> None:
    assert host.terminal(env) == token
