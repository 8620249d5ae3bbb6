"""The suite and what it needs from npm, each with the hash of its lock, in an ignored folder.

`packages.txt` is the lock, in the form of those in `requirements/`: a line a package, by its place in `node_modules`.
It names no host; npm gets a lock of its own form made of it, and refuses what has another hash. To write it anew:

    python -m tests.live.mcp_conformance.packages 0.1.16
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["LOCK", "PACKAGE", "installed", "lines_of", "npm_lock", "pinned_version", "pins"]

PACKAGE = "@modelcontextprotocol/conformance"
LOCK = Path(__file__).with_name("packages.txt")
_MODULES = "node_modules/"
_PIN = re.compile(r"(?P<place>[\w@./-]+)==(?P<version>[\w.+-]+) --hash=sha512:(?P<hash>[0-9a-f]{128})")
_QUIET = ("--ignore-scripts", "--no-audit", "--no-fund")


def pins(text: str) -> dict[str, tuple[str, str]]:
    """Place in `node_modules` -> version and sha512. Raises ValueError with the line that is no pin."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = _PIN.fullmatch(line)
        if match is None:
            raise ValueError(f"{LOCK.name}: not a pinned and hashed package: {line[:80]}")
        found[match["place"]] = (match["version"], match["hash"])
    return found


def pinned_version() -> str:
    """The version of the suite."""
    return pins(LOCK.read_text())[PACKAGE][0]


def npm_lock(pinned: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """npm's form of it. A package inside another is a dependency of that one, all others are ours, so that npm keeps
    them."""
    top = {place: version for place, (version, _) in pinned.items() if f"/{_MODULES}" not in place}
    packages: dict[str, Any] = {"": {"dependencies": top}}
    for place, (version, found) in pinned.items():
        integrity = "sha512-" + base64.b64encode(bytes.fromhex(found)).decode()
        packages[f"{_MODULES}{place}"] = {"version": version, "integrity": integrity}
    for place in pinned.keys() - top.keys():
        parent, _, name = place.rpartition(f"/{_MODULES}")
        packages[f"{_MODULES}{parent}"].setdefault("dependencies", {})[name] = pinned[place][0]
    return {"lockfileVersion": 3, "requires": True, "packages": packages}


def lines_of(lock: Mapping[str, Any]) -> str:
    """Our form of npm's lock."""
    rows = []
    for place, row in sorted(lock["packages"].items()):
        if place:
            kind, _, found = row["integrity"].partition("-")
            if kind != "sha512":
                raise ValueError(f"{place}: its hash is a {kind}, and has to be a sha512")
            name = place.removeprefix(_MODULES)
            rows.append(f"{name}=={row['version']} --hash=sha512:{base64.b64decode(found).hex()}")
    return "# python -m tests.live.mcp_conformance.packages VERSION\n" + "\n".join(rows) + "\n"


def installed(tools: Path, text: str | None = None) -> Path:
    """The program of the suite; installed once per lock (`text`: another) below `tools`. Raises RuntimeError with what
    to do."""
    text = LOCK.read_text() if text is None else text
    folder = tools / "npm" / "mcp-conformance" / hashlib.sha256(text.encode()).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not (folder / ".ready").exists():
            lock = npm_lock(pins(text))
            (folder / "package.json").write_text(json.dumps({"private": True, **lock["packages"][""]}))
            (folder / "package-lock.json").write_text(json.dumps(lock))
            _npm(folder, "ci")
            (folder / ".ready").touch()
    return folder / _MODULES / PACKAGE / "dist" / "index.js"


def _npm(folder: Path, *words: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(f"{PACKAGE} comes from npm, and there is no npm on PATH; install Node.js with npm")
    command = [npm, *words, *_QUIET]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        problems = [line for line in done.stderr.splitlines() if "npm error" in line]
        raise RuntimeError(f"npm {words[0]} of {PACKAGE} failed: {' '.join(problems[:2]) or done.stderr.strip()}")


def _write(version: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "package.json").write_text('{"private": true}\n')
        _npm(folder, "install", "--package-lock-only", "--save-exact", f"{PACKAGE}@{version}")
        LOCK.write_text(lines_of(json.loads((folder / "package-lock.json").read_text())))


if __name__ == "__main__":
    _write(*sys.argv[1:])
