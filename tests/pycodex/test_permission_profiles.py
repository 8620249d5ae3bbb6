"""Permission profiles: which one counts, what it says, what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pycodex.config_layers import ConfigError, LateConfigError
from pycodex.permission_profiles import PermissionProfile, resolve_profile

WS, EXTRA = Path("/ws"), Path("/extra")


def resolved(tables: Any, name: str | None = "x", asked: str = "", roots: tuple[Path, ...] = (WS,)) -> Any:
    config = {"permissions": tables, **({} if name is None else {"default_permissions": name})}
    return resolve_profile(config, roots, "/home/me", asked=asked)


def entries(profile: PermissionProfile) -> list[tuple[str, str, str]]:
    return [(entry.access, entry.kind, entry.value) for entry in profile.entries]


def test_entries_stand_in_the_order_of_their_names() -> None:
    files = {
        ":workspace_roots": {"docs": "read", ".": "write", "*.pem": "deny"},
        ":root": "read",
        "~/y": "none",
        "/a/**": "write",
    }
    profile = resolved({"x": {"filesystem": files, "workspace_roots": {"sub": True, "~/z": True, "/off": False}}})
    assert entries(profile) == [
        ("write", "path", "/a"),
        ("read", "special", "root"),
        ("deny", "glob", "/ws/*.pem"),
        ("write", "path", "/ws"),
        ("read", "path", "/ws/docs"),
        ("deny", "path", "/home/me/y"),
        ("deny", "glob", "/ws/sub/*.pem"),
        ("deny", "glob", "/home/me/z/*.pem"),
        ("write", "path", "/ws/sub"),
        ("write", "path", "/home/me/z"),
        ("read", "path", "/ws/sub/docs"),
        ("read", "path", "/home/me/z/docs"),
    ]


def test_folders_of_the_command_line_are_workspace_roots() -> None:
    profile = resolved({"x": {"filesystem": {":root": "read", ":workspace_roots": {".": "write"}}}}, roots=(WS, EXTRA))
    assert entries(profile)[1:] == [("write", "path", "/ws"), ("write", "path", "/extra")]


def test_a_profile_lies_over_the_one_it_extends() -> None:
    tables = {
        "base": {"filesystem": {":root": "read", "/opt": "write"}, "network": {"enabled": True}},
        "x": {"extends": "base", "filesystem": {"/opt": "deny"}},
        "y": {"extends": ":workspace", "filesystem": {":workspace_roots": {"docs": "read"}}},
    }
    x, y = resolved(tables), resolved(tables, "y")
    assert (entries(x), x.network, x.extends) == ([("deny", "path", "/opt"), ("read", "special", "root")], True, "base")
    assert entries(y)[-2:] == [("write", "path", "/ws"), ("read", "path", "/ws/docs")]
    assert not x.writes_everything
    assert resolved({"x": {"filesystem": {":root": "write"}}}).writes_everything


def test_built_in_profiles_are_modes() -> None:
    assert resolved({}, ":workspace") is None
    assert resolved({}, None) is None


@pytest.mark.parametrize(
    ("tables", "name", "text"),
    [
        ({}, ":nope", "default_permissions refers to unknown built-in profile `:nope`"),
        ({"y": {}}, "x", "default_permissions refers to undefined profile `x`"),
        ({":y": {}}, ":workspace", "permissions profile `:y` uses a reserved built-in profile prefix"),
        ({"x": {"extends": "y"}, "y": {"extends": "x"}}, "x", "inheritance cycle detected: x -> y -> x"),
        ({"x": {"extends": "z"}}, "x", "permissions profile `x` extends undefined profile `z`"),
        ({"x": {"extends": ":danger-full-access"}}, "x", "`x` cannot extend unsupported built-in profile"),
        ({"x": {"filesystem": {"rel": "read"}}}, "x", "filesystem path `rel` must be absolute, use `~/...`"),
        ({"x": {"filesystem": {"/a": {"../b": "read"}}}}, "x", "must be a descendant path without `.` or `..`"),
        ({"x": {"filesystem": {"/a": {"": "read"}}}}, "x", "must be a descendant path"),
        ({"x": {"filesystem": {":root": {"a": "read"}}}}, "x", "filesystem path `:root` does not support nested"),
        ({"x": {"filesystem": {"/a/*.x": "write"}}}, "x", "only supports `deny` access"),
        ({"x": {"filesystem": {"glob_scan_max_depth": 0}}}, "x", "glob_scan_max_depth must be at least 1"),
        ({"x": {}}, None, "defines `[permissions]` profiles but does not set `default_permissions`"),
    ],
)
def test_mistakes(tables: Any, name: str | None, text: str) -> None:
    with pytest.raises(ConfigError) as raised:
        resolved(tables, name)
    assert text in str(raised.value)
    assert not isinstance(raised.value, LateConfigError)
    with pytest.raises(LateConfigError, match="in-process app-server client"):
        resolved(tables, name, "flag")


def test_a_mode_in_the_configuration_needs_no_profile() -> None:
    assert resolved({"x": {}}, None, "config") is None


def test_warnings() -> None:
    assert "`x` does not define any recognized" in resolved({"x": {}}).warnings[0]
    odd = resolved(
        {"x": {"filesystem": {":root": "read", ":later": {"a": "read"}, ":workspace_roots": {"**/k": "deny"}}}}
    )
    assert ["`:workspace_roots/**/k` uses `**`" in odd.warnings[0], "nested entry `a`" in odd.warnings[1]] == [
        True,
        True,
    ]
    bounded = {"glob_scan_max_depth": 2, ":root": "read", ":workspace_roots": {"**/k": "deny"}}
    assert resolved({"x": {"filesystem": bounded}}).warnings == ()


def test_all_domains_cannot_be_denied() -> None:
    for domain in ("*", " * "):
        with pytest.raises(ConfigError, match=r"invalid value for network.denied_domains: \* "):
            resolved({"x": {"filesystem": {":root": "read"}, "network": {"domains": {domain: "deny"}}}})
    assert resolved({"x": {"filesystem": {":root": "read"}, "network": {"domains": {"*": "allow"}}}}).entries
