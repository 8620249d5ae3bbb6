"""The JSON that a reviewer answers with, as the binary reads it (captured: review/output_types)."""

from __future__ import annotations

from pycodex.arguments import F64, I32, STRING, Field, ListOf, Scalar, Struct

__all__ = ["REVIEW"]

_U32 = Scalar("u32", "int", 32, False)
_LINES = Struct(name="ReviewLineRange", fields=(Field("start", _U32, required=True), Field("end", _U32, required=True)))
_PLACE = Struct(
    name="ReviewCodeLocation",
    fields=(Field("absolute_file_path", STRING, required=True), Field("line_range", _LINES, required=True)),
)
_FINDING = Struct(
    name="ReviewFinding",
    fields=(
        Field("title", STRING, required=True),
        Field("body", STRING, required=True),
        Field("confidence_score", F64, required=True),
        Field("priority", I32, required=True),
        Field("code_location", _PLACE, required=True),
    ),
)
REVIEW = Struct(
    name="ReviewOutputEvent",
    fields=(
        Field("findings", ListOf(_FINDING), required=True),
        Field("overall_correctness", STRING, required=True),
        Field("overall_explanation", STRING, required=True),
        Field("overall_confidence_score", F64, required=True),
    ),
)
