"""Arguments that are nearly right, against the structs of the tools: serde's messages, and what still runs."""

from __future__ import annotations

from typing import Any

from tests.fuzz.calls import Group, World, function
from tests.fuzz.kinds.json_texts import mutated

__all__ = ["arguments"]

_PERMISSIONS: tuple[dict[str, Any], ...] = (
    {},
    {"network": {"enabled": True}},
    {"file_system": {"read": ["/tmp"], "write": []}},
    {"network": None, "file_system": None},
)


def arguments(world: World) -> Group:
    random = world.random
    name = random.choice(("exec_command", "exec_command", "exec_command", "write_stdin"))
    valid = _write_stdin(world) if name == "write_stdin" else _exec_command(world)
    return (function("arguments", name, mutated(random, valid)),)


def _exec_command(world: World) -> dict[str, Any]:
    optional: dict[str, Any] = {
        "workdir": world.random.choice((".", "", "sub", "nope", "..", "/", "notes.txt", None)),
        "shell": world.random.choice(("bash", "sh", "/bin/sh", "/bin/bash", "zsh", "fish", "python3", "", None)),
        "login": world.random.choice((True, False, None)),
        "tty": world.random.choice((True, False)),
        "yield_time_ms": world.random.choice((250, 1000, 10_000, 40_000)),
        "max_output_tokens": world.random.choice((0, 1, 2, 100, None)),
        "sandbox_permissions": world.random.choice(("use_default", "require_escalated", None)),
        "additional_permissions": world.random.choice(_PERMISSIONS),
        "justification": world.random.choice(("why not", "", None)),
        "prefix_rule": world.random.choice((["echo"], [], None)),
    }
    names = world.random.sample(list(optional), world.random.randint(0, 4))
    cmd = world.random.choice(("echo hi", "pwd", "printf 123456789", "exit 3"))
    return {"cmd": cmd, **{name: optional[name] for name in names}}


def _write_stdin(world: World) -> dict[str, Any]:
    """To sessions that are not there; `sessions` has those that are."""
    valid: dict[str, Any] = {"session_id": world.random.choice((1, 99, 0, -1, 2_147_483_647))}
    optional = {"chars": "x\n", "yield_time_ms": 250, "max_output_tokens": 10}
    return valid | {name: optional[name] for name in world.random.sample(list(optional), world.random.randint(0, 3))}
