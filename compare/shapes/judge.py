"""What of a request, a head, an event or a tool's output has not the shape of a version."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compare.shapes.collect import KINDS, head_object, is_turn, named_outputs, split_body
from compare.shapes.publish import SHAPES

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

__all__ = ["Shapes", "Violation"]


@dataclass(frozen=True, kw_only=True)
class Violation:
    """Where, as a path (`body/input/3/output`), and what."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


class Shapes:
    """`Shapes("0.169.0")` reads the published schemas; ValueError where there are none."""

    def __init__(self, version: str, folder: Path = SHAPES) -> None:
        base = folder / version
        if not base.is_dir():
            known = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
            raise ValueError(f"no shapes of codex-cli {version}; there are: {', '.join(known) or 'none'}")
        schemas = {kind: json.loads((base / f"{kind}.json").read_text(encoding="utf-8")) for kind in KINDS}
        self._validators = {kind: _validator_class()(schema) for kind, schema in schemas.items()}
        self._outputs: Mapping[str, Any] = schemas["output"]["properties"]

    def request(self, method: str, head: Iterable[tuple[str, str]], body: Any) -> Iterator[Violation]:
        """A request of an agent, or a message of a WebSocket; others than those for an answer are not looked at."""
        given = head_object(list(head))
        if method == "GET":
            yield from self._check("upgrade", given, "head") if "upgrade" in given else ()
            return
        if not is_turn(body):
            return
        rest, items, tools = split_body(body)
        if method == "POST":
            yield from self._check("head", given, "head")
        yield from self._check("request" if method == "POST" else "message", rest, "body")
        for index, item in enumerate(items):
            yield from self._check("item", item, f"body/input/{index}")
        for tool in tools:
            name = tool.get("name") or tool.get("type") if isinstance(tool, Mapping) else tool
            yield from self._check("tool", tool, f"body/tools/{name}")
        yield from self._outputs_of(items)

    def event(self, event: Any) -> Iterator[Violation]:
        """A line of `exec --json`."""
        yield from self._check("event", event, "event")

    def _outputs_of(self, items: Sequence[Any]) -> Iterator[Violation]:
        for index, name, output in named_outputs(items):
            if name in self._outputs:
                yield from self._check("output", {name: output}, f"body/input/{index}/output of")

    def _check(self, kind: str, value: Any, place: str) -> Iterator[Violation]:
        for error in self._validators[kind].iter_errors(value):
            path = "/".join([place, *map(str, error.absolute_path)])
            yield Violation(place=path, what=_words(error))


def _words(error: Any) -> str:
    if error.validator == "anyOf":
        return f"the lines above `Output:` are none that were seen: {str(error.instance)[:120]!r}"
    message = str(error.message)
    return message if len(message) <= 240 else f"{message[:100]} ... {message[-120:]}"


@cache
def _validator_class() -> type[Validator]:
    """The validator of the draft, and with it `contentSchema`: a text that is JSON must have that shape inside."""
    from jsonschema import Draft202012Validator, ValidationError, validators

    def inside(validator: Any, schema: Any, text: Any, parent: Any) -> Iterator[ValidationError]:
        if not isinstance(text, str):
            return
        try:
            value = json.loads(text)
        except ValueError as error:
            yield ValidationError(f"{text[:80]!r} is no JSON: {error}")
            return
        yield from validator.descend(value, schema)

    made: type[Validator] = validators.extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, {"contentSchema": inside}
    )
    return made
