"""Compactions that the provider of OpenAI does by itself: what comes back is sealed, and stands for what was said.

Asked for by the last item of an ordinary request, or at an address of its own (captures: interactive/compact_remote,
compact/remote_old).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pycodex import items
from pycodex.compaction import Answer, Compaction
from pycodex.context import ContextManager
from pycodex.fullness import items_added
from pycodex.ids import uuid7
from pycodex.items import said_by_user
from pycodex.model import ModelRequest, ResponsesModelClient
from pycodex.protocol import Item, LogLine
from pycodex.records import replace
from pycodex.request import Request, build_body, build_head, compact, turn_values
from pycodex.sampling import Completed, Failure
from pycodex.turn_end import count
from pycodex.upstream.compaction import Kept

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop

__all__ = ["FetchedCompaction", "TriggeredCompaction", "compaction_for"]

_SEALED, _TRIGGER = "compaction", "compaction_trigger"


def compaction_for(loop: AgentLoop) -> type[Compaction]:
    """How the threads of a loop are compacted."""
    settings = loop.context.settings
    if "token_budget" in settings.features:
        from pycodex.new_window import NewWindow

        return NewWindow
    style = settings.dialect.compact
    if not settings.config.provider.is_openai or not isinstance(loop.model, ResponsesModelClient):
        return Compaction
    return TriggeredCompaction if style.endpoint is None else FetchedCompaction


def _bytes(item: Item) -> int:
    """What the model sees of an item."""
    return len(compact(item).encode())


class _Remote(Compaction):
    counted = False

    async def _answer(self) -> Answer:
        answer = await super()._answer()
        if answer.failure is not None:
            rule = self._rule(answer.failure)
            error = rule.text(answer.failure)
            self._log(error)
            text = self._style.remote_failed.format(error=error)
            answer.failure = Failure(kind="compaction", detail=text, info=rule.info(answer.failure))
        return answer

    def _log(self, error: str) -> None:
        if self._style.remote_log is None:
            return
        context = self._context
        target, text = self._style.remote_log
        added = items_added(context.history)
        seen = sum(map(_bytes, context.history))
        window = context.settings.context_window
        message = text.format(
            turn_id=self._turn.id,
            total=context.last_usage.total_tokens,
            history=seen,
            added_tokens=sum(map(self._style.estimate, added)),
            added_bytes=sum(map(_bytes, added)),
            window="None" if window is None else f"Some({window})",
            request=seen + len(context.instructions().encode()),
            error=error,
        )
        self._emit(LogLine(level="ERROR", target=target, message=message))

    def _sealed(self, item: Mapping[str, Any]) -> Item:
        """The item as the history keeps it."""
        named = {"id": item.get("id") or f"cmp_{uuid7()}"} if self._dialect.ids.minted else {}
        return {"type": _SEALED, **named, "encrypted_content": item.get("encrypted_content")}


class TriggeredCompaction(_Remote):
    """Asked for by the last item of a request that is as any other."""

    implementation = "responses_compaction_v2"

    def _request(self, history: list[Item]) -> ModelRequest:
        asking = self._asking()
        return ModelRequest(
            context=asking,
            turn=replace(self._turn, compaction=self._asks),
            tools=tuple(self._tools),
            input=tuple(asking.request_input([*history, {"type": _TRIGGER}])),
            plain=self._loop.plain,
        )

    async def _attempt(self, history: list[Item]) -> Answer:
        answer = await super()._attempt(history)
        found = [item for item in answer.given if item.get("type") == _SEALED]
        if answer.failure is None and answer.completed is not None and len(found) != 1:
            self._note(answer, answer.completed)
            text = self._style.not_one_sealed.format(count=len(found), items=len(answer.given))
            answer.failure = Failure(kind="compaction", detail=text)
        answer.said = [self._sealed(item) for item in found]
        return answer

    def _note(self, answer: Answer, completed: Completed) -> None:
        count(self._context, self._emit, self._turn, completed.response_id, completed.usage, apart=True)

    def _summary(self, answer: Answer) -> tuple[Item, str]:
        return answer.said[0], ""


class FetchedCompaction(_Remote):
    """Asked for at an address of its own; the answer is the new history."""

    resent = False

    async def _attempt(self, history: list[Item]) -> Answer:
        model = self._loop.model
        assert isinstance(model, ResponsesModelClient)
        answer = Answer()
        fetched = await model.fetch(self._fetch(self._asking(), history))
        if isinstance(fetched, Failure):
            answer.failure = fetched
            return answer
        try:
            answer.given = list(json.loads(fetched.body)["output"])
        except (ValueError, KeyError, TypeError) as error:
            answer.failure = Failure(kind="decode", detail=str(error))
        answer.completed = Completed(response_id="", usage=None)
        return answer

    def _fetch(self, asking: ContextManager, history: list[Item]) -> Request:
        endpoint, settings = self._style.endpoint, asking.settings
        assert endpoint is not None
        provider = settings.config.provider
        values = turn_values(asking, self._turn)
        body = build_body(asking, values, self._tools, asking.request_input(history))
        return Request(
            url=provider.url(endpoint.path),
            head=tuple(build_head(endpoint.headers, values, provider, settings.environment)),
            body=compact({key: body[key] for key in endpoint.keys if body.get(key) is not None}).encode(),
        )

    def _note(self, answer: Answer, completed: Completed) -> None:
        pass

    def _summary(self, answer: Answer) -> tuple[Item, str]:
        return next((item for item in reversed(self._given(answer)) if item["type"] == _SEALED), {}), ""

    def _kept(self, answer: Answer, summary: Item) -> tuple[list[Kept], list[Kept]]:
        """All of the answer that a history may hold; the context stands before what the user said last, or else before
        the last sealed item."""
        given = self._given(answer)
        said = [number for number, item in enumerate(given) if said_by_user(item)]
        sealed = [number for number, item in enumerate(given) if item["type"] == _SEALED]
        place = (said or sealed or [len(given)])[-1]
        return [Kept(item=item) for item in given[:place]], [Kept(item=item) for item in given[place:]]

    def _given(self, answer: Answer) -> list[Item]:
        return [kept for item in answer.given if (kept := self._joins(item)) is not None]

    def _joins(self, item: Mapping[str, Any]) -> Item | None:
        if item.get("type") == _SEALED:
            return self._sealed(item)
        if item.get("type") != "message" or not (item.get("role") == "assistant" or said_by_user(item)):
            return None
        return items.keep(item, self._dialect.items, self._dialect.ids)
