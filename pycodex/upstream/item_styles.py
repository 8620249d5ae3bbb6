"""How items go on the wire and into the history: parts of a Dialect."""

from __future__ import annotations

from collections.abc import Mapping

from pycodex.records import dataclass

__all__ = ["IdStyle", "ItemShape", "ItemStyle"]


@dataclass(frozen=True, kw_only=True)
class IdStyle:
    """Ids of items on the wire. `minted`: prefix per item type for items without id; empty: ids are never sent."""

    minted: Mapping[str, str]
    kept: tuple[str, ...]
    """Item types whose ids are sent although ids are not minted."""


@dataclass(frozen=True, kw_only=True)
class ItemShape:
    """The keys of an item type in wire order; absent ones are left out, or written as null (`nullable`)."""

    keys: tuple[str, ...]
    nullable: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ItemStyle:
    """How an item of the model is kept: by type; a type that is not listed is dropped."""

    shapes: Mapping[str, ItemShape]
    content: Mapping[str, tuple[str, ...]]
    """Keys of content parts, by part type."""
    whole: tuple[str, ...] = ()
    """Part types whose absent keys are written as null."""
    keeps_images: bool = False
    """Whether images that the model makes are written to files, of which it is told."""
