"""What a rollout keeps of a turn's context, and what is said when it changed since.

Two ways: the plain turn_context record of the last turn is compared (`turn_context_*`), or a world state made for the
purpose (`world_state_*`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.protocol import Part
from pycodex.upstream import blocks
from pycodex.upstream.included import COLLABORATION_MODE, ENVIRONMENT, HOST_SKILLS, PERMISSIONS, left_out
from pycodex.upstream.instructions import personality
from pycodex.upstream.permissions import filesystem_element, permissions_text, policy_with_memories
from pycodex.upstream.records_flat import collaboration_mode as kept_mode
from pycodex.upstream.skill_lists import skills_below_roots, skills_body
from pycodex.upstream.toolset import declared_tools
from pycodex.upstream.windows import ROOT, tells_window
from pycodex.upstream.world_state import apply_patch, fragment_hash, json_hash

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = [
    "AGENTS_MD",
    "COLLABORATION",
    "DEVELOPER",
    "HARNESS",
    "SKILLS",
    "TOOL_SEARCH",
    "model_changed_warning",
    "turn_context_previous",
    "turn_context_snapshot",
    "turn_context_update",
    "world_state_previous",
    "world_state_snapshot",
    "world_state_update",
]

HARNESS: Mapping[str, Any] = {"provenance": {"type": "harness", "hook": False}}
DEVELOPER: Mapping[str, Any] = {"provenance": {"type": "developer_instructions", "from_additional_requirements": False}}
AGENTS_MD: Mapping[str, Any] = {"provenance": {"type": "agents_md"}}
SKILLS: Mapping[str, Any] = {"provenance": {"type": "skills"}}
TOOL_SEARCH: Mapping[str, Any] = {"provenance": {"type": "tool", "namespace": "tool_search"}}

COLLABORATION: Mapping[str, Any] = {"provenance": {"type": "tool", "namespace": "collaboration"}}

_EMPTY_MODE = "<collaboration_mode></collaboration_mode>"
_NO_CATALOG = "<model_catalog>\nThe previous spawn_agent model catalog no longer applies.\n</model_catalog>"


def _last(records: Sequence[Mapping[str, Any]], kind: str) -> Mapping[str, Any] | None:
    payloads = (record["payload"] for record in reversed(records) if record.get("type") == kind)
    return next(payloads, None)


def model_changed_warning(previous: Mapping[str, Any] | None, settings: Settings) -> str | None:
    """The warning for a thread that goes on with another model."""
    before, now = (previous or {}).get("model"), settings.model.slug
    if before is None or before == now:
        return None
    return (
        f"This session was recorded with model `{before}` but is resuming with `{now}`. "
        f"Consider switching back to `{before}` as it may affect Codex performance."
    )


def turn_context_snapshot(settings: Settings, opened: bool = False) -> dict[str, Any]:
    """What the next turn compares with."""
    return {
        "cwd": str(settings.cwd),
        "current_date": settings.today,
        "timezone": settings.timezone,
        "approval_policy": settings.approval_policy,
        "sandbox_policy": policy_with_memories(settings),
        "model": settings.model.slug,
        "collaboration_mode": kept_mode(settings),
        **({"personality": own} if (own := personality(settings)) else {}),
    }


def turn_context_previous(records: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The last turn_context of a rollout, unless a compaction came after it, which leaves the context out."""
    kinds = [record.get("type") for record in records]
    if "compacted" in kinds and "turn_context" not in kinds[len(kinds) - kinds[::-1].index("compacted") :]:
        return None
    found = _last(records, "turn_context")
    return None if found is None else dict(found)


def turn_context_update(before: Mapping[str, Any], settings: Settings, opened: bool) -> list[tuple[str, list[Part]]]:
    """One developer message (model, permissions), one user message (place and time)."""
    now = turn_context_snapshot(settings)
    developer: list[Part] = []
    if before.get("model") != now["model"]:
        developer.append(_part("model_switch.instructions", blocks.model_switch(settings)))
    if any(before.get(key) != now[key] for key in ("sandbox_policy", "approval_policy")):
        developer.append(_part("permissions.instructions", permissions_text(settings)))
    mode = before.get("collaboration_mode")
    if (
        mode is not None
        and mode != now["collaboration_mode"]
        and (text := blocks.collaboration_mode(settings)) is not None
    ):
        developer.append(_part("collaboration_mode", text))
    other = before.get("personality") != now.get("personality") and before.get("model") == now["model"]
    if other and "personality" in settings.features and (text := blocks.personality_changed(settings)) is not None:
        developer.append(_part("personality_spec", text))
    messages = [("developer", developer)] if developer else []
    if any(before.get(key) != now[key] for key in ("cwd", "current_date", "timezone")):
        messages.append(("user", [_part("environments.environment_context", blocks.environment(settings))]))
    return messages


