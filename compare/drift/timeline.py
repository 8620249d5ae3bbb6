"""The facts of several versions -> `docs/TIMELINE.md`. Pure: the same files give the same page."""

from __future__ import annotations

import html
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compare.drift.facts import PLAIN
from compare.drift.steps import Lane, Move, Step, Told, common_lane, compare_lanes, lanes_of
from compare.drift.texts import size_of, text_diff

__all__ = ["Version", "render_timeline", "version_of_facts"]

_TITLES = {
    "traffic": (
        "Requests and retries",
        "what each run of a scenario asked and got; `×` counts, `!` is a broken connection, and what no script foresaw "
        "gets 500",
    ),
    "header": ("Headers", "of requests for an answer"),
    "metadata": ("Turn metadata", "keys of the header `x-codex-turn-metadata`"),
    "body": ("Keys of the body", "at its top"),
    "client_metadata": ("Client metadata", "keys of the body's `client_metadata`"),
    "item": ("Items of the input", "by type and role, and the keys they have"),
    "tool": ("Tools", "declared to the model; `a.b` is a tool of a namespace"),
    "text": ("Texts", "base instructions and the texts of the context, known by the tag or heading they open with"),
    "event": ("Events", "lines of `codex exec --json`"),
    "exit": ("Exit codes", "of the runs of a scenario"),
    "option": ("Options", "that `--help` of `codex exec` and its commands lists"),
    "record": ("Rollouts", "records of a thread's file"),
}
_ROWS = ("header", "metadata", "body", "client_metadata", "item", "tool", "text", "event", "option", "record")
_VALUES = ("traffic", "exit")
_MOST = 60
_WIDE = 160

_INTRO = """# The timeline

What changed in what codex-cli sends, reads and prints, from {first} to {last}. Generated from recordings of the real
binaries by `python -m compare drift --timeline {versions} --write`; the facts are in
[captures/timeline](../captures/timeline), each with the integrity of the binary and the scenarios it was recorded in.
Two versions are compared where both were recorded in a scenario, with one model that both know where there is one, so
that what differs is the binary's. Between two versions of this list are others: a change came in one of them or in the
later one.
"""


@dataclass(frozen=True, kw_only=True)
class Version:
    """A version and its lanes."""

    name: str
    lanes: tuple[Lane, ...]

    def of(self, role: str) -> list[Lane]:
        return [lane for lane in self.lanes if lane.role == role]


def version_of_facts(data: Mapping[str, Any]) -> Version:
    """From a file of facts."""
    return Version(name=data["version"], lanes=tuple(lanes_of(data)))


def render_timeline(versions: Sequence[Version], told: Told, rules: Mapping[str, str]) -> str:
    """The page. `told` gives the text of a name in the facts, `rules` the sentence of a scenario."""
    steps = {
        after.name: {
            role: compare_lanes(*pair)
            for role in ("direct", "code_mode", "fallback")
            if (pair := common_lane(before.lanes, after.lanes, role))
        }
        for before, after in itertools.pairwise(versions)
    }
    names = [version.name for version in versions]
    blocks = [_INTRO.format(first=names[0], last=names[-1], versions=" ".join(names)), _counts(versions, steps)]
    blocks.append("## What there is\n\n" + _LEGEND)
    blocks += [_table(kind, versions, steps) for kind in _ROWS]
    blocks += [_values(kind, versions, rules) for kind in _VALUES]
    blocks.append("## Version by version")
    blocks += [_chapter(before, after, steps[after.name], told) for before, after in itertools.pairwise(versions)]
    return "\n\n".join(block.strip("\n") for block in blocks if block) + "\n"


_LEGEND = (
    "With a model that has its tools in the request (`direct`). ● is there, ◐ is there and otherwise than in the "
    "version before, blank is not there, ? cannot be said: no scenario that shows it was run in that version."
)


