"""The results as a table; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.layer.cases import Case, Figures
from tests.bench.measure import median
from tests.bench.table import aligned

__all__ = ["Memory", "render"]

Runs = Mapping[str, Sequence[Figures]]
"""Name of a server -> its runs of a case; the n-th of each stood next to each other in time."""

_LATENCIES = {"middle": "ms added to a token, half of them", "slowest": "ms added to a token, 1 of 100"}
_COSTS = {"rate": "tokens a second", "cpu": "µs of CPU a token"}


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Bytes that a server held when it had answered once, and the most that it held."""

    first: int
    peak: int


def render(results: Sequence[tuple[Case, Runs]], memory: Mapping[str, Memory]) -> str:
    """One row per figure, one column per server. The first server is the one that the latencies are beside: its own
    column has what a token takes through it."""
    names = list(memory)
    rows = [["case", "figure", *names]]
    for case, runs in results:
        first = runs[names[0]]
        for figure in case.shown:
            told = [_figure(figure, runs[name], first if name != names[0] else None) for name in names]
            rows.append([case.name, {**_LATENCIES, **_COSTS}[figure], *told])
    of_memory: Mapping[str, Callable[[Memory], int]] = {
        "MiB when it answered once": lambda one: one.first,
        "MiB at most": lambda one: one.peak,
    }
    rows += [
        ["memory", words, *(f"{of(memory[name]) / 2**20:.0f}" for name in names)] for words, of in of_memory.items()
    ]
    for above, row in zip(reversed(rows[:-1]), reversed(rows), strict=False):
        row[0] = "" if row[0] == above[0] else row[0]
    return aligned(rows, words=2)


def _figure(name: str, runs: Sequence[Figures], beside: Sequence[Figures] | None) -> str:
    values = [getattr(one, name) for one in runs]
    if name not in _LATENCIES:
        return f"{median(values):,.0f}"
    if beside is None:
        return f"({median(values):.2f})"
    return f"{median([own - getattr(least, name) for own, least in zip(values, beside, strict=True)]):+.2f}"
