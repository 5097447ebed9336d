"""Finds measurements in logs: dated lines, lines below dated headings, tables, front matter and key:: values of daily notes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from butler.core.daynames import unaccented
from workflows.reckoners.health.measures import Measure, cell_measures, is_measured, measures_in
from workflows.reckoners.statements.days import dated
from workflows.reckoners.statements.settling import settled
from workflows.reckoners.statements.texts import DELIMITERS, Record, lines_of, records

_DATE = r"[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}"
_DATED = re.compile(
    rf"^\s*(?:>\s*)?(?:[-*+]\s+)?(?P<heading>#{{1,6}}\s+)?(?:[*_]{{1,2}}|\[\[)?(?P<date>{_DATE})(?:[*_]{{1,2}}|\]\])?(?P<rest>(?![0-9]).*)$"
)
_ISO = re.compile(r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_FIELD = re.compile(r"^([^\W\d_][\w -]{0,38}):\s*['\"]?([^'\"#]{1,40}?)['\"]?\s*$")
_BULLET = re.compile(r"^\s*(?:[-*+]|[0-9]+[.)])\s+(?:\[.\]\s+)?(.*?)\s*$")
_RULE_ROW = re.compile(r"^\s*\|?\s*:?-{2,}")
_DAYS = frozenset({"date", "day", "datum", "tag", "jour", "fecha", "dia", "data", "giorno", "dag", "dzien"})
_NO_SERIES = frozenset({"date", "day", "created", "modified", "updated", "id", "year", "week", "aliases", "tags"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A measurement, the day of which it is, and the line at which it stands."""

    ref: str
    day: dt.date
    measure: Measure


@dataclass(frozen=True, slots=True)
class _Place:
    """Measurements of a line below a date as it is written."""

    line: int
    date: Mapping[str, dt.date]
    measures: tuple[Measure, ...]


def entries_in(ref: str, path: str, text: str) -> tuple[list[Entry], str]:
    """The measurements of a log, and why its dates cannot be told where that is so; nothing of it counts then."""
    lines = lines_of(text)
    places = list(_of_table(lines) if path.casefold().endswith((".csv", ".tsv")) else _of_note(path, lines))
    places = [place for place in places if place.measures and place.date]
    order = settled(place.date for place in places)
    if places and not order:
        return [], "day and month cannot be told apart in its dates"
    dated_ones = ((place, place.date.get(order)) for place in places)
    found = [Entry(f"{ref}#L{one.line}", day, measure) for one, day in dated_ones if day for measure in one.measures]
    return found, ""


def _of_table(lines: Sequence[str]) -> Iterator[_Place]:
    """The rows of a file of which the first record names the columns."""
    cut = max(DELIMITERS, key=lambda each: len(next(records(lines, each), Record(0, ())).cells))
    rows = list(records(lines, cut))
    yield from _rows([(row.line, row.cells) for row in rows if not row.broken])


def _rows(rows: Sequence[tuple[int, Sequence[str]]]) -> Iterator[_Place]:
    if not rows:
        return
    header = [cell.strip() for cell in rows[0][1]]
    at = next((place for place, name in enumerate(header) if unaccented(name.casefold()) in _DAYS), None)
    if at is None:
        return
    for line, cells in rows[1:]:
        named = [(name, cell) for place, (name, cell) in enumerate(zip(header, cells, strict=False)) if name and place != at]
        if at < len(cells):
            measures = tuple(each for name, cell in named for each in cell_measures(name, cell))
            yield _Place(line, dated(cells[at].strip(" *_[]")), measures)


def _of_note(path: str, lines: Sequence[str]) -> Iterator[_Place]:
    """The lines of a note in their order; a note that bears a date as its name is of that day."""
    at, fields = _front_matter(lines)
    day = _own_date(path, fields)
    for line, name, value in fields:
        if name.casefold() not in _NO_SERIES:
            yield _Place(line, day, tuple(each for each in cell_measures(name, value)))
    while at < len(lines):
        rows = _table_at(lines, at)
        if rows:
            yield from _rows(rows)
            at = rows[-1][0]
            continue
        found = _DATED.match(lines[at].rstrip("\n"))
        if found:
            written = dated(found["date"])
            day = written if found["heading"] else day
            yield _Place(at + 1, written, tuple(measures_in(found["rest"].strip(" :,–-\t"))))
        else:
            yield _Place(at + 1, day, tuple(_of_line(lines[at])))
        at += 1


def own_day(path: str, lines: Sequence[str]) -> dt.date | None:
    """The day that a note bears in its name or its front matter, None where it is of none."""
    written = _own_date(path, _front_matter(lines)[1])
    return written.get(settled([written])) if written else None


def _own_date(path: str, fields: Sequence[tuple[int, str, str]]) -> Mapping[str, dt.date]:
    named = _ISO.search(path.rpartition("/")[2])
    if named:
        return dated(named[0])
    return next((dated(value) for _, name, value in fields if name.casefold() in _DAYS), {})


def _of_line(line: str) -> Iterator[Measure]:
    """The measurements of a line that has no date itself."""
    inline = re.findall(r"[\[(]?([^\W\d_][\w -]{0,38}?)::\s*([^\])\n,;]{1,40})", line)
    if inline:
        for name, value in inline:
            yield from cell_measures(name.strip(), value.strip())
    elif found := _BULLET.match(line):
        # Below a date stands prose, too: an entry of a list counts where all of it is measurements.
        yield from measures_in(found[1]) if is_measured(found[1]) else ()


def _front_matter(lines: Sequence[str]) -> tuple[int, list[tuple[int, str, str]]]:
    """Where the text begins, and the fields before it with their lines."""
    if not lines or lines[0].strip() != "---":
        return 0, []
    end = next((at for at in range(1, min(len(lines), 80)) if lines[at].strip() == "---"), 0)
    found = [(at + 1, field[1], field[2]) for at in range(1, end) if (field := _FIELD.match(lines[at].rstrip("\n")))]
    return end + 1 if end else 0, found


def _table_at(lines: Sequence[str], at: int) -> list[tuple[int, Sequence[str]]]:
    """The rows of a Markdown table that begins at a line, with their lines; none where there is none."""
    if "|" not in lines[at] or at + 1 >= len(lines) or not _RULE_ROW.match(lines[at + 1]) or "|" not in lines[at + 1]:
        return []
    rows = [(at + 1, _cells(lines[at]))]
    below = at + 2
    while below < len(lines) and "|" in lines[below]:
        rows.append((below + 1, _cells(lines[below])))
        below += 1
    return [*rows, (below, ())] if below > at + 2 else []


def _cells(line: str) -> Sequence[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
