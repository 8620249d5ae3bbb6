"""What is wrong with a configuration, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from pycodex.doctor.subject import Broken
from tests.pycodex.doctor.subjects import subject


@pytest.mark.parametrize(
    ("config", "kind", "line", "key", "said"),
    [
        ('a = 1\nmodel = "x\n', "placed", 2, "model", "invalid basic string"),
        ("[a\n", "placed", 1, "a", "unclosed table"),
        ("a = 1\nmodel = 3\n", "other", 2, "model", "invalid type: integer `3`, expected a string"),
        ('\nmodel_provider = "zz"\n', "missing", 2, "model_provider", "Model provider `zz` not found"),
        ("[model_providers.x]\nname = 3\n", "other", 2, "model_providers.x.name", "invalid type"),
        ('sandbox_mode = "open"\n', "other", 1, "sandbox_mode", "unknown variant"),
        ('model_instructions_file = "/nowhere/x.md"\n', "missing", 1, "model_instructions_file", "No such file"),
    ],
)
def test_the_place_of_an_error(tmp_path: Path, config: str, kind: str, line: int, key: str, said: str) -> None:
    (tmp_path / "config.toml").write_text(config)
    found = subject_without_flags(tmp_path)
    assert found is not None
    assert (found.kind, found.line, found.key) == (kind, line, key)
    assert found.file == str(tmp_path / "config.toml") and said in found.message


def subject_without_flags(home: Path) -> Broken | None:
    from pycodex.cli.clap import parse
    from pycodex.cli.options import program
    from pycodex.doctor.subject import open_subject
    from pycodex.upstream import NEWEST, load_dialect

    dialect = load_dialect(NEWEST)
    return open_subject(
        dialect, parse(program(dialect), ["doctor"]), {"HOME": str(home), "CODEX_HOME": str(home)}
    ).broken


def test_an_error_of_a_flag_has_no_file(tmp_path: Path) -> None:
    found = subject(tmp_path, "", "-c", "model=3").broken
    assert found is not None and (found.kind, found.file, found.key) == ("other", None, "model")


def test_what_is_no_override_is_of_the_command_line(tmp_path: Path) -> None:
    found = subject(tmp_path, "", "-c", "model").broken
    assert found is not None and (found.kind, found.file) == ("options", None)


def test_a_home_that_is_not_there(tmp_path: Path) -> None:
    looked = subject(tmp_path, env={"CODEX_HOME": str(tmp_path / "nowhere")})
    assert looked.home is None and looked.broken is not None and "does not exist" in looked.broken.message


def test_a_configuration_that_can_be_used(tmp_path: Path) -> None:
    looked = subject(tmp_path, 'model = "gpt-5.5"\n')
    assert looked.broken is None and looked.model == "gpt-5.5"
    assert looked.loaded.originator == "codex_cli_rs"
