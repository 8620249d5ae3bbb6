"""What a version does in an interactive session."""

from __future__ import annotations

from pycodex.records import dataclass

__all__ = ["SessionStyle"]


@dataclass(frozen=True, kw_only=True)
class SessionStyle:
    """An interactive session."""

    remembers_shell: bool
    """Whether a command that the user runs is kept in the history of what was entered."""
    remembers_cleared: bool
    """Whether what was entered and cleared by Ctrl-C is kept there."""
    init_spares_file: bool
    """Whether /init asks nothing where there is an AGENTS.md."""
    locks_names: bool
    """Whether there is a lock beside the list of threads' names."""
    keeps_reviewer: bool
    """Whether the configuration keeps who was chosen to approve."""
    settles_personality: str | None
    """What a session writes for `personality` where the configuration has none and there are threads already, which it
    looks for once."""
    permissions: tuple[str, ...]
    """What /permissions lists, in order (`pycodex.repl.choices`)."""
    efforts: tuple[str, ...]
    """The efforts of a model whose row names none."""
    implement: str
    """What the user is made to say to a plan that is to be done."""
    wordless: frozenset[str]
    """Commands that are none where words stand behind them: then all of it is said to the model."""
    begun_in_folder: bool
    """Whether a thread is at home where it began alone, and not also where its last turn was."""
    goes_back_anew: bool
    """Whether a thread that goes back has its servers started again (captured: interactive/mcp_backtrack)."""
    implement_fresh: str | None
    """The same in a thread of its own, whose agent reads the plan in a file; None: that is not offered."""
