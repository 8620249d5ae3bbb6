"""update_plan: plans as a model writes them, and nearly right ones."""

from __future__ import annotations

from typing import Any

from tests.fuzz.calls import Group, World, function
from tests.fuzz.kinds.json_texts import mutated

__all__ = ["plan"]

_STATUS = ("pending", "in_progress", "completed")
_WORDS = ("look", "do", "test é", "…", "", " ", "two\nlines", '"quoted"', "😀", "\\n", "# head", "a" * 60)


def plan(world: World) -> Group:
    random = world.random
    steps = [
        {"step": world.text(_WORDS, 3), "status": random.choice(_STATUS)} for _ in range(random.choice((0, 1, 2, 3, 5)))
    ]
    valid: dict[str, Any] = {"plan": steps}
    if world.chance(0.5):
        valid["explanation"] = random.choice(("why", "", "é", None))
    if world.chance(0.5):
        return (function("plan", "update_plan", valid),)
    if steps and world.chance(0.6):
        inside = mutated(random, steps[-1])
        return (function("plan", "update_plan", f'{{"plan":[{inside}]}}'),)
    return (function("plan", "update_plan", mutated(random, valid)),)
