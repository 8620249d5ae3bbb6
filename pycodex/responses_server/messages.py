"""Items of a Responses input -> messages of chat/completions. Pure; see `request` for the rest of the request.

What a model said in one go (reasoning, text, calls) is one assistant message; the outputs of its calls follow it at
once, in the order of the calls, wherever they stand in the input. Outputs may hold images, which a tool message may
not: they follow in a user message.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pycodex.responses_server.content import Parts, chat_content, joined, read_parts
from pycodex.responses_server.errors import LayerError
from pycodex.responses_server.names import NamePlan, ToolName
from pycodex.responses_server.sealed import encrypted, unseal
from pycodex.responses_server.tools import INPUT, declare

__all__ = ["Conversation", "compacted"]

Item = Mapping[str, Any]
Warn = Callable[[str], None]

_HOSTED = frozenset(
    {
        "code_interpreter_call",
        "computer_call",
        "computer_call_output",
        "file_search_call",
        "image_generation_call",
        "mcp_approval_request",
        "mcp_approval_response",
        "mcp_call",
        "mcp_list_tools",
        "web_search_call",
    }
)
"""Work of the provider of OpenAI, of which the input holds no result that a model could read."""

_UNSEALED = "Another model cannot read it: it is encrypted for the provider that made it."
_SUMMARY = "This is a summary of the conversation so far, of which nothing else is left:\n\n"


def compacted(summary: str) -> str:
    """How a summary stands in the messages."""
    return _SUMMARY + summary


class _Answer:
    """An assistant message that is being put together, and the outputs of its calls."""

    def __init__(self) -> None:
        self.message: dict[str, Any] = {"role": "assistant", "content": None}
        self.outputs: dict[str, Parts | None] = {}
        self.places: dict[str, str] = {}

    @property
    def calls(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.message.get("tool_calls", [])
        return found

    def messages(self) -> list[dict[str, Any]]:
        if self.message["content"] is None and not self.calls and "refusal" not in self.message:
            if set(self.message) == {"role", "content", "reasoning_details"}:
                return []  # nothing that a model could read, and nothing that it belongs to
            self.message["content"] = ""
        done, images = [self.message], []
        for identity, parts in self.outputs.items():
            if parts is None:
                place = self.places[identity]
                raise LayerError(f"No tool output found for the call {identity} of {place}.", param="input")
            others = [part for part in parts if part["type"] != "text"]
            text = joined(parts, "\n")
            if others:
                note = "(What it shows follows in the next message.)"
                text = f"{text}\n{note}" if text else note
                images += [{"type": "text", "text": f"Shown by the call {identity}:"}, *others]
            done.append({"role": "tool", "tool_call_id": identity, "content": text})
        return [*done, {"role": "user", "content": images}] if images else done


class Conversation:
    """Takes items, gives messages. `tools` are those that items brought along, in their order."""

    def __init__(self, plan: NamePlan, warn: Warn, reasoning_field: str) -> None:
        self._plan, self._warn, self._field = plan, warn, reasoning_field
        self._done: list[_Answer | dict[str, Any]] = []
        self._open: _Answer | None = None
        self._owners: dict[str, list[tuple[_Answer, str]]] = {}
        self._ids: set[str] = set()
        self.tools: list[dict[str, Any]] = []
        self.call_ids: set[str] = set()

    def add(self, item: Any, where: str) -> None:
        """Take the next item. Raises LayerError."""
        if not isinstance(item, Mapping):
            raise LayerError(f"{where} is not an object.", code="invalid_type", param=where)
        kind = item.get("type", "message" if "role" in item else None)
        match kind:
            case "message" if item.get("role") == "assistant":
                self._said(item, where)
            case "message":
                self._told(item, where)
            case "reasoning":
                self._thought(item, where)
            case "function_call" | "custom_tool_call" | "tool_search_call" | "local_shell_call":
                self._called(item, kind, where)
            case "function_call_output" | "custom_tool_call_output" | "local_shell_call_output":
                self._returned(item, read_parts(item.get("output"), f"{where}.output"), where)
            case "tool_search_output" | "tool_search_call_output":
                self._found(item, where)
            case "additional_tools":
                self.tools += declare(item.get("tools") or (), self._plan, self._warn, f"{where}.tools")
            case "agent_message":
                self._put({"role": "user", "content": chat_content(read_parts(item.get("content"), where), "\n")})
            case "compaction" | "compaction_summary":
                self._summed_up(item, where)
            case str() if kind in _HOSTED:
                self._warn(f"{where}: what a `{kind}` found is not in it; the backend is not told of it.")
            case _:
                raise LayerError(f"{where}: an item of type `{kind}` is not supported.", param=f"{where}.type")

    def messages(self) -> list[dict[str, Any]]:
        """Everything taken so far. Raises LayerError where a call has no output."""
        found: list[dict[str, Any]] = []
        for each in self._done:
            found += each.messages() if isinstance(each, _Answer) else [each]
        return found

    def tell(self, role: str, text: str) -> None:
        """A message of the layer's own."""
        self._put({"role": role, "content": text})

    def _put(self, message: dict[str, Any]) -> None:
        self._open = None
        self._done.append(message)

    def _told(self, item: Item, where: str) -> None:
        role = item.get("role")
        if role not in ("user", "system", "developer"):
            raise LayerError(f"{where}: there is no role `{role}`.", code="invalid_value", param=f"{where}.role")
        self._put({"role": role, "content": chat_content(read_parts(item.get("content"), f"{where}.content"))})

    def _answer(self) -> _Answer:
        if self._open is None:
            self._open = _Answer()
            self._done.append(self._open)
        return self._open

    def _said(self, item: Item, where: str) -> None:
        content = item.get("content")
        refused = [part["refusal"] for part in _maps(content) if isinstance(part.get("refusal"), str)]
        spoken = [part for part in _maps(content) if part.get("type") != "refusal"] if refused else content
        parts = read_parts(spoken, f"{where}.content")
        if self._open is not None and self._open.message["content"] is not None and not self._open.calls:
            self._open = None
        message = self._answer().message
        if parts or not refused:
            before = message["content"]
            # Text that came after calls stands before them in a chat message.
            said = chat_content(parts, "")
            message["content"] = f"{before}\n\n{said}" if isinstance(before, str) and isinstance(said, str) else said
        if refused:
            message["refusal"] = "".join(refused)

    def _thought(self, item: Item, where: str) -> None:
        ours = unseal("reasoning", item.get("encrypted_content"))
        if ours is not None:
            name, text, details = str(ours.get("field") or self._field), ours.get("text"), ours.get("details")
        else:
            parts = read_parts(item.get("content"), f"{where}.content") or read_parts(item.get("summary"), where)
            name, text, details = self._field, joined(parts, "\n\n"), encrypted(item)
        if not text and not details:
            return
        if self._open is not None and self._open.message["content"] is not None and not self._open.calls:
            self._open = None
        message = self._answer().message
        if text:
            message[name] = f"{message[name]}\n\n{text}" if message.get(name) else text
        if details:
            message["reasoning_details"] = [*message.get("reasoning_details", ()), *details]

    def _called(self, item: Item, kind: str, where: str) -> None:
        identity = _identity(item)
        if identity is None:
            raise LayerError(f"{where} has no call_id.", param=f"{where}.call_id")
        tool, arguments = _call_of(item, kind, where)
        answer = self._answer()
        # A history of several models may have one id twice; a chat history must not.
        chat, count = identity, 1
        while chat in self._ids:
            count += 1
            chat = f"{identity}_{count}"
        self._ids.add(chat)
        self.call_ids.add(identity)
        self._owners.setdefault(identity, []).append((answer, chat))
        answer.outputs[chat], answer.places[chat] = None, where
        function = {"name": self._plan.flat(tool), "arguments": arguments}
        call = {"id": chat, "type": "function", "function": function}
        answer.message.setdefault("tool_calls", []).append(call)

    def _returned(self, item: Item, parts: Parts, where: str) -> None:
        identity = _identity(item) if item.get("call_id") else None
        if identity is None and isinstance(item.get("name"), str):
            # What a tool says without having been called (goals of codex-cli 0.169.0).
            source = ".".join(str(item[key]) for key in ("namespace", "name") if item.get(key))
            self.tell("user", f"[{source}]\n{joined(parts, chr(10))}")
            return
        owners = self._owners.get(identity or "")
        if not owners:
            text = f"No tool call found for the output of {where} with call_id {identity}."
            raise LayerError(text, param=f"{where}.call_id")
        self._open = None
        # Calls of one id are answered one after another.
        answer, chat = next((each for each in owners if each[0].outputs[each[1]] is None), owners[-1])
        # Several outputs of one call (code mode's notify) are one.
        answer.outputs[chat] = [*(answer.outputs[chat] or ()), *parts]

    def _found(self, item: Item, where: str) -> None:
        if item.get("execution") == "server" and not item.get("call_id"):
            self._open = None
        tools = declare(item.get("tools") or (), self._plan, self._warn, f"{where}.tools")
        self.tools += tools
        told = [{key: tool["function"].get(key) for key in ("name", "description")} for tool in tools]
        text = json.dumps({"found": told}, ensure_ascii=False) if tools else "No tools were found."
        self._returned(item, [{"type": "text", "text": text}], where)

    def _summed_up(self, item: Item, where: str) -> None:
        ours = unseal("compaction", item.get("encrypted_content"))
        if ours is None or not isinstance(ours.get("text"), str):
            raise LayerError(f"{where} sums up a conversation. {_UNSEALED}", param=f"{where}.encrypted_content")
        self.tell("user", compacted(ours["text"]))


