"""A session takes up a thread that is kept: which one, and in which folder it goes on."""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pycodex.records import dataclass
from pycodex.repl.goal_commands import ask_to_resume_goal
from pycodex.repl.picker import Picker
from pycodex.saved_threads import saved_thread, saved_threads
from pycodex.session import SessionError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pycodex.repl.screen import Screen
    from pycodex.settings import Settings

__all__ = ["Start", "choose_thread", "take_up"]

_SHOWN = 20
_NONE = "There is no thread to take up here."


@dataclass(frozen=True, kw_only=True)
class Start:
    """How a session begins: with a new thread, that of a rollout (`path`), or one that is chosen from a list."""

    path: Path | None = None
    choose: bool = False
    everywhere: bool = False
    """Whether the list has threads of other folders, too."""
    everyone: bool = False
    """Whether it has those of scripts, too."""
    folder_given: bool = False
    """Whether the folder was asked for: then nobody is asked about it."""
    settle: Callable[[Path], Settings] | None = None
    """The settings in another folder."""
    prompt: str = ""
    images: Sequence[str] = ()


def choose_thread(screen: Screen, then: Callable[[], None] = lambda: None) -> None:
    """Let the user choose from the threads of the folder; `then` is called once one is taken up."""
    settings, start = screen.conversation.settings, screen.start
    home = settings.config.codex_home
    found = saved_threads(home, None if start.everywhere else settings.cwd, everyone=start.everyone)
    threads = list(islice(found, _SHOWN))
    if not threads:
        screen.print(_NONE)
        then()
        return
    rows = [(_age(thread.path), thread.shown(home)) for thread in threads]
    screen.picker = Picker("Resume a previous session", rows, lambda index: take_up(screen, threads[index].path, then))


def take_up(screen: Screen, path: Path, then: Callable[[], None] = lambda: None) -> None:
    """Go on with a thread. One of another folder goes on there, or here: the user is asked (captured:
    interactive/resume_all)."""
    settings, start = screen.conversation.settings, screen.start
    thread = saved_thread(path)
    folders = thread.folders if thread is not None else ()
    if settings.dialect.session.begun_in_folder:
        folders = folders[-1:]

    def go_on(folder: Path | None) -> None:
        screen.later(_open(screen, path, folder, then))

    elsewhere = Path(folders[0]) if folders and str(settings.cwd) not in folders else None
    if elsewhere is None or start.folder_given or start.settle is None or not elsewhere.is_dir():
        go_on(None)
        return
    rows = [("Use session directory", str(elsewhere)), ("Use current directory", str(settings.cwd))]
    screen.picker = Picker("Working directory", rows, lambda index: go_on(elsewhere if index == 0 else None))


async def _open(screen: Screen, path: Path, folder: Path | None, then: Callable[[], None]) -> None:
    if folder is not None and screen.start.settle is not None:
        screen.move(screen.start.settle(folder))
    try:
        await screen.conversation.open(path)
    except SessionError as error:
        screen.print(str(error))
    else:
        screen.print(f"Thread {screen.conversation.thread_id} goes on.")
        ask_to_resume_goal(screen)
    then()


def _age(path: Path) -> str:
    """How long ago it was written, as people say it."""
    seconds = max(time.time() - path.stat().st_mtime, 0)
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{int(seconds // length)}{unit} ago"
    return f"{int(seconds)}s ago"
