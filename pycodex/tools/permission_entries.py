"""Which files a model asks for: an object of entries, or of two lists of paths (captured: 0.169.0,
tools/request_permissions_texts and _entries)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pycodex.tools.base_tool import ToolError

__all__ = ["allow_by_glob", "are_files", "as_entries"]

_ACCESS = ("read", "write", "deny", "none")
_PLACES = ("root", "minimal", "project_roots", "current_working_directory", "tmpdir", "slash_tmp")


def as_entries(files: Mapping[str, Any]) -> dict[str, Any]:
    """The object with the paths of its lists among its entries. Raises ToolError."""
    made = dict(files)
    for access in ("read", "write"):
        if access in made and made[access] is None:
            del made[access]
        paths = made.get(access)
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            continue
        del made[access]
        for path in paths:
            if "\0" in path:
                raise ToolError(f"'{path}' is invalid on 'linux'")
            entries = made.setdefault("entries", [])
            if not isinstance(entries, list):
                raise ToolError("request_permissions file_system.entries must be an array")
            made["entries"] = [*entries, {"path": {"type": "path", "path": path}, "access": access}]
    return made


def are_files(value: Any) -> bool:
    """Whether it has one of the two forms."""
    canonical = _elements(value, {"entries": (), "glob_scan_max_depth": None})
    if canonical is not None and _is_list(canonical[0], _is_entry) and _is_depth(canonical[1]):
        return True
    lists = _elements(value, {"read": (), "write": ()})
    return lists is not None and all(
        paths is None or _is_list(paths, lambda path: isinstance(path, str)) for paths in lists
    )


def allow_by_glob(files: Any) -> bool:
    """Whether files in one of the two forms hold a glob that shall be allowed (captured: request_permissions_globs)."""
    entries = files.get("entries") if isinstance(files, dict) else files[0] if files else None
    return isinstance(entries, list) and any(_allows_by_glob(entry) for entry in entries)


def _allows_by_glob(entry: Any) -> bool:
    place, access = (entry["path"], entry["access"]) if isinstance(entry, dict) else entry[:2]
    kind = place["type"] if isinstance(place, dict) else place[0]
    return kind == "glob_pattern" and _variant(access) in ("read", "write")


def _elements(value: Any, defaults: Mapping[str, Any]) -> list[Any] | None:
    """The values of these keys, or of a list in their order; none if it has others."""
    if isinstance(value, dict) and set(value) <= set(defaults):
        return [value.get(name, default) for name, default in defaults.items()]
    if isinstance(value, list) and len(value) <= len(defaults):
        return [*value, *list(defaults.values())[len(value) :]]
    return None


def _is_depth(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0)


def _is_list(value: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, (list, tuple)) and all(fits(item) for item in value)


def _is_entry(entry: Any) -> bool:
    if isinstance(entry, list):
        entry = dict(zip(("path", "access", "missing_path_behavior"), entry, strict=False))
    if not isinstance(entry, dict):
        return False
    return (
        _is_place(entry.get("path"))
        and _variant(entry.get("access")) in _ACCESS
        and entry.get("missing_path_behavior") in (None, "skip")
    )


def _is_place(place: Any) -> bool:
    """A path, a glob, or a place that has a name; tagged by its first element or by `type`."""
    if isinstance(place, list):
        kind, values = (place[0] if place else None), place[1:2]
    elif isinstance(place, dict):
        kind = place.get("type")
        key = {"path": "path", "glob_pattern": "pattern", "special": "value"}.get(str(kind), "")
        values = [place[key]] if key in place else []
    else:
        return False
    if kind in ("path", "glob_pattern"):
        return bool(values) and isinstance(values[0], str)
    if kind != "special" or not values or not isinstance(values[0], dict):
        return False
    name = values[0].get("kind")
    return name in _PLACES or (name == "unknown" and isinstance(values[0].get("path"), str))


def _variant(value: Any) -> Any:
    """The word of a variant, which may also be written as an object of one key and null."""
    return next(iter(value)) if isinstance(value, dict) and list(value.values()) == [None] else value
