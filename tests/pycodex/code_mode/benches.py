"""A session of code mode of a version, with one tool that says what it was given."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from pycodex.code_mode.cell import Wishes
from pycodex.code_mode.engine import find_engine
from pycodex.code_mode.output import text_item
from pycodex.code_mode.pragma import Program
from pycodex.code_mode.session import CodeSession, Cut
from pycodex.code_mode.style import CodeStyle
from pycodex.tools.base_tool import never
from pycodex.upstream import load_dialect


def style_of(version: str) -> CodeStyle:
    style = load_dialect(version).toolset.code
    assert style is not None
    return style


class Bench:
    def __init__(self, version: str, tool: Mapping[str, str]) -> None:
        self.session = CodeSession(style_of(version), lambda: find_engine(os.environ))
        self.calls: list[tuple[str, str | None]] = []
        self.wishes = Wishes(
            call=self._call,
            notify=lambda text: None,
            image=lambda url, detail: {"type": "input_image", "image_url": url},
            audio=lambda url: text_item(url),
            store=self.session.commit,
        )
        self._tool = tool

    async def _call(self, name: str, given: str | None) -> tuple[str | None, str | None]:
        self.calls.append((name, given))
        return json.dumps({"given": given}), None

    async def run(self, source: str, yield_ms: int = 20_000, turn: str = "turn", cut: Cut = never) -> list[str]:
        """The state, and the texts that the program said until the look at it ended."""
        program = Program(source=source, yield_time_ms=yield_ms)
        _, look = await self.session.execute(program, [self._tool], self.wishes, turn, cut)
        return [look.state, *(item["text"] for item in (*look.said.head, *look.said.tail))]
