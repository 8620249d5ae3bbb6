"""The whole check in order, and the lines that a person reads."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from captures.manifest import UPSTREAM
from captures.recording import read_recording
from captures.sightings import finding_lines, seen
from compare.server.cases import CASES, Case, recorded_request, sendable, suspects
from compare.server.judge import WANTS, compacted, done_items, listed_models
from compare.server.revive import Fresh, Sendable, revive
from compare.server.talk import Client
from fake_server.findings import Finding, Given, find_faults, read_stream
from fake_server.items import compact

__all__ = ["Options", "Result", "check_server", "result_lines", "results_json"]

_CULPRITS = ("status_400", "status_404", "status_422", "status_500")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What to ask for: another model, only some cases, how many prompts at once to provoke a 429."""

    model: str | None = None
    only: Sequence[str] = ()
    burst: int = 0
    upstream: Path = UPSTREAM


@dataclass(frozen=True, kw_only=True)
class Result:
    """One case of one version: `verdict` is pass, fail, note (nothing to judge) or skip (not sent by this version)."""

    version: str
    case: str
    about: str
    verdict: str
    findings: Sequence[Finding] = ()
    notes: Sequence[str] = ()


@dataclass(kw_only=True)
class _Talk:
    """One version's conversation with the server."""

    client: Client
    version: str
    options: Options
    reasoning: list[Mapping[str, Any]] = field(default_factory=list)


async def check_server(client: Client, versions: Sequence[str], options: Options) -> list[Result]:
    """Every case of every version, one after another; raises talk.Unreachable."""
    results = []
    for version in versions:
        talk = _Talk(client=client, version=version, options=options)
        for case in CASES:
            if not options.only or any(fnmatchcase(case.name, glob) for glob in options.only):
                results.append(await _run(case, talk))
    return results


async def _run(case: Case, talk: _Talk) -> Result:
    found: list[Finding | str] | None
    if case.wants in _OWN_WAYS:
        found = await _OWN_WAYS[case.wants](case, talk)
    else:
        found = await _ask(case, talk)
    findings = [one for one in found or [] if isinstance(one, Finding)]
    notes = [one for one in found or [] if isinstance(one, str)]
    verdict = "skip" if found is None else "fail" if findings else "note" if notes else "pass"
    return Result(
        version=talk.version, case=case.name, about=case.about, verdict=verdict, findings=findings, notes=notes
    )


def _request(case: Case, talk: _Talk) -> Sendable | None:
    recorded = recorded_request(case, talk.version, talk.options.upstream)
    return None if recorded is None else sendable(case, recorded, talk.options.model)


async def _ask(case: Case, talk: _Talk) -> list[Finding | str] | None:
    """One request, judged by what the case wants."""
    request = _request(case, talk)
    if request is None:
        return None
    if case.name == "reasoning":
        if not talk.reasoning:
            return ["the server gave no reasoning with encrypted_content that could be sent back"]
        request = _with_reasoning(request, talk.reasoning[0])
    key = None
    if case.wants == "refused_key":
        if talk.client.key is None:
            return ["not asked: no key was given (--key-env)"]
        key = "sk-wrong"
    given = await talk.client.send(request, key=key)
    talk.reasoning += [item for item in done_items(given) if item.get("encrypted_content")]
    found = list(WANTS[case.wants](given, request.body))
    if case.wants in ("turn", "call", "schema", "summary"):
        found = [await _blame(one, request, talk) if isinstance(one, Finding) else one for one in found]
    return found


def _with_reasoning(request: Sendable, own: Mapping[str, Any]) -> Sendable:
    """The server's own reasoning in place of the recorded one, whose content no other server can read."""
    items = [
        {**item, **{key: own[key] for key in ("id", "encrypted_content") if key in item and key in own}}
        if item.get("type") == "reasoning"
        else item
        for item in request.body["input"]
    ]
    return replace(request, body={**request.body, "input": items})


async def _blame(finding: Finding, request: Sendable, talk: _Talk) -> Finding:
    """Names what a request was refused for, where it passes without that."""
    if finding.fault not in _CULPRITS:
        return finding
    for name, less in suspects(request):
        if (await talk.client.send(less)).status == 200:
            return replace(finding, detail=f"{finding.detail}; it passes without {name}", advice=f"accept {name}")
    return finding


