"""The judge is judged: every committed recording, made wrong in every small way, must turn exactly one surface red.

With PYCODEX_MUTATIONS=all, all leaves of all recordings are flipped; without it what is the same to the
letter at the same kind of place in another recording is flipped in one leaf. The comparison walks only where two
trees are not the same object, so a mutation costs well under a millisecond. A
mutation that stays green must be covered by a noise rule of that very place.
"""

from collections.abc import Iterator

import pytest

from captures.noise import NoiseRule
from captures.recording import Recording, read_recording
from compare import Judge
from compare.align import fingerprint, same
from compare.cells import CellName, find_cells, upstream_folder
from compare.surfaces import ANY, Path, look_up
from tests.mutation.mutations import Mutation, mutations, renamed_ids

CELLS = find_cells(upstream_folder())


def _wrong(recording: Recording, found: Iterator[Mutation], *, one: bool) -> list[str]:
    """What the comparison said of each mutation that it did not judge as it must."""
    wrong = []
    judge = Judge(recording.tree, recording.noise)
    for mutation in found:
        comparison = judge.compare(mutation.tree)
        red = {difference.surface for difference in comparison.differences}
        if not red and any(_covers(rule, path) for rule in comparison.used for path in _as_good(recording, mutation)):
            continue
        holder, swapped = mutation.path[:-1], mutation.name == "elements swapped"
        # Neighbours that differ in nothing but noise: the rules that say so stand inside the list.
        if swapped and not red and any(rule.path[: len(holder)] == holder for rule in comparison.used):
            continue
        # A list where some may change places is told element by element, not as one move, each on its surface. So are
        # neighbours that differ in the names of ids alone: these are told where they stand.
        told = swapped and any(rule.kind == "unordered" and rule.path == holder for rule in recording.noise)
        named = swapped and _named_otherwise(mutation)
        many = one and not (told or named) and len(comparison.differences) != 1
        if not red or (len(red) != 1 and not told) or not red <= mutation.surfaces or many:
            said = [difference.text for difference in comparison.differences[:3]]
            wrong.append(f"{mutation.name} at {mutation.path}: expected {set(mutation.surfaces)}, red {red}: {said}")
    return wrong


def _named_otherwise(swap: Mutation) -> bool:
    """Whether the two that changed places differ in the names of ids alone."""
    values, index = look_up(swap.tree, swap.path[:-1]), swap.path[-1]
    assert isinstance(index, int)
    return fingerprint(values[index]) == fingerprint(values[index + 1])


def _as_good(recording: Recording, mutation: Mutation) -> Iterator[Path]:
    """The mutated place; of equal neighbours one of which was deleted, the place of each: nothing says which it was."""
    yield mutation.path
    if mutation.name == "element deleted":
        holder, index = mutation.path[:-1], mutation.path[-1]
        assert isinstance(index, int)
        values = look_up(recording.tree, holder)
        for step in (-1, 1):
            at = index + step
            while 0 <= at < len(values) and same(values[at], values[index]):
                yield (*holder, at)
                at += step


def _covers(rule: NoiseRule, path: Path) -> bool:
    """True where the rule speaks of the mutated place, of something it lies in, or of the list it lies in."""
    return len(rule.path) <= len(path) + 1 and all(
        want in (ANY, key) for want, key in zip(rule.path, path, strict=False)
    )


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_every_mutation_turns_exactly_its_surface_red(cell: CellName) -> None:
    recording = read_recording(CELLS[cell])
    assert _wrong(recording, mutations(recording.tree), one=True) == []


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_another_id_is_found_where_it_stands(cell: CellName) -> None:
    recording = read_recording(CELLS[cell])
    assert _wrong(recording, renamed_ids(recording.tree), one=True) == []


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_every_noise_rule_has_evidence(cell: CellName) -> None:
    rules = read_recording(CELLS[cell]).noise
    assert [rule.path for rule in rules if rule.runs < 2 or len({repr(o) for o in rule.observed}) < 2] == []
