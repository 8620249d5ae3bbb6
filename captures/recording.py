"""What one agent did in one scenario, in canonical form, and how it lies on disk.

The tree is plain JSON-like data (dict order is part of it):

    {"requests":  [{"run", "method", "target", "http", "connection", "head": [[name, value], ...], "body"}],
     "responses": [{"step", "status", "end"} or {"status", "end", "head", "events"}],
     "runs":      [{"exit", "stdout": [line, ...], "stderr": [line, ...]}],
     "files": {path: text}, "home": {path: text},
     "rollouts": [{"path", "lines": [line, ...]}]}

A WebSocket message of the agent is a request with the method MESSAGE and no head, after the GET that upgraded its
connection. A request whose body is JSON, but not compact as codex-cli's, also has `json`: how it is written. A string
that is exactly compact JSON is held as `{"$json": value}`, so that a difference inside it has a path.
On disk, long texts and tool schemas stand once in `captures/texts`, named by content, and a request says only what
it adds to the one before it (see `captures.compact`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from captures.compact import TextStore, expand_lines, expand_requests, shrink_lines, shrink_requests
from captures.noise import NoiseRule, rules_from_json, rules_to_json

__all__ = [
    "FORMAT",
    "Recording",
    "RecordingError",
    "Tree",
    "folder_hash",
    "join_lines",
    "pack_json",
    "read_recording",
    "split_lines",
    "unpack_json",
    "write_recording",
]

Tree = dict[str, Any]

FORMAT = 1

# format of the file -> function that makes the next format of it; empty as long as there is only one.
CONVERTERS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


class RecordingError(ValueError):
    """A recording that cannot be read: the message names the file and what to do."""


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One agent, one scenario, one lane: the tree and the noise rules that upstream's own runs gave it.

    `inputs` says how each run was started (`argv`, `stdin`); it is no surface and is never compared.
    """

    lane: str
    scenario: str
    tree: Tree
    noise: tuple[NoiseRule, ...] = ()
    inputs: tuple[Mapping[str, Any], ...] = ()

    def with_noise(self, noise: tuple[NoiseRule, ...]) -> Recording:
        return replace(self, noise=noise)


def pack_json(text: str) -> Any:
    """`{"$json": value}` where the text is exactly the compact JSON of an object or list, else the text itself."""
    if text[:1] not in ("{", "["):
        return text
    try:
        value = json.loads(text, object_pairs_hook=_no_duplicates)
    except ValueError:
        return text
    return {"$json": value} if _compact(value) == text else text


def unpack_json(value: Any) -> str:
    """The inverse of `pack_json`."""
    if isinstance(value, str):
        return value
    return _compact(value["$json"])


def split_lines(text: str) -> list[Any]:
    """Output as lines; a last element other than "" means that the final newline was missing."""
    return [pack_json(line) for line in text.split("\n")]


def join_lines(lines: list[Any]) -> str:
    """The inverse of `split_lines`."""
    return "\n".join(unpack_json(line) for line in lines)


def write_recording(recording: Recording, folder: Path, texts: Path) -> None:
    """Writes the canonical files of one recording into `folder`, long texts into `texts`. Never deletes a text."""
    folder.mkdir(parents=True, exist_ok=True)
    store = TextStore(texts)
    tree = recording.tree
    files: dict[str, str] = {
        "requests.json": _pretty(shrink_requests(tree["requests"], store)),
        "responses.json": _pretty(tree["responses"]),
        "result.json": _pretty(
            {
                "format": FORMAT,
                "lane": recording.lane,
                "scenario": recording.scenario,
                "inputs": [dict(one) for one in recording.inputs],
                "exits": [run["exit"] for run in tree["runs"]],
                "files": tree["files"],
                "home": tree["home"],
                "rollouts": [rollout["path"] for rollout in tree["rollouts"]],
            }
        ),
    }
    for number, run in enumerate(tree["runs"], 1):
        suffix = "" if number == 1 else f".{number}"
        stdout, stderr = run["stdout"], run["stderr"]
        kind = "jsonl" if any(isinstance(line, dict) for line in stdout) else "txt"
        files[f"stdout{suffix}.{kind}"] = join_lines(shrink_lines(stdout, store) if kind == "jsonl" else stdout)
        files[f"stderr{suffix}.txt"] = join_lines(stderr)
    for number, rollout in enumerate(tree["rollouts"], 1):
        suffix = "" if number == 1 else f".{number}"
        files[f"rollout{suffix}.jsonl"] = join_lines(shrink_lines(rollout["lines"], store))
    if recording.noise:
        rows = shrink_lines(rules_to_json(recording.noise), store)
        files["noise.json"] = "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"
    store.save()
    for old in folder.iterdir():
        if old.is_file() and old.name not in files:
            old.unlink()
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())


