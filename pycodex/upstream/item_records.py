"""Response items in rollouts of the ordered kind: what is counted of them, and how people are told of them."""

from __future__ import annotations

import json
import time
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import Any

from pycodex import protocol as p
from pycodex.citations import citation_of, shown_text
from pycodex.ids import uuid7
from pycodex.items import NOTE, said_by_user, search_query, text_of
from pycodex.upstream.retained import SOURCE_BYTES, Retained

__all__ = [
    "UNPREPARED",
    "ItemLedger",
    "entered",
    "file_url",
    "given_up",
    "kept_output",
    "kinds_of_parts",
    "paginated",
    "quoting",
    "recorded_usage",
    "told_command",
    "told_flat",
    "told_item",
    "told_of_subagent",
    "told_patch",
    "told_plan",
    "usage_record",
]

_OUTPUT_LIMIT = 64 * 1024
_CUT = "\n... command output truncated for persistence ...\n"


_QUESTIONS, _ANSWERS = "request_user_input", '{"answers":'

UNPREPARED = "images.preparation_error"
"""The kind of a part that says that an image could not be read."""
_IMAGES = frozenset({"user.image", UNPREPARED})


class ItemLedger:
    """Counts items: their place in the history, how far the model has read, and their place among inputs.

    It goes on where the metadata of the existing records end.
    """

    def __init__(self, existing: Sequence[Mapping[str, Any]]) -> None:
        metadata = [row for record in existing for row in _metadata_of(record)]
        items = [item for record in existing for item in _items_of(record)]
        last = max((each.get("history_sequence", 0) for each in metadata), default=0)
        # After others with metadata, what an agent is told of its parent's history has none (captured: agents/v2_*).
        marked = [place for place, each in enumerate(existing, 1) if "history_sequence" in (each.get("metadata") or {})]
        unmarked = sum(record["type"] == "response_item" for record in existing[(marked or [0])[-1] :])
        self.sequence: int = last + unmarked if last else len(items)
        self.sampled: int = max((each.get("sampled_through_sequence", 0) for each in metadata), default=0)
        self.notes: dict[str, Mapping[str, Any]] = {
            item["id"]: item[NOTE] for item in items if NOTE in item and isinstance(item.get("id"), str)
        }
        """By the id of the item."""
        # Of records without metadata only what the user said counts (captured: rollout/seeded, rollout/unknown_lines).
        own = [each for each in metadata if "inherited_user_message" not in each]
        known = max((each.get("user_input_order", -1) for each in own), default=-1)
        self.sources: dict[str, dict[str, Any]] = {}
        """By the id of the item: its place among inputs, and what it is the source of."""
        alike = sum(map(said_by_user, items)) if len(own) == len(metadata) else 0
        self.order: int = 1 + known if known >= 0 else alike
        self._revisions: dict[str, str] = {}
        self.metadata: dict[str, dict[str, Any]] = {}
        """By the id of the item: what its record says of it."""
        self.retained = Retained()
        for record in existing:
            self._remember(record)
        self._questions: dict[str | None, str] = {}
        """Calls that ask the user, and their arguments."""
        self._reserved: dict[str | None, deque[int]] = defaultdict(deque)

    def _remember(self, record: Mapping[str, Any]) -> None:
        for item, row in zip(_items_of(record), _metadata_of(record), strict=False):
            if isinstance(item.get("id"), str):
                self.metadata[item["id"]] = dict(row)
                if "retained_source" in row and record["type"] == "response_item":
                    self.retained.say(item, row)
        if record.get("type") == "retained_context":
            self.retained.answer(record["payload"])

    def place(self) -> dict[str, Any]:
        """The next place in the history, of an item that a compaction makes."""
        self.sequence += 1
        return {
            "history_sequence": self.sequence,
            "sampled_through_sequence": self.sampled,
            "client_authored": False,
        }

    def _answers(self, item: p.Item) -> dict[str, Any] | None:
        """What the user answers with this output, if it is one of questions."""
        output = item.get("output")
        if item.get("call_id") not in self._questions or not isinstance(output, str):
            return None
        return dict(json.loads(output)["answers"]) if output.startswith(_ANSWERS) else None

    def verified(self, item: p.Item, turn_id: str) -> list[dict[str, Any]]:
        """What is kept of answers that the user gave (captured: interactive/question_answered)."""
        answers = self._answers(item)
        if not answers:
            return []
        rows = []
        for question in json.loads(self._questions[item["call_id"]])["questions"]:
            chosen = ", ".join(answers.get(question["id"], {}).get("answers", ()))
            told = [
                f"{each['label']}: {each['description']}" for each in question["options"] if each["label"] == chosen
            ]
            rows.append({"question": "\n".join([question["question"], *told]), "answer": chosen})
        payload = {
            "type": "verified_answer",
            "turn_id": turn_id,
            "call_id": item["call_id"],
            "questions": rows,
            "acceptance_order": self.order,
        }
        self.retained.answer(payload)
        return [{"type": "retained_context", "payload": payload}]

    def reserve(self, key: str | None) -> None:
        """An input has begun, and has its place from then on, whether it ends or not (captured:
        interactive/interrupt_in_text, interrupt_steered)."""
        self._reserved[key].append(self.order)
        self.order += 1

    def _place(self, reserved: str | None) -> int:
        """The place of an input: kept for it, or the next."""
        kept = self._reserved[reserved]
        if not kept:
            self.reserve(reserved)
        return kept.popleft()

    def record(
        self,
        item: p.Item,
        turn_id: str,
        *,
        reserved: str | None = None,
        created: bool = False,
        kinds: Sequence[str] = (),
        provenances: Sequence[Mapping[str, Any]] = (),
        retained: bool = False,
        complete: bool = True,
        ordered: bool = False,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        at: float | None = None,
    ) -> dict[str, Any]:
        """A response_item record. `created`: made here (at `at`), not by the model. `kinds`, `provenances`: of parts.

        `reserved`: under what its place was kept. `retained`: the record says what it is the source of, and whether of
        all of it (`complete`). `ordered`: it counts in the order of input. `before`, `after`: more metadata, in front
        of the source and at the end.
        """
        passed: dict[str, Any] = {"turn_id": turn_id}
        # Tools that are an item of the history have no metadata of a message (captured).
        unmarked = item["type"] == "additional_tools"
        if created:
            passed["create_time"] = time.time() if at is None else at
        if kinds or item.get("content") == []:
            passed["content_item_kinds"] = list(kinds)
        if provenances:
            passed["content_item_metadata"] = list(provenances)
        self.sequence += 1
        metadata: dict[str, Any] = {
            "history_sequence": self.sequence,
            "sampled_through_sequence": self.sampled,
            **(before or {}),
        }
        order = self._place(reserved) if ordered else self.order
        if retained:
            identity = {"message_id": item.get("id"), "turn_id": turn_id, "role": item["role"]}
            metadata["retained_source"] = {
                "id": identity,
                "revision": self._revision(item),
                "complete": complete and _IMAGES.isdisjoint(kinds) and len(text_of(item).encode()) <= SOURCE_BYTES,
            }
            if isinstance(item.get("id"), str):
                self.sources[item["id"]] = {"order": order, "source": metadata["retained_source"]}
        metadata["client_authored"] = False
        if ordered:
            metadata["user_input_order"] = order
        if item.get("name") == _QUESTIONS:
            self._questions[item.get("call_id")] = item.get("arguments", "")
        if self._answers(item) is not None:
            # Questions that were asked count as an input (captured: tools/arguments_request_user_input).
            self.order += 1
        metadata |= after or {}
        marks = {} if unmarked else {NOTE: passed}
        if marks and isinstance(item.get("id"), str):
            self.notes[item["id"]] = passed
        if isinstance(item.get("id"), str):
            self.metadata[item["id"]] = metadata
            if retained:
                self.retained.say(item, metadata)
        payload = {**item, **marks}
        return {"type": "response_item", "payload": payload, "metadata": metadata}

    def _revision(self, item: p.Item) -> str:
        """A new one for each id, and for other words under it; an item that comes twice keeps its own (captured:
        server/item_done_twice, answers/event_fields)."""
        fresh, identity = f"retained_{uuid7()}", item.get("id")
        return fresh if identity is None else self._revisions.setdefault(f"{identity} {text_of(item)}", fresh)


