"""A thread that is kept in a rollout, for as long as it runs: what is written of it, and where it goes back to.

keeper = await Keeper.begin(settings)
loop = AgentLoop(model, tools, keeper.context, emit=keeper)
runtime = AgentRuntime(loop, keeper=keeper)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex import session as sessions
from pycodex.git_info import collect
from pycodex.rollout import name_thread, thread_name

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from pycodex.context import ContextManager
    from pycodex.protocol import Event
    from pycodex.session import Session
    from pycodex.settings import Settings

__all__ = ["Keeper"]


class Keeper:
    """Feed it the events of the thread. `settings` are those that the thread is taken up with again."""

    def __init__(self, session: Session, settings: Settings) -> None:
        self.session = session
        self.settings = settings

    @classmethod
    async def begin(cls, settings: Settings, *, cleared: bool = False) -> Self:
        """A new thread; `cleared`: it stands in the place of another one."""
        return cls(sessions.begin(settings, await collect(settings.cwd), cleared=cleared), settings)

    @classmethod
    async def resume(cls, settings: Settings, path: Path) -> Self:
        """The thread of a rollout. Raises SessionError."""
        return cls(sessions.resume(settings, await collect(settings.cwd), path), settings)

    def __call__(self, event: Event) -> None:
        self.session.writer(event)

    def trouble(self) -> str | None:
        """That the thread's file cannot be written, said once (see RolloutWriter)."""
        return self.session.writer.trouble()

    @property
    def context(self) -> ContextManager:
        """The thread's history."""
        return self.session.context

    @property
    def thread_id(self) -> str:
        """The thread's id, which stays the same when it goes back."""
        return self.context.thread.id

    @property
    def name(self) -> str | None:
        """The thread's name, if it has one."""
        return thread_name(self.settings.config.codex_home, self.thread_id)

    def rename(self, name: str) -> None:
        """Give the thread a name."""
        locked = self.settings.dialect.session.locks_names
        name_thread(self.settings.config.codex_home, self.thread_id, name, locked=locked)

    def prompts(self) -> list[str]:
        """What the user has said, as far as it can be gone back to, oldest first."""
        path = self.session.writer.path
        return sessions.prompts_so_far(self.settings, path) if path is not None and path.exists() else []

    async def go_back(self, prompts: int) -> ContextManager:
        """Drop so many of the last prompts, and what came of them. Raises SessionError."""
        path = self.session.writer.path
        if path is None or not 0 < prompts <= len(self.prompts()):
            raise sessions.SessionError(f"the thread cannot go back by {prompts} prompts")
        opened = sessions.go_back(self.settings, await collect(self.settings.cwd), path, prompts)
        self.close()
        self.session = opened
        return opened.context

    def close(self) -> None:
        """Nothing more is written."""
        self.session.writer.close()
