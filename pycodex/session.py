"""Sessions: begin a thread, or take one up again from its rollout, of whichever version wrote it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycodex import rollout
from pycodex.context import ContextManager, Thread
from pycodex.ids import uuid4, uuid7
from pycodex.items import NOTE, said_by_user
from pycodex.protocol import DeprecationRaised, Item, Usage, WarningRaised
from pycodex.records import dataclass, names, replace
from pycodex.rollback import Cut, cut_place, end_of, prompts_of, surviving, without_last
from pycodex.upstream.toolset import agents_version

if TYPE_CHECKING:
    from pycodex.git_info import GitInfo
    from pycodex.settings import Settings

__all__ = [
    "Session",
    "SessionError",
    "begin",
    "fork",
    "go_back",
    "history_of",
    "installation_id",
    "prompts_so_far",
    "resume",
    "usage_of",
    "whole",
    "window_of",
]


_TORN = "{name}: the last line is torn (its writer was killed); it is left out, the rest of the thread is whole"


class SessionError(Exception):
    """The thread cannot be taken up; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """A thread ready to run."""

    context: ContextManager
    writer: rollout.RolloutWriter
    warnings: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    """What of its rollout could not be read; upstream says nothing of it."""

    def all_warnings(self) -> list[WarningRaised | DeprecationRaised]:
        """What a person should know before the turn: of the configuration, the thread, the model."""
        settings = self.context.settings
        unlisted = settings.dialect.models.fallback_warning.format(model=settings.model.slug)
        features, style = settings.features, settings.dialect.config.features
        # What the configuration is warned of is told twice (capture: config/features_deprecated).
        profile = settings.profile.warnings if settings.profile is not None else ()
        told = [WarningRaised(message=text) for text in (*settings.config.warnings, *profile)]
        path = settings.config.codex_home / "config.toml"
        suppressed = settings.config.raw.get("suppress_unstable_features_warning", False)
        unstable = style.unstable.format(names=", ".join(features.unstable), config=path)
        return [
            *told,
            *(DeprecationRaised(summary=summary, details=details) for summary, details in features.notices),
            *told,
            *(WarningRaised(message=text, session=True) for text in features.warnings),
            *([WarningRaised(message=unstable, session=True)] if features.unstable and not suppressed else []),
            *(WarningRaised(message=text) for text in settings.docs.warnings),
            *(WarningRaised(message=text, session=True) for text in (*self.warnings, *self._unlisted_tier())),
            *([] if settings.model_listed else [WarningRaised(message=unlisted)]),
            *(WarningRaised(message=text) for text in self._unadvertised_code()),
            *self._skills_without_room(),
        ]

    def _unlisted_tier(self) -> list[str]:
        settings = self.context.settings
        tier, warning = settings.unlisted_tier, settings.dialect.models.unlisted_tier
        return [] if tier is None or warning is None else [warning.format(tier=tier, model=settings.model.slug)]

    def _unadvertised_code(self) -> list[str]:
        settings = self.context.settings
        warning = settings.dialect.models.unadvertised_code
        if warning is None or not settings.model_listed:
            return []
        from pycodex.upstream.toolset import code_unadvertised

        return [warning.format(model=settings.model.slug)] if code_unadvertised(settings) else []

    def _skills_without_room(self) -> list[WarningRaised]:
        settings = self.context.settings
        if settings.dialect.skills.window_percent is None or not settings.skills.listed:
            return []
        from pycodex.upstream.skill_lists import unlisted_skills

        count = unlisted_skills(settings)
        text = settings.dialect.skills.unlisted.format(count=count, skills="skill was" if count == 1 else "skills were")
        return [WarningRaised(message=text)] if count else []


def installation_id(home: Path, *, keep: bool) -> str:
    """The id of this installation, from `$CODEX_HOME/installation_id`; made (and kept) when there is none."""
    path = home / "installation_id"
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError:
        text = ""
    if text:
        return text
    made = uuid4()
    if keep:
        with contextlib.suppress(OSError):  # a full disk: the next session makes another
            path.write_text(made, encoding="utf-8")
            os.chmod(path, 0o644)
    return made


