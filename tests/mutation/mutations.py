"""Every small way in which a recording can be wrong, one at a time. Pure; shares all but the changed path."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

from compare.align import dump, same
from compare.ids import identities
from compare.surfaces import Path, Tree, is_structural, surface_of

__all__ = ["Mutation", "mutations", "renamed_ids"]


_MANIFOLD = (("runs",), ("rollouts",))
"""Lists of records that hold several surfaces: where two change places, it shows on each that they differ in."""

EVERY_LEAF = os.environ.get("PYCODEX_MUTATIONS") == "all"
"""Mutate each recording for itself, as CI does: what is known from another one is mutated again."""

KNOWN: set[tuple[Path, str]] = set()
"""Places (indexes as `*`) with what stood there, to the letter, that were mutated in every way in this recording or,
without EVERY_LEAF, in this process. Each request repeats the history of the one before it, and most repeat the tools,
prompts and context of other recordings: of what is known one leaf is flipped, which shows that the place is compared,
and of known neighbours in a list the first and the last."""


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A changed tree, and the surfaces of which exactly one must go red (two only where either may carry it)."""

    name: str
    path: Path
    tree: Tree
    surfaces: frozenset[str]


def mutations(tree: Tree) -> Iterator[Mutation]:
    """All single mutations: each leaf flipped; each element deleted, doubled, swapped with the next; each key
    deleted, and swapped with the next where the agent made the order; each header renamed with its value kept."""
    if EVERY_LEAF:
        KNOWN.clear()
    for path, value in _nodes(tree, ()):
        if isinstance(value, dict):
            yield from _of_dict(tree, path, value)
        elif isinstance(value, list):
            yield from _of_list(tree, path, value)
        else:
            yield _mutation(tree, "flipped", path, _flip(value))


def renamed_ids(tree: Tree) -> Iterator[Mutation]:
    """Each id that stands in three leaves or more, in each of them replaced by a new id of its kind.

    Where it stands less often nothing says which of two names is meant, and an id that stands once has no
    name.
    """
    places: dict[str, list[tuple[Path, str]]] = {}
    for path, value in _leaves(tree, ()):
        if isinstance(value, str):
            for token in dict.fromkeys(identities(value)):
                places.setdefault(token, []).append((path, value))
    for token, found in places.items():
        fresh = token.partition(":")[0] + ":invented>"
        for path, text in found if len(found) > 2 else ():
            yield _mutation(tree, f"{token} replaced", path, text.replace(token, fresh))


def _of_dict(tree: Tree, path: Path, value: dict[str, Any]) -> Iterator[Mutation]:
    keys = list(value)
    if path:
        for key in keys:
            changed = {k: v for k, v in value.items() if k != key}
            yield _mutation(tree, "key deleted", path, changed, at=(*path, key))
    if not is_structural(path):
        for one, two in pairwise(keys):
            order = [two if k == one else one if k == two else k for k in keys]
            changed = {k: value[k] for k in order}
            yield _mutation(tree, f"keys {one} and {two} swapped", path, changed)


def _of_list(tree: Tree, path: Path, value: list[Any]) -> Iterator[Mutation]:
    told = _among_known(value, path)
    for index, element in enumerate(value):
        if index in told:
            continue
        here = (*path, index)
        shorter = [*value[:index], *value[index + 1 :]]
        yield _mutation(tree, "element deleted", path, shorter, at=here)
        doubled = _put(tree, path, [*value[: index + 1], *value[index:]])
        surfaces = frozenset({surface_of((*path, index + 1), doubled)})
        yield Mutation(name="element doubled", path=here, tree=doubled, surfaces=surfaces)
        if path not in _MANIFOLD and index + 1 < len(value) and not same(element, value[index + 1]):
            swapped = [*value[:index], value[index + 1], element, *value[index + 2 :]]
            either = frozenset(surface_of((*path, i), tree) for i in (index, index + 1))
            changed = _put(tree, path, swapped)
            yield Mutation(name="elements swapped", path=here, tree=changed, surfaces=either)
        if len(path) == 3 and path[2] == "head":
            name = [element[0].replace("-", "_").upper(), element[1]]
            yield _mutation(tree, "header renamed", here, name)


def _mutation(tree: Tree, name: str, path: Path, new: Any, *, at: Path | None = None) -> Mutation:
    place = path if at is None else at
    surfaces = frozenset({surface_of(place, tree)})
    return Mutation(name=name, path=place, tree=_put(tree, path, new), surfaces=surfaces)


def _flip(value: Any) -> Any:
    if isinstance(value, str):
        return f"{value}~"
    if isinstance(value, bool):
        return not value
    if value is None:
        return 0
    return value + 1 if value + 1 != value else -value  # a float may be too large to notice a step


def _put(node: Any, path: Path, new: Any) -> Any:
    """A copy of `node` with `new` at `path`; what is not on the path is shared."""
    if not path:
        return new
    copy: Any = list(node) if isinstance(node, list) else dict(node)
    copy[path[0]] = _put(node[path[0]], path[1:], new)
    return copy


def _nodes(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every container and leaf, outside in; of what is known only its first leaf (see KNOWN)."""
    if _is_known(value, path):
        yield from islice(_leaves(value, path), 1)
        return
    if len(path) > 2 and isinstance(value, dict | list) and value:
        KNOWN.add(_mark(value, path))
    told = _among_known(value, path) if isinstance(value, list) else frozenset()
    yield path, value
    children: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        if key not in told:
            yield from _nodes(child, (*path, key))


def _among_known(elements: list[Any], path: Path) -> frozenset[int]:
    """The indexes of known elements whose neighbours are known too."""
    known = [_is_known(element, (*path, index)) for index, element in enumerate(elements)]
    return frozenset(i for i in range(1, len(known) - 1) if known[i - 1] and known[i] and known[i + 1])


def _is_known(value: Any, path: Path) -> bool:
    return len(path) > 2 and isinstance(value, dict | list) and bool(value) and _mark(value, path) in KNOWN


def _mark(value: Any, path: Path) -> tuple[Path, str]:
    return tuple("*" if isinstance(key, int) else key for key in path), dump(value)


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every leaf, known or not."""
    if not isinstance(value, dict | list):
        yield path, value
        return
    for key, child in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _leaves(child, (*path, key))
