"""The tools `js_repl` and `js_repl_reset`: run a cell in the kernel of the thread, and begin with a new one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pycodex.arguments import STRING, U64, ArgumentStyle, Field, Struct
from pycodex.ids import uuid4
from pycodex.js_repl.source import CellSource, read_source
from pycodex.protocol import Item
from pycodex.records import replace
from pycodex.tools.as_command import AsCommand
from pycodex.tools.base_tool import BaseTool, IncompatiblePayload, ToolContext, ToolError, ToolOutput, ToolRegistry
from pycodex.tools.function_tool import FunctionTool

if TYPE_CHECKING:
    from pycodex.js_repl.kernel import Kernel
    from pycodex.settings import Settings
    from pycodex.tools.command_environment import CommandEnvironment

__all__ = ["JsRepl", "JsReplReset", "Repl", "repl_tools"]

_NAMES = ("js_repl", "js_repl_reset")
_TIMEOUT_MS = 30_000
_DIRECT = "direct tool calls are disabled; use js_repl and codex.tool(...) instead"


def repl_tools(settings: Settings, registry: ToolRegistry, environment: CommandEnvironment) -> None:
    """Adds the handlers to `registry`, whose tools a cell can call."""
    repl = Repl(settings, environment)
    registry.adopt(repl)
    style = settings.dialect.arguments
    registry.add([JsRepl(repl, registry, settings), JsReplReset(repl, style)])
    if "js_repl_tools_only" in settings.features:
        registry.only = (_NAMES, _DIRECT)


class Repl:
    """The kernel of a thread, and its folder for what is in passing."""

    def __init__(self, settings: Settings, environment: CommandEnvironment) -> None:
        self._settings = settings
        self._environment = environment
        self._kernel: Kernel | None = None
        self._folder: str | None = None

    async def kernel(self, context: ToolContext) -> Kernel:
        """The kernel that runs, else a new one. Raises ToolError."""
        from pycodex.js_repl.kernel import Kernel
        from pycodex.sandbox import SandboxUnavailable
        from pycodex.spawn import StartError
        from pycodex.upstream.codes import node_of_settings

        if self._kernel is None or not self._kernel.alive:
            self._folder = self._folder or tempfile.mkdtemp()
            folders = self._settings.config.raw.get("js_repl_node_module_dirs") or ()
            own = {
                "CODEX_JS_TMP_DIR": self._folder,
                "CODEX_THREAD_ID": context.thread_id,
                **({"PWD": str(context.cwd)} if context.sandbox.confines else {}),  # (captured: js_repl/sandboxed)
                **({"CODEX_JS_REPL_NODE_MODULE_DIRS": os.pathsep.join(map(str, folders))} if folders else {}),
            }
            env = await self._environment.of(context, own, snapshot=False)
            try:
                node = node_of_settings(self._settings)
                self._kernel = await Kernel.start(node, context.cwd, env, context.sandbox)
            except (StartError, SandboxUnavailable) as error:
                raise ToolError(f"failed to start Node runtime: {error}") from None
        return self._kernel

    def kill(self) -> None:
        """End the kernel; the next cell gets another."""
        if self._kernel is not None:
            self._kernel.end()
            self._kernel = None

    def remove(self) -> None:
        """Leave nothing behind."""
        self.kill()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


class JsRepl(FunctionTool):
    """`js_repl`."""

    name = "js_repl"
    payloads = frozenset({"custom_tool_call", "function_call"})
    struct = Struct(
        name="JsReplArgs",
        fields=(Field("code", STRING, required=True), Field("timeout_ms", U64, optional=True)),
    )

    def __init__(self, repl: Repl, registry: ToolRegistry, settings: Settings) -> None:
        super().__init__(settings.dialect.arguments)
        self._repl = repl
        self._registry = registry
        self._original = "image_detail_original" in settings.features

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        from pycodex.js_repl.kernel import Wants

        cell = _cell(args)
        kernel = await self._repl.kernel(context)
        images: list[Item] = []

        def show(url: str, detail: str | None) -> None:
            more = {"detail": detail} if detail is not None and self._original else {}
            images.append({"type": "input_image", "image_url": url, **more})

        wants = Wants(call=lambda id, name, given: self._called(context, id, name, given), show=show)
        shown = AsCommand(context, self.name)
        milliseconds = _TIMEOUT_MS if cell.timeout_ms is None else cell.timeout_ms
        ended = await kernel.run(str(uuid4()), cell.source, milliseconds / 1000, wants)
        shown.end(ended.text, failed=ended.failed)
        if ended.failed:
            raise ToolError(ended.text)
        texts: list[Item] = [{"type": "input_text", "text": ended.text}] if ended.text else []
        return ToolOutput(content=[*texts, *images] if images else ended.text, value=ended.text if images else None)

    async def _called(self, context: ToolContext, id: str, name: str, given: str) -> Any:
        """A call of a cell: its output, as an item of the history has it (captured: js_repl/tools)."""
        if name in _NAMES:
            raise ToolError("js_repl cannot invoke itself")
        declared = {item.get("name"): item["type"] for item in self._registry.declarations()}
        custom = declared.get(name) == "custom"
        kind = "custom_tool_call" if custom else "function_call"
        call = {"type": kind, "name": name, "call_id": id, "input" if custom else "arguments": given}
        output: str | list[Item]
        try:
            output = (await self._registry.dispatch(call, replace(context, call_id=id))).content
        except ToolError as error:
            output = str(error)
        except IncompatiblePayload as error:
            raise ToolError(str(error)) from None
        return {"type": f"{kind}_output", "call_id": id, "output": output}

    async def aclose(self) -> None:
        self._repl.remove()


class JsReplReset(BaseTool):
    """`js_repl_reset`."""

    name = "js_repl_reset"

    def __init__(self, repl: Repl, arguments: ArgumentStyle) -> None:
        self._repl = repl

    def parse(self, arguments: str) -> Mapping[str, Any]:
        return {}

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        self._repl.kill()
        return ToolOutput(content="js_repl kernel reset")


def _cell(args: Mapping[str, Any]) -> CellSource:
    if "input" in args:
        return read_source(args["input"])
    return CellSource(source=args["code"], timeout_ms=args["timeout_ms"])