def begin(settings: Settings, git: GitInfo | None, thread: Thread | None = None, *, cleared: bool = False) -> Session:
    """A new thread; `thread`: who it is, where that is settled; `cleared`: it stands in the place of another one."""
    keep = settings.dialect.client.installation_file
    if thread is None:
        thread = Thread.new(installation_id(settings.config.codex_home, keep=keep), settings.thread_source)
        thread = replace(thread, cleared=cleared)
    context = ContextManager(settings, thread, git=git)
    path = rollout.new_rollout_path(settings.config.codex_home, thread.id, thread.created_at)
    recorder = settings.dialect.rollout.recorder(context, ())
    return Session(context=context, writer=rollout.RolloutWriter(None if settings.ephemeral else path, recorder))


def resume(settings: Settings, git: GitInfo | None, path: Path) -> Session:
    """Take up the thread of a rollout. Raises SessionError when its first record does not say which thread it is."""
    torn = rollout.end_last_line(path)
    records, meta = whole(settings.config.codex_home, path)
    return _taken_up(settings, git, path, _thread_of(settings, records, meta), records, meta, torn=torn)


def _thread_of(settings: Settings, records: Sequence[Mapping[str, Any]], meta: Mapping[str, Any]) -> Thread:
    keep = settings.dialect.client.installation_file
    return replace(
        Thread.new(installation_id(settings.config.codex_home, keep=keep)),
        id=meta["id"],
        **window_of(records, meta),
        resumed=True,
        source=meta.get("thread_source"),
        originator=meta.get("originator"),
        forked_from=meta.get("forked_from_id"),
        forked_at=meta.get("forked_from_ordinal_exclusive"),
    )


def fork(settings: Settings, git: GitInfo | None, path: Path) -> Session:
    """A new thread that goes on from a rollout, which stays as it is. Raises SessionError."""
    records, meta = whole(settings.config.codex_home, path)
    keep = settings.dialect.client.installation_file
    thread = Thread.new(installation_id(settings.config.codex_home, keep=keep), settings.thread_source)
    thread = replace(
        thread,
        forked=True,
        forked_from=meta["id"],
        forked_at=1 + max((record.get("ordinal", -1) for record in records), default=-1),
        # Until it is resumed it speaks of the window of the thread that it was forked from (captured: rollout/fork).
        context_window_id=(meta.get("context_window") or {}).get("window_id") or thread.context_window_id,
        recorded_window_id=thread.context_window_id,
        forked_bytes=path.stat().st_size,
        forked_base=meta.get("base_instructions"),
        # A fork that is not kept goes on in the session of its source (captured: rollout/fork).
        session_id=meta["id"] if settings.ephemeral else None,
    )
    path = rollout.new_rollout_path(settings.config.codex_home, thread.id, thread.created_at)
    return _taken_up(settings, git, path, thread, records, meta, torn=False)


