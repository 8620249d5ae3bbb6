"""Outputs with sizes around what is kept: 4N bytes and a few more or less, the history's cap, the buffer."""

from __future__ import annotations

from typing import Any

from tests.fuzz.calls import Group, World, exec_command

__all__ = ["around", "truncation"]

_SMALL = (0, 1, 2, 3, 4, 5, 7, 8, 10, 16, 25, 33, 50, 64, 99, 100, 128, 250, 500, 1000)
_LARGE = (2500, 10_000, 11_000, 11_990, 12_000, 12_050, 20_000)
_MIB = 1024 * 1024


def truncation(world: World) -> Group:
    random = world.random
    size: int
    arguments: dict[str, Any] = {}
    pick = random.random()
    if pick < 0.02:
        size = _MIB + random.randint(-3, 3) * random.choice((1, 1000))
    elif pick < 0.12:
        tokens = random.choice(_LARGE)
        size = around(world, tokens)
        arguments["max_output_tokens"] = random.choice((tokens, tokens, 10_000, 20_000, 100_000))
        if random.random() < 0.3:
            del arguments["max_output_tokens"]
    else:
        tokens = random.choice(_SMALL)
        size = around(world, tokens)
        arguments["max_output_tokens"] = tokens
    return (exec_command("truncation", _print(world, size), **arguments),)


def around(world: World, tokens: int) -> int:
    """A number of bytes near the budget of so many tokens."""
    near = world.random.choice((-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 8, 40, 333))
    return max(0, 4 * tokens + near)


def _print(world: World, size: int) -> str:
    """A command that prints exactly so many bytes (on some tries a newline more)."""
    forms = (
        f"head -c {size} /dev/zero | tr '\\0' a",
        f"seq 1 999999 | head -c {size}",
        f"head -c {size} /dev/zero | tr '\\0' '\\n'",
        f"seq -f 'line %g of many' 1 99999 | head -c {size}",
        f"head -c {size} /dev/zero | tr '\\0' ' '; echo",
    )
    return world.random.choice(forms)
