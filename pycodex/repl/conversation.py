"""A thread at work, and the next one: what an interactive session talks to. It knows no terminal."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pycodex.agent import AgentLoop
from pycodex.api import builtin_tools
from pycodex.cli.title import TitleRequest
from pycodex.git_info import collect
from pycodex.goals import ACTIVE, Goal, Goals
from pycodex.keeping import Keeper
from pycodex.model import ResponsesModelClient
from pycodex.protocol import (
    Answer,
    ClearGoal,
    Compact,
    Event,
    GoBack,
    Interrupt,
    ItemDone,
    Rename,
    ReviewTurn,
    SetGoal,
    SettingsTold,
    Shutdown,
    Steer,
    TextsReturned,
    TextsSent,
    ThreadStarted,
    TurnStarted,
    UserShell,
    UserTurn,
    WarningRaised,
)
from pycodex.repl.history import keep_attachment, remember
from pycodex.repl.servers import ThreadServers
from pycodex.runtime import AgentRuntime
from pycodex.saved_prefixes import with_prefix
from pycodex.session import SessionError

if TYPE_CHECKING:
    from pathlib import Path

    from pycodex.operations import Decide
    from pycodex.review import Target
    from pycodex.settings import Settings
    from pycodex.tools.base_tool import ToolRegistry

__all__ = ["Conversation"]


class Conversation:
    """`open` a thread, `say` something, `close`. Events go to `show`."""

    def __init__(self, settings: Settings, show: Callable[[Event], None]) -> None:
        self.settings = settings
        self.title: str | None = None
        self.plan: str | None = None
        """What the running turn, or the last one, proposes to do."""
        self._mode: Literal["default", "plan"] = "default"
        self._base: Settings | None = None
        self._show = show
        self._keeper: Keeper | None = None
        self._runtime: AgentRuntime | None = None
        self._running: asyncio.Task[None] | None = None
        self._tools: ToolRegistry | None = None
        self._servers = ThreadServers()
        self._titles: list[TitleRequest] = []
        self._unsent: list[str] = []
        """What is to be a turn later, oldest first."""

    @property
    def thread_id(self) -> str:
        """The thread's id."""
        return self._kept.thread_id

    @property
    def _kept(self) -> Keeper:
        assert self._keeper is not None
        return self._keeper

    @property
    def runtime(self) -> AgentRuntime:
        """What takes operations."""
        assert self._runtime is not None
        return self._runtime

    @property
    def busy(self) -> bool:
        """Whether a turn runs."""
        return self._runtime is not None and self._runtime.busy

    @property
    def stoppable(self) -> bool:
        """Whether something runs that an interrupt ends."""
        return self._runtime is not None and (self._runtime.busy or self._runtime.runs_shell)

    @property
    def goal(self) -> Goal | None:
        """The thread's goal."""
        return None if self.runtime.loop.goals is None else self.runtime.loop.goals.goal

    def change_goal(self, operation: SetGoal | ClearGoal) -> None:
        """Set, pause, resume or clear it."""
        self.runtime.submit(operation)

    async def open(self, path: Path | None = None, *, cleared: bool = False) -> None:
        """Begin a thread, or take up that of a rollout; the one before it is closed. `cleared`: it is given up for the
        new one (captured: interactive/clear). Raises SessionError."""
        servers = await ThreadServers.begin(self.settings, self._show, self._servers)
        settings = servers.given_to(self.settings)
        if path is None:
            keeper = await Keeper.begin(settings, cleared=cleared)
        else:
            try:
                keeper = await Keeper.resume(settings, path)
            except SessionError:
                await servers.aclose()
                raise
        await self.close()
        self._keeper, self._servers = keeper, servers
        self.title = keeper.name
        settings = self._base = keeper.context.settings
        self._apply_mode()
        self._tools = builtin_tools(settings, self._emit)
        loop = AgentLoop(ResponsesModelClient(settings), self._tools, keeper.context, emit=self._emit)
        if path is not None:
            Goals.take_up(loop)
        self._runtime = AgentRuntime(loop, attended=True, prepare=self._look, keeper=keeper)
        self._emit(ThreadStarted(thread_id=self.thread_id, resumed=keeper.context.thread.resumed))
        self._warn()
        self._running = asyncio.create_task(self._runtime.run())

    def _warn(self) -> None:
        for warning in self._kept.session.all_warnings():
            self._emit(warning)

    async def close(self) -> None:
        """End the thread: what still runs is ended with it."""
        if self._runtime is None or self._running is None:
            return
        self._runtime.submit(Interrupt())
        self._runtime.submit(Shutdown())
        with contextlib.suppress(asyncio.CancelledError):
            await self._running
        for title in self._titles:
            await title.aclose()
        self._titles.clear()
        await self._servers.aclose()
        self._kept.close()
        self._runtime = None

    def prompts(self) -> list[str]:
        """What the user has said, as far as it can be gone back to, oldest first."""
        return self._kept.prompts()

    async def go_back(self, prompts: int) -> None:
        """Drop so many of the last prompts, and what came of them."""
        before = self._servers
        if self.settings.dialect.session.goes_back_anew:
            self._servers = await ThreadServers.begin(self.settings, self._show, self._servers)
        self._kept.settings = self._servers.given_to(self.settings)
        await self.runtime.submit(GoBack(prompts=prompts))
        if self._servers is not before:
            await before.aclose()
        self._base = self._kept.context.settings
        self._apply_mode()
        self._renew_tools()
        self._warn()

    def kill(self) -> None:
        """End what the tools run, at once: the program itself is being ended."""
        if self._tools is not None:
            self._tools.kill()
        self._servers.kill()

    def say(self, text: str, images: Sequence[str] = ()) -> None:
        """A text that joins the running turn, or begins one; with images (paths) it begins one."""
        self._remember(text)
        self.runtime.submit(UserTurn(text=text, images=tuple(images)) if images else Steer(text=text))

    def queue(self, text: str) -> None:
        """A text that is a turn of its own, after those before it; only what is sent is remembered (captured:
        interactive/interrupt_queued)."""
        if self.busy:
            self._unsent.append(text)
        else:
            self._remember(text)
        self.runtime.submit(UserTurn(text=text))

    def review(self, target: Target) -> None:
        """Let a sub-agent review something."""
        self.runtime.submit(ReviewTurn(target=target))

    def compact(self) -> None:
        """Let the model sum the thread up."""
        self.runtime.submit(Compact())

    def run_shell(self, command: str) -> None:
        """The user runs a command."""
        if self.settings.dialect.session.remembers_shell:
            self._remember(f"!{command}")
        self.runtime.submit(UserShell(command=command))

    def interrupt(self, *, send_waiting: bool) -> None:
        """Stop the running turn. Its goal rests then (measured: which of the two comes first is a race)."""
        if self.busy and self.goal is not None and self.goal.status == ACTIVE:
            self.runtime.submit(SetGoal(status="paused"))
        self.runtime.submit(Interrupt(waiting="send" if send_waiting else "return"))

    def decide(self, decision: Decide, prefix: tuple[str, ...] = ()) -> None:
        """The answer to a question."""
        if decision.for_good and prefix:
            self._keep_prefix(prefix)
        self.runtime.submit(decision)

    def _keep_prefix(self, prefix: tuple[str, ...]) -> None:
        assert self._base is not None
        self.settings, self._base = with_prefix(self.settings, prefix), with_prefix(self._base, prefix)

    def answer(self, call_id: str, answers: Mapping[str, Sequence[str]] | None) -> None:
        """The answers to the model's questions; None: none are given."""
        self.runtime.submit(Answer(call_id=call_id, answers=answers))

    @property
    def has_plan(self) -> bool:
        """Whether the turn that ends has a plan to decide on: nothing else waits to be said."""
        return self.planning and self.plan is not None and not self.runtime.waits

    @property
    def planning(self) -> bool:
        """Whether the next turn is one of plan mode."""
        return self._mode == "plan"

    def switch_mode(self) -> None:
        """Between plan mode and the default one, from the next turn on."""
        self._mode = "default" if self.planning else "plan"
        self._choose()

    def implement(self) -> str:
        """The plan is to be done, in the default mode. What the user says to it."""
        self.switch_mode()
        return self.settings.dialect.session.implement

    async def implement_fresh(self) -> str:
        """The same in a thread that knows nothing but a file with the plan (captured: interactive/plan_fresh)."""
        words, plan = self.settings.dialect.session.implement_fresh, self.plan
        assert words is not None and plan is not None
        self._mode = "default"  # which the thread that is given up is not told of
        await self.open(cleared=True)
        return words.format(path=keep_attachment(self.settings.config.codex_home, "approved-plan.md", plan))

    def change(self, change: Callable[[Settings], Settings], keep: Mapping[str, str | None] | None = None) -> None:
        """Other settings, from the next turn on and for threads that begin later; `keep`: in the configuration, too."""
        assert self._base is not None
        self.settings = change(self.settings)
        self._base = change(self._base)
        self._choose()
        self._renew_tools()
        if keep:
            from pycodex.config_edit import set_keys

            set_keys(self.settings.config.codex_home / "config.toml", keep)

    def choose_model(self, slug: str, effort: str | None, *, for_good: bool = True) -> None:
        """Another model and an effort: `for_good`, and then two choices, each of which is told, or one for this session
        (captured: interactive/model_other, model_named)."""
        from pycodex.repl.choices import with_effort, with_model

        assert self._base is not None
        begun = self._kept.context.model_before is not None
        self.settings, self._base = with_model(self.settings, slug), with_model(self._base, slug, begun=begun)
        if for_good:
            self._choose()
        keep = {"model": slug, "model_reasoning_effort": effort} if for_good else None
        self.change(lambda before: with_effort(before, effort), keep)

    def _apply_mode(self) -> None:
        assert self._base is not None
        self._kept.context.settings = self._base.collaborating(self._mode)

    def _choose(self) -> None:
        """What was chosen counts for the thread."""
        self._apply_mode()
        self._emit(SettingsTold(chosen=True))

    def name(self, title: str) -> None:
        """Give the thread a title."""
        self.title = title
        self.runtime.submit(Rename(name=title))

    def entered(self, text: str) -> None:
        """A command was entered that is remembered as what is said is (captured: interactive/goal_commands)."""
        self._remember(text)

    def cleared(self, text: str) -> None:
        """What was entered is not to be sent."""
        if self.settings.dialect.session.remembers_cleared:
            self._remember(text)

    async def _look(self) -> None:
        """What may have changed since the last turn."""
        self._kept.context.git = await collect(self.settings.cwd)
        if await self._servers.came():
            self._renew_tools()

    def _renew_tools(self) -> None:
        """The tools are those of what counts by now; commands run on."""
        assert self._base is not None
        self._tools = self.runtime.loop.tools = builtin_tools(self._base, self._emit, after=self._tools)

    def _remember(self, text: str) -> None:
        remember(self.settings.config.codex_home, self.thread_id, text)

    def _emit(self, event: Event) -> None:
        if isinstance(event, TurnStarted):
            self.plan = None
            if event.prompt in self._unsent[:1]:
                self._remember(self._unsent.pop(0))
        if isinstance(event, TextsReturned):
            self._unsent = [text for text in self._unsent if text not in event.texts]
        if isinstance(event, ItemDone) and event.plan is not None:
            self.plan = event.plan
        if isinstance(event, TextsSent):
            self._remember(event.text)
        if isinstance(event, TurnStarted) and event.by == "prompt":
            self._ask_title(event.prompt)
        self._kept(event)
        if (trouble := self._kept.trouble()) is not None:
            self._show(WarningRaised(message=trouble))
        for title in self._titles:
            title(event)
        self._show(event)

    def _ask_title(self, prompt: str) -> None:
        """Each turn asks for a title until there is one (captured: interactive/first_turn)."""
        style = self.settings.dialect.title
        if style is None or self.title is not None:
            return
        installation = self._kept.context.thread.installation_id
        self._titles.append(TitleRequest(self.settings, style, prompt, installation, take=self.name))
