"""What differs between versions in code mode."""

from __future__ import annotations

from pycodex.records import dataclass

__all__ = ["CodeStyle"]


@dataclass(frozen=True, kw_only=True)
class CodeStyle:
    """What a version says of cells, and how long it waits for them."""

    yield_ms: int
    """How long a call of `exec` waits that does not say it."""
    wait_yield_ms: int
    """The same of `wait`."""
    max_tokens: int
    """How much of the output is shown to a call that does not say it."""
    lost: str
    """Of a call whose engine died (captured: code_mode/engine_dies)."""
    replaced: str
    """Of the first call after that."""
    stale: str
    """Of a cell of an engine that died."""
    unknown: str
    """Of a cell that there is not; may use {number}."""
    unnamed: str
    """Of an empty id, when its cell is to be ended (captured: code_mode/wait)."""
    generation: str
    """How ids begin after the engine was replaced; may use {number}."""
