"""The check that only a chat/completions backend (`--vllm-endpoint`) needs: which models it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.doctor.report import Check, Verdict
from pycodex.provider import ENDPOINT_KEY
from pycodex.responses_server.endpoint import listed_models
from pycodex.responses_server.errors import LayerError
from pycodex.transports.base import TransportError

if TYPE_CHECKING:
    from pycodex.doctor.subject import Subject

__all__ = ["check_models"]

_SHOWN = 10


async def check_models(subject: Subject) -> Check:
    """The backend's own list: its first model answers where none is named. A model that is named may answer without
    being listed (Ollama leaves tags out), so that is a warning, and so is a list that nobody needs."""
    named = subject.model

    def check(status: Verdict, summary: str, *details: tuple[str, str], remedy: str | None = None) -> Check:
        return Check(
            id="backend.models", category="models", status=status, summary=summary, details=details, remedy=remedy
        )

    lost: Verdict = "fail" if named is None else "warning"
    try:
        models = await listed_models(subject.loaded)
    except TransportError as error:
        remedy = "Look into the backend's log; with -m MODEL its list is not needed"
        return check(lost, f"the list of models cannot be read: {error.message}", remedy=remedy)
    except LayerError as error:
        remedy = "With -m MODEL its list is not needed; see whether the address is right"
        if error.status in (401, 403):
            remedy = f"Set {ENDPOINT_KEY} to a key that the backend takes"
        return check(lost, f"the list of models cannot be read: {error.status}, {error.message}", remedy=remedy)
    details = ("models", ", ".join(models[:_SHOWN]) + (", ..." if len(models) > _SHOWN else "") or "none")
    if named is None and not models:
        return check("fail", "the backend lists no model", details, remedy="Load one into it, or name one with -m")
    if named is None:
        return check("ok", f"{models[0]}, the first of {len(models)}", details)
    if named not in models:
        remedy = f"Name one of its own with -m: {', '.join(models[:_SHOWN])}" if models else "Load it into the backend"
        return check("warning", f"{named} is not in the backend's list", details, remedy=remedy)
    return check("ok", f"{named}, one of {len(models)}", details)
