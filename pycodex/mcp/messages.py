"""What is a message of JSON-RPC to codex-cli's client, and how Rust's debug form writes one (captured:
mcp_http/start_answered_old, mcp_http/start_answered_new)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pycodex.rust import debug_string, float_text

__all__ = ["debug_message", "debug_option", "fits_a_variant", "fits_its_keys"]

_ID = 1 << 63
_CODE = 1 << 31


def fits_a_variant(value: Any) -> bool:
    """0.115.0 takes the first of request, answer, notification and error that fits; what is said beside it is left
    alone, and an error has an id."""
    if not _is_message(value):
        return False
    answers = _has_id(value) and ("result" in value or _is_error(value.get("error")))
    return answers or _asks(value)


def fits_its_keys(value: Any) -> bool:
    """0.169.0 looks at the keys: whoever has a method has no answer, an id is one even where it is null, and only an
    error does without."""
    if not _is_message(value):
        return False
    match ("method" in value, "result" in value, "error" in value):
        case (True, False, False):
            return _asks(value) and ("id" not in value or _has_id(value))
        case (False, True, False):
            return _has_id(value)
        case (False, False, True):
            return (value.get("id") is None or _has_id(value)) and _is_error(value["error"])
    return False


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and value.get("jsonrpc") == "2.0"


def _asks(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("method"), str) and isinstance(value.get("params"), dict | None)


def _has_id(value: Mapping[str, Any]) -> bool:
    found = value.get("id")
    return isinstance(found, str) or _is_integer(found, _ID)


def _is_error(value: Any) -> bool:
    return isinstance(value, dict) and _is_integer(value.get("code"), _CODE) and isinstance(value.get("message"), str)


def _is_integer(value: Any, end: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -end <= value < end


def debug_message(value: Mapping[str, Any]) -> str:
    """A message that `fits_a_variant`, where its method or result is none that the protocol names."""
    identified = f"id: {_debug_id(value['id'])}, " if _has_id(value) else ""
    if identified and _asks(value):
        return _written("Request", f"{identified}request: {_debug_asked('CustomRequest', value)}")
    if identified and "result" in value:
        return _written("Response", f"{identified}result: {_debug_result(value['result'])}")
    if _asks(value):
        return _written("Notification", f"notification: {_debug_asked('CustomNotification', value)}")
    error = value["error"]
    data = "None" if error.get("data") is None else f"Some({_debug_value(error['data'])})"
    told = f"code: ErrorCode({error['code']}), message: {debug_string(error['message'])}, data: {data}"
    return _written("Error", f"{identified}error: ErrorData {{ {told} }}")


def _written(kind: str, rest: str) -> str:
    return f"{kind}(JsonRpc{kind} {{ jsonrpc: JsonRpcVersion2_0, {rest} }})"


def _debug_asked(kind: str, value: Mapping[str, Any]) -> str:
    params = "None" if value.get("params") is None else f"Some({_debug_value(value['params'])})"
    return f"{kind}({kind} {{ method: {debug_string(value['method'])}, params: {params}, extensions: Extensions }})"


def _debug_result(value: Any) -> str:
    return "EmptyResult(EmptyObject)" if value == {} else f"CustomResult(CustomResult({_debug_value(value)}))"


def _debug_id(value: int | str) -> str:
    return f"String({debug_string(value)})" if isinstance(value, str) else f"Number({value})"


def debug_option(text: str | None) -> str:
    """A text that may not be there."""
    return "None" if text is None else f"Some({debug_string(text)})"


def _debug_value(value: Any) -> str:
    """A JSON value."""
    match value:
        case None:
            return "Null"
        case bool():
            return f"Bool({str(value).lower()})"
        case int():
            return f"Number({value})"
        case float():
            return f"Number({float_text(value)})"
        case str():
            return f"String({debug_string(value)})"
        case list():
            return f"Array [{', '.join(map(_debug_value, value))}]"
    return "Object {" + ", ".join(f"{debug_string(name)}: {_debug_value(each)}" for name, each in value.items()) + "}"
