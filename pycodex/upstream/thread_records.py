"""Rollout records of the ordered kind about the thread itself: its first line, a turn's context, its settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.records import replace
from pycodex.request import access_programs
from pycodex.rollout import stamp
from pycodex.upstream.permissions import (
    active_profile,
    filesystem_policy,
    permission_profile,
    policy_without_roots,
    workspace_roots,
)
from pycodex.upstream.records_flat import collaboration_mode, git_record, source
from pycodex.upstream.toolset import agents_version, configured_agents

if TYPE_CHECKING:
    from pycodex.context import ContextManager, Thread
    from pycodex.settings import Settings

__all__ = ["session_meta", "settings_applied", "settings_changed", "turn_context"]


def session_meta(context: ContextManager) -> dict[str, Any]:
    """The payload of the first record."""
    settings = context.settings
    # A fork always says which kind of agents it has (capture: rollout/fork).
    goes_on = context.thread.forked or context.thread.cut is not None
    agents = agents_version(settings) if goes_on else configured_agents(settings)
    parent = context.thread.parent
    payload: dict[str, Any] = {
        "account_scoped": True,
        **_creator(settings),
        "session_id": context.thread.id if parent is None else parent.session_id,
        "id": context.thread.id,
        **_origin(context.thread),
        "timestamp": stamp(context.thread.created_at),
        "cwd": str(settings.cwd),
        "runtime_workspace_roots": [str(root) for root in workspace_roots(settings)],
        "originator": settings.originator,
        "cli_version": settings.dialect.client.version,
        "source": source(settings),
        "thread_source": context.thread.source,
        **(settings.subagent.named if settings.subagent is not None else {}),
        "model_provider": settings.config.provider.id,
        "base_instructions": context.thread.forked_base or _base_instructions(context),
        **({"memory_mode": settings.memory_mode} if settings.memory_mode is not None else {}),
        "history_mode": "paginated",
        **_base(context),
        **({"multi_agent_version": agents} if agents else {}),
        "context_window": {"window_id": context.thread.recorded_window_id or context.thread.context_window_id},
    }
    if context.git is not None:
        payload["git"] = git_record(context)
    return payload


def _creator(settings: Settings) -> dict[str, Any]:
    """Whose thread it is, where the user logged in with ChatGPT, whatever the provider (captured:
    faults/token_refresh)."""
    said = {"creator_user_id": settings.auth.user, "creator_account_id": settings.auth.account}
    return {key: value for key, value in said.items() if value}


def _origin(thread: Thread) -> dict[str, Any]:
    """Which thread began a sub-agent's; of which one a fork is the copy, and up to which record."""
    if thread.parent is not None:
        above = thread.parent.thread_id
        return {**({} if thread.inherited_at is None else {"forked_from_id": above}), "parent_thread_id": above}
    if thread.forked_from is None:
        return {}
    return {"forked_from_id": thread.forked_from, "forked_from_ordinal_exclusive": thread.forked_at}


def _base(context: ContextManager) -> dict[str, Any]:
    """Where in another rollout the history of a fork stands."""
    thread = context.thread
    if thread.inherited_at is not None:
        return {"subagent_history_start_ordinal": thread.inherited_at}
    if thread.cut is not None:
        return {"history_base": thread.cut.base} if thread.cut.base else {}
    if not thread.forked:
        return {}
    return {
        "history_base": {
            "thread_id": thread.forked_from,
            "end_ordinal_exclusive": thread.forked_at,
            "end_byte_offset": thread.forked_bytes,
        },
    }


def _base_instructions(context: ContextManager) -> dict[str, Any]:
    custom = context.settings.custom_instructions is not None
    provenance = {"type": "custom"} if custom else {"type": "model", "model": context.opened_with}
    return {"text": context.base_instructions, "provenance": provenance}


def _profiles(settings: Settings) -> dict[str, Any]:
    active = active_profile(settings)
    named = {"active_permission_profile": active} if active else {}
    return {"permission_profile": permission_profile(settings), **named}


def settings_changed(records: Sequence[Mapping[str, Any]], settings: Settings) -> bool:
    """Whether the settings are others than those that the records told last, if they told any."""
    applied = [
        record["payload"].get("thread_settings")
        for record in records
        if record["payload"].get("type") == "thread_settings_applied"
    ]
    # What a person's program tells of itself is no change (captured: interactive/resume_exec_thread).
    same = (settings, replace(settings, introduced=False))
    return not applied or applied[-1] not in [settings_applied(each) for each in same]


def turn_context(settings: Settings, turn_id: str, root_turn_id: str) -> dict[str, Any]:
    """The payload of a turn_context record."""
    effort, compatible = settings.config.model_reasoning_effort, settings.model.get("comp_hash")
    return {
        "turn_id": turn_id,
        "root_turn_id": root_turn_id,
        "disabled_plugin_ids": [],
        "cwd": str(settings.cwd),
        "approval_policy": settings.approval_policy,
        "approvals_reviewer": settings.approvals_reviewer,
        **_profiles(settings),
        "model": settings.model.slug,
        **({"comp_hash": compatible} if compatible else {}),
        "collaboration_mode": collaboration_mode(settings),
        "multi_agent_version": agents_version(settings),
        "realtime_active": False,
        **_access_program(settings),
        **({"effort": effort} if effort else {}),
        "summary": "none",
        "sandbox_policy": policy_without_roots(settings),
        **filesystem_policy(settings),
    }


def _access_program(settings: Settings) -> dict[str, Any]:
    programs = access_programs(settings)
    return {"cyber_access_program": programs["cyber"]} if programs is not None else {}


def settings_applied(settings: Settings) -> dict[str, Any]:
    """The `thread_settings` of a thread_settings_applied event."""
    effort, summary = settings.config.model_reasoning_effort, settings.config.model_reasoning_summary
    # A person's program says its tier always (captures/upstream/0.169.0/prompt.json).
    unsaid = settings.service_tier is None and settings.mode == "prompt" and settings.introduced
    tier = "default" if unsaid else settings.service_tier
    return {
        "model": settings.model.slug,
        "model_provider_id": settings.config.provider.id,
        **({"service_tier": tier} if tier is not None else {}),
        "approval_policy": settings.approval_policy,
        "approvals_reviewer": settings.approvals_reviewer,
        "requested_approvals_reviewer": settings.approvals_reviewer,
        **_profiles(settings),
        "cwd": str(settings.cwd),
        "runtime_workspace_roots": [str(root) for root in workspace_roots(settings)],
        **({"reasoning_effort": effort} if effort else {}),
        **({"reasoning_summary": summary} if summary else {}),
        **({"personality": settings.config.personality} if settings.config.personality else {}),
        "collaboration_mode": collaboration_mode(settings),
        "disabled_plugin_ids": [],
    }