def _counts(versions: Sequence[Version], steps: Mapping[str, Mapping[str, Step]]) -> str:
    """How much moved in each version, by kind: new, gone, changed."""
    rows = []
    for kind, (title, _) in _TITLES.items():
        cells = []
        for version in versions[1:]:
            step = steps[version.name].get("direct")
            moves = [move for move in step.moves if move.kind == kind] if step else []
            words = [f"{sign}{count}" for sign, how in _SIGNS if (count := sum(move.how == how for move in moves))]
            cells.append(" ".join(words))
        rows.append((title, *cells))
    models = ["model" + " of both", *(_models(steps[version.name].get("direct")) for version in versions[1:])]
    heads = ("", *(version.name for version in versions[1:]))
    return "## In short\n\n+ new, − gone, ~ changed since the version before.\n\n" + _markdown_table(
        heads, [tuple(models), *rows]
    )


_SIGNS = (("+", "new"), ("−", "gone"), ("~", "changed"))


def _models(step: Step | None) -> str:
    if step is None:
        return ""
    ours, theirs = step.before.model, step.after.model
    return ours if ours == theirs else f"{ours}, {theirs}"


def _table(kind: str, versions: Sequence[Version], steps: Mapping[str, Mapping[str, Step]]) -> str:
    """Things that are not in all versions alike, a row each; the others in a sentence."""
    title, about = _TITLES[kind]
    rows, always = [], []
    for thing in _things(kind, versions):
        cells = [_cell(kind, thing, version, versions, steps) for version in versions]
        if all(cell == "●" for cell in cells):
            always.append(_code(thing))
        else:
            rows.append((_code(thing), *cells))
    blocks = [f"### {title}", f"{about[0].upper()}{about[1:]}."]
    if rows:
        blocks.append(_markdown_table(("", *(version.name for version in versions)), rows))
    if always:
        blocks.append(f"In all, unchanged: {', '.join(always)}.")
    return "\n\n".join(blocks)


def _things(kind: str, versions: Sequence[Version]) -> list[str]:
    """By name of the thing, in the order in which they came."""
    return list(dict.fromkeys(thing for v in versions for lane in v.of("direct") for thing in lane.facts.get(kind, {})))


def _cell(
    kind: str, thing: str, version: Version, versions: Sequence[Version], steps: Mapping[str, Mapping[str, Step]]
) -> str:
    lanes = version.of("direct")
    if any(thing in lane.facts.get(kind, {}) for lane in lanes):
        step = steps.get(version.name, {}).get("direct")
        moved = step and any((m.kind, m.thing, m.how) == (kind, thing, "changed") for m in step.moves)
        return "◐" if moved else "●"
    shows = {name for v in versions for lane in v.of("direct") for name in lane.seen(kind, thing)}
    return "" if shows & {name for lane in lanes for name in lane.scenarios} else "?"


def _values(kind: str, versions: Sequence[Version], rules: Mapping[str, str]) -> str:
    """Scenarios in which the value itself is not the same in all versions that were run in it, a row each."""
    title, about = _TITLES[kind]
    rows = []
    for thing in sorted(_things(kind, versions)):
        seen = [{value for lane in v.of("direct") for value in lane.seen(kind, thing).get(thing, [])} for v in versions]
        if len(set().union(*seen)) > 1:
            cells = [" or ".join(f"`{_squeezed(value)}`" for value in sorted(values)) or "?" for values in seen]
            rows.append((f"[{thing}](../captures/scenarios/{thing}.yaml): {rules.get(thing, '')}", *cells))
    heading = f"### {title}\n\n{about[0].upper()}{about[1:]}."
    if not rows:
        return f"{heading} The same in all versions."
    return f"{heading} Only the scenarios in which something changed.\n\n" + _markdown_table(
        ("", *(version.name for version in versions)), rows
    )


def _squeezed(value: str) -> str:
    """Runs with the same value one after another, once."""
    told: list[tuple[str, int]] = []
    for run in value.split(" / "):
        if told and told[-1][0] == run:
            told[-1] = (run, told[-1][1] + 1)
        else:
            told.append((run, 1))
    return " / ".join(run if count == 1 else f"({run})×{count}" for run, count in told)


