"""Trends of a health log: what was noted in the last thirty days beside the thirty before. No advice, and no causes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from butler.core.definitions import Definition, Material, Reckoned, ReckonedLine, Reckoner
from workflows.briefing.words import listed
from workflows.reckoners.health.logs import Entry, entries_in
from workflows.reckoners.health.measures import shown
from workflows.reckoners.health.trends import Point, gaps, median, outliers, slope
from workflows.reckoners.showing import counted, line, row, section, sections_of, table, whole, words_in
from workflows.reckoners.sources import texts_of
from workflows.reckoners.statements.settling import settled

DAYS = 30
LEAST = 3
_WEEK = 7
_NONE = "–"

OPTIONS = {
    "days": f"how many days are compared with as many before ({DAYS})",
    "series": "the names of the series that are shown; all where it is left away",
}


@dataclass(frozen=True, slots=True)
class Series:
    """The values of a name and unit, oldest first, with as many decimals as they were noted with."""

    name: str
    unit: str
    points: tuple[Point, ...]

    @property
    def places(self) -> int:
        """Decimals of its values, three at most."""
        exponents = (point.value.normalize().as_tuple().exponent for point in self.points)
        return min(3, max((-each for each in exponents if isinstance(each, int)), default=0) if self.points else 0)

    @property
    def title(self) -> str:
        """Its name with its unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    def said(self, value: Decimal) -> str:
        """A value of it as it would be written down."""
        return shown(value, self.unit, max(0, self.places))

    def between(self, first: dt.date, last: dt.date) -> Series:
        """The part of it from a day to a day, both included."""
        return Series(self.name, self.unit, tuple(point for point in self.points if first <= point.day <= last))


def reckon(material: Material, definition: Definition, day: dt.date) -> Reckoned:
    """Compare the last days with those before, series by series."""
    options = definition.options("health")
    days = whole(options.get("days"), "days", DAYS, 3660)
    wanted = {name.casefold() for name in words_in(options.get("series"), "series")}
    entries: list[Entry] = []
    unread: list[ReckonedLine] = []
    for paper in texts_of(material):
        found, reason = entries_in(paper.ref, paper.path, paper.text)
        entries += found
        if reason:
            unread.append(line(f"{paper.path}: {reason}.", [paper.ref]))
    every, mixed = _series(entries)
    unread += mixed
    last, middle = day, day - dt.timedelta(days)
    shown_ones = [one for one in every if not wanted or one.name.casefold() in wanted]
    recent = [(one, one.between(middle + dt.timedelta(1), last)) for one in shown_ones]
    both = [(one.between(middle - dt.timedelta(days - 1), last), part) for one, part in recent]
    often = [(whole_part, part) for whole_part, part in both if len(whole_part.points) >= LEAST]
    columns = ["series", "latest", f"median, {days} days", f"{days} before", "lowest", "highest", "trend a week"]
    sections = sections_of(
        table("Trends", columns, (_row(one, part, middle) for one, part in often)),
        section("Far from the others", (each for one, _ in often for each in _outliers(one))),
        section("Gaps", (each for one, _ in often for each in _gaps(one, day))),
        section("Noted too seldom to compare", _seldom([one for one, _ in both if 0 < len(one.points) < LEAST])),
        section("Not read", unread),
    )
    return Reckoned(sections)


HEALTH = Reckoner(reckon, OPTIONS, ("notes", "documents"))


def _series(entries: Sequence[Entry]) -> tuple[list[Series], list[ReckonedLine]]:
    """Entries by name and unit; how numbers are written is decided for the whole series."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.measure.name.casefold(), entry.measure.unit.casefold()), []).append(entry)
    found, mixed = [], []
    for _, group in sorted(groups.items()):
        way = settled(entry.measure.values for entry in group)
        first = group[0].measure
        points = [Point(one.day, one.measure.values[way], one.ref) for one in group if way in one.measure.values]
        if way:
            found.append(Series(first.name, first.unit, tuple(sorted(points, key=lambda one: (one.day, one.ref)))))
        else:
            mixed.append(line(f"{first.name}: point and comma cannot be told apart in its values.", [group[0].ref]))
    return found, mixed


def _row(one: Series, recent: Series, middle: dt.date) -> ReckonedLine:
    before = [point.value for point in one.points if point.day <= middle]
    now = [point.value for point in recent.points]
    latest = one.points[-1]
    lowest = min(recent.points or one.points, key=lambda point: (point.value, point.day))
    highest = max(recent.points or one.points, key=lambda point: (point.value, point.day))
    cells = [
        one.title,
        f"{one.said(latest.value)}, {latest.day.isoformat()}",
        one.said(median(now)) if now else _NONE,
        one.said(median(before)) if before else _NONE,
        one.said(lowest.value) if now else _NONE,
        one.said(highest.value) if now else _NONE,
        _trend(recent),
    ]
    return row(cells, [latest.ref, lowest.ref, highest.ref])


def _trend(recent: Series) -> str:
    """The slope a week, with a sign, one decimal finer than the values are."""
    daily = slope(recent.points)
    if daily is None:
        return _NONE
    weekly = daily * _WEEK
    text = shown(weekly, recent.unit, recent.places + 1)
    return text if text.startswith("-") or not text.strip("-0.:") else f"+{text}"


def _outliers(one: Series) -> Iterator[ReckonedLine]:
    middle = one.said(median([point.value for point in one.points]))
    for point in outliers(one.points):
        yield line(
            f"{one.title}, {point.day.isoformat()}: {one.said(point.value)}, median {middle}. It counts all the same.",
            [point.ref],
        )


def _gaps(one: Series, day: dt.date) -> Iterator[ReckonedLine]:
    for before, after in gaps(one.points, day):
        days = ((after or day) - before.day).days - (1 if after else 0)
        until = f"until {after.isoformat()}" if after else "until today"
        refs = [before.ref, *(point.ref for point in one.points if point.day == after)]
        yield line(f"{one.title}: nothing for {counted(days, 'day')}, from {before.day.isoformat()} {until}", refs[:2])


def _seldom(series: Sequence[Series]) -> Iterator[ReckonedLine]:
    """What was noted twice, and the names of what was noted once."""
    for one in series:
        if len(one.points) > 1:
            said = ", ".join(f"{one.said(point.value)} on {point.day.isoformat()}" for point in one.points)
            yield line(f"{one.title}: {said}", [point.ref for point in one.points])
    once = [one for one in series if len(one.points) == 1]
    if once:
        yield line(f"once: {listed([one.title for one in once], 8)}", [point.ref for one in once for point in one.points][:8])
