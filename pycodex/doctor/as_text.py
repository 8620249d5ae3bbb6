"""The report for people, laid out as codex-cli does (captured: doctor/*): what needs attention, then a line a check in
groups, each with its details below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pycodex.doctor.report import Check, overall
from pycodex.doctor.secrets import shown
from pycodex.paint import Painter
from pycodex.records import dataclass

__all__ = ["COLORS", "Layout", "as_text"]

_NAME = 12
_LABEL = 24
_RULE = 61
_LONGEST_PATH = 48
_MOST = 7
"""Elements of a list that are shown without --all."""
_GROUPS = (
    ("Configuration", ("config", "dotenv", "provider", "auth", "key", "sandbox")),
    ("Connectivity", ("network", "proxy", "dns", "tcp", "tls", "websocket", "reachability", "models", "live")),
)
_MARKS = {"ok": "✓", "warning": "⚠", "fail": "✗", "skipped": "○"}
_ASCII_MARKS = {"ok": "[ok]", "warning": "[!!]", "fail": "[XX]", "skipped": "[--]"}
_OVERALL = {"ok": "ok", "warning": "degraded", "fail": "failed"}
_LABELS = {"auth file": "auth.json path (file backend/fallback)"}
_OF_CONFIG = (
    ("cwd", "cwd"),
    ("config.toml", "config.toml"),
    ("config.toml parse", "config.toml parse"),
    ("config.toml read", "config.toml read"),
    ("mcp servers", "MCP servers"),
)
_TOLD_ABOVE = {
    *(name for name, _ in _OF_CONFIG),
    *("CODEX_HOME", "model", "model provider", "log dir", "sqlite home", "legacy feature flag"),
    *("feature flags enabled", "enabled feature flags", "feature flag overrides"),
}
COLORS: Mapping[str, tuple[int, ...]] = {
    "title": (1,),
    "ok": (32,),
    "warning": (33,),
    "fail": (31,),
    "skipped": (2,),
    "dim": (2,),
}
"""Escape codes of what stands out; the rest is plain."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How it is to look."""

    details: bool = True
    all: bool = False
    ascii: bool = False
    paint: Painter = Painter()
    home: str = ""
    """What paths show as `~`."""


def as_text(title: str, version: str, checks: Sequence[Check], layout: Layout) -> str:
    """The whole text."""
    paint = layout.paint
    lines = [f"{paint('title', title)} {paint('dim', f'v{version}')}", ""]
    notes = [check for check in checks if check.status in ("warning", "fail")]
    if notes:
        lines.append(paint("title", "Notes"))
        lines += [f"   {_mark(check, layout)} {check.category:{_NAME}} {_note(check)}" for check in notes]
        lines += [_rule(layout), ""]
    for name, categories in _GROUPS:
        group = [check for category in categories for check in checks if check.category == category]
        if group:
            lines += [paint("title", name), *(line for check in group for line in _rows(check, layout)), ""]
    lines += [_rule(layout), _counts(checks, len(notes), layout), "", *_footer(layout)]
    return "".join(f"{line}\n" for line in lines)


def _rows(check: Check, layout: Layout) -> Iterator[str]:
    yield f"  {_mark(check, layout)} {check.category:{_NAME}} {_said(check, layout)}"
    if not layout.details:
        return
    details = shown(check)
    for name, value in _of_config(check, details, layout) if check.category == "config" else _plain(details):
        told = value if check.plain else _path(value, layout)
        yield f"      {name:{_LABEL}} {told}" if name else f"    {'-' if layout.ascii else '·'} {told}"
    for issue in check.issues:
        yield f"    {'->' if layout.ascii else '→'} {issue.remedy}"


def _mark(check: Check, layout: Layout) -> str:
    return layout.paint(check.status, (_ASCII_MARKS if layout.ascii else _MARKS)[check.status])


def _rule(layout: Layout) -> str:
    return layout.paint("dim", ("-" if layout.ascii else "─") * _RULE)


