"""From recordings to `pycodex/upstream/data/<version>`: the words that are upstream's, as data with provenance.

Which recording gives which file is the table `SOURCES`. Everything is derived from what is committed below
`captures/upstream`, so a test runs the export again and expects no difference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captures.export_code import CODE, REPL
from captures.export_goals import GOALS
from captures.export_guardian import APPROVALS
from captures.export_jobs import JOBS
from captures.export_messages import (
    agents_md_updates,
    compaction,
    content_filter_guidance,
    context_texts,
    deferred_tools,
    deferred_tools_of_prompt,
    generated_images,
    init,
    model_switch,
    personality_changed,
    plan_mode,
    skills_updates,
    skills_without_room,
    teammate,
    turn_aborted,
)
from captures.export_reviews import REVIEWS
from captures.features import PLAIN, features
from captures.manifest import read_manifest
from captures.recording import Recording, RecordingError, read_recording

__all__ = ["SOURCES", "Source", "export"]

LONG = 1000
"""Texts of the catalog of at least this many characters become files."""

Files = Iterator[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Source:
    """One recording (`<role>/<scenario id>`) and the function that takes (file name, text) pairs from it."""

    recording: str
    take: Callable[[Recording], Files]


def export(version_folder: Path, into: Path) -> int:
    """Writes the data of one version; returns the number of files. Files that no source gives any more are removed.

    Raises RecordingError where the version has no recordings.
    """
    manifest = read_manifest(version_folder)
    if manifest is None:
        raise RecordingError(f"{version_folder}: no recordings; run `make capture VERSION={version_folder.name}` first")
    files: dict[str, str] = {}
    provenance: dict[str, str] = {}
    merged: dict[str, dict[str, Any]] = {}
    for source in SOURCES:
        folder = version_folder / source.recording
        if not (folder / "result.json").exists():
            continue
        for name, text in source.take(read_recording(folder)):
            if name in ("models.json", "tools.json"):
                rows: dict[str, Any] = json.loads(text)
                known = merged.setdefault(name, {})
                for key, row in rows.items():
                    if key not in known:
                        known[key] = row
                        provenance[f"{name}#{key}"] = source.recording
            elif name not in files:
                files[name] = text
                provenance[name] = source.recording
    for name, text in _embedded(version_folder):
        if name == "models.json":
            merged.setdefault(name, {}).update(json.loads(text))
        else:
            files[name] = text
        provenance[name] = "models.json"
    for name, value in _prompt(version_folder):
        if name == "tools.json":
            for key, tool in value.items():
                if key not in merged[name]:
                    merged[name][key] = tool
                    provenance[f"{name}#{key}"] = "prompt.json"
        else:
            files[name] = value
            provenance[name] = "prompt.json"
    if flags := features(version_folder):
        files["features.json"] = _pretty(flags)
        provenance["features.json"] = PLAIN
    files.update({name: _pretty(rows) for name, rows in merged.items()})
    files["PROVENANCE.json"] = _pretty(
        {
            "version": manifest.version,
            "integrity": dict(manifest.integrity),
            "licence": "Apache-2.0, OpenAI; see NOTICE",
            "recordings": dict(sorted(provenance.items())),
        }
    )
    _write(files, into)
    return len(files)


def _embedded(version_folder: Path) -> Files:
    """The catalog that lies in the binary (see `captures.catalog`)."""
    path = version_folder / "models.json"
    if path.exists():
        yield from _rows_of(json.loads(path.read_text(encoding="utf-8"))["models"])


def _prompt(version_folder: Path) -> Iterator[tuple[str, Any]]:
    """What only a prompt in the terminal is told (see `captures.prompts`)."""
    path = version_folder / "prompt.json"
    if not path.exists():
        return
    data = json.loads(path.read_text(encoding="utf-8"))
    for mode, shape in data["modes"].items():
        for text in (text for message in shape["developer"] for text in message):
            if text.startswith("<permissions instructions>"):
                yield f"texts/permissions.{mode}.on-request.md", _roots_left_open(text)
            elif text.startswith("<collaboration_mode>"):
                yield "texts/collaboration_mode.md", text
            elif text.startswith("<tools>"):
                yield "texts/tools_deferred.prompt.md", text
    if (title := data.get("title")) is not None:
        yield "texts/title.md", title["user"][-1][0].replace(data["prompt"], "{prompt}")
        yield "texts/title_schema.json", json.dumps(title["text"]["format"]["schema"], ensure_ascii=False)
    yield "tools.json", data["tools"]


def _roots_left_open(text: str) -> str:
    return re.sub(r"(The writable roots are )[^\n]*(\.\n)", r"\1{writable_roots}\2", text)


def _write(files: Mapping[str, str], into: Path) -> None:
    for old in sorted(into.rglob("*")) if into.is_dir() else []:
        if old.is_file() and old.relative_to(into).as_posix() not in files:
            old.unlink()
    for name, text in files.items():
        path = into / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != text.encode():
            path.write_bytes(text.encode())


def _catalog(recording: Recording) -> Files:
    """The printed catalog (`debug models`): a row per model, long texts as files of their own."""
    line = recording.tree["runs"][0]["stdout"][0]
    yield from _rows_of(line["$json"]["models"] if isinstance(line, dict) else [])


def _rows_of(models: Sequence[Mapping[str, Any]]) -> Files:
    names: dict[str, str] = {}  # a text that several rows have is one file, named after the first of them
    for model in models:
        names.setdefault(model["base_instructions"], f"base_instructions.{model['slug']}.md")
    rows = {model["slug"]: _without_long(model, model["slug"], names) for model in models}
    yield from ((f"texts/{name}", text) for text, name in names.items())
    yield "models.json", _pretty(rows)


def _without_long(value: Any, slug: str, texts: dict[str, str], key: str = "text") -> Any:
    if isinstance(value, str) and len(value) >= LONG:
        return {"$text": texts.setdefault(value, f"{key}.{slug}.md")}
    if isinstance(value, dict):
        return {k: _without_long(v, slug, texts, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_long(v, slug, texts, key) for v in value]
    return value


def _skills(recording: Recording) -> Files:
    """How skills are listed: the list, and the roots where a version has them, as places."""
    for text in context_texts(recording):
        if text.startswith("<skills_instructions>"):
            text = re.sub(r"(### Skill roots\n)(?:- .*\n)+", r"\1{roots}\n", text)
            yield "texts/skills.md", re.sub(r"(### Available skills\n)(?:- .*\n)+", r"\1{skills}\n", text)


def _help(recording: Recording) -> Files:
    """The help texts of a command line: `exec resume -h` gives help.exec_resume.short.txt."""
    for given, run in zip(recording.inputs, recording.tree["runs"], strict=True):
        *words, last = given["argv"]
        if last in ("-h", "--help"):
            length = "short" if last == "-h" else "long"
            yield f"texts/help.{'_'.join(words)}.{length}.txt", "\n".join(run["stdout"])


def _feature_order(recording: Recording) -> Files:
    """The features in the order in which doctor lists them, which is that of the program's table."""
    text = "\n".join(line for line in recording.tree["runs"][0]["stdout"] if isinstance(line, str))
    details = json.loads(text)["checks"]["config.load"]["details"]
    yield "feature_order.json", _pretty(details["enabled feature flags"].split(", "))


