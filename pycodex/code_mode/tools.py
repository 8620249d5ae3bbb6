"""The tools `exec` and `wait`: run a program, and look again at one that runs."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pycodex.arguments import BOOL, STRING, U64, USIZE, ArgumentStyle, Field, Struct
from pycodex.code_mode.cell import Look, Wishes
from pycodex.code_mode.nested import NestedCalls
from pycodex.code_mode.output import Said, cut_items, text_item
from pycodex.code_mode.pragma import read_program
from pycodex.code_mode.session import CodeSession
from pycodex.images import Broken, ImageStyle, prepared
from pycodex.protocol import Item
from pycodex.tools.base_tool import BaseTool, ToolContext, ToolOutput, ToolRegistry
from pycodex.tools.function_tool import FunctionTool
from pycodex.tools.small import sends_originals
from pycodex.upstream.toolset import plain_images

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["ExecCode", "WaitForCell", "code_mode_tools"]

_NOT_LOW = "image content omitted because detail 'low' is not supported; use 'high', 'original', or 'auto'"
_NO_AUDIO = "audio content omitted because you do not support audio input"


def code_mode_tools(settings: Settings, registry: ToolRegistry) -> list[BaseTool]:
    """The handlers for code, which calls the tools of `registry`."""
    style = settings.dialect.toolset.code
    assert style is not None, "a dialect that declares `exec` says how it runs"
    session = CodeSession(style, lambda: style.engine(settings))
    registry.adopt(session)
    parts = (session, settings.dialect.arguments)
    return [ExecCode(*parts, registry, settings), WaitForCell(*parts)]


class ExecCode(BaseTool):
    """`exec`."""

    name = "exec"
    payloads = frozenset({"custom_tool_call"})

    def __init__(
        self, session: CodeSession, arguments: ArgumentStyle, registry: ToolRegistry, settings: Settings
    ) -> None:
        self._session = session
        self._arguments = arguments
        self._registry = registry
        self._settings = settings
        self._nested = NestedCalls(registry, settings.dialect.toolset, session)
        self._tools: list[dict[str, str]] = []
        self._settled: int | None = None
        self._images = settings.dialect.images
        self._plain = plain_images(settings)
        self._originals = sends_originals(settings)

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        tools = self._offered()
        program = read_program(args["input"], self._arguments, numbers_named=self._session.style.numbers_named)
        wishes = Wishes(
            call=lambda name, given: self._nested.run(context, name, given),
            notify=lambda text: context.notify(self.name, text),
            image=self._image,
            audio=lambda url: text_item(_NO_AUDIO),
            store=self._session.commit,
        )
        id, look = await self._session.execute(program, tools, wishes, context.turn_id, context.input_waits)
        return _told(id, look, program.max_output_tokens, self._session)

    def _image(self, url: str, asked: str | None) -> Item:
        """In its own size whatever detail was asked for, where the model is told of none (captured: code_mode/images,
        code_mode/image_details)."""
        if self._session.style.image_urls:  # nobody looks at it
            return {"type": "input_image", "image_url": url}
        if self._plain:
            return _image(url, "original", self._images)
        if asked == "low":
            return text_item(_NOT_LOW)
        detail = "high" if asked is None or (asked == "original" and not self._originals) else asked
        return _image(url, detail, self._images)

    def interrupted(self) -> None:
        self._session.interrupt()

    def _offered(self) -> list[dict[str, str]]:
        """What programs may call: more where servers have come in."""
        self._registry.declarations()  # looks for servers that have come in
        servers = self._settings.mcp
        settled = 0 if servers is None else servers.settled
        if settled != self._settled:
            self._settled = settled
            self._tools = self._session.style.tools(self._settings)
            self._nested.offer(self._tools)
        return self._tools

    async def aclose(self) -> None:
        await self._session.aclose()


class WaitForCell(FunctionTool):
    """`wait`, or what the version calls it."""

    struct = Struct(
        name="ExecWaitArgs",
        fields=(
            Field("cell_id", STRING, required=True),
            Field("yield_time_ms", U64, optional=True),
            Field("max_tokens", USIZE, optional=True),
            Field("terminate", BOOL, default=False),
        ),
    )

    def __init__(self, session: CodeSession, arguments: ArgumentStyle) -> None:
        super().__init__(arguments)
        self.name = session.style.wait
        self._session = session

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        id = args["cell_id"]
        cut = context.input_waits
        look = await self._session.wait(id, args["yield_time_ms"], context.turn_id, cut, terminate=args["terminate"])
        if isinstance(look, str):
            unknown = text_item(f"Script error:\n{self._session.style.unknown.format(number=look)}")
            look = Look(state="failed", said=Said(head=(unknown,)), seconds=0.0)
        return _told(id, look, args["max_tokens"], self._session)


def _told(id: str, look: Look, tokens: int | None, session: CodeSession) -> ToolOutput:
    """What a look brought, as the model reads it: a text where the program said nothing, else a list of items."""
    state = f"running with cell ID {id}" if look.state == "running" else look.state
    head = f"Script {state}\nWall time {look.seconds:.1f} seconds\nOutput:\n"
    limit = session.style.max_tokens if tokens is None else tokens
    items = cut_items(look.said, limit, warns=session.style.cut_warning)
    return ToolOutput(content=[text_item(head), *items] if items else head)


def _image(url: str, detail: str, style: ImageStyle) -> Item:
    """The image of a data URL, or a text in its place where there is none."""
    data = url.partition(",")[2]
    try:
        limits = None if detail == "original" else style.limits
        kind, prepared_data = prepared(base64.b64decode(data, validate=True), limits)
    except (Broken, binascii.Error, ValueError):
        return text_item(style.undecodable)
    image = f"data:{kind};base64,{base64.b64encode(prepared_data).decode()}"
    return {"type": "input_image", "image_url": image, "detail": detail}
