"""Measurements as people write them down: "weight 81.4 kg", "sleep 7:20", "ran 5 km", "mood:: 6", "pressure 128/82"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from workflows.reckoners.statements.numbers import COMMA, POINT, written

CLOCK = "h:mm"
"""The unit of what is written as hours and minutes; its values are minutes."""

_MOST_WORDS = 4
_SPLIT = re.compile(r"[;|·•]|,(?![0-9])")
_ENTRY = re.compile(
    r"\[?\(?(?P<name>[^\W\d_]+[0-9]{0,3}(?:[ '’./()-]{1,2}[^\W\d_]+[0-9]{0,3}){0,3})\s*(?:::|:|=|\s)\s*~?(?P<value>"
    r"[0-9]{1,2}:[0-9]{2}(?![0-9:])|[0-9]{1,2}\s?h(?:\s?[0-9]{1,2}(?:\s?m(?:in)?)?)?(?!\w)|"
    r"[0-9]{2,3}\s?/\s?[0-9]{2,3}|[-+−]?[0-9][0-9.,' ]*)"
    r"\s*(?P<unit>[%°‰]?[^\W\d_]{0,12}(?:[²³]|/[^\W\d_]{1,8})?)\.?\)?\]?"
)
_HOURS = re.compile(r"([0-9]{1,2})(?::([0-9]{2})|\s?h\s?([0-9]{1,2})?(?:\s?m(?:in)?)?)")
_UNIT = re.compile(r"^(.*?)\s*[(\[]([^()\[\]]{1,16})[)\]]\s*$")


@dataclass(frozen=True, slots=True)
class Measure:
    """One value of a series: what it means in each way of writing numbers; minutes where its unit is h:mm."""

    name: str
    unit: str
    values: Mapping[str, Decimal]


def is_measured(text: str) -> bool:
    """Whether a line is nothing but measurements."""
    parts = [part for part in _SPLIT.split(text) if part.strip()]
    return bool(parts) and all(any(True for _ in measures_in(part)) for part in parts)


def measures_in(text: str) -> Iterator[Measure]:
    """The measurements of a line; what is prose is passed over."""
    for part in _SPLIT.split(text):
        found = _ENTRY.fullmatch(" ".join(part.strip(" \t*_-").split()))
        if found and len(found["name"].split()) <= _MOST_WORDS:
            yield from measured(found["name"], found["value"], found["unit"])


def measured(name: str, value: str, unit: str = "") -> Iterator[Measure]:
    """A value below a name; a pair such as 128/82 is two series, what is no number is none."""
    name, unit = " ".join(name.split()), unit.strip()
    if not unit and (found := _UNIT.match(name)):
        name, unit = found[1], found[2]
    pair = re.fullmatch(r"([0-9]{2,3})\s?/\s?([0-9]{2,3})", value.strip())
    if pair:
        for part, number in zip(("upper", "lower"), pair.groups(), strict=True):
            yield Measure(f"{name}, {part}", unit, _alike(Decimal(number)))
    elif (hours := _HOURS.fullmatch(value.strip())) and int(hours[2] or hours[3] or 0) < 60:
        minutes = Decimal(int(hours[1]) * 60 + int(hours[2] or hours[3] or 0))
        yield Measure(name, CLOCK, _alike(minutes))
    elif number := written(value.strip()):
        yield Measure(name, unit, number.values)


def cell_measures(name: str, cell: str) -> Iterator[Measure]:
    """The value in a cell of a table, with or without a unit of its own."""
    found = re.fullmatch(r"([-+−0-9.,:'/ h]+?(?:\s?m(?:in)?)?)\s*([%°‰]?[^\W\d_]{0,12}(?:/[^\W\d_]{1,8})?)", cell.strip())
    if found:
        whole = list(measured(name, cell.strip())) if _HOURS.fullmatch(cell.strip()) else []
        yield from whole or measured(_UNIT.sub(r"\1", name) if found[2] else name, found[1], found[2])


def shown(value: Decimal, unit: str, places: int) -> str:
    """A value with its unit, as it would be written down."""
    if unit == CLOCK:
        minutes = int(abs(value).quantize(Decimal(1)))
        return f"{'-' if value < 0 else ''}{minutes // 60}:{minutes % 60:02}"
    return f"{value:,.{places}f}"


def _alike(value: Decimal) -> Mapping[str, Decimal]:
    return {POINT: value, COMMA: value}
