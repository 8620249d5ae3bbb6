"""Request bytes -> JSON, also when they are compressed. Pure; the journal keeps the raw bytes.

A decoder is one row in DECODERS. zstd is not in the standard library of Python 3.11: whichever of the usual packages is
installed is used, and without one the message says so.
"""

import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["DECODERS", "BodyError", "header", "parse_body"]


class BodyError(Exception):
    """A body that could not be read. `harness` is True when we lack a decoder, False when the bytes are wrong."""

    def __init__(self, message: str, *, harness: bool = False) -> None:
        super().__init__(message)
        self.harness = harness


def _zstd(data: bytes) -> bytes:
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return bytes(import_module(name).decompress(data))
        except ModuleNotFoundError:
            continue
    try:
        reader = import_module("zstandard").ZstdDecompressor().decompressobj()
    except ModuleNotFoundError:
        raise BodyError(
            "no decoder for content-encoding zstd; install backports.zstd or zstandard", harness=True
        ) from None
    return bytes(reader.decompress(data))


DECODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "zstd": _zstd,
}
"""content-encoding -> decoder; raises anything on bad bytes, BodyError with its own words."""


def header(head: tuple[tuple[str, str], ...], name: str) -> str | None:
    """The first value of a header, whatever its case."""
    return next((value for key, value in head if key.lower() == name.lower()), None)


def parse_body(
    head: tuple[tuple[str, str], ...],
    body: bytes,
    decoders: Mapping[str, Callable[[bytes], bytes]] = DECODERS,
) -> Any:
    """The JSON value of a request body, None when it is empty; raises BodyError."""
    encoding = (header(head, "content-encoding") or "identity").strip().lower()
    if not body:
        return None
    if encoding not in decoders:
        raise BodyError(f"content-encoding {encoding!r} is not known here ({', '.join(decoders)})", harness=True)
    try:
        plain = decoders[encoding](body)
    except BodyError:
        raise
    except Exception as error:  # each decoder has its own error classes
        raise BodyError(f"the body is not {encoding}: {error}") from None
    try:
        return json.loads(plain)
    except ValueError as error:
        raise BodyError(f"the body is not JSON: {error}") from None
