"""Permission profiles: `default_permissions` and the tables `[permissions.NAME]` of config.toml.

A profile says path by path what commands may read and write, and whether they have the network. It stands in place of
the sandbox mode, unless one is asked for. Captures: config/permission_profiles, sandbox/permission_profile.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pycodex.config_layers import ConfigError, LateConfigError
from pycodex.records import dataclass

__all__ = ["BUILT_IN_MODES", "Entry", "PermissionProfile", "resolve_profile"]

Access = Literal["read", "write", "deny"]

BUILT_IN_MODES = {
    ":read-only": "read-only",
    ":workspace": "workspace-write",
    ":danger-full-access": "danger-full-access",
}
"""Profiles that are sandbox modes by another name."""

_EXTENSIBLE: Mapping[str, Mapping[str, Any]] = {
    ":read-only": {":root": "read"},
    ":workspace": {":root": "read", ":slash_tmp": "write", ":tmpdir": "write", ":workspace_roots": {".": "write"}},
}
_SPECIAL = {":root": "root", ":minimal": "minimal", ":tmpdir": "tmpdir", ":slash_tmp": "slash_tmp"}
_ROOTS, _DEPTH = ":workspace_roots", "glob_scan_max_depth"
_ACCESS = {"read": "read", "write": "write", "deny": "deny", "none": "deny"}
_GLOB = re.compile(r"[*?\[\]]")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What may be done at one place. `kind`: a path, a pattern, or a special place by its name."""

    access: Access
    kind: Literal["path", "glob", "special", "unknown"]
    value: str


@dataclass(frozen=True, kw_only=True)
class PermissionProfile:
    """A profile of the user's own, for one working directory."""

    id: str
    extends: str | None = None
    entries: tuple[Entry, ...] = ()
    max_depth: int | None = None
    """How deep patterns are looked for."""
    network: bool = False
    roots: tuple[Path, ...] = ()
    """Workspace roots beside the working directory."""
    warnings: tuple[str, ...] = ()

    def special(self, name: str) -> Access | None:
        """What the entry for a special place says."""
        return next((e.access for e in self.entries if (e.kind, e.value) == ("special", name)), None)

    @property
    def writes_everything(self) -> bool:
        """Whether nothing is kept from being written."""
        return self.special("root") == "write" and all(entry.access == "write" for entry in self.entries)

    def places(self, tmpdir: str | None) -> list[tuple[Access, Path]]:
        """The entries that name one place, in their order."""
        special = {"root": "/", "slash_tmp": "/tmp", "tmpdir": tmpdir}
        found = []
        for entry in self.entries:
            path = (
                entry.value if entry.kind == "path" else special.get(entry.value) if entry.kind == "special" else None
            )
            if path is not None:
                found.append((entry.access, Path(path)))
        return found

    def patterns(self) -> list[str]:
        """The patterns of what is denied."""
        return [entry.value for entry in self.entries if entry.kind == "glob"]


def resolve_profile(
    config: Mapping[str, Any], roots: Sequence[Path], home: str | None, *, asked: str
) -> PermissionProfile | None:
    """The profile that is picked, or None where it is none of the user's own. Raises ConfigError.

    `roots`: the working directory and those of the command line. `asked`: whether a sandbox mode is asked for, by
    `flag`, in the `config` or not (empty). A flag hides a mistake from the first look at the configuration, and the
    second one says what it is.
    """
    name, tables = config.get("default_permissions"), config.get("permissions")
    try:
        for own in sorted(tables or ()):
            if own.startswith(":"):
                raise _Invalid(f"permissions profile `{own}` uses a reserved built-in profile prefix")
        if name is None:
            if tables and asked != "config":
                raise _Invalid("config defines `[permissions]` profiles but does not set `default_permissions`")
            return None
        if name in BUILT_IN_MODES:
            return None
        if name.startswith(":"):
            raise _Invalid(f"default_permissions refers to unknown built-in profile `{name}`")
        if tables is None:
            raise _Invalid("default_permissions requires a `[permissions]` table")
        return _compiled(name, tables, roots, home)
    except _Invalid as error:
        if asked == "flag":
            raise LateConfigError(f"Error: failed to initialize in-process app-server client: {error}") from None
        raise ConfigError(f"Error: {error}") from None


class _Invalid(Exception):
    """What is wrong with a profile."""


def _compiled(name: str, tables: Mapping[str, Any], here: Sequence[Path], home: str | None) -> PermissionProfile:
    table = _merged(name, tables, ())
    files = {path: access for path, access in table["filesystem"].items() if path != _DEPTH}
    depth = table["filesystem"].get(_DEPTH)
    roots = [Path(_expanded(root, here[0], home)) for root, on in sorted(table["workspace_roots"].items()) if on]
    warnings = []
    if not files:
        warnings.append(
            f"Permissions profile `{name}` does not define any recognized filesystem entries for this version of "
            "Codex. Filesystem access will remain restricted. Upgrade Codex if this profile expects filesystem "
            "permissions."
        )
    if depth is None:
        warnings += [_UNBOUNDED.format(path=path) for path in _unbounded(files)]
    entries: list[Entry] = []
    for path in sorted(files):
        entries += _entries(path, files[path], here, home, warnings)
    if depth == 0:
        raise _Invalid("glob_scan_max_depth must be at least 1")
    more = _entries(_ROOTS, files.get(_ROOTS, {}), roots, home, [])
    for domain, verdict in sorted(table["network"].get("domains", {}).items()):
        if verdict == "deny" and domain.strip() == "*":
            raise _Invalid(_ALL_DENIED)
    return PermissionProfile(
        id=name,
        extends=tables[name].get("extends"),
        entries=tuple(dict.fromkeys([*entries, *more])),
        max_depth=depth,
        network=bool(table["network"].get("enabled")),
        roots=tuple(roots),
        warnings=tuple(warnings),
    )


