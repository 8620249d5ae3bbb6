"""A Responses request -> a chat/completions request, with what the way back needs. Pure.

Each field is passed on, answered by the layer itself, left out with a warning, or refused; FIELDS is that table, and a
field that is not in it is left out with a warning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pycodex.records import dataclass
from pycodex.responses_server.backend import Backend
from pycodex.responses_server.errors import LayerError
from pycodex.responses_server.messages import Conversation
from pycodex.responses_server.names import NamePlan
from pycodex.responses_server.tools import declare, tool_choice

__all__ = ["FIELDS", "ChatRequest", "chat_request"]

_TRIGGER = "compaction_trigger"
_BRINGING = ("additional_tools", "tool_search_output", "tool_search_call_output")

FIELDS: Mapping[str, str] = {
    # translated below
    **dict.fromkeys(("model", "instructions", "input", "tools", "tool_choice", "parallel_tool_calls"), "translated"),
    **dict.fromkeys(("reasoning", "text", "max_output_tokens", "stream", "include", "top_logprobs"), "translated"),
    # of the same name and meaning in chat
    **dict.fromkeys(("temperature", "top_p", "presence_penalty", "frequency_penalty", "seed", "stop"), "passed"),
    **dict.fromkeys(("user",), "passed"),
    # between the client and the layer
    **dict.fromkeys(("store", "previous_response_id", "metadata", "type", "generate", "stream_options"), "answered"),
    # what the backend does not need to answer as it would: whose cache, which client
    **dict.fromkeys(("prompt_cache_key", "prompt_cache_retention", "safety_identifier", "client_metadata"), "answered"),
    # promises that a chat backend cannot keep, and without which the answer is still an answer
    **dict.fromkeys(("access_programs", "max_tool_calls", "moderation"), "left out"),
    # without these it would be another request
    **dict.fromkeys(("background", "conversation", "prompt"), "refused"),
}
"""Field of the request -> what becomes of it."""

_HARMLESS: Mapping[str, tuple[Any, ...]] = {
    "service_tier": ("auto", "default"),
    "truncation": ("disabled",),
    "background": (False,),
}
"""Values that ask for nothing."""


@dataclass(frozen=True, kw_only=True)
class ChatRequest:
    """What the backend is asked, and how its answer is to be read."""

    body: dict[str, Any]
    plan: NamePlan
    call_ids: frozenset[str]
    """Ids of calls that the history holds: a new call has another."""
    seals: bool
    """Whether the client wants reasoning in `encrypted_content`, to give it back."""
    compacts: bool
    """Whether the answer is to be a summary that stands for the conversation."""
    warnings: tuple[str, ...]


def chat_request(
    body: Mapping[str, Any], backend: Backend, input_: Sequence[Any] | None = None, *, compacts: bool = False
) -> ChatRequest:
    """Translate a request. `input_`: the whole input, where the request's own only goes on with an earlier one.

    Raises LayerError, which names the field.
    """
    warnings: dict[str, None] = {}

    def warn(text: str) -> None:
        warnings[text] = None

    _look_over(body, warn)
    model = backend.model or body.get("model")
    if not isinstance(model, str) or not model:
        raise LayerError("model is missing.", code="missing_required_parameter", param="model")
    items = list(_input(body) if input_ is None else input_)
    if items and isinstance(items[-1], Mapping) and items[-1].get("type") == _TRIGGER:
        compacts, items = True, items[:-1]
    plan = NamePlan()
    declared = declare(_list(body, "tools"), plan, warn)
    talk = Conversation(plan, warn, backend.reasoning_field)
    if body.get("instructions"):
        if not isinstance(body["instructions"], str):
            raise LayerError("instructions must be a string.", code="invalid_type", param="instructions")
        talk.tell("developer", body["instructions"])
    # Tools that items bring are declared before calls are read: their names are settled first.
    for number, item in enumerate(items):
        if _brings_tools(item):
            declare(item.get("tools") or (), plan, warn, f"input[{number}].tools")
    for number, item in enumerate(items):
        talk.add(item, f"input[{number}]")
    if compacts:
        from pycodex.responses_server.compact import PROMPT

        talk.tell("user", PROMPT)
    tools = list({tool["function"]["name"]: tool for tool in (*declared, *talk.tools)}.values())
    choice, tools = tool_choice(body.get("tool_choice"), tools, plan)
    chat: dict[str, Any] = {"model": model, "messages": _roles(talk.messages(), backend.developer_role)}
    if tools and not compacts:
        chat["tools"] = tools
        if choice is not None:
            chat["tool_choice"] = choice
        if isinstance(body.get("parallel_tool_calls"), bool):
            chat["parallel_tool_calls"] = body["parallel_tool_calls"]
    chat |= _settings(body, backend, warn)
    if compacts:
        chat.pop("response_format", None)
    if body.get("stream"):
        chat |= {"stream": True, "stream_options": {"include_usage": True}}
    return ChatRequest(
        body=chat,
        plan=plan,
        call_ids=frozenset(talk.call_ids),
        seals="reasoning.encrypted_content" in (body.get("include") or ()),
        compacts=compacts,
        warnings=tuple(warnings),
    )


def _look_over(body: Mapping[str, Any], warn: Any) -> None:
    for key, value in body.items():
        if value is None or value in _HARMLESS.get(key, ()):
            continue
        fate = FIELDS.get(key)
        if fate == "refused":
            raise LayerError(f"{key} is not supported by the backend.", code="unsupported_parameter", param=key)
        if fate in (None, "left out"):
            warn(f"{key} is left out: the backend has nothing like it.")


def _input(body: Mapping[str, Any]) -> Sequence[Any]:
    given = body.get("input")
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    return _list(body, "input")


def _list(body: Mapping[str, Any], key: str) -> Sequence[Any]:
    given = body.get(key)
    if given is None:
        return ()
    if not isinstance(given, list):
        raise LayerError(f"{key} must be a list.", code="invalid_type", param=key)
    return given


def _brings_tools(item: Any) -> bool:
    return isinstance(item, Mapping) and item.get("type") in _BRINGING


def _roles(messages: list[dict[str, Any]], mode: str) -> list[dict[str, Any]]:
    """The roles of instructions and developer messages; see `Backend.developer_role`."""
    if mode == "developer":
        return messages
    first = next((n for n, one in enumerate(messages) if one["role"] not in ("system", "developer")), len(messages))
    leading, rest = messages[:first], messages[first:]
    later = "user" if mode == "user" else "system"
    texts = [one["content"] for one in leading]
    if all(isinstance(text, str) for text in texts):
        leading = [{"role": "system", "content": "\n\n".join(texts)}] if leading else []
    else:
        leading = [{**one, "role": "system"} for one in leading]
    return leading + [{**one, "role": later} if one["role"] in ("system", "developer") else one for one in rest]


def _settings(body: Mapping[str, Any], backend: Backend, warn: Any) -> dict[str, Any]:
    chat = {key: body[key] for key, fate in FIELDS.items() if fate == "passed" and body.get(key) is not None}
    if body.get("max_output_tokens") is not None:
        chat[backend.max_tokens_field] = body["max_output_tokens"]
    reasoning = _mapping(body, "reasoning")
    if reasoning.get("effort") is not None:
        chat["reasoning_effort"] = reasoning["effort"]
    for key in ("summary", "generate_summary", "context"):
        if reasoning.get(key) not in (None, "auto"):
            warn(f"reasoning.{key} is left out: the backend thinks as it does.")
    text = _mapping(body, "text")
    if text.get("verbosity") is not None:
        chat["verbosity"] = text["verbosity"]
    if text.get("format") is not None:
        chat |= _format(text["format"])
    if body.get("top_logprobs"):
        chat |= {"logprobs": True, "top_logprobs": body["top_logprobs"]}
    for name in _list(body, "include"):
        if name == "message.output_text.logprobs":
            chat["logprobs"] = True
        elif name != "reasoning.encrypted_content":
            warn(f"include of `{name}` is left out: the backend has nothing like it.")
    return chat


def _mapping(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    given = body.get(key)
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise LayerError(f"{key} must be an object.", code="invalid_type", param=key)
    return given


def _format(form: Any) -> dict[str, Any]:
    kind = form.get("type") if isinstance(form, Mapping) else None
    match kind:
        case "text":
            return {}
        case "json_object":
            return {"response_format": {"type": "json_object"}}
        case "json_schema":
            keys = ("name", "description", "schema", "strict")
            told = {key: form[key] for key in keys if form.get(key) is not None}
            return {"response_format": {"type": "json_schema", "json_schema": {"name": "output", **told}}}
    raise LayerError(f"text.format: there is no type `{kind}`.", code="invalid_value", param="text.format.type")