def whole(home: Path, path: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The records of a thread, with those of the threads that it was forked from, and its own first one."""
    # A line in the middle that is no record is passed over without a word (captured: rollout/unknown_lines).
    records, _ = rollout.read_rollout(path)
    meta = next((record["payload"] for record in records if record.get("type") == "session_meta"), None)
    if meta is None or not isinstance(meta.get("id"), str):
        raise SessionError(f"{path}: no session_meta record with an id; this is not a rollout of a thread")
    base = meta.get("history_base") or {}
    origin = base.get("thread_id", meta.get("forked_from_id"))
    end = base.get("end_ordinal_exclusive", meta.get("forked_from_ordinal_exclusive"))
    source = rollout.find_base(home, origin) if isinstance(origin, str) and isinstance(end, int) else None
    if source is not None and source != path:
        inherited, _ = whole(home, source)
        records = [*(record for record in inherited if record.get("ordinal", -1) < (end or 0)), *records]
    return [dict(record) for record in surviving(records)], meta


def prompts_so_far(settings: Settings, path: Path) -> list[str]:
    """What the user has said in the thread of a rollout, as far as it can be gone back to. Raises SessionError."""
    return prompts_of(whole(settings.config.codex_home, path)[0])


def go_back(settings: Settings, git: GitInfo | None, path: Path, prompts: int) -> Session:
    """Take up the thread of a rollout without its last prompts, so many of them. Raises SessionError.

    Either the rollout goes on and says so, or the thread goes on in another one, which begins at the cut (captured:
    interactive/backtrack, backtrack_far, backtrack_first).
    """
    home = settings.config.codex_home
    records, meta = whole(home, path)
    place = cut_place(records, prompts)
    kept, thread = records[:place], _thread_of(settings, records, meta)
    if settings.dialect.rollout.cuts_into_files and "ordinal" in records[0]:
        ordinal = int(records[place]["ordinal"]) if place < len(records) else 1 + int(records[-1]["ordinal"])
        cut = Cut(prompts=prompts, id=uuid7(), base=_base_before(home, path, ordinal))
        thread = replace(thread, cut=cut, forked_base=meta.get("base_instructions"))
        path = rollout.cut_rollout_path(home, thread.id, cut.id)
        left = kept if cut.base else []
        return _taken_up(settings, git, path, thread, left, meta, torn=False, dropped=records)
    # The tokens that were used stay used.
    used = next((record for record in reversed(records) if record["payload"].get("type") == "token_count"), None)
    thread = replace(thread, cut=Cut(prompts=prompts))
    kept = [*map(dict, without_last(records, prompts)), *([used] if used else [])]
    session = _taken_up(settings, git, path, thread, kept, meta, torn=False, dropped=records)
    from pycodex.fullness import estimated_tokens

    context = session.context
    context.last_usage = Usage(total_tokens=estimated_tokens(context))
    return session


def _base_before(home: Path, path: Path, ordinal: int) -> Mapping[str, Any] | None:
    """Where what stands before that ordinal ends; None: it is the first record alone."""
    records, _ = rollout.read_rollout(path)
    meta = records[0]
    base = meta["payload"].get("history_base")
    if meta["ordinal"] >= ordinal - 1:
        if not base:
            return None
        earlier = rollout.find_base(home, base["thread_id"])
        if earlier is not None:
            return _base_before(home, earlier, ordinal)
    identity = path.stem.rpartition("_")[2] if "_" in path.stem else meta["payload"]["id"]
    return {"thread_id": identity, "end_ordinal_exclusive": ordinal, "end_byte_offset": end_of(path, ordinal)}


def _taken_up(
    settings: Settings,
    git: GitInfo | None,
    path: Path,
    thread: Thread,
    records: Sequence[Mapping[str, Any]],
    meta: Mapping[str, Any],
    *,
    torn: bool,
    dropped: Sequence[Mapping[str, Any]] = (),
) -> Session:
    # Settings of the thread (captured: request/approve_for_me, rollout/switch_models).
    last = _last_turn(records) or _last_turn(dropped) or {}
    reviewer = last.get("approvals_reviewer")
    if isinstance(reviewer, str) and not settings.auto_review:
        settings = replace(settings, approvals_reviewer=reviewer)
    # Where nothing says which other agents it had, they are of the older kind (captured: review/resumed).
    if (unknown := settings.dialect.toolset.agents.unknown) is not None:
        settings = replace(settings, agents=last.get("multi_agent_version", unknown))
    settings = _kept(settings, records, meta, forked=thread.forked)
    previous = settings.dialect.context.previous(records)
    # A team that is away is listed still (captured: agents/v2_resumed).
    if agents_version(settings) == "v2" and not thread.forked:
        listed = (previous or {}).get("environments", {}).get("subagents")
        settings = replace(settings, companions=listed or "")
    # A fork is not warned of another model (captured: rollout/fork_other_model).
    warning = None if thread.forked else settings.dialect.context.resume_warning(last, settings)
    context = ContextManager(
        settings,
        thread,
        history=history_of(records),
        previous=previous,
        base_instructions=_base_of(meta) if settings.custom_instructions is None else None,
        usage=usage_of(records),
        last_usage=usage_of(records, "last_token_usage"),
        model_before=last or None,
        git=git,
    )
    recorder = settings.dialect.rollout.recorder(context, records)
    # A thread that is kept goes on to be kept (captured: exec/resume_ways).
    kept = not (settings.ephemeral and thread.forked)
    return Session(
        context=context,
        writer=rollout.RolloutWriter(path if kept else None, recorder),
        warnings=(warning,) if warning else (),
        damaged=(_TORN.format(name=path.name),) if torn else (),
    )


def _kept(
    settings: Settings, records: Sequence[Mapping[str, Any]], meta: Mapping[str, Any], *, forked: bool
) -> Settings:
    """The settings, with what the thread keeps of its own; a fork keeps none (captured: rollout/kept_settings)."""
    models = (record["payload"].get("model") for record in records if record.get("type") == "turn_context")
    if next(models, None) == settings.model.slug:
        settings = replace(settings, recorded_instructions=_base_of(meta))
    events = (record["payload"] for record in reversed(records) if record.get("type") == "event_msg")
    applied = next((event for event in events if event.get("type") == "thread_settings_applied"), None)
    if forked or applied is None or not settings.dialect.rollout.kept_settings:
        return settings
    told, names = applied["thread_settings"], settings.dialect.rollout.kept_settings.items()
    kept = {ours: told.get(theirs) for theirs, ours in names}
    if settings.mode == "prompt":
        # Captured: interactive/resume_exec_thread, interactive/options_kept.
        if "approval" not in settings.config.given:
            kept["approval_policy"] = told.get("approval_policy")
        if settings.subagent is None:
            from pycodex.sandbox_choice import kept_sandbox

            settings = kept_sandbox(settings, told)
    mode: Mapping[str, Any] = told.get("collaboration_mode") or {}
    return replace(
        settings,
        config=replace(settings.config, **kept),
        asked=settings.config,
        keeps_collaboration=bool((mode.get("settings") or {}).get("developer_instructions")),
    )


def _base_of(meta: Mapping[str, Any]) -> str | None:
    text = (meta.get("base_instructions") or {}).get("text")
    return text if isinstance(text, str) else None


def _last_turn(records: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    turns = (record["payload"] for record in reversed(records) if record.get("type") == "turn_context")
    return next(turns, None)


def history_of(records: Sequence[Mapping[str, Any]]) -> list[Item]:
    """The items of a rollout, as the history holds them."""
    found: list[Item] = []
    for record in records:
        payload = record["payload"]
        if record.get("type") == "response_item" and not (record.get("metadata") or {}).get("compaction_output"):
            found.append(payload)
        elif record.get("type") == "compacted":
            found = _compacted(found, payload)
    return [{key: value for key, value in item.items() if key != NOTE} for item in found]


def _compacted(history: Sequence[Item], payload: Mapping[str, Any]) -> list[Item]:
    """The history after a compaction. Old rollouts have the summary alone: what the user said stands before it."""
    if (replaced := payload.get("replacement_history")) is not None:
        return list(replaced)
    summary = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": payload["message"]}]}
    return [*filter(said_by_user, history), summary]


def window_of(records: Sequence[Mapping[str, Any]], meta: Mapping[str, Any]) -> dict[str, Any]:
    """The stretch of the thread that its last compaction began, or its first record (`meta`)."""
    payloads = (record["payload"] for record in reversed(records) if record.get("type") == "compacted")
    last: Mapping[str, Any] = next(payloads, {})
    if "window_id" not in last:
        return {"context_window_id": (meta.get("context_window") or {}).get("window_id") or uuid7()}
    return {
        "context_window_id": last["window_id"],
        "window_number": last["window_number"],
        "first_window_id": last.get("first_window_id"),
        "previous_window_id": last.get("previous_window_id"),
    }


def usage_of(records: Sequence[Mapping[str, Any]], which: str = "total_token_usage") -> Usage:
    """The tokens that a rollout's thread has used: all of them, or those of the last answer."""
    for record in reversed(records):
        payload = record["payload"]
        if payload.get("type") == "token_count" and payload.get("info"):
            total = payload["info"][which]
            known = names(Usage)
            return Usage(**{key: value for key, value in total.items() if key in known})
    return Usage()
