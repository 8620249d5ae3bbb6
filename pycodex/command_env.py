"""The environment that commands get of the agent's own: the table `shell_environment_policy` of config.toml."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal

from pycodex.records import dataclass, field

__all__ = ["CommandRules", "EnvironmentPolicy", "command_rules"]

_SECRETS = ("*KEY*", "*SECRET*", "*TOKEN*")


@dataclass(frozen=True, kw_only=True)
class EnvironmentPolicy:
    """Which variables a command inherits, and which are set for it. Patterns know `*` and `?`, in any case."""

    inherit: Literal["all", "core", "none"] = "all"
    ignore_default_excludes: bool = True
    """Whether variables that are named like secrets are inherited too."""
    exclude: tuple[str, ...] = ()
    set: Mapping[str, str] = field(default_factory=dict)
    include_only: tuple[str, ...] = ()
    """What is left in the end, of everything; nothing is taken away where there is no pattern."""

    def apply(self, env: Mapping[str, str], core: Collection[str]) -> dict[str, str]:
        """The variables of `env` that the policy keeps, and those it sets. `core`: what `inherit = "core"` keeps."""
        kept = {} if self.inherit == "none" else dict(env)
        if self.inherit == "core":
            kept = {name: value for name, value in kept.items() if name.upper() in core}
        refused = self.exclude if self.ignore_default_excludes else (*_SECRETS, *self.exclude)
        kept = {name: value for name, value in kept.items() if not _fits(name, refused)} | dict(self.set)
        if self.include_only:
            kept = {name: value for name, value in kept.items() if _fits(name, self.include_only)}
        return kept


def _fits(name: str, patterns: Iterable[str]) -> bool:
    from fnmatch import fnmatchcase

    # `[` is no pattern of codex-cli's.
    return any(fnmatchcase(name.upper(), pattern.upper().replace("[", "[[]")) for pattern in patterns)


@dataclass(frozen=True, kw_only=True)
class CommandRules:
    """What the configuration says of commands."""

    environment: EnvironmentPolicy = field(default_factory=EnvironmentPolicy)
    login_allowed: bool = True
    snapshot: bool = True
    """Whether a login shell is asked once for its environment, instead of being a login shell each time."""


def command_rules(config: Mapping[str, Any], *, snapshot: bool) -> CommandRules:
    """The rules of a configuration whose types were checked. `snapshot`: the feature of that name."""
    table = config.get("shell_environment_policy") or {}
    policy = EnvironmentPolicy(
        inherit=table.get("inherit", "all"),
        ignore_default_excludes=table.get("ignore_default_excludes", True),
        exclude=tuple(table.get("exclude", ())),
        set=dict(table.get("set", {})),
        include_only=tuple(table.get("include_only", ())),
    )
    return CommandRules(
        environment=policy,
        login_allowed=config.get("allow_login_shell", True),
        snapshot=snapshot,
    )
