"""The tool view_image: an image of the disk, for the model to look at."""

from __future__ import annotations

import base64
import errno
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pycodex.arguments import STRING, ArgumentStyle, Field, Struct
from pycodex.images import Broken, ImageStyle, prepared, refusal
from pycodex.protocol import ImageViewed
from pycodex.rust import os_error
from pycodex.tools.base_tool import ToolContext, ToolError, ToolOutput
from pycodex.tools.function_tool import FunctionTool
from pycodex.tools.small import ViewStyle

__all__ = ["ViewImage"]

_TEXT_ONLY = "view_image is not allowed because you do not support image inputs"


class ViewImage(FunctionTool):
    """`view_image`. `sees`: whether the model takes images; `original`: whether it may have them in full
    size; `always`: whether it then has all of them so; `told_plainly`: whether code is told no detail."""

    name = "view_image"
    struct = Struct(
        name="ViewImageArgs",
        fields=(Field("path", STRING, required=True), Field("detail", STRING, optional=True, positional=True)),
    )

    def __init__(
        self,
        arguments: ArgumentStyle,
        view: ViewStyle,
        images: ImageStyle,
        *,
        sees: bool,
        original: bool,
        always: bool,
        told_plainly: bool = False,
    ) -> None:
        super().__init__(arguments, prelude=view.prelude)
        self._told_plainly = told_plainly
        self._view = view
        self._images = images
        self._sees = sees
        self._original = original
        self._always = always

    def parse(self, arguments: str) -> Mapping[str, Any]:
        if not self._sees:
            raise ToolError(_TEXT_ONLY)
        return super().parse(arguments)

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        asked = args["detail"]
        if asked not in self._view.details:
            raise ToolError(self._view.wrong_detail.format(detail=asked))
        detail = self._view.details[asked] if self._original else self._view.usual
        if self._original and self._always:
            detail = "original"
        path = self._path(args["path"], context.cwd)
        rules = context.sandbox.rules
        refused = None if rules is None else rules.refusal(Path(os.path.normpath(path)))
        try:
            if refused == errno.ENOENT:
                raise FileNotFoundError(refused, os.strerror(refused))
            if not _is_file(path):
                raise ToolError(f"image path `{path}` is not a file")
            if refused is not None:
                raise ToolError(f"unable to read image at `{path}`: Permission denied (os error 13)")
            data = Path(path).read_bytes()
        except (OSError, ValueError) as error:
            raise ToolError(f"unable to locate image at `{path}`: {os_error(error)}") from None
        try:
            kind, sent = prepared(data, None if detail == "original" else self._images.limits)
        except Broken as error:
            raise ToolError(self._view.unsupported or refusal(path, self._images, str(error))) from None
        context.emit(ImageViewed(call_id=context.call_id, path=path, at=time.time()))
        item = {"type": "input_image", "image_url": _url(kind, sent)}
        content = [{**item, "detail": detail} if detail else item]
        if not self._view.file_to_code:
            return ToolOutput(content=content, value=item["image_url"])
        seen = {"image_url": _url("application/octet-stream", data)}
        if not self._told_plainly:
            seen["detail"] = "original" if detail == "original" else "high"
        return ToolOutput(content=content, value=seen)

    def _path(self, path: str, cwd: Path) -> str:
        if "\0" in path and self._view.nul is not None:
            raise ToolError(self._view.nul.format(path=path, cwd=cwd))
        if not self._view.clean_paths:
            return os.path.join(cwd, path)
        return os.path.normpath(os.path.join(cwd, "".join(c for c in path if c not in "\n\r\t")))


def _url(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _is_file(path: str) -> bool:
    import stat

    return stat.S_ISREG(os.stat(path).st_mode)
