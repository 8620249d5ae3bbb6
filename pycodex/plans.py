"""Plans that a message proposes: what stands between two lines that are tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pycodex.items import text_of
from pycodex.rust import trim

if TYPE_CHECKING:
    from pycodex.progress import Sample
    from pycodex.protocol import Item
    from pycodex.settings import Settings

__all__ = ["PLAN_BEGINS", "PLAN_ENDS", "heard", "split_plan"]

PLAN_BEGINS, PLAN_ENDS = "<proposed_plan>", "</proposed_plan>"


def split_plan(text: str) -> tuple[str, str | None]:
    """What a text says beside its plans, and the last of them, which may lack its end.

    Only a line of nothing else is a tag, also inside a fence; a beginning inside a plan is a part of it, an end outside
    of one a part of the text (captured: interactive/plan_shapes).
    """
    said: list[str] = []
    plan: list[str] | None = None
    inside = False
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        tag = trim(line)
        if inside and tag == PLAN_ENDS:
            inside = False
        elif not inside and tag == PLAN_BEGINS:
            inside, plan = True, []
        elif inside and plan is not None:
            plan.append(line)
        else:
            said.append(line)
    return "".join(said), None if plan is None else "".join(plan)


def heard(item: Item, sample: Sample, settings: Settings) -> tuple[str | None, str | None]:
    """What people are told that a message says, where that is not all of it; and the plan that it proposes in plan
    mode, the first one of the answer."""
    if settings.collaboration != "plan" or item["type"] != "message" or item.get("role") != "assistant":
        return None, None
    said, plan = split_plan(text_of(item))
    if plan is None:
        return None, None
    first, sample.planned = not sample.planned, True
    return said, plan if first else None
