"""Errors in the words of the Responses API: those of the layer itself, and those of a chat backend, whose status and
code are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["LayerError", "backend_error", "error_body", "is_error", "stream_error"]

CONTEXT_LENGTH = "context_length_exceeded"
_TOO_LONG = re.compile(
    r"context[ _](length|window|size)|maximum (context|prompt|input)|too many tokens|(prompt|input|request) is too long"
    r"|exceeds? the (available|model'?s?) (maximum )?context|longer than the (maximum )?model",
    re.IGNORECASE,
)
"""How vLLM, llama.cpp, Ollama, LM Studio and gateways say that a prompt does not fit; few have a code for it."""

_MODEL = re.compile(r"\bmodel\b", re.IGNORECASE)

_CODES = {
    401: "invalid_api_key",
    403: "permission_denied",
    404: "not_found",
    408: "timeout",
    413: "request_too_large",
    429: "rate_limit_exceeded",
    500: "server_error",
    502: "server_error",
    503: "server_is_overloaded",
    504: "timeout",
    529: "server_is_overloaded",
}
"""Status -> the code where a backend has none of its own, or repeats its status."""

_TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}


class LayerError(Exception):
    """A request that cannot be answered: the status, and what the error object says. `param` names the field."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str | None = None,
        param: str | None = None,
        kind: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.code, self.param, self.headers = message, status, code, param, headers
        self.kind = kind or _TYPES.get(status) or ("invalid_request_error" if status < 500 else "server_error")

    @property
    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        return error_body(self.message, kind=self.kind, code=self.code, param=self.param)


def error_body(message: str, *, kind: str, code: str | None, param: str | None = None) -> dict[str, Any]:
    """`{"error": {...}}` with the four keys that clients read."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


_KEPT_HEADERS = ("retry-after", "retry-after-ms", "x-request-id", "www-authenticate")
_KEPT_PREFIX = "x-ratelimit-"


def backend_error(status: int, body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> LayerError:
    """What a backend refused with, said as the Responses API would; the status stays, and so do the headers that say
    when to come again."""
    text = body.decode(errors="replace")
    found = _error_of(_json(text))
    message = found.get("message")
    if not isinstance(message, str) or not message:
        message = text.strip()[:2000] or f"the backend answered with status {status} and no words"
    kept = tuple((name, value) for name, value in headers if _stays(name))
    kind = found.get("type")
    return LayerError(
        message,
        status=status,
        code=_code(found, status, message),
        param=found["param"] if isinstance(found.get("param"), str) else None,
        kind=kind if isinstance(kind, str) and kind else None,
        headers=kept,
    )


def stream_error(value: Any) -> dict[str, str]:
    """The `error` of a `response.failed` for an error that came in the middle of a stream."""
    found = _error_of(value)
    message = found.get("message")
    if not isinstance(message, str) or not message:
        message = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    status = found.get("code") if isinstance(found.get("code"), int) else found.get("status")
    status = status if isinstance(status, int) else 500
    # What is the request's own fault is not asked again (codex-cli asks again after a server_error).
    other = "invalid_prompt" if status in (400, 422) else "server_error"
    return {"code": _code(found, status, message) or other, "message": message}


def _stays(name: str) -> bool:
    return name in _KEPT_HEADERS or name.startswith(_KEPT_PREFIX)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def is_error(chunk: Mapping[str, Any]) -> bool:
    """Whether a chunk of a stream is an error, in one of the forms that backends have for it."""
    if chunk.get("error") or chunk.get("object") == "error" or chunk.get("type") == "error":
        return True
    return "choices" not in chunk and "usage" not in chunk and bool(chunk.get("detail") or chunk.get("message"))


def _error_of(value: Any) -> Mapping[str, Any]:
    """The error object: inside `error`, inside `detail` (FastAPI), or the value itself (older vLLM)."""
    if isinstance(value, list) and value:  # Gemini's own wraps it in a list
        value = value[0]
    if isinstance(value, Mapping):
        for key in ("error", "detail"):
            inner = value.get(key)
            if isinstance(inner, Mapping):
                return inner
            if isinstance(inner, str):
                return {**value, "message": inner}
        return value
    return {"message": value} if isinstance(value, str) else {}


def _code(found: Mapping[str, Any], status: int, message: str) -> str | None:
    code = found.get("code")
    if isinstance(code, str) and code and not code.isdigit():
        return code
    if status in (400, 413, 422, 500) and _TOO_LONG.search(message):
        return CONTEXT_LENGTH
    if status == 404 and _MODEL.search(message):
        return "model_not_found"
    return _CODES.get(status)
