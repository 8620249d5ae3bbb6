"""The schemas of a server's tools as the model is given them."""

from typing import Any

import pytest

from pycodex.mcp.schemas import BadSchema, kept_schema, plain_schema


def _of(**schema: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"p": schema}}


@pytest.mark.parametrize(
    ("schema", "plain", "kept"),
    [
        ({"type": "integer", "minimum": 1}, {"type": "number"}, {"type": "integer"}),
        ({"enum": ["a"]}, {"type": "string"}, {"type": "string", "enum": ["a"]}),
        ({"const": 5}, {"type": "string"}, {"type": "string", "enum": [5]}),
        ({"type": ["integer", "null"]}, {"type": "number"}, {"type": ["integer", "null"]}),
        (
            {"type": "array"},
            {"type": "array", "items": {"type": "string"}},
            {"type": "array", "items": {"type": "string"}},
        ),
        ({"description": "d"}, {"type": "string", "description": "d"}, {}),
        ({"anyOf": [{"type": "null"}]}, {"type": "string"}, {"anyOf": [{"type": "null"}]}),
    ],
)
def test_each_version_keeps_what_it_knows(schema: dict[str, Any], plain: dict[str, Any], kept: dict[str, Any]) -> None:
    assert plain_schema(_of(**schema))["properties"]["p"] == plain
    assert kept_schema(_of(**schema))["properties"]["p"] == kept


@pytest.mark.parametrize(
    "schema", [{"type": "array", "items": [{"type": "string"}]}, {"type": "object", "properties": [1]}]
)
def test_what_cannot_be_told_is_refused(schema: dict[str, Any]) -> None:
    for told in (plain_schema, kept_schema):
        with pytest.raises(BadSchema):
            told(_of(**schema))


def test_an_unknown_type_is_refused_by_the_old_version_alone() -> None:
    with pytest.raises(BadSchema, match="unknown variant `date`"):
        plain_schema(_of(type="date"))
    assert kept_schema(_of(type="date"))["properties"]["p"] == {}


def test_only_definitions_that_are_referred_to_are_kept() -> None:
    schema = {**_of(**{"$ref": "#/$defs/x"}), "$defs": {"x": {"$ref": "#/$defs/y"}, "y": {"type": "string"}, "z": {}}}
    assert kept_schema(schema)["$defs"] == {"x": {"$ref": "#/$defs/y"}, "y": {"type": "string"}}


def test_a_long_schema_loses_descriptions_then_definitions_then_depth() -> None:
    described = {
        "type": "object",
        "properties": {f"p{i}": {"type": "string", "description": "d" * 99} for i in range(60)},
    }
    assert "description" not in str(kept_schema(described))
    leaf: dict[str, Any] = {"type": "object", "properties": {"x": {"type": "string"}}}
    for _ in range(3):
        leaf = {"type": "object", "properties": {f"p{i}": leaf for i in range(6)}}
    deep = kept_schema(leaf)
    assert deep["properties"]["p0"]["properties"]["p0"]["properties"]["p0"] == {}
