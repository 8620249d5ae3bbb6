"""Installing a codex-cli version from npm into an ignored folder, with the integrity that npm checked.

The native binary is started directly, not the package's node wrapper: the wrapper outlives a kill of its child.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from captures.agents import AgentError

__all__ = ["Installed", "install", "installed"]


@dataclass(frozen=True, kw_only=True)
class Installed:
    """An installed version: where its native binary is and what npm says of the two packages it came in."""

    version: str
    binary: Path
    integrity: dict[str, str]


def install(package: str, version: str, tools: Path) -> Installed:
    """Installs once per version below `tools`. Raises AgentError with what to do where npm is missing or says no."""
    folder = _folder(package, version, tools)
    if not (folder / "package-lock.json").exists():
        _npm_install(package, version, folder)
    return _read(package, version, folder)


def installed(package: str, version: str, tools: Path) -> Installed | None:
    """The version where it is installed already; nothing is installed for the question."""
    folder = _folder(package, version, tools)
    return _read(package, version, folder) if (folder / "package-lock.json").exists() else None


def _folder(package: str, version: str, tools: Path) -> Path:
    return tools / "npm" / package.replace("/", "__") / version


def _read(package: str, version: str, folder: Path) -> Installed:
    lock = json.loads((folder / "package-lock.json").read_text())
    packages = {
        name.removeprefix("node_modules/"): row
        for name, row in lock["packages"].items()
        if name and (folder / name).is_dir()
    }
    binaries = [
        path
        for name in ("bin/codex", "codex/codex")
        for path in sorted((folder / "node_modules").glob(f"@openai/*/vendor/*/{name}"))
        if os.access(path, os.X_OK)
    ]
    if not binaries:
        raise AgentError(f"{package}@{version}: no native binary for this platform below {folder}/node_modules")
    integrity = {name: row["integrity"] for name, row in sorted(packages.items()) if "integrity" in row}
    return Installed(version=version, binary=binaries[0], integrity=integrity)


def _npm_install(package: str, version: str, folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise AgentError(
            f"{package}@{version} comes from npm, and there is no npm on PATH; install Node.js with npm "
            "(only what runs the real codex-cli needs it: `make capture`, `make bench`, `make fuzz`, and `make drift` "
            "for a version without recordings)"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f"{folder.name}.partial-", dir=folder.parent))
    (partial / "package.json").write_text('{"private": true}\n')
    command = [
        npm,
        "install",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--save-exact",
        f"{package}@{version}",
    ]
    done = subprocess.run(command, cwd=partial, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        lines = [line for line in done.stderr.splitlines() if "npm error" in line or "ERR!" in line]
        raise AgentError(f"npm install {package}@{version} failed: {lines[0] if lines else done.stderr.strip()}")
    try:
        partial.rename(folder)
    except OSError:  # another worker was first
        shutil.rmtree(partial, ignore_errors=True)
