"""The file that `-o` asks for: the last message of the agent, without a line break at its end."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pycodex.cli.exec_options import Refused

if TYPE_CHECKING:
    from pycodex.protocol import TurnResult

__all__ = ["LastMessage"]


class LastMessage:
    """`opened_first`: the file must open before the turn (else Refused), and a failed turn leaves it as it is.

    Otherwise every turn writes it, a failed one too, and a file that cannot be written is only told of (captured:
    failures/after_tool, output/last_message_no_folder and its sibling).
    """

    def __init__(self, path: Path | None, *, opened_first: bool) -> None:
        self._path = path
        self._file: TextIO | None = None
        if path is None or not opened_first:
            return
        failed = f'Error: Failed to open last message file "{path}": '
        if not path.name or path.name == "..":
            raise Refused(failed + "output must name a file")
        try:
            self._file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise Refused(f"{failed}{error.strerror} (os error {error.errno})") from None

    def keep(self, result: TurnResult) -> str | None:
        """Write what the turn brought; what is to be said about that on stderr."""
        if self._path is None:
            return None
        message = result.last_agent_message
        told: list[str] = []
        if self._file is not None:
            with self._file as file:
                if result.failure is not None:
                    return None
                with contextlib.suppress(OSError):  # what is no file, as /dev/null, cannot be cut
                    file.truncate(0)
                file.write(message or "")
        else:
            try:
                self._path.write_text(message or "", encoding="utf-8")
            except OSError as error:
                why = f"{error.strerror} (os error {error.errno})"
                told.append(f'Failed to write last message file "{self._path}": {why}')
        if message is None:
            # Said of a file that could not be written too (captured: exec/odd_prompts).
            told.append(f"Warning: no last agent message; wrote empty content to {self._path}")
        return "\n".join(told) or None
