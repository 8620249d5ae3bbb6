"""Permission profiles of a version that enforces sandbox modes only: a profile becomes the mode that can hold it.

What is narrower than a mode (a place in the workspace that is read-only, one that may not be read) is checked and then
counts for nothing, as in that version: what is announced is the mode. Captures: config/permission_profiles_bridged,
config/permission_profiles_bridged_wrong, sandbox/permission_profile_bridged.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pycodex.config_layers import ConfigError
from pycodex.records import dataclass, replace
from pycodex.sandbox import Readable, SandboxMode

__all__ = ["Bridged", "bridge"]

_PLAIN = (":root", ":minimal", ":tmpdir")
_ROOTS = ":project_roots"
_OUTSIDE = (
    "permissions profile requests filesystem writes outside the workspace root, which is not supported until the "
    "runtime enforces FileSystemSandboxPolicy directly"
)
_ANY_HOST = (
    "network proxy constraints are invalid: invalid value for network.{key}: * (allowed exact hosts or scoped "
    "wildcards like *.example.com or **.example.com)"
)


@dataclass(frozen=True, kw_only=True)
class Bridged:
    """The mode that a profile becomes."""

    mode: SandboxMode
    network: bool
    table: Mapping[str, Any]
    """What stands in place of the configuration's `sandbox_workspace_write`."""
    readable: Readable | None = None
    """What may be read; None: everything."""


def bridge(config: Mapping[str, Any], cwd: Path, env: Mapping[str, str], *, mode_wins: bool) -> Bridged | None:
    """The mode of the profile that is picked, or None where none is. Raises ConfigError.

    `mode_wins`: whether the configuration names a sandbox mode in a layer above.
    """
    if mode_wins:
        return None
    name, tables = config.get("default_permissions"), config.get("permissions")
    if name is None:
        if tables:
            raise _error("config defines `[permissions]` profiles but does not set `default_permissions`")
        return None
    if tables is None:
        raise _error("default_permissions requires a `[permissions]` table")
    if name not in tables:
        raise _error(f"default_permissions refers to undefined profile `{name}`")
    profile = tables[name]
    entries = list(_entries(profile.get("filesystem", {}), cwd, env.get("HOME")))
    found = _mode_of(entries, cwd, env.get("TMPDIR"), network=bool(profile.get("network", {}).get("enabled")))
    for key in ("allowed_domains", "denied_domains"):
        if any(domain.strip() == "*" for domain in profile.get("network", {}).get(key, ())):
            raise _error(_ANY_HOST.format(key=key))
    return found


def _error(message: str) -> ConfigError:
    return ConfigError(f"Error: {message}")


def _entries(files: Mapping[str, Any], cwd: Path, home: str | None) -> Iterator[tuple[str, str]]:
    """(place, access): a path or the name of a special place. One that is not known is left out."""
    for path in sorted(files):
        inner = files[path] if isinstance(files[path], Mapping) else {".": files[path]}
        if not path.startswith(":"):
            path = _absolute(path, home)
        for below in sorted(inner):
            if below != ".":
                _check_below(path, below)
            if path in _PLAIN:
                yield path, inner[below]
            elif path == _ROOTS:
                yield os.path.normpath(cwd / below), inner[below]
            elif not path.startswith(":"):
                yield os.path.normpath(os.path.join(path, below)), inner[below]


def _absolute(path: str, home: str | None) -> str:
    if home is not None and (path == "~" or path.startswith("~/")):
        return home + path[1:]
    if not path.startswith("/"):
        raise _error(f"filesystem path `{path}` must be absolute, use `~/...`, or start with `:`")
    return path


def _check_below(path: str, below: str) -> None:
    # A dot between other parts is no part to upstream, which reads the path before it looks at it.
    parts = [part for at, part in enumerate(below.split("/")) if part and (part != "." or at == 0)]
    if not parts or below.startswith("/") or any(part in (".", "..") for part in parts):
        raise _error(f"filesystem subpath `{below}` must be a descendant path without `.` or `..` components")
    if path in _PLAIN:
        raise _error(f"filesystem path `{path}` does not support nested entries")


def _mode_of(entries: list[tuple[str, str]], cwd: Path, tmpdir: str | None, *, network: bool) -> Bridged:
    root = {access for place, access in entries if place == ":root"}
    if "write" in root:
        return Bridged(mode="danger-full-access", network=network, table={})
    readable = None
    if "read" not in root:
        named = {":tmpdir": tmpdir}
        places = [named.get(place, place) for place, access in entries if access == "read" and place != ":minimal"]
        readable = Readable(
            roots=tuple(dict.fromkeys(Path(place) for place in places if place is not None)),
            platform=any(place == ":minimal" and access != "none" for place, access in entries),
        )
    written = [place for place, access in entries if access == "write" and place != ":minimal"]
    if str(cwd) in written:
        table = {
            "writable_roots": [place for place in dict.fromkeys(written) if place not in (str(cwd), ":tmpdir")],
            "network_access": network,
            "exclude_slash_tmp": True,
            "exclude_tmpdir_env_var": ":tmpdir" not in written,
        }
        return Bridged(mode="workspace-write", network=network, table=table, readable=readable)
    if written:
        raise _error(_OUTSIDE)
    if readable is not None:
        readable = replace(readable, unsaid=(cwd,))
    return Bridged(mode="read-only", network=network, table={}, readable=readable)
