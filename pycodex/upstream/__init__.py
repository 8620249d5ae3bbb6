"""The versions of codex-cli that pycodex speaks as. To add one: a module with DIALECT, a row here, its data folder."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from pycodex.upstream.dialect import Dialect

__all__ = ["NEWEST", "VERSIONS", "UnknownVersion", "load_dialect"]

VERSIONS = {
    "0.115.0": "pycodex.upstream.v0_115_0",
    "0.169.0": "pycodex.upstream.v0_169_0",
}
"""Version -> module, oldest first."""

NEWEST = list(VERSIONS)[-1]


class UnknownVersion(Exception):
    """pycodex does not speak as that version; the message lists those it knows."""


def load_dialect(version: str | None = None) -> Dialect:
    """The Dialect of a version (default: the newest). Raises UnknownVersion."""
    version = version or NEWEST
    if version not in VERSIONS:
        known = ", ".join(VERSIONS)
        raise UnknownVersion(f"--upstream {version}: pycodex does not know this version; it knows {known}")
    return cast("Dialect", import_module(VERSIONS[version]).DIALECT)
