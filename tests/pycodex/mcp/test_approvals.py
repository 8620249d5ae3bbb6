"""Who may call the tool of a server: what no recording has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pycodex.mcp.approvals import CallRefused, allow
from pycodex.mcp.configured import configured_servers
from pycodex.mcp.names import Origin
from pycodex.mcp.server import Server, ServerTool
from pycodex.records import replace
from tests.pycodex.sessions import settings_in, tool_context


class Person:
    """Answers with these words, one after the other, and keeps the options that were offered."""

    def __init__(self, *words: str) -> None:
        self.words = list(words)
        self.offered: list[list[str]] = []

    async def __call__(self, call_id: str, questions: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        self.offered.append([option["label"] for option in questions[0]["options"]])
        return {questions[0]["id"]: {"answers": [self.words.pop(0)]}}


async def _allow(root: Path, person: Person | None, allowed: dict[Origin, bool], upstream: str, more: str = "") -> None:
    text = f'model = "gpt-5.5"\n[mcp_servers.toy]\ncommand = "t"\n{more}'
    settings = settings_in(root, upstream=upstream, config=text)
    (config,) = configured_servers(settings)
    definition = {"name": "do it", "annotations": {"destructiveHint": True}}
    server = Server(config, settings, lambda event: None)
    tool = ServerTool(server=server, name="do it", space=None, given="do_it", definition=definition)
    policy = "never" if person is None else "on-request"
    context = replace(tool_context(settings, []), ask=person, approval_policy=policy)
    await allow(tool, settings.dialect.mcp(), context, allowed, root)


async def test_words_that_are_no_option_allow_nothing(tmp_path: Path) -> None:
    allowed: dict[Origin, bool] = {}
    with pytest.raises(CallRefused, match="user cancelled MCP tool call"):
        await _allow(tmp_path, Person("why not"), allowed, "0.169.0")
    assert allowed == {}


async def test_what_is_allowed_for_good_stands_in_the_configuration(tmp_path: Path) -> None:
    allowed: dict[Origin, bool] = {}
    person = Person("Always allow")
    await _allow(tmp_path, person, allowed, "0.169.0")
    assert allowed == {("toy", "do it"): True}
    assert '[mcp_servers.toy.tools."do it"]\napproval_mode = "approve"' in (tmp_path / "config.toml").read_text()
    await _allow(tmp_path, person, allowed, "0.169.0")  # nobody is asked


@pytest.mark.parametrize(
    ("upstream", "more", "offered"),
    [
        ("0.115.0", "", ["Allow", "Allow for this session", "Cancel"]),
        ("0.169.0", "", ["Allow", "Allow for this session", "Always allow", "Cancel"]),
        ("0.169.0", 'default_tools_approval_mode = "prompt"\n', ["Allow", "Cancel"]),
    ],
    ids=["old", "new", "each time"],
)
async def test_what_a_person_is_offered(tmp_path: Path, upstream: str, more: str, offered: list[str]) -> None:
    allowed: dict[Origin, bool] = {}
    person = Person("Allow", "Allow")
    await _allow(tmp_path, person, allowed, upstream, more)
    await _allow(tmp_path, person, allowed, upstream, more)
    assert (person.offered, allowed) == ([offered, offered], {})


async def test_nobody_is_there_to_ask(tmp_path: Path) -> None:
    with pytest.raises(CallRefused, match="approval policy is never"):
        await _allow(tmp_path, None, {}, "0.169.0")
