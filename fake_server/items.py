"""Shorthands of a script -> complete output items, with ids that follow from the step.

    message      "text" | {text, id, phase}                        -> message          msg_main1
    call         {name, arguments, call_id, id, namespace}         -> function_call    fc_main1, call_main1
    custom_call  {name, input, call_id, id, namespace}             -> custom_tool_call ctc_main1, call_main1
    reasoning    {summary, content, encrypted_content, id}         -> reasoning        rs_main1
    web_search   "query" | {action, id}                            -> web_search_call  ws_main1
    item         anything                                          -> itself

The second id of one kind in an answer is `msg_main1_2`. `id: null` leaves the id out. A new shorthand is one function
and one row in SHORTHANDS, and one property in script.schema.json.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["SHORTHANDS", "Ids", "build_items", "compact", "response_id"]

Item = dict[str, Any]


class Ids:
    """Deterministic ids of one answer: prefix, track, number, and a counter from the second on."""

    def __init__(self, step: str) -> None:
        self._stem = _stem(step)
        self._used: Counter[str] = Counter()

    def next(self, prefix: str) -> str:
        self._used[prefix] += 1
        count = self._used[prefix]
        return f"{prefix}_{self._stem}" + (f"_{count}" if count > 1 else "")


def response_id(step: str) -> str:
    """Id of the response object of a step: "main/1" -> "resp_main1"."""
    return Ids(step).next("resp")


def build_items(output: Sequence[Mapping[str, Any]], *, step: str) -> list[Item]:
    """Complete output items of one answer, as `response.output_item.done` and the response object carry them."""
    ids = Ids(step)
    return [SHORTHANDS[kind](value, ids) for short in output for kind, value in short.items()]


def compact(value: Any) -> str:
    """JSON without spaces, non-ASCII characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _message(value: Any, ids: Ids) -> Item:
    data = {"text": value} if isinstance(value, str) else value
    part: Item = {"type": "output_text", "annotations": [], "logprobs": [], "text": data["text"]}
    item = _with_id(
        data, ids, "msg", {"type": "message", "status": "completed", "content": [part], "role": "assistant"}
    )
    return item | ({"phase": data["phase"]} if "phase" in data else {})


def _call(value: Mapping[str, Any], ids: Ids) -> Item:
    arguments = value["arguments"]
    text = arguments if isinstance(arguments, str) else compact(arguments)
    return _tool_call(value, ids, "fc", {"type": "function_call", "status": "completed", "arguments": text})


def _custom_call(value: Mapping[str, Any], ids: Ids) -> Item:
    return _tool_call(value, ids, "ctc", {"type": "custom_tool_call", "status": "completed", "input": value["input"]})


def _tool_call(value: Mapping[str, Any], ids: Ids, prefix: str, item: Item) -> Item:
    named = {"call_id": value.get("call_id") or ids.next("call"), "name": value["name"]}
    space = {"namespace": value["namespace"]} if "namespace" in value else {}
    return _with_id(value, ids, prefix, item | named | space)


def _reasoning(value: Mapping[str, Any], ids: Ids) -> Item:
    item: Item = {"type": "reasoning"}
    if "encrypted_content" in value:
        item["encrypted_content"] = value["encrypted_content"]
    item["summary"] = [{"type": "summary_text", "text": text} for text in value.get("summary", [])]
    if "content" in value:
        item["content"] = [{"type": "reasoning_text", "text": text} for text in value["content"]]
    return _with_id(value, ids, "rs", item)


def _web_search(value: Any, ids: Ids) -> Item:
    data = {"action": {"type": "search", "query": value}} if isinstance(value, str) else value
    return _with_id(data, ids, "ws", {"type": "web_search_call", "status": "completed", "action": data["action"]})


def _item(value: Mapping[str, Any], ids: Ids) -> Item:
    return dict(value)


SHORTHANDS: Mapping[str, Callable[[Any, Ids], Item]] = {
    "message": _message,
    "call": _call,
    "custom_call": _custom_call,
    "reasoning": _reasoning,
    "web_search": _web_search,
    "item": _item,
}


def _with_id(value: Mapping[str, Any], ids: Ids, prefix: str, item: Item) -> Item:
    if "id" not in value:
        return {"id": ids.next(prefix), **item}
    return item if value["id"] is None else {"id": value["id"], **item}


def _stem(step: str) -> str:
    track, _, number = step.rpartition("/")
    name = re.sub(r"[^A-Za-z0-9]+", "_", track)
    # "child:1" answer 12 and "child:11" answer 2 must not meet in one id
    return f"{name}_{number}" if name[-1:].isdigit() else f"{name}{number}"