def _items_of(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The items of a record: one, or those of a new history."""
    if record.get("type") == "response_item":
        return [record["payload"]]
    return list(record["payload"].get("replacement_history") or ()) if record.get("type") == "compacted" else []


def _metadata_of(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is said of each of them."""
    if record.get("type") == "compacted":
        return list(record["payload"].get("replacement_history_metadata") or ())
    return [record.get("metadata") or {}]


def kinds_of_parts(item: p.Item, unprepared: str) -> list[str]:
    """The kinds of what the user said; `unprepared`: what stands for an image that could not be read."""
    kinds = {"input_image": "user.image", "input_text": "user.text"}
    return [UNPREPARED if part.get("text") == unprepared else kinds[part["type"]] for part in item["content"]]


def told_flat(item: p.Item, *, raw: bool) -> list[dict[str, Any]]:
    """The events that tell people of an item in rollouts of the flat kind. `raw`: raw reasoning is shown too."""
    kind: str = item["type"]
    if kind == "message" and item["role"] == "assistant":
        return [
            _event(
                "agent_message", message=shown_text(item), phase=item.get("phase"), memory_citation=citation_of(item)
            )
        ]
    if kind == "reasoning":
        shown = [_event("agent_reasoning", text=part["text"]) for part in item["summary"]]
        content = item.get("content") or () if raw else ()
        return shown + [_event("agent_reasoning_raw_content", text=part["text"]) for part in content]
    if kind == "web_search_call":
        action = item.get("action") or {"type": "other"}
        return [_event("web_search_end", call_id=item.get("id"), query=search_query(action), action=action)]
    return []


def _event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "event_msg", "payload": {"type": kind, **fields}}


