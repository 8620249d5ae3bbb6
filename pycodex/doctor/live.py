"""The live request: a few words to the model, over the provider's own wire, and what its answer says is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pycodex.doctor.explain import Answer, explain
from pycodex.doctor.places import speaks_chat
from pycodex.doctor.report import Check
from pycodex.ids import uuid7
from pycodex.records import replace
from pycodex.request import build_head, compact, credential
from pycodex.responses_server.endpoint import first_model
from pycodex.responses_server.transport import chat_transport
from pycodex.sampling import Completed, Sampler
from pycodex.sse import SseError, SseParser
from pycodex.transports.base import Response, Transport, TransportError
from pycodex.transports.http import HttpTransport
from pycodex.upstream.data import ModelInfo

if TYPE_CHECKING:
    from pycodex.doctor.subject import Subject
    from pycodex.settings import Settings

__all__ = ["check_live"]

_ASKED = "Answer with the single word: ok"
_INSTRUCTIONS = "You are asked whether you can be reached. Answer in one word."
_MOST = 64 * 1024
"""Bytes of an answer that is no stream of events."""


async def check_live(subject: Subject) -> Check:
    """Asks once, and does not ask again: what a turn would ask again is told at once. A chat/completions backend is
    asked through the layer, as a turn asks it; its first model where none is named."""
    settings = subject.loaded
    transport: Transport = HttpTransport(settings.dialect.transport, settings.environment)
    if chat := speaks_chat(settings):
        transport = chat_transport(settings.config.provider, transport, lambda text: None)
        if subject.model is None:
            row, instructions = settings.model.row, settings.model.base_instructions
            settings = replace(settings, model=ModelInfo(row, instructions, await first_model(settings)))
    provider = settings.config.provider
    try:
        async with transport.stream(provider.url("responses"), _head(settings), _body(settings)) as response:
            answer = await _read(settings, response)
    except TransportError as error:
        answer = Answer(transport=error.kind)
    finally:
        await transport.aclose()
    route = not chat and answer.status in (404, 405, 501) and await _knows_chat(settings)
    status, summary, remedy = explain(answer, settings, chat_route=route)
    details = [("model", settings.model.slug)]
    if answer.status is not None:
        details.append(("status", str(answer.status)))
    details += [(name, value) for name, value in answer.headers if name in ("content-type", "x-request-id")]
    return Check(
        id="live.request", category="live", status=status, summary=summary, details=tuple(details), remedy=remedy
    )


def _head(settings: Settings) -> list[tuple[str, str]]:
    """That of a turn, without what tells of a thread that there is not."""
    provider, thread = settings.config.provider, uuid7()
    values: dict[str, Any] = {
        "token": credential(settings),
        "account": settings.auth.account if settings.follows_login else None,
        "builtin_version": settings.dialect.client.version if provider.id == "openai" else None,
        "originator": settings.originator,
        "user_agent": settings.user_agent,
        "thread_id": thread,
        "session_id": thread,
        "placeholder": "",
    }
    return build_head(settings.dialect.head.headers, values, provider, settings.environment)


def _body(settings: Settings) -> bytes:
    message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": _ASKED}]}
    return compact(
        {
            "model": settings.model.slug,
            "instructions": _INSTRUCTIONS,
            "input": [message],
            "tools": [],
            "tool_choice": "auto",
            "parallel_tool_calls": False,
            "store": False,
            "stream": True,
        }
    ).encode()


async def _read(settings: Settings, response: Response) -> Answer:
    """The answer as far as it says something: events up to the last that counts, or the beginning of anything else."""
    status, headers = response.status, response.headers
    if not 200 <= status < 300:
        return Answer(status=status, headers=headers, body=await _beginning(response))
    parser, sampler = SseParser(), Sampler(style=settings.dialect.stream.answers)
    seen = b""
    try:
        async for chunk in response.chunks:
            seen += chunk if len(seen) < _MOST else b""
            for event in (event for data in parser.feed(chunk) for event in sampler.feed(data)):
                if isinstance(event, Completed):
                    return Answer(status=status, headers=headers, completed=True)
            if sampler.announced is not None:
                return Answer(status=status, headers=headers, failure=sampler.announced)
    except SseError:
        pass
    except TransportError as error:
        return Answer(status=status, headers=headers, body=seen.decode(errors="replace"), transport=error.kind)
    text = seen.decode(errors="replace")
    return Answer(status=status, headers=headers, body=text, events=_has_responses_events(text))


def _has_responses_events(text: str) -> bool:
    """Whether there was at least one event of the kind that Responses streams are made of."""
    for line in text.splitlines():
        if line.startswith("data:"):
            try:
                event = json.loads(line[5:])
            except ValueError:
                continue
            if isinstance(event, dict) and str(event.get("type", "")).startswith("response."):
                return True
    return False


async def _beginning(response: Response) -> str:
    found = b""
    try:
        async for chunk in response.chunks:
            found += chunk
            if len(found) >= _MOST:
                break
    except TransportError:
        pass
    return found.decode(errors="replace")


async def _knows_chat(settings: Settings) -> bool:
    """Whether the server knows /chat/completions: it answers a request without anything in it with anything but that
    there is no such route. Nothing is generated for it."""
    transport = HttpTransport(settings.dialect.transport, settings.environment)
    url = settings.config.provider.url("chat/completions")
    try:
        async with transport.stream(url, _head(settings), b"{}") as response:
            await _beginning(response)
            return response.status in (400, 401, 403, 415, 422, 429, 500)
    except TransportError:
        return False
    finally:
        await transport.aclose()
