"""From the events of an answer to what the agent acts on; no I/O.

Only `response.output_item.done` (the items) and `response.completed` (the end) count, and the `type` inside the data
decides, not the `event:` line. Deltas are for people. A failure is a value: nothing here raises.
"""

from __future__ import annotations

from typing import Any

from pycodex.answers import AnswerStyle, read_completed, read_error, read_reason, read_usage
from pycodex.citations import Hider
from pycodex.event_json import read_event
from pycodex.protocol import Item, Usage
from pycodex.readable_items import readable
from pycodex.records import dataclass, field

__all__ = [
    "Completed",
    "Failure",
    "FirstToken",
    "Logged",
    "Opened",
    "OutputItem",
    "OutputItemAdded",
    "SampleEvent",
    "Sampler",
    "Served",
    "SummaryPart",
    "TextDelta",
    "retry_after",
]


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The provider answered with status 200, or is asked over a WebSocket; names of headers are lower case."""

    headers: tuple[tuple[str, str], ...] = ()
    websocket: bool = False


@dataclass(frozen=True, kw_only=True)
class Served:
    """The provider says which model answers."""

    model: str


@dataclass(frozen=True, kw_only=True)
class Logged:
    """An error that is only logged."""

    target: str
    message: str


@dataclass(frozen=True, kw_only=True)
class FirstToken:
    """The first event of the answer that carries output."""


@dataclass(frozen=True, kw_only=True)
class TextDelta:
    """A piece of the answer's text, for printing while it is written."""

    text: str


@dataclass(frozen=True, kw_only=True)
class SummaryPart:
    """The model begins a part of a reasoning summary, inside an item."""


@dataclass(frozen=True, kw_only=True)
class OutputItemAdded:
    """An item begins; `item` as far as it is known."""

    item: Item


@dataclass(frozen=True, kw_only=True)
class OutputItem:
    """A finished item. `began`: another was told of before it; people are told that it begins only if none was."""

    item: Item
    began: bool = True


@dataclass(frozen=True, kw_only=True)
class Completed:
    """The answer is complete. `end_turn` False: the model wants another request although it called nothing."""

    response_id: str
    usage: Usage | None
    end_turn: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Failure:
    """The answer did not come, or broke off.

    `kind`: status · unreachable (no connection) · send (no answer) · timeout · body (transport broke) · closed (stream
    ended early) · idle · decode · failed (`response.failed`) · incomplete · missing_key · login (tokens that are not
    renewed) · refresh (a renewal that failed) · compaction (by the provider) · clock.
    `detail` is the text of the lower layer.
    """

    kind: str
    detail: str = ""
    status: int | None = None
    body: str = ""
    code: str | None = None
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    usage: Usage | None = None
    """What an answer that ended early says it took."""
    response_id: str = ""
    websocket: bool = False
    """Whether it was a WebSocket that failed, so that POST may still do."""

    message: str | None = None
    """What a `response.failed` says of itself."""
    info: Any = "other"
    """What a rollout says of a `compaction` that failed: the word for what failed within it (captured:
    auth/compact_login)."""

    def header(self, name: str) -> str | None:
        """The first value of that (lower-case) header."""
        return next((value for key, value in self.headers if key == name), None)


def retry_after(failure: Failure) -> float | None:
    """The seconds of a Retry-After header: whole seconds, or those until a date (captured: failures/retried_codes)."""
    value = failure.header("retry-after") or ""
    if value.isascii() and value.isdigit():
        return float(value)
    if not value.endswith("GMT"):
        return None
    import time
    from email.utils import parsedate_to_datetime  # many modules, for a header that hardly anyone sends

    try:
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except ValueError:
        return None


SampleEvent = (
    Opened | Served | Logged | FirstToken | TextDelta | SummaryPart | OutputItemAdded | OutputItem | Completed | Failure
)


