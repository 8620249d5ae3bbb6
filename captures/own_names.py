"""Names that a scenario gives, and names that fell by chance: which of a run's words mean themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from captures.canonical import RawExchange
from captures.scenario import Scenario

__all__ = ["UUID", "literal_ids", "nicknames"]

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NICKNAME = re.compile(rb'nickname\\*":\s*\\*"([A-Z][a-zA-Z]+)')


def literal_ids(scenario: Scenario) -> frozenset[str]:
    """Ids that the scenario itself names: they mean themselves and get no placeholder."""
    return frozenset(UUID.findall(_text(scenario)))


def nicknames(scenario: Scenario, rollouts: Iterable[bytes], exchanges: Sequence[RawExchange]) -> frozenset[str]:
    """What agents are called in these runs, as rollouts and tool outputs tell it, but for what the scenario names."""
    texts = [*rollouts, *(one.exchange.body for one in exchanges)]
    found = frozenset(name.decode() for text in texts for name in _NICKNAME.findall(text))
    return found - set(re.findall(r"\w+", _text(scenario)))


def _text(scenario: Scenario) -> str:
    text = [
        *scenario.files,
        *scenario.home_files,
        repr(scenario.config),
        repr(scenario.answers),
        repr(scenario.runs),
    ]
    text += [spec.data.decode(errors="replace") for spec in (*scenario.files.values(), *scenario.home_files.values())]
    return "\n".join(text)