def read_recording(folder: Path, texts: Path | None = None) -> Recording:
    """Reads one recording; `texts` defaults to the `texts` folder beside the tree that holds the recording."""
    store = TextStore(texts or _texts_beside(folder))
    result = _upgrade(_load(folder / "result.json"), folder)
    runs = []
    for number, code in enumerate(result["exits"], 1):
        suffix = "" if number == 1 else f".{number}"
        stdout = next((p for k in ("jsonl", "txt") if (p := folder / f"stdout{suffix}.{k}").exists()), None)
        if stdout is None:
            raise RecordingError(f"{folder}: stdout of run {number} is missing; record it again with `make capture`")
        stderr = _text(folder / f"stderr{suffix}.txt")
        lines = split_lines(_text(stdout))
        lines = expand_lines(lines, store) if stdout.suffix == ".jsonl" else lines
        runs.append({"exit": code, "stdout": lines, "stderr": split_lines(stderr)})
    rollouts = []
    for number, path in enumerate(result["rollouts"], 1):
        suffix = "" if number == 1 else f".{number}"
        lines = split_lines(_text(folder / f"rollout{suffix}.jsonl"))
        rollouts.append({"path": path, "lines": expand_lines(lines, store)})
    noise_file = folder / "noise.json"
    return Recording(
        lane=result["lane"],
        scenario=result["scenario"],
        tree={
            "requests": expand_requests(_load(folder / "requests.json"), store),
            "responses": _load(folder / "responses.json"),
            "runs": runs,
            "files": result["files"],
            "home": result["home"],
            "rollouts": rollouts,
        },
        noise=rules_from_json(expand_lines(_load(noise_file), store)) if noise_file.exists() else (),
        inputs=tuple(result.get("inputs", ())),
    )


def folder_hash(folder: Path) -> str:
    """SHA-256 over the names and bytes of a recording's files: what the manifest holds, and how a hand edit shows."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.iterdir() if p.is_file()):
        data = path.read_bytes()
        digest.update(f"{path.name} {len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def _texts_beside(folder: Path) -> Path:
    for parent in folder.resolve().parents:
        if (parent / "texts").is_dir():
            return parent / "texts"
    raise RecordingError(f"{folder}: no `texts` folder above this recording; it holds the long texts by content")


def _upgrade(result: dict[str, Any], folder: Path) -> dict[str, Any]:
    version = result.get("format")
    if not isinstance(version, int) or version > FORMAT:
        raise RecordingError(f"{folder}: recording format {version}, this program reads up to {FORMAT}; update it")
    while version < FORMAT:
        result = CONVERTERS[version](result)
        version = result["format"]
    return result


def _load(path: Path) -> Any:
    text = _text(path)
    try:
        return json.loads(text)
    except ValueError as error:
        raise RecordingError(f"{path}: not JSON ({error}); record it again with `make capture`") from None


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror}; record it again with `make capture`") from None


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _no_duplicates(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("duplicate key")  # such an object stays a text: a dict would lose a value
    return dict(pairs)
