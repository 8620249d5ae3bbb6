"""JSON schemas as TypeScript types; whole declarations are in the recording of code_mode/old_declared."""

from __future__ import annotations

from typing import Any

import pytest

from pycodex.upstream.typescript import type_of


@pytest.mark.parametrize(
    ("schema", "type_"),
    [
        ({"type": "integer"}, "number"),
        ({"type": ["string", "null"]}, "string | null"),
        ({"enum": ["x", 3, None]}, '"x" | 3 | null'),
        ({"const": {"a": 1}}, '{"a":1}'),
        ({"anyOf": [{"type": "boolean"}, {}]}, "boolean | unknown"),
        ({"allOf": [{"type": "string"}, {"type": "number"}]}, "string & number"),
        ({"type": "array"}, "unknown[]"),
        ({"items": {"type": "string"}}, "Array<string>"),
        ({"type": "array", "prefixItems": [{"type": "string"}]}, "[string]"),
        ({"type": "object"}, "{ [key: string]: unknown; }"),
        ({"properties": {}, "additionalProperties": False}, "{}"),
        (
            {"properties": {"b": {}, "a-b": {"type": "null"}, "$c": {}}, "required": ["b"], "additionalProperties": {}},
            '{ $c?: unknown; "a-b"?: null; b: unknown; [key: string]: unknown; }',
        ),
        (True, "unknown"),
        ({"type": "odd"}, "unknown"),
    ],
)
def test_the_type_of_a_schema(schema: Any, type_: str) -> None:
    assert type_of(schema) == type_
