"""Two traces beside each other, by `compare`'s own judge; what may vary is said by its own noise rules.

The only noise: a wall time, with one text rule for each output that prints one; and the order of a patch's files in
its event where the right agent itself does not sort them (0.115.0 has them in the order of a hash map).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from captures.noise import NoiseRule
from captures.recording import Tree
from compare.declared import Declared
from compare.diff import compare_trees
from compare.difference import Difference
from compare.templates import make_template
from tests.fuzz.traces import Trace

__all__ = ["Mismatch", "alike", "first_mismatch"]

_TIME = re.compile(
    r'(?m)(?:(?<=^Wall time: )|(?<=^Wall time ))\d+(?:\.\d+)?(?= seconds$)|(?<="duration_seconds":)\d+\.\d+'
)


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """The first call whose trees differ in a way that no row declares; `call` is None for the end of the run."""

    call: int | None
    differences: tuple[Difference, ...]
    expected: Tree
    actual: Tree

    @property
    def text(self) -> str:
        return "\n".join(difference.text for difference in self.differences)


def first_mismatch(
    expected: Trace,
    actual: Trace,
    kinds: Sequence[str],
    lane: str,
    declared: Declared,
    used: set[str],
    settled: Collection[int | None] = (),
) -> Mismatch | None:
    """Where the traces part for the first time; what comes later may follow from it.

    `used` gets the declared rows; calls in `settled` are passed over.
    """
    for index, kind in [*enumerate(kinds), (None, "end")]:
        if index in settled:
            continue
        ours, theirs = _part(expected, index), _part(actual, index)
        left = []
        for difference in compare_trees(ours, theirs, noise_of(ours)).differences:
            row = declared.find(f"{lane}/fuzz/{kind}", difference)
            if row is None:
                left.append(difference)
            else:
                used.add(row.id)
        if left:
            return Mismatch(call=index, differences=tuple(left), expected=ours, actual=theirs)
    return None


def alike(one: Trace, two: Trace, call: int | None) -> bool:
    """Whether two traces agree about one call, whatever came before."""
    ours = _part(one, call)
    return compare_trees(ours, _part(two, call), noise_of(ours)).identical


def noise_of(tree: Tree) -> list[NoiseRule]:
    """The rules that hold for this call."""
    return [*_wall_times(tree), *_file_orders(tree)]


def _wall_times(tree: Tree) -> list[NoiseRule]:
    """A rule for each output that prints a wall time: any time; four decimals stay four."""
    rules = []
    for path, text in _outputs(tree):
        other = _TIME.sub(_another_time, text)
        template = make_template([text, other]) if other != text else None
        if template is not None:
            slots = [{**slot, "lo": 0, "hi": 60} for slot in template.slots]
            args = {"template": template.template, "slots": slots}
            rules.append(NoiseRule(path=path, kind="text", args=args, observed=(text, other), runs=2))
    return rules


def _another_time(match: re.Match[str]) -> str:
    decimals = len(match.group().partition(".")[2])
    return f"{float(match.group()) + 1:.{decimals}f}" if decimals in (1, 4) else f"{float(match.group()) + 1.25:g}"


def _file_orders(tree: Tree) -> list[NoiseRule]:
    rules = []
    for index, line in enumerate(tree["runs"][0].get("stdout", ())):
        item = line["$json"].get("item", {}) if isinstance(line, dict) and isinstance(line["$json"], dict) else {}
        paths = [change["path"] for change in item.get("changes", ())]
        if paths != sorted(paths):
            path = ("runs", 0, "stdout", index, "$json", "item", "changes")
            rules.append(NoiseRule(path=path, kind="unordered", observed=(paths, sorted(paths)), runs=2))
    return rules


def _outputs(tree: Tree) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for number, request in enumerate(tree["requests"]):
        for index, item in enumerate(request["body"]["input"]):
            output: Any = item.get("output")
            path: tuple[str | int, ...] = ("requests", number, "body", "input", index, "output")
            if isinstance(output, str):
                yield path, output
            # What a program said follows the time it took.
            elif isinstance(output, list) and isinstance(output[0].get("text"), str):
                yield (*path, 0, "text"), output[0]["text"]


def _part(trace: Trace, call: int | None) -> Tree:
    """A call's tree, or the end of the run; what the driver complains of stands with the exit code."""
    if call is not None:
        return trace.calls[call]
    run = {**trace.rest["runs"][0], "problems": list(trace.problems)}
    return {**trace.rest, "runs": [run]}
