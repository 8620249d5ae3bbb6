"""Records against the standard data classes: the same declaration, the same behaviour."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from pycodex import records


def declared(module: Any) -> tuple[type, type, type]:
    """The same three classes, made by the standard module or by ours."""

    @module.dataclass(frozen=True, kw_only=True)
    class Frozen:
        name: str
        count: int = 3
        parts: list[str] = module.field(default_factory=list)

    @module.dataclass(kw_only=True)
    class Open:
        seen: bool = False
        inner: Any = module.field(default=None, init=False)

    @module.dataclass(frozen=True)
    class Pair:
        left: int
        right: int = 0

    return Frozen, Open, Pair


MODULES = [pytest.param(dataclasses, id="standard"), pytest.param(records, id="ours")]


@pytest.mark.parametrize("module", MODULES)
def test_values_and_defaults(module: Any) -> None:
    frozen, opened, pair = declared(module)
    one, other = frozen(name="a"), frozen(name="a")
    assert (one.name, one.count, one.parts) == ("a", 3, [])
    assert one.parts is not other.parts
    assert one == other
    assert one != frozen(name="a", count=4)
    assert one != "a"
    assert repr(one).endswith("Frozen(name='a', count=3, parts=[])")
    value = opened()
    value.inner, value.seen = 1, True
    assert repr(value).endswith("Open(seen=True, inner=1)")
    assert hash(pair(1, 2)) == hash(pair(1, right=2))
    assert pair(1).right == 0
    match pair(1, 2):
        case pair(left, right):  # type: ignore[misc]
            assert (left, right) == (1, 2)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda frozen, opened, pair: frozen(),
        lambda frozen, opened, pair: frozen("a"),
        lambda frozen, opened, pair: frozen(name="a", colour="red"),
        lambda frozen, opened, pair: frozen(nam="a"),
        lambda frozen, opened, pair: opened(inner=1),
        lambda frozen, opened, pair: pair(1, 2, 3),
        lambda frozen, opened, pair: pair(1, left=1),
        lambda frozen, opened, pair: hash(opened()),
        lambda frozen, opened, pair: module_replace(frozen(name="a"), colour="red"),
    ],
)
def test_what_is_refused(module: Any, wrong: Callable[[type, type, type], Any]) -> None:
    with pytest.raises(TypeError):
        wrong(*declared(module))


def module_replace(value: Any, **changes: Any) -> Any:
    ours = hasattr(type(value), "__record__")
    return records.replace(value, **changes) if ours else dataclasses.replace(value, **changes)


@pytest.mark.parametrize("module", MODULES)
def test_frozen_values_stay_as_they_are(module: Any) -> None:
    frozen, _, _ = declared(module)
    value = frozen(name="a")
    with pytest.raises(AttributeError):
        value.name = "b"
    with pytest.raises(AttributeError):
        del value.name
    assert value.name == "a"


@pytest.mark.parametrize("module", MODULES)
def test_replace_makes_a_changed_copy(module: Any) -> None:
    frozen, _, _ = declared(module)
    value = frozen(name="a", count=1)
    assert module.replace(value, count=2) == frozen(name="a", count=2)
    assert value.count == 1


def test_the_standard_functions_know_our_classes() -> None:
    frozen, opened, _ = declared(records)
    value = frozen(name="a", parts=["x"])
    assert dataclasses.replace(value, name="b") == frozen(name="b", parts=["x"])
    assert records.names(frozen) == ("name", "count", "parts")
    assert dataclasses.asdict(value) == {"name": "a", "count": 3, "parts": ["x"]}
    assert [(one.name, one.init) for one in dataclasses.fields(opened)] == [("seen", True), ("inner", False)]
