"""Tools that look at files: view_image in both versions, read_file, list_dir and grep_files in 0.115.0.

Paths are absolute, below folders that every run has: the workspace has another place in each.
"""

from __future__ import annotations

from typing import Any

from tests.fuzz.calls import Group, World, function
from tests.fuzz.kinds.json_texts import mutated

__all__ = ["looking"]

_PLACES = ("notes.txt", "sub", "nope.txt", "/nope/x", "/proc/sys/kernel/ostype", "/proc/sys/fs/mqueue", "", ".")
_NUMBERS = (0, 1, 2, 3, 99, -1, 1.5)


def looking(world: World) -> Group:
    name, valid = world.random.choice((_view_image, _view_image, _read_file, _list_dir, _grep_files))(world)
    return (function("looking", name, mutated(world.random, valid) if world.chance(0.4) else valid),)


def _some(world: World, **optional: Any) -> dict[str, Any]:
    return {
        name: optional[name] for name in world.random.sample(list(optional), world.random.randint(0, len(optional)))
    }


def _place(world: World) -> str:
    return world.random.choice(_PLACES)


def _view_image(world: World) -> tuple[str, dict[str, Any]]:
    return "view_image", {
        "path": _place(world),
        **_some(world, detail=world.random.choice(("high", "original", "low", None))),
    }


def _read_file(world: World) -> tuple[str, dict[str, Any]]:
    block = _some(world, anchor_line=world.random.choice(_NUMBERS), max_levels=1, include_header=False, max_lines=2)
    optional = {"offset": world.random.choice(_NUMBERS), "limit": world.random.choice(_NUMBERS), "indentation": block}
    mode = {"mode": world.random.choice(("slice", "indentation", "odd"))} if world.chance(0.3) else {}
    return "read_file", {"file_path": _place(world), **mode, **_some(world, **optional)}


def _list_dir(world: World) -> tuple[str, dict[str, Any]]:
    numbers = {name: world.random.choice(_NUMBERS) for name in ("offset", "limit", "depth")}
    return "list_dir", {"dir_path": _place(world), **_some(world, **numbers)}


def _grep_files(world: World) -> tuple[str, dict[str, Any]]:
    optional = {"include": "*.txt", "path": _place(world), "limit": world.random.choice(_NUMBERS)}
    return "grep_files", {"pattern": world.random.choice(("one", "", " ", "(", "é")), **_some(world, **optional)}
