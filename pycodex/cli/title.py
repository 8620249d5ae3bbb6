"""The title of a thread, asked for beside the first turn of a prompt (captures/upstream/0.169.0/prompt.json).

It is a thread of its own that is not kept: read-only, told nothing of the working directory, asked for one line. Nobody
sees a title here, so the answer is not waited for; upstream's program shows it in its list of threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from pycodex.context import ContextManager, Thread, Turn
from pycodex.ids import uuid7
from pycodex.items import text_of
from pycodex.model import ModelRequest, ResponsesModelClient
from pycodex.protocol import (
    ContextRecorded,
    Event,
    Item,
    SampleStarted,
    TurnAborted,
    TurnFailed,
    TurnStarted,
    UserMessageRecorded,
)
from pycodex.records import replace
from pycodex.sampling import Failure, Opened, OutputItem
from pycodex.sandbox import SandboxPolicy
from pycodex.upstream.toolset import declared_tools

if TYPE_CHECKING:
    from pycodex.settings import Settings
    from pycodex.upstream.dialect import TitleStyle

__all__ = ["TitleRequest"]

_PATIENCE = 5.0


class TitleRequest:
    """Feed the events of the turn; the request goes out once the turn's own answer begins, or none will come."""

    def __init__(
        self,
        settings: Settings,
        style: TitleStyle,
        prompt: str,
        installation_id: str,
        *,
        take: Callable[[str], None] | None = None,
    ) -> None:
        """`take` is given the title, once there is one."""
        dialect = settings.dialect
        self._settings = replace(
            settings,
            dialect=replace(dialect, context=style.context, toolset=replace(dialect.toolset, entries=style.entries)),
            sandbox=SandboxPolicy(mode="read-only"),
            config=replace(settings.config, approval_policy=settings.config.raw.get("approval_policy")),
            output_schema=json.loads(settings.data.text(style.schema)),
            mode="title",
            # Only the catalog gives it other agents (captured: direct/interactive/interrupt_in_team).
            agents=settings.model.get("multi_agent_version") or "disabled",
        )
        text = settings.data.text(style.prompt).replace("{prompt}", prompt)
        self._text = text.encode()[: style.limit].decode(errors="ignore")
        self._installation_id = installation_id
        self._take = take
        self._sent = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def __call__(self, event: Event) -> None:
        """An event of the turn."""
        if isinstance(event, SampleStarted | TurnFailed | TurnAborted) and self._task is None:
            self._task = asyncio.create_task(self._ask())

    async def aclose(self) -> None:
        """Ends it, once it is sent."""
        if self._task is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self._sent.wait()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _ask(self) -> None:
        settings = self._settings
        context = ContextManager(settings, replace(Thread.new(self._installation_id), source="thread_title"))
        tools = declared_tools(settings)
        turn = Turn(id=uuid7(), started_at=time.time())
        # Nothing is kept of it, but the provider of OpenAI is told what is noted of items (captured:
        # interactive/compact_remote).
        note = settings.dialect.rollout.recorder(context, ())
        note(TurnStarted(turn_id=turn.id, prompt=self._text, started_at=turn.started_at))
        recorded, initial = context.open_turn(tools)
        note(ContextRecorded(turn_id=turn.id, items=tuple(recorded), initial=initial))
        item = context.record_user(self._text)
        note(UserMessageRecorded(turn_id=turn.id, id=uuid7(), item=item, text=self._text, at=turn.started_at))
        request = ModelRequest(
            context=context,
            turn=turn,
            tools=tuple(tools),
            input=tuple(context.request_input()),
        )
        client = ResponsesModelClient(settings)
        try:
            async for event in client.stream(request):
                if isinstance(event, Opened | Failure):
                    self._sent.set()
                if isinstance(event, OutputItem) and self._take is not None:
                    self._read(event.item)
        finally:
            self._sent.set()
            await client.aclose()

    def _read(self, item: Item) -> None:
        """The title, if that is what the model says."""
        with contextlib.suppress(ValueError):
            said = json.loads(text_of(item)) if item.get("type") == "message" else None
            title = said.get("title") if isinstance(said, dict) else None
            if isinstance(title, str) and title.strip() and self._take is not None:
                self._take(title.strip())
