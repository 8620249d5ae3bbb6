"""The tool grep_files: the files that hold a pattern, the newest first, found by ripgrep."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from typing import Any

from pycodex.arguments import STRING, USIZE, Field, Struct
from pycodex.rust import os_error
from pycodex.tools.base_tool import ToolContext, ToolError
from pycodex.tools.function_tool import FunctionTool

__all__ = ["GrepFiles"]

_MOST = 2000
_SECONDS = 30
_NOT_THERE = "No such file or directory (os error 2)"


class GrepFiles(FunctionTool):
    """`grep_files`."""

    name = "grep_files"
    struct = Struct(
        name="GrepFilesArgs",
        fields=(
            Field("pattern", STRING, required=True),
            Field("include", STRING, optional=True),
            Field("path", STRING, optional=True),
            Field("limit", USIZE, default=100),
        ),
    )

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        pattern, include = args["pattern"].strip(), (args["include"] or "").strip()
        if not pattern:
            raise ToolError("pattern must not be empty")
        if args["limit"] == 0:
            raise ToolError("limit must be greater than zero")
        path = os.path.join(context.cwd, args["path"]) if args["path"] else str(context.cwd)
        try:
            os.stat(path)
        except (OSError, ValueError) as error:
            raise ToolError(f"unable to access `{path}`: {os_error(error)}") from None
        glob = ("--glob", include) if include else ()
        found = await self._search(context, "--regexp", pattern, "--no-messages", *glob, "--", path)
        files = [line for line in found.split(b"\n") if line]
        texts = [text for line in files if "\ufffd" not in (text := line.decode(errors="replace"))]
        return "\n".join(texts[: min(args["limit"], _MOST)]) or "No matches found."

    async def _search(self, context: ToolContext, *options: str) -> bytes:
        program = shutil.which("rg", path=context.env.get("PATH"))
        if program is None:
            raise ToolError(f"failed to launch rg: {_NOT_THERE}. Ensure ripgrep is installed and on PATH.")
        process = await asyncio.create_subprocess_exec(
            program,
            "--files-with-matches",
            "--sortr=modified",
            *options,
            cwd=context.cwd,
            env=dict(context.env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(_SECONDS):
                out, err = await process.communicate()
        except TimeoutError:
            raise ToolError(f"rg timed out after {_SECONDS} seconds") from None
        finally:
            if process.returncode is None:
                process.kill()
        if process.returncode not in (0, 1):
            raise ToolError(f"rg failed: {err.decode(errors='replace')}")
        return out
