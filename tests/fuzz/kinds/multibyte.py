"""Characters of two to four bytes at the places where a text is cut, and bytes that are no text."""

from __future__ import annotations

from tests.fuzz.calls import Group, World, exec_command
from tests.fuzz.kinds.truncation import around

__all__ = ["multibyte"]

_CHARACTERS = ("é", "ß", "…", "漢", "😀", "\u0301", "e\u0301", "\u200d", "\u2028", "\u00a0", "𝒳", "👩\u200d💻")
_BROKEN = (
    *(r"\377", r"\300", r"\200", r"\303", r"\342\202", r"\360\237", r"\360\237\230", r"\355\240\200", r"\000"),
    *(
        r"\303\251",
        r"\342\200\246",
        r"\360\237\230\200",
        "a",
        r"\n",
        r"\r",
        r"\t",
        r"\033[31m",
        r"\r\n",
        r"\b",
        r"\007",
    ),
)


def multibyte(world: World) -> Group:
    random = world.random
    if world.chance(0.35):
        script = f"printf '{world.text(_BROKEN, 12, 1)}'"
        if world.chance(0.3):
            script += f"; printf '{world.text(_BROKEN, 30, 20)}'"
        tokens = random.choice((None, None, 1, 2, 3, 5))
    else:
        budget = random.choice((1, 2, 3, 4, 5, 8, 12, 50, 100, 300))
        piece = world.text(_CHARACTERS, 3, 1)
        count = around(world, budget) // len(piece.encode()) + random.randint(0, 2)
        script = f"printf '{'a' * random.randint(0, 4)}'; printf '{piece}%.0s' $(seq {max(1, count)})"
        if world.chance(0.3):
            script += "; echo"
        tokens = random.choice((budget, budget, budget + 1, None))
    arguments = {} if tokens is None else {"max_output_tokens": tokens}
    return (exec_command("multibyte", script, **arguments),)
