"""Facts of versions as files, and the page that is made of them.

`captures/timeline/<version>.json` and `captures/timeline/texts`; `docs/TIMELINE.md`. The facts of a version whose
recordings are committed can be made again from them, and a test does; those of the others say which binary they came
from, and `drift --timeline` makes them again from npm.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from captures.agents import model_for
from captures.compact import TextStore
from captures.manifest import UPSTREAM, read_manifest
from captures.recording import Tree
from captures.scenario import Lane, Scenario
from compare.drift.changes import DriftCode, refusal
from compare.drift.facts import facts_of
from compare.drift.plan import Role, Version, cells_of, plan_roles
from compare.drift.record import Seen, Store
from compare.drift.reshape import reworded
from compare.drift.timeline import render_timeline, version_of_facts

__all__ = ["FACTS", "PAGE", "TEXTS", "Texts", "committed_facts", "facts_text", "page", "run_timeline", "versions_of"]

FACTS = UPSTREAM.parent / "timeline"
TEXTS = FACTS / "texts"
PAGE = UPSTREAM.parent.parent / "docs" / "TIMELINE.md"


class Texts(TextStore):
    """Texts by content, those too that are not on disk yet."""

    def get(self, file: str) -> str:
        return self._new[file] if file in self._new else super().get(file)


def run_timeline(versions: Sequence[Version], store: Store, scenarios: Sequence[Scenario], *, write: bool) -> int:
    """Records what is missing; writes facts and page, or says whether they are stale. Harness errors are told."""
    texts = Texts(TEXTS)
    if not versions:
        return _finish(_from_recordings(store, scenarios, texts), texts, scenarios, write)
    seen = _recorded(versions, store, scenarios)
    failed = [
        f"{v}: {lane.role}/{name}: {s.problem}"
        for v, lanes in seen.items()
        for lane, cells in lanes.items()
        for name, s in cells.items()
        if s.status == "harness error"
    ]
    if failed:
        print("\n".join(["not taken, for the harness failed:", *failed]))
        return DriftCode.HARNESS_ERROR
    made = {v.name: facts_text(v.name, store.integrity(v.name), seen[v.name], texts) for v in versions}
    return _finish(made, texts, scenarios, write)


def page(facts: Sequence[Mapping[str, Any]], texts: TextStore, scenarios: Sequence[Scenario]) -> str:
    """The page of these facts, in the order of the versions."""
    rules = {scenario.id: " ".join(scenario.rule.split()) for scenario in scenarios}
    return render_timeline([version_of_facts(data) for data in facts], texts.get, rules)


def versions_of(folder: Path = FACTS) -> list[dict[str, Any]]:
    """The committed facts, oldest version first."""
    files = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    return sorted(files, key=lambda data: [int(part) for part in data["version"].split(".")])


Lanes = dict[Lane, dict[str, Seen]]
"""Role and model (as a Lane of these two) -> scenario -> what was seen of it."""


def facts_text(
    version: str, integrity: Mapping[str, str], lanes: Mapping[Lane, Mapping[str, Seen]], texts: TextStore
) -> str:
    """The file of one version: one line for each thing, so that a pull request shows what moved."""
    out: dict[str, Any] = {"format": 1, "version": version, "integrity": dict(sorted(integrity.items())), "lanes": []}
    for lane in sorted(lanes, key=lambda one: (one.version, one.role)):
        cells = lanes[lane]
        trees = {name: reworded(seen.recording.tree, version) for name, seen in cells.items() if seen.recording}
        ran = {name: tree for name, tree in trees.items() if not _refused(tree)}
        not_run = {name: seen.problem for name, seen in cells.items() if not seen.recording}
        not_run |= {name: _refused(tree) for name, tree in trees.items() if name not in ran}
        out["lanes"].append(
            {
                "role": lane.version,
                "model": lane.role,
                "scenarios": sorted(ran),
                "not_run": dict(sorted(not_run.items())),
                "facts": facts_of(ran, lambda name, text: texts.put(_stem(name), text, "md")),
            }
        )
    return _lines(out)


def committed_facts(version: str, store: Store, scenarios: Sequence[Scenario], texts: TextStore) -> str:
    """The file of a version whose recordings are committed, from nothing else."""
    lanes: Lanes = {}
    committed = store.committed
    for role in sorted({cell.role for cell in committed if cell.version == version}):
        lane = Lane(version, role)
        one = Role(name=role, before=lane, after=lane, models=(model_for(lane), model_for(lane)))
        for pair in cells_of(scenarios, [one], committed):
            lanes.setdefault(Lane(role, model_for(lane)), {})[pair.scenario.id] = store.look(pair.scenario, lane, role)
    manifest = read_manifest(UPSTREAM / version)
    return facts_text(version, manifest.integrity if manifest else {}, lanes, texts)


def _from_recordings(store: Store, scenarios: Sequence[Scenario], texts: TextStore) -> dict[str, str]:
    """The facts that are there, of versions whose recordings are committed made anew."""
    recorded = {cell.version for cell in store.committed}
    return {
        path.stem: committed_facts(path.stem, store, scenarios, texts) if path.stem in recorded else path.read_text()
        for path in sorted(FACTS.glob("*.json"), key=lambda path: [int(part) for part in path.stem.split(".")])
    }


def _finish(facts: Mapping[str, str], texts: Texts, scenarios: Sequence[Scenario], write: bool) -> int:
    """Writes or compares the files of facts, by version, and the page of them all; texts that none names go."""
    if not facts:
        print(f"no facts below {FACTS}; name the versions")
        return DriftCode.USAGE
    stale = _put({FACTS / f"{version}.json": text for version, text in facts.items()}, write)
    made = page([json.loads(text) for text in facts.values()], texts, scenarios)
    stale += _put({PAGE: made}, write)
    if write:
        texts.save()
        for path in TEXTS.iterdir():
            if not any(path.name in text for text in facts.values()):
                path.unlink()
    print("\n".join([f"{'wrote' if write else 'stale'}: {path.name}" for path in stale] or ["up to date"]))
    return DriftCode.AGENT if stale and not write else DriftCode.NONE


def _recorded(versions: Sequence[Version], store: Store, scenarios: Sequence[Scenario]) -> dict[str, Lanes]:
    """Each version in the lanes that its neighbours are compared with it in."""
    seen: dict[str, Lanes] = {version.name: {} for version in versions}
    for before, after in itertools.pairwise(versions):
        roles, _ = plan_roles(before, after)
        pairs = cells_of(scenarios, roles, store.committed)
        store.fill(pairs)
        for pair in pairs:
            for lane, model in zip((pair.role.before, pair.role.after), pair.role.models, strict=True):
                cells = seen[lane.version].setdefault(Lane(pair.role.name, model), {})
                if pair.scenario.id not in cells:
                    cells[pair.scenario.id] = store.look(pair.scenario, lane, pair.role.name)
    return seen


def _refused(tree: Tree) -> str:
    """Why a scenario that asks a server was not started: a usage error before anything was sent."""
    if any(run["exit"] != 2 for run in tree["runs"]):
        return ""
    return refusal(tree, {"requests": [None]})


def _stem(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name.lower()).strip("_")[:40] or "text"


def _lines(data: Mapping[str, Any]) -> str:
    """JSON with a line for each thing."""
    lanes = []
    for lane in data["lanes"]:
        kinds = []
        for kind, things in lane["facts"].items():
            rows = ",\n".join(f"    {_json(thing)}: {_json(values)}" for thing, values in things.items())
            kinds.append(f"   {_json(kind)}: {{\n{rows}\n   }}")
        head = ",\n".join(f"  {_json(key)}: {_json(lane[key])}" for key in ("role", "model", "scenarios", "not_run"))
        facts = ",\n".join(kinds)
        lanes.append(f' {{\n{head},\n  "facts": {{\n{facts}\n  }}\n }}')
    head = ",\n".join(f" {_json(key)}: {_json(data[key])}" for key in ("format", "version", "integrity"))
    told = ",\n".join(lanes)
    return f'{{\n{head},\n "lanes": [\n{told}\n ]\n}}\n'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _put(files: Mapping[Path, str], write: bool) -> list[Path]:
    """The files that are not so; written if that was asked for."""
    stale = [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale if write else ():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
    return stale
