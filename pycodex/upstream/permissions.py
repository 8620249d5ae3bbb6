"""Sandbox modes as upstream words them: the permissions text, policies and profiles in rollouts, writable roots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pycodex.permission_profiles import PermissionProfile
    from pycodex.sandbox import Readable
    from pycodex.settings import Settings

__all__ = [
    "active_profile",
    "filesystem_element",
    "filesystem_policy",
    "missing_bubblewrap",
    "no_environment",
    "no_warnings",
    "permission_profile",
    "permissions_text",
    "policy_with_memories",
    "policy_without_roots",
    "profile_environment",
    "roots_added_first",
    "roots_added_last",
    "roots_in_policy_order",
    "roots_sorted",
    "summary_with_memories",
    "summary_without_memories",
    "workspace_roots",
]

_PROTECTED = (".git", ".agents", ".codex", ".aws")
"""Folders of the workspace that stay read-only in workspace-write mode."""


def _extra_roots(table: Mapping[str, Any]) -> list[Path]:
    return [Path(root) for root in table.get("writable_roots", ())]


def _temp_roots(env: Mapping[str, str], table: Mapping[str, Any]) -> list[Path]:
    roots = [] if table.get("exclude_slash_tmp") else [Path("/tmp")]
    if env.get("TMPDIR") and not table.get("exclude_tmpdir_env_var"):
        roots.append(Path(env["TMPDIR"]))
    return roots


def roots_in_policy_order(cwd: Path, home: Path, env: Mapping[str, str], table: Mapping[str, Any]) -> tuple[Path, ...]:
    """Configured roots and the memories folder, the workspace, the temporary folders; not each once only (captured:
    context/roots_order)."""
    return (*_extra_roots(table), home / "memories", cwd, *_temp_roots(env, table))


def roots_sorted(cwd: Path, home: Path, env: Mapping[str, str], table: Mapping[str, Any]) -> tuple[Path, ...]:
    """The workspace, configured roots and temporary folders, sorted, each once."""
    return tuple(sorted({cwd, *_extra_roots(table), *_temp_roots(env, table)}))


def roots_added_last(cwd: Path, configured: Sequence[str], added: Sequence[Path]) -> tuple[Path, ...]:
    """Configured roots as they are, then those of the command line that are not among them."""
    roots = [Path(root) for root in configured]
    return (*roots, *(root for root in dict.fromkeys(added) if root not in roots))


def roots_added_first(cwd: Path, configured: Sequence[str], added: Sequence[Path]) -> tuple[Path, ...]:
    """Those of the command line, then the configured ones, each once, without the workspace."""
    roots = dict.fromkeys((*added, *(Path(root) for root in configured)))
    return tuple(root for root in roots if root != cwd)


def permissions_text(settings: Settings) -> str:
    """The `<permissions instructions>` part."""
    if (own := _own_words(settings)) is not None:
        text = own
    elif settings.auto_review:
        text = _reviewed(settings)
    else:
        text = settings.data.text(f"permissions.{settings.told_sandbox_mode}.{settings.approval_policy}.md")
    roots = [f"`{root}`" for root in settings.sandbox.writable_roots]
    if len(roots) == 1:
        text = text.replace("writable roots are {writable_roots}", "writable root is {writable_roots}")
    text = text.replace("{writable_roots}", ", ".join(roots))
    if settings.sandbox.mode != "danger-full-access" or not settings.sandbox.network:
        words = ("restricted", "enabled") if settings.sandbox.network else ("enabled", "restricted")
        text = text.replace(f"Network access is {words[0]}", f"Network access is {words[1]}")
    return _with_denials(text, settings)


_END = "</permissions instructions>"


def _with_denials(text: str, settings: Settings) -> str:
    entries = settings.profile.entries if settings.profile is not None else ()
    denied = [entry for entry in entries if entry.access == "deny" and entry.kind in ("path", "glob")]
    if not denied:
        return text
    head, end, _ = text.rpartition(_END)
    lines = [f"- path `{entry.value}`\n" for entry in denied if entry.kind == "path"]
    lines += sorted(f"- glob `{entry.value}`\n" for entry in denied if entry.kind == "glob")
    return f"{head}{settings.data.text('permissions.denied_reads.md')}{''.join(lines)}{end}"


def _own_words(settings: Settings) -> str | None:
    """The text of a model whose row has words for the sandbox and for approvals, even none at all."""
    messages = settings.model.get("model_messages") or {}
    mode = (messages.get("permissions") or {}).get(settings.sandbox.mode.replace("-", "_"))
    policy = (messages.get("approvals") or {}).get(settings.approval_policy.replace("-", "_"))
    if mode is None or policy is None:
        return None
    return f"<permissions instructions>\n{mode}{policy}</permissions instructions>"


def _reviewed(settings: Settings) -> str:
    """The text where a model reviews; a model of the catalog may have its own words in place of the rules."""
    name = f"permissions.{settings.sandbox.mode}.auto_review.md"
    if not settings.data.has_text(name):
        name = f"permissions.{settings.sandbox.mode}.on-request.md"
    text = settings.data.text(name)
    own = ((settings.model.get("model_messages") or {}).get("approvals") or {}).get("on_request_auto_review")
    start, end = text.find("# Escalation Requests"), text.find(" The writable roots are ")
    return text if own is None or start < 0 or end < 0 else f"{text[:start]}{own}\n{text[end:]}"


def _all_roots(settings: Settings) -> list[Path]:
    """Configured roots and those of the command line."""
    configured = settings.config.sandbox_workspace_write.get("writable_roots", ())
    return list(settings.dialect.cli.added_roots(settings.cwd, configured, settings.added_roots))


def _workspace_policy(settings: Settings) -> dict[str, Any]:
    table = settings.config.sandbox_workspace_write
    return {
        "network_access": settings.sandbox.network,
        "exclude_tmpdir_env_var": bool(table.get("exclude_tmpdir_env_var", False)),
        "exclude_slash_tmp": bool(table.get("exclude_slash_tmp", False)),
    }


def policy_with_memories(settings: Settings) -> dict[str, Any]:
    """`sandbox_policy` of a turn_context whose writable roots include the memories folder."""
    sandbox = settings.sandbox
    access = {} if sandbox.readable is None else _read_access(sandbox.readable)
    if sandbox.mode == "danger-full-access":
        return {"type": sandbox.mode} if sandbox.network else {"type": _EXTERNAL, "network_access": "restricted"}
    if sandbox.mode == "read-only":
        network = {"network_access": True} if sandbox.network else {}
        return {"type": sandbox.mode, **({"access": access} if access else {}), **network}
    roots = [*_all_roots(settings), settings.config.codex_home / "memories"]
    return {
        "type": "workspace-write",
        "writable_roots": [str(root) for root in roots],
        **({"read_only_access": access} if access else {}),
        **_workspace_policy(settings),
    }


_EXTERNAL = "external-sandbox"
"""What a profile is called that keeps no file from being written, but has no network."""


def _read_access(readable: Readable) -> dict[str, Any]:
    roots = [str(root) for root in readable.roots]
    named = {"readable_roots": roots} if roots else {}
    return {"type": "restricted", "include_platform_defaults": readable.platform, **named}


def policy_without_roots(settings: Settings) -> dict[str, Any]:
    """`sandbox_policy` of a turn_context that names writable roots only when the configuration does."""
    if settings.profile is not None:
        return _policy_of_profile(settings, settings.profile)
    if settings.sandbox.mode != "workspace-write":
        return {"type": settings.sandbox.mode}
    extra = [str(root) for root in _all_roots(settings)]
    roots = {"writable_roots": extra} if extra else {}
    return {"type": "workspace-write", **roots, **_workspace_policy(settings)}


def _policy_of_profile(settings: Settings, profile: PermissionProfile) -> dict[str, Any]:
    """The older form of a profile (captured: config/permission_profiles)."""
    if profile.writes_everything:
        if profile.network:
            return {"type": "danger-full-access"}
        return {"type": _EXTERNAL, "network_access": "restricted"}
    if not any(entry.access == "write" and entry.kind != "unknown" for entry in profile.entries):
        return {"type": "read-only", **({"network_access": True} if profile.network else {})}
    places = [place for access, place in profile.places(settings.environment.get("TMPDIR")) if access == "write"]
    own_folder = settings.cwd in places
    everything = profile.special("root") == "write"
    temporary = everything or profile.special("slash_tmp") == "write"
    hidden = [settings.cwd, *([Path("/tmp")] if own_folder else [])]
    roots = [str(place) for place in places if place not in hidden]
    return {
        "type": "workspace-write",
        **({"writable_roots": roots} if roots else {}),
        "network_access": profile.network,
        "exclude_tmpdir_env_var": not (profile.special("tmpdir") == "write" and settings.environment.get("TMPDIR")),
        "exclude_slash_tmp": not temporary,
    }


def _summary_of_profile(settings: Settings, profile: PermissionProfile) -> str:
    network = " (network access enabled)" if profile.network else ""
    if profile.writes_everything:
        return "danger-full-access" if profile.network else _EXTERNAL
    places = [place for access, place in profile.places(settings.environment.get("TMPDIR")) if access == "write"]
    if not places:
        return f"read-only{network}"
    if settings.cwd not in places:
        return f"custom permissions{network}"
    words = ["workdir"]
    words += ["/tmp"] if profile.special("slash_tmp") == "write" else []
    words += ["$TMPDIR"] if profile.special("tmpdir") == "write" and settings.environment.get("TMPDIR") else []
    words += [str(root) for root in profile.roots if root in places]
    return f"workspace-write [{', '.join(words)}]{network}"


def _summary(settings: Settings, extra: list[Path]) -> str:
    mode, table = settings.sandbox.mode, settings.config.sandbox_workspace_write
    network = " (network access enabled)" if settings.sandbox.network else ""
    if mode == "danger-full-access":
        return mode if network else _EXTERNAL
    if mode == "read-only":
        return f"{mode}{network}"
    words = ["workdir"]
    words += [] if table.get("exclude_slash_tmp") else ["/tmp"]
    words += [] if table.get("exclude_tmpdir_env_var") else ["$TMPDIR"]
    words += [str(root) for root in extra]
    return f"{mode} [{', '.join(words)}]{network}"


def summary_with_memories(settings: Settings) -> str:
    """The banner's `sandbox:` value."""
    extra = [*_all_roots(settings), settings.config.codex_home / "memories"]
    return _summary(settings, extra)


