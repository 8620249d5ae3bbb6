"""New recordings of upstream into the committed ones: only what differs beyond the noise, or is new.

So recording an unchanged version again leaves the folder as it was. Nothing is ever deleted. A recording
whose files were edited by hand is found by its hash in the manifest, reported, and written again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from captures.manifest import Manifest, edited_recordings, read_manifest, write_manifest
from captures.noise import NoiseRule
from captures.recording import Recording, Tree, read_recording, write_recording
from compare.cells import CellName, find_cells, select
from compare.diff import compare_recordings
from compare.surfaces import ANY, look_up

__all__ = ["Accepted", "EditedError", "accept", "accepted_lines", "differing", "refuse_edited", "still_fitting"]

_ABSENT = object()


class EditedError(ValueError):
    """A committed recording was edited by hand, and what was asked for would bless it; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """What became of one fresh recording; `reasons` are the differences that made it worth writing."""

    cell: CellName
    status: Literal["new", "changed", "unchanged", "edited by hand"]
    reasons: tuple[str, ...] = ()
    lost_rules: int = 0


def accept(
    runs: Path, into: Path, *, only: Sequence[str] = (), manifests: Mapping[str, Manifest] | None = None
) -> list[Accepted]:
    """Takes the recordings below `runs` into `into` (`<version>/<role>/<scenario id>` both) and updates
    manifests.

    `manifests` (by version) say where a version comes from; without one, what is committed stays. Raises
    EditedError, before anything is written, for an edited recording that is not among the fresh ones.
    """
    fresh, committed = select(find_cells(runs), only), find_cells(into)
    versions = sorted({cell.version for cell in fresh})
    edited = {f"{version}/{name}" for version in versions for name in edited_recordings(into / version)}
    refuse_edited(into, versions, except_for={str(cell) for cell in fresh})
    done = [_accept(cell, folder, committed.get(cell), into, str(cell) in edited) for cell, folder in fresh.items()]
    for version in versions:
        known = read_manifest(into / version)
        manifest = (manifests or {}).get(version) or known or Manifest(version=version)
        write_manifest(manifest, into / version)
    return done


def differing(runs: Path, upstream: Path, *, only: Sequence[str] = ()) -> dict[str, str]:
    """The first difference of each fresh recording that has a committed one, was not edited, and differs."""
    fresh, committed = select(find_cells(runs), only), find_cells(upstream)
    edited = {f"{v}/{name}" for v in {c.version for c in fresh} for name in edited_recordings(upstream / v)}
    found: dict[str, str] = {}
    for cell, folder in fresh.items():
        if cell in committed and str(cell) not in edited:
            differences = compare_recordings(read_recording(committed[cell]), read_recording(folder)).differences
            found |= {str(cell): difference.text for difference in differences[:1]}
    return found


def accepted_lines(done: Sequence[Accepted]) -> list[str]:
    """What was written and why, one line each, and a sentence."""
    lines = []
    for one in done:
        if one.status == "unchanged":
            continue
        more = f" (and {len(one.reasons) - 1} more)" if len(one.reasons) > 1 else ""
        why = f": {one.reasons[0]}{more}" if one.reasons else ""
        lost = f"; {one.lost_rules} noise rules lost their place, learn again" if one.lost_rules else ""
        lines.append(f"{one.status}: {one.cell}{why}{lost}")
    counts = Counter(one.status for one in done)
    numbers = ", ".join(f"{count} {status}" for status, count in counts.items())
    return [*lines, f"{len(done)} recordings: {numbers or 'nothing there'}"]


def refuse_edited(upstream: Path, versions: Iterable[str], except_for: Collection[str] = ()) -> None:
    """Raises EditedError where a recording of these versions is not what was captured: its new hash must not count."""
    found = [f"{version}/{name}" for version in versions for name in edited_recordings(upstream / version)]
    edited = [name for name in found if name not in except_for]
    if edited:
        raise EditedError(
            f"edited by hand, or not in the manifest: {', '.join(edited)}; record again with `make capture`, "
            "or take the change back"
        )


def still_fitting(rules: Sequence[NoiseRule], tree: Tree) -> tuple[NoiseRule, ...]:
    """The rules that speak of a place that this tree has, with a value they admit; the others lost their place."""
    return tuple(rule for rule in rules if _fits(rule, tree))


def _accept(cell: CellName, folder: Path, known: Path | None, into: Path, edited: bool) -> Accepted:
    fresh = read_recording(folder)
    target = into / cell.version / cell.role / cell.scenario
    if known is None:
        _write(fresh, target, into)
        return Accepted(cell=cell, status="new")
    committed = read_recording(known)
    differences = compare_recordings(committed, fresh).differences
    reasons = tuple(difference.text for difference in differences)
    if not differences and not edited:
        return Accepted(cell=cell, status="unchanged")
    rules = still_fitting(committed.noise, fresh.tree)
    _write(fresh.with_noise(rules), target, into)
    return Accepted(
        cell=cell,
        status="edited by hand" if edited else "changed",
        reasons=reasons,
        lost_rules=len(committed.noise) - len(rules),
    )


def _write(recording: Recording, target: Path, into: Path) -> None:
    write_recording(recording, target, into.parent / "texts")


def _fits(rule: NoiseRule, tree: Tree) -> bool:
    path = rule.path[: rule.path.index(ANY)] if ANY in rule.path else rule.path
    if rule.kind == "optional" and rule.args.get("forms"):  # what it speaks of is absent here
        return look_up(tree, rule.path[:-1] if path == rule.path else path) is not None
    value = look_up(tree, path, _ABSENT)
    if value is _ABSENT:
        return False
    return path != rule.path or rule.kind in ("optional", "unordered") or rule.admits(value)