def _maps(content: Any) -> list[Mapping[str, Any]]:
    return [part for part in content if isinstance(part, Mapping)] if isinstance(content, list) else []


def _identity(item: Item) -> str | None:
    found = item.get("call_id") or item.get("id")
    return found if isinstance(found, str) and found else None


def _call_of(item: Item, kind: str, where: str) -> tuple[ToolName, str]:
    """The tool of a call, and the arguments as chat has them: text."""
    space = item.get("namespace") if isinstance(item.get("namespace"), str) else None
    match kind:
        case "tool_search_call":
            return ToolName(name="tool_search", kind="tool_search"), _json(item.get("arguments") or {})
        case "local_shell_call":
            action = item.get("action")
            action = action if isinstance(action, Mapping) else {}
            told = {key: action[key] for key in ("working_directory", "timeout_ms") if action.get(key)}
            told = {"command": action.get("command") or [], **told}
            return ToolName(name="local_shell", kind="local_shell"), _json(told)
        case "custom_tool_call":
            return ToolName(name=_name(item, where), namespace=space, kind="custom"), _json({INPUT: item.get("input")})
    arguments = item.get("arguments")
    return ToolName(name=_name(item, where), namespace=space), arguments if isinstance(arguments, str) else _json(
        {} if arguments is None else arguments
    )


def _name(item: Item, where: str) -> str:
    name = item.get("name")
    if not isinstance(name, str):
        raise LayerError(f"{where} has no name.", param=f"{where}.name")
    return name


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
