"""Slash commands: a table of names, what they do, and what that is called in the help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.repl.screen import Screen

__all__ = ["COMMANDS", "Command", "run_command"]

_IDLE_ONLY = "'/{name}' is disabled while a task is in progress."


@dataclass(frozen=True, kw_only=True)
class Command:
    """`run` gets the screen and what stands behind the name. `busy`: it may run beside a turn."""

    help: str
    run: Callable[[Screen, str], Awaitable[None]]
    busy: bool = True


async def run_command(screen: Screen, name: str, rest: str) -> None:
    """Run a command by name."""
    command = COMMANDS.get(name)
    if command is None:
        screen.print(f"Unrecognized command '/{name}'. Type \"/help\" for a list of commands.")
        screen.give_back(f"/{name} {rest}".rstrip())
    elif screen.conversation.busy and not command.busy:
        screen.print(_IDLE_ONLY.format(name=name))
    else:
        await command.run(screen, rest)


async def _quit(screen: Screen, rest: str) -> None:
    screen.leave()


async def _help(screen: Screen, rest: str) -> None:
    for name, command in COMMANDS.items():
        screen.print(f"  /{name:10} {command.help}")
    screen.print("  !COMMAND    run a command yourself · Enter joins the running turn · Tab queues · Esc interrupts")


async def _history(screen: Screen, rest: str) -> None:
    from pycodex.repl.history import read_history

    for text in read_history(screen.conversation.settings.config.codex_home)[-20:]:
        screen.print(f"  {text}")


async def _title(screen: Screen, rest: str) -> None:
    if rest:
        screen.conversation.name(rest)
    screen.print(f"title: {screen.conversation.title or '(none yet)'}")


async def _queue(screen: Screen, rest: str) -> None:
    if not rest:
        screen.print("Usage: /queue TEXT")
        return
    screen.enqueue(rest)


async def _goal(screen: Screen, rest: str) -> None:
    from pycodex.repl.goal_commands import run_goal_command

    run_goal_command(screen, rest)


async def _new(screen: Screen, rest: str) -> None:
    await _begin(screen)


async def _clear(screen: Screen, rest: str) -> None:
    await _begin(screen, cleared=True)


async def _begin(screen: Screen, *, cleared: bool = False) -> None:
    from pycodex.session import SessionError

    try:
        await screen.conversation.open(cleared=cleared)
    except SessionError as error:  # the thread that was there stays
        screen.print(str(error))
        return
    if cleared:
        screen.clear()
    screen.print("New thread.")


async def _resume(screen: Screen, rest: str) -> None:
    from pycodex.repl.taking_up import choose_thread, take_up
    from pycodex.saved_threads import find_thread

    if not rest:
        choose_thread(screen)
    elif (path := find_thread(screen.conversation.settings.config.codex_home, rest)) is None:
        screen.print(f"No thread {rest}.")
    else:
        take_up(screen, path)


async def _status(screen: Screen, rest: str) -> None:
    conversation = screen.conversation
    settings = conversation.settings
    usage = conversation.runtime.loop.context.usage
    rows = {
        "model": f"{settings.model.slug} {settings.reasoning_effort or ''}".rstrip(),
        "provider": settings.config.provider.id,
        "directory": str(settings.cwd),
        "sandbox": settings.told_sandbox_mode,
        "approval": settings.approval_policy,
        "thread": conversation.thread_id,
        "title": conversation.title or "(none yet)",
        "tokens": f"{usage.total_tokens:,} ({usage.input_tokens:,} in, {usage.output_tokens:,} out)",
    }
    for name, value in rows.items():
        screen.print(f"  {name:10} {value}")


async def _diff(screen: Screen, rest: str) -> None:
    import asyncio

    from pycodex.repl.changes import changes

    settings = screen.conversation.settings
    colors = "NO_COLOR" not in settings.environment
    screen.print(await asyncio.to_thread(changes, settings.cwd, colors=colors))


async def _review(screen: Screen, rest: str) -> None:
    from pycodex.review import Custom, Uncommitted, problem

    target = Custom(instructions=rest) if rest else Uncommitted()
    if (reason := problem(target)) is not None:
        screen.print(reason)
        return
    screen.conversation.review(target)


async def _compact(screen: Screen, rest: str) -> None:
    screen.conversation.compact()


async def _model(screen: Screen, rest: str) -> None:
    from pycodex.repl.choices import efforts, listed_models, usual_effort
    from pycodex.repl.picker import Picker

    conversation = screen.conversation
    settings = conversation.settings

    def take(slug: str, effort: str | None, *, for_good: bool = True) -> None:
        conversation.choose_model(slug, effort, for_good=for_good)
        screen.print(f"Model changed to {slug} {effort or ''}".rstrip())

    def ask_effort(slug: str) -> None:
        rows = efforts(settings, slug)
        current = settings.reasoning_effort if slug == settings.model.slug else usual_effort(settings, slug)
        words = [effort for effort, _ in rows]
        marked = words.index(current) if current in words else 0
        screen.picker = Picker(f"Effort of {slug}", rows, lambda index: take(slug, words[index]), marked)

    if rest:
        slug, _, effort = rest.partition(" ")
        known = [word for word, _ in efforts(settings, slug)]
        if effort.strip() and effort.strip() not in known:
            screen.print(f"No effort of {slug}: {effort.strip()}. There are {', '.join(known)}.")
            return
        take(slug, effort.strip() or usual_effort(settings, slug), for_good=False)
        return
    slugs = listed_models(settings)
    rows = [(slug, "(current)" if slug == settings.model.slug else "") for slug in slugs]
    screen.picker = Picker("Model", rows, lambda index: ask_effort(slugs[index]), slugs.index(settings.model.slug))


async def _permissions(screen: Screen, rest: str) -> None:
    from pycodex.repl.choices import PRESETS, Preset, with_permissions
    from pycodex.repl.picker import Picker

    presets = [PRESETS[name] for name in screen.conversation.settings.dialect.session.permissions]

    def take(preset: Preset) -> None:
        style = screen.conversation.settings.dialect.session
        keep = {"approvals_reviewer": "user"} if style.keeps_reviewer else None
        screen.conversation.change(lambda before: with_permissions(before, preset), keep)
        screen.print(f"Permissions: {preset.label}")

    def ask(index: int) -> None:
        preset = presets[index]
        if preset.confirm is None:
            take(preset)
            return
        rows = [("Yes", ""), ("No", "change nothing")]
        screen.picker = Picker(preset.confirm, rows, lambda answer: take(preset) if answer == 0 else None)

    screen.picker = Picker("Permissions", [(preset.label, preset.help) for preset in presets], ask)


async def _init(screen: Screen, rest: str) -> None:
    settings = screen.conversation.settings
    if settings.dialect.session.init_spares_file and (settings.cwd / "AGENTS.md").exists():
        screen.print("There is an AGENTS.md here already; nothing is done.")
        return
    screen.conversation.say(settings.data.text("init.md"))


COMMANDS: Mapping[str, Command] = {
    "help": Command(help="this list", run=_help),
    "new": Command(help="begin a new thread", run=_new, busy=False),
    "clear": Command(help="begin a new thread on a clear screen", run=_clear, busy=False),
    "resume": Command(help="go on with a thread: choose one of this folder, or by id or name", run=_resume, busy=False),
    "queue": Command(help="TEXT: a turn of its own, after this one", run=_queue),
    "model": Command(help="choose a model and an effort; NAME [EFFORT]: for this session", run=_model, busy=False),
    "permissions": Command(help="choose what may be done without asking", run=_permissions, busy=False),
    "approvals": Command(help="as /permissions", run=_permissions, busy=False),
    "title": Command(help="show the thread's title, or set it", run=_title),
    "rename": Command(help="as /title", run=_title),
    "review": Command(help="let a reviewer look at your changes, or at what you say", run=_review, busy=False),
    "compact": Command(help="go on with a summary in place of what was said", run=_compact, busy=False),
    "init": Command(help="let the agent write an AGENTS.md", run=_init, busy=False),
    "goal": Command(help="show the thread's goal; OBJECTIVE: set it; pause, resume, clear", run=_goal),
    "status": Command(help="model, sandbox, thread, tokens", run=_status),
    "history": Command(help="what was entered last", run=_history),
    "diff": Command(help="what has changed since the last commit, and files that git does not know", run=_diff),
    "quit": Command(help="leave", run=_quit),
    "exit": Command(help="leave", run=_quit),
}