def _note(check: Check) -> str:
    if check.issues:
        return _causes(check)
    return check.summary if check.remedy is None else f"{check.summary} - {check.remedy}"


def _said(check: Check, layout: Layout) -> str:
    if check.status in ("warning", "fail"):
        if check.issues:
            return _causes(check)
        dash = "-" if layout.ascii else "—"
        return check.summary if check.remedy is None else f"{check.summary} {dash} {check.remedy}"
    if check.category == "config" and check.status == "ok":
        return "loaded"
    if check.category == "network" and check.detail("proxy env vars") == "none":
        return "no proxy env vars"
    if check.category == "websocket" and (result := check.detail("handshake result")) is not None:
        patience = (check.detail("connect timeout") or "").replace("000 ms", "s").replace(" ms", "ms")
        return f"connected ({result}) · {patience} timeout"
    return check.summary


def _causes(check: Check) -> str:
    causes = [issue.cause for issue in check.issues]
    return causes[0] if len(causes) == 1 else f"{len(causes)} issues - {'; '.join(causes[:2])}"


def _plain(details: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, value in details:
        yield _LABELS.get(name, name), value


def _of_config(check: Check, details: Sequence[tuple[str, str]], layout: Layout) -> Iterator[tuple[str, str]]:
    """Some of them in one line, and in an order of their own."""
    first = dict(reversed(details))
    if "model" in first:
        yield "model", f"{first['model']} · {first['model provider']}"
    for name, label in _OF_CONFIG:
        if name in first:
            yield label, first[name]
    enabled, changed = (_listed(first.get(name, "")) for name in ("enabled feature flags", "feature flag overrides"))
    count = first.get("feature flags enabled", "0")
    hint = " (full list with --all)" if count != "0" and not layout.all else ""
    yield "feature flags", f"{count} enabled · {len(changed)} overridden{hint}"
    if changed:
        yield "overrides", _some([name.partition("=")[0] for name in changed], layout)
    if layout.all and enabled:
        yield "enabled flags", _some(enabled, layout)
    yield from (("legacy alias", value) for name, value in details if name == "legacy feature flag")
    yield from (pair for pair in details if pair[0] not in _TOLD_ABOVE)


def _listed(text: str) -> list[str]:
    return [] if text in ("", "none") else text.split(", ")


def _some(names: Sequence[str], layout: Layout) -> str:
    if layout.all or len(names) <= _MOST:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST])}, … (full list with --all)"


def _path(value: str, layout: Layout) -> str:
    """A path with the home as `~`, and without its middle where it is long."""
    if not value.startswith(("/", "~/", "./", "../")):
        return value
    path, bracket, rest = value.partition(" (")
    if layout.home and (path == layout.home or path.startswith(f"{layout.home}/")):
        path = f"~{path[len(layout.home) :]}"
    if len(path) > _LONGEST_PATH:
        head = _LONGEST_PATH // 2
        path = f"{path[:head]}…{path[-(_LONGEST_PATH - head - 1) :]}"
    return f"{path}{bracket}{rest}"


def _counts(checks: Sequence[Check], notes: int, layout: Layout) -> str:
    count = {verdict: sum(check.status == verdict for check in checks) for verdict in _MARKS}
    parts = [("ok", count["ok"], "ok")]
    if count["skipped"]:
        parts.append(("skipped", count["skipped"], "skipped"))
    if notes:
        parts.append(("warning", notes, "notes"))
    parts += [("warning", count["warning"], "warn"), ("fail", count["fail"], "fail")]
    worst = overall(checks)
    told = (" | " if layout.ascii else " · ").join(
        f"{number} {layout.paint(role, label)}" for role, number, label in parts
    )
    return f"{told} {layout.paint(worst, _OVERALL[worst])}"


def _footer(layout: Layout) -> list[str]:
    if layout.details:
        return ["--summary compact output           --all expand truncated lists", "--json redacted report"]
    return [
        "Run codex doctor without --summary for detailed diagnostics.",
        "--all expand truncated lists       --json redacted report",
    ]