async def _burst(case: Case, talk: _Talk) -> list[Finding | str] | None:
    request = _request(case, talk)
    if request is None or not talk.options.burst:
        return ["not asked (--burst N)"]
    given = await asyncio.gather(*(talk.client.send(request) for _ in range(talk.options.burst)))
    refused = [one for one in given if one.status == 429]
    if not refused:
        return [f"no 429 in {talk.options.burst} prompts at once"]
    return list(WANTS["burst"](refused[0], request.body))


async def _models(case: Case, talk: _Talk) -> list[Finding | str] | None:
    recorded = recorded_request(case, talk.version, talk.options.upstream)
    if recorded is None:
        return None
    return list(listed_models(await talk.client.send(revive(recorded, Fresh()))))


async def _compact(case: Case, talk: _Talk) -> list[Finding | str] | None:
    """What a version that has this way sends there; later versions post a compaction_trigger to /responses."""
    request = _request(case, talk)
    return None if request is None else list(compacted(await talk.client.send(request)))


async def _websocket(case: Case, talk: _Talk) -> list[Finding | str] | None:
    """The upgrade, a warm-up that generates nothing, a prompt, and one more with previous_response_id."""
    base = talk.options.upstream / talk.version / "direct" / "request"
    folder = next((base / n for n in ("openai_websocket", "websocket_feature") if (base / n).is_dir()), None)
    if folder is None:
        return None
    requests = read_recording(folder).tree["requests"]
    start = next(n for n, request in enumerate(requests) if request["method"] == "GET")
    fresh = Fresh()
    socket = await talk.client.upgrade(revive(requests[start], fresh))
    if isinstance(socket, int):
        return [_no_socket(socket)]
    found: list[Finding | str] = []
    last, body = "", dict[str, Any]()
    try:
        for recorded in requests[start + 1 : start + 3]:
            body = dict(revive(recorded, fresh, model=talk.options.model).body)
            if "previous_response_id" in body:
                body["previous_response_id"] = last
            given = await socket.ask(body)
            found += find_faults(given, body)
            last = _response_id(given)
        again = {**body, "previous_response_id": last, "input": body["input"][-1:]}
        found += find_faults(await socket.ask(again), again)
    finally:
        await socket.close()
    return found


def _no_socket(status: int) -> str:
    if status == 426:
        return "not offered (426): codex posts at once, and says nothing of it"
    return (
        f"not offered (HTTP {status}); the provider `openai`, or one with supports_websockets, tries as often as a "
        "stream and says `Reconnecting...` before it posts: answer 426 instead"
    )


def _response_id(given: Given) -> str:
    ends = [event for event in read_stream(given).events if event["type"] == "response.completed"]
    response = ends[-1].get("response") if ends else None
    return str(response.get("id")) if isinstance(response, Mapping) else ""


_OWN_WAYS = {"burst": _burst, "models": _models, "compact": _compact, "websocket": _websocket}


def result_lines(results: Sequence[Result]) -> Iterator[str]:
    """Each result in a line; a fault with what a codex user sees and the fix, once for all the cases that have it."""
    told: dict[tuple[str, str], str] = {}
    for result in results:
        yield f"{result.verdict:5} {result.version}  {result.case:17} {'; '.join(result.notes) or result.about}"
        for finding in result.findings:
            key = (result.version, compact([finding.fault, finding.detail]))
            if key in told:
                yield f"        {finding.fault}: as in {told[key]}"
                continue
            told[key] = result.case
            yield from (f"        {line}" for line in finding_lines(finding, result.version))
    failed = sum(result.verdict == "fail" for result in results)
    sent = sum(result.verdict != "skip" for result in results)
    yield f"{sent} cases sent, {failed} with faults"


def results_json(results: Sequence[Result]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "version": result.version,
            "case": result.case,
            "verdict": result.verdict,
            "notes": list(result.notes),
            "findings": [
                {
                    "fault": one.fault,
                    "detail": one.detail,
                    "seen": seen(one.fault, result.version),
                    "fix": one.fix,
                }
                for one in result.findings
            ],
        }
        for result in results
    ]
