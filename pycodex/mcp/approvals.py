"""Whether the tool of a server may be called: by the configuration (captured: mcp/approval_modes_new), by what the tool
says of itself, or by a person (captured: interactive/mcp_approval, mcp_approval_kept, mcp_approval_prompt)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.records import dataclass

if TYPE_CHECKING:
    from pathlib import Path

    from pycodex.mcp.names import Origin
    from pycodex.mcp.server import ServerTool
    from pycodex.mcp.style import McpStyle
    from pycodex.tools.base_tool import ToolContext

__all__ = ["ApprovalQuestion", "CallRefused", "allow"]


@dataclass(frozen=True, kw_only=True)
class ApprovalQuestion:
    """How a person is asked; {server} and {tool}. `options` are label and description, in order."""

    text: str
    once: tuple[str, str]
    session: tuple[str, str]
    """For the rest of the thread."""
    always: tuple[str, str] | None
    """For good: it is written into config.toml."""
    cancel: tuple[str, str]
    cancelled: str
    """What the call then comes to."""
    escape_cancels: bool
    """Whether Esc cancels the call, and does not interrupt the turn."""
    though_never: bool
    """Whether a person is asked though the approval policy is `never`."""


class CallRefused(Exception):
    """The call may not be made; the message says why. `asked`: a person was asked."""

    def __init__(self, message: str, *, asked: bool) -> None:
        super().__init__(message)
        self.asked = asked


async def allow(
    tool: ServerTool, style: McpStyle, context: ToolContext, allowed: dict[Origin, bool], home: Path
) -> None:
    """Return where the call may be made; `allowed` are the tools that a person has allowed in this thread, and
    whether for good. Raises CallRefused."""
    origin, question = (tool.server.config.name, tool.name), style.question
    mode = tool.server.config.mode(tool.name)
    never = context.approval_policy == "never"
    if context.sandbox.mode == "danger-full-access" and (never or context.ask is None):
        return
    if mode == "approve" or (mode == "auto" and (origin in allowed or not style.needs_approval(tool.annotations))):
        return
    if context.ask is None or (never and not question.though_never):
        raise CallRefused(style.refused, asked=False)
    options = [question.once, question.cancel]
    if mode == "auto":
        options[1:1] = [question.session, *([question.always] if question.always is not None else [])]
    answers = await context.ask(context.call_id, [_asked(origin, question, options)])
    chosen = _chosen(answers, options)
    if chosen == question.cancel:
        raise CallRefused(question.cancelled, asked=True)
    if chosen != question.once:
        allowed[origin] = chosen == question.always
    if chosen == question.always:
        from pycodex.config_edit import set_in_table

        table = ("mcp_servers", origin[0], "tools", origin[1])
        set_in_table(home / "config.toml", table, "approval_mode", "approve")


def _asked(origin: Origin, question: ApprovalQuestion, options: Sequence[tuple[str, str]]) -> dict[str, Any]:
    server, tool = origin
    return {
        "id": "approval",
        "header": server,
        "question": question.text.format(server=server, tool=tool),
        "options": [{"label": label, "description": described} for label, described in options],
        **({"escape": question.cancel[0]} if question.escape_cancels else {}),
    }


def _chosen(answers: Any, options: Collection[tuple[str, str]]) -> tuple[str, str]:
    """What is none of the options allows nothing."""
    *_, cancel = options
    labels = answers["approval"]["answers"]
    return next((option for option in options if [option[0]] == labels), cancel)
