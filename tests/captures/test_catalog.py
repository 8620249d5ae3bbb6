import json
import sys
from pathlib import Path

import pytest

from captures.catalog import Model, bundled_models, embedded_models, models_of

ROWS = [
    {"slug": "hidden", "visibility": "hide", "priority": 0},
    {"slug": "second", "visibility": "list", "priority": 2},
    {"slug": "first", "visibility": "list", "priority": 1, "tool_mode": "code_mode_only"},
    {"priority": 9},
]


def program(path: Path, body: str) -> Path:
    path.write_text(f"#!{sys.executable}\n{body}\n")
    path.chmod(0o755)
    return path


def test_models_stand_in_the_order_of_offering_with_their_role() -> None:
    assert models_of(ROWS) == (
        Model(slug="first", role="code_mode"),
        Model(slug="second", role="direct"),
        Model(slug="hidden", role="direct"),
    )


def test_a_binary_is_asked_for_the_catalog_that_it_brings(tmp_path: Path) -> None:
    said = json.dumps({"models": ROWS})
    asked = "import sys; assert sys.argv[1:] == ['debug', 'models', '--bundled']"
    binary = program(tmp_path / "codex", f"{asked}\nprint({said!r})")
    assert [model.slug for model in bundled_models(binary)] == ["first", "second", "hidden"]


@pytest.mark.parametrize("body", ["import sys; sys.exit(2)", "print('usage')", "print('[]')"])
def test_a_binary_without_the_command_has_no_catalog(body: str, tmp_path: Path) -> None:
    assert bundled_models(program(tmp_path / "codex", body)) == ()


def test_the_catalog_in_a_binary_is_the_first_whole_one_with_base_prompts(tmp_path: Path) -> None:
    rows = [{"slug": "one", "base_instructions": "be short: é"}]
    text = json.dumps({"models": rows}, indent=2, ensure_ascii=False).encode()
    other = json.dumps({"models": [{"slug": "none"}]}, indent=2).encode()
    binary = tmp_path / "agent"
    binary.write_bytes(b'\x7fELF{\n  "models": [\n  broken\xff' + other + b"\xfe\x00" + text + b"\x80\x00rest")
    assert embedded_models(binary) == rows
    binary.write_bytes(b"\x7fELF" + other)
    assert embedded_models(binary) == []
