"""Tests for pycodex.sandbox_choice: a flag, the configuration, the project's trust, or a profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from pycodex.records import replace
from pycodex.sandbox_choice import kept_sandbox
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


READ_ONLY = {
    "type": "managed",
    "file_system": {
        "type": "restricted",
        "entries": [{"path": {"type": "special", "value": {"kind": "root"}}, "access": "read"}],
    },
    "network": "restricted",
}


@pytest.mark.parametrize(
    ("profile", "given", "mode"),
    [
        (READ_ONLY, (), "read-only"),
        ({"type": "disabled"}, (), "danger-full-access"),
        ({**READ_ONLY, "network": "enabled"}, (), "workspace-write"),
        (READ_ONLY, ("sandbox",), "workspace-write"),
    ],
)
def test_a_thread_keeps_a_mode_that_names_no_folder(
    tmp_path: Path, profile: dict[str, object], given: tuple[str, ...], mode: str
) -> None:
    settings = chosen(tmp_path, "0.169.0", 'sandbox_mode="workspace-write"')
    settings = replace(settings, config=replace(settings.config, given=frozenset(given)))
    told = {"permission_profile": profile, "runtime_workspace_roots": [str(tmp_path), "/srv"]}
    kept = kept_sandbox(settings, told)
    assert (kept.sandbox.mode, kept.added_roots) == (mode, (Path("/srv"),))
    assert (Path("/srv") in kept.sandbox.writable_roots) == (mode == "workspace-write")


def test_a_thread_that_goes_on_elsewhere_leaves_its_folder(tmp_path: Path) -> None:
    settings = chosen(tmp_path, "0.169.0", 'sandbox_mode="workspace-write"')
    kept = kept_sandbox(settings, {"cwd": "/srv", "runtime_workspace_roots": ["/srv", "/opt"]})
    assert kept.added_roots == (Path("/opt"),)


def test_folders_of_the_command_line_win(tmp_path: Path) -> None:
    settings = chosen(tmp_path, "0.169.0", 'sandbox_mode="workspace-write"')
    settings = replace(settings, config=replace(settings.config, given=frozenset({"folders"})))
    told = {"permission_profile": {"type": "disabled"}, "runtime_workspace_roots": [str(tmp_path), "/srv"]}
    kept = kept_sandbox(settings, told)
    assert (kept.sandbox.mode, kept.added_roots) == ("danger-full-access", ())


@pytest.mark.parametrize(("table", "asked_for"), [((), False), (("sandbox_workspace_write={}",), True)])
def test_a_table_about_the_mode_of_a_trusted_project_asks_for_it(
    tmp_path: Path, table: tuple[str, ...], asked_for: bool
) -> None:
    settings = chosen(tmp_path, "0.169.0", f'projects={{"{tmp_path}"={{trust_level="trusted"}}}}', *table)
    assert (settings.sandbox.mode, settings.sandbox_asked_for) == ("workspace-write", asked_for)
    assert not chosen(tmp_path, "0.169.0", *table).sandbox_asked_for
