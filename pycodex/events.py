"""What `exec` prints: consumers of events, one for people (stderr), one for programs (`--json`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pycodex import protocol as p
from pycodex.items import text_of
from pycodex.request import compact

if TYPE_CHECKING:
    from pycodex.context import Thread
    from pycodex.settings import Settings

__all__ = ["JsonlPrinter", "PlainPrinter", "log_line", "search_query", "thousands"]

Write = Callable[[str], None]


def thousands(number: int) -> str:
    """`1234567` as `1,234,567`."""
    return f"{number:,}"


def log_line(event: p.LogLine, now: float) -> str:
    """A log line as it stands on stderr."""
    moment = datetime.fromtimestamp(now, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z {event.level} {event.target}: {event.message}"


def _shown(argv: Sequence[str]) -> str:
    from pycodex.shell import shlex_join

    return shlex_join(argv)


def search_query(action: Mapping[str, Any]) -> str:
    """A web search in words: the query, the page, or what was looked for in it."""
    match action.get("type"):
        case "search":
            queries = action.get("queries") or ()
            first = action.get("query") or (queries[0] if queries else "")
            return f"{first} ..." if len(queries) > 1 and not action.get("query") else str(first)
        case "open_page":
            return str(action.get("url") or "")
        case "find_in_page":
            return f"'{action.get('pattern') or ''}' in {action.get('url') or ''}"
    return ""


def _start_of(event: p.CommandEnded) -> p.CommandStarted:
    return p.CommandStarted(
        call_id=event.call_id, argv=event.argv, cwd=event.cwd, process_id=event.process_id, started_at=0.0
    )


class JsonlPrinter:
    """`--json`. Items are numbered by first appearance."""

    def __init__(self, settings: Settings, thread: Thread, out: Write) -> None:
        self._style = settings.dialect.jsonl
        self._thread = thread
        self._out = out
        self._ids: dict[str, str] = {}
        self._count = 0
        self._running: dict[str, dict[str, Any]] = {}
        self._todo: dict[str, Any] | None = None

    def __call__(self, event: p.Event) -> None:
        """Print what the event means."""
        match event:
            case p.ThreadStarted():
                self._print({"type": "thread.started", "thread_id": event.thread_id})
            case p.WarningRaised():
                self._completed({"type": "error", "message": event.message})
            case p.TurnStarted():
                self._print({"type": "turn.started"})
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
            case p.PlanUpdated():
                self._plan(event)
            case p.StreamRetry():
                text = f"Reconnecting... {event.attempt}/{event.limit} ({event.message})"
                self._print({"type": "error", "message": text})
            case p.TurnCompleted():
                self._close_running()
                usage = {key: getattr(event.usage, name) for key, name in self._style.usage_keys}
                self._print({"type": "turn.completed", "usage": usage})
            case p.TurnFailed():
                self._close_running()
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

    def _web_search(self, item: p.Item, identity: str | None) -> None:
        """Started and completed; the object has two keys `id`, so it is written by hand (captured)."""
        number, action = self._number(), item.get("action") or {"type": "other"}
        told = {"id": item.get("id") or identity or "", "query": search_query(action), "action": action}
        early = {**told, "query": "", "action": {"type": "other"}} if self._style.search_starts_empty else told
        for kind, fields in (("item.started", early), ("item.completed", told)):
            head = compact({"id": number, "type": "web_search"})[:-1]
            self._out(f'{{"type":"{kind}","item":{head},{compact(fields)[1:]}}}\n')

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

    def __init__(self, settings: Settings, thread: Thread, err: Write) -> None:
        self._settings = settings
        self._style = settings.dialect.plain
        self._thread = thread
        self._err = err
        self._warnings: list[str] = []
        self._begun = False
        self._tokens: int | None = None

    def __call__(self, event: p.Event) -> None:
        """Print what the event means."""
        match event:
            case p.WarningRaised():
                if self._begun:
                    self._line(f"warning: {event.message}")
                else:
                    self._warnings.append(event.message)
            case p.TurnStarted():
                self._begin(event.prompt)
            case p.ItemDone(kept=True):
                self._item(event.item)
            case p.CommandStarted():
                place = f"{_shown(event.argv)} in {event.cwd}"
                self._err(f"exec\n{place}{self._style.command_separator}")
            case p.CommandEnded():
                self._ended(event)
            case p.StreamRetry():
                text = self._style.retry
                self._line(text.format(attempt=event.attempt, limit=event.limit, message=event.message))
            case p.TurnCompleted():
                usage = event.usage
                self._tokens = usage.input_tokens - usage.cached_input_tokens + usage.output_tokens
            case p.TurnFailed():
                for _ in range(self._style.failure_repeats):
                    self._line(f"ERROR: {event.failure.message}")
            case _:
                pass

    def _line(self, text: str) -> None:
        self._err(text + "\n")

    def _begin(self, prompt: str) -> None:
        self._begun = True
        settings = self._settings
        rows = (
            ("workdir", str(settings.cwd)),
            ("model", settings.model.slug),
            ("provider", settings.config.provider.id),
            ("approval", "never"),
            ("sandbox", settings.dialect.cli.sandbox_summary(settings)),
            ("reasoning effort", settings.config.model_reasoning_effort or "none"),
            ("reasoning summaries", settings.config.model_reasoning_summary or "none"),
            ("session id", self._thread.id),
        )
        self._line(self._style.banner.format(version=settings.dialect.version))
        self._line("--------")
        for name, value in rows:
            self._line(f"{name}: {value}")
        self._line(f"--------\nuser\n{prompt}")
        if self._style.after_prompt:
            self._line(self._style.after_prompt)
        for message in (*settings.dialect.cli.startup_warnings(settings), *self._warnings):
            self._line(f"warning: {message}")

    def _item(self, item: p.Item) -> None:
        if item["type"] == "message" and item["role"] == "assistant":
            self._line(f"codex\n{text_of(item)}")
        elif item["type"] == "reasoning":
            heading = self._style.reasoning_heading
            texts = [part["text"] for part in item["summary"]]
            if heading is None:
                texts = ["\n".join(texts)] if texts else []
            for text in texts:
                self._line(text if heading is None else f"{heading}\n{text}")

    def _ended(self, event: p.CommandEnded) -> None:
        outcome = "succeeded" if event.exit_code == 0 else f"exited {event.exit_code}"
        output = event.output
        if self._style.output_lines is not None:
            output = "\n".join(output.split("\n")[: self._style.output_lines]).removesuffix("\n")
        self._line(f" {outcome} in {int(event.duration * 1000)}ms:")
        if output or self._style.empty_output_line:
            self._line(output)

    def close(self) -> None:
        """The end of the run: what it used, after everything else."""
        if self._tokens is not None:
            self._line(f"tokens used\n{thousands(self._tokens)}")