def _untrusted_notice(recording: Recording) -> Files:
    """What a version prints first in a project that is not trusted."""
    for line in recording.tree["runs"][0]["stderr"][:1]:
        if isinstance(line, str) and line.startswith("warning: "):
            yield "texts/untrusted_notice.md", line.rstrip("\n")


def _fallback_prompt(recording: Recording) -> Files:
    """The base prompt for a model that is not in the catalog, from the rollout (both versions write it there)."""
    meta = recording.tree["rollouts"][0]["lines"][0]["$json"]["payload"]
    yield "texts/base_instructions.fallback.md", meta["base_instructions"]["text"]


def _tools(recording: Recording) -> Files:
    """The tools of a request, by name, exactly as on the wire."""
    body = recording.tree["requests"][0]["body"]
    yield "tools.json", _pretty({_tool_name(tool): tool for tool in body["tools"]})


def _tools_of(run: int, **names: str) -> Callable[[Recording], Files]:
    """Takes tools of the request of one run: by their own names, those of `names` by other ones."""

    def take(recording: Recording) -> Files:
        requests = [request for request in recording.tree["requests"] if request["run"] == run]
        for tool in (tool for request in requests for tool in request["body"]["tools"]):
            name = _tool_name(tool)
            yield "tools.json", _pretty({names.get(name, name): tool})

    return take


