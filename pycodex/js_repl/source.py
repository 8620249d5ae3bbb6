"""What a call of js_repl brings: plain JavaScript, and a first line that may say how long it may take."""

from __future__ import annotations

import json
import re

from pycodex.records import dataclass
from pycodex.tools.base_tool import ToolError

__all__ = ["CellSource", "read_source"]

_PRAGMA = "// codex-js-repl:"
_EMPTY = (
    "js_repl expects raw JavaScript tool input (non-empty). Provide JS source text, optionally with first-line "
    "`// codex-js-repl: ...`."
)
_FENCED = (
    "js_repl expects raw JavaScript source, not markdown code fences. Resend plain JS only (optional first line "
    "`// codex-js-repl: ...`)."
)
_WRAPPED = (
    "js_repl is a freeform tool and expects raw JavaScript source. Resend plain JS only (optional first line "
    '`// codex-js-repl: ...`); do not send JSON (`{"code":...}`), quoted code, or markdown fences.'
)
_PAIRS = "js_repl pragma expects space-separated key=value pairs (supported keys: timeout_ms); got `{pair}`"
_MOST = (1 << 64) - 1


@dataclass(frozen=True, kw_only=True)
class CellSource:
    """A cell as it runs."""

    source: str
    timeout_ms: int | None = None


def read_source(text: str) -> CellSource:
    """The cell of a call. Raises ToolError in codex-cli's words (captured: js_repl/pragma)."""
    if not text.strip():
        raise ToolError(_EMPTY)
    first, _, rest = text.partition("\n")
    line = first.lstrip()
    if not line.startswith(_PRAGMA):
        _check(text)
        return CellSource(source=text)
    timeout = _timeout(line.removeprefix(_PRAGMA).strip())
    if not rest.strip():
        raise ToolError("js_repl pragma must be followed by JavaScript source on subsequent lines")
    _check(rest)
    return CellSource(source=rest, timeout_ms=timeout)


def _timeout(told: str) -> int | None:
    timeout = None
    for pair in told.split():
        key, sign, value = pair.partition("=")
        if not sign:
            raise ToolError(_PAIRS.format(pair=pair))
        if key != "timeout_ms":
            raise ToolError(f"js_repl pragma only supports timeout_ms; got `{key}`")
        if timeout is not None:
            raise ToolError("js_repl pragma specifies timeout_ms more than once")
        if not re.fullmatch(r"\+?[0-9]+", value) or int(value) > _MOST:
            raise ToolError(f"js_repl pragma timeout_ms must be an integer; got `{value}`")
        timeout = int(value)
    return timeout


def _check(source: str) -> None:
    if source.strip().startswith("```"):
        raise ToolError(_FENCED)
    try:
        value = json.loads(source)
    except ValueError:
        return
    if isinstance(value, dict | str):
        raise ToolError(_WRAPPED)
