"""Tests for pycodex.bridged_profiles: what a profile becomes where only sandbox modes are enforced."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pycodex.bridged_profiles import Bridged, bridge
from pycodex.config_layers import ConfigError
from pycodex.sandbox import Readable

CWD = Path("/ws")
ENV = {"HOME": "/home/me", "TMPDIR": "/scratch"}


def bridged(files: Mapping[str, Any], network: Mapping[str, Any] | None = None) -> Bridged:
    profile = {"filesystem": files, "network": network or {}}
    found = bridge({"default_permissions": "x", "permissions": {"x": profile}}, CWD, ENV, mode_wins=False)
    assert found is not None
    return found


def refusal(config: Mapping[str, Any]) -> str:
    with pytest.raises(ConfigError) as caught:
        bridge(config, CWD, ENV, mode_wins=False)
    return str(caught.value)


def test_a_profile_that_only_reads_is_read_only() -> None:
    assert bridged({":root": "read", ":future": "write"}) == Bridged(mode="read-only", network=False, table={})
    assert bridged({":root": "read"}, {"enabled": True}).network


def test_a_writable_workspace_brings_the_other_places_along() -> None:
    found = bridged({":root": "read", ":project_roots": {".": "write", "docs": "read"}, "~/y": "write", "/o/": "write"})
    assert found.mode == "workspace-write" and found.readable is None
    assert found.table == {
        "writable_roots": ["/o", "/home/me/y"],
        "network_access": False,
        "exclude_slash_tmp": True,
        "exclude_tmpdir_env_var": True,
    }
    assert not bridged({":root": "read", "/ws": "write", ":tmpdir": "write"}).table["exclude_tmpdir_env_var"]


def test_writing_everything_is_full_access_with_or_without_network() -> None:
    assert bridged({":root": "write", "/etc": "none"}) == Bridged(mode="danger-full-access", network=False, table={})
    assert bridged({":root": "write"}, {"enabled": True}).network


def test_without_the_root_only_what_is_named_is_readable() -> None:
    found = bridged({":minimal": "read", "/opt": "read", "/usr/local": {"a": "read", "b": "none"}, ":tmpdir": "read"})
    assert found.readable == Readable(
        roots=(Path("/opt"), Path("/usr/local/a"), Path("/scratch")), platform=True, unsaid=(Path("/ws"),)
    )
    assert bridged({}).readable == Readable(unsaid=(Path("/ws"),))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({":root": "read", "/opt": "write"}, "writes outside the workspace root"),
        ({":project_roots": {"sub": "write"}}, "writes outside the workspace root"),
        ({"rel": "read"}, "filesystem path `rel` must be absolute"),
        ({":root": {"a": "read"}}, "filesystem path `:root` does not support nested entries"),
        ({":tmpdir": {"../a": "read"}}, "filesystem subpath `../a` must be a descendant"),
        ({"/etc": {"": "read"}}, "filesystem subpath `` must be a descendant"),
    ],
)
def test_what_no_mode_can_hold_is_refused(files: Mapping[str, Any], words: str) -> None:
    assert words in refusal({"default_permissions": "x", "permissions": {"x": {"filesystem": files}}})


def test_a_profile_has_to_be_there_and_to_be_picked() -> None:
    tables = {"y": {"filesystem": {"rel": "read"}}}
    assert refusal({"default_permissions": "x"}) == "Error: default_permissions requires a `[permissions]` table"
    assert "undefined profile `x`" in refusal({"default_permissions": "x", "permissions": tables})
    assert "does not set `default_permissions`" in refusal({"permissions": tables})
    assert bridge({"permissions": {}}, CWD, ENV, mode_wins=False) is None
    assert bridge({"default_permissions": "x"}, CWD, ENV, mode_wins=True) is None


def test_all_hosts_at_once_are_refused_after_the_places() -> None:
    network = {"allowed_domains": ["x.org", " *"], "denied_domains": ["*"]}
    profile = {"filesystem": {":root": "read"}, "network": network}
    assert "network.allowed_domains: *" in refusal({"default_permissions": "x", "permissions": {"x": profile}})