def told_plan(turn_id: str, plan: str) -> dict[str, Any]:
    """A plan as people are told of it, once in a turn's answer."""
    return {"type": "Plan", "id": f"{turn_id}-plan", "text": plan}


def told_item(item: p.Item) -> dict[str, Any] | None:
    """An item as people are told of it; None for kinds that are told elsewhere."""
    if item["type"] == "message" and item["role"] == "assistant":
        phase = {"phase": item["phase"]} if "phase" in item else {}
        content = [{"type": "Text", "text": shown_text(item)}]
        cited = {"memory_citation": citation} if (citation := citation_of(item)) else {}
        return {"type": "AgentMessage", "id": item.get("id"), "content": content, **phase, **cited}
    if item["type"] == "reasoning":
        raw = [part["text"] for part in item.get("content") or ()]
        texts = [part["text"] for part in item["summary"]]
        return {"type": "Reasoning", "id": item.get("id"), "summary_text": texts, "raw_content": raw}
    if item["type"] == "web_search_call":
        action = item.get("action") or {"type": "other"}
        return {"type": "WebSearch", "id": item.get("id"), "query": search_query(action), "action": action}
    return None


def entered(event: p.ReviewStarted) -> dict[str, Any]:
    """What is said of a review that begins."""
    return {"target": event.target, "user_facing_hint": event.hint}


