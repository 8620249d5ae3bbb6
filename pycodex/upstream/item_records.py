"""Response items in rollouts of the ordered kind: what is counted of them, and how people are told of them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from pycodex import protocol as p
from pycodex.ids import uuid7
from pycodex.items import search_query, text_of

__all__ = ["ItemLedger", "told_item"]


class ItemLedger:
    """Counts items: their place in the history, how far the model has read, and their place among inputs.

    It goes on where the metadata of the existing records end.
    """

    def __init__(self, existing: Sequence[Mapping[str, Any]]) -> None:
        metadata = [record.get("metadata") or {} for record in existing]
        self.sequence: int = max((each.get("history_sequence", 0) for each in metadata), default=0)
        self.sampled: int = max((each.get("sampled_through_sequence", 0) for each in metadata), default=0)
        self.order: int = 1 + max((each.get("user_input_order", -1) for each in metadata), default=-1)

    def record(
        self,
        item: p.Item,
        turn_id: str,
        *,
        created: bool = False,
        kinds: Sequence[str] = (),
        provenances: Sequence[Mapping[str, Any]] = (),
        retained: bool = False,
        ordered: bool = False,
        after: Mapping[str, Any] | None = None,
        at: float | None = None,
    ) -> dict[str, Any]:
        """A response_item record. `created`: made here (at `at`), not by the model. `kinds`, `provenances`: of parts.

        `retained`: the record says what it is the source of. `ordered`: it counts in the order of input. `after`: more
        metadata, at the end.
        """
        passed: dict[str, Any] = {"turn_id": turn_id}
        if created:
            passed["create_time"] = time.time() if at is None else at
        if kinds:
            passed["content_item_kinds"] = list(kinds)
        if provenances:
            passed["content_item_metadata"] = list(provenances)
        self.sequence += 1
        metadata: dict[str, Any] = {
            "history_sequence": self.sequence,
            "sampled_through_sequence": self.sampled,
        }
        if retained:
            identity = {"message_id": item.get("id"), "turn_id": turn_id, "role": item["role"]}
            metadata["retained_source"] = {
                "id": identity,
                "revision": f"retained_{uuid7()}",
                "complete": True,
            }
        metadata["client_authored"] = False
        if ordered:
            metadata["user_input_order"] = self.order
            self.order += 1
        metadata |= after or {}
        payload = {**item, "internal_chat_message_metadata_passthrough": passed}
        return {"type": "response_item", "payload": payload, "metadata": metadata}


def told_item(item: p.Item) -> dict[str, Any] | None:
    """An item as people are told of it; None for kinds that are told elsewhere."""
    if item["type"] == "message" and item["role"] == "assistant":
        phase = {"phase": item["phase"]} if "phase" in item else {}
        content = [{"type": "Text", "text": text_of(item)}]
        return {"type": "AgentMessage", "id": item.get("id"), "content": content, **phase}
    if item["type"] == "reasoning":
        raw = [part["text"] for part in item.get("content") or ()]
        texts = [part["text"] for part in item["summary"]]
        return {"type": "Reasoning", "id": item.get("id"), "summary_text": texts, "raw_content": raw}
    if item["type"] == "web_search_call":
        action = item.get("action") or {}
        return {"type": "WebSearch", "id": item.get("id"), "query": search_query(action), "action": action}
    return None
