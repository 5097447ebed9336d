"""Type hints as checks: whether a value that somebody else made is what it is said to be, and what is made of a list."""

from __future__ import annotations

import inspect
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache, lru_cache, partial
from math import isfinite
from pathlib import Path, PosixPath
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from butler.sandbox.kinds import Told, hints_of, name_of, taking_apart

Fit = Callable[[Any], Any]

_PLAIN = frozenset({str, int, bool, bytes, date, datetime, timedelta, ZoneInfo, socket.socket, NoneType})
_MOST_FUNCTIONS = 256
"""So many functions are remembered: some are made anew for every worker."""
_LISTS = (list, Sequence, Iterable, Iterator)
_DICTS = (dict, Mapping)


class UnfitError(ValueError):
    """A value is not of the type that it has to be."""


def fitted(value: Any, hint: Any) -> Any:
    """Check a value against a type, and make a tuple of a list where one is meant; raises UnfitError."""
    # What pydantic notes beside a type has no hash, and says nothing here.
    return _fit(get_args(hint)[0] if get_origin(hint) is Annotated else hint)(value)


def row_of(kind: type) -> Callable[[Sequence[Any]], Any]:
    """The function that makes a value of a dataclass from its fields in order; it raises UnfitError."""
    return _row(kind)


def arguments(function: Callable[..., Any], values: Sequence[Any]) -> list[Any]:
    """Check what a function is to be called with against its hints; raises UnfitError."""
    fits, least = _parameters(getattr(function, "__func__", function), hasattr(function, "__self__"))
    if not least <= len(values) <= len(fits):
        raise UnfitError("It asks with too few or too many values.")
    return [fit(value) for fit, value in zip(fits, values, strict=False)]


def prepare(functions: Iterable[Callable[..., Any]], kinds: Iterable[type]) -> None:
    """Read hints beforehand, of methods and of dataclasses, so that forks need not."""
    for function in functions:
        _parameters(function, is_bound=True)
    for kind in kinds:
        _row(kind)
        taking_apart(kind)


