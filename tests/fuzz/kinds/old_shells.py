"""The shell tools of older versions: 0.115.0 runs them although it does not offer them, 0.169.0 knows none of them."""

from __future__ import annotations

from typing import Any

from tests.fuzz.calls import Call, Group, World, function
from tests.fuzz.kinds.json_texts import mutated

__all__ = ["old_shells"]

_KIND = "old_shells"
_ARGVS: tuple[list[str], ...] = (
    ["echo", "hi"],
    ["pwd"],
    ["sh", "-c", "exit 3"],
    ["bash", "-lc", "printf é"],
    ["cat", "notes.txt"],
    ["nope"],
    [],
)
_SCRIPTS = ("echo hi", "pwd", "exit 3", "printf 'é😀'", "cat notes.txt | wc -l", "nope_nope", "", "kill -9 $$")


def old_shells(world: World) -> Group:
    return (world.random.choice((_shell, _shell, _shell_command, _shell_command, _local_shell))(world),)


def _shell(world: World) -> Call:
    name = world.random.choice(("shell", "shell", "container.exec"))
    return _call(world, name, {"command": world.random.choice(_ARGVS), **_optional(world)})


def _shell_command(world: World) -> Call:
    login = {"login": world.random.choice((True, False))} if world.chance(0.3) else {}
    return _call(world, "shell_command", {"command": world.random.choice(_SCRIPTS), **login, **_optional(world)})


def _optional(world: World) -> dict[str, Any]:
    optional = {"workdir": world.random.choice((".", "sub", "nope", "")), "timeout_ms": 5000}
    return {name: optional[name] for name in world.random.sample(list(optional), world.random.randint(0, 2))}


def _call(world: World, name: str, valid: dict[str, Any]) -> Call:
    return function(_KIND, name, mutated(world.random, valid) if world.chance(0.4) else valid)


def _local_shell(world: World) -> Call:
    action: dict[str, Any] = {"type": "exec", "command": world.random.choice(_ARGVS)}
    if world.chance(0.5):
        action["working_directory"] = world.random.choice((".", "sub", "nope"))
    if world.chance(0.3):
        action["env"] = {"X": "y"}
    item = {"type": "local_shell_call", "id": f"lsh_{world.number}", "status": "completed", "action": action}
    return Call(kind=_KIND, item={"item": item})
