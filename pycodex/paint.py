"""Colours of what people see: which text has which, as data of the dialect, and when there are any."""

from __future__ import annotations

from collections.abc import Mapping

from pycodex.records import dataclass, field

__all__ = ["Painter", "wants_colors"]


@dataclass(frozen=True, kw_only=True)
class Painter:
    """`painter("label", "model:")` gives the text in that role's codes, the first one outermost; none without roles."""

    roles: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def __call__(self, role: str, text: str) -> str:
        codes = self.roles.get(role, ())
        return "".join(f"\x1b[{code}m" for code in codes) + text + "\x1b[0m" * len(codes)


def wants_colors(choice: str | None, *, terminal: bool, environment: Mapping[str, str]) -> bool:
    """What `--color` comes to: `auto` (and nothing) colours a terminal that can, unless NO_COLOR is set."""
    if choice in ("always", "never"):
        return choice == "always"
    return terminal and environment.get("TERM", "") not in ("", "dumb") and not environment.get("NO_COLOR")
