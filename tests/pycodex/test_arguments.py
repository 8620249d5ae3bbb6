"""serde_json's messages. `argument_errors.json` holds what two binaries answered to about 200 argument texts:
`old` and, where it differs, `new`; null means that the text was accepted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pycodex.arguments import (
    F64,
    STRING,
    VALUE,
    ArgumentsError,
    ArgumentStyle,
    Enum,
    Field,
    ListOf,
    Map,
    Struct,
    Type,
    parse_arguments,
    parse_value,
)
from pycodex.upstream import load_dialect

OLD_EXEC, NEW_EXEC = (load_dialect(version).exec for version in ("0.115.0", "0.169.0"))
OLD, NEW = OLD_EXEC.argument_style, NEW_EXEC.argument_style
ROWS = json.loads((Path(__file__).parent / "argument_errors.json").read_text())

# What each binary reads the text as, one after the other.
READINGS: dict[tuple[str, str], tuple[Type | None, ...]] = {
    ("old", "exec"): (OLD_EXEC.argument_prelude, OLD_EXEC.argument_struct),
    ("old", "write"): (OLD_EXEC.stdin_struct,),
    ("new", "exec"): (NEW_EXEC.argument_prelude, NEW_EXEC.argument_second, NEW_EXEC.argument_struct),
    # An unknown session ends the second binary's reading early, and in the table every session is unknown.
    ("new", "write"): (NEW_EXEC.stdin_prelude,),
}


def message(raw: str, types: tuple[Type | None, ...], style: ArgumentStyle) -> str | None:
    try:
        for type_ in types:
            assert type_ is not None
            value = parse_value(raw, type_, style)
            if type_ is NEW_EXEC.argument_prelude and value["environment_id"] is not None:
                return None
    except ArgumentsError as error:
        return str(error)
    return None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["raw"][:40])
def test_messages_are_those_of_the_binaries(row: dict[str, Any]) -> None:
    assert message(row["raw"], READINGS["old", row["tool"]], OLD) == row["old"]
    assert message(row["raw"], READINGS["new", row["tool"]], NEW) == row.get("new", row["old"])


def test_all_fields_are_there() -> None:
    assert parse_arguments('{"session_id": 7, "chars": "\\u00e9\\ud83d\\ude00\\n"}', NEW_EXEC.stdin_struct, NEW) == {
        "session_id": 7,
        "chars": "é😀\n",
        "yield_time_ms": 250,
        "max_output_tokens": None,
    }
    assert parse_arguments('[7, "a"]', NEW_EXEC.stdin_struct, NEW)["chars"] == "a"


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ('{"a": 1}', "unknown field `a`, expected `plan` at line 1 column 4"),
        ('{"plan": [{"step": "x"}]}', "missing field `status` at line 1 column 23"),
        (
            '{"plan": [{"step": "x", "status": "no"}]}',
            "unknown variant `no`, expected `pending` or `done` at line 1 column 38",
        ),
        ('{"plan": {}}', "invalid type: map, expected a sequence at line 1 column 9"),
    ],
)
def test_unknown_fields_and_variants(raw: str, error: str) -> None:
    status = Enum(name="Status", variants=("pending", "done"))
    item = Struct(name="Item", fields=(Field("step", STRING, required=True), Field("status", status, required=True)))
    plan = Struct(name="Plan", fields=(Field("plan", ListOf(item), required=True),), deny_unknown=True)
    assert message(raw, (plan,), NEW) == error


def test_maps_floats_and_values() -> None:
    assert parse_value('{"a": 1, "b": 2.5}', Map(F64), OLD) == {"a": 1.0, "b": 2.5}
    assert parse_value('[1, {"x": [true, null, "é"]}]', VALUE, OLD) == [1, {"x": [True, None, "é"]}]
    with_default = Struct(
        name="Plan", fields=(Field("why", STRING, optional=True), Field("plan", ListOf(STRING), required=True))
    )
    assert (
        message("[]", (with_default,), OLD)
        == "invalid length 1, expected struct Plan with 2 elements at line 1 column 2"
    )
    assert message("[1]", (Map(F64),), OLD) == "invalid type: sequence, expected a map at line 1 column 0"
