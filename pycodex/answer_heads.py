"""What an answer says of itself besides its items: its headers, and the model that gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycodex.protocol import LogLine, NotesRecorded, SampleStarted, WarningRaised
from pycodex.rate_limits import read_limits
from pycodex.records import dataclass
from pycodex.turn_end import note_limits

if TYPE_CHECKING:
    from pycodex.context import ContextManager
    from pycodex.progress import Progress, Sample
    from pycodex.protocol import Emit
    from pycodex.sampling import Opened
    from pycodex.settings import Settings

__all__ = ["RerouteStyle", "note_models", "note_opened", "note_served"]


@dataclass(frozen=True, kw_only=True)
class RerouteStyle:
    """How a person is told that another model answers than was asked: {asked} and {served}."""

    notice: tuple[str, str] | None
    """As an error item, and as a line for people."""
    warning: str
    kept: str | None
    """What the user is made to say of it in the history, with {warning}."""


def note_opened(context: ContextManager, emit: Emit, progress: Progress, sample: Sample, event: Opened) -> None:
    """The provider begins to answer."""
    headers = dict(reversed(event.headers))
    progress.turn.state = progress.turn.state or dict(event.headers).get("x-codex-turn-state")
    sample.answered, sample.opened = True, not event.websocket
    # Of this answer alone, and its value does not matter (captured: answers/served_model).
    context.reasoning_included = "x-reasoning-included" in headers
    for limits in () if event.websocket else read_limits(headers):
        note_limits(context, emit, limits)  # a WebSocket's head says none (captured)
    emit(SampleStarted(turn_id=progress.turn.id))


async def note_models(settings: Settings, emit: Emit, event: Opened) -> None:
    """The provider says which list of models it has. Where another one is kept, it is asked for before the answer is
    read on (captured: auth/models_tag)."""
    tag = dict(reversed(event.headers)).get("x-models-etag")
    if tag is None or event.websocket:  # a WebSocket's head is not asked for it (captured: auth/models_tag_websocket)
        return
    from pycodex.offered_models import heed

    await heed(settings, tag, lambda target, text: emit(LogLine(level="ERROR", target=target, message=text)))


def note_served(context: ContextManager, emit: Emit, progress: Progress, served: str) -> None:
    """A model answers. Where it is not the one that was asked, that is told once a turn (captured:
    answers/served_model)."""
    asked, style = context.settings.model.slug, context.settings.dialect.stream.reroute
    if progress.rerouted or served.lower() == asked.lower():
        return
    progress.rerouted = True
    values: dict[str, Any] = {"asked": asked, "served": served}
    if style.notice is not None:
        item, line = style.notice
        emit(WarningRaised(message=item.format_map(values), line=line.format_map(values)))
    emit(WarningRaised(message=style.warning))
    if style.kept is not None:
        note = context.record_note("user", style.kept.format(warning=style.warning), "generic.model_rerouted")
        emit(NotesRecorded(turn_id=progress.turn.id, items=(note,)))
