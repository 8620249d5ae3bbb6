"""The models that a codex-cli binary brings, as `codex debug models --bundled` prints them.

A version that is not in the tree has no row of its own in `agents/codex-cli.toml`; its catalog says which model plays
which role there. Binaries before `debug models` (0.115.0) print none, but hold the text of one.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Model", "bundled_models", "embedded_models", "models_of", "write_embedded"]

_SECONDS = 30
_CATALOG = b'{\n  "models": [\n'
_LONGEST = 4_000_000


@dataclass(frozen=True, kw_only=True)
class Model:
    """A row of the catalog: its slug and the role that a model with such a row can play."""

    slug: str
    role: str


def bundled_models(binary: Path) -> tuple[Model, ...]:
    """The catalog of a binary, the model that is offered first in front; empty where the binary prints none."""
    with tempfile.TemporaryDirectory() as home:
        env = {"CODEX_HOME": home, "HOME": home, "PATH": "/usr/bin:/bin"}
        command = [str(binary), "debug", "models", "--bundled"]
        try:
            done = subprocess.run(
                command, env=env, cwd=home, capture_output=True, text=True, timeout=_SECONDS, stdin=subprocess.DEVNULL
            )
            rows = json.loads(done.stdout)["models"]
        except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
            return ()
    return models_of(rows)


def embedded_models(binary: Path) -> list[dict[str, Any]]:
    """The rows of the catalog that lies in a binary as JSON text: for those that print none.

    Empty where there is no such text.
    """
    data = binary.read_bytes()
    start = data.find(_CATALOG)
    while start >= 0:
        # The text ends somewhere in other bytes: what follows it need not be UTF-8.
        text = data[start : start + _LONGEST].decode("utf-8", errors="replace")
        try:
            rows = json.JSONDecoder().raw_decode(text)[0]["models"]
        except ValueError:
            rows = []
        if rows and all(isinstance(row, dict) and "base_instructions" in row for row in rows):
            return list(rows)
        start = data.find(_CATALOG, start + 1)
    return []


def write_embedded(version: str, into: Path) -> bool:
    """Writes `models.json` of a version: the catalog in its binary. False where it has none."""
    from captures.agents import load_agent
    from captures.driver import WORK
    from captures.scenario import Lane

    command = load_agent("codex-cli").start_command(Lane(version, "direct"), WORK)
    rows = embedded_models(Path(command[0]))
    if rows:
        path = into / version / "models.json"
        path.write_text(json.dumps({"models": rows}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return bool(rows)


def models_of(rows: Sequence[Any]) -> tuple[Model, ...]:
    """Rows of a catalog in the order of offering: listed before hidden ones, then by priority."""
    known = [row for row in rows if isinstance(row, dict) and isinstance(row.get("slug"), str)]
    known.sort(key=lambda row: (row.get("visibility") != "list", row.get("priority", 0)))
    return tuple(
        Model(slug=row["slug"], role="code_mode" if row.get("tool_mode") == "code_mode_only" else "direct")
        for row in known
    )