def told_of_subagent(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """A record of a sub-agent, if the rollout of the thread that began it has it too: its turns, and what people are
    told of it but its messages (captured: review/tools)."""
    payload = record["payload"]
    kept = record["type"] == "event_msg" and (
        payload["type"] == "task_started"
        or (payload["type"] == "item_completed" and payload["item"]["type"] != "AgentMessage")
    )
    return {"type": record["type"], "payload": payload} if kept else None


def quoting(sources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is noted of an item that quotes another thread (captured: approvals/allowed)."""
    if not sources:
        return {}
    return {
        "guardian_sources": list(sources),
        "guardian_source_order_guidance": True,
        "guardian_retained_omissions": {"user_instructions": False, "assistant_context": False},
    }


def told_command(event: p.CommandEnded) -> dict[str, Any]:
    """A command as people are told of it."""
    from pycodex.parsed_command import parse_command

    whole = int(event.duration)
    return {
        "type": "CommandExecution",
        "id": event.call_id,
        **({"process_id": event.process_id} if event.process_id else {}),
        "command": list(event.argv),
        "cwd": file_url(event.cwd),
        "parsed_cmd": parse_command(event.argv),
        "source": event.source,
        "status": event.status,
        "aggregated_output": kept_output(event.output),
        "exit_code": event.exit_code,
        "duration": {"secs": whole, "nanos": int((event.duration - whole) * 1e9)},
    }


def told_patch(event: p.PatchEnded) -> dict[str, Any]:
    """A patch as people are told of it. Its files are in the order of their paths."""
    changes: dict[str, Any] = {}
    for path, change in sorted(event.changes.items()):
        if change.kind == "update":
            changes[path] = {"type": "update", "unified_diff": change.content, "move_path": change.move_to}
        else:
            changes[path] = {"type": change.kind, "content": change.content}
    return {
        "type": "FileChange",
        "id": event.call_id,
        "changes": changes,
        "status": event.status,
        "stdout": event.stdout,
        "stderr": event.stderr,
    }


def paginated(record: Mapping[str, Any]) -> bool:
    """Whether it is the first record of a rollout of the ordered kind."""
    return record.get("type") == "session_meta" and record["payload"].get("history_mode") == "paginated"


def recorded_usage(existing: Sequence[Mapping[str, Any]]) -> p.Usage:
    """What the token_usage_records of a rollout sum up to."""
    for record in reversed(existing):
        if record.get("type") == "token_usage_record":
            return p.Usage(**record["payload"]["thread_token_usage"])
    return p.Usage()


def file_url(path: str) -> str:
    """An absolute path as a URL (blanks are `%20`: measured on the binary)."""
    from urllib.parse import quote

    return "file://" + quote(path, safe="/!$&'()*+,-.:;=@[]^_|~")


def given_up(started: p.CommandStarted, output: str) -> p.CommandEnded:
    """The end of a command that was killed before it ended."""
    return p.CommandEnded(
        call_id=started.call_id,
        argv=started.argv,
        cwd=started.cwd,
        process_id=started.process_id,
        exit_code=-1,
        output=output,
        duration=time.time() - started.started_at,
        status="failed",
    )


def kept_output(output: str) -> str:
    """A command's output, its middle cut out when it is longer than a record may hold."""
    data = output.encode()
    if len(data) <= _OUTPUT_LIMIT:
        return output
    budget = _OUTPUT_LIMIT - len(_CUT)
    head, tail = data[: budget // 2], data[len(data) - (budget - budget // 2) :]
    return head.decode(errors="ignore") + _CUT + tail.decode(errors="ignore")


def usage_record(usage: p.Usage) -> dict[str, int]:
    """Tokens, as a rollout keeps them."""
    return {
        "input_tokens": usage.input_tokens,
        "cached_input_tokens": usage.cached_input_tokens,
        "cache_write_input_tokens": usage.cache_write_input_tokens,
        "output_tokens": usage.output_tokens,
        "reasoning_output_tokens": usage.reasoning_output_tokens,
        "total_tokens": usage.total_tokens,
    }
