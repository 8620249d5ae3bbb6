"""What `exec` prints: consumers of events, one for people (stderr), one for programs (`--json`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pycodex import protocol as p
from pycodex.items import search_query, text_of
from pycodex.paint import Painter
from pycodex.request import compact

if TYPE_CHECKING:
    from pycodex.context import Thread
    from pycodex.settings import Settings

__all__ = ["JsonlPrinter", "PlainPrinter", "log_line", "thousands"]

Write = Callable[[str], None]


def thousands(number: int) -> str:
    """`1234567` as `1,234,567`."""
    return f"{number:,}"


_LOG_COLORS = {"dim": (2,), "level": (31,), "field": (3,)}


def log_line(event: p.LogLine, now: float, *, colors: bool = False) -> str:
    """A log line as it stands on stderr."""
    paint = Painter(roles=_LOG_COLORS if colors else {})
    when = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
    field, equals, value = event.message.partition("=")
    # A message that is one field and its value, as in `error=...`.
    told = paint("field", field) + paint("dim", equals) + value if equals and field.isidentifier() else event.message
    target = paint("dim", event.target) + paint("dim", ":")
    return f"{paint('dim', when)} {paint('level', event.level)} {target} {told}"


def _shown(argv: Sequence[str]) -> str:
    from pycodex.shell import shlex_join

    return shlex_join(argv)


def _start_of(event: p.CommandEnded) -> p.CommandStarted:
    return p.CommandStarted(
        call_id=event.call_id, argv=event.argv, cwd=event.cwd, process_id=event.process_id, started_at=0.0
    )


def _of_session(event: p.WarningRaised | p.DeprecationRaised) -> bool:
    return isinstance(event, p.DeprecationRaised) or event.session


class JsonlPrinter:
    """`--json`. Items are numbered by first appearance."""

    def __init__(self, settings: Settings, thread: Thread, out: Write) -> None:
        self._style = settings.dialect.jsonl
        self._begins_turn = settings.dialect.review.begins_turn
        self._thread = thread
        self._out = out
        self._ids: dict[str, str] = {}
        self._count = 0
        self._running: dict[str, dict[str, Any]] = {}
        self._todo: dict[str, Any] | None = None
        self._search: str | None = None
        self._searched: str | None = None
        """The id of the search that was told of last."""

    def __call__(self, event: p.Event) -> None:
        """Print what the event means."""
        match event:
            case p.ThreadStarted():
                self._print({"type": "thread.started", "thread_id": event.thread_id})
            case p.WarningRaised():
                self._completed({"type": "error", "message": event.message})
            case p.DeprecationRaised() if self._style.deprecations:
                self._completed({"type": "error", "message": f"{event.summary} ({event.details})"})
            case p.TurnStarted():
                self._print({"type": "turn.started"})
            case p.ReviewStarted():
                if self._begins_turn:
                    self._print({"type": "turn.started"})
            case p.SubagentOpened():
                for warning in event.warnings:
                    self(warning)
            case p.SubagentTold():
                if not (isinstance(event.event, p.TurnStarted) and self._begins_turn):
                    self(event.event)
            case p.FailureTold():
                self._print({"type": "error", "message": event.failure.message})
            case p.ReviewEnded():
                self._completed({"type": "agent_message", "text": event.text})
            case p.ItemBegan() if event.item["type"] == "web_search_call":
                self._begin_search(event.item)
            case p.ItemDone(kept=True):
                self._item(event.item, event.id)
            case p.CommandStarted():
                number = self._ids[event.call_id] = self._number()
                item = self._command(number, event.argv, "", None, "in_progress")
                self._running[event.call_id] = item
                self._print({"type": "item.started", "item": item})
            case p.CommandEnded():
                self._running.pop(event.call_id, None)
                if event.call_id not in self._ids:
                    # A command that could not start is told of in one go (captured).
                    self(_start_of(event))
                    self._running.pop(event.call_id, None)
                ended = self._ids.pop(event.call_id)
                item = self._command(ended, event.argv, event.output, event.exit_code, event.status)
                self._print({"type": "item.completed", "item": item})
            case p.PatchStarted():
                if self._style.patches_start:
                    self._ids[event.call_id] = self._number()
                    self._print({"type": "item.started", "item": self._patch(event, "in_progress")})
            case p.PatchEnded():
                self._ids.setdefault(event.call_id, self._number() if not self._style.patches_start else "")
                self._print({"type": "item.completed", "item": self._patch(event, event.status)})
            case p.PlanUpdated():
                self._plan(event)
            case p.StreamRetry():
                text = f"Reconnecting... {event.progress} ({event.message})"
                self._print({"type": "error", "message": text})
            case p.TurnCompleted():
                self._close_running()
                usage = {key: getattr(event.usage, name) for key, name in self._style.usage_keys}
                self._print({"type": "turn.completed", "usage": usage})
            case p.TurnFailed():
                self._close_running()
                if not event.told:
                    self._print({"type": "error", "message": event.failure.message})
                self._print({"type": "turn.failed", "error": {"message": event.failure.message}})
            case _:
                pass

    def _print(self, value: Any) -> None:
        self._out(compact(value) + "\n")

    def _number(self) -> str:
        self._count += 1
        return f"item_{self._count - 1}"

    def _completed(self, fields: dict[str, Any]) -> None:
        self._print({"type": "item.completed", "item": {"id": self._number(), **fields}})

    def _item(self, item: p.Item, identity: str | None) -> None:
        if item["type"] == "message" and item["role"] == "assistant":
            self._completed({"type": "agent_message", "text": text_of(item)})
        elif item["type"] == "reasoning":
            texts = [part["text"] for part in item["summary"]]
            joined = ["\n".join(texts)] if self._style.reasoning_joined and texts else texts
            for text in joined:
                self._completed({"type": "reasoning", "text": text})
        elif item["type"] == "web_search_call":
            self._web_search(item, identity)

    def _begin_search(self, item: p.Item) -> None:
        if self._search is not None:  # a review's is begun twice, and ended twice (captured: review/doings)
            return
        self._search = self._number()
        self._print_search("item.started", item, item.get("id"), early=True)

    def _web_search(self, item: p.Item, identity: str | None) -> None:
        known = item.get("id") or identity
        if self._search is None:
            self._search = self._number()
            if known is None or known != self._searched:
                # The model did not say that it began: begun and done at once.
                self._print_search("item.started", item, identity, early=True)
        self._print_search("item.completed", item, identity)
        self._search, self._searched = None, known

    def _print_search(self, kind: str, item: p.Item, identity: str | None, *, early: bool = False) -> None:
        """The object has two keys `id`, so it is written by hand (captured)."""
        action = {"type": "other"} if early and self._style.search_starts_empty else item.get("action")
        action = action or {"type": "other"}
        told = {"id": item.get("id") or identity or "", "query": search_query(action), "action": action}
        head = compact({"id": self._search, "type": "web_search"})[:-1]
        self._out(f'{{"type":"{kind}","item":{head},{compact(told)[1:]}}}\n')

    def _command(
        self, identity: str, argv: Sequence[str], output: str, exit_code: int | None, status: str
    ) -> dict[str, Any]:
        return {
            "id": identity,
            "type": "command_execution",
            "command": _shown(argv),
            "aggregated_output": output,
            "exit_code": exit_code,
            "status": status,
        }

    def _patch(self, event: p.PatchStarted | p.PatchEnded, status: str) -> dict[str, Any]:
        changes = [{"path": path, "kind": change.kind} for path, change in sorted(event.changes.items())]
        return {"id": self._ids[event.call_id], "type": "file_change", "changes": changes, "status": status}

    def _plan(self, event: p.PlanUpdated) -> None:
        steps = [{"text": text, "completed": status == "completed"} for text, status in event.steps]
        kind = "item.updated" if self._todo else "item.started"
        identity = self._todo["id"] if self._todo else self._number()
        self._todo = {"id": identity, "type": "todo_list", "items": steps}
        self._print({"type": kind, "item": self._todo})

    def _close_running(self) -> None:
        """A command that runs on after the turn: reported as it was at its start, or not at all (captured)."""
        if self._style.running_commands_complete:
            for item in self._running.values():
                self._print({"type": "item.completed", "item": {**item, "status": "completed"}})
        self._running.clear()
        if self._todo:
            self._print({"type": "item.completed", "item": self._todo})
            self._todo = None

    def close(self) -> None:
        """Nothing is left to print."""


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
        self._searching = False
        self._tokens: int | None = None

    def __call__(self, event: p.Event) -> None:
        """Print what the event means."""
        match event:
            case p.WarningRaised() | p.DeprecationRaised():
                if self._begun:
                    self._warn(event)
                else:
                    self._warnings.append(event)
            case p.TurnStarted():
                self._begin(event.prompt)
            case p.SectionBegan():
                if self._style.section_line and not self._settings.config.hide_agent_reasoning:
                    self._line("")
            case p.ItemBegan() if event.item["type"] == "web_search_call":
                self._searching = True
                self._search(self._style.search[0], event.item)
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
                self._tokens = usage.input_tokens - usage.cached_input_tokens + usage.output_tokens
            case p.NothingAsked():
                self._begin("")
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
            self._line(f"{self._paint('warning', 'warning:')} {event.message}")
            return
        self._line(f"{self._paint('deprecated', 'deprecated:')} {event.summary}")
        self._line(self._style.deprecation_indent + self._paint("deprecation", event.details))

    def _begin(self, prompt: str) -> None:
        self._begun = True
        settings = self._settings
        rows = (
            ("workdir", str(settings.cwd)),
            ("model", settings.model.slug),
            ("provider", settings.config.provider.id),
            ("approval", settings.approval_policy),
            ("sandbox", settings.dialect.cli.sandbox_summary(settings)),
            ("reasoning effort", settings.config.model_reasoning_effort or "none"),
            ("reasoning summaries", settings.config.model_reasoning_summary or "none"),
            ("session id", self._thread.id),
        )
        self._line(self._style.banner.format(version=settings.dialect.version))
        self._line("--------")
        for name, value in rows:
            self._line(f"{self._paint('label', name + ':')} {value}")
        self._line(f"--------\n{self._paint('user', 'user')}\n{prompt}")
        bubblewrap = [p.WarningRaised(message=text) for text in settings.dialect.cli.startup_warnings(settings)]
        self._startup([*bubblewrap, *self._warnings])

    def _startup(self, warnings: Sequence[p.WarningRaised | p.DeprecationRaised]) -> None:
        """A thread is ready: what it is warned of, some of that before the line that says so."""
        early = [each for each in warnings if self._style.session_warnings_first and _of_session(each)]
        for event in early:
            self._warn(event)
        if self._style.after_prompt:
            head, colon, rest = self._style.after_prompt.partition(":")
            self._line(self._paint("startup", head + colon) + rest)
        for event in warnings:
            if event not in early:
                self._warn(event)

    def _item(self, item: p.Item) -> None:
        if item["type"] == "message" and item["role"] == "assistant":
            self._line(f"{self._paint('heading', 'codex')}\n{text_of(item)}")
        elif item["type"] == "reasoning" and not self._settings.config.hide_agent_reasoning:
            self._reasoning(item)
        elif item["type"] == "web_search_call":
            for line in self._style.search[self._searching :]:
                self._search(line, item)
            self._searching = False

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
        if heading is None:
            texts = ["\n".join(texts)] if texts else []
        for text in texts:
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
