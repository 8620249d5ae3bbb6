"""What another agent is, derived from the one that begins it: its settings, and its thread."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycodex.config_layers import walk_keys
from pycodex.context import Thread
from pycodex.crew.paths import ROOT
from pycodex.records import dataclass, replace
from pycodex.subagents import Parent, Subagent, root_of
from pycodex.tools.base_tool import ToolError
from pycodex.upstream.toolset import agents_version

if TYPE_CHECKING:
    from pycodex.context import ContextManager
    from pycodex.settings import Settings

__all__ = ["Wanted", "check", "child_settings", "child_thread", "parent_of", "role_names", "worker_settings"]

KIND = "thread_spawn"
JOB = "agent_job"
_LABEL = "collab_spawn"
_OWN_ROLES = ("default", "explorer", "worker")
_OWN_FILE = "explorer"
"""The one of them that has a file; there is nothing in it."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked for of an agent."""

    role: str | None = None
    model: str | None = None
    effort: str | None = None


def role_names(settings: Settings, role: str | None) -> tuple[str, ...]:
    """The names that agents of that role are given, where the user has chosen some."""
    table = walk_keys(settings.config.raw, "agents").get(role or "default")
    found = table.get("nickname_candidates") if isinstance(table, Mapping) else None
    return tuple(map(str, found)) if isinstance(found, list) else ()


def child_settings(
    settings: Settings, wanted: Wanted, *, depth: int, nickname: str, parent_id: str, path: str | None = None
) -> Settings:
    """The settings of an agent; `path`: its place, where it is one of a team. Raises ToolError where what is asked for
    cannot be had."""
    style = settings.dialect.toolset.agents
    config = replace(settings.config, model_reasoning_summary=settings.reasoning_summary)
    if style.settles_effort:
        config = replace(config, model_reasoning_effort=settings.reasoning_effort)
    settings = _as_wanted(replace(settings, config=config), wanted)
    max_depth = walk_keys(settings.config.raw, "agents").get("max_depth", style.max_depth)
    # One of a team begins others where its model's row puts it in a team, however deep (captured: agents/v2_deeper).
    begins = depth < max_depth if path is None else settings.model.get("multi_agent_version") == "v2"
    recorded = {
        "parent_thread_id": parent_id,
        "depth": depth,
        **({"agent_path": path} if style.shares_session else {}),
        "agent_nickname": nickname,
        "agent_role": wanted.role,
    }
    subagent = Subagent(
        kind=KIND,
        recorded={KIND: recorded},
        named={
            "agent_nickname": nickname,
            **({"agent_role": wanted.role} if wanted.role else {}),
            **({"agent_path": path} if path else {}),
        },
        agents="v1" if path is None else "v2",
        begins=begins,
        features_off=frozenset() if begins else style.features_off,
        path=path,
    )
    return replace(settings, subagent=subagent, companions="", thread_source=None)


def check(settings: Settings, wanted: Wanted) -> None:
    """Raises ToolError where no agent can be like that."""
    _as_wanted(settings, wanted)


def worker_settings(settings: Settings, job_id: str) -> Settings:
    """The settings of an agent that works on a row of a job: it may begin others (captured: agents/csv_nested)."""
    label = f"{JOB}:{job_id}"
    subagent = Subagent(kind=JOB, recorded={"other": label}, label=label, agents="v1", begins=True)
    return replace(settings, subagent=subagent, companions="", thread_source=None)


def _as_wanted(settings: Settings, wanted: Wanted) -> Settings:
    asked = _with_model(settings, wanted)
    # What is asked for is looked at also where the role decides (captured: agents/roles_decide_old).
    decides = settings.dialect.toolset.agents.roles_decide and _has_file(settings, wanted.role)
    return _with_role(settings if decides else asked, wanted.role)


def _has_file(settings: Settings, role: str | None) -> bool:
    table = walk_keys(settings.config.raw, "agents").get(role) if role is not None else None
    return "config_file" in table if isinstance(table, Mapping) else role == _OWN_FILE


def _with_model(settings: Settings, wanted: Wanted) -> Settings:
    """Another model, and another effort; they must be among those that are listed (captured: agents/refused)."""
    if wanted.model is not None:
        from pycodex.repl.choices import with_effort, with_model

        shown, allowed = _listed(settings)
        if all(row["slug"] != wanted.model for row in allowed):
            names = ", ".join(str(row["slug"]) for row in shown)
            raise ToolError(f"Unknown model `{wanted.model}` for spawn_agent. Available models: {names}")
        settings = with_model(settings, wanted.model)
        # Its effort is the model's own, not its parent's (captured: agents/roles_decide_old, agents/model_alone).
        settings = with_effort(settings, settings.model.get("default_reasoning_level"))
    if wanted.effort is not None:
        levels = [str(row["effort"]) for row in settings.model.get("supported_reasoning_levels") or ()]
        if wanted.effort not in levels:
            raise ToolError(
                f"Reasoning effort `{wanted.effort}` is not supported for model `{settings.model.slug}`."
                f" Supported reasoning efforts: {', '.join(levels)}"
            )
        settings = replace(settings, config=replace(settings.config, model_reasoning_effort=wanted.effort))
    return settings


def _listed(settings: Settings) -> tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]]:
    """The models that are told of, and those that may be named."""
    rows = settings.catalog or list(settings.data.models.values())
    if not settings.dialect.toolset.agents.lists_hidden:
        models = settings.dialect.toolset.models
        return models.shown(rows), models.allowed(rows)
    every = sorted((row for row in rows if row["supported_in_api"]), key=lambda row: int(row["priority"]))
    return every, every


def _with_role(settings: Settings, role: str | None) -> Settings:
    """What the file of a role says goes over the configuration (captured: agents/roles)."""
    table = walk_keys(settings.config.raw, "agents").get(role) if role is not None else None
    if not isinstance(table, Mapping):
        if role is not None and role not in _OWN_ROLES:
            raise ToolError(f"unknown agent_type '{role}'")
        return settings
    if (file := table.get("config_file")) is None:
        return settings
    try:
        told: Mapping[str, Any] = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ToolError("agent type is currently not available") from None
    names = ("developer_instructions", "model_reasoning_effort", "model_reasoning_summary", "model_verbosity")
    found = {name: told[name] for name in names if name in told}
    settings = replace(settings, config=replace(settings.config, **found))
    if "model" not in told:
        return settings
    from pycodex.repl.choices import with_model

    return with_model(settings, told["model"])


def parent_of(context: ContextManager, turn_id: str, child: Subagent | None = None) -> Parent:
    """Who asks an agent something, in which turn."""
    above, thread = context.thread.parent, context.thread
    mode = "exec" if context.settings.mode == "exec" else "user"
    team = agents_version(context.settings) == "v2"
    return Parent(
        thread_id=thread.id,
        session_id=thread.session_id or thread.id,
        turn_id=turn_id,
        root_turn_id=root_of(context, turn_id),
        kind=KIND if child is None else child.kind,
        label=(None if child is None else child.label) or _LABEL,
        trigger=mode if above is None else above.trigger,
        path=(context.settings.subagent.path if context.settings.subagent is not None else ROOT) if team else None,
    )


def child_thread(context: ContextManager, parent: Parent) -> Thread:
    """The thread of an agent."""
    made = Thread.new(context.thread.installation_id, "subagent")
    shares = context.settings.dialect.toolset.agents.shares_session
    return replace(made, session_id=parent.session_id if shares else None, parent=parent)
