"""Making a difference small: fewer calls, then less in the call that differs. Knows no agent.

`differs` runs both agents on some groups and says whether the difference is still there; it is asked `budget` times at
most, and what has been reached by then is the result.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.fuzz.calls import Call, Group

__all__ = ["shrink"]

Differs = Callable[[Sequence[Group]], Awaitable[bool]]
Leaf = tuple[str | int, ...]


async def shrink(groups: Sequence[Group], differs: Differs, budget: int = 60) -> list[Group]:
    """Groups, as few and as short as could be found, that still differ. The last group is the one that does."""
    attempt = _Budget(differs, budget)
    kept = [groups[-1]]
    if len(groups) > 1 and not await attempt(kept):
        kept = await _fewer(list(groups), attempt)
    for position in range(len(kept[-1])):
        kept = await _simpler(kept, position, attempt)
    return kept


class _Budget:
    def __init__(self, differs: Differs, left: int) -> None:
        self._differs, self.left = differs, left

    async def __call__(self, groups: Sequence[Group]) -> bool:
        if self.left <= 0:
            return False
        self.left -= 1
        return await self._differs(groups)


async def _fewer(groups: list[Group], attempt: _Budget) -> list[Group]:
    """Without the earlier groups that are not needed, by ever smaller runs of them."""
    size = max(1, (len(groups) - 1) // 2)
    while True:
        start = 0
        while start < len(groups) - 1:
            fewer = groups[:start] + groups[min(start + size, len(groups) - 1) :]
            if await attempt(fewer):
                groups = fewer
            else:
                start += size
        if size == 1:
            return groups
        size //= 2


async def _simpler(groups: list[Group], position: int, attempt: _Budget) -> list[Group]:
    """The last group with one of its calls made smaller: without keys, then with shorter texts."""

    async def accept(call: Call) -> bool:
        nonlocal groups
        last = (*groups[-1][:position], call, *groups[-1][position + 1 :])
        if not await attempt([*groups[:-1], last]):
            return False
        groups = [*groups[:-1], last]
        return True

    call = groups[-1][position]
    for leaf in [leaf for leaf, _ in _leaves(call.item) if len(leaf) > 2]:  # arguments given as a mapping
        if _get(call.item, leaf[:-1]) is not None and isinstance(leaf[-1], str):
            fewer = replace(call, item=_without(call.item, leaf))
            call = fewer if await accept(fewer) else call
    for leaf, text in _leaves(call.item):
        if not isinstance(text, str) or leaf[-1] == "name" or text.startswith("$"):
            continue
        pieces: list[str] = text.splitlines(keepends=True) if "\n" in text else list(text)
        while True:
            size = max(1, len(pieces) // 2)
            while size:
                start = 0
                while start < len(pieces):
                    fewer_pieces = pieces[:start] + pieces[start + size :]
                    shorter = replace(call, item=_with(call.item, leaf, "".join(fewer_pieces)))
                    if await accept(shorter):
                        call, pieces = shorter, fewer_pieces
                    else:
                        start += size
                size //= 2
            if all(len(piece) <= 1 for piece in pieces):
                break
            pieces = list("".join(pieces))
    return groups


def _leaves(value: Any, at: Leaf = ()) -> list[tuple[Leaf, Any]]:
    if isinstance(value, Mapping):
        return [found for key, inner in value.items() for found in _leaves(inner, (*at, key))]
    if isinstance(value, list):
        return [found for index, inner in enumerate(value) for found in _leaves(inner, (*at, index))]
    return [(at, value)]


def _get(value: Any, leaf: Leaf) -> Any:
    for key in leaf:
        try:
            value = value[key]
        except (KeyError, IndexError):
            return None
    return value


def _with(value: Any, leaf: Leaf, new: Any) -> Any:
    if not leaf:
        return new
    copy = dict(value) if isinstance(value, Mapping) else list(value)
    copy[leaf[0]] = _with(copy[leaf[0]], leaf[1:], new)  # type: ignore[index]
    return copy


def _without(value: Any, leaf: Leaf) -> Any:
    if len(leaf) == 1:
        return {key: inner for key, inner in value.items() if key != leaf[0]}
    return _with(value, leaf[:1], _without(value[leaf[0]], leaf[1:]))
