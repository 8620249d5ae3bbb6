"""Upstream's words, as exported from captures: `data/<version>/` holds the catalog, the tool schemas and the texts.

Nothing in these folders is written by hand (see PROVENANCE.json in each).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Any

from pycodex.catalog import find_row, template
from pycodex.protocol import Item

__all__ = ["DataError", "ModelInfo", "UpstreamData"]

_ROOT = Path(__file__).parent / "data"


class DataError(Exception):
    """The exported data lack something; the message names the file and what to do."""


class ModelInfo:
    """One row of the catalog. Fields that a version's rows do not have get the value that changes nothing."""

    def __init__(self, row: Mapping[str, Any], base_instructions: str, slug: str | None = None) -> None:
        self.row = row
        self.base_instructions = base_instructions
        self.slug = slug or str(row["slug"])
        """The model's name as it was given, which may be longer than the row's."""

    def window(self, wanted: int | None = None) -> int | None:
        """Tokens of the model: `wanted`, but not more than the row allows, or else the row's own."""
        if wanted is None:
            return self.row.get("context_window")
        most = self.row.get("max_context_window")
        return wanted if most is None else min(wanted, most)

    def usable(self, window: int | None = None) -> int | None:
        """Usable tokens: `window`, or the row's own, times its percent (95 where it has none)."""
        window = self.window(window)
        if window is None:
            return None
        return int(window) * int(self.row.get("effective_context_window_percent", 95)) // 100

    def get(self, key: str, default: Any = None) -> Any:
        """A field of the row."""
        return self.row.get(key, default)


class UpstreamData:
    """The folder of one version, read when needed."""

    def __init__(self, version: str, root: Path | None = None) -> None:
        self.folder = (root or _ROOT) / version
        self.offered: list[dict[str, Any]] | None = None
        """The models, where a provider has offered some of them."""

    @cached_property
    def models(self) -> dict[str, dict[str, Any]]:
        """The catalog by slug."""
        return dict(self._json("models.json"))

    @cached_property
    def tools(self) -> dict[str, Item]:
        """The tools by name, each as on the wire."""
        return dict(self._json("tools.json"))

    @cached_property
    def code_results(self) -> dict[str, str]:
        """The types of what tools give to code, by name, where a declaration has one."""
        return dict(self._json("code_results.json"))

    @cached_property
    def features(self) -> dict[str, dict[str, Any]]:
        """The feature flags by name: stage, default, and whether they are fixed."""
        return dict(self._json("features.json"))

    @cached_property
    def feature_order(self) -> list[str]:
        """The features in the order of the program's own table, where that is known."""
        known = self._json("feature_order.json") if (self.folder / "feature_order.json").is_file() else []
        return [*known, *(name for name in self.features if name not in known)]

    def offering(self, rows: Sequence[Mapping[str, Any]], *, alone: bool) -> UpstreamData:
        """The same with the models that a provider offers: beside the version's own, those of its own in the place of
        the version's, or `alone`."""
        found = copy(self)
        offered = {str(row["slug"]): dict(row) for row in rows}
        vars(found)["models"] = offered if alone else {**self.models, **offered}
        found.offered = list(found.models.values())
        return found

    def text(self, name: str) -> str:
        """The text of `texts/<name>`. Raises DataError."""
        return self._read(Path("texts") / name)

    def has_text(self, name: str) -> bool:
        """Whether there is such a text."""
        return (self.folder / "texts" / name).is_file()

    def resolved(self, value: Any) -> Any:
        """The text that stands in a file of its own, or the value as it is."""
        return self.text(value["$text"]) if isinstance(value, Mapping) and "$text" in value else value

    def model(
        self, slug: str, fallback: Mapping[str, Any], catalog: Sequence[Mapping[str, Any]] | None = None
    ) -> tuple[ModelInfo, bool]:
        """The row of `slug`, and whether the catalog lists it; `fallback` stands in for one that is not listed.

        `catalog`: rows that take the place of the data's own.
        """
        row: Mapping[str, Any] | None = self.models.get(slug) if catalog is None else None
        if row is None:
            row = find_row(list(self.models.values()) if catalog is None else catalog, slug)
        known = row is not None
        row = row if row is not None else {**fallback, "slug": slug}
        text = row["base_instructions"]
        text = self.resolved(text) if isinstance(text, dict) else template(row) or text
        return ModelInfo(row, text, slug), known

    def _json(self, name: str) -> Any:
        return json.loads(self._read(Path(name)))

    def _read(self, name: Path) -> str:
        path = self.folder / name
        try:
            return path.read_bytes().decode()
        except FileNotFoundError:
            hint = "run `python -m captures export` for this version"
            raise DataError(f"{path.name}: not in the exported data of {self.folder.name}; {hint}") from None
