"""The tools for jobs: spawn_agents_on_csv, and report_agent_job_result of its workers (captures: agents/csv_*)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pycodex.arguments import BOOL, STRING, U64, USIZE, VALUE, ArgumentStyle, Field, Struct
from pycodex.crew.crew import Crew
from pycodex.crew.events import JobBegan, JobEnded
from pycodex.crew.fanout import Fanout
from pycodex.crew.job import Job
from pycodex.crew.table import TableError, read_table
from pycodex.request import compact
from pycodex.rust import os_error
from pycodex.tools.base_tool import ToolContext, ToolError
from pycodex.tools.function_tool import FunctionTool

__all__ = ["ReportAgentJobResult", "SpawnAgentsOnCsv"]

_AT_ONCE, _SECONDS = 16, 1800
"""What its declaration promises where nothing is asked for."""


def _crew(context: ToolContext) -> Crew:
    assert context.crew is not None
    return context.crew()


class SpawnAgentsOnCsv(FunctionTool):
    """`spawn_agents_on_csv`: a worker for each row of a table; the call ends when they are done.

    `template`: what a worker is told. It reads and writes as codex-cli itself does, outside the sandbox (captured)."""

    name = "spawn_agents_on_csv"
    struct = Struct(
        name="SpawnAgentsOnCsvArgs",
        fields=(
            Field("csv_path", STRING, required=True),
            Field("instruction", STRING, required=True),
            Field("id_column", STRING, optional=True),
            Field("output_csv_path", STRING, optional=True),
            Field("output_schema", VALUE, optional=True),
            Field("max_concurrency", USIZE, optional=True),
            Field("max_workers", USIZE, optional=True),
            Field("max_runtime_seconds", U64, optional=True),
        ),
    )

    def __init__(self, style: ArgumentStyle, template: str) -> None:
        super().__init__(style)
        self._template = template

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        job, seconds = self._job(context, args), args["max_runtime_seconds"]
        if seconds == 0:
            raise ToolError("max_runtime_seconds must be >= 1")
        crew = _crew(context)
        wanted = args["max_concurrency"] if args["max_concurrency"] is not None else args["max_workers"]
        at_once = max(min(_AT_ONCE if wanted is None else wanted, crew.limit), 1)
        context.emit(JobBegan(job_id=job.id, wanted=wanted, limit=crew.limit, at_once=at_once))
        with crew.working_on(job):
            workers = Fanout(crew, job, context.emit, at_once=at_once, seconds=_SECONDS if seconds is None else seconds)
            await workers.run(context.turn_id)
        target = args["output_csv_path"]
        if target is None:
            source = Path(args["csv_path"])
            target = str(source.with_name(f"{source.stem}.agent-job-{job.short_id}.csv"))
        path = os.path.join(context.cwd, target)
        outcome = job.outcome(path, _written(path, job.exported()))
        context.emit(JobEnded(failed=outcome["failed_items"]))
        return compact(outcome)

    def _job(self, context: ToolContext, args: Mapping[str, Any]) -> Job:
        """Raises ToolError where there is nothing to work on."""
        if not args["instruction"].strip():
            raise ToolError("instruction must be non-empty")
        path = os.path.join(context.cwd, args["csv_path"])
        try:
            table = read_table(Path(path).read_bytes().decode("utf-8"), args["id_column"])
        except UnicodeDecodeError:
            raise ToolError(f"failed to read csv input {path}: stream did not contain valid UTF-8") from None
        except (OSError, ValueError) as error:
            raise ToolError(f"failed to read csv input {path}: {os_error(error)}") from None
        except TableError as error:
            raise ToolError(str(error)) from None
        return Job(
            table, args["instruction"], self._template, id_column=args["id_column"], schema=args["output_schema"]
        )


def _written(path: str, text: str) -> str | None:
    """Writes a table; what went wrong."""
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(text.encode())
    except (OSError, ValueError) as error:
        return f"auto-export failed: {os_error(error)}"
    return None


class ReportAgentJobResult(FunctionTool):
    """`report_agent_job_result`: what a worker has found out about its row."""

    name = "report_agent_job_result"
    struct = Struct(
        name="ReportAgentJobResultArgs",
        fields=(
            Field("job_id", STRING, required=True),
            Field("item_id", STRING, required=True),
            Field("result", VALUE, required=True),
            Field("stop", BOOL, optional=True),
        ),
    )

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        if not isinstance(result := args["result"], Mapping):
            raise ToolError("result must be a JSON object")
        job = _crew(context).job(args["job_id"])
        accepted = job is not None and job.report(args["item_id"], context.thread_id, result, stop=args["stop"] is True)
        return compact({"accepted": accepted})