def summary_without_memories(settings: Settings) -> str:
    """The banner's `sandbox:` value."""
    if settings.profile is not None:
        return _summary_of_profile(settings, settings.profile)
    return _summary(settings, _all_roots(settings))


def workspace_roots(settings: Settings) -> list[Path]:
    """The working directory, the configured roots, in whatever mode, and those of the command line."""
    return [settings.cwd, *_all_roots(settings)]


def _entries(settings: Settings) -> list[tuple[str, str, str]]:
    """(access, kind of path, value) of a managed profile, in order."""
    if settings.profile is not None:
        return [(entry.access, entry.kind, entry.value) for entry in settings.profile.entries]
    entries = [("read", "special", "root")]
    if settings.sandbox.mode == "workspace-write" or settings.sandbox.narrowed:
        table = settings.config.sandbox_workspace_write
        extra = [("write", "path", str(root)) for root in _extra_roots(table)]
        entries += [("write", "path", str(root)) for root in workspace_roots(settings)]
        entries += [] if table.get("exclude_slash_tmp") else [("write", "special", "slash_tmp")]
        entries += [] if table.get("exclude_tmpdir_env_var") else [("write", "special", "tmpdir")]
        # Configured roots stand here twice: as workspace roots, and as the policy's own (captured).
        entries += extra
        roots = workspace_roots(settings)
        entries += [("read", "protected", str(root / name)) for name in _PROTECTED for root in roots]
        # And what is there to be protected in the configured ones, once more (captured: sandbox/writable_roots).
        own = [root / name for root in _extra_roots(table) for name in _PROTECTED]
        entries += [("read", "protected", str(path)) for path in own if path.exists()]
    if settings.sandbox.narrowed:
        return [("read", kind, value) for _, kind, value in entries]
    return entries


