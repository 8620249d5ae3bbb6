"""Responses -> chat -> Responses over all recorded traffic of codex-cli equals the normal form (see normal_form)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from captures.recording import read_recording
from fake_server.chat_invariants import broken_chat
from pycodex.responses_server.errors import LayerError
from pycodex.responses_server.request import ChatRequest, chat_request
from pycodex.responses_server.response import response_object
from pycodex.responses_server.sealed import unseal
from pycodex.responses_server.stream import ChatStream
from tests.pycodex.responses_server.answers import BACKEND, USAGE
from tests.pycodex.responses_server.normal_form import normal_form
from tests.repository import ROOT

UPSTREAM = ROOT / "captures" / "upstream"
LANES = sorted(path.relative_to(UPSTREAM).as_posix() for path in UPSTREAM.glob("*/*") if path.is_dir())


def unpacked(value: Any) -> Any:
    """A recorded value as it was on the wire."""
    if isinstance(value, dict):
        if set(value) == {"$json"}:
            return json.dumps(unpacked(value["$json"]), ensure_ascii=False, separators=(",", ":"))
        return {key: unpacked(each) for key, each in value.items()}
    return [unpacked(each) for each in value] if isinstance(value, list) else value


def bodies(folder: Path) -> Iterator[dict[str, Any]]:
    """The requests of a recording that hold their whole input."""
    for request in read_recording(folder).tree["requests"]:
        body = request.get("body")
        if isinstance(body, dict) and "input" in body and not body.get("previous_response_id"):
            yield unpacked(body)


def sealed(body: dict[str, Any]) -> bool:
    """Whether the input holds a summary that only the provider of OpenAI can read: that is refused."""
    return any(isinstance(item, dict) and item.get("type") == "compaction" for item in body["input"])


def back(request: ChatRequest) -> list[Any]:
    """The messages of a chat request, those of the model read by the layer itself, in the shape of the normal form."""
    found: list[Any] = []
    for message in request.body["messages"]:
        if message["role"] == "tool":
            found.append((message["tool_call_id"], message["content"]))
        elif message["role"] != "assistant":
            found.append((message["role"], _content(message["content"])))
        else:
            found.append(_turn(message, request))
    return found


def _content(content: Any) -> Any:
    if isinstance(content, str):
        return content
    return [
        ("text", part["text"]) if part["type"] == "text" else ("image", *part["image_url"].values()) for part in content
    ]


def _turn(message: dict[str, Any], request: ChatRequest) -> dict[str, Any]:
    fresh = ChatRequest(
        body=request.body, plan=request.plan, call_ids=frozenset(), seals=True, compacts=False, warnings=()
    )
    stream = ChatStream(fresh, response_object({}, "m"))
    stream.feed({"choices": [{"index": 0, "delta": message, "finish_reason": "stop"}], "usage": USAGE})
    assert stream.response["status"] == "completed"
    turn: dict[str, Any] = {"thought": "", "sealed": None, "said": None, "calls": []}
    for item in stream.response["output"]:
        match item["type"]:
            case "message":
                turn["said"] = item["content"][0]["text"]
            case "reasoning":
                turn["thought"] = "".join(part["text"] for part in item["content"])
                # What was thought in plain words is sealed by the layer.
                turn["sealed"] = None if unseal("reasoning", item["encrypted_content"]) else item["encrypted_content"]
            case kind:
                turn["calls"].append((item["call_id"], kind, *_called(item)))
    if turn["said"] is None and message["content"] is not None and not message["content"].strip():
        turn["said"] = message["content"]  # the machine tells of no message that says nothing
    return turn


def _called(item: dict[str, Any]) -> tuple[Any, ...]:
    if item["type"] == "local_shell_call":
        action = {key: value for key, value in item["action"].items() if key not in ("type", "env")}
        return None, None, action
    if item["type"] == "tool_search_call":
        return None, None, item["arguments"]
    value = item["input"] if item["type"] == "custom_tool_call" else json.dumps(item["arguments"])
    return item.get("namespace"), item["name"], value


@pytest.mark.parametrize("lane", LANES)
def test_all_that_codex_sent_comes_back_in_normal_form(lane: str) -> None:
    checked = 0
    for folder in sorted(path.parent for path in (UPSTREAM / lane).glob("*/*/requests.json")):
        for number, body in enumerate(bodies(folder)):
            where = f"{folder.relative_to(UPSTREAM)} request {number + 1}"
            if sealed(body):
                with pytest.raises(LayerError, match="encrypted"):
                    chat_request(body, BACKEND)
                continue
            request = chat_request(body, BACKEND)
            assert broken_chat(request.body) == [], where
            if body["input"] and isinstance(body["input"], list) and body["input"][-1]["type"] == "compaction_trigger":
                body["input"].pop()
                request.body["messages"].pop()
            assert back(request) == normal_form(body), where
            checked += 1
    assert checked
