"""What a comparison says: differences, and the noise rules that were needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from captures.noise import NoiseRule
from compare.align import Pair
from compare.surfaces import SURFACES, Path

__all__ = ["Comparison", "Difference", "Kind"]

Kind = Literal["changed", "missing", "added", "moved", "order"]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One difference, where it happens.

    `path` names the place in the expected tree (its last index, for `added`, in the actual list); `place`
    is the same as text, with headers by name, for the globs of declared differences. `text` is one line for
    a person.
    """

    surface: str
    path: Path
    place: str
    kind: Kind
    expected: Any
    actual: Any
    text: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All differences in the order of the recording, and what the noise rules were needed for.

    `used` are the rules that admitted something; `admitted` the values that value rules let pass, with the
    rule. `pairs` say which elements of two unequal lists were held against each other, by the path of the list in the
    expected tree; elements of a list that is not named there stand at the same index.
    """

    differences: tuple[Difference, ...]
    used: tuple[NoiseRule, ...] = ()
    admitted: tuple[tuple[NoiseRule, Any], ...] = ()
    pairs: Mapping[Path, Sequence[Pair]] = field(default_factory=dict)

    @property
    def identical(self) -> bool:
        return not self.differences

    def by_surface(self) -> Mapping[str, tuple[Difference, ...]]:
        """Every surface, in the order of `SURFACES`, with its differences."""
        return {name: tuple(d for d in self.differences if d.surface == name) for name in SURFACES}
