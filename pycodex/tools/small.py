"""The small tools of a run, made when it declares them; the module is light, each tool is imported when it is made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from pycodex.arguments import Type
from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.settings import Settings
    from pycodex.tools.base_tool import BaseTool

__all__ = ["NO_ANSWERS", "QuestionStyle", "SmallTools", "ViewStyle", "sends_originals", "small_tools"]


NO_ANSWERS = '{"answers":{}}'
"""What questions bring that nobody can be asked."""


@dataclass(frozen=True, kw_only=True)
class QuestionStyle:
    """What differs between versions. `struct`: the name of the arguments; `log`: target and text of the log line for
    questions that nobody can be asked (it may use {thread_id})."""

    struct: str
    log: tuple[str, str] | None


@dataclass(frozen=True, kw_only=True)
class ViewStyle:
    """What differs between versions."""

    file_to_code: bool
    """Whether code gets the file as it is, with the detail if images have one, not the URL that is sent (captured:
    code_mode/view_image, code_mode/old_nested)."""
    prelude: Type | None
    """What the arguments are read as first."""
    details: Mapping[str | None, str | None]
    """The detail that is asked for -> the one that is sent, for models that may have the original."""
    usual: str | None
    """The one that is sent to other models."""
    wrong_detail: str
    """May use {detail}."""
    unsupported: str | None
    """The complaint about what is no image; None: as of an image beside a prompt."""
    nul: str | None
    """The complaint about a path with a NUL byte, may use {path} {cwd}; None: as of any file."""
    clean_paths: bool
    """Whether a path is made absolute without dots, and without the line breaks in it."""


@dataclass(frozen=True, kw_only=True)
class SmallTools:
    """What differs between versions in the small tools."""

    questions: QuestionStyle
    permissions: Type | None
    """What the arguments of request_permissions are read as first; after that their messages have no place."""
    view: ViewStyle
    plan_told: bool
    """Whether code gets what the model is told of a plan, not an empty object (captured: code_mode/own_tools)."""
    original_needs: str | None
    """The feature without which no image is sent in full size."""
    original_always: str | None
    """The feature with which models that may have images in full size always get them so."""


def small_tools(settings: Settings, names: Collection[str]) -> list[BaseTool]:
    """The handlers of those of `names` that are small tools."""
    return [make(settings) for name, make in _MAKERS.items() if name in names]


def _update_plan(settings: Settings) -> BaseTool:
    from pycodex.tools.update_plan import UpdatePlan

    return UpdatePlan(settings.dialect.arguments, told_to_code=settings.dialect.toolset.small.plan_told)


def _request_user_input(settings: Settings) -> BaseTool:
    from pycodex.tools.request_user_input import RequestUserInput

    allowed = "default_mode_request_user_input" in settings.features
    return RequestUserInput(settings.dialect.arguments, settings.dialect.toolset.small.questions, allowed=allowed)


def _request_permissions(settings: Settings) -> BaseTool:
    from pycodex.tools.request_permissions import RequestPermissions

    prelude = settings.dialect.toolset.small.permissions
    return RequestPermissions(settings.dialect.arguments, prelude=prelude, of_value=prelude is not None)


def sends_originals(settings: Settings) -> bool:
    """Whether a model may have images in full size."""
    need = settings.dialect.toolset.small.original_needs
    return bool(settings.model.get("supports_image_detail_original")) and (need is None or need in settings.features)


def _view_image(settings: Settings) -> BaseTool:
    from pycodex.tools.view_image import ViewImage
    from pycodex.upstream.toolset import plain_images

    dialect, row = settings.dialect, settings.model
    small = dialect.toolset.small
    return ViewImage(
        dialect.arguments,
        dialect.toolset.small.view,
        dialect.images,
        sees="image" in row.get("input_modalities", ("image",)),
        always=small.original_always is not None and small.original_always in settings.features,
        original=sends_originals(settings),
        told_plainly=plain_images(settings),
    )


def _read_file(settings: Settings) -> BaseTool:
    from pycodex.tools.read_file import ReadFile

    return ReadFile(settings.dialect.arguments)


def _list_dir(settings: Settings) -> BaseTool:
    from pycodex.tools.list_dir import ListDir

    return ListDir(settings.dialect.arguments)


def _grep_files(settings: Settings) -> BaseTool:
    from pycodex.tools.grep_files import GrepFiles

    return GrepFiles(settings.dialect.arguments)


def _test_sync_tool(settings: Settings) -> BaseTool:
    from pycodex.tools.sync_tool import SyncTool

    return SyncTool(settings.dialect.arguments)


def _curr_time(settings: Settings) -> BaseTool:
    from pycodex.tools.clock import CurrentTime

    return CurrentTime()


def _sleep(settings: Settings) -> BaseTool:
    from pycodex.tools.clock import Sleep

    return Sleep(settings.dialect.arguments)


def _context_remaining(settings: Settings) -> BaseTool:
    from pycodex.tools.context_window import ContextRemaining

    return ContextRemaining()


def _new_context(settings: Settings) -> BaseTool:
    from pycodex.tools.context_window import NewContext

    return NewContext()


def _artifacts(settings: Settings) -> BaseTool:
    from pycodex.tools.artifacts import Artifacts, fetcher

    return Artifacts(fetcher(settings))


def _agents_on_csv(settings: Settings) -> BaseTool:
    from pycodex.tools.agent_jobs import SpawnAgentsOnCsv

    return SpawnAgentsOnCsv(settings.dialect.arguments, settings.data.text("agent_job.md"))


def _job_result(settings: Settings) -> BaseTool:
    from pycodex.tools.agent_jobs import ReportAgentJobResult

    return ReportAgentJobResult(settings.dialect.arguments)


def _get_goal(settings: Settings) -> BaseTool:
    from pycodex.tools.goals import GetGoal

    return GetGoal(settings.dialect.arguments, kept=not settings.ephemeral)


def _create_goal(settings: Settings) -> BaseTool:
    from pycodex.config_layers import walk_keys
    from pycodex.tools.goals import CreateGoal

    limit = walk_keys(settings.config.raw, "goals").get("max_goal_token_budget")
    return CreateGoal(settings.dialect.arguments, limit=limit, kept=not settings.ephemeral)


def _update_goal(settings: Settings) -> BaseTool:
    from pycodex.tools.goals import UpdateGoal

    report = settings.data.text("goal_report.md")
    return UpdateGoal(settings.dialect.arguments, report=report, kept=not settings.ephemeral)


def _send_async(settings: Settings) -> BaseTool:
    from pycodex.tools.async_messages import SendAsync

    return SendAsync(settings.dialect.arguments)


def _ask_async(settings: Settings) -> BaseTool:
    from pycodex.tools.async_messages import AskAsync

    return AskAsync(settings.dialect.arguments)


_MAKERS: Mapping[str, Callable[[Settings], BaseTool]] = {
    "update_plan": _update_plan,
    "request_user_input": _request_user_input,
    "request_permissions": _request_permissions,
    "view_image": _view_image,
    "read_file": _read_file,
    "list_dir": _list_dir,
    "grep_files": _grep_files,
    "test_sync_tool": _test_sync_tool,
    "clock.curr_time": _curr_time,
    "clock.sleep": _sleep,
    "get_context_remaining": _context_remaining,
    "new_context": _new_context,
    "artifacts": _artifacts,
    "spawn_agents_on_csv": _agents_on_csv,
    "report_agent_job_result": _job_result,
    "get_goal": _get_goal,
    "create_goal": _create_goal,
    "update_goal": _update_goal,
    "send_message_to_user_async": _send_async,
    "request_user_input_async": _ask_async,
}
