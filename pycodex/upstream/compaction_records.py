"""Rollout records of the ordered kind about a compaction: the new history, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex import protocol as p
from pycodex.ids import uuid7
from pycodex.items import NOTE
from pycodex.upstream import turn_records as turns
from pycodex.upstream.toolset import agents_version

if TYPE_CHECKING:
    from pycodex.context import ContextManager
    from pycodex.upstream.item_records import ItemLedger

__all__ = ["CompactionRecords"]

_SUMMARY = {"content_item_kinds": ["compaction.summary"]}
_HARNESS = {"provenance": {"type": "harness", "hook": False}}


class CompactionRecords:
    """Goes on where the existing records end."""

    def __init__(self, context: ContextManager, ledger: ItemLedger, existing: Sequence[Mapping[str, Any]]) -> None:
        self._context, self._ledger = context, ledger
        self.running = False
        """Whether the model is asked for a summary."""
        self._turn_id: str | None = None
        self._attribution: Mapping[str, Any] | None = None
        self._settings: dict[str, Any] | None = None
        for record in existing:
            self.note(record)

    def note(self, record: Mapping[str, Any]) -> None:
        """What a record says of a turn."""
        payload = record.get("payload") or {}
        if record.get("type") == "turn_context":
            hashed = payload.get("comp_hash")  # null for a model without one (captured: auth/compact_login)
            self._settings = {"model": payload.get("model"), "comp_hash": hashed, "realtime_active": False}
        if payload.get("type") == "task_started":
            self._turn_id = payload.get("turn_id")
            self._attribution = payload.get("turn_attribution", self._attribution)

    def compacted(
        self, event: p.ContextCompacted, attribution: Mapping[str, Any], usage: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """The record of the new history. `usage`: the last token_usage_record."""
        thread = self._context.thread
        items, metadata = self._history(event, attribution)
        asked = {"turn_attribution": self._attribution} if self._attribution is not None else {}
        payload = {
            "message": event.message,
            "replacement_history": items,
            "replacement_history_metadata": metadata,
            "retained_context": self._ledger.retained.told(self._ledger.order),
            "window_number": event.window.number,
            "first_window_id": event.window.first,
            "previous_window_id": event.window.previous,
            "window_id": event.window.id,
            "compaction_response_id": event.response_id,
            "latest_token_usage_record": usage,
            "resume_metadata": {
                "dynamic_tools": {"thread_id": thread.id, "tools": []},
                "multi_agent_version": agents_version(self._context.settings),
                "last_started_turn_id": self._turn_id,
                **asked,
                "previous_turn_settings": self._settings,
            },
        }
        return {"type": "compacted", "payload": payload}

    def _history(
        self, event: p.ContextCompacted, attribution: Mapping[str, Any]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        fresh = {each.item["id"]: each for each in event.context}
        items, rows = [], []
        for item in event.history:
            if (each := fresh.get(item["id"])) is not None:
                noted = {
                    "turn_id": event.turn_id,
                    "content_item_kinds": [part.kind for part in each.parts],
                    "content_item_metadata": [dict(part.provenance) for part in each.parts],
                }
                noted = noted if each.parts else {}
                row = self._ledger.place()
            elif item is event.summary and item["type"] == "compaction":
                noted = {}
                read_as = {"compaction_model_hash": event.read_as} if event.read_as is not None else {}
                row = {**self._ledger.place(), "compaction_without_file_error_sources": True, **read_as}
            elif item is event.summary:
                noted = {"turn_id": event.turn_id, **_SUMMARY, "content_item_metadata": [_HARNESS]}
                row = self._ledger.place()
            else:
                noted = self._kept(item, cut=item is event.cut)
                row = dict(self._ledger.metadata.get(item["id"], {}))
                if item is event.cut and "retained_source" in row:
                    row["retained_source"] = {**row["retained_source"], "complete": False}
            if item is event.history[-1]:  # a summary, or what is left without one (captured: tools/new_context)
                row = {**row, **attribution}
            if noted:
                self._ledger.notes[item["id"]] = noted
            self._ledger.metadata[item["id"]] = row
            items.append({**item, **({NOTE: noted} if noted else {})})
            rows.append(dict(row))
        if rows:
            # The first item says how far the model has read by now (captured: compact/later_turn).
            rows[0]["sampled_through_sequence"] = self._ledger.sampled
        return items, rows

    def _kept(self, item: p.Item, *, cut: bool) -> dict[str, Any]:
        """What is noted of a message that outlives the compaction: of its texts alone."""
        noted = dict(self._ledger.notes.get(item["id"], {}))
        kinds = ["user.text"]
        sources: list[Any] = [{"provenance": {"type": "user"}}]
        if cut:
            kinds, sources = [*kinds, "unknown", *kinds], [*sources, _HARNESS, *sources]
        elif noted.get("content_item_kinds") is not None:
            told = [row for row in zip(noted["content_item_kinds"], noted["content_item_metadata"], strict=False)]
            told = [row for row in told if row[0] == "user.text"][-len(item["content"]) :]
            kinds, sources = [kind for kind, _ in told], [source for _, source in told]
        return {**noted, "content_item_kinds": kinds, "content_item_metadata": sources}

    def told(self, event: p.ContextCompacted) -> dict[str, Any]:
        """As people are told of it."""
        return turns.told(
            "item_completed",
            thread_id=self._context.thread.id,
            turn_id=event.turn_id,
            item={"type": "ContextCompaction", "id": uuid7()},
            started_at_ms=int(event.started_at * 1000),
            completed_at_ms=int(event.at * 1000),
        )
