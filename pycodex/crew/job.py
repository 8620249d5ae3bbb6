"""A job: the same thing to do for each row of a table, and what came of each (captures: agents/csv_*).

What workers report is taken here; who begins them, and when, is `pycodex.crew.fanout`.
"""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pycodex.crew.table import Table, written
from pycodex.records import dataclass
from pycodex.request import compact

__all__ = ["COLUMNS", "Item", "Job", "item_ids"]

COLUMNS = (
    "job_id",
    "item_id",
    "row_index",
    "source_id",
    "status",
    "attempt_count",
    "last_error",
    "result_json",
    "reported_at",
    "completed_at",
)
"""What the table that comes of a job has beside the columns of its own."""

_SILENT = "worker finished without calling report_agent_job_result"
_CANCELLED = "cancelled by worker request"
_SHOWN = 5
"""So many rows that failed are told of."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(kw_only=True)
class Item:
    """A row, and what came of it. `worker`: the thread of the one that has it."""

    id: str
    source: str | None
    row: Mapping[str, str]
    status: Literal["pending", "running", "completed", "failed"] = "pending"
    worker: str | None = None
    error: str | None = None
    result: str | None = None
    reported_at: str | None = None
    completed_at: str | None = None

    def begin(self, worker: str) -> None:
        """A worker has it."""
        self.status, self.worker = "running", worker

    def end(self, error: str | None = None) -> None:
        """Its worker is done; without an error, what it has reported counts."""
        failed = error or (_SILENT if self.result is None else None)
        self.status, self.error = ("completed", None) if failed is None else ("failed", failed)
        self.completed_at = _now()


class Job:
    """`template`: what a worker is told, with places for what is its own; `instruction` has places for columns."""

    def __init__(
        self, table: Table, instruction: str, template: str, *, id_column: str | None = None, schema: Any = None
    ) -> None:
        self.id = str(uuid.uuid4())
        self.table = table
        self.cancelled = False
        """Whether a worker has said to stop."""
        self._instruction = instruction
        self._template = template
        self._schema = {} if schema is None else schema
        self.items = [
            Item(id=name, source=source, row=dict(zip(table.headers, row, strict=True)))
            for (name, source), row in zip(item_ids(table, id_column), table.rows, strict=True)
        ]
        self._by_id = {item.id: item for item in self.items}

    @property
    def short_id(self) -> str:
        """As files and people know it."""
        return self.id[:8]

    def pending(self) -> Iterator[Item]:
        """What is still to be begun; nothing once a worker has said to stop."""
        return (item for item in self.items if item.status == "pending" and not self.cancelled)

    def counts(self) -> Counter[str]:
        """How many items are what."""
        return Counter(item.status for item in self.items)

    def prompt(self, item: Item) -> str:
        """What the worker of a row is told."""
        places = {
            "job_id": self.id,
            "item_id": item.id,
            "instruction": _filled(self._instruction, item.row),
            "row": _pretty(item.row),
            "schema": _pretty(self._schema),
        }
        return re.sub(r"\{(job_id|item_id|instruction|row|schema)\}", lambda found: places[found[1]], self._template)

    def report(self, item_id: str, worker: str, result: Mapping[str, Any], *, stop: bool) -> bool:
        """What a worker says of its row; whether that is its own to say. The last word counts."""
        item = self._by_id.get(item_id)
        if item is None or item.status != "running" or item.worker != worker:
            return False
        item.result = compact(result)
        item.reported_at = _now()
        self.cancelled = self.cancelled or stop
        return True

    def exported(self) -> str:
        """The table that comes of it."""
        return written((*self.table.headers, *COLUMNS), map(self._exported, range(len(self.items))))

    def _exported(self, index: int) -> tuple[str, ...]:
        item = self.items[index]
        tried = "0" if item.status == "pending" else "1"
        said = (item.error, item.result, item.reported_at, item.completed_at)
        own = (self.id, item.id, str(index), item.source or "", item.status, tried, *(text or "" for text in said))
        return (*self.table.rows[index], *own)

    def outcome(self, path: str, error: str | None) -> dict[str, Any]:
        """What the model is told. `error`: why there is no table at `path`."""
        failed = [item for item in self.items if item.status == "failed"]
        status = "cancelled" if self.cancelled else "completed"
        return {
            "job_id": self.id,
            "status": status if error is None else "failed",
            "output_csv_path": path,
            "total_items": len(self.items),
            "completed_items": self.counts()["completed"],
            "failed_items": len(failed),
            "job_error": error or (_CANCELLED if self.cancelled else None),
            "failed_item_errors": [
                {"item_id": item.id, "source_id": item.source, "last_error": item.error} for item in failed[:_SHOWN]
            ]
            or None,
        }


def item_ids(table: Table, column: str | None) -> list[tuple[str, str | None]]:
    """Id and value of the id's column of each row; ids that are there already get a number."""
    place = None if column is None else table.headers.index(column)
    found: dict[str, str | None] = {}
    again: Counter[str] = Counter()
    for number, row in enumerate(table.rows, 1):
        source = row[place] if place is not None and row[place].strip() else None
        name = base = f"row-{number}" if source is None else source
        while name in found:
            again[base] += 1
            name = f"{base}-{again[base] + 1}"
        found[name] = source
    return list(found.items())


def _filled(instruction: str, row: Mapping[str, str]) -> str:
    """The instruction with the values of a row, one column after the other (captured: agents/csv_forms)."""
    text = instruction.replace("{{", "\0<").replace("}}", "\0>")
    for header, value in row.items():
        text = text.replace("{" + header + "}", value)
    return text.replace("\0<", "{").replace("\0>", "}")


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
