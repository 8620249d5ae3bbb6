"""artifacts: programs against a runtime that the tool fetches first (captures: tools/artifacts).

0.115.0 alone has it. What is no program is refused before that; without a network it ends where the runtime cannot be
fetched. pycodex goes as far: it fetches the same file, and has nothing that could run what that leads to.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from pycodex.tools.as_command import AsCommand
from pycodex.tools.base_tool import BaseTool, ToolContext, ToolError

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["Artifacts", "checked_program", "fetcher"]

_RELEASE = "artifact-runtime-v2.4.0"
_MANIFEST = f"https://github.com/openai/codex/releases/download/{_RELEASE}/{_RELEASE}-manifest.json"
_PATIENCE = 30.0
_NAME = "artifacts"
_PRAGMAS = ("// codex-artifacts:", "// codex-artifact-tool:")
_KEY = "timeout_ms"
_LARGEST = (1 << 64) - 1

_EITHER = f"`{_PRAGMAS[0]} ...` or `{_PRAGMAS[1]} ...`"
_EMPTY = (
    "artifacts expects raw JavaScript source text (non-empty) authored against the preloaded @oai/artifact-tool"
    f" surface. Provide JS only, optionally with first-line `{_PRAGMAS[0]} {_KEY}=15000` or"
    f" `{_PRAGMAS[1]} {_KEY}=15000`."
)
_FENCED = (
    "artifacts expects raw JavaScript source, not markdown code fences. Resend plain JS only (optional first line"
    f" {_EITHER})."
)
_NOT_RAW = (
    "artifacts is a freeform tool and expects raw JavaScript source authored against the preloaded @oai/artifact-tool"
    f' surface. Resend plain JS only (optional first line {_EITHER}); do not send JSON (`{{"code":...}}`), quoted code,'
    " or markdown fences."
)

_NO_RUNTIME = "pycodex does not run artifacts: it has no runtime for them"

Fetch = Callable[[str], Awaitable[bool]]
"""Whether an address gives what it should."""


def checked_program(text: str) -> str:
    """The program of a call, without the line that says how long it may take. Raises ToolError."""
    if not text.strip():
        raise ToolError(_EMPTY)
    first, _, rest = text.partition("\n")
    told = next((first.strip()[len(words) :] for words in _PRAGMAS if first.strip().startswith(words)), None)
    if told is not None:
        _check_pragma(told)
        if not rest.strip():
            raise ToolError("artifacts pragma must be followed by JavaScript source on subsequent lines")
        text = rest
    if text.strip().startswith("```"):
        raise ToolError(_FENCED)
    if _is_json(text):
        raise ToolError(_NOT_RAW)
    return text


def _check_pragma(told: str) -> None:
    seen = False
    for pair in told.split():
        key, equals, value = pair.partition("=")
        if not equals:
            raise ToolError(
                f"artifacts pragma expects space-separated key=value pairs (supported keys: {_KEY}); got `{pair}`"
            )
        if key != _KEY:
            raise ToolError(f"artifacts pragma only supports {_KEY}; got `{key}`")
        if seen:
            raise ToolError(f"artifacts pragma specifies {_KEY} more than once")
        seen = True
        digits = value.removeprefix("+")
        if not (digits.isascii() and digits.isdigit() and int(digits) <= _LARGEST):
            raise ToolError(f"artifacts pragma {_KEY} must be an integer; got `{value}`")


def _is_json(text: str) -> bool:
    """Whether it is an object or a text of JSON; numbers and arrays count as programs (captured)."""
    try:
        return isinstance(json.loads(text), dict | str)
    except ValueError:
        return False


def fetcher(settings: Settings) -> Fetch:
    """Fetches through the proxies of the run's environment."""

    async def fetch(url: str) -> bool:
        from pycodex.transports.base import TransportError
        from pycodex.transports.http import HttpTransport

        transport = HttpTransport(settings.dialect.transport, settings.environment)
        try:
            async with asyncio.timeout(_PATIENCE), transport.stream(url, (), b"", method="GET") as response:
                return response.status == 200
        except (TransportError, TimeoutError):
            return False
        finally:
            await transport.aclose()

    return fetch


class Artifacts(BaseTool):
    """`artifacts`; people see it as a command of that name."""

    name = _NAME
    description = ""
    input_schema: dict[str, Any] = {}  # noqa: RUF012 - what is sent stands in the exported data
    payloads = frozenset({"custom_tool_call"})

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        checked_program(args["input"])
        shown = AsCommand(context, _NAME)
        fetched = await self._fetch(_MANIFEST)
        why = _NO_RUNTIME if fetched else f"failed to fetch {_MANIFEST}"
        output = f"exit_code: 1\n\nstderr:\n{why}"
        shown.end(output, failed=True)
        return output
