"""Colours of what people see: which text has which, as data of the dialect, and when there are any."""

from __future__ import annotations

import re
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
    """What `--color` comes to: `auto` (and nothing) colours a terminal that can."""
    if choice in ("always", "never"):
        return choice == "always"
    if _forced(environment):
        return True
    named = "TERM" in environment
    if environment.get("NO_COLOR", "0") != "0" or (named and environment["TERM"] == "dumb"):
        return False
    seen = terminal or environment.get("IGNORE_IS_TERMINAL", "0") != "0"
    return seen and (named or _says_so(environment))


def _forced(environment: Mapping[str, str]) -> bool:
    """FORCE_COLOR is a level or a word; CLICOLOR_FORCE counts where there is none."""
    if (level := environment.get("FORCE_COLOR")) is None:
        return environment.get("CLICOLOR_FORCE", "0") != "0"
    return level != "false" and re.fullmatch(r"\+?0+", level) is None


def _says_so(environment: Mapping[str, str]) -> bool:
    """A terminal without a name that shows colours all the same."""
    return (
        "COLORTERM" in environment
        or environment.get("CLICOLOR", "0") != "0"
        or environment.get("TERM_PROGRAM") in ("iTerm.app", "Apple_Terminal")
        or environment.get("CI") in ("true", "1", "woodpecker")
    )
