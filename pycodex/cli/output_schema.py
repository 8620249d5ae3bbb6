"""The file that `--output-schema` names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pycodex.arguments import VALUE, ArgumentsError, ArgumentStyle, parse_value
from pycodex.cli.exec_options import Refused

__all__ = ["read_schema"]


def read_schema(path: Path, style: ArgumentStyle) -> Any:
    """The schema, with its keys in the order of the file. Raises Refused, worded as upstream words it."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Refused(f"Failed to read output schema file {path}: stream did not contain valid UTF-8") from None
    except OSError as error:
        why = f"{error.strerror} (os error {error.errno})"
        raise Refused(f"Failed to read output schema file {path}: {why}") from None
    try:
        return parse_value(text, VALUE, style)
    except ArgumentsError as error:
        raise Refused(f"Output schema file {path} is not valid JSON: {error}") from None