def _part(kind: str, text: str, provenance: Mapping[str, Any] = HARNESS) -> Part:
    return Part(text=text, kind=kind, provenance=provenance)


def _agents_state(settings: Settings) -> dict[str, Any]:
    text = blocks.agents_text(settings)
    if text is None:
        return {}
    return {**({"directory": str(settings.cwd)} if settings.docs.docs else {}), "text": text}


def _namespaces(settings: Settings) -> dict[str, Any]:
    """The deferred namespaces out of the text that lists them (`- name: description`, or a name alone)."""
    text = blocks.deferred_tools(settings) or ""
    rows = (line[2:].partition(": ") for line in text.splitlines() if line.startswith("- "))
    found = {name: description for name, _, description in rows}
    return {"tools": found} if found else {}


def _model(settings: Settings, opened: bool) -> Any:
    """The model's name; with the hash of the base prompt, where that is an item of the history."""
    if not opened:
        return settings.model.slug
    return {"model": settings.model.slug, "instructions": fragment_hash("developer", settings.base_instructions)}


def _team(settings: Settings) -> dict[str, Any]:
    role = blocks.multi_agent_role(settings) or blocks.multi_agent_hint(settings)
    if role is None:
        return {"multi_agent_mode": {}}
    hint = fragment_hash("developer", role)
    mode = {"mode": blocks.delegation(settings), "usage_hint_hash": hint}
    return {"multi_agent_mode": mode, "multi_agent_usage_hint": hint}


def _new_model(before: Any, settings: Settings, opened: bool) -> Part:
    if opened:
        told = before.get("model") if isinstance(before, Mapping) else before
        return _part("model.instructions", blocks.model_instructions(settings, switched=told != settings.model.slug))
    return _part("model_switch.instructions", blocks.model_switch(settings))


def _top_level_tools(settings: Settings, opened: bool) -> dict[str, Any]:
    """Hashes of the tools that the thread opened with, by name; a namespace's own without its tools."""
    if not opened:
        return {}
    hashes: dict[str, str] = {}
    for space in declared_tools(settings):
        hashes[space["name"]] = json_hash({key: value for key, value in space.items() if key != "tools"})
        hashes |= {f"{space['name']}.{tool['name']}": json_hash(tool) for tool in space.get("tools", ())}
    return {"top_level_tools": dict(sorted(hashes.items()))}


def world_state_snapshot(settings: Settings, opened: bool) -> dict[str, Any]:
    """The whole state, keys in order; `opened`: of a thread that opens with its tools."""
    gone = left_out(settings)
    body = None if HOST_SKILLS in gone else skills_body(settings)
    state = {
        "agents_md": _agents_state(settings),
        "apps_instructions": False,
        "collaboration_mode": {
            "mode": settings.collaboration,
            "model": settings.model.slug,
            "instructions": fragment_hash("developer", blocks.collaboration_mode(settings) or _EMPTY_MODE),
        },
        **({"context_window": ROOT} if tells_window(settings) else {}),
        "context_window_guidance": "",
        "environments": {
            "environments": {"local": {"cwd": str(settings.cwd), "status": "available", "shell": settings.shell.name}},
            "current_date": settings.today,
            "timezone": settings.timezone,
            "filesystem": filesystem_element(settings),
            **({"subagents": settings.companions} if settings.companions else {}),
        },
        "environments_instructions": False,
        "git_attribution": False,
        "host_skills": {**({"body": body} if body else {}), "includeInstructions": HOST_SKILLS not in gone},
        "managed_developer_instructions": {},
        "model": _model(settings, opened),
        "model_catalog": fragment_hash("developer", _NO_CATALOG),
        **_team(settings),
        "permissions": {
            "instructions": fragment_hash("developer", permissions_text(settings)),
            "approved_command_prefixes": settings.rules.allowed_prefixes(),
        },
        "persistent_mode": {},
        "plugins_instructions": False,
        "realtime": {"active": False},
        "skills": {"includeInstructions": HOST_SKILLS not in gone},
        **_namespaces(settings),
        **_top_level_tools(settings, opened),
    }
    if PERMISSIONS in gone:
        state["approved_command_prefixes"] = settings.rules.allowed_prefixes()
    unsaid = {*(settings.subagent.unsaid if settings.subagent is not None else ())}
    unsaid |= {key for kind, key in _SAID_IN.items() if kind in gone}
    return {key: value for key, value in sorted(state.items()) if key not in unsaid}


