"""What of a thread is retained in its rollout whatever becomes of the history: what was said, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pycodex.truncation import approx_tokens

__all__ = ["SOURCE_BYTES", "Retained"]

SOURCE_BYTES = 3600
"""A longer message is no complete source (captured: rollout/long_messages)."""


def _shortened(text: str) -> str:
    """Its middle cut out where it is too long (captured: compact/long_messages)."""
    data = text.encode()
    if len(data) <= SOURCE_BYTES:
        return text
    mark = f'<truncated omitted_approx_tokens="{approx_tokens(len(data) - SOURCE_BYTES)}" />'
    room = SOURCE_BYTES - len(mark)
    head, tail = data[: room // 2], data[len(data) - (room - room // 2) :]
    return head.decode(errors="ignore") + mark + tail.decode(errors="ignore")


class Retained:
    """The messages that are sources, in order, and answers to questions."""

    def __init__(self) -> None:
        self._messages: dict[str, tuple[Mapping[str, Any], str, Mapping[str, Any]]] = {}
        self._answers: list[dict[str, Any]] = []

    def say(self, item: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """A message is a source; `metadata`: what its record says of it. One that comes twice keeps its place
        (captured: faults/random_message_twice)."""
        known = self._messages.get(item["id"])
        if known is not None and known[0]["retained_source"]["revision"] == metadata["retained_source"]["revision"]:
            return
        texts = [part["text"] for part in item.get("content") or () if isinstance(part.get("text"), str)]
        # Of what the model says also in which phase (captured: compact/phases).
        phase = {"phase": item["phase"]} if "phase" in item else {}
        self._messages[item["id"]] = (metadata, _shortened("\n".join(texts)), phase)

    def answer(self, payload: Mapping[str, Any]) -> None:
        """Questions were answered."""
        self._answers.append({key: value for key, value in payload.items() if key != "type"})

    def told(self, next_order: int) -> dict[str, Any]:
        """As a compaction's record has it. `next_order`: the place of the next input."""
        said: dict[str, list[dict[str, Any]]] = {"user": [], "assistant": []}
        for row, text, phase in self._messages.values():
            source = row["retained_source"]
            identity = source["id"]
            said[identity["role"]].append(
                {
                    "revision": source["revision"],
                    "order": row["user_input_order"],
                    "turn_id": identity["turn_id"],
                    "message_id": identity["message_id"],
                    "text": text,
                    "complete": source["complete"],
                    **phase,
                }
            )
        return {
            "verified_answers": self._answers,
            "incomplete": False,
            "user_messages": said["user"],
            "user_messages_incomplete": False,
            "assistant_messages": said["assistant"],
            "assistant_messages_incomplete": False,
            "next_order": next_order,
        }
