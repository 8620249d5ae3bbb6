"""The cases of the Open Responses compliance runner (openresponses.org), asked of a server.

    python openresponses_client.py BASE_URL CASE

Runs in an environment that has `openresponses-types`, which is generated from the specification's OpenAPI document: a
response, and each event of a stream, is held strictly against the type of its name, so an event that the specification
does not know is a failure. Names of cases are the runner's, and so is what each asks for; `websocket-generate-false`
was one of them, and is what codex-cli warms a WebSocket up with.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import aiohttp

PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather of a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
NO_MODEL = {"model": None}
_LAST = ("response.completed", "response.failed", "response.incomplete")
_SECONDS = 30.0

Json = dict[str, Any]


class NotHeld(Exception):
    """What the case asks for is not so."""


def insist(holds: object, text: str) -> None:
    if not holds:
        raise NotHeld(text)


def hold(kind: str, value: Any) -> None:
    """Raises NotHeld where a value is not of a type of the specification."""
    import openresponses_types.types as types
    from pydantic import ValidationError

    try:
        getattr(types, kind).model_validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        told = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise NotHeld(f"no {kind}: {'; '.join(told[:5])}") from None


@cache
def event_types() -> Mapping[str, str]:
    """Name of an event -> its type in the specification."""
    import openresponses_types.types as types

    found = [name for name in vars(types) if name.endswith("StreamingEvent")]
    return {next(iter(getattr(types, name).model_fields["type"].annotation)).value: name for name in found}


class Turn:
    """The events of an answer, held against the specification as they come."""

    def __init__(self) -> None:
        self.events: list[Json] = []
        self.response: Json | None = None
        self.error: Json | None = None

    @property
    def over(self) -> bool:
        return self.response is not None or self.error is not None

    @property
    def code(self) -> Any:
        """Code of the error that it ended with, None where it did not."""
        said = self.error if self.error is not None else self.response
        error = (said or {}).get("error")
        return error.get("code") if isinstance(error, dict) else None

    def take(self, event: Json, *, socket: bool = False) -> None:
        name = event.get("type")
        if socket and name == "error":
            self.error = event
            return
        insist(name in event_types(), f"the specification has no event {name!r}")
        hold(event_types()[str(name)], event)
        insist(event["sequence_number"] == len(self.events), f"{name} has number {event['sequence_number']}")
        self.events.append(event)
        if name in _LAST:
            self.response = event["response"]

    def completed(self) -> Json:
        """The response that it ended with."""
        insist(self.response is not None, f"it ended with {json.dumps(self.error)}")
        assert self.response is not None
        return completed(self.response)


def completed(response: Json) -> Json:
    hold("ResponseResource", response)
    insist(response["status"] == "completed", f"it is {response['status']}")
    return response


def said(response: Json, kind: str = "message") -> Json:
    """A completed response that holds an item of a type."""
    insist(kind in [item["type"] for item in response["output"]], f"no {kind} in {json.dumps(response['output'])}")
    return response


class Server:
    """The server that is asked."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session, self._url = session, url

    async def post(self, body: Json, path: str = "responses") -> tuple[int, Any]:
        """Status and JSON."""
        async with self._session.post(f"{self._url}/{path}", json=_body(body)) as got:
            insist(got.content_type == "application/json", f"status {got.status} with {got.content_type}")
            return got.status, await got.json()

    async def plain(self, input_: Any, **body: Any) -> Json:
        """The response to a request without a stream."""
        status, response = await self.post({"input": input_, "stream": False, **body})
        insist(status == 200, f"status {status}: {json.dumps(response)}")
        return completed(response)

    async def stream(self, input_: Any, **body: Any) -> Turn:
        asked = _body({"input": input_, "stream": True, **body})
        async with self._session.post(f"{self._url}/responses", json=asked) as got:
            insist(got.status == 200, f"status {got.status}: {await got.text() if got.status != 200 else ''}")
            insist(got.content_type == "text/event-stream", f"it is {got.content_type}")
            text = await got.text()
        turn = Turn()
        for block in text.replace("\r\n", "\n").split("\n\n"):
            fields = dict(line.partition(":")[::2] for line in block.splitlines() if line)
            if fields and fields["data"].strip() != "[DONE]":
                event = json.loads(fields["data"])
                insist(fields.get("event", "").strip() == event["type"], f"{event['type']} has another name: {fields}")
                turn.take(event)
        return turn

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[Callable[..., Awaitable[Turn]]]:
        """A WebSocket; what is given asks for a turn on it."""
        try:
            async with self._session.ws_connect(f"{self._url}/responses") as socket:

                async def ask(input_: Any, **body: Any) -> Turn:
                    await socket.send_json(_body({"type": "response.create", "input": input_, **body}))
                    turn = Turn()
                    while not turn.over:
                        turn.take(await socket.receive_json(timeout=_SECONDS), socket=True)
                    return turn

                yield ask
        except aiohttp.WSServerHandshakeError as error:
            raise NotHeld(f"the WebSocket was refused with status {error.status}") from None

    async def compact(self, items: Sequence[Json]) -> Json:
        status, compaction = await self.post({"input": items}, "responses/compact")
        insist(status == 200, f"status {status}: {json.dumps(compaction)}")
        hold("CompactResource", compaction)
        return dict(compaction)


