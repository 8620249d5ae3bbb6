"""Two versions -> which model plays each role in both, and which scenarios can be held against each other. Pure.

Which model plays a role, so that a difference is the binary's and not the model's:

1. A version with committed recordings has its model in the table of `captures/agents/codex-cli.toml`. Two such versions
   are compared as they are recorded, each with its own, in the roles that both are recorded in.
2. A version without is played by the other one's model where its catalog lists that model in that role.
3. Where that is not so, or neither is recorded, by the first model in the order of the newer catalog that both catalogs
   have in that role.
4. Where there is none, each by its own first model, and the report says so: what differs may be the model's.

A binary that prints no catalog (before `debug models`) is taken to know the model of the table's row for it. `fallback`
is a name that no catalog knows. A version whose catalog has no model of a role has not got that role.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from captures.agents import AgentError, model_for
from captures.catalog import Model
from captures.scenario import Lane, Scenario
from compare.cells import CellName

__all__ = ["ROLES", "SUBSET", "Pair", "Role", "Version", "cells_of", "plan_roles"]

SUBSET = "drift"
"""The tag of the scenarios that are played unless all are asked for."""

ROLES = ("direct", "code_mode", "fallback")


@dataclass(frozen=True, kw_only=True)
class Version:
    """What is known of a version before anything is recorded: the roles it is committed with, and its catalog."""

    name: str
    committed: frozenset[str] = frozenset()
    models: tuple[Model, ...] = ()

    def knows(self, slug: str, role: str) -> bool:
        """Whether this model can play this role here."""
        return any(model.slug == slug and model.role == role for model in self.catalog(role))

    def catalog(self, role: str) -> tuple[Model, ...]:
        """The models of a role in the order of offering; of a binary without a catalog, the table's."""
        if self.models:
            return tuple(model for model in self.models if model.role == role)
        slug = _tabled(self.name, role)
        return (Model(slug=slug, role=role),) if slug else ()


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role in both versions: the lane of each, and its model. A lane that is not committed is named by its model."""

    name: str
    before: Lane
    after: Lane
    models: tuple[str, str]

    @property
    def same_model(self) -> bool:
        return self.models[0] == self.models[1]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A scenario in one role of both versions."""

    scenario: Scenario
    role: Role

    @property
    def name(self) -> str:
        return f"{self.role.name}/{self.scenario.id}"


def plan_roles(before: Version, after: Version) -> tuple[list[Role], list[str]]:
    """The roles that both have, and a sentence for each that is missing or played by two models."""
    roles: list[Role] = []
    notes: list[str] = []
    for name in ROLES:
        models = _models(name, before, after)
        if models is None:
            lacking = [version.name for version in (before, after) if not _has(version, name, before, after)]
            if len(lacking) == 1:
                notes.append(f"{name}: not compared, {lacking[0]} has no model of this kind")
            continue
        role = Role(
            name=name, before=_lane(before, name, models[0]), after=_lane(after, name, models[1]), models=models
        )
        roles.append(role)
        if not role.same_model:
            notes.append(
                f"{name}: {models[0]} in {before.name} and {models[1]} in {after.name}, for no model of this kind was "
                "recorded in both: what differs in prompts, tools and settings may be the model's"
            )
    return roles, notes


def cells_of(
    scenarios: Sequence[Scenario],
    roles: Sequence[Role],
    committed: Mapping[CellName, object],
    *,
    every: bool = False,
) -> list[Pair]:
    """The scenarios of each role: the tagged ones, or all.

    A committed lane has the scenarios that name it. One that is not committed takes those of the other side; where
    neither is, those that name the role in any version.
    """
    pairs = []
    for role in roles:
        for scenario in scenarios:
            if not every and SUBSET not in scenario.tags:
                continue
            named = {lane for lane in scenario.lanes if lane.role == role.name}
            held = [
                lane for lane in (role.before, role.after) if lane.role == role.name and _is_committed(lane, committed)
            ]
            fits = (
                all(CellName(lane.version, lane.role, scenario.id) in committed for lane in held)
                if held
                else bool(named)
            )
            if fits:
                pairs.append(Pair(scenario=scenario, role=role))
    return pairs


def _is_committed(lane: Lane, committed: Mapping[CellName, object]) -> bool:
    return any(cell.version == lane.version and cell.role == lane.role for cell in committed)


def _has(version: Version, role: str, before: Version, after: Version) -> bool:
    """Whether a version can be looked at in a role: of two recorded ones, whether it is recorded in it."""
    if before.committed and after.committed:
        return role in version.committed
    return role == "fallback" or bool(version.catalog(role))


def _models(role: str, before: Version, after: Version) -> tuple[str, str] | None:
    if not all(_has(version, role, before, after) for version in (before, after)):
        return None
    if role == "fallback":
        slug = model_for(Lane(after.name, role))
        return slug, slug
    ours, theirs = before.catalog(role), after.catalog(role)
    recorded = {version.name: _tabled(version.name, role) for version in (before, after) if role in version.committed}
    if len(recorded) == 2:
        return recorded[before.name], recorded[after.name]
    for slug in recorded.values():
        if before.knows(slug, role) and after.knows(slug, role):
            return slug, slug
    common = next((model.slug for model in theirs if before.knows(model.slug, role)), None)
    if common is not None:
        return common, common
    return recorded.get(before.name) or ours[0].slug, recorded.get(after.name) or theirs[0].slug


def _lane(version: Version, role: str, slug: str) -> Lane:
    """The committed lane where it is that of this model, else one that is named by the model."""
    own = role in version.committed and _tabled(version.name, role) == slug
    return Lane(version.name, role if own else slug)


def _tabled(version: str, role: str) -> str:
    try:
        return model_for(Lane(version, role))
    except AgentError:
        return ""
