import json
from pathlib import Path
from typing import Any

import pytest

from pycodex.parsed_command import parse_command

CAPTURED: dict[str, Any] = json.loads((Path(__file__).parent / "parsed_commands.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("script", CAPTURED)
def test_captured_rows(script: str) -> None:
    assert parse_command(["/bin/bash", "-lc", script]) == CAPTURED[script]
