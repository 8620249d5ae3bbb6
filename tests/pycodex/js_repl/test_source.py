"""What a call of js_repl brings. The words of what is refused are in the recording of js_repl/pragma."""

from __future__ import annotations

import pytest

from pycodex.js_repl.source import CellSource, read_source
from pycodex.tools.base_tool import ToolError


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("1 + 1", CellSource(source="1 + 1")),
        ("// codex-js-repl: timeout_ms=5\nx", CellSource(source="x", timeout_ms=5)),
        (" \t// codex-js-repl:\nx\ny", CellSource(source="x\ny")),
        ("// codex-js-repl: timeout_ms=+7 \r\nx", CellSource(source="x", timeout_ms=7)),
        ("x\n// codex-js-repl: timeout_ms=5", CellSource(source="x\n// codex-js-repl: timeout_ms=5")),
        ("[1]", CellSource(source="[1]")),
    ],
)
def test_a_cell_and_its_time(text: str, cell: CellSource) -> None:
    assert read_source(text) == cell


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (" \n", "non-empty"),
        ("// codex-js-repl: timeout_ms=1\n \n", "must be followed by"),
        (f"// codex-js-repl: timeout_ms={1 << 64}\nx", "must be an integer"),
        ('"x"', "freeform tool"),
        ('// codex-js-repl:\n{"code": "x"}', "freeform tool"),
        ("\n```js\nx\n```", "code fences"),
    ],
)
def test_what_is_refused(text: str, told: str) -> None:
    with pytest.raises(ToolError, match=told):
        read_source(text)
