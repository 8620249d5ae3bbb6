"""A good server, and servers that break one thing on purpose: Sources for a FakeServer."""

from collections.abc import Callable, Mapping
from typing import Any

from fake_server import Answer, Request
from fake_server.bodies import header
from fake_server.faults import Gates
from fake_server.friendly import friendly_item
from fake_server.script import HttpAnswer, WebSocketAnswer

__all__ = ["KEY", "GoodServer", "refusing"]

KEY = "sk-right"
_MODELS = ("gpt-5.4", "gpt-5.5", "gpt-6.1-sol", "unknown-model-x")
_MANY = 1_000_000

Refusal = Callable[[Request], HttpAnswer | None]


def error(status: int, message: str, code: str | None = None, headers: tuple[tuple[str, str], ...] = ()) -> HttpAnswer:
    return HttpAnswer(status=status, headers=headers, body={"error": {"message": message, "code": code}})


def refusing(part: str) -> Refusal:
    """Answers 400 to every request that says `part` somewhere."""
    return lambda request: error(400, f"Unknown parameter: {part}") if part in str(request.body) else None


class GoodServer:
    """Does everything that codex-cli asks of a server: key, models, context, reasoning, WebSocket, compaction.

    `refusal` is asked first; the `limit`-th and later prompts get a 429 (`wait`: its Retry-After).
    """

    def __init__(self, refusal: Refusal | None = None, limit: int | None = None, wait: str = "1") -> None:
        self.refusal = refusal
        self.limit = limit
        self.wait = wait
        self.number = 0

    def answer(self, request: Request) -> Answer:
        self.number += 1
        step = f"good/{self.number}"
        found = self._plain(request)
        if found is not None:
            return Answer(step=step, http=found)
        if request.method == "GET":
            return Answer(step=step, websocket=WebSocketAnswer())
        if request.body.get("generate") is False:
            return Answer(step=step, output=())
        if str(request.body["input"][-1].get("type")) == "compaction_trigger":
            return Answer(
                step=step, output=({"item": {"type": "compaction", "id": "cmp_1", "encrypted_content": "gA"}},)
            )
        thought: Mapping[str, Any] = {"reasoning": {"summary": ["think"], "encrypted_content": "gA"}}
        return Answer(step=step, output=(thought, friendly_item(request.body)))

    def _plain(self, request: Request) -> HttpAnswer | None:
        if self.refusal is not None and (refused := self.refusal(request)):
            return refused
        if request.path.endswith("/compact"):
            return HttpAnswer(status=200, body={"output": []})
        if request.method == "GET":
            return None
        if request.method == "POST" and header(request.head, "authorization") != f"Bearer {KEY}":
            return error(401, "Incorrect API key", "invalid_api_key")
        if request.body["model"] not in _MODELS:
            return error(404, "no such model", "model_not_found")
        if len(str(request.body)) > _MANY:
            return error(400, "the input is too long", "context_length_exceeded")
        if self.limit is not None and self.number >= self.limit:
            return error(429, "slow down", "rate_limit_exceeded", (("retry-after", self.wait),))
        return None

    def claims(self, request: Request) -> bool:
        return request.path.startswith("/v1/responses")

    def unused(self) -> list[str]:
        return []

    def at_rest(self) -> bool:
        return False

    def shuts_port(self, gates: Gates) -> bool:
        return False
