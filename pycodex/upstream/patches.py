"""Texts about patches whose choice differs between versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pycodex.sandbox import SandboxPolicy

__all__ = ["not_text", "not_text_from", "outside_of_project", "read_only_or_outside"]

_OUTSIDE = "writing outside of the project; rejected by user approval settings"


def not_text(error: UnicodeDecodeError) -> str:
    """That a file is no UTF-8."""
    return "stream did not contain valid UTF-8"


def not_text_from(error: UnicodeDecodeError) -> str:
    """From which byte on a file is no UTF-8."""
    if error.reason == "unexpected end of data":
        return f"incomplete utf-8 byte sequence from index {error.start}"
    return f"invalid utf-8 sequence of {error.end - error.start} bytes from index {error.start}"


def outside_of_project(sandbox: SandboxPolicy) -> str:
    """The same for every sandbox."""
    return _OUTSIDE


def read_only_or_outside(sandbox: SandboxPolicy) -> str:
    """A sandbox without writable roots is named."""
    if sandbox.mode == "read-only":
        return "writing is blocked by read-only sandbox; rejected by user approval settings"
    return _OUTSIDE
