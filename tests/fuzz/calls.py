"""Tool calls as plain data, and the random world in which a kind of call is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

__all__ = ["Call", "Group", "World", "exec_command", "function", "patch"]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One tool call: an item in a script's shorthand, without its call id.

    `take`: names that later calls of the group use, and the patterns that find them in this call's output.
    """

    kind: str
    item: Mapping[str, Any]
    take: Mapping[str, str] = field(default_factory=dict)


Group = tuple[Call, ...]
"""Calls that belong together: a session and what is typed into it. Most groups are one call."""


@dataclass(kw_only=True)
class World:
    """What a kind draws from: chance, and the workspace's text files as the calls so far have left them.

    `number` is the group's place in the unit, for names that must not meet.
    """

    random: Random
    files: dict[str, str] = field(default_factory=dict)
    number: int = 0

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def text(self, alphabet: Sequence[str], most: int, least: int = 0) -> str:
        """A random text of `least` to `most` pieces."""
        return "".join(self.random.choices(alphabet, k=self.random.randint(least, most)))


def function(kind: str, name: str, arguments: Mapping[str, Any] | str, take: Mapping[str, str] | None = None) -> Call:
    """A call of a function tool; a text stands for itself, be it JSON or not."""
    return Call(kind=kind, item={"call": {"name": name, "arguments": arguments}}, take=take or {})


def exec_command(kind: str, cmd: str, **arguments: Any) -> Call:
    """A call of exec_command."""
    return function(kind, "exec_command", {"cmd": cmd, **arguments})


def patch(kind: str, text: str) -> Call:
    """A call of the custom tool apply_patch."""
    return Call(kind=kind, item={"custom_call": {"name": "apply_patch", "input": text}})
