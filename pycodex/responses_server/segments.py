"""The items of an answer while they are made, each with its own events. Pure; `stream` says when which goes on.

A segment collects what comes for it, and gives it out as events while it is the one that is open; it begins as late as
it must (a call when its name is sure), so that an item is always added before its first delta.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pycodex.responses_server.arguments import InputReader
from pycodex.responses_server.calls import Call
from pycodex.responses_server.ids import item_id
from pycodex.responses_server.names import ToolName
from pycodex.responses_server.sealed import passed, seal

__all__ = ["CallSegment", "Fields", "MessageSegment", "ReasoningSegment", "Segment"]

Fields = tuple[str, dict[str, Any]]
"""Name of an event without `response.`, and what it says beside its place."""
Item = dict[str, Any]


class Segment:
    """An item that is being made. `done` is the finished item, once `close` was run to its end."""

    prefix = "item"

    def __init__(self) -> None:
        self.id = item_id(self.prefix)
        self.began = False
        self.done: Item = {}

    @property
    def ready(self) -> bool:
        """Whether it can begin with what it has."""
        raise NotImplementedError

    @property
    def closable(self) -> bool:
        """Whether it can end because something follows."""
        return True

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show in the end."""
        return False

    @property
    def cuttable(self) -> bool:
        """Whether it is an item, an incomplete one, where the answer was cut off in it."""
        return True

    def opening(self) -> Item:
        """The item as it begins."""
        raise NotImplementedError

    def flush(self) -> Iterator[Fields]:
        """What came since the last time."""
        raise NotImplementedError

    def close(self, status: str) -> Iterator[Fields]:
        """The end of its parts; `done` is set then."""
        raise NotImplementedError


class MessageSegment(Segment):
    """Text and refusal, each a part."""

    prefix = "msg"

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[tuple[str, str, list[Any]]] = []
        self._parts: list[dict[str, Any]] = []
        self._said: list[str] = []
        self._open = self._blank = False
        self.annotations: list[Any] = []

    def add(self, kind: str, text: str, logprobs: list[Any]) -> None:
        """`kind`: output_text or refusal."""
        self._blank = text.isspace() and (self._blank or not self._waiting)
        self._waiting.append((kind, text, logprobs))

    @property
    def ready(self) -> bool:
        return bool(self._waiting) and not self._blank

    @property
    def empty(self) -> bool:
        return not self.began and not self.ready

    def opening(self) -> Item:
        return {"id": self.id, "type": "message", "status": "in_progress", "role": "assistant", "content": []}

    def flush(self) -> Iterator[Fields]:
        waiting, self._waiting = self._waiting, []
        for kind, text, logprobs in waiting:
            if self._parts and self._open and self._parts[-1]["type"] != kind:
                yield from self._end_part()
            if not self._open:
                self._parts.append(_part(kind))
                self._open = True
                place = {"content_index": len(self._parts) - 1, "part": _part(kind)}
                yield "content_part.added", place
            self._said.append(text)
            told: dict[str, Any] = {"content_index": len(self._parts) - 1, "delta": text}
            if kind == "output_text":
                self._parts[-1]["logprobs"] += logprobs
                told["logprobs"] = logprobs
            yield f"{kind}.delta", told

    def _end_part(self) -> Iterator[Fields]:
        part, index = self._parts[-1], len(self._parts) - 1
        part["refusal" if part["type"] == "refusal" else "text"], self._said = "".join(self._said), []
        if part["type"] == "refusal":
            yield "refusal.done", {"content_index": index, "refusal": part["refusal"]}
        else:
            part["annotations"] = self.annotations
            done = {"content_index": index, "text": part["text"], "logprobs": part["logprobs"]}
            yield "output_text.done", done
        self._open = False
        yield "content_part.done", {"content_index": index, "part": dict(part)}

    def close(self, status: str) -> Iterator[Fields]:
        if self._open:
            yield from self._end_part()
        self.done = {**self.opening(), "status": status, "content": [dict(part) for part in self._parts]}


def _part(kind: str) -> dict[str, Any]:
    if kind == "refusal":
        return {"type": "refusal", "refusal": ""}
    return {"type": "output_text", "text": "", "annotations": [], "logprobs": []}


