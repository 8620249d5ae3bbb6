from typing import Any

import pytest

from pycodex import BaseTool, ToolError, ToolRegistry
from pycodex.arguments import ArgumentStyle
from pycodex.tools import IncompatiblePayload
from pycodex.tools.base_tool import CallTexts
from pycodex.tools.update_plan import UpdatePlan

LATER = "later is not available in this build of pycodex"


class Nothing(BaseTool):
    name = "nothing"
    description = "does nothing"
    input_schema = {"type": "object"}  # noqa: RUF012

    async def run(self, context: Any, args: Any) -> str:
        return "ok"


def test_tools_declare_themselves_unless_a_list_is_given() -> None:
    (declared,) = ToolRegistry([Nothing()]).declarations()
    assert list(declared) == ["type", "name", "description", "strict", "parameters"]
    assert ToolRegistry([Nothing()], declared=[]).declarations() == []


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ({"type": "function_call", "name": "x", "arguments": ""}, "unsupported call: x"),
        ({"type": "custom_tool_call", "name": "x", "input": ""}, "unsupported custom tool call: x"),
        ({"type": "function_call", "name": "later", "arguments": ""}, LATER),
    ],
)
async def test_calls_without_a_handler(call: dict[str, Any], text: str) -> None:
    registry = ToolRegistry(declared=[{"type": "function", "name": "later"}])
    with pytest.raises(ToolError) as caught:
        await registry.dispatch(call, None)  # type: ignore[arg-type]
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("space", "text"),
    [
        ("odd", "unsupported call: odd/nothing"),
        ("usual", None),
        ("agents", "agents/nothing is not available in this build of pycodex"),
    ],
)
async def test_calls_in_a_namespace(space: str, text: str | None) -> None:
    texts = CallTexts(namespace="{namespace}/{name}", usual_namespaces=frozenset(("usual",)))
    declared = [{"type": "namespace", "name": "agents", "tools": [{"name": "nothing"}]}]
    registry = ToolRegistry([Nothing()], declared=declared, texts=texts)
    call = {"type": "function_call", "name": "nothing", "namespace": space, "arguments": "{}"}
    if text is None:
        assert (await registry.dispatch(call, None)).content == "ok"  # type: ignore[arg-type]
        return
    with pytest.raises(ToolError) as caught:
        await registry.dispatch(call, None)  # type: ignore[arg-type]
    assert str(caught.value) == text


async def test_custom_call_to_a_function_tool() -> None:
    with pytest.raises(IncompatiblePayload):
        await ToolRegistry([Nothing()]).dispatch({"type": "custom_tool_call", "name": "nothing"}, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("arguments", ["", "[1]", "{bad"])
def test_arguments_must_be_an_object(arguments: str) -> None:
    with pytest.raises(ToolError, match="failed to parse function arguments"):
        Nothing().parse(arguments)


def test_update_plan_refuses_unknown_fields() -> None:
    tool = UpdatePlan(ArgumentStyle(floats_are_numbers=False))
    with pytest.raises(ToolError, match="unknown field"):
        tool.parse('{"plan":[],"x":1}')
    assert tool.parse('{"plan":[{"step":"a","status":"pending"}]}')["plan"][0]["step"] == "a"
