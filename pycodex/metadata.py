"""The values a request is made of, by name: head, metadata and body templates pick from them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pycodex.config_layers import walk_keys
from pycodex.crew.paths import ROOT
from pycodex.subagents import root_of

if TYPE_CHECKING:
    from pycodex.context import ContextManager, Thread, Turn
    from pycodex.git_info import GitInfo
    from pycodex.settings import Settings
    from pycodex.subagents import Parent

__all__ = ["pick", "pick_texts", "request_values", "told_names", "without_credentials", "workspaces"]

_CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")


def without_credentials(url: str) -> str:
    """The URL without `user:password@`."""
    return _CREDENTIALS.sub("", url)


def workspaces(git: GitInfo | None, *, strip_credentials: bool) -> dict[str, Any] | None:
    """The git repository of the working directory, for turn metadata; None outside of one."""
    if git is None:
        return None
    facts: dict[str, Any] = {}
    if git.remote_urls:
        clean = without_credentials if strip_credentials else str
        facts["associated_remote_urls"] = {name: clean(url) for name, url in git.remote_urls.items()}
    if git.commit_hash is not None:
        facts["latest_git_commit_hash"] = git.commit_hash
    if git.has_changes is not None:
        facts["has_changes"] = git.has_changes
    return {str(git.root): facts}


def told_names(settings: Settings) -> dict[str, str | None]:
    """Originator and user agent as a head tells them (captured: faults/tls_files)."""
    from pycodex.transports.authorities import unusable

    if settings.dialect.client.nameless_without_authorities and unusable(settings.environment) is not None:
        return {"originator": None, "user_agent": None}
    return {"originator": settings.originator, "user_agent": settings.user_agent}


def request_values(context: ContextManager, turn: Turn | None) -> dict[str, Any]:
    """Everything a request may mention: of a turn, or without one of a connection that is warmed up. None: there is no
    such value."""
    settings, thread = context.settings, context.thread
    sandbox = "seccomp"
    if settings.sandbox.mode == "danger-full-access":
        sandbox = "none" if settings.sandbox.network else "external"
    style, parent = settings.dialect.config.features, thread.parent
    compaction = None if turn is None else turn.compaction
    asked = compaction is not None and compaction["trigger"] == "manual"
    beta = [name for name in style.beta if name in settings.features]
    return {
        "thread_id": thread.id,
        "turn_id": "" if turn is None else turn.id,
        "root_turn_id": None if turn is None else root_of(context, turn.id),
        "parent_thread_id": None if parent is None else parent.thread_id,
        "parent_turn_id": parent.turn_id if parent is not None else None if turn is None else turn.after,
        "subagent_kind": None if parent is None else parent.kind,
        "subagent_label": None if parent is None else parent.label or parent.kind,
        "installation_id": thread.installation_id,
        "agent_name": (settings.subagent.path if settings.subagent is not None else None) or ROOT,
        "window_number": thread.window_number,
        "window_id": f"{thread.id}:{thread.window_number}",
        "context_window_id": thread.context_window_id,
        "request_kind": "prewarm" if turn is None else "turn" if compaction is None else "compaction",
        "compaction": compaction,
        "history_initialization": _began(thread),
        "session_id": thread.session_id or thread.id,
        # A fork has a tree of its own, whatever its session is called (captured: rollout/fork).
        "tree_id": thread.id if parent is None else parent.session_id,
        "forked_from": thread.forked_from,
        "forked_at": thread.forked_at,
        "thread_source": thread.source,
        "asked_user": True if turn is not None and turn.asked_user else None,
        "turn_trigger": turn.trigger or _trigger(settings, parent) if turn is not None and not asked else None,
        "sandbox": sandbox,
        "sandbox_mode": settings.told_sandbox_mode,
        "auto_review_enabled": settings.auto_review,
        "node_repl_auto_review_required": settings.model.get("node_repl_auto_review_required", False),
        "node_repl_disabled": settings.model.get("node_repl_disabled", False),
        "workspaces": workspaces(
            None if turn is None else context.git, strip_credentials=settings.dialect.metadata.strip_credentials
        ),
        "turn_started_at_unix_ms": None if turn is None else int(turn.started_at * 1000),
        "analytics_enabled": walk_keys(settings.config.raw, "analytics").get("enabled", True),
        "model": settings.model.slug if compaction is None else None,
        "reasoning_effort": settings.reasoning_effort if compaction is None else None,
        "turn_state": None if turn is None else turn.state,
        "beta_features": ",".join((*beta, *style.always_beta)) or None,
        "responses_lite": "true" if settings.model.get("use_responses_lite") else None,
        **told_names(settings),
        "thread_originator": None if thread.originator == settings.originator else thread.originator,
    }


def _trigger(settings: Settings, parent: Parent | None) -> str | None:
    """What began the turn."""
    return parent.trigger if parent is not None else {"exec": "exec", "prompt": "user"}.get(settings.mode)


def _began(thread: Thread) -> str:
    if thread.inherited_at is not None and not thread.resumed:
        return "warm_fork"
    if thread.forked:
        return "cold_fork"
    if thread.resumed:
        return "cold_resume"
    return "cleared" if thread.cleared else "new"


def pick(keys: tuple[tuple[str, str], ...], values: dict[str, Any]) -> dict[str, Any]:
    """The object that (key, name of a value) pairs describe; values None are left out."""
    return {key: values[name] for key, name in keys if values.get(name) is not None}


def pick_texts(keys: tuple[tuple[str, str], ...], values: dict[str, Any]) -> dict[str, str]:
    """As `pick`, values as text."""
    return {key: str(value) for key, value in pick(keys, values).items()}