def permission_profile(settings: Settings) -> dict[str, Any]:
    """The `permission_profile` of a rollout."""
    if settings.sandbox.mode == "danger-full-access" and settings.profile is None:
        return {"type": "disabled"}
    entries: list[dict[str, Any]] = []
    for access, kind, value in _entries(settings):
        extra = {"missing_path_behavior": "skip"} if kind == "protected" else {}
        entries.append({"path": _recorded(kind, value), "access": access, **extra})
    return {
        "type": "managed",
        "file_system": {"type": "restricted", "entries": entries, **_depth(settings)},
        "network": "enabled" if settings.sandbox.network else "restricted",
    }


def _recorded(kind: str, value: str) -> dict[str, Any]:
    if kind == "special":
        return {"type": "special", "value": {"kind": value}}
    if kind == "unknown":
        path, slash, below = value.partition("/")
        return {"type": "special", "value": {"kind": "unknown", "path": path, **({"subpath": below} if slash else {})}}
    return {"type": "glob_pattern", "pattern": value} if kind == "glob" else {"type": "path", "path": value}


def _depth(settings: Settings) -> dict[str, int]:
    depth = settings.profile.max_depth if settings.profile is not None else None
    return {} if depth is None else {"glob_scan_max_depth": depth}


def filesystem_policy(settings: Settings) -> dict[str, Any]:
    """What a turn_context says of files beyond the sandbox policy: the entries, where they say more than the mode."""
    entries = _entries(settings)
    if settings.profile is not None:
        if entries == [("read", "special", "root")]:
            return {}
        recorded = [{"path": _recorded(kind, value), "access": access} for access, kind, value in entries]
        return {"file_system_sandbox_policy": {"kind": "restricted", **_depth(settings), "entries": recorded}}
    if settings.sandbox.mode != "workspace-write" and not settings.sandbox.narrowed:
        return {}
    return {
        "file_system_sandbox_policy": {
            "kind": "restricted",
            "entries": permission_profile(settings)["file_system"]["entries"],
        }
    }


