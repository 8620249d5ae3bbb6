"""Feature flags: which there are, what the configuration makes of them, and what a person is told about that.

The names, stages and defaults are exported data (`features.json`); what a version does with older names, with
features that bring others along and with those that nothing can change any more is its FeatureStyle.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.records import dataclass, field, replace

if TYPE_CHECKING:
    from pycodex.node_runtime import NodeStyle

__all__ = ["UNSTABLE", "FeatureStyle", "Features", "Notice", "resolve_features", "setting", "table_of"]

UNSTABLE = "under development"
"""The stage whose features are warned of."""

Notice = tuple[str, str]
"""What is deprecated, and what to do instead."""


@dataclass(frozen=True, kw_only=True)
class FeatureStyle:
    """What one version does with feature flags. Templates may use {name} (as it was written) and {feature}."""

    aliases: Mapping[str, str] = field(default_factory=dict)
    """Older name in the table [features] -> feature."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Key of the configuration itself -> feature; what the table says counts more."""
    tables: frozenset[str] = frozenset()
    """Features that may be set by a table, which has `enabled`."""
    implied: Mapping[str, str] = field(default_factory=dict)
    """A feature that is on -> the one that is then on too."""
    needed: Mapping[str, str] = field(default_factory=dict)
    """A feature -> the one without which it is off."""
    renamed: Notice = ("", "")
    """Told of an alias or a key."""
    notices: Mapping[str, Notice] = field(default_factory=dict)
    """Told in place of `renamed`, or of a feature's own name."""
    sorts_as: str = "{name}"
    """By what the notices are sorted that stand for a feature's own name."""
    own_names: frozenset[str] = frozenset()
    """The names whose notices are sorted by `sorts_as`."""
    file_warnings: Mapping[str, str] = field(default_factory=dict)
    """Name -> warning, when it stands in the table of a file."""
    beta: tuple[str, ...] = ()
    """The features that a header tells the server of when they are on, in its order."""
    always_beta: tuple[str, ...] = ()
    """What that header ends with in any case."""
    unstable: str = ""
    """The warning of unstable features; may use {names} and {config}."""
    node: NodeStyle | None = None
    """The features that need Node."""
    unknown: str = "Unknown feature flag: {name}"
    """The error of a flag --enable or --disable."""

    def feature(self, name: str) -> str:
        """The feature that a name of the table [features] stands for."""
        return self.aliases.get(name, name)


@dataclass(frozen=True, kw_only=True)
class Features:
    """The flags of a run, by name, and what is to be told of them."""

    enabled: Mapping[str, bool]
    notices: tuple[Notice, ...] = ()
    unstable: tuple[str, ...] = ()
    """Names of unstable features that the configuration switches on."""
    warnings: tuple[str, ...] = ()
    """Of features that cannot be had here."""

    def __contains__(self, name: str) -> bool:
        return self.enabled.get(name, False)

    def without(self, names: Collection[str], *warnings: str) -> Features:
        """The same, some of them off, and what is to be told of that."""
        return replace(
            self,
            enabled={name: on and name not in names for name, on in self.enabled.items()},
            unstable=tuple(name for name in self.unstable if name not in names),
            warnings=(*self.warnings, *warnings),
        )


def setting(value: Any) -> bool | None:
    """What a value of the table [features] says: a boolean, or the `enabled` of a table."""
    if isinstance(value, Mapping):
        value = value.get("enabled")
    return value if isinstance(value, bool) else None


def table_of(tables: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    """What the tables [features], in the order in which they count, say of a feature beside whether it is on."""
    said: dict[str, Any] = {}
    for table in tables:
        if isinstance(value := table.get(name), Mapping):
            said |= value
    return said


def resolve_features(
    known: Mapping[str, Mapping[str, Any]],
    style: FeatureStyle,
    tables: Sequence[Mapping[str, Any]],
    written: Mapping[str, Any],
) -> Features:
    """The flags after all `tables` were applied in turn, each by its sorted names.

    `known`: feature -> {stage, default, fixed}; `written`: the table [features] of all layers, for `unstable`.
    """
    enabled = {name: bool(row["default"]) for name, row in known.items()}
    told: dict[str, Notice] = {}
    for table in tables:
        for name in sorted(table):
            feature = style.keys.get(name) or style.feature(name)
            value = setting(table[name])
            if feature not in known or value is None:
                continue
            if not known[feature].get("fixed"):
                enabled[feature] = value
            if name != feature or name in style.notices:
                own = style.sorts_as if name in style.own_names else "{name}"
                told[own.format(name=name)] = _notice(style, name, feature)
    for feature, other in style.implied.items():
        enabled[other] = enabled.get(other, False) or enabled.get(feature, False)
    for feature, other in style.needed.items():
        enabled[feature] = enabled.get(feature, False) and enabled.get(other, False)
    return Features(
        enabled=enabled,
        notices=tuple(told[key] for key in sorted(told)),
        unstable=tuple(
            name
            for name in sorted(written)
            if name in known and known[name]["stage"] == UNSTABLE and setting(written[name]) and enabled[name]
        ),
    )


def _notice(style: FeatureStyle, name: str, feature: str) -> Notice:
    summary, details = style.notices.get(name, style.renamed)
    return summary.format(name=name, feature=feature), details.format(name=name, feature=feature)