class ReasoningSegment(Segment):
    """What the model thinks: raw, so it is content and no summary."""

    prefix = "rs"

    def __init__(self, field: str, *, seals: bool) -> None:
        super().__init__()
        self._field, self._seals = field, seals
        self._waiting: list[str] = []
        self._said: list[str] = []
        self.details: list[dict[str, Any]] = []

    def add(self, text: str) -> None:
        self._waiting.append(text)

    def add_details(self, details: list[Any]) -> None:
        """Parts of `reasoning_details`; pieces of one are put together."""
        for detail in details:
            if not isinstance(detail, Mapping):
                continue
            last = self.details[-1] if self.details else {}
            same = all(last.get(key) == detail.get(key) for key in ("type", "index"))
            if same and detail.get("index") is not None:
                for key, value in detail.items():
                    grows = key in ("text", "summary") and isinstance(last.get(key), str)
                    last[key] = last[key] + (value or "") if grows else value if value is not None else last.get(key)
            else:
                self.details.append(dict(detail))

    @property
    def ready(self) -> bool:
        return bool(self._waiting) or bool(self.details)

    @property
    def empty(self) -> bool:
        return not self.began and not self.details and not "".join(self._waiting).strip()

    def opening(self) -> Item:
        return {"id": self.id, "type": "reasoning", "summary": [], "content": []}

    def flush(self) -> Iterator[Fields]:
        waiting, self._waiting = self._waiting, []
        for text in waiting:
            if not self._said:
                yield "content_part.added", {"content_index": 0, "part": {"type": "reasoning_text", "text": ""}}
            self._said.append(text)
            yield "reasoning_text.delta", {"content_index": 0, "delta": text}

    def close(self, status: str) -> Iterator[Fields]:
        self.done, text = self.opening(), "".join(self._said)
        if text:
            part = {"type": "reasoning_text", "text": text}
            yield "reasoning_text.done", {"content_index": 0, "text": text}
            yield "content_part.done", {"content_index": 0, "part": part}
            self.done["content"] = [part]
        if self._seals:
            details = {"details": self.details} if self.details else {}
            ours = seal("reasoning", {"field": self._field, "text": text, **details})
            self.done["encrypted_content"] = passed(self.details) or ours


class CallSegment(Segment):
    """A call of a tool, in the shape that its kind has on the Responses side."""

    prefix = "fc"

    def __init__(self, call: Call, restore: Callable[[str], ToolName], call_id: Callable[[str | None], str]) -> None:
        super().__init__()
        self.call = call
        self._restore, self._call_id = restore, call_id
        self._waiting: list[str] = []
        self._reader = InputReader()
        self._tool = ToolName(name="")
        self._identity = ""
        self._object: dict[str, Any] = {}

    def add(self, arguments: str) -> None:
        self._waiting.append(arguments)

    @property
    def ready(self) -> bool:
        if self._restore(self.call.name).kind in ("tool_search", "local_shell"):
            return self.call.whole
        return bool(self.call.name) and not self.call.silent

    @property
    def closable(self) -> bool:
        return self.call.whole

    @property
    def cuttable(self) -> bool:
        # Half of a function's arguments are no JSON, and nobody runs them. Half of a custom input is a text like any
        # other: codex-cli runs it, whatever its status says (measured on 0.169.0 in code mode).
        return self.call.whole or self._restore(self.call.name).kind != "custom"

    def opening(self) -> Item:
        if not self.began:
            self._tool, self._identity = self._restore(self.call.name), self._call_id(self.call.id)
            if self._tool.kind not in ("function", "custom") and not self.call.whole:
                self._tool = ToolName(name=self._tool.name)  # a call that the client refuses, and says why
            elif self._tool.kind in ("tool_search", "local_shell"):
                self._object = json.loads(self.call.arguments, strict=False)  # what follows a whole object is nothing
            prefix = {"custom": "ctc", "tool_search": "tsc", "local_shell": "lsh"}.get(self._tool.kind, self.prefix)
            self.id = item_id(prefix)
        shared = {"id": self.id, "status": "in_progress", "call_id": self._identity}
        named = {"name": self._tool.name, **({"namespace": self._tool.namespace} if self._tool.namespace else {})}
        match self._tool.kind:
            case "custom":
                return {"type": "custom_tool_call", **shared, **named, "input": ""}
            case "tool_search":
                return {"type": "tool_search_call", **shared, "execution": "client", "arguments": {}}
            case "local_shell":
                return {"type": "local_shell_call", **shared, "action": {"type": "exec", "command": [], "env": {}}}
        return {"type": "function_call", **shared, **named, "arguments": ""}

    def flush(self) -> Iterator[Fields]:
        waiting, self._waiting = self._waiting, []
        for text in waiting:
            if self._tool.kind == "custom":
                if piece := self._reader.feed(text):
                    yield "custom_tool_call_input.delta", {"delta": piece}
            elif self._tool.kind == "function" and text:
                yield "function_call_arguments.delta", {"delta": text}

    def close(self, status: str) -> Iterator[Fields]:
        item, call = self.opening(), self.call
        item["status"] = "completed" if call.whole or status == "completed" else status
        match self._tool.kind:
            case "custom":
                item["input"], rest = self._reader.end()
                if rest:
                    yield "custom_tool_call_input.delta", {"delta": rest}
                yield "custom_tool_call_input.done", {"input": item["input"]}
            case "tool_search":
                item["arguments"] = self._object
            case "local_shell":
                item["action"] = {**item["action"], **self._object}
            case _:
                if not call.arguments.strip() and item["status"] == "completed":
                    # No arguments at all: what a model without parameters writes, and no client can parse.
                    call.take({"arguments": "{}"})
                    yield "function_call_arguments.delta", {"delta": "{}"}
                item["arguments"] = call.arguments
                yield "function_call_arguments.done", {"name": self._tool.name, "arguments": call.arguments}
        self.done = item
