"""What `/model` and `/permissions` let the user choose, and what a choice makes of the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.records import dataclass, replace
from pycodex.sandbox import SandboxPolicy
from pycodex.upstream.toolset import agents_version

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = [
    "PRESETS",
    "Preset",
    "efforts",
    "listed_models",
    "usual_effort",
    "with_effort",
    "with_model",
    "with_permissions",
]


@dataclass(frozen=True, kw_only=True)
class Preset:
    """What may be done, and who is asked about the rest."""

    label: str
    help: str
    sandbox: str
    approvals: str = "on-request"
    reviewed: bool = False
    confirm: str | None = None
    """What is asked before it counts."""


PRESETS: Mapping[str, Preset] = {
    "ask": Preset(
        label="Ask me",
        help="edit and run in this folder; you are asked about the rest",
        sandbox="workspace-write",
    ),
    "review": Preset(
        label="Ask a reviewer",
        help="the same, but a reviewing model is asked",
        sandbox="workspace-write",
        reviewed=True,
    ),
    "full": Preset(
        label="Full access",
        help="everything, and nobody is asked",
        sandbox="danger-full-access",
        approvals="never",
        confirm="Nothing will be held back: commands can change or send away whatever you can. Continue anyway?",
    ),
    "read-only": Preset(label="Read only", help="look around; you are asked about the rest", sandbox="read-only"),
}
"""By the name that a dialect lists them under."""


def listed_models(settings: Settings) -> list[str]:
    """The models to choose from: those that the catalog shows, the foremost first; the current one in any case."""
    rows = settings.data.models if settings.catalog is None else {str(row["slug"]): row for row in settings.catalog}
    shown = [(row.get("priority", 0), slug) for slug, row in rows.items() if row.get("visibility") == "list"]
    slugs = [slug for _, slug in sorted(shown)]
    return slugs if settings.model.slug in slugs else [*slugs, settings.model.slug]


def efforts(settings: Settings, slug: str) -> list[tuple[str, str]]:
    """The efforts of a model and what they are good for."""
    info, _ = settings.data.model(slug, settings.dialect.models.fallback, settings.catalog)
    rows: Sequence[Mapping[str, Any]] = info.get("supported_reasoning_levels") or ()
    if rows:
        return [(str(row["effort"]), str(row.get("description", ""))) for row in rows]
    return [(effort, "") for effort in settings.dialect.session.efforts]


def usual_effort(settings: Settings, slug: str) -> str | None:
    """The effort that the model has of its own."""
    info, _ = settings.data.model(slug, settings.dialect.models.fallback, settings.catalog)
    effort: str | None = info.get("default_reasoning_level")
    return effort


def with_model(settings: Settings, slug: str, *, begun: bool = False) -> Settings:
    """The settings with another model. `begun`: those of a thread that has had its first turn, which keeps the service
    tier and the kind of other agents that it began with (captured: interactive/model_other, model_other_kind)."""
    info, listed = settings.data.model(slug, settings.dialect.models.fallback, settings.catalog)
    config, agents = replace(settings.config, model=slug), settings.agents
    if begun:
        agents = agents_version(settings)
        tier = settings.service_tier or ("default" if settings.dialect.models.row_tier else None)
        config = replace(config, service_tier=tier)
    if slug != settings.model.slug:  # its own prompt, not the one of the thread that was taken up
        settings = replace(settings, recorded_instructions=None)
    return replace(settings, model=info, model_listed=listed, config=config, agents=agents)


def with_effort(settings: Settings, effort: str | None) -> Settings:
    """The settings with an effort that the user chose; None: the model's own."""
    return replace(settings, config=replace(settings.config, model_reasoning_effort=effort))


def with_permissions(settings: Settings, preset: Preset) -> Settings:
    """The settings with other permissions."""
    table = settings.config.sandbox_workspace_write
    table = {**table, "writable_roots": [*table.get("writable_roots", ()), *map(str, settings.added_roots)]}
    writes, full = preset.sandbox == "workspace-write", preset.sandbox == "danger-full-access"
    home = settings.config.codex_home
    roots = settings.dialect.cli.writable_roots(settings.cwd, home, settings.environment, table) if writes else ()
    policy = SandboxPolicy(
        mode=preset.sandbox,  # type: ignore[arg-type]
        writable_roots=roots,
        network=full or (writes and bool(table.get("network_access", False))),
        style=settings.dialect.sandbox,
    )
    return replace(
        settings,
        sandbox=policy,
        profile=None,
        sandbox_asked_for=False,
        auto_review=preset.reviewed,
        approvals_reviewer="auto_review" if preset.reviewed else "user",
        config=replace(settings.config, approval_policy=preset.approvals, given=frozenset({"approval", "sandbox"})),
    )
