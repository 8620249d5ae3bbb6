"""`python -m compare drift`: its options, what it does in order, and its exit codes."""

from __future__ import annotations

import argparse
import functools
import os
import re
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from captures.agents import AgentError, load_agent
from captures.driver import WORK
from captures.manifest import UPSTREAM
from captures.scenario import Scenario, load_scenarios
from compare.cells import CellName, find_cells, scenarios_beside, upstream_folder
from compare.drift.changes import Compared, Drift, compare_pair, drift_code, group, refusal
from compare.drift.plan import Pair, Version, cells_of, plan_roles
from compare.drift.record import Seen, Store
from compare.drift.render import drift_json, render_markdown, render_text
from compare.drift.reshape import reshape

__all__ = ["CODES", "DriftError", "add_options", "drift_of", "resolve", "run", "scenario_link", "version_of"]

CODES = "exit codes: 0 no change, 1 an agent must change, 2 usage, 3 harness error, 5 a server sees a change"
_NUMBER = re.compile(r"\d+\.\d+\.\d+(-[a-z]+\.\d+)?")
_PACKAGE = "@openai/codex"


class DriftError(ValueError):
    """What was asked for cannot be compared; the message says why."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument(
        "version",
        nargs="*",
        metavar="VERSION",
        help="two versions of codex-cli, as numbers or: recorded (the newest with recordings), latest (npm's newest); "
        "more than two go with --timeline",
    )
    parser.add_argument("--all", action="store_true", help="every scenario, not only those tagged `drift`")
    parser.add_argument("--json", type=Path, metavar="FILE", help="everything, for programs")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="the same as Markdown, for an issue")
    parser.add_argument(
        "--summary", action="store_true", help="append the Markdown to the file that $GITHUB_STEP_SUMMARY names"
    )
    parser.add_argument(
        "--timeline",
        action="store_true",
        help="what each version does, one after another; of no version: of those written before, without npm",
    )
    parser.add_argument(
        "--write", action="store_true", help="with --timeline: write captures/timeline and docs/TIMELINE.md"
    )
    parser.add_argument("-j", "--jobs", type=int, default=2, help="workers for what must be recorded (default: 2)")
    parser.add_argument("--expected", type=Path, metavar="DIR", help="recordings of upstream (captures/upstream)")


def run(args: argparse.Namespace) -> int:
    """Compares, prints, writes what was asked for. Raises DriftError, AgentError."""
    upstream: Path = args.expected or upstream_folder()
    committed = find_cells(upstream)
    names = [resolve(name, committed) for name in args.version]
    agent = load_agent("codex-cli")
    store = Store(agent, committed, _integrity, root=WORK / "drift", jobs=args.jobs)
    scenarios = load_scenarios(scenarios_beside(upstream))
    if args.timeline:
        from compare.drift.chain import run_timeline

        versions = [version_of(name, committed, recorded=False) for name in names]
        return run_timeline(versions, store, scenarios, write=args.write)
    if len(names) != 2 or args.write:
        raise DriftError(
            "give two versions, as in `drift 0.115.0 0.169.0`; more of them, or --write, go with --timeline"
        )
    recorded = all(any(cell.version == name for cell in committed) for name in names)
    before, after = (version_of(name, committed, recorded=recorded) for name in names)
    drift = drift_of(before, after, store, scenarios, every=args.all)
    print(render_text(drift))
    _write(args, drift)
    return drift_code(drift)


def drift_of(
    before: Version, after: Version, store: Store, scenarios: Sequence[Scenario], *, every: bool = False
) -> Drift:
    """Records what is missing, and holds each scenario of one version against the other's."""
    roles, notes = plan_roles(before, after)
    pairs = cells_of(scenarios, roles, store.committed, every=every)
    store.fill(pairs)
    found: list[Compared] = []
    not_run: dict[str, str] = {}
    failed: dict[str, str] = {}
    for pair in pairs:
        sides = [store.look(pair.scenario, lane, pair.role.name) for lane in (pair.role.before, pair.role.after)]
        wrong = {v.name: seen for v, seen in zip((before, after), sides, strict=True) if seen.recording is None}
        for version, seen in wrong.items():
            where = not_run if seen.status == "not run" else failed
            where[pair.name] = f"{version}: {seen.problem}"
        if not wrong:
            found.append(_compared(pair, before, after, *sides))
    not_run |= {one.name: one.refused for one in found if one.refused}
    kept = [one for one in found if not one.refused]
    counts = {role.name: sum(one.name.startswith(f"{role.name}/") for one in kept) for role in roles}
    return Drift(
        before=before.name,
        after=after.name,
        changes=group(kept),
        compared={name: count for name, count in counts.items() if count},
        notes=tuple(notes),
        not_run=not_run,
        misfits={one.name: one.misfit for one in kept if one.misfit},
        failed=failed,
    )