def _chapter(before: Version, after: Version, steps: Mapping[str, Step], told: Told) -> str:
    """What moved in one version: with a direct model first, then what the other kinds of model have besides."""
    blocks = [f"### {after.name}"]
    known: set[tuple[str, str, str, str]] = set()
    for role, step in steps.items():
        moves = [move for move in step.moves if _key(move) not in known]
        known |= {_key(move) for move in step.moves}
        same = step.before.model == step.after.model
        models = f"`{step.after.model}` in both" if same else f"`{step.before.model}`, then `{step.after.model}`"
        label = f"Against {before.name}, {role} ({models}), {step.scenarios} scenarios"
        others = " besides" if role != "direct" else ""
        blocks.append(f"{label}{':' if moves else f': nothing{others}.'}")
        blocks += _by_kind(moves, told)
        if step.after.not_run:
            lines = [f"- {name}: `{message}`" for name, message in sorted(step.after.not_run.items())]
            blocks.append("Not run:\n\n" + "\n".join(lines))
    for role in ("direct", "code_mode"):
        if after.of(role) and not before.of(role):
            blocks.append(_first_seen(after, role))
    return "\n\n".join(blocks)


def _first_seen(version: Version, role: str) -> str:
    """A role that the version before had no model for: what it has that a direct model has not."""
    lane = version.of(role)[0]
    direct = version.of("direct")
    lines = []
    for kind in _ROWS:
        known = {thing for other in direct for thing in other.facts.get(kind, {})}
        new = [f"`{thing}`" for thing in lane.facts.get(kind, {}) if thing not in known]
        lines += [f"- {_TITLES[kind][0].lower()}: {', '.join(new)}"] if new else []
    return f"New: a {role} model (`{lane.model}`). What it has that a direct one has not:\n\n" + "\n".join(lines)


def _by_kind(moves: Sequence[Move], told: Told) -> Iterator[str]:
    for kind, (title, _) in _TITLES.items():
        found = [move for move in moves if move.kind == kind]
        if found:
            lines = [_line(move) for move in found]
            text = f"**{title}**\n\n" + "\n".join(f"- {line}" for line in lines)
            yield (
                f"<details><summary>{title}: {len(found)}</summary>\n\n"
                + "\n".join(f"- {line}" for line in lines)
                + "\n\n</details>"
                if kind == "record"
                else text
            )
            yield from _details(found, told)


def _line(move: Move) -> str:
    sign = {"new": "+", "gone": "−", "changed": "~"}[move.how]
    what = f": {_clipped(move.what)}" if move.what else ""
    where = f" (in {move.scenario})" if move.scenario not in ("", move.thing, *PLAIN) else ""
    return f"{sign} {_code(move.thing)}{what}{where}"


def _code(thing: str) -> str:
    """A thing as code, where it does not hold code itself."""
    return thing if "`" in thing else f"`{thing}`"


def _details(moves: Sequence[Move], told: Told) -> Iterator[str]:
    """The texts that changed, folded."""
    for move in moves:
        if move.texts is None:
            continue
        old, new = (told(name) if name else "" for name in move.texts)
        if old == new:
            continue
        size = size_of(old, new) if old else f"{len(new)} characters"
        head = f"{move.thing.replace('`', '')}{' (words)' if move.kind == 'tool' else ''}: {size}"
        shown = "\n".join(
            _fenced(text_diff(old, new, most=_MOST))
            if old
            else _fenced([f"+ {line}" for line in new.splitlines()[:_MOST]])
        )
        yield f"<details><summary>{html.escape(head)}</summary>\n\n````diff\n{shown}\n````\n\n</details>"


def _fenced(lines: Sequence[str]) -> list[str]:
    return [line.rstrip() for line in lines]


def _key(move: Move) -> tuple[str, str, str, str]:
    return move.kind, move.thing, move.how, move.what


def _clipped(text: str) -> str:
    return text if len(text) <= 4 * _WIDE else f"{text[: 4 * _WIDE]}…"


def _markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