def _body(body: Json) -> Json:
    return {key: value for key, value in {"model": "m", **body}.items() if value is not None}


def message(role: str, content: Any, **more: Any) -> Json:
    return {"type": "message", "role": role, "content": content, **more}


def missing(turn: Turn) -> None:
    """That an earlier response is not known, in the form that the specification has for a WebSocket."""
    insist(turn.code == "previous_response_not_found", f"its code is {turn.code!r}")
    hold("WebSocketErrorEvent", turn.error)


async def basic_response(server: Server) -> None:
    said(await server.plain([message("user", "Greet me with three words.")]))


async def assistant_phase(server: Server) -> None:
    history = [
        message("assistant", "I look the number up.", phase="commentary"),
        message("assistant", "It is four.", phase="final_answer"),
        message("user", "Only the number, please."),
    ]
    said(await server.plain(history))


async def response_output_phase_schema(server: Server) -> None:
    """The runner asks no server, and holds a response of its own against the schema. Here it is the server's."""
    response = said(await server.plain([message("user", "Greet me.")]))
    (item,) = (item for item in response["output"] if item["type"] == "message")
    for phase in ("commentary", "final_answer"):
        completed({**response, "output": [{**item, "phase": phase}]})


async def streaming_response(server: Server) -> None:
    turn = await server.stream([message("user", "Count to five.")])
    said(turn.completed())
    names = [event["type"] for event in turn.events]
    insist("response.output_text.delta" in names, f"no text came: {names}")


async def websocket_response(server: Server) -> None:
    async with server.socket() as ask:
        said((await ask([message("user", "Count to three.")])).completed())


async def websocket_sequential_responses(server: Server) -> None:
    async with server.socket() as ask:
        ids = [(await ask(f"Say {word}.", store=False)).completed()["id"] for word in ("first", "second")]
    insist(ids[0] != ids[1], "both have one id")


async def websocket_continuation(server: Server) -> None:
    async with server.socket() as ask:
        first = (await ask("The word is cobalt. Say OK.", store=False)).completed()
        second = await ask("Which word?", store=False, previous_response_id=first["id"])
        insist(said(second.completed())["previous_response_id"] == first["id"], "it does not say what it goes on with")


async def websocket_generate_false(server: Server) -> None:
    async with server.socket() as ask:
        warm = (await ask([], store=False, instructions="Be kind.", generate=False)).completed()
        insist(warm["output"] == [], "it was not to say anything")
        said((await ask("Hi.", store=False, previous_response_id=warm["id"])).completed())