def _team_tools(recording: Recording) -> Files:
    """The namespace of other agents."""
    for tool in _opened_with(recording, 0):
        if _tool_name(tool) == "collaboration":
            yield "tools.json", _pretty({"collaboration": tool})


def _tools_with_roles(recording: Recording) -> Files:
    """The namespace of other agents where the user has made roles for them, without those."""
    for tool in _opened_with(recording, 0):
        if _tool_name(tool) == "collaboration":
            for inner in tool["tools"]:
                if (role := inner.get("parameters", {}).get("properties", {}).get("agent_type")) is not None:
                    text = re.sub(r"(?s)(Available roles:\n).*?(?=default: \{)", r"\1", role["description"])
                    role["description"] = text
            yield "tools.json", _pretty({"collaboration.roles": tool})


def _opened_with(recording: Recording, request: int) -> list[Any]:
    opening = recording.tree["requests"][request]["body"]["input"][0]
    return list(opening["tools"]) if opening["type"] == "additional_tools" else []


def _team(recording: Recording) -> Files:
    """What a model is told of other agents: its role (the catalog row's words as a place), and how free it is."""
    requests, rollouts = recording.tree["requests"], recording.tree["rollouts"]
    for request, rollout in zip(range(len(requests)), rollouts, strict=True):
        state = _world_state(rollout)
        if "mode" not in state.get("multi_agent_mode", {}):
            continue
        for text in context_texts(recording, request):
            if text.startswith("<multi_agent_mode>"):
                yield f"texts/multi_agent_mode.{state['multi_agent_mode']['mode']}.md", text
            if text.startswith("<multi_agent_role>"):
                yield "texts/multi_agent_role.md", "<multi_agent_role>{role}" + text.partition(_END_OF_ROLE)[2]
            if text.startswith("You are `/root`"):
                yield "texts/multi_agent_role.default.md", text


_END_OF_ROLE = "They may be addressed as to=/root\n"
"""The last words of a role in the catalog; what follows is the program's own."""


def _world_state(rollout: Mapping[str, Any]) -> dict[str, Any]:
    lines = [line["$json"] for line in rollout["lines"] if isinstance(line, dict)]
    return next((dict(line["payload"]["state"]) for line in lines if line["type"] == "world_state"), {})


def _permissions(recording: Recording) -> Files:
    """The permissions text, named by its own sandbox mode and approval policy; the writable roots as a place."""
    for text in context_texts(recording):
        mode = re.search(r"`sandbox_mode` is `([a-z-]+)`", text)
        if text.startswith("<permissions instructions>") and mode:
            policy = re.search(r"pproval policy is currently ([a-z-]+)", text)
            asked = "auto_review" if "`auto_review`" in text else "default"
            name = f"texts/permissions.{mode.group(1)}.{policy.group(1) if policy else asked}.md"
            yield name, _roots_left_open(text)


def _denied_reads(recording: Recording) -> Files:
    """What stands before the paths that a permission profile denies."""
    for text in context_texts(recording):
        if (head := re.search(r"(?m)^## Denied (?:(?!^- ).*\n)+", text)) is not None:
            yield "texts/permissions.denied_reads.md", head.group()


def _tool_name(tool: Mapping[str, Any]) -> str:
    return str(tool.get("name") or tool["type"])


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


