"""`docs/shapes/<version>/*.json`: written from the recordings, and compared with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from captures.manifest import UPSTREAM
from compare.shapes.collect import KINDS, schemas
from compare.shapes.infer import ENOUGH, FEW, KEYS, MANY, WORDS

__all__ = ["SHAPES", "files_of", "index", "stale", "write"]

SHAPES = UPSTREAM.parent.parent / "docs" / "shapes"

_TITLES: Mapping[str, str] = {
    "request": "The body of POST /v1/responses; items and tools have shapes of their own",
    "head": "Its head, as an object of lower-case names; a provider may have more of them",
    "message": "A message on a WebSocket",
    "upgrade": "The head of the request that opens a WebSocket",
    "item": "An item of `input`",
    "tool": "A declared tool",
    "event": "A line that `codex exec --json` prints",
    "output": "What a tool answers, by its name",
}


def files_of(version: str, upstream: Path = UPSTREAM) -> dict[str, str]:
    """File name -> text, for one version."""
    return {f"{kind}.json": _text(kind, schema) for kind, schema in schemas(upstream / version).items()}


def _text(kind: str, schema: Mapping[str, Any]) -> str:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": _TITLES[kind]}
    return json.dumps({**head, **schema}, ensure_ascii=False, indent=1) + "\n"


def index() -> str:
    """The README beside them: what each file is, and what a promise rests on."""
    rows = "\n".join(f"| `{kind}.json` | {_TITLES[kind]} |" for kind in KINDS)
    return f"""# Shapes

JSON Schemas of what each codex-cli version sends and prints, inferred from all its recordings by
`python -m compare shapes --write`. They accept every recording of their version; `python -m compare shapes -- COMMAND`
holds any agent against them while it runs.

| file | what |
|---|---|
{rows}

What a schema promises rests on evidence, counted in recordings:

- a key is `required`, and an unknown key refused, where objects of that place come from {FEW} recordings or more;
- a `type` that was never seen is refused where the place comes from {MANY} recordings or more;
- a text is an `enum` where it has at most {WORDS} values, each a plain word from {ENOUGH} recordings or more;
- a text has a `pattern` where all texts of {FEW} recordings or more have that form;
- objects with keys that are no names, or with more than {KEYS} of them, are maps: only their values have a shape;
- a tool's output that has a line `Output:` has one of the heads that were seen above such a line;
- what the model or the server gave (arguments, ids, names) and a tool's own schema are known by their JSON type only.

A text that is JSON itself has `contentSchema`; most validators only note that keyword, ours obeys it. The order of keys
and headers is no part of a schema: `python -m compare report` compares it.
"""


def write(folder: Path = SHAPES, upstream: Path = UPSTREAM) -> list[Path]:
    """Writes the shapes of all recorded versions; returns the files that changed."""
    changed = []
    for path, text in _wanted(folder, upstream).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def stale(folder: Path = SHAPES, upstream: Path = UPSTREAM) -> list[Path]:
    """The files that are not what the recordings say."""
    wanted = _wanted(folder, upstream)
    return [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def _wanted(folder: Path, upstream: Path) -> dict[Path, str]:
    wanted = {folder / "README.md": index()}
    for version in sorted(path.name for path in upstream.iterdir() if path.is_dir()):
        wanted |= {folder / version / name: text for name, text in files_of(version, upstream).items()}
    return wanted
