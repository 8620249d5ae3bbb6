"""What differs between versions in code mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.protocol import Item
    from pycodex.settings import Settings

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
    replaced: str | None
    """Of the first call after that; None: the engine stays dead until the turn ends (captured:
    code_mode/old_half_pairs)."""
    stale: str
    """Of a cell of an engine that died."""
    unknown: str
    """Of a cell that there is not; may use {number}."""
    unnamed: str | None
    """Of an empty id, when its cell is to be ended (captured: code_mode/wait); None: as of any other."""
    generation: str
    """How ids begin after the engine was replaced; may use {number}."""
    wait: str = "wait"
    """The tool that looks at a cell again."""
    declared: Callable[[Sequence[Item], Settings, bool], list[Item]]
    """How tools are declared where there is code; the flag: and nothing else."""
    tools: Callable[[Settings], list[dict[str, str]]]
    """What code may call."""
    facts: frozenset[str] = frozenset()
    """Facts that hold for what code may call, beside those of the run (`pycodex.upstream.toolset.facts`)."""
    engine: Callable[[Settings], str]
    """Where the Node is that runs code. Raises EngineMissing."""
    script: str
    """What of this package runs a program in it, and `flags` what that needs."""
    flags: tuple[str, ...]
    failures_thrown: bool
    """Whether a nested call that fails throws; else its result is the text (captured: code_mode/old_nested)."""
    image_urls: bool
    """Whether an image is sent by its URL as it is."""
    numbers_named: bool
    """Whether the first line of a program is told which number is none that it may have."""
    retained_bytes: int
    """How much of each end of what a program said is kept until somebody looks."""
    cut_warning: bool
    """Whether output that was cut begins with a warning."""
    calls_outlive: bool
    """Whether nested calls go on when their program ends (captured: code_mode/old_nested)."""
    outlives_interrupt: bool
    """Whether cells go on when a turn is interrupted (captured: code_mode/old_interrupted)."""
    asking_holds_look: bool
    """Whether no look ends while a person is asked about what a cell calls (captured: code_mode/asked_late)."""
    input_ends_look: bool
    """Whether what is entered meanwhile ends a look at a cell (captured: code_mode/steered, code_mode/old_steered)."""
