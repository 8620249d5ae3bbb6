"""Every option of each version's help has a row in the table of measured rules."""

import re
from pathlib import Path

import pytest
import yaml

from captures.recording import read_recording
from compare.cells import upstream_folder

RULES: list[dict[str, str]] = yaml.safe_load((Path(__file__).parent / "exec_rules.yaml").read_text())
ROWS = {row["rule"].partition(":")[0].removeprefix("--") for row in RULES if row["rule"].startswith("--")}
VERSIONS = sorted(folder.name for folder in upstream_folder().iterdir() if (folder / "direct/cli/help").is_dir())
_OPTION = re.compile(r"^\s+(?:-\w, )?--([a-z-]+)", re.MULTILINE)


def _helped(version: str) -> set[str]:
    folders = [upstream_folder() / version / "direct" / name for name in ("cli/help", "cli/help_fork", "review/help")]
    runs = [run for folder in folders if folder.is_dir() for run in read_recording(folder).tree["runs"]]
    return {name for run in runs for name in _OPTION.findall("\n".join(map(str, run["stdout"])))}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_option_of_the_help_has_a_row(version: str) -> None:
    helped = _helped(version)
    assert len(helped) > 20
    assert sorted(helped - ROWS) == []


def test_no_row_is_for_an_option_that_no_help_names() -> None:
    assert sorted(ROWS - {name for version in VERSIONS for name in _helped(version)}) == []
