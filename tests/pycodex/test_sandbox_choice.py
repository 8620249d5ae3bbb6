"""Tests for pycodex.sandbox_choice: a flag, the configuration, the project's trust, or a profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from pycodex.settings import Settings, resolve
from pycodex.upstream import load_dialect

PROFILE = 'permissions={x={filesystem={":root"="read","%s"={"."="write"}}}}'
OLD, NEW = ("0.115.0", ":project_roots"), ("0.169.0", ":workspace_roots")


def chosen(tmp_path: Path, version: str, *overrides: str, flag: str | None = None) -> Settings:
    return resolve(
        load_dialect(version),
        cwd=tmp_path,
        env={"HOME": str(tmp_path)},
        home=tmp_path,
        overrides=overrides,
        sandbox_mode=flag,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(("version", "roots"), [OLD, NEW])
def test_a_profile_stands_in_place_of_a_mode_unless_a_flag_names_one(version: str, roots: str, tmp_path: Path) -> None:
    profile = (PROFILE % roots, 'default_permissions="x"')
    assert chosen(tmp_path, version).sandbox.mode == "read-only"
    settings = chosen(tmp_path, version, *profile)
    assert settings.sandbox.mode == "workspace-write" and tmp_path in settings.sandbox.writable_roots
    assert not settings.sandbox_asked_for
    assert chosen(tmp_path, version, *profile, flag="read-only").sandbox.mode == "read-only"


def test_the_roots_of_a_bridged_profile_are_the_configurations(tmp_path: Path) -> None:
    own = 'sandbox_workspace_write.writable_roots=["/srv"]'
    settings = chosen(tmp_path, "0.115.0", PROFILE % ":project_roots", 'default_permissions="x"', own)
    assert settings.config.sandbox_workspace_write["writable_roots"] == []
    assert Path("/srv") not in settings.sandbox.writable_roots and Path("/tmp") not in settings.sandbox.writable_roots
