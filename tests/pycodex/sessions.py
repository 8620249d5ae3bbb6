"""What tests of the core share: settings without files of the person, and a model that answers from a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pycodex.api import open_settings
from pycodex.model import ModelRequest
from pycodex.protocol import Event, Item, Usage
from pycodex.sampling import Completed, Failure, Opened, OutputItem, SampleEvent
from pycodex.settings import Settings
from pycodex.tools.base_tool import ToolContext

CONFIG = """
model_provider = "fake"
[model_providers.fake]
name = "fake"
base_url = "http://127.0.0.1:{port}/v1"
env_key = "FAKE_KEY"
request_max_retries = 0
stream_max_retries = 0
"""


_MODELS: Mapping[str | None, str] = {"0.115.0": "gpt-5.4"}


def settings_in(
    root: Path, *, upstream: str | None = None, port: int = 9, config: str = "", **options: Any
) -> Settings:
    """Settings of a run in `root/ws` with the home folder `root/home`; the model has direct tools if none is named."""
    home, ws = root / "home", root / "ws"
    home.mkdir(exist_ok=True)
    ws.mkdir(exist_ok=True)
    if "model =" not in config and "model_catalog_json" not in config:
        config += f'model = "{_MODELS.get(upstream, "gpt-5.5")}"\n'
    (home / "config.toml").write_text(config + CONFIG.format(port=port), encoding="utf-8")
    env = {"CODEX_HOME": str(home), "FAKE_KEY": "sk-x", "HOME": str(root), "PATH": "/usr/bin:/bin", "TERM": "xterm"}
    return open_settings(cwd=ws, env=env, upstream=upstream, **options)


def says(text: str, identity: str = "msg_1") -> Item:
    """An assistant message."""
    content = [{"type": "output_text", "text": text}]
    return {"type": "message", "id": identity, "role": "assistant", "content": content}


def calls(name: str, arguments: str = "{}", call_id: str = "call_1") -> Item:
    """A function call."""
    return {"type": "function_call", "id": f"fc_{call_id}", "name": name, "arguments": arguments, "call_id": call_id}


class ScriptedModel:
    """Gives one list of items (or a Failure) per request; keeps the requests."""

    def __init__(self, answers: Sequence[Sequence[Item] | Failure]) -> None:
        self.answers = list(answers)
        self.requests: list[ModelRequest] = []

    async def stream(self, request: ModelRequest) -> AsyncIterator[SampleEvent]:
        self.requests.append(request)
        answer = self.answers[len(self.requests) - 1]
        if isinstance(answer, Failure):
            yield answer
            return
        yield Opened(headers=(("x-codex-turn-state", f"TS-{len(self.requests)}"),))
        for item in answer:
            yield OutputItem(item=item)
        usage = Usage(input_tokens=10, output_tokens=5, total_tokens=15)
        yield Completed(response_id=f"resp_{len(self.requests)}", usage=usage)

    async def aclose(self) -> None:
        return None


class SlowModel(ScriptedModel):
    """Does not come to its first answer."""

    async def stream(self, request: ModelRequest) -> AsyncIterator[SampleEvent]:
        if not self.requests:
            self.requests.append(request)
            await asyncio.sleep(60)
        async for event in super().stream(request):
            yield event


def tool_context(settings: Settings, events: list[Event]) -> ToolContext:
    """A call of a tool in a run with those settings; what it emits joins `events`."""
    return ToolContext(
        call_id="c",
        cwd=settings.cwd,
        env=settings.environment,
        sandbox=settings.sandbox,
        emit=events.append,
        thread_id="t",
        turn_id="u",
        shell=settings.shell,
    )
