"""Data classes that cost next to nothing until they are used.

The standard `dataclass` compiles up to seven methods for each class, a third of a millisecond; a hundred of them were
a quarter of the time from the start of the program to its first request. Here the methods are shared, and what is
declared reads the same: `@dataclass(frozen=True, kw_only=True)`, `field(default_factory=dict)`, `replace(value, a=1)`.
The standard module's `replace`, `fields` and `asdict` work on these classes too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform

__all__ = ["dataclass", "field", "names", "replace"]

T = TypeVar("T")

_MISSING: Any = object()


class _Default:
    """What a class body says of a field beside its annotation."""

    __slots__ = ("factory", "init", "value")

    def __init__(self, value: Any, factory: Callable[[], Any] | None, init: bool) -> None:
        self.value, self.factory, self.init = value, factory, init


def field(*, default: Any = _MISSING, default_factory: Callable[[], Any] | None = None, init: bool = True) -> Any:
    """A field with a default made anew for each instance, or one that is not an argument (`init=False`)."""
    return _Default(default, default_factory, init)


@dataclass_transform(field_specifiers=(field,))
def dataclass(*, frozen: bool = False, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """A decorator as in the standard library, with its `eq` and `repr`; `frozen` classes can be hashed."""

    def decorate(cls: type[T]) -> type[T]:
        _prepare(cls, frozen=frozen, kw_only=kw_only)
        return cls

    return decorate


def replace(value: T, /, **changes: Any) -> T:
    """A copy with other values for some fields. Raises TypeError for a name that is no field."""
    spec: _Spec = type(value).__record__  # type: ignore[attr-defined]
    kept = {name: getattr(value, name) for name in spec.arguments}
    return type(value)(**{**kept, **changes})


def names(cls: type) -> tuple[str, ...]:
    """The names of the fields, in order."""
    spec: _Spec = cls.__record__  # type: ignore[attr-defined]
    return spec.names


class _Spec:
    """The fields of a class: all names in order, those that are arguments, their defaults."""

    __slots__ = ("accepted", "arguments", "constants", "factories", "kw_only", "names")

    def __init__(self, kw_only: bool) -> None:
        self.kw_only = kw_only
        self.names: tuple[str, ...] = ()
        self.arguments: tuple[str, ...] = ()
        self.constants: dict[str, Any] = {}
        self.factories: dict[str, Callable[[], Any]] = {}
        self.accepted: frozenset[str] = frozenset()


def _prepare(cls: type, *, frozen: bool, kw_only: bool) -> None:
    spec = _Spec(kw_only)
    outside = []
    own = cls.__dict__
    spec.names = tuple(own.get("__annotations__", ()))
    for name in spec.names:
        default = own.get(name, _MISSING)
        if isinstance(default, _Default):
            if not default.init:
                outside.append(name)
            if default.factory is not None:
                spec.factories[name] = default.factory
            default = default.value
            if default is _MISSING:
                delattr(cls, name)
            else:
                setattr(cls, name, default)
        if default is not _MISSING:
            spec.constants[name] = default
    spec.arguments = tuple(name for name in spec.names if name not in outside) if outside else spec.names
    spec.accepted = frozenset(spec.arguments)
    target: Any = cls
    target.__record__ = spec
    target.__dataclass_fields__ = _StandardFields()
    target.__init__ = _init
    for name, method in (("__eq__", _eq), ("__repr__", _repr)):
        if name not in own:
            setattr(cls, name, method)
    target.__hash__ = _hash if frozen else None
    if frozen:
        target.__setattr__ = _no_setattr
        target.__delattr__ = _no_delattr
    if not kw_only:
        setattr(cls, "__match_args__", spec.arguments)  # noqa: B010 (mypy refuses the assignment)


def _init(self: Any, *args: Any, **values: Any) -> None:
    spec: _Spec = self.__record__
    if args:
        values = _named(type(self), spec, args, values)
    own = self.__dict__
    if spec.constants:
        own.update(spec.constants)
    for name, factory in spec.factories.items():
        if name not in values:
            own[name] = factory()
    own.update(values)
    if len(own) != len(spec.names) or not values.keys() <= spec.accepted:
        _refuse(type(self), spec, values)


def _named(cls: type, spec: _Spec, args: tuple[Any, ...], values: dict[str, Any]) -> dict[str, Any]:
    if spec.kw_only or len(args) > len(spec.arguments):
        raise TypeError(f"{cls.__name__}() takes {0 if spec.kw_only else len(spec.arguments)} positional arguments")
    given = dict(zip(spec.arguments, args, strict=False))
    twice = given.keys() & values.keys()
    if twice:
        raise TypeError(f"{cls.__name__}() got multiple values for {sorted(twice)}")
    return {**given, **values}


def _refuse(cls: type, spec: _Spec, values: dict[str, Any]) -> None:
    unknown = [name for name in values if name not in spec.arguments]
    if unknown:
        raise TypeError(f"{cls.__name__}() got an unexpected keyword argument {unknown[0]!r}")
    known = values.keys() | spec.constants.keys() | spec.factories.keys()
    missing = [name for name in spec.names if name not in known]
    raise TypeError(f"{cls.__name__}() lacks {', '.join(missing)}")


def _values(value: Any) -> tuple[Any, ...]:
    return tuple([getattr(value, name) for name in value.__record__.names])


def _eq(self: Any, other: object) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return _values(self) == _values(other)


def _hash(self: Any) -> int:
    return hash(_values(self))


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__record__.names)
    return f"{type(self).__qualname__}({shown})"


def _no_setattr(self: Any, name: str, value: Any) -> None:
    raise AttributeError(f"cannot assign to field {name!r}")


def _no_delattr(self: Any, name: str) -> None:
    raise AttributeError(f"cannot delete field {name!r}")


class _StandardFields:
    """`__dataclass_fields__`, made when the standard module asks for it."""

    def __get__(self, value: object, cls: type) -> dict[str, Any]:
        import dataclasses

        spec: _Spec = cls.__record__  # type: ignore[attr-defined]
        made = {}
        for name in spec.names:
            default: Any = spec.constants.get(name, dataclasses.MISSING)
            factory: Any = spec.factories.get(name, dataclasses.MISSING)
            init = name in spec.arguments
            one: Any = dataclasses.field(default=dataclasses.MISSING, init=init, kw_only=spec.kw_only)
            one.name, one.type, one.default, one.default_factory = name, cls.__annotations__[name], default, factory
            one._field_type = dataclasses._FIELD  # type: ignore[attr-defined]
            made[name] = one
        return made
