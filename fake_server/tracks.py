"""Which answer a request gets. Pure: no sockets, no clock.

A Source gives one answer per request; Tracks is the one that obeys a script: strict order inside a track, none across,
every answer used once. It also keeps the values that `take` found and puts them in place of `$name`.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from fake_server.bodies import header
from fake_server.faults import Gates
from fake_server.invariants import tool_outputs, user_texts
from fake_server.items import compact
from fake_server.journal import MESSAGE, Head
from fake_server.script import Answer, Match, Script, Track

__all__ = ["RESPONSES_PATHS", "Mismatch", "Request", "Source", "Tracks", "matches", "substitute", "value_at"]

RESPONSES_PATHS = ("/v1/responses", "/responses")
_ASKING = ("POST", MESSAGE)


class Mismatch(Exception):
    """The request and the script do not fit. The message names the request, the tracks and what to do."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a Source may look at: number in order of arrival, method, path without query, head, parsed JSON body."""

    number: int
    method: str = "POST"
    path: str = "/v1/responses"
    head: Head = field(default=(), repr=False)
    body: Any = field(default=None, repr=False)

    @property
    def is_turn(self) -> bool:
        """Whether it asks for a response of the model."""
        return self.method in _ASKING and self.path in RESPONSES_PATHS

    @property
    def streams(self) -> bool:
        """Whether events are asked for: of a POST, where its body says so; a WebSocket has nothing else."""
        return self.method == MESSAGE or not isinstance(self.body, Mapping) or self.body.get("stream") is True

    def __str__(self) -> str:
        return f"request {self.number} ({self.method} {self.path})"


class Source(Protocol):
    """Where answers come from: a script, a recording, or the friendly default."""

    def answer(self, request: Request) -> Answer:
        """The answer for a request, ready to be written; raises Mismatch."""
        ...

    def claims(self, request: Request) -> bool:
        """Whether a request to some other path than the Responses ones is meant for this source."""
        ...

    def unused(self) -> list[str]:
        """Steps that no request has used."""
        ...

    def at_rest(self) -> bool:
        """Whether nothing more is expected: every answer used, or nothing left to do for the client."""
        ...

    def shuts_port(self, gates: Gates) -> bool:
        """Whether nobody should listen now."""
        ...


