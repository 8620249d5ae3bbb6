"""`pycodex debug models`: the catalog of models, as codex-cli prints it, for the versions that have the command."""

from __future__ import annotations

import json
import sys
from typing import Any

from pycodex.upstream.data import DataError, UpstreamData
from pycodex.upstream.dialect import Dialect

__all__ = ["print_models"]


def print_models(dialect: Dialect) -> int:
    """One line of compact JSON, `{"models": [row, ...]}`. The exit code."""
    data = UpstreamData(dialect.version)
    try:
        rows = [_with_texts(row, data) for row in data.models.values()]
    except DataError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    text = json.dumps({"models": rows}, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.buffer.write(text.encode() + b"\n")
    return 0


def _with_texts(value: Any, data: UpstreamData) -> Any:
    """The row with the texts that the export keeps as files put back."""
    if isinstance(value, dict):
        if set(value) == {"$text"}:
            return data.text(value["$text"])
        return {key: _with_texts(item, data) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_texts(item, data) for item in value]
    return value
