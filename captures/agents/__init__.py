"""Agents: how to start one, where it leaves its rollouts, and which model plays which role.

An agent is a command line and what it puts on the wire; the harness knows nothing else of it. A TOML file here
describes one: `codex-cli` comes from npm, `pycodex` from the environment that runs the harness, `python-codex-0.5.1`
from PyPI into an environment of its own. Any other is given as a command line.
"""

from __future__ import annotations

import shlex
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from captures.scenario import Lane

__all__ = ["Agent", "AgentError", "load_agent", "model_for"]

_FOLDER = Path(__file__).parent


class AgentError(ValueError):
    """An agent that cannot be started; the message says what is missing and what to do."""


@dataclass(frozen=True, kw_only=True)
class Agent:
    """`command` may hold {binary}, {python} and {version}; `private` are globs of its own files in CODEX_HOME.

    {binary} comes from `npm_package` in the lane's version, or is `program` of the environment that `lock` (a file of
    requirements/) says. `leave_out`: words of codex-cli's command line that it is started without, because they name
    what it always does -> how many words that follow go with them.
    """

    name: str
    command: tuple[str, ...]
    rollouts: str = "sessions/**/rollout-*.jsonl"
    private: tuple[str, ...] = ()
    npm_package: str | None = None
    lock: str | None = None
    program: str = ""
    leave_out: Mapping[str, int] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    looks: Mapping[str, str] = field(default_factory=dict)
    """Of an interactive run: what its screen shows when it is `ready`, `busy` ..., as regular expressions."""
    interactive: tuple[Mapping[str, Any], ...] = ()
    """Rows `from` (a version), `words`: what an interactive run's command line has before the scenario's."""

    @classmethod
    def from_command(cls, text: str) -> Agent:
        """Any command line: `Agent.from_command("my-agent --quiet")`; the scenario's argv is appended to it."""
        words = shlex.split(text)
        if not words:
            raise AgentError("the agent's command line is empty")
        return cls(name=Path(words[0]).name, command=tuple(words))

    def interactive_words(self, lane: Lane) -> list[str]:
        """The words before the scenario's own that make a run interactive, in that version."""
        fitting = [row for row in self.interactive if _order(row["from"]) <= _order(lane.version)]
        return list(max(fitting, key=lambda row: _order(row["from"]))["words"]) if fitting else []

    def start_command(self, lane: Lane, tools: Path) -> list[str]:
        """The words that start it for this lane; installs from npm or PyPI where the agent comes from there."""
        values = {"python": sys.executable, "version": lane.version, "role": lane.role}
        if any("{binary}" in word for word in self.command):
            if self.npm_package is not None:
                from captures.install import install

                values["binary"] = str(install(self.npm_package, lane.version, tools).binary)
            elif self.lock is not None:
                from captures.environments import environment

                values["binary"] = str(environment(self.name, self.lock, tools) / self.program)
        return [word.format(**values) for word in self.command]

    def arguments(self, argv: Sequence[str]) -> list[str]:
        """The words of a scenario's command line that this agent is given; a word without a dash only counts first."""
        kept: list[str] = []
        words = list(argv)
        while words:
            word = words.pop(0)
            if word == "--":
                return [*kept, word, *words]
            if word in self.leave_out and (word.startswith("-") or len(words) == len(argv) - 1):
                del words[: self.leave_out[word]]
            else:
                kept.append(word)
        return kept


def load_agent(name: str) -> Agent:
    """The name of a file here (`codex-cli`, `pycodex`, ...), or else a command line."""
    path = _FOLDER / f"{name}.toml"
    if not path.exists():
        return Agent.from_command(name)
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Agent(
        name=data["name"],
        command=tuple(data["command"]),
        rollouts=data["rollouts"],
        private=tuple(data["private"]),
        npm_package=data.get("npm", {}).get("package"),
        lock=data.get("pypi", {}).get("lock"),
        program=data.get("pypi", {}).get("program", ""),
        leave_out=data.get("leave_out", {}),
        looks=data.get("looks", {}),
        interactive=tuple(data.get("interactive", ())),
    )


def model_for(lane: Lane) -> str:
    """The model slug that plays the lane's role in that version (table `models` of codex-cli.toml)."""
    rows: list[dict[str, Any]] = tomllib.loads((_FOLDER / "codex-cli.toml").read_text(encoding="utf-8"))["models"]
    fitting = [row for row in rows if _order(row["from"]) <= _order(lane.version)]
    row = max(fitting, key=lambda row: _order(row["from"]))
    if lane.role not in row:
        raise AgentError(f"lane {lane}: no model has the role {lane.role!r}; add it to captures/agents/codex-cli.toml")
    return str(row[lane.role])


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.partition("-")[0].split("."))
