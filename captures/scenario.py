"""Scenarios: the single source of what an agent is given, read from `captures/scenarios/**.yaml`.

A scenario's id is its path without the ending (`exec/hello`). The same file drives every agent.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from captures.moments import Moment

__all__ = [
    "SCENARIOS",
    "FileSpec",
    "Gate",
    "Lane",
    "Run",
    "Scenario",
    "ScenarioError",
    "Signal",
    "load_scenario",
    "load_scenarios",
    "scenario_from_data",
]

SCENARIOS = Path(__file__).parent / "scenarios"
_SCHEMA = Path(__file__).parent / "scenario.schema.json"


class ScenarioError(ValueError):
    """A scenario file that cannot be used; the message names the file and the key."""


@dataclass(frozen=True, order=True)
class Lane:
    """A codex-cli version and the role of the model that speaks: `0.169.0/direct`."""

    version: str
    role: str

    def __str__(self) -> str:
        return f"{self.version}/{self.role}"

    @classmethod
    def parse(cls, text: str) -> Lane:
        version, _, role = text.partition("/")
        if not version or not role:
            raise ScenarioError(f"lane {text!r}: expected VERSION/ROLE, as in 0.169.0/direct")
        return cls(version, role)


@dataclass(frozen=True, kw_only=True)
class FileSpec:
    """A file to lay before the runs; `untracked` ones are written after the commit. `link`: a symbolic link to that."""

    data: bytes
    mode: int | None = None
    untracked: bool = False
    link: str | None = None


@dataclass(frozen=True, kw_only=True)
class Signal:
    """A signal for the agent, and when it is due."""

    name: str
    when: Moment


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A gate that a fault of the script waits for (see fake_server.faults), and when it opens."""

    name: str
    when: Moment


@dataclass(frozen=True, kw_only=True)
class Run:
    """One start of the agent. `steps` are for interactive runs."""

    argv: tuple[str, ...]
    stdin: bytes | None = None
    env: Mapping[str, str | None] = field(default_factory=dict)
    cwd: str = ""
    expect_exit: int | None = None
    take: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 60.0
    signal: Signal | None = None
    ignores: tuple[str, ...] = ()
    """Signals that the agent finds ignored when it starts."""
    gates: tuple[Gate, ...] = ()
    steps: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One file of `captures/scenarios`, checked against its schema."""

    id: str
    rule: str
    lanes: tuple[Lane, ...]
    runs: tuple[Run, ...]
    tags: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    via: str = "proxy"
    git: bool = False
    bundled_skills: bool = False
    files: Mapping[str, FileSpec] = field(default_factory=dict)
    home_files: Mapping[str, FileSpec] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    config_text: str | None = None
    models: tuple[Mapping[str, Any], ...] | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)


DEFAULT_LANES = (Lane("0.115.0", "direct"), Lane("0.169.0", "direct"))


def load_scenario(path: Path, root: Path = SCENARIOS) -> Scenario:
    """Reads one file. Raises ScenarioError with the file and the place in it."""
    import yaml

    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, in a tenth of the time
        data = yaml.load(path.read_text(encoding="utf-8"), loader)
    except (OSError, yaml.YAMLError) as error:
        raise ScenarioError(f"{path}: {error}") from None
    try:
        scenario_id = path.resolve().relative_to(root.resolve()).with_suffix("").as_posix()
    except ValueError:
        scenario_id = path.stem
    return scenario_from_data(data, scenario_id, str(path))


def load_scenarios(root: Path = SCENARIOS, only: Sequence[str] = ()) -> list[Scenario]:
    """All scenarios below `root` in the order of their ids; `only` keeps ids, folders (`exec`) or file paths."""
    scenarios = [load_scenario(path, root) for path in sorted(root.rglob("*.yaml"))]
    if not only:
        return scenarios
    known = {scenario.id: scenario for scenario in scenarios}
    kept: dict[str, Scenario] = {}
    for name in only:
        stem = name.removesuffix(".yaml").rstrip("/")
        found = [s for s in scenarios if s.id == stem or s.id.startswith(stem + "/")]
        if not found and Path(name).is_file():
            found = [load_scenario(Path(name), root)]
        if not found:
            raise ScenarioError(f"no scenario named {name!r}; there are: {', '.join(sorted(known))}")
        kept.update((s.id, s) for s in found)
    return list(kept.values())


def scenario_from_data(data: Any, scenario_id: str, where: str) -> Scenario:
    """Checks plain data against the schema and makes the Scenario."""
    import jsonschema

    validator = jsonschema.Draft202012Validator(json.loads(_SCHEMA.read_text()))
    error = jsonschema.exceptions.best_match(validator.iter_errors(data))
    if error is not None:
        place = "/".join(str(part) for part in error.absolute_path) or "top level"
        raise ScenarioError(f"{where}: {place}: {error.message}")
    return Scenario(
        id=scenario_id,
        rule=data["rule"],
        lanes=tuple(Lane.parse(text) for text in data["lanes"]) if "lanes" in data else DEFAULT_LANES,
        runs=tuple(_run(run) for run in data["runs"]),
        tags=tuple(data.get("tags", ())),
        needs=tuple(data.get("needs", ())),
        via=data.get("via", "proxy"),
        git=data.get("git", False),
        bundled_skills=data.get("bundled_skills", False),
        files={name: _file(spec) for name, spec in data.get("files", {}).items()},
        home_files={name: _file(spec) for name, spec in data.get("home_files", {}).items()},
        config=data.get("config", {}),
        config_text=data.get("config_text"),
        models=tuple(data["models"]) if "models" in data else None,
        answers=data.get("answers", {}),
    )


def _run(data: Mapping[str, Any]) -> Run:
    return Run(
        argv=tuple(data["argv"]),
        stdin=_piped(data.get("stdin")),
        env=data.get("env", {}),
        cwd=data.get("cwd", ""),
        expect_exit=data.get("expect_exit"),
        take=data.get("take", {}),
        timeout=data.get("timeout", 60.0),
        signal=_signal(data["signal"]) if "signal" in data else None,
        ignores=tuple(data.get("ignores", ())),
        gates=tuple(Gate(name=name, when=Moment(**when)) for name, when in data.get("open", {}).items()),
        steps=tuple(data.get("steps", ())),
    )


def _piped(stdin: str | Mapping[str, str] | None) -> bytes | None:
    if isinstance(stdin, Mapping):
        return base64.b64decode(stdin["base64"])
    return None if stdin is None else stdin.encode()


def _signal(data: Mapping[str, Any]) -> Signal:
    return Signal(name=data["name"], when=Moment(**data["when"]))


def _file(spec: str | Mapping[str, Any]) -> FileSpec:
    if isinstance(spec, str):
        return FileSpec(data=spec.encode())
    if "json" in spec:
        data = json.dumps(spec["json"]).encode() + b"\n"
    else:
        data = base64.b64decode(spec["base64"]) if "base64" in spec else spec.get("text", "").encode()
    mode = int(spec["mode"], 8) if "mode" in spec else None
    return FileSpec(data=data, mode=mode, untracked=spec.get("untracked", False), link=spec.get("link"))
