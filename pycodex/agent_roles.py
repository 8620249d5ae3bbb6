"""Roles of other agents: what the declaration of the tool that starts one tells of those that the user has made."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycodex.config_layers import walk_keys
from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.protocol import Item

__all__ = ["Role", "configured_roles", "with_roles"]

_HEADING = "Available roles:\n"
_SETTINGS = ("max_threads", "max_depth", "job_max_runtime_seconds", "enabled")
_BOTH = (
    "- This role's model is set to `{model}` and its reasoning effort is set to `{effort}`. "
    "These settings cannot be changed."
)
_MODEL = "- This role's model is set to `{model}` and cannot be changed."
_EFFORT = "- This role's reasoning effort is set to `{effort}` and cannot be changed."


@dataclass(frozen=True, kw_only=True)
class Role:
    """One role of `[agents.NAME]`; model and effort are those that its file fixes."""

    name: str
    description: str | None
    model: str | None = None
    effort: str | None = None

    def text(self) -> str:
        """How the declaration tells it (captured: tools/agent_roles)."""
        if self.description is None:
            return f"{self.name}: no description"
        fixed = {(True, True): _BOTH, (True, False): _MODEL, (False, True): _EFFORT}
        line = fixed.get((self.model is not None, self.effort is not None))
        told = "" if line is None else "\n" + line.format(model=self.model, effort=self.effort)
        return f"{self.name}: {{\n{self.description}{told}\n}}"


def configured_roles(raw: Mapping[str, Any]) -> list[Role]:
    """The roles of a configuration, by name; a file that cannot be read says nothing."""
    tables = walk_keys(raw, "agents")
    return [
        _role(name, tables[name])
        for name in sorted(tables)
        if name not in _SETTINGS and isinstance(tables[name], Mapping)
    ]


def _role(name: str, table: Mapping[str, Any]) -> Role:
    told: Mapping[str, Any] = {}
    if (file := table.get("config_file")) is not None:
        try:
            told = tomllib.loads(Path(file).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            told = {}
    return Role(
        name=name,
        description=told.get("description") or table.get("description"),
        model=told.get("model"),
        effort=told.get("model_reasoning_effort"),
    )


def with_roles(tool: Item, roles: Sequence[Role]) -> Item:
    """The declaration with these roles before its own; one of the same name goes."""
    properties = tool.get("parameters", {}).get("properties", {})
    if not roles or "agent_type" not in properties:
        return tool
    before, heading, own = properties["agent_type"]["description"].partition(_HEADING)
    for role in roles:
        own = re.sub(rf"(?ms)^{re.escape(role.name)}: \{{\n.*?\n\}}(\n|\Z)", "", own)
    text = before + heading + "\n".join([*(role.text() for role in roles), own.rstrip("\n")])
    described = {**properties, "agent_type": {**properties["agent_type"], "description": text}}
    return {**tool, "parameters": {**tool["parameters"], "properties": described}}
