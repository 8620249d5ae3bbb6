"""Script: named tracks of answers, from plain data.

The data is the `answers` part of a scenario; `script.schema.json` is its shape. What a schema cannot say (one default
track, regular expressions that compile, exactly one kind of answer) is checked here. The first mistake found is raised
as a ScriptError that names the path to it.
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NoReturn

from fake_server.faults import FAULTS, Fault
from fake_server.pieces import PieceError, piece_bytes

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

__all__ = [
    "Answer",
    "Headers",
    "Hold",
    "HttpAnswer",
    "Match",
    "Script",
    "ScriptError",
    "Track",
    "Usage",
    "WebSocketAnswer",
]

Headers = tuple[tuple[str, str | None], ...]
"""Response headers a script asks for; None leaves out one that the server would add."""

_KINDS = ("output", "events", "raw", "http", "websocket")
_STREAMS = ("output", "events", "raw")
_STREAM_KEYS = {
    "usage": ("output",),
    "response": ("output",),
    "headers": _STREAMS,
    "fault": _STREAMS,
    "hold": _STREAMS,
}


class ScriptError(ValueError):
    """A script that cannot be used. `path` is like `answers.main[0].output[1].call`."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Token counts of one answer."""

    input_tokens: int = 10
    cached_tokens: int = 0
    output_tokens: int = 5
    reasoning_tokens: int = 0

    def to_json(self) -> dict[str, Any]:
        """The `usage` object of a response."""
        return {
            "input_tokens": self.input_tokens,
            "input_tokens_details": {"cached_tokens": self.cached_tokens, "cache_write_tokens": 0},
            "output_tokens": self.output_tokens,
            "output_tokens_details": {"reasoning_tokens": self.reasoning_tokens},
            "total_tokens": self.input_tokens + self.output_tokens,
        }


@dataclass(frozen=True, kw_only=True)
class HttpAnswer:
    """A plain answer in place of a stream. A body that is not a string is sent as compact JSON."""

    status: int
    headers: Headers = ()
    body: Any = ""


@dataclass(frozen=True, kw_only=True)
class WebSocketAnswer:
    """The upgrade is accepted; `deflate`: so is compression, where the client offers it."""

    headers: Headers = ()
    deflate: bool = False


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A stream that rests once so many events are written (0: before the head), until a gate opens."""

    after: int
    until: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one request gets: exactly one of `output`, `events`, `raw`, `http`, `websocket` is set, or none where only
    a `fault` is.

    step       "main/1": track and 1-based number; ids are made from it
    output     item shorthands, see items.py
    events     raw events, sent as they stand
    raw        the stream byte for byte, one write a piece, see pieces.py
    take       name -> regular expression with one group, searched in the tool outputs of the request answered, then
               in what its user says
    delay_ms   wait between two writes
    chunk_bytes  cut the stream into writes of this many bytes, across events
    fault      what goes wrong with the connection, see faults.py
    hold       where the stream rests until somebody opens a gate; then it goes on
    """

    step: str
    output: tuple[Mapping[str, Any], ...] | None = None
    events: tuple[Mapping[str, Any], ...] | None = None
    raw: tuple[bytes | str, ...] | None = None
    http: HttpAnswer | None = None
    websocket: WebSocketAnswer | None = None
    usage: Usage = field(default_factory=Usage)
    headers: Headers = ()
    response: Mapping[str, Any] = field(default_factory=dict)
    take: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    delay_ms: int = 0
    chunk_bytes: int | None = None
    fault: Fault | None = None
    hold: Hold | None = None

    @property
    def shuts_port(self) -> bool:
        """Whether it stands for a time in which nobody listens, and so is no answer to a request."""
        return self.fault is not None and FAULTS[self.fault.kind].act is None