_VARIANTS: tuple[tuple[str, int, dict[str, str]], ...] = (
    ("declared", 13, {"request_user_input": "request_user_input.default_mode"}),
    ("declared", 14, {"exec_command": "exec_command.permissions"}),
    ("declared_old", 1, {}),
    ("declared_old", 2, {}),
    ("declared_old", 5, {}),
    ("declared_old", 6, {"shell": "shell.permissions"}),
    ("declared_old", 7, {"shell_command": "shell_command.permissions"}),
    ("declared_old", 8, {"apply_patch": "apply_patch.function"}),
    ("declared_old", 11, {"view_image": "view_image.detail"}),
    ("declared_old", 15, {}),
    ("declared_new", 8, {}),
    ("declared_new", 10, {"exec_command": "exec_command.no_tty"}),
    ("declared_new", 11, {"exec_command": "exec_command.no_tty.permissions"}),
    ("declared_new", 15, {"view_image": "view_image.detail"}),
    ("declared_new", 20, {"tool_search": "tool_search.listing"}),
    ("declared_new", 29, {"clock": "clock.time"}),
    ("declared_new", 30, {}),
    ("declared_new", 31, {"clock": "clock.direct"}),
    ("declared", 3, {"clock": "clock.direct"}),
)
"""Scenario, run, and names of tools whose declaration there is not the usual one."""

_HELPS = ("cli/help", "cli/help_fork", "review/help", "doctor/help")

SOURCES: tuple[Source, ...] = (
    Source(recording="direct/debug/models", take=_catalog),
    Source(recording="direct/exec/hello", take=_tools),
    Source(recording="direct/exec/hello", take=_permissions),
    Source(recording="direct/exec/hello", take=deferred_tools),
    Source(recording="direct/exec/workspace_write", take=_permissions),
    Source(recording="direct/tools/exec_command", take=_permissions),
    Source(recording="direct/request/approve_for_me", take=_permissions),
    Source(recording="direct/sandbox/permission_profile", take=_denied_reads),
    Source(recording="direct/exec/resume_other_model", take=model_switch),
    Source(recording="code_mode/rollout/switch_models", take=model_switch),
    Source(recording="direct/exec/resume_other_model", take=deferred_tools),
    Source(recording="direct/interactive/resume_exec_thread", take=deferred_tools),
    Source(recording="direct/signals/sigint_silent", take=turn_aborted),
    Source(recording="code_mode/interactive/interrupt_in_text", take=turn_aborted),
    Source(recording="code_mode/interactive/first_turn", take=deferred_tools_of_prompt),
    Source(recording="direct/interactive/plan_mode", take=plan_mode),
    Source(recording="direct/compact/mid_turn", take=compaction),
    Source(recording="direct/interactive/init", take=init),
    Source(recording="direct/failures/content_filter", take=content_filter_guidance),
    Source(recording="fallback/exec/hello_fallback", take=_tools),
    Source(recording="code_mode/request/hello_code_mode", take=_team_tools),
    Source(recording="code_mode/tools/agent_roles", take=_tools_with_roles),
    Source(recording="code_mode/request/hello_code_mode", take=_team),
    Source(recording="code_mode/request/reasoning_ultra", take=_team),
    Source(recording="direct/context/personality_changed", take=personality_changed),
    Source(recording="direct/context/agents_md_changed", take=agents_md_updates),
    Source(recording="direct/output/image_made", take=generated_images),
    Source(recording="direct/context/untrusted_project", take=_untrusted_notice),
    Source(recording="direct/context/skills_one", take=_skills),
    Source(recording="direct/context/left_out_later", take=skills_updates),
    Source(recording="direct/context/skills_switches", take=skills_without_room),
    *(Source(recording=f"direct/{scenario}", take=_help) for scenario in _HELPS),
    Source(recording="direct/doctor/feature_order", take=_feature_order),
    *(Source(recording=told, take=take) for told, take in (*REVIEWS, *APPROVALS, *GOALS, *JOBS, *CODE, *REPL)),
    *(Source(recording=f"direct/tools/{scenario}", take=_tools_of(run, **names)) for scenario, run, names in _VARIANTS),
    Source(recording="direct/request/model_of_the_catalog", take=_team),
    Source(recording="direct/agents/v2_waited_for", take=teammate),
    Source(recording="fallback/exec/hello_fallback", take=_fallback_prompt),
    Source(recording="direct/mcp/no_tools", take=_tools),
)
"""In order of precedence: where two recordings give one file, the first counts."""