@lru_cache(_MOST_FUNCTIONS)
def _parameters(function: Callable[..., Any], is_bound: bool) -> tuple[list[Fit], int]:
    called = function if inspect.isroutine(function) or isinstance(function, partial) else type(function).__call__
    hints = get_type_hints(called.func if isinstance(called, partial) else called)
    taken = list(inspect.signature(function).parameters.values())[is_bound:]
    positional = [each for each in taken if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    needed = [each for each in positional if each.default is each.empty]
    return [_fit(hints.get(each.name, Any)) for each in positional], len(needed)


@cache
def _row(kind: type) -> Callable[[Sequence[Any]], Any]:
    plan = [_parts(hint) for hint in hints_of(kind).values()]

    def read(row: Sequence[Any]) -> Any:
        if len(row) != len(plan):
            raise UnfitError("It has too few or too many fields.")
        values = [
            value if right is None or type(value) in right else _unfit(value) if convert is None else convert(value)
            for value, (right, convert) in zip(row, plan, strict=True)
        ]
        return kind(*values)

    return read


@cache
def _fit(hint: Any) -> Fit:
    right, convert = _parts(hint)
    if right is None:
        return lambda value: value
    return lambda value: value if type(value) in right else (convert or _unfit)(value)


def _finite(value: Any) -> Any:
    return value if type(value) is float and isfinite(value) else _unfit(value)


def _unfit(value: Any) -> Any:
    raise UnfitError(f"{type(value).__name__} is not what is expected.")


@cache
def _parts(hint: Any) -> tuple[frozenset[type] | None, Fit | None]:
    """The types of values that are right as they are (None: all), and what checks and converts the others."""
    if hint is Any or hint is object:
        return None, None
    if hint is None:
        return frozenset({NoneType}), None
    if isinstance(hint, TypeVar):
        return _parts(hint.__bound__ or Any)
    origin, inner = get_origin(hint), get_args(hint)
    if origin is None:
        return _class(hint)
    if origin is Annotated:
        return _parts(inner[0])
    if origin in (Union, UnionType):
        return _union(inner)
    if origin is Literal:
        return frozenset(), partial(_one_of, {(type(each), each) for each in inner})
    if origin is Callable or origin is get_origin(Callable[[], Any]):
        return frozenset(), lambda value: Told(_fit(str)(value))
    if name_of(origin):
        return frozenset(), partial(_filled, origin, inner)
    return frozenset(), _container(origin, inner)


def _class(kind: Any) -> tuple[frozenset[type], Fit | None]:
    if kind in _PLAIN or (isinstance(kind, type) and name_of(kind)):
        return frozenset({kind}), None
    if kind is float:
        return frozenset({int}), _finite
    if kind is Path:
        return frozenset({PosixPath}), None
    if kind in (list, dict, frozenset):
        return frozenset({kind}), None
    if isinstance(kind, type) and issubclass(kind, Enum):
        return frozenset(), partial(_member, kind)
    if isinstance(kind, type) and issubclass(kind, tuple):
        return frozenset(), _named(kind) if hasattr(kind, "_fields") else tuple
    raise TypeError(f"{kind!r} does not cross between processes")


def _union(inner: Sequence[Any]) -> tuple[frozenset[type] | None, Fit | None]:
    parts = [_parts(each) for each in inner]
    if any(right is None for right, _ in parts):
        return None, None
    right = frozenset[type]().union(*(right for right, _ in parts if right))
    converts = [convert for _, convert in parts if convert]
    if len(converts) < 2:
        return right, converts[0] if converts else None

    def first(value: Any) -> Any:
        for convert in converts:
            with suppress(UnfitError):
                return convert(value)
        return _unfit(value)

    return right, first


def _container(origin: Any, inner: Sequence[Any]) -> Fit:
    if origin is tuple:
        return _tuple(_each(inner[0])) if inner[-1] is Ellipsis else _fields([_fit(each) for each in inner])
    if origin is frozenset:
        return _set(_each(inner[0]))
    if origin in _LISTS:
        return _list(_each(inner[0]))
    if origin in _DICTS:
        return _dict(_each(inner[0]), _each(inner[1]), _numbered(inner[0]))
    raise TypeError(f"{origin!r} does not cross between processes")


def _each(hint: Any) -> Callable[[Iterable[Any]], Any]:
    """What checks all of some values; where nothing is converted, by their types alone."""
    right, convert = _parts(hint)
    if right is None:
        return lambda values: values
    if convert is None:
        return lambda values: values if right.issuperset(map(type, values)) else _unfit(values)
    fit = _fit(hint)
    return lambda values: [fit(value) for value in values]


def _tuple(each: Callable[[Iterable[Any]], Any]) -> Fit:
    return lambda values: tuple(each(values)) if type(values) in (list, tuple) else _unfit(values)


def _list(each: Callable[[Iterable[Any]], Any]) -> Fit:
    return lambda values: each(values) if type(values) in (list, tuple) else _unfit(values)


def _set(each: Callable[[Iterable[Any]], Any]) -> Fit:
    return lambda values: frozenset(each(values)) if type(values) is frozenset else _unfit(values)


def _dict(keys: Callable[[Iterable[Any]], Any], values: Callable[[Iterable[Any]], Any], numbered: bool) -> Fit:
    def fit(found: Any) -> Any:
        if type(found) is not dict:
            _unfit(found)
        # JSON knows no names but texts.
        names = [_number(name) for name in found] if numbered else found
        return dict(zip(keys(names), values(found.values()), strict=True))

    return fit


def _number(name: Any) -> int:
    try:
        return int(name)
    except ValueError as error:
        raise UnfitError("It is no number.") from error


def _numbered(hint: Any) -> bool:
    return hint is int


def _fields(fits: Sequence[Fit]) -> Fit:
    def fit(values: Any) -> tuple[Any, ...]:
        if type(values) not in (list, tuple) or len(values) != len(fits):
            _unfit(values)
        return tuple([fit(value) for fit, value in zip(fits, values, strict=True)])

    return fit


def _named(kind: Any) -> Fit:
    """What makes a NamedTuple of a list."""
    hints = get_type_hints(kind)
    fields = _fields([_fit(hints[name]) for name in kind._fields])
    return lambda values: kind._make(fields(values))


def _filled(kind: type, inner: Sequence[Any], value: Any) -> Any:
    """Check a value of a generic class against what it is said to be filled with."""
    if type(value) is not kind:
        _unfit(value)
    given = dict(zip(kind.__parameters__, inner, strict=True))  # type: ignore[attr-defined]
    for name, hint in hints_of(kind).items():
        if getattr(hint, "__parameters__", ()):
            _fit(hint[tuple(given[each] for each in hint.__parameters__)])(getattr(value, name))
    return value


def _one_of(values: set[tuple[type, Any]], value: Any) -> Any:
    if type(value) not in (str, int, bool, NoneType) or (type(value), value) not in values:
        _unfit(value)
    return value


def _member(kind: Any, value: Any) -> Any:
    try:
        return kind(value)
    except ValueError as error:
        raise UnfitError(str(error)) from error
