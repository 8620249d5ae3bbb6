"""What to ask a backend again without, after it refused a request and named the reason. Pure.

Backends differ in what they know of chat/completions, and say so with a 400 that names the field. Only fields that make
an answer better, and without which it is still the answer to what was asked, are left out; a prompt that is too long, a
missing model or a wrong key stays the client's to see.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["Lessons"]

Chat = dict[str, Any]

_OPTIONAL = ("verbosity", "reasoning_effort", "parallel_tool_calls", "stream_options", "top_logprobs", "logprobs")
_THOUGHTS = ("reasoning_content", "reasoning_details", "reasoning")
_ALTERNATE = re.compile(r"roles must alternate|must alternate user", re.IGNORECASE)
_LATE_SYSTEM = re.compile(
    r"system (message|prompt|role) (must|should|can only) (be|come)[^.]*(begin|first|start)", re.IGNORECASE
)
_NO_SYSTEM = re.compile(r"system (role|messages?) (is |are )?not supported|only user(,| and) assistant", re.IGNORECASE)
"""What chat templates say of the messages that they cannot write down (measured with llama.cpp: the words of the
template's own `raise_exception` come back in a 400)."""
_JOINED = "neighbours of one role are one message: the backend's template wants the roles to alternate."
_STATUSES = (400, 422, 500)
_MOST = 8
"""How often one request is asked at most."""


class Lessons:
    """What a backend was found not to take, so that it is refused once and not each time."""

    def __init__(self) -> None:
        self._rules: dict[str, Callable[[Chat], Chat]] = {}

    def apply(self, chat: Chat) -> tuple[Chat, list[str]]:
        """The request as this backend takes it, and what was changed, in words."""
        told = []
        # What changes roles makes new neighbours, so these are joined last.
        for words, rule in sorted(self._rules.items(), key=lambda item: item[0] == _JOINED):
            changed = rule(chat)
            if changed != chat:
                chat = changed
                told.append(words)
        return chat, told

    def learn(self, chat: Chat, status: int, message: str) -> bool:
        """Whether there is something to learn from a refusal: then the request is worth another try."""
        if status not in _STATUSES or len(self._rules) >= _MOST * _MOST:
            return False
        for words, rule in _proposals(chat, message):
            if words not in self._rules and rule(chat) != chat:
                self._rules[words] = rule
                return True
        return False


def _proposals(chat: Chat, message: str) -> list[tuple[str, Callable[[Chat], Chat]]]:
    found: list[tuple[str, Callable[[Chat], Chat]]] = []
    if _LATE_SYSTEM.search(message):
        found.append(("later system messages are the user's: the backend wants one, at the beginning.", _late_as_user))
    if _NO_SYSTEM.search(message):
        found.append(("system messages are the user's: the backend has no such role.", _system_as_user))
    if _ALTERNATE.search(message):
        found.append((_JOINED, _alternating))
    for key in _OPTIONAL:
        if key in chat and key in message:
            value = json.dumps(chat[key])
            found.append((f"{key} {value} is left out: the backend refuses it.", _without(key, chat[key])))
    if "max_tokens" in chat and "max_completion_tokens" in message:
        found.append(("max_tokens is max_completion_tokens for this backend.", _renamed))
    if "developer" in message:
        found.append(("developer messages are system messages: the backend has no such role.", _as_system))
    for key in _THOUGHTS:
        if key in message:
            found.append((f"{key} of the history is left out: the backend refuses it.", _thoughtless(key)))
    found.append(("arguments that are no JSON object are put into one: the backend wants one.", _wrapped))
    return found


def _without(key: str, value: Any) -> Callable[[Chat], Chat]:
    def rule(chat: Chat) -> Chat:
        return {name: each for name, each in chat.items() if not (name == key and each == value)}

    return rule


def _renamed(chat: Chat) -> Chat:
    return {"max_completion_tokens" if name == "max_tokens" else name: value for name, value in chat.items()}


def _each(chat: Chat, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Chat:
    return {**chat, "messages": [change(message) for message in chat["messages"]]}


def _as_system(chat: Chat) -> Chat:
    return _each(chat, lambda one: {**one, "role": "system"} if one["role"] == "developer" else one)


def _system_as_user(chat: Chat) -> Chat:
    return _each(chat, lambda one: {**one, "role": "user"} if one["role"] == "system" else one)


def _late_as_user(chat: Chat) -> Chat:
    messages = chat["messages"]
    first = next((number for number, one in enumerate(messages) if one["role"] != "system"), len(messages))
    late = _system_as_user({"messages": messages[first:]})["messages"]
    return {**chat, "messages": [*messages[:first], *late]}


def _alternating(chat: Chat) -> Chat:
    messages: list[Mapping[str, Any]] = []
    for one in chat["messages"]:
        last = messages[-1] if messages else {"role": None}
        if last["role"] == one["role"] != "tool" and not last.get("tool_calls"):
            messages[-1] = _together(last, one)
        else:
            messages.append(one)
    return {**chat, "messages": messages}


def _together(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    """Two messages of one role as one; nothing that was said is lost."""
    both = {**one, **other}
    for key in ("content", "refusal", *_THOUGHTS):
        said = [message[key] for message in (one, other) if message.get(key)]
        if len(said) == 2 and all(isinstance(text, str) for text in said):
            both[key] = "\n\n".join(said)
        elif said:
            both[key] = said[0] if len(said) == 1 else [part for each in said for part in _parts(each)]
    return both


def _parts(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


def _thoughtless(key: str) -> Callable[[Chat], Chat]:
    def rule(chat: Chat) -> Chat:
        return _each(chat, lambda one: {name: value for name, value in one.items() if name != key})

    return rule


def _wrapped(chat: Chat) -> Chat:
    """vLLM reads the arguments of the history before its template sees them."""

    def whole(call: Mapping[str, Any]) -> Mapping[str, Any]:
        function = call["function"]
        try:
            if isinstance(json.loads(function["arguments"]), dict):
                return call
        except ValueError:
            pass
        return {**call, "function": {**function, "arguments": json.dumps({"arguments": function["arguments"]})}}

    def change(message: Mapping[str, Any]) -> Mapping[str, Any]:
        if not message.get("tool_calls"):
            return message
        return {**message, "tool_calls": [whole(call) for call in message["tool_calls"]]}

    return _each(chat, change)
