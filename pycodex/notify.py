"""The program of `notify`, started at the end of each turn that succeeds (captured: output/notify)."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pycodex.items import said_by_user, text_of

if TYPE_CHECKING:
    from pycodex.context import ContextManager
    from pycodex.protocol import TurnCompleted

__all__ = ["Notifier"]

_LAST_WAIT = 0.2
_STEP = 0.005


class Notifier:
    """Starts the program with what happened as its last argument, and leaves it alone. One that cannot be started is
    passed over, as codex-cli does."""

    def __init__(self, program: Sequence[str], context: ContextManager) -> None:
        self._program = program
        self._context = context
        self._running: list[int] = []

    def __call__(self, event: TurnCompleted) -> None:
        self._reap()
        nothing = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in range(3)]
        argv = [*self._program, _told(self._context, event)]
        env = self._context.settings.environment
        try:
            self._running.append(os.posix_spawnp(argv[0], argv, env, file_actions=nothing))
        except OSError:
            return

    def close(self) -> None:
        """Give the program a moment: where this process is a container's first, all others end with it."""
        end = time.monotonic() + _LAST_WAIT
        while self._running and time.monotonic() < end:
            time.sleep(_STEP)
            self._reap()

    def _reap(self) -> None:
        self._running = [pid for pid in self._running if os.waitpid(pid, os.WNOHANG)[0] == 0]


def _told(context: ContextManager, event: TurnCompleted) -> str:
    settings = context.settings
    client = settings.dialect.client
    told = {
        "type": "agent-turn-complete",
        "thread-id": context.thread.id,
        "turn-id": event.turn_id,
        "cwd": str(settings.cwd),
        "client": client.notifies_as if settings.mode == "exec" else client.prompt_originator,
        "input-messages": [text_of(item) for item in context.history if said_by_user(item)],
        "last-assistant-message": event.last_agent_message,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
