from typing import Any

import pytest

from pycodex.items import search_query
from pycodex.readable_items import readable

SHELL = {"type": "local_shell_call", "status": "completed", "action": {"type": "exec", "command": ["true"]}}
IMAGE = {"type": "image_generation_call", "status": "completed", "result": ""}


@pytest.mark.parametrize(
    "item",
    [
        {"type": "zzz"},
        SHELL,
        IMAGE,
        {"type": "web_search_call", "action": None},
        {"type": "web_search_call", "action": {"type": "weird", "query": 5}},
        {"type": "reasoning", "summary": [], "content": [{"type": "text", "text": "x"}]},
        {"type": "message", "role": "tool", "content": [], "phase": "commentary"},
    ],
)
def test_what_its_type_promises_is_readable(item: dict[str, Any]) -> None:
    assert readable(item)


@pytest.mark.parametrize(
    "item",
    [
        {"type": 5},
        {**SHELL, "status": "weird"},
        {**SHELL, "action": {"type": "exec", "command": "true"}},
        {**SHELL, "action": {"type": "exec", "command": [], "timeout_ms": "1"}},
        {**SHELL, "action": None},
        {**IMAGE, "result": None},
        {"type": "web_search_call", "action": {}},
        {"type": "web_search_call", "action": {"type": "search", "queries": [5]}},
        {"type": "web_search_call", "action": {"type": "open_page", "url": 5}},
        {"type": "reasoning", "summary": ["x"]},
        {"type": "reasoning", "summary": [], "content": "x"},
        {"type": "message", "role": "assistant", "content": [], "phase": "weird"},
        {"type": "message", "role": "assistant", "content": [], "id": 5},
        {"type": "function_call", "name": "x", "arguments": "", "call_id": "c", "namespace": 5},
    ],
)
def test_an_item_with_a_part_of_another_type_is_not(item: dict[str, Any]) -> None:
    assert not readable(item)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ({"type": "search", "query": "", "queries": ["x", "y"]}, "x ..."),
        ({"type": "search", "queries": ["", "y"]}, ""),
        ({"type": "find_in_page", "url": "u"}, "u"),
        ({"type": "find_in_page", "pattern": "p"}, "'p'"),
        ({"type": "find_in_page", "url": "", "pattern": ""}, "'' in "),
        ({"type": "find_in_page"}, ""),
    ],
)
def test_a_search_in_words(action: dict[str, Any], words: str) -> None:
    assert search_query(action) == words
