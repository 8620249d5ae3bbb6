"""`pycodex PROMPT`: one turn that speaks as codex-cli's terminal program speaks, without its screen.

The prompt is the argument, or piped standard input. The answer goes to stdout and all else to stderr; with `--json`
stdout gets one object: output_text, items, usage, thread_id, and error when the turn failed. Exit codes are exec's.
Nobody can be asked here: what would need an approval is refused, as in exec.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from pycodex.cli.exec import guarded, read_prompt
from pycodex.cli.exec_options import ExecOptions
from pycodex.cli.features import check_flags
from pycodex.cli.prepare import offered, prepare
from pycodex.cli.turn import run_turn, writer
from pycodex.request import compact

if TYPE_CHECKING:
    from pycodex.cli.clap import Parsed
    from pycodex.protocol import Event, TurnResult
    from pycodex.settings import Settings
    from pycodex.upstream.dialect import Dialect

__all__ = ["run_prompt"]


def run_prompt(dialect: Dialect, parsed: Parsed) -> int:
    """Run the prompt. The exit code: 0, or 1 when the turn failed or could not begin."""

    def run() -> int:
        check_flags(dialect, parsed)
        options = ExecOptions.from_parsed(parsed)
        settings, prompt = prepare(dialect, options, "prompt"), read_prompt(dialect, options)
        return asyncio.run(_run(offered(settings, options), options, prompt))

    return guarded(dialect, run)


async def _run(settings: Settings, options: ExecOptions, prompt: str) -> int:
    from pycodex import session
    from pycodex.git_info import collect
    from pycodex.paint import wants_colors
    from pycodex.plain_events import PlainPrinter
    from pycodex.protocol import UserTurn

    opened = session.begin(settings, await collect(settings.cwd))
    colors = wants_colors(None, terminal=sys.stderr.isatty(), environment=settings.environment)
    printer = PlainPrinter(settings, opened.context.thread, writer(sys.stderr), colors=colors)
    title = None
    if (style := settings.dialect.title) is not None:
        from pycodex.cli.title import TitleRequest

        title = TitleRequest(settings, style, prompt, opened.context.thread.installation_id)

    def show(event: Event) -> None:
        printer(event)
        if title is not None:
            title(event)

    result = await run_turn(settings, opened, UserTurn(text=prompt), show, colors=colors)
    printer.close()
    if title is not None:
        await title.aclose()
    out = writer(sys.stdout)
    if result is None:
        return settings.dialect.cli.interrupted_exit
    if options.json:
        out(compact(_told(result, opened.context.thread.id)) + "\n")
    elif result.failure is None and result.last_agent_message is not None:
        out(result.last_agent_message + "\n")
    return 0 if result.failure is None else 1


def _told(result: TurnResult, thread_id: str) -> dict[str, Any]:
    from dataclasses import asdict

    told: dict[str, Any] = {
        "output_text": result.output_text,
        "items": list(result.items),
        "usage": asdict(result.usage),
        "thread_id": thread_id,
    }
    return told if result.failure is None else {**told, "error": result.failure.message}
