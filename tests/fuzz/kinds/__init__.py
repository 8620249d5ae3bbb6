"""Kinds of calls, one file each. To add one: a function `World -> Group` and its row in KINDS.

A kind's calls must come out the same in every run of one binary: no process ids, no clock, no stdout mixed with
stderr, nothing that runs on after the group's last call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.fuzz.calls import Group, World
from tests.fuzz.kinds.arguments import arguments
from tests.fuzz.kinds.asking import asking
from tests.fuzz.kinds.exits import exits
from tests.fuzz.kinds.looking import looking
from tests.fuzz.kinds.multibyte import multibyte
from tests.fuzz.kinds.old_shells import old_shells
from tests.fuzz.kinds.patches import heredocs, mutated_patches, valid_patches
from tests.fuzz.kinds.plan import plan
from tests.fuzz.kinds.programs import programs
from tests.fuzz.kinds.quoting import quoting
from tests.fuzz.kinds.sessions import sessions
from tests.fuzz.kinds.truncation import truncation

__all__ = ["CODE", "KINDS", "Kind", "kinds_for"]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`share`: how many of the calls should be of this kind, beside the shares of the others."""

    make: Callable[[World], Group]
    share: int
    calls: float = 1
    """How many calls a group of this kind has, on average."""


KINDS: Mapping[str, Kind] = {
    "arguments": Kind(make=arguments, share=12),
    "truncation": Kind(make=truncation, share=8),
    "multibyte": Kind(make=multibyte, share=8),
    "quoting": Kind(make=quoting, share=8),
    "exits": Kind(make=exits, share=6),
    "plan": Kind(make=plan, share=6),
    "sessions": Kind(make=sessions, share=6, calls=2.3),
    "old_shells": Kind(make=old_shells, share=6),
    "looking": Kind(make=looking, share=6),
    "asking": Kind(make=asking, share=6),
    "patch": Kind(make=valid_patches, share=13),
    "patch_mutated": Kind(make=mutated_patches, share=8),
    "heredoc": Kind(make=heredocs, share=7),
}

CODE: Mapping[str, Kind] = {"programs": Kind(make=programs, share=1)}
"""For models in code mode."""


def kinds_for(role: str) -> Mapping[str, Kind]:
    """The kinds of calls that models of that role are given."""
    return CODE if role == "code_mode" else KINDS
