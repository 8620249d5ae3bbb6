"""Answers that clients may come back to, in bounded memory: the oldest are forgotten."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pycodex.records import dataclass
from pycodex.responses_server.errors import LayerError
from pycodex.responses_server.ids import item_id

__all__ = ["Store", "Stored", "input_page"]

_PREFIXES = {
    "function_call": "fc",
    "function_call_output": "fco",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
    "reasoning": "rs",
    "message": "msg",
}


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A response, and everything that was said before it."""

    response: Mapping[str, Any]
    input: tuple[Any, ...]
    size: int
    """Bytes of it, with what it shares with those before it."""

    @property
    def history(self) -> tuple[Any, ...]:
        """The input that a next request goes on with."""
        return (*self.input, *self.response["output"])


class Store:
    """Responses by id. `most` entries and `most_bytes` of them; a larger one is not kept at all."""

    def __init__(self, most: int = 1000, most_bytes: int = 64 * 1024 * 1024) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._held: dict[str, Stored] = {}
        self._size = 0

    def __len__(self) -> int:
        return len(self._held)

    def put(self, response: Mapping[str, Any], before: Stored | None, added: Sequence[Any]) -> None:
        """Keep a response with its input, which goes on with that of `before`, if there is one."""
        named = [_named(item) for item in added]
        # What is shared counts with each that holds it: the memory is never more than that.
        size = len(json.dumps([response, named])) + (0 if before is None else before.size)
        if size > self._most_bytes:
            return
        stored = Stored(response=response, input=(*(() if before is None else before.history), *named), size=size)
        self.drop(response["id"])
        self._held[response["id"]] = stored
        self._size += size
        while len(self._held) > self._most or self._size > self._most_bytes:
            self.drop(next(iter(self._held)))

    def find(self, identity: str) -> Stored | None:
        """The response of an id; being asked for makes it young."""
        stored = self._held.pop(identity, None)
        if stored is not None:
            self._held[identity] = stored
        return stored

    def item(self, identity: str) -> Any:
        """An item of any response that is kept, None where there is none."""
        for stored in reversed(self._held.values()):
            for item in stored.history:
                if isinstance(item, Mapping) and item.get("id") == identity:
                    return item
        return None

    def drop(self, identity: str) -> bool:
        """Forget one; whether it was there."""
        stored = self._held.pop(identity, None)
        if stored is None:
            return False
        self._size -= stored.size
        return True


def _named(item: Any) -> Any:
    if not isinstance(item, Mapping) or item.get("id"):
        return item
    kind = str(item.get("type", "message"))
    return {"id": item_id(_PREFIXES.get(kind, "item")), "type": kind, **item}


def input_page(stored: Stored, query: Mapping[str, str]) -> dict[str, Any]:
    """A page of the input items: `order` (desc unless told), `limit` (20), `after` an id. Raises LayerError."""
    items = [item for item in stored.input if isinstance(item, Mapping)]
    if query.get("order", "desc") not in ("asc", "desc"):
        raise LayerError("order is asc or desc.", code="invalid_value", param="order")
    if query.get("order", "desc") == "desc":
        items.reverse()
    told = query.get("limit", "20")
    limit = int(told) if told.isascii() and told.isdigit() else 0
    if not 1 <= limit <= 100:
        raise LayerError("limit is between 1 and 100.", code="invalid_value", param="limit")
    if "after" in query:
        place = next((number for number, item in enumerate(items) if item.get("id") == query["after"]), None)
        if place is None:
            raise LayerError("There is no such item.", code="invalid_value", param="after")
        items = items[place + 1 :]
    page = items[:limit]
    return {
        "object": "list",
        "data": page,
        "first_id": page[0].get("id") if page else None,
        "last_id": page[-1].get("id") if page else None,
        "has_more": len(items) > limit,
    }
