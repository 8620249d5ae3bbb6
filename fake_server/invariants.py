"""What must hold in every request an agent sends, whatever the script. Pure: request body -> sentences.

A new invariant is one generator and one row in INVARIANTS.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["INVARIANTS", "OUTPUTS", "broken_invariants", "tool_outputs", "user_texts"]

OUTPUTS: Mapping[str, tuple[str, ...]] = {
    "function_call": ("function_call_output",),
    "custom_tool_call": ("custom_tool_call_output",),
    "local_shell_call": ("local_shell_call_output", "function_call_output"),
    "tool_search_call": ("tool_search_output", "tool_search_call_output"),
}
"""Item type of a call -> item types that may answer it."""

_OUTPUT_TYPES = frozenset(name for names in OUTPUTS.values() for name in names)


def broken_invariants(body: Any) -> list[str]:
    """One sentence for each invariant that a request body breaks."""
    if not isinstance(body, Mapping):
        return ["the body is not a JSON object"]
    # with previous_response_id the earlier half of the conversation stays on the server
    if body.get("previous_response_id"):
        return []
    return [text for invariant in INVARIANTS for text in invariant(_items(body))]


def tool_outputs(body: Any) -> list[tuple[str, str]]:
    """(call_id, text) of every tool output in a request, in order; parts of an output list are joined by newlines."""
    items = _items(body) if isinstance(body, Mapping) else []
    return [(_call_id(item), _text(item.get("output"))) for item in items if item.get("type") in _OUTPUT_TYPES]


def user_texts(body: Any) -> list[str]:
    """The text of every message of the user in a request, in order."""
    items = _items(body) if isinstance(body, Mapping) else []
    return [_text(item.get("content")) for item in items if item.get("role") == "user"]


def _is_uncalled(item: Mapping[str, Any]) -> bool:
    """Context that a tool of codex-cli 0.169.0 gives without having been called: it names itself, and no call."""
    return "call_id" not in item and isinstance(item.get("name"), str)


def _outputs_have_calls(items: list[Mapping[str, Any]]) -> Iterator[str]:
    calls: dict[str, str] = {}
    for index, item in enumerate(items):
        kind = str(item.get("type"))
        if kind in OUTPUTS:
            calls[_call_id(item)] = kind
        elif kind in _OUTPUT_TYPES and not _is_uncalled(item):
            call = calls.get(_call_id(item))
            if call is None:
                yield f"input[{index}] is a {kind} for {_call_id(item)!r}, and no such call stands before it"
            elif kind not in OUTPUTS[call]:
                yield f"input[{index}] is a {kind} for {_call_id(item)!r}, which is a {call}"


def _calls_have_outputs(items: list[Mapping[str, Any]]) -> Iterator[str]:
    answered = {_call_id(item) for item in items if item.get("type") in _OUTPUT_TYPES}
    for index, item in enumerate(items):
        # a tool search that the server ran itself has no output item
        if item.get("type") in OUTPUTS and item.get("execution") != "server" and _call_id(item) not in answered:
            yield f"input[{index}] is a {item['type']} with call_id {_call_id(item)!r}, and its output is not there"


INVARIANTS: tuple[Callable[[list[Mapping[str, Any]]], Iterator[str]], ...] = (
    _outputs_have_calls,
    _calls_have_outputs,
)


def _items(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    items = body.get("input")
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []


def _call_id(item: Mapping[str, Any]) -> str:
    return str(item.get("call_id") or item.get("id") or "")


def _text(output: Any) -> str:
    if isinstance(output, list):
        return "\n".join(str(part.get("text", "")) for part in output if isinstance(part, Mapping))
    return str(output or "")
