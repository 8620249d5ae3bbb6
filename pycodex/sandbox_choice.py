"""Which sandbox a run has: the mode of a flag, the configuration's, that of the project's trust, or a profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycodex.records import dataclass, replace
from pycodex.sandbox import SandboxMode, SandboxPolicy

if TYPE_CHECKING:
    from pycodex.config import Config
    from pycodex.permission_profiles import PermissionProfile
    from pycodex.settings import Settings
    from pycodex.upstream.dialect import Dialect

__all__ = ["Choice", "choose_sandbox", "kept_sandbox"]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A policy, and where it comes from."""

    policy: SandboxPolicy
    config: Config
    """The configuration, with the writable roots of a profile that became a mode."""
    profile: PermissionProfile | None = None
    """The profile of the user's own that stands in place of a mode."""
    asked_for: bool = False
    """Whether a mode was asked for by flag or configuration."""


def choose_sandbox(
    dialect: Dialect,
    config: Config,
    cwd: Path,
    env: Mapping[str, str],
    home: Path,
    *,
    flag: SandboxMode | None,
    added_roots: Sequence[Path],
) -> Choice:
    """The sandbox of a run. Raises ConfigError for a profile that cannot be."""
    asked_for = flag or config.sandbox_mode
    named, profile, bridged = None, None, None
    style = dialect.config.permission_profiles
    if style is not None and ("default_permissions" in config.raw or "permissions" in config.raw):
        if style == "enforced":
            from pycodex.permission_profiles import BUILT_IN_MODES, resolve_profile

            asked = "flag" if flag else "config" if config.sandbox_mode else ""
            profile = resolve_profile(config.raw, (cwd, *added_roots), env.get("HOME"), asked=asked)
            named = None if asked_for else BUILT_IN_MODES.get(config.raw.get("default_permissions", ""))
            profile = None if asked_for else profile
        elif flag is None:
            from pycodex.bridged_profiles import bridge

            bridged = bridge(config.raw, cwd, env, mode_wins=bool(asked_for))
    if bridged is not None:
        config = replace(config, sandbox_workspace_write=bridged.table)
        named = bridged.mode
    sandbox = asked_for or named or ("workspace-write" if config.project_trusted else "read-only")
    roots = dialect.cli.added_roots(cwd, config.sandbox_workspace_write.get("writable_roots", ()), added_roots)
    table = {**config.sandbox_workspace_write, "writable_roots": [*map(str, roots)]}
    policy = SandboxPolicy(
        mode=sandbox,  # type: ignore[arg-type]
        writable_roots=dialect.cli.writable_roots(cwd, home, env, table) if sandbox == "workspace-write" else (),
        network=bridged.network
        if bridged is not None
        else sandbox == "danger-full-access"
        or (sandbox == "workspace-write" and bool(table.get("network_access", False))),
        style=dialect.sandbox,
        readable=None if bridged is None else bridged.readable,
    )
    if profile is not None:
        from pycodex.path_rules import policy_of

        policy = policy_of(profile, cwd, env.get("TMPDIR"), dialect.sandbox)
    # A table about it, even an empty one, makes the trusted project's mode the user's (captured: config/trust_table).
    tabled = named is None and sandbox == "workspace-write" and "sandbox_workspace_write" in config.raw
    given = {name for name, said in (("sandbox", flag), ("folders", added_roots)) if said}
    config = replace(config, given=config.given | given)
    return Choice(policy=policy, config=config, profile=profile, asked_for=bool(asked_for) or tabled)


_MODES: tuple[tuple[SandboxMode, Mapping[str, Any]], ...] = (
    ("danger-full-access", {"type": "disabled"}),
    (
        "read-only",
        {
            "type": "managed",
            "file_system": {
                "type": "restricted",
                "entries": [{"path": {"type": "special", "value": {"kind": "root"}}, "access": "read"}],
            },
            "network": "restricted",
        },
    ),
)
"""The modes whose recorded profile names no folder."""


def kept_sandbox(settings: Settings, told: Mapping[str, Any]) -> Settings:
    """The settings with the mode that a thread had (`told`: its newest `thread_settings`), if its profile names no
    folder, and with its folders. What was asked for when it was taken up is left alone (captured:
    interactive/options_kept)."""
    given, mode = settings.config.given, None
    if "sandbox" not in given:
        mode = next((mode for mode, profile in _MODES if told.get("permission_profile") == profile), None)
    # The folder that it was at work in is not one of them, should it go on in another.
    roots = (Path(root) for root in told.get("runtime_workspace_roots", ()) if root != told.get("cwd"))
    added = settings.added_roots if "folders" in given else tuple(root for root in roots if root != settings.cwd)
    if mode is None and added == settings.added_roots:
        return settings
    choice = choose_sandbox(
        settings.dialect,
        settings.config,
        settings.cwd,
        settings.environment,
        settings.config.codex_home,
        flag=mode or (settings.sandbox.mode if settings.profile is None else None),
        added_roots=added,
    )
    return replace(
        settings,
        sandbox=choice.policy,
        profile=choice.profile,
        added_roots=added,
        sandbox_asked_for=settings.sandbox_asked_for if mode is None else "active_permission_profile" not in told,
    )
