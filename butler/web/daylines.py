"""A briefing cut into what a page shows, pure: its sections, and each line with its remark, its marks and its number."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from butler import wording
from butler.core.briefing import By, Line, Origin, SectionName
from butler.core.calendar import Placed
from butler.core.text import one_line
from butler.store.briefings import KeptBriefing

SHOWN = 40
"""Lines of a section on the day's page; the rest has a page of its own."""

PAGE = 100
"""Lines of a section on one of its own pages."""

OVERLAP, TRAVEL, FREE = "conflicts: overlap", "conflicts: travel", "conflicts: free"
_TEXT = 2000
_LEAD = 60
_LED: frozenset[SectionName] = frozenset({"reply", "deadlines", "promised", "waiting", "tasks", "birthdays", "changes"})
_TIMED = re.compile(r"(\d\d:\d\d(?:[–-]\d\d:\d\d)?|all day)[:,]?\s+")


@dataclass(frozen=True, slots=True)
class DayLine:
    """A line: `number` counts from 1 in its section, `lead` is when or who it begins with, `remark` what it ends with.

    `marks` say in a word what it collides with.
    """

    section: SectionName
    number: int
    lead: str
    head: str
    remark: str
    quotes: tuple[str, ...]
    refs: tuple[str, ...]
    by: By
    rule: str = ""
    marks: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """Its name in the page."""
        return f"{self.section}-{self.number}"

    @property
    def is_conflict(self) -> bool:
        """Whether it tells of two things that cannot both be done."""
        return self.section == "conflicts" and self.rule != FREE


@dataclass(frozen=True, slots=True)
class DaySection:
    """A section: `total` is how many lines it has, of which `lines` are shown."""

    name: SectionName
    heading: str
    lines: tuple[DayLine, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Since:
    """What the calendar says now and the briefing does not: each with its reference and, where it is on, what it is."""

    new: tuple[Placed, ...] = ()
    moved: tuple[Placed, ...] = ()
    gone: tuple[str, ...] = field(default=())


def sections(kept: KeptBriefing, limit: int = SHOWN) -> list[DaySection]:
    """All sections with their first lines."""
    return [
        DaySection(one.name, wording.HEADINGS[one.name], tuple(lines(kept, one.name, 0, limit)), len(one.lines))
        for one in kept.briefing.sections
    ]


def lines(kept: KeptBriefing, section: SectionName, start: int, limit: int) -> Iterator[DayLine]:
    """Some lines of a section, from a place on."""
    found = found_lines(kept, section)
    origins = _origins(kept, section)
    marks = _marks(kept) if section == "agenda" else {}
    for place in range(start, min(start + limit, len(found))):
        line = found[place]
        origin = origins[place] if place < len(origins) else None
        yield _line(section, line, origin, place + 1, marks)


def found_lines(kept: KeptBriefing, section: str) -> Sequence[Line]:
    """The lines of a section as they were published; none where there is no such section."""
    return next((one.lines for one in kept.briefing.sections if one.name == section), ())


def line_of(kept: KeptBriefing, section: str, number: int) -> tuple[Line, Origin | None] | None:
    """One line by its number, and where it came from; None where there is none."""
    found, origins = found_lines(kept, section), _origins(kept, section)
    if not 1 <= number <= len(found):
        return None
    return found[number - 1], origins[number - 1] if number <= len(origins) else None


def since(kept: KeptBriefing, events: Sequence[Placed]) -> Since:
    """What of the day's events, as the calendar has them now, the briefing did not know or knew otherwise."""
    refs = {each.ref for line in found_lines(kept, "agenda") for each in line.evidence}
    # Beside an event may stand the card of whose birthday it is.
    told = {ref for ref in refs if ref.startswith("event:")}
    tomorrow = {ref for one in _origins(kept, "agenda") if one.rule != "agenda" for ref in one.refs}
    now = {one.ref: one for one in events}
    knew: Mapping[str, Mapping[str, object]] = kept.snapshot.get("events") or {}
    return Since(
        tuple(one for ref, one in now.items() if ref not in told and one.occurrence.status != "cancelled"),
        tuple(one for ref, one in now.items() if ref in told and _is_other(one, knew.get(ref))),
        tuple(ref for ref in told if ref not in now and ref not in tomorrow),
    )


def _is_other(placed: Placed, knew: Mapping[str, object] | None) -> bool:
    """Whether an event begins at another time than the briefing knew, or was cancelled since."""
    if not knew or not isinstance(knew.get("start"), str):
        return False
    before, start = str(knew["start"]), placed.occurrence.start
    if (placed.occurrence.status == "cancelled") != bool(knew.get("cancelled")):
        return True
    if isinstance(start, dt.datetime) and len(before) > len("2026-11-24"):
        return dt.datetime.fromisoformat(before) != start
    return before != start.isoformat()


def _line(section: SectionName, line: Line, origin: Origin | None, number: int, marks: Mapping[str, Sequence[str]]) -> DayLine:
    refs = tuple(dict.fromkeys(evidence.ref for evidence in line.evidence))
    text = one_line(line.text, _TEXT)
    head, remark = (text, "") if section == "conflicts" else wording.parted(text)
    lead, head = _led(section, head)
    marked = tuple(dict.fromkeys(mark for ref in refs for mark in marks.get(ref, ())))
    rule = origin.rule if origin else ""
    return DayLine(section, number, lead, head, remark, tuple(wording.quotes(line)), refs, line.by, rule, marked)


def _led(section: SectionName, text: str) -> tuple[str, str]:
    """A line's text in two: the time or whom it begins with, where it does, and the rest."""
    if section == "agenda":
        timed = _TIMED.match(text)
        return (timed[1], text[timed.end() :]) if timed else ("", text)
    lead, colon, rest = text.partition(": ")
    return (lead, rest) if colon and section in _LED and len(lead) <= _LEAD else ("", text)


def _origins(kept: KeptBriefing, section: str) -> list[Origin]:
    return [origin for origin in kept.origins if origin.section == section]


def _marks(kept: KeptBriefing) -> dict[str, list[str]]:
    """What the conflicts say of each event, in a word."""
    found: dict[str, list[str]] = {}
    for origin in _origins(kept, "conflicts"):
        word = {OVERLAP: "overlaps", TRAVEL: "tight"}.get(origin.rule)
        for ref in origin.refs if word else ():
            found.setdefault(ref, []).append(str(word))
    return found
