"""artifacts: which texts are programs, and how a call ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from pycodex.protocol import CommandEnded, CommandStarted, Event
from pycodex.tools.artifacts import Artifacts, checked_program, fetcher
from pycodex.tools.base_tool import ToolError
from tests.pycodex.sessions import settings_in, tool_context


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("1", "1"),
        ("[1]", "[1]"),
        ("{ let x = 1 }", "{ let x = 1 }"),
        ("\t// codex-artifacts:\ttimeout_ms=+5\r\n1", "1"),
        ("// codex-artifact-tool:\n1\n2", "1\n2"),
        ("\n// codex-artifacts: bad\n1", "\n// codex-artifacts: bad\n1"),
    ],
)
def test_programs(text: str, program: str) -> None:
    assert checked_program(text) == program


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" \n", "artifacts expects raw JavaScript source text (non-empty)"),
        ("// codex-artifacts: timeout_ms=5\n ", "artifacts pragma must be followed by"),
        ("// codex-artifacts: a b=1\n", "key=value pairs (supported keys: timeout_ms); got `a`"),
        ("// codex-artifacts: b=1\n1", "artifacts pragma only supports timeout_ms; got `b`"),
        ("// codex-artifacts: timeout_ms=5 timeout_ms=6\n1", "artifacts pragma specifies timeout_ms more than once"),
        ("// codex-artifacts: timeout_ms=18446744073709551616\n1", "must be an integer; got `18446744073709551616`"),
        ("// codex-artifacts: timeout_ms=-1\n1", "must be an integer; got `-1`"),
        ("// codex-artifacts: timeout_ms=5\n```js\n1\n```", "not markdown code fences"),
        (' {"a": 1} ', "artifacts is a freeform tool"),
        ('"1"', "artifacts is a freeform tool"),
    ],
)
def test_what_is_no_program(text: str, message: str) -> None:
    with pytest.raises(ToolError) as caught:
        checked_program(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(("fetched", "words"), [(False, "failed to fetch https://"), (True, "pycodex does not run")])
async def test_a_call_is_a_command_that_fails(tmp_path: Path, fetched: bool, words: str) -> None:
    settings = settings_in(tmp_path, upstream="0.115.0")
    events: list[Event] = []
    context = tool_context(settings, events)

    async def fetch(url: str) -> bool:
        return fetched

    output = await Artifacts(fetch).run(context, {"input": "1"})
    assert str(output).startswith(f"exit_code: 1\n\nstderr:\n{words}")
    began, ended = events
    assert isinstance(began, CommandStarted)
    assert isinstance(ended, CommandEnded)
    assert (began.argv, ended.output, ended.exit_code) == (("artifacts",), output, 1)


async def test_a_file_that_nobody_serves_is_not_fetched(tmp_path: Path) -> None:
    assert not await fetcher(settings_in(tmp_path, upstream="0.115.0"))("http://127.0.0.1:1/manifest.json")
