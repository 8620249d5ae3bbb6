"""Events for programs (`--json`), and lines of the log; for people they are printed by `pycodex.plain_events`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pycodex import protocol as p
from pycodex.citations import shown_text
from pycodex.items import joined, search_query
from pycodex.paint import Painter
from pycodex.records import replace
from pycodex.request import compact

if TYPE_CHECKING:
    from pycodex.context import Thread
    from pycodex.crew.events import AgentState
    from pycodex.settings import Settings

__all__ = ["JsonlPrinter", "log_line"]

Write = Callable[[str], None]


_LOG_COLORS = {"dim": (2,), "level": (31,), "field": (3,)}


def log_line(event: p.LogLine, now: float, *, colors: bool = False) -> str:
    """A log line as it stands on stderr."""
    paint = Painter(roles=_LOG_COLORS if colors else {})
    when = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
    field, equals, value = event.message.partition("=")
    # A message that is one field and its value, as in `error=...`.
    told = paint("field", field) + paint("dim", equals) + value if equals and field.isidentifier() else event.message
    told = told if told.isprintable() else told.replace("\x7f", "\\x7f")  # captured: config/odd_originator
    target = paint("dim", event.target) + paint("dim", ":")
    return f"{paint('dim', when)} {paint('level', event.level)} {target} {told}"


def _shown(argv: Sequence[str]) -> str:
    from pycodex.shell import shlex_join

    return shlex_join(argv)


def _start_of(event: p.CommandEnded) -> p.CommandStarted:
    return p.CommandStarted(
        call_id=event.call_id, argv=event.argv, cwd=event.cwd, process_id=event.process_id, started_at=0.0
    )


def _told_status(event: p.PatchEnded) -> str:
    """A patch that was declined is told as failed, a command is not (captured: approvals/patch_denied)."""
    return "failed" if event.status == "declined" else event.status


class JsonlPrinter:
    """`--json`. Items are numbered by first appearance."""

    def __init__(self, settings: Settings, thread: Thread, out: Write) -> None:
        self._style = settings.dialect.jsonl
        self._mcp = settings.dialect.mcp
        self._begins_turn = settings.dialect.review.begins_turn
        self._thread = thread
        self._out = out
        self._ids: dict[str, str] = {}
        self._count = 0
        self._running: dict[str, dict[str, Any]] = {}
        self._todo: dict[str, Any] | None = None
        self._searches: dict[str, str] = {}
        """Searches that go on: id -> number."""

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
                self._print({"type": "item.completed", "item": self._patch(event, _told_status(event))})
            case p.McpCallStarted():
                self._ids[event.call_id] = self._number()
                self._print({"type": "item.started", "item": self._mcp_call(event, "in_progress")})
            case p.McpCallEnded():
                status = "failed" if event.failed else "completed"
                self._print({"type": "item.completed", "item": self._mcp_call(event, status)})
            case p.PlanUpdated():
                self._plan(event)
            case p.MessageSent():
                self._completed({"type": "agent_message", "text": event.text})
            case p.AgentCallStarted():
                self._agent_call("item.started", event, {}, "in_progress")
            case p.AgentCallEnded():
                status = "failed" if event.failed else "completed"
                told = replace(event.call, receivers=tuple(dict.fromkeys(event.call.receivers)))
                self._agent_call("item.completed", told, event.states, status)
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
            self._completed({"type": "agent_message", "text": shown_text(item)})
        elif item["type"] == "reasoning":
            texts = [part["text"] for part in item["summary"]]
            for text in joined(texts) if self._style.reasoning_joined else texts:
                self._completed({"type": "reasoning", "text": text})
        elif item["type"] == "web_search_call":
            self._web_search(item, item.get("id") or identity or "")

    def _begin_search(self, item: p.Item) -> None:
        identity = item.get("id") or ""
        if identity in self._searches and not self._style.searches_begin_again:
            return  # a review's is begun twice, and ended twice (captured: review/doings)
        number = self._searches.get(identity) or self._number()
        self._searches[identity] = number
        self._print_search("item.started", number, item, identity, early=True)

    def _web_search(self, item: p.Item, identity: str) -> None:
        number = self._searches.pop(identity, None) or self._number()
        self._print_search("item.completed", number, item, identity)

    def _print_search(self, kind: str, number: str, item: p.Item, identity: str, *, early: bool = False) -> None:
        """The object has two keys `id`, so it is written by hand (captured)."""
        action = {"type": "other"} if early and self._style.search_starts_empty else item.get("action")
        action = action or {"type": "other"}
        told = {"id": identity, "query": search_query(action), "action": action}
        head = compact({"id": number, "type": "web_search"})[:-1]
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

    def _mcp_call(self, event: p.McpCallStarted | p.McpCallEnded, status: str) -> dict[str, Any]:
        result, error = (event.result, event.error) if isinstance(event, p.McpCallEnded) else (None, None)
        told = None
        if result is not None:
            meta = {"_meta": result["_meta"]} if "_meta" in result and self._mcp().tells_meta else {}
            told = {"content": result["content"], **meta, "structured_content": result.get("structuredContent")}
        return {
            "id": self._ids[event.call_id],
            "type": "mcp_tool_call",
            "server": event.server,
            "tool": event.tool,
            "arguments": event.arguments,
            "result": told,
            "error": None if error is None else {"message": error},
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

    def _agent_call(self, kind: str, call: p.AgentCallStarted, states: Mapping[str, AgentState], status: str) -> None:
        number = self._ids.setdefault(call.call_id, "") or self._number()
        self._ids[call.call_id] = number
        item = {
            "id": number,
            "type": "collab_tool_call",
            "tool": "wait" if call.tool == "resume_agent" else call.tool,  # captured: agents/given_more
            "sender_thread_id": call.sender,
            "receiver_thread_ids": [receiver.id for receiver in call.receivers],
            "prompt": call.prompt,
            "agents_states": {name: {"status": state.kind, "message": state.message} for name, state in states.items()},
            "status": status,
        }
        self._print({"type": kind, "item": item})

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
