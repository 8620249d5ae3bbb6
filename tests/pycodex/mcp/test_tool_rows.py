"""Which rows of a server's list are tools."""

from typing import Any

import pytest

from pycodex.mcp.tool_rows import is_tool

_TOOL = {"name": "t", "inputSchema": {}}


@pytest.mark.parametrize(
    ("more", "fits"),
    [
        ({}, True),
        ({"description": None, "annotations": {"readOnlyHint": None}}, True),
        ({"description": 5}, False),
        ({"annotations": {"readOnlyHint": "yes"}}, False),
        ({"icons": [{"src": "a", "sizes": "any"}]}, True),
        ({"icons": [{}]}, False),
        ({"inputSchema": None}, False),
        ({"outputSchema": True}, False),
    ],
)
def test_each_field_is_of_its_kind_or_null_where_it_may_be_absent(more: dict[str, Any], fits: bool) -> None:
    assert is_tool({**_TOOL, **more}, execution=False) is fits


def test_a_field_is_looked_at_by_those_who_know_it() -> None:
    row = {**_TOOL, "execution": 5}
    assert is_tool(row, execution=False) and not is_tool(row, execution=True)