_SAID_IN = {COLLABORATION_MODE: "collaboration_mode", ENVIRONMENT: "environments", PERMISSIONS: "permissions"}
"""The part of the state that a kind of context expresses."""


def world_state_previous(records: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The state after all world_state records of a rollout; for a rollout without any, the last model and place."""
    state: dict[str, Any] | None = None
    for record in records:
        if record.get("type") == "world_state":
            payload = record["payload"]
            state = dict(payload["state"]) if payload.get("full") else apply_patch(state or {}, payload["state"])
    return state


def world_state_update(before: Mapping[str, Any], settings: Settings, opened: bool) -> list[tuple[str, list[Part]]]:
    """What is said of the parts of the state that changed: those of one role that come together are one message."""
    messages: list[tuple[str, list[Part]]] = []
    for role, part in _changes(before, world_state_snapshot(settings, opened), settings, opened):
        last = messages[-1] if messages else ("", [])
        if last[0] == role and not {last[1][-1].kind, part.kind} & _ALONE:
            last[1].append(part)
        else:
            messages.append((role, [part]))
    return messages


_ALONE = {
    "model.instructions",
    "model_switch.instructions",
    "multi_agent.role_instructions",
    "multi_agent.usage_hint",
    "tools.removed_definition",
}
"""Parts that are messages of their own."""


def _changes(
    before: Mapping[str, Any], now: Mapping[str, Any], settings: Settings, opened: bool
) -> Iterator[tuple[str, Part]]:
    """The parts in order (captured: rollout/switch_models, exec/resume_other_model, context/skills_changed).

    Where the permissions are left out, the skills come last, as in `included`.
    """
    if before.get("model") != now["model"]:
        yield "developer", _new_model(before.get("model"), settings, opened)
    agents = before.get("agents_md") or {}
    if agents != now["agents_md"]:
        said = blocks.agents_md_update(settings, replaced="text" in agents)
        yield "user", _part("agents_md.instructions", said, AGENTS_MD)
    if "permissions" in now:
        yield from _skills_changed("host_skills", before, now, settings)
        if before.get("permissions") != now["permissions"]:
            yield "developer", _part(PERMISSIONS, permissions_text(settings))
    modes, mode = before.get("collaboration_mode", {}), now.get("collaboration_mode", {})
    if mode and modes != mode:
        text = blocks.collaboration_mode(settings)
        if text is not None or (modes and modes.get("instructions") != mode["instructions"]):
            yield "developer", _part(COLLABORATION_MODE, text or _EMPTY_MODE)
    places, place = _places(before), _places(now)
    if place and places != place:
        moved = places.get("environments") != place["environments"]
        yield "user", _part(ENVIRONMENT, blocks.environment_update(settings, moved=moved))
    declared = now.get("top_level_tools", {})
    gone = [name for name in before.get("top_level_tools", {}) if declared and name not in declared]
    if gone:
        yield "developer", _part("tools.removed_definition", blocks.removed_tools(gone))
    if before.get("tools") != now.get("tools"):
        text = blocks.changed_tools(settings, before.get("tools", {}), now.get("tools", {}))
        yield "developer", _part("tools.deferred_namespaces", text, TOOL_SEARCH)
    yield from _skills_changed("skills", before, now, settings)
    if "permissions" not in now:
        yield from _skills_changed("host_skills", before, now, settings)
    if before.get("multi_agent_usage_hint") != now.get("multi_agent_usage_hint"):
        for kind, words in (
            ("multi_agent.usage_hint", blocks.multi_agent_hint(settings)),
            ("multi_agent.role_instructions", blocks.multi_agent_role(settings)),
        ):
            if words is not None:
                yield "developer", _part(kind, words, COLLABORATION)
    freedom = blocks.multi_agent_mode(settings)
    if freedom is not None and before.get("multi_agent_mode") != now["multi_agent_mode"]:
        yield "developer", _part("multi_agent.mode_instructions", freedom, COLLABORATION)


def _places(state: Mapping[str, Any]) -> dict[str, Any]:
    """Where the thread is; who else is there is not said again (captured: agents/forked, agents/v2_inherited)."""
    return {key: value for key, value in state.get("environments", {}).items() if key != "subagents"}


def _skills_changed(
    key: str, before: Mapping[str, Any], now: Mapping[str, Any], settings: Settings
) -> Iterator[tuple[str, Part]]:
    """The skills on this machine (`host_skills`) or those of other environments, of which there are none here."""
    if key not in before or before[key] == now[key]:
        return
    state = "none" if now[key]["includeInstructions"] else "unlisted"
    text = skills_below_roots(settings) if "body" in now[key] else settings.data.text(f"{key}_update.{state}.md")
    yield "developer", _part(f"{key}.instructions", text or "", SKILLS)