def _merged(name: str, tables: Mapping[str, Any], below: tuple[str, ...]) -> dict[str, Any]:
    """The profile over those it extends. `below`: the profiles that led here."""
    table = tables.get(name)
    if table is None:
        if name in _EXTENSIBLE:
            return {"filesystem": dict(_EXTENSIBLE[name]), "network": {}, "workspace_roots": {}}
        if not below:
            raise _Invalid(f"default_permissions refers to undefined profile `{name}`")
        unsupported = f"cannot extend unsupported built-in profile `{name}`"
        reason = unsupported if name.startswith(":") else f"extends undefined profile `{name}`"
        raise _Invalid(f"permissions profile `{below[-1]}` {reason}")
    if name in below:
        raise _Invalid(f"permissions profile inheritance cycle detected: {' -> '.join((*below, name))}")
    parent = table.get("extends")
    merged: dict[str, Any] = {"filesystem": {}, "network": {}, "workspace_roots": {}}
    if parent is not None:
        merged = _merged(parent, tables, (*below, name))
    for part in merged:
        for key, value in table.get(part, {}).items():
            old = merged[part].get(key)
            if isinstance(old, Mapping) and isinstance(value, Mapping):
                value = {**old, **value}
            merged[part][key] = value
    return merged


_ALL_DENIED = (
    "network proxy constraints are invalid: invalid value for network.denied_domains: * (allowed exact hosts or scoped "
    "wildcards like *.example.com or **.example.com)"
)
_UNBOUNDED = (
    "Filesystem deny-read glob `{path}` uses `**`. Non-macOS sandboxing does not support unbounded `**` natively; set "
    "`glob_scan_max_depth` in this filesystem profile to cap Linux glob expansion and silence this warning, or "
    "enumerate explicit depths such as `*.env`, `*/*.env`, and `*/*/*.env`."
)


def _unbounded(files: Mapping[str, Any]) -> Iterator[str]:
    for path in sorted(files):
        inner = files[path] if isinstance(files[path], Mapping) else {"": files[path]}
        for below in sorted(inner):
            whole = f"{path}/{below}" if below else path
            if _ACCESS[inner[below]] == "deny" and "**" in whole:
                yield whole


def _entries(
    path: str, permission: Any, roots: Sequence[Path], home: str | None, warnings: list[str]
) -> Iterator[Entry]:
    """The entries of one line of the table `filesystem`; `roots` are what :workspace_roots stands for."""
    bases = roots if path == _ROOTS else [Path("/")]
    inner = permission if isinstance(permission, Mapping) else {None: permission}
    for below in sorted(inner):
        for base in bases:
            yield _entry(path, below, _ACCESS[inner[below]], base, home, warnings)


def _entry(path: str, below: str | None, access: str, cwd: Path, home: str | None, warnings: list[str]) -> Entry:
    own = path if below is None else below
    pattern = bool(_GLOB.search(own))
    if pattern and access != "deny":
        own, pattern = own.removesuffix("/**"), False
        if _GLOB.search(own):
            raise _Invalid(
                f"filesystem glob path `{path if below is None else below}` only supports `deny` access; use an exact "
                f"path or trailing `/**` for `{access}` subtree access"
            )
    if below is None:
        path, own = own, "."
    elif own != "/":
        own = own.removesuffix("/")
    if own != "." and (own == "" or own.startswith("/") or any(part in (".", "..", "") for part in own.split("/"))):
        raise _Invalid(f"filesystem subpath `{own}` must be a descendant path without `.` or `..` components")
    if path.startswith(":") and path != _ROOTS:
        return _special(path, own, access, warnings)
    base = str(cwd) if path == _ROOTS else _absolute(path, home)
    value = base if own == "." else os.path.join(base, own)
    return Entry(access=access, kind="glob" if pattern else "path", value=value)  # type: ignore[arg-type]


def _special(path: str, below: str, access: str, warnings: list[str]) -> Entry:
    if path in _SPECIAL:
        if below != ".":
            raise _Invalid(f"filesystem path `{path}` does not support nested entries")
        return Entry(access=access, kind="special", value=_SPECIAL[path])  # type: ignore[arg-type]
    nested = "" if below == "." else f" with nested entry `{below}`"
    warnings.append(
        f"Configured filesystem path `{path}`{nested} is not recognized by this version of Codex and will be ignored. "
        "Upgrade Codex if this path is required."
    )
    return Entry(access=access, kind="unknown", value=path if below == "." else f"{path}/{below}")  # type: ignore[arg-type]


def _absolute(path: str, home: str | None) -> str:
    if not path.startswith("/") and path != "~" and not path.startswith("~/"):
        raise _Invalid(f"filesystem path `{path}` must be absolute, use `~/...`, or start with `:`")
    return _expanded(path, Path("/"), home)


def _expanded(path: str, base: Path, home: str | None) -> str:
    if home is not None and (path == "~" or path.startswith("~/")):
        path = home + path[1:]
    return os.path.normpath(base / path)
