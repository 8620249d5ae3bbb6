from importlib import import_module

import pytest

from fake_server.bodies import DECODERS
from pycodex import squeezing
from pycodex.squeezing import squeezer


def test_what_is_compressed_is_zstd() -> None:
    squeeze = squeezer()
    assert squeeze is not None and DECODERS["zstd"](squeeze(b"hello" * 99)) == b"hello" * 99


def test_without_a_library_bodies_are_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        if name.endswith("zstd"):
            raise ModuleNotFoundError(name)
        return import_module(name)

    monkeypatch.setattr(squeezing, "import_module", missing)
    squeezing.squeezer.cache_clear()
    assert squeezer() is None
    monkeypatch.undo()
    squeezing.squeezer.cache_clear()