class Tracks:
    """The Source of a script."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._used: Counter[str] = Counter()
        self._values: dict[str, str] = {}

    def answer(self, request: Request) -> Answer:
        track = self._pick(request)
        position = self._used[track.name]
        if position == len(track.answers):
            raise Mismatch(
                f"{request} is one more than track {track.name!r} answers: all {position} are used."
                f" Add answers.{track.name}[{position}], or look why the agent asks again."
            )
        answer = track.answers[position]
        if answer.shuts_port:
            raise Mismatch(f"{request} came while nobody should listen ({answer.step}), on a connection that was open.")
        self._values |= _take(answer, request)
        ready = _filled(answer, self._values, self._script.names)
        self._used[track.name] += 1
        return ready

    def claims(self, request: Request) -> bool:
        return any(
            matches(match, request)
            for match in (track.match for track in self._tracks)
            if match is not None and (match.target or match.method not in _ASKING)
        )

    def unused(self) -> list[str]:
        rests = (list(track.answers[self._used[track.name] :]) for track in self._tracks if track.required)
        return [answer.step for rest in rests for answer in (rest[1:] if rest and rest[0].shuts_port else rest)]

    def shuts_port(self, gates: Gates) -> bool:
        shut = False
        for track in self._tracks:
            for answer in track.answers[self._used[track.name] :]:
                if not answer.shuts_port:
                    break
                if answer.fault is None or not gates.is_open(answer.fault.until):
                    shut = True
                    break
                self._used[track.name] += 1
        return shut

    def at_rest(self) -> bool:
        return not self.unused()

    @property
    def _tracks(self) -> tuple[Track, ...]:
        return self._script.tracks

    def _pick(self, request: Request) -> Track:
        claimed = [track for track in self._tracks if track.match is not None and matches(track.match, request)]
        if not claimed:
            claimed = [track for track in self._tracks if track.match is None]
        if len(claimed) == 1:
            return claimed[0]
        every = ", ".join(track.name for track in self._tracks) or "none"
        if claimed:
            names = " and ".join(repr(track.name) for track in claimed)
            raise Mismatch(f"{request} fits the tracks {names} at once. Narrow the match of one (tracks: {every}).")
        raise Mismatch(
            f"{request} fits no track (tracks: {every}). Add a track, or widen a match; one may go without match."
        )


def matches(match: Match, request: Request) -> bool:
    """Whether every predicate holds for a request."""
    if request.method != match.method and not (match.method == "POST" and request.method == MESSAGE):
        return False
    if match.target is None:
        if request.path not in RESPONSES_PATHS:
            return False
    elif not match.target.search(request.path):
        return False
    for name, pattern in match.header:
        value = header(request.head, name)
        if value is None or not pattern.search(value):
            return False
    for path, pattern in match.body:
        found = value_at(request.body, path)
        if found is None or not pattern.search(found if isinstance(found, str) else compact(found)):
            return False
    return True


def value_at(value: Any, path: str) -> Any:
    """The value at a dotted path (`text.format.name`, `input.-1.role`), None where there is none."""
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and re.fullmatch(r"-?\d+", part) and -len(value) <= int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def substitute(value: Any, values: Mapping[str, str], names: frozenset[str], *, numbers: bool = True) -> Any:
    """Put taken values in place of `$name`, for the declared names only: a shell's `$HOME` stays.

    A string that is nothing but `$name` becomes a number when the value is all digits and `numbers` is set. Raises
    KeyError with a declared name that has no value yet.
    """
    if isinstance(value, Mapping):
        return {key: substitute(inner, values, names, numbers=numbers) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [substitute(inner, values, names, numbers=numbers) for inner in value]
    if not isinstance(value, str) or not names or "$" not in value:
        return value
    pattern = r"\$(" + "|".join(sorted(names, key=len, reverse=True)) + r")(?![A-Za-z0-9_])"
    alone = re.fullmatch(pattern, value)
    if alone and numbers and re.fullmatch(r"\d+", values[alone[1]]):
        return int(values[alone[1]])
    return re.sub(pattern, lambda found: values[found[1]], value)


def _take(answer: Answer, request: Request) -> dict[str, str]:
    """Values from the tool outputs of a request, or what its user says; the newest output that fits wins."""
    taken: dict[str, str] = {}
    outputs = tool_outputs(request.body)
    texts = [*(text for _, text in reversed(outputs)), *reversed(user_texts(request.body))]
    for name, pattern in answer.take.items():
        found = next((hit for text in texts if (hit := pattern.search(text))), None)
        if found is None:
            last = f"the last says {outputs[-1][1][:200]!r}" if outputs else "it has none"
            raise Mismatch(
                f"{request}: {answer.step} takes {name!r} with /{pattern.pattern}/, found in none of the"
                f" request's {len(outputs)} tool outputs ({last}), nor in what its user says. Correct the pattern,"
                " or move `take` to the answer whose request carries the output."
            )
        taken[name] = found[1]
    return taken


def _filled(answer: Answer, values: Mapping[str, str], names: frozenset[str]) -> Answer:
    def fill(value: Any, *, numbers: bool = False) -> Any:
        return substitute(value, values, names, numbers=numbers)

    def fill_item(short: Mapping[str, Any]) -> dict[str, Any]:
        # only data may turn into a number: arguments given as a mapping, and items sent as they stand
        if "call" in short:
            call = short["call"]
            return {
                "call": fill(call)
                | {"arguments": fill(call["arguments"], numbers=not isinstance(call["arguments"], str))}
            }
        return {kind: fill(value, numbers=kind == "item") for kind, value in short.items()}

    try:
        return replace(
            answer,
            output=None if answer.output is None else tuple(fill_item(short) for short in answer.output),
            events=None if answer.events is None else tuple(fill(event, numbers=True) for event in answer.events),
            http=None
            if answer.http is None
            else replace(answer.http, body=fill(answer.http.body, numbers=not isinstance(answer.http.body, str))),
            headers=tuple((name, fill(value)) for name, value in answer.headers),
            response=fill(answer.response),
        )
    except KeyError as name:
        raise Mismatch(
            f"{answer.step} uses ${name.args[0]} before any answer has taken it. Move the `take` earlier."
        ) from None
