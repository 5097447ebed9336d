"""Values as plain lists and back: what crosses to the worker process and what is kept as JSON, without pickle.

A dataclass becomes the list of its fields in order, a frozenset a sorted list, a date or time its ISO text with the name
of its zone in brackets (`2026-11-24T09:00:00+01:00[Europe/Berlin]`), so that reading it back gives the same zone.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

Convert = Callable[[Any], Any]

_PLAIN = (str, int, float, bool, bytes)


def canonical(value: Any) -> str:
    """Write a JSON value in the one form that is hashed: keys sorted, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def moment_text(moment: datetime | date) -> str:
    """Write a date or an aware time with its zone's name."""
    zone = getattr(moment, "tzinfo", None)
    return f"{moment.isoformat()}[{zone.key}]" if isinstance(zone, ZoneInfo) else moment.isoformat()


def read_moment(text: str) -> datetime | date:
    """Read what `moment_text` wrote."""
    if len(text) == 10:
        return date.fromisoformat(text)
    iso, bracket, zone = text.partition("[")
    moment = datetime.fromisoformat(iso)
    return moment.astimezone(ZoneInfo(zone[:-1])) if bracket else moment


@cache
def to_plain(kind: type) -> Callable[[Any], list[Any]]:
    """Make the function that turns a value of a dataclass into a list."""
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    read = attrgetter(*names)
    changes = [(place, convert) for place, name in enumerate(names) if (convert := _writer(hints[name]))]

    def write(value: Any) -> list[Any]:
        row = list(read(value))
        for place, convert in changes:
            if row[place]:
                row[place] = convert(row[place])
            elif row[place] is not None:
                row[place] = []
        return row

    return write


@cache
def from_plain(kind: type) -> Callable[[Sequence[Any]], Any]:
    """Make the function that turns such a list back into the dataclass."""
    hints = get_type_hints(kind)
    changes = [(place, convert) for place, field in enumerate(fields(kind)) if (convert := _reader(hints[field.name]))]

    def read(row: Sequence[Any]) -> Any:
        values = list(row)
        for place, convert in changes:
            if values[place] is not None:
                values[place] = convert(values[place])
        return kind(*values)

    return read


def _parts(hint: Any) -> tuple[Any, Any]:
    """Take a hint apart into what holds the values (a class) and what they are; None beside something is left out."""
    if get_origin(hint) in (Union, types.UnionType):
        inner = [part for part in get_args(hint) if part is not types.NoneType]
        return (date, None) if set(inner) <= {date, datetime} else _parts(inner[0])
    if get_origin(hint) is Literal:
        return str, None
    if get_origin(hint) in (tuple, frozenset):
        return get_origin(hint), get_args(hint)[0]
    return (date, None) if hint is datetime else (hint, None)


def _writer(hint: Any) -> Convert | None:
    holder, inner = _parts(hint)
    if holder is frozenset:
        return cast("Convert", sorted)
    if holder is tuple:
        each = _writer(inner)
        return (lambda values: [each(value) for value in values]) if each else list
    if holder is date:
        return moment_text
    return _of_class(holder, to_plain)


def _reader(hint: Any) -> Convert | None:
    holder, inner = _parts(hint)
    if holder is frozenset:
        return frozenset
    if holder is tuple:
        each = _reader(inner)
        return (lambda values: tuple([each(value) for value in values])) if each else tuple
    if holder is date:
        return read_moment
    return _of_class(holder, from_plain)


def _of_class(holder: type, convert: Callable[[type], Convert]) -> Convert | None:
    if is_dataclass(holder):
        return convert(holder)
    if holder not in _PLAIN:
        raise TypeError(f"{holder!r} has no plain form")
    return None