def resolve(name: str, committed: Collection[CellName] = ()) -> str:
    """A version as a number: `recorded` is the newest that is committed, and npm is asked what another tag stands for.

    Raises DriftError, AgentError.
    """
    if _NUMBER.fullmatch(name):
        return name
    if name == "recorded":
        if not committed:
            raise DriftError("there are no recordings, so no version is the newest of them; name two versions")
        return max((cell.version for cell in committed), key=lambda version: [int(part) for part in version.split(".")])
    if not re.fullmatch(r"[a-z][a-z-]*", name):
        raise DriftError(f"{name!r} is no version of codex-cli: expected a number as in 0.169.0, or a tag as in latest")
    try:
        command = ["npm", "view", f"{_PACKAGE}@{name}", "version"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    except OSError:
        raise AgentError(f"npm says which version {name!r} is, and there is no npm on PATH; name the version") from None
    found = done.stdout.strip()
    if not _NUMBER.fullmatch(found):
        raise DriftError(f"npm knows no version {name!r} of {_PACKAGE}")
    return found


def version_of(name: str, committed: Mapping[CellName, Path], *, recorded: bool) -> Version:
    """What is known of a version; with `recorded` both are in the tree and no binary is asked for its catalog."""
    roles = frozenset(cell.role for cell in committed if cell.version == name)
    if recorded:
        return Version(name=name, committed=roles)
    from captures.catalog import bundled_models
    from captures.install import install

    try:
        binary = install(_PACKAGE, name, WORK).binary
    except AgentError as error:
        if "ETARGET" in str(error) or "E404" in str(error):
            raise DriftError(f"npm knows no version {name} of {_PACKAGE}") from None
        raise
    return Version(name=name, committed=roles, models=bundled_models(binary))


def _compared(pair: Pair, before: Version, after: Version, ours: Seen, theirs: Seen) -> Compared:
    assert ours.recording is not None and theirs.recording is not None
    for version, tree, other in (
        (before, ours.recording.tree, theirs.recording.tree),
        (after, theirs.recording.tree, ours.recording.tree),
    ):
        if message := refusal(tree, other):
            return Compared(name=pair.name, refused=f"{version.name}: {message}")
    models = ("", "") if pair.role.same_model else pair.role.models
    differences = compare_pair(
        reshape(ours.recording, before.name, models[0]), reshape(theirs.recording, after.name, models[1])
    )
    misfits = [f"{v.name}: {s.problem}" for v, s in ((before, ours), (after, theirs)) if s.problem]
    return Compared(
        name=pair.name,
        differences=tuple(differences),
        misfit="; ".join(misfits),
        once=min(ours.times, theirs.times) < 2,
    )


@functools.cache
def _integrity(version: str) -> Mapping[str, str]:
    from compare.capture import manifest_of

    return manifest_of(version).integrity


def _write(args: argparse.Namespace, drift: Drift) -> None:
    """The files that were asked for. Raises DriftError."""
    markdown = render_markdown(drift, link=scenario_link())
    summary = os.environ.get("GITHUB_STEP_SUMMARY") if args.summary else None
    try:
        for path, text in ((args.json, drift_json(drift)), (args.markdown, markdown)):
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", errors="backslashreplace")
                print(f"wrote {path}", file=sys.stderr)
        if summary:
            with open(summary, "a", encoding="utf-8") as file:
                file.write(markdown)
    except OSError as error:
        raise DriftError(f"{error.filename}: {error.strerror}") from None


def scenario_link() -> str:
    """What stands before a scenario's id in a link: in a GitHub workflow the address of the commit, else a path."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")
    server, repository, commit = (os.environ.get(name) for name in names)
    folder = UPSTREAM.parent.name
    here = f"{server}/{repository}/blob/{commit}/" if server and repository and commit else ""
    return f"{here}{folder}/scenarios/"