@dataclass(frozen=True, kw_only=True)
class Match:
    """Predicate on a request; every part given must hold. A pattern is searched, not anchored.

    body      dotted path -> pattern on the value there (its compact JSON text if it is not a string)
    header    header name -> pattern on its value
    method    exact method; without it POST, and MESSAGE on a WebSocket
    target    pattern on the path; without it only the Responses paths are meant
    """

    body: tuple[tuple[str, re.Pattern[str]], ...] = ()
    header: tuple[tuple[str, re.Pattern[str]], ...] = ()
    method: str = "POST"
    target: re.Pattern[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Track:
    """Answers in strict order. Without `match` it takes each request that no other track claims.

    `aside`: its requests come beside those of the others, whenever and only if the agent likes to ask: an answer that
    nothing asks for is no mistake, and who drives an agent does not count them. `required`: each must be asked for.
    """

    name: str
    match: Match | None
    answers: tuple[Answer, ...]
    aside: bool = False
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Script:
    """All tracks of a scenario, in the order in which they were written."""

    tracks: tuple[Track, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Script":
        """Read a script; raises ScriptError."""
        _validate(data)
        tracks = tuple(_track(name, value) for name, value in data.items())
        unmatched = [track.name for track in tracks if track.match is None]
        if len(unmatched) > 1:
            names = ", ".join(unmatched)
            raise ScriptError(
                "answers", f"only one track may go without `match`, here {names} do; give the others a match"
            )
        return cls(tracks=tracks)

    @property
    def answers(self) -> Iterator[Answer]:
        """Every answer of every track."""
        return (answer for track in self.tracks for answer in track.answers)

    @property
    def asides(self) -> tuple[str, ...]:
        """The names of the tracks that are aside, in order."""
        return tuple(track.name for track in self.tracks if track.aside)

    @property
    def names(self) -> frozenset[str]:
        """Every name that some `take` binds; only these are replaced in `$name`."""
        return frozenset(name for answer in self.answers for name in answer.take)


def _track(name: str, value: Any) -> Track:
    path = f"answers.{name}"
    match, answers, aside, required = None, value, False, True
    if isinstance(value, Mapping):
        answers, aside = value["answers"], value.get("aside", False) or value.get("beside", False)
        required = not value.get("aside", False)
        path_answers = f"{path}.answers"
        if "match" in value:
            match = _match(value["match"], f"{path}.match")
    else:
        path_answers = path
    return Track(
        name=name,
        match=match,
        answers=tuple(_answer(item, f"{name}/{n + 1}", f"{path_answers}[{n}]") for n, item in enumerate(answers)),
        aside=aside,
        required=required,
    )


def _match(data: Mapping[str, Any], path: str) -> Match:
    target = data.get("target")
    return Match(
        body=tuple((key, _pattern(text, f"{path}.body.{key}")) for key, text in data.get("body", {}).items()),
        header=tuple((key, _pattern(text, f"{path}.header.{key}")) for key, text in data.get("header", {}).items()),
        method=data.get("method", "POST"),
        target=None if target is None else _pattern(target, f"{path}.target"),
    )


def _answer(data: Mapping[str, Any], step: str, path: str) -> Answer:
    fault = _fault(data, f"{path}.fault") if "fault" in data else None
    kinds = [key for key in _KINDS if key in data]
    if fault is not None and fault.after is None:
        return Answer(step=step, fault=fault)
    if len(kinds) != 1:
        found = " and ".join(kinds) or "none of them"
        raise ScriptError(path, f"an answer has exactly one of {', '.join(_KINDS)}; here: {found}")
    for key, allowed in _STREAM_KEYS.items():
        if key in data and kinds[0] not in allowed:
            raise ScriptError(
                f"{path}.{key}", f"has no meaning beside `{kinds[0]}`; put it inside, or use {allowed[0]}"
            )
    if "output" in data.get("response", {}):
        text = "follows from the items; use `events` for a stream that breaks this rule"
        raise ScriptError(f"{path}.response.output", text)
    take = {}
    for name, text in data.get("take", {}).items():
        take[name] = _pattern(text, f"{path}.take.{name}")
        if take[name].groups < 1:
            raise ScriptError(
                f"{path}.take.{name}", "the pattern needs a group, e.g. 'session ID (\\d+)'; group 1 is taken"
            )
    http = data.get("http")
    return Answer(
        step=step,
        output=None if "output" not in data else tuple(data["output"]),
        events=None if "events" not in data else tuple(data["events"]),
        raw=None if "raw" not in data else _raw(data["raw"], f"{path}.raw"),
        http=None
        if http is None
        else HttpAnswer(status=http["status"], headers=_headers(http.get("headers", {})), body=http.get("body") or ""),
        websocket=_websocket(data["websocket"]) if "websocket" in data else None,
        usage=Usage(**data.get("usage", {})),
        headers=_headers(data.get("headers", {})),
        response=data.get("response", {}),
        take=take,
        delay_ms=data.get("delay_ms", 0),
        chunk_bytes=data.get("chunking", {}).get("bytes"),
        fault=fault,
        hold=Hold(**data["hold"]) if "hold" in data else None,
    )


def _fault(data: Mapping[str, Any], path: str) -> Fault:
    fault = Fault(**data["fault"])
    if fault.kind not in FAULTS:
        raise ScriptError(f"{path}.kind", f"unknown fault {fault.kind!r} (known: {', '.join(FAULTS)})")
    row = FAULTS[fault.kind]
    if fault.until is not None and not row.gated:
        raise ScriptError(f"{path}.until", f"a {fault.kind} is over at once; no gate can end it")
    if row.act is None and fault.after is not None:
        raise ScriptError(f"{path}.after", f"a {fault.kind} is the port's: no answer is on its way")
    if fault.after is None and set(data) != {"fault"}:
        raise ScriptError(path, "a fault without `after` stands alone, in an answer's place")
    return fault


def _raw(pieces: Sequence[Any], path: str) -> tuple[bytes | str, ...]:
    found: list[bytes | str] = []
    for number, piece in enumerate(pieces):
        try:
            found.append(piece_bytes(piece))
        except PieceError as error:
            raise ScriptError(f"{path}[{number}]", str(error)) from None
    return tuple(found)


def _websocket(data: Mapping[str, Any]) -> WebSocketAnswer:
    return WebSocketAnswer(headers=_headers(data.get("headers", {})), deflate=data.get("deflate", False))


def _headers(data: Mapping[str, str | list[str] | None]) -> Headers:
    pairs: list[tuple[str, str | None]] = []
    for name, value in data.items():
        pairs.extend((name, one) for one in (value if isinstance(value, list) else [value]))
    return tuple(pairs)


def _pattern(text: str, path: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ScriptError(path, f"not a regular expression: {error}") from None


def _validate(data: Any) -> None:
    _check_json(data, "answers")
    errors = sorted(_validator().iter_errors(data), key=lambda error: [str(part) for part in error.absolute_path])
    if errors:
        _raise(errors[0])


def _check_json(value: Any, path: str) -> None:
    """YAML knows more than JSON: dates, and keys that are numbers."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise ScriptError(f"{path}.{key}", "a key must be a string; put it in quotes")
            _check_json(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            _check_json(inner, f"{path}[{index}]")
    elif not isinstance(value, str | int | float | None):
        raise ScriptError(path, f"{value!r} is a {type(value).__name__}, which JSON does not have; put it in quotes")


@cache
def _validator() -> "Draft202012Validator":
    from jsonschema import Draft202012Validator  # only a process that reads a script pays for this import

    return Draft202012Validator(
        json.loads(resources.files(__package__).joinpath("script.schema.json").read_text("utf-8"))
    )


def _raise(error: "ValidationError") -> NoReturn:
    """Say in our words what the schema found."""
    path = _join(error.absolute_path)
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    instance: Any = error.instance
    if error.validator == "additionalProperties" and schema.get("additionalProperties") is False:
        known = list(schema.get("properties", {}))
        unknown = next(key for key in instance if key not in known)
        close = difflib.get_close_matches(str(unknown), known, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise ScriptError(f"{path}.{unknown}", f"unknown key{hint} (known here: {', '.join(known)})")
    if error.validator == "required":
        missing = next(key for key in schema["required"] if key not in instance)
        raise ScriptError(path, f"the key `{missing}` is missing")
    if error.validator == "type":
        wanted = schema["type"]
        words = " or ".join(wanted) if isinstance(wanted, list) else wanted
        raise ScriptError(path, f"must be {words}, not {_clip(instance)}")
    if error.validator == "maxProperties":
        raise ScriptError(path, f"one item has exactly one key, here: {', '.join(instance)}; write one list entry each")
    if error.validator == "minProperties":
        raise ScriptError(path, "is empty")
    raise ScriptError(path, _clip(error.message, quote=False))


def _join(parts: Sequence[str | int]) -> str:
    return "answers" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


def _clip(value: Any, *, quote: bool = True) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str) if quote else str(value)
    return text if len(text) <= 120 else text[:117] + "..."