async def websocket_reconnect_store_false_recovery(server: Server) -> None:
    async with server.socket() as ask:
        first = (await ask("The word is copper. Say OK.", store=False)).completed()
    async with server.socket() as ask:
        missing(await ask("Which word?", store=False, previous_response_id=first["id"]))
        said((await ask([message("user", "Then begin anew.")], store=False)).completed())


async def websocket_previous_response_not_found(server: Server) -> None:
    async with server.socket() as ask:
        missing(await ask("Go on.", store=False, previous_response_id="resp_that_never_was"))


async def websocket_failed_continuation_evicts_cache(server: Server) -> None:
    orphan = {"type": "function_call_output", "call_id": "call_that_never_was", "output": "Nobody asked."}
    async with server.socket() as ask:
        first = (await ask("The word is ember. Say OK.", store=False)).completed()
        failed = await ask([orphan], store=False, previous_response_id=first["id"])
        insist(failed.error or failed.code or (failed.response or {}).get("status") == "failed", "it did not fail")
        missing(await ask("Which word?", store=False, previous_response_id=first["id"]))


async def websocket_compact_new_chain(server: Server) -> None:
    compaction = await server.compact(
        [
            message("user", [{"type": "input_text", "text": "The word is slate."}]),
            message("assistant", [{"type": "output_text", "text": "OK."}]),
            message("user", [{"type": "input_text", "text": "Sum it up, to go on later."}]),
        ]
    )
    async with server.socket() as ask:
        went_on = await ask([*compaction["output"], message("user", "Go on.")], store=False, tools=[])
        said(went_on.completed())


async def system_prompt(server: Server) -> None:
    said(await server.plain([message("system", "You are a sailor."), message("user", "Greet me.")]))


async def tool_calling(server: Server) -> None:
    asked = [message("user", "How is the weather in Graz?")]
    response = said(await server.plain(asked, tools=[WEATHER]), "function_call")
    (call,) = response["output"]
    insist(call["name"] == "get_weather" and "city" in json.loads(call["arguments"]), f"it calls {json.dumps(call)}")


async def image_input(server: Server) -> None:
    parts = [{"type": "input_text", "text": "What is it?"}, {"type": "input_image", "image_url": PIXEL}]
    said(await server.plain([message("user", parts)]))


async def multi_turn(server: Server) -> None:
    history = [message("user", "I am Ada."), message("assistant", "Hello Ada!"), message("user", "Who am I?")]
    said(await server.plain(history))


async def compact_response(server: Server) -> None:
    history = [message("user", "We begin on Tuesday."), message("assistant", "Tuesday it is.")]
    compaction = await server.compact(history)
    said(compaction, "compaction")
    insist(compaction["object"] == "response.compaction", f"it is a {compaction['object']}")


async def compact_missing_model(server: Server) -> None:
    status, _ = await server.post({**NO_MODEL, "input": [message("user", "Sum it up.")]}, "responses/compact")
    insist(status in (400, 422), f"status {status}")


CASES: Mapping[str, Callable[[Server], Awaitable[None]]] = {
    case.__name__.replace("_", "-"): case
    for case in (
        basic_response,
        assistant_phase,
        response_output_phase_schema,
        streaming_response,
        websocket_response,
        websocket_sequential_responses,
        websocket_continuation,
        websocket_generate_false,
        websocket_reconnect_store_false_recovery,
        websocket_previous_response_not_found,
        websocket_failed_continuation_evicts_cache,
        websocket_compact_new_chain,
        system_prompt,
        tool_calling,
        image_input,
        multi_turn,
        compact_response,
        compact_missing_model,
    )
}


async def main(url: str, name: str) -> int:
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, headers={"authorization": "Bearer k"}) as session:
        try:
            await CASES[name](Server(session, url))
        except NotHeld as error:
            print(f"{name}: {error}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
