"""Events for people: a banner, then what happens, on stderr."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pycodex import protocol as p
from pycodex.citations import shown_text
from pycodex.items import joined, search_query
from pycodex.paint import Painter
from pycodex.plain_jobs import JobLines

if TYPE_CHECKING:
    from pycodex.context import Thread
    from pycodex.mcp.events import ServerState
    from pycodex.settings import Settings

__all__ = ["PlainPrinter", "thousands"]

Write = Callable[[str], None]


def thousands(number: int) -> str:
    """`1234567` as `1,234,567`."""
    return f"{number:,}"


def _shown(argv: Sequence[str]) -> str:
    from pycodex.shell import shlex_join

    return shlex_join(argv)


def _of_session(event: p.WarningRaised | p.DeprecationRaised) -> bool:
    return isinstance(event, p.DeprecationRaised) or event.session


class PlainPrinter:
    """For people: a banner, then what happens, on `err`. The final message goes to stdout, by the command."""

    def __init__(self, settings: Settings, thread: Thread, err: Write, *, colors: bool = False) -> None:
        self._settings = settings
        self._style = settings.dialect.plain
        self._paint = Painter(roles=self._style.colors if colors else {})
        self._thread = thread
        self._err = err
        self._warnings: list[p.WarningRaised | p.DeprecationRaised] = []
        self._begun = False
        self._servers: tuple[ServerState, ...] = ()
        self._server_log: tuple[str, ...] = ()
        self._tokens: int | None = None
        self._jobs = JobLines()

    def __call__(self, event: p.Event) -> None:
        """Print what the event means."""
        if not isinstance(event, p.JobProgressed):
            self._err(self._jobs.close())
        match event:
            case p.WarningRaised() | p.DeprecationRaised():
                if self._begun:
                    self._warn(event)
                else:
                    self._warnings.append(event)
            case p.McpServersStarted():
                self._servers, self._server_log = event.servers, event.log
            case p.McpCallStarted():
                self._err(self._settings.dialect.mcp().calls.started(event, self._paint))
            case p.McpCallEnded():
                self._err(self._settings.dialect.mcp().calls.ended(event, self._paint))
            case p.ContextCompacted():
                self._line("context compacted")
            case p.TurnStarted():
                self._begin(event.prompt)
            case p.SectionBegan():
                if self._style.section_line and not self._settings.config.hide_agent_reasoning:
                    self._line("")
            case p.ItemBegan() if event.item["type"] == "web_search_call":
                self._search(self._style.search[0], event.item)
            case p.ItemBegan() if event.item["type"] == "image_generation_call" and self._style.made is not None:
                self._make(self._style.made[0], event.item)
            case p.ItemDone(kept=True):
                self._item(event.item)
            case p.PatchStarted():
                self._err(self._style.patches.started(event, self._paint))
            case p.PatchEnded():
                self._err(self._style.patches.ended(event, self._paint))
            case p.TurnDiffed():
                self._err(self._style.patches.diff(event, self._paint))
            case p.PlanUpdated():
                if self._style.plan:
                    self._plan(event)
            case p.AgentCallStarted() | p.AgentCallEnded():
                for line in self._style.agents(event):
                    self._line(line)
            case p.JobBegan() | p.JobEnded():
                if (told := self._jobs.line(event)) is not None:
                    self._line(told)
            case p.JobProgressed():
                self._err(self._jobs.progress(event))
            case p.MessageSent():
                self._line(f"{self._paint('heading', 'codex')}\n{event.text}")
            case p.ImageViewed():
                if self._style.image is not None:
                    self._line(self._style.image.format(path=event.path))
            case p.CommandStarted():
                place = f"{self._paint('command', _shown(event.argv))} in {event.cwd}"
                self._err(f"{self._paint('heading', 'exec')}\n{place}{self._style.command_separator}")
            case p.CommandEnded():
                self._ended(event)
            case p.StreamRetry():
                head = self._style.retry.format(
                    error=self._paint("error", "ERROR:"),
                    progress=event.progress,
                    message=event.message,
                )
                self._line(self._paint("retry", head))
            case p.SampleDone() | p.WindowFilled():
                usage = event.thread
                if usage == p.Usage():  # nothing was ever said (captured: answers/broken_streams)
                    return
                self._tokens = usage.input_tokens - usage.cached_input_tokens + usage.output_tokens
            case p.NothingAsked():
                self._begin(event.prompt, ready=event.ready)
            case p.ReviewStarted():
                self._begin(event.shown)
            case p.SubagentOpened():
                self._startup(event.warnings)
            case p.SubagentTold():
                if not isinstance(event.event, p.TurnStarted):
                    self(event.event)
            case p.FailureTold():
                self._fail(event.failure.message)
            case p.ReviewEnded():
                self._line(f"{self._paint('heading', 'codex')}\n{event.text}")
            case p.TurnAborted():
                self._line(self._style.interrupted)
            case p.TurnFailed():
                for _ in range(self._style.failure_repeats - event.told):
                    self._fail(event.failure.message)
            case _:
                pass

    def _line(self, text: str) -> None:
        self._err(text + "\n")

    def _fail(self, message: str) -> None:
        self._line(f"{self._paint('error', 'ERROR:')} {message}")

    def _warn(self, event: p.WarningRaised | p.DeprecationRaised) -> None:
        if isinstance(event, p.WarningRaised):
            told = f"{self._paint('warning', 'warning:')} {event.message}" if event.line is None else event.line
            self._line(told)
            return
        self._line(f"{self._paint('deprecated', 'deprecated:')} {event.summary}")
        self._line(self._style.deprecation_indent + self._paint("deprecation", event.details))

    def _begin(self, prompt: str, *, ready: bool = True) -> None:
        self._begun = True
        settings = self._settings
        rows = (
            ("workdir", str(settings.cwd)),
            ("model", settings.model.slug),
            ("provider", settings.config.provider.id),
            ("approval", settings.approval_policy),
            ("sandbox", settings.dialect.cli.sandbox_summary(settings)),
            ("reasoning effort", settings.config.model_reasoning_effort or "none"),
            ("reasoning summaries", (settings.asked or settings.config).model_reasoning_summary or "none"),
            ("session id", self._thread.id),
        )
        self._line(self._style.banner.format(version=settings.dialect.version))
        self._line("--------")
        for name, value in rows:
            self._line(f"{self._paint('label', name + ':')} {value}")
        self._line(f"--------\n{self._paint('user', 'user')}\n{prompt}")
        bubblewrap = [p.WarningRaised(message=text) for text in settings.dialect.cli.startup_warnings(settings)]
        if ready:
            self._startup([*bubblewrap, *self._warnings])

    def _startup(self, warnings: Sequence[p.WarningRaised | p.DeprecationRaised]) -> None:
        """A thread is ready: what it is warned of, some of that before the line that says so."""
        early = [each for each in warnings if self._style.session_warnings_first and _of_session(each)]
        for event in early:
            self._warn(event)
        startup = self._settings.dialect.mcp().startup if self._servers else None
        log = self._server_log
        for line in log if startup is None else startup.lines(self._servers, log, self._paint):
            self._line(line)
        if startup is None and self._style.after_prompt:
            head, colon, rest = self._style.after_prompt.partition(":")
            self._line(self._paint("startup", head + colon) + rest)
        for event in warnings:
            if event not in early:
                self._warn(event)

    def _item(self, item: p.Item) -> None:
        if item["type"] == "message" and item["role"] == "assistant":
            self._line(f"{self._paint('heading', 'codex')}\n{shown_text(item)}")
        elif item["type"] == "reasoning" and not self._settings.config.hide_agent_reasoning:
            self._reasoning(item)
        elif item["type"] == "web_search_call":
            for line in self._style.search[1:]:
                self._search(line, item)
        elif item["type"] == "image_generation_call" and self._style.made is not None:
            self._make(self._style.made[1], item, item["result"])

    def _make(self, label: str, item: p.Item, result: str = "") -> None:
        shown = f" {self._paint('output', result)}" if result else ""
        self._line(f"{self._paint('made', label)} {item.get('id') or ''}{shown}")

    def _search(self, line: str, item: p.Item) -> None:
        label, colon, rest = line.partition(":")
        query = rest.format(query=search_query(item.get("action") or {}))
        self._line(self._paint("search", label + colon) + query)

    def _reasoning(self, item: p.Item) -> None:
        heading = self._style.reasoning_heading
        texts = [part["text"] for part in item["summary"]]
        raw = [part["text"] for part in item.get("content") or ()]
        if self._settings.config.show_raw_agent_reasoning and raw:
            texts = raw if self._style.raw_reasoning_replaces else [*texts, *raw]
        for text in joined(texts) if heading is None else texts:
            shown = self._paint("reasoning", text)
            self._line(shown if heading is None else f"{self._paint('heading', heading)}\n{shown}")

    def _plan(self, event: p.PlanUpdated) -> None:
        """Title, explanation, and each step behind a mark for how far it is (captured)."""
        self._line(self._paint("plan", "Plan update"))
        if event.explanation:
            self._line(self._paint("explanation", event.explanation))
        for text, status in event.steps:
            match status:
                case "completed":
                    self._line(f"  {self._paint('step_done', '✓')} {text}")
                case "in_progress":
                    self._line(f"  {self._paint('step_now', '→')} {text}")
                case _:
                    self._line(f"  {self._paint('step_later', '•')} {self._paint('step_later', text)}")

    def _ended(self, event: p.CommandEnded) -> None:
        if event.status == "declined":
            self._line(self._paint("failure", " declined:"))
            return
        outcome = "succeeded" if event.exit_code == 0 else f"exited {event.exit_code}"
        output = event.output
        if self._style.output_lines is not None:
            output = "\n".join(output.split("\n")[: self._style.output_lines]).removesuffix("\n")
        role = "success" if event.exit_code == 0 else "failure"
        self._line(self._paint(role, f" {outcome} in {int(event.duration * 1000)}ms:"))
        if output or self._style.empty_output_line:
            self._line(self._paint("output", output))

    def close(self) -> None:
        """The end of the run: what it used, after everything else."""
        if self._tokens is not None:
            self._line(f"{self._paint('tokens', 'tokens used')}\n{thousands(self._tokens)}")
