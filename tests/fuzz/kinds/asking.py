"""Tools that ask a person, who is not there: request_user_input and request_permissions."""

from __future__ import annotations

from typing import Any

from tests.fuzz.calls import Group, World, function
from tests.fuzz.kinds.json_texts import mutated

__all__ = ["asking"]

_WORDS = ("a", "", "é", "Which one?", "two\nlines", "a" * 40)
_PLACES: tuple[Any, ...] = (
    {"type": "path", "path": "/tmp"},
    {"type": "glob_pattern", "pattern": "/a/*"},
    {"type": "special", "value": {"kind": "root"}},
    "/tmp",
)
_PATHS: tuple[list[str] | None, ...] = (["/tmp"], [], ["rel"], ["/a/../b"], None)


def asking(world: World) -> Group:
    name, valid = world.random.choice((_input, _permissions))(world)
    return (function("asking", name, mutated(world.random, valid) if world.chance(0.5) else valid),)


def _input(world: World) -> tuple[str, dict[str, Any]]:
    return "request_user_input", {"questions": [_question(world) for _ in range(world.random.choice((0, 1, 1, 2)))]}


def _question(world: World) -> dict[str, Any]:
    word = world.random.choice
    options = [{"label": word(_WORDS), "description": word(_WORDS)} for _ in range(word((0, 1, 2, 3)))]
    question = {"header": word(_WORDS), "id": word(_WORDS), "question": word(_WORDS), "options": options}
    if world.chance(0.2):
        del question[word(list(question))]
    return question


def _lists(world: World) -> dict[str, Any]:
    return {"read": world.random.choice(_PATHS), "write": world.random.choice(_PATHS)}


def _entries(world: World) -> dict[str, Any]:
    """Files in the form that only 0.169.0 knows, sometimes with some of the other."""
    word = world.random.choice
    entries = [{"path": word(_PLACES), "access": word(("read", "write", "deny"))} for _ in range(word((0, 1, 2)))]
    more = {"glob_scan_max_depth": word((0, 2, None)), "read": word(_PATHS), "missing": 1}
    return {"entries": entries, **{name: more[name] for name in more if world.chance(0.15)}}


def _permissions(world: World) -> tuple[str, dict[str, Any]]:
    word = world.random.choice
    parts: dict[str, Any] = {
        "network": word(({"enabled": True}, {"enabled": False}, {}, None)),
        "file_system": word((_lists(world), {"write": word(_PATHS)}, _entries(world), _entries(world), {}, None)),
    }
    given = {name: parts[name] for name in world.random.sample(list(parts), world.random.randint(0, 2))}
    reason = {"reason": word(("why", "", None))} if world.chance(0.4) else {}
    return "request_permissions", {"permissions": given, **reason}
