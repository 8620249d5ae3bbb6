"""A recording's responses -> a Script that serves them back, in the order in which they were given. Pure.

Two forms are read: entries of a recording's `responses.json`, and exchanges as `--record` and our proxy write them. An
entry that only names the step that answered needs the script that had the step.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fake_server.bodies import header
from fake_server.journal import Exchange, Head
from fake_server.script import Answer, Headers, HttpAnswer, Script, ScriptError, Track
from fake_server.tracks import RESPONSES_PATHS

__all__ = ["decode_events", "exchanges_script", "responses_script"]

TRACK = "replay"
_FRAMING = frozenset({"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"})


def responses_script(responses: Sequence[Any], script: Script | None = None) -> Script:
    """Script of one track; `responses` are objects {status, head, events | body} or {step}. Raises ScriptError."""
    steps = {answer.step: answer for answer in script.answers} if script is not None else None
    return _one_track(_response(data, f"responses[{n}]", steps) for n, data in enumerate(responses))


def exchanges_script(exchanges: Iterable[Exchange]) -> Script:
    """Script of one track with the answers that the Responses requests among `exchanges` got."""
    turns = (one for one in exchanges if one.method == "POST" and one.target.partition("?")[0] in RESPONSES_PATHS)
    return _one_track(
        _plain(one.status, one.response_head, one.response_body.decode("utf-8", "replace")) for one in turns
    )


def decode_events(text: str) -> list[dict[str, Any]] | None:
    """Events of a stream's text; None when its data is not JSON objects (it must then be served as text)."""
    events: list[dict[str, Any]] = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        data = "\n".join(line[5:].removeprefix(" ") for line in block.split("\n") if line.startswith("data:"))
        if not data:
            continue
        try:
            event = json.loads(data)
        except ValueError:
            return None
        if not isinstance(event, dict):
            return None
        events.append(event)
    return events


def _one_track(answers: Iterable[Answer]) -> Script:
    numbered = (a if a.step else replace(a, step=f"{TRACK}/{n}") for n, a in enumerate(answers, 1))
    return Script(tracks=(Track(name=TRACK, match=None, answers=tuple(numbered)),))


def _response(data: Any, path: str, steps: Mapping[str, Answer] | None) -> Answer:
    if not isinstance(data, Mapping):
        raise ScriptError(path, "must be an object: {status, head, events} or {step}")
    if "events" in data or "body" in data:
        head: Head = tuple((name, value) for name, value in data.get("head", ()))
        if "events" in data:
            return Answer(step="", events=tuple(data["events"]), headers=_kept(head))
        body = data["body"]
        return _plain(data.get("status", 200), head, body if isinstance(body, str) else json.dumps(body))
    step = data.get("step")
    if step is None:
        raise ScriptError(path, "has neither `events`, `body` nor `step`; this response cannot be served")
    if steps is None:
        raise ScriptError(path, f"names the step {step!r}; give the scenario that has it as well: --scenario FILE")
    if step not in steps:
        raise ScriptError(path, f"names the step {step!r}, the scenario has {', '.join(steps) or 'no answers'}")
    return steps[step]


def _plain(status: int, head: Head, text: str) -> Answer:
    events = decode_events(text) if "event-stream" in (header(head, "content-type") or "") else None
    if status == 200 and events is not None:
        return Answer(step="", events=tuple(events), headers=_kept(head))
    return Answer(step="", http=HttpAnswer(status=status, headers=_kept(head), body=text))


def _kept(head: Head) -> Headers:
    return tuple((name, value) for name, value in head if name.lower() not in _FRAMING)