@dataclass(kw_only=True)
class Sampler:
    """Feed the data of SSE events, get sample events. After Completed or Failure the rest of the stream is ignored."""

    style: AnswerStyle
    finished: bool = False
    _failure: Failure | None = field(default=None, init=False)
    _began: bool = field(default=False, init=False)
    _inside: bool = field(default=False, init=False)
    _hider: Hider = field(default_factory=Hider, init=False)
    _served: str | None = field(default=None, init=False)

    def feed(self, data: str) -> list[SampleEvent]:
        """What one event's data means. What cannot be read is skipped, as upstream does."""
        if self.finished:
            return []
        event = read_event(data, self.style.fields)
        if event is None:
            return []
        found = self._read(event["type"], event)
        if not self._began and any(_is_output(each) for each in found):
            self._began = True
            found.insert(0, FirstToken())
        served = _served_model(event)
        if served is not None and served != self._served:
            self._served = served
            found.insert(0, Served(model=served))
        return found

    @property
    def announced(self) -> Failure | None:
        """The failure that the provider has told of, if any."""
        return self._failure

    def end(self) -> Failure:
        """The stream ended without `response.completed`: the failure it announced, or that it closed early."""
        return self._failure or Failure(kind="closed", detail="stream closed before response.completed")

    def _read(self, kind: str, event: dict[str, Any]) -> list[SampleEvent]:
        if kind == "response.output_text.delta":
            delta = event.get("delta")
            if not isinstance(delta, str):
                return []
            found: list[SampleEvent] = [TextDelta(text=self._hider.feed(delta))]
            if not self._inside:  # captured: server/grammar
                found.append(Logged(target="codex_core::util", message="OutputTextDelta without active item"))
            return found
        if kind == "response.output_item.added":
            begun = event.get("item")
            if not isinstance(begun, dict) or not isinstance(begun.get("type"), str):
                return []
            self._inside = self._inside or _is_told(begun)
            return [OutputItemAdded(item=begun)]
        if kind == "response.reasoning_summary_part.added" and self._inside:
            return [SummaryPart()]
        if kind == "response.output_item.done":
            item = event.get("item")
            return self._done(item) if isinstance(item, dict) and readable(item) else []
        if kind == "response.completed":
            return self._completed(event.get("response"))
        if kind in ("response.failed", "response.incomplete"):
            self._failure = _failure(kind, event.get("response"), self.style)
        return []

    def _done(self, item: Item) -> list[SampleEvent]:
        began, self._inside = self._inside, False
        rest = self._hider.rest()
        return [*([TextDelta(text=rest)] if rest else []), OutputItem(item=item, began=began)]

    def _completed(self, response: Any) -> list[SampleEvent]:
        if response is None:
            return []
        try:
            found = read_completed(response, self.style)
        except ValueError as error:
            self._failure = Failure(kind="closed", detail=str(error))
            return []
        self.finished = True
        return [Completed(response_id=found["id"], usage=found["usage"], end_turn=found.get("end_turn"))]


def _served_model(event: dict[str, Any]) -> str | None:
    """The model that an event of any kind names among headers, those of its response before its own (captured:
    answers/served_model)."""
    response = event.get("response")
    for holder in (response if isinstance(response, dict) else {}, event):
        headers = holder.get("headers")
        for name, value in headers.items() if isinstance(headers, dict) else ():
            if name.lower() in ("openai-model", "x-openai-model"):
                value = value[0] if isinstance(value, list) and value else value
                if isinstance(value, str):
                    return value
    return None


def _is_told(item: Item) -> bool:
    """Whether people are told that the item begins: calls are told of when they run."""
    if item["type"] == "message":
        return item.get("role") in ("assistant", "user")
    return item["type"] in ("reasoning", "web_search_call", "image_generation_call")


def _is_output(event: SampleEvent) -> bool:
    if isinstance(event, OutputItem):
        return event.item["type"] != "reasoning" or bool(event.item.get("summary"))
    return isinstance(event, TextDelta)


def _failure(kind: str, response: Any, style: AnswerStyle) -> Failure:
    if kind == "response.incomplete":
        reason = read_reason(response)
        fields = response if isinstance(response, dict) else {}
        return Failure(
            kind="incomplete",
            detail=f"Incomplete response returned, reason: {reason}",
            code=reason,
            usage=read_usage(fields.get("usage"), style),
            response_id=identity if isinstance(identity := fields.get("id"), str) else "",
        )
    error = read_error(response, style)
    if error is None:
        return Failure(kind="failed", detail="response.failed event received")
    message = error["message"]
    return Failure(kind="failed", detail=message or "", message=message, code=error["code"])