def active_profile(settings: Settings) -> dict[str, Any] | None:
    """The named profile that is active; none when the sandbox mode was asked for."""
    if settings.sandbox_asked_for:
        return None
    if settings.profile is not None:
        extends = {"extends": settings.profile.extends} if settings.profile.extends is not None else {}
        return {"id": settings.profile.id, **extends}
    names = {
        "read-only": ":read-only",
        "workspace-write": ":workspace",
        "danger-full-access": ":danger-full-access",
    }
    return {"id": names[settings.sandbox.mode]} if settings.sandbox.mode in names else None


def filesystem_element(settings: Settings) -> str:
    """The `<filesystem>` line of environment_context."""
    named = "".join(f"<root>{_xml(str(root))}</root>" for root in workspace_roots(settings))
    roots = f"<workspace_roots>{named}</workspace_roots>"
    if settings.sandbox.mode == "danger-full-access" and settings.profile is None:
        profile = '<permission_profile type="disabled"><file_system type="unrestricted" /></permission_profile>'
        return f"<filesystem>{roots}{profile}</filesystem>"
    entries = "".join(_element(*entry) for entry in dict.fromkeys(_entries(settings)))
    depth = "".join(f' {name}="{value}"' for name, value in _depth(settings).items())
    files = f'<file_system type="restricted"{depth}>{entries}</file_system>'
    return f'<filesystem>{roots}<permission_profile type="managed">{files}</permission_profile></filesystem>'


def _element(access: str, kind: str, value: str) -> str:
    tag = {"special": "special", "unknown": "special", "glob": "glob"}.get(kind, "path")
    shown = f":{value}" if kind == "special" else value
    never = ' escalatable="false"' if access == "deny" else ""
    return f'<entry access="{access}"{never}><{tag}>{_xml(shown)}</{tag}></entry>'


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def no_environment(settings: Settings) -> dict[str, str]:
    """Nothing is told."""
    return {}


def profile_environment(settings: Settings) -> dict[str, str]:
    """The active permission profile, if any."""
    active = active_profile(settings)
    return {"CODEX_PERMISSION_PROFILE": active["id"]} if active else {}


def no_warnings(settings: Settings) -> list[str]:
    """Nothing to warn of."""
    return []


def missing_bubblewrap(settings: Settings) -> list[str]:
    """The warning of a version whose sandbox wants `bwrap` on PATH; pycodex enforces without it."""
    if settings.sandbox.mode == "danger-full-access":
        return []
    import shutil

    if shutil.which("bwrap", path=settings.environment.get("PATH", "")):
        return []
    return [
        "Codex could not find bubblewrap on PATH. Install bubblewrap with your OS package manager. "
        "See the sandbox prerequisites: "
        "https://developers.openai.com/codex/concepts/sandboxing#prerequisites. "
        "Codex will use the bundled bubblewrap in the meantime."
    ]
