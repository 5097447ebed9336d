"""A mirror and sources in memory that are synced into it, with a parser on which some things prey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from memory_source import NOON, MemorySource, MemoryTool, raw_mail
from parser_here import ParserHere

from butler.core.calendar import CalendarObject, Occurrence, RawObject
from butler.core.prepared import Prepared
from butler.core.sources import Frame, Parsed, Raw, Source, SourceKind, SourceState, Tool
from butler.plan import frame_for
from butler.store.mirror import Mirror
from butler.sync import Progress, sync

ANNA = frozenset({"anna@berger.example"})
YEAR = timedelta(days=366)
ZONE = "Europe/Berlin"


class Pickless(ParserHere):
    """A parser on which some keys prey: what is in `killers` kills it."""

    def __init__(self, tools: dict[SourceKind, Tool]) -> None:
        super().__init__(tools)
        self.killers: set[str] = set()
        self.asked: list[str] = []

    def parse(self, kind: SourceKind, raws: Sequence[Raw], frame: Frame) -> list[Prepared | None]:
        self.asked += [raw.key for raw in raws]
        parsed = super().parse(kind, raws, frame)
        return [None if raw.key in self.killers else each for raw, each in zip(raws, parsed, strict=True)]


class Weekly(MemoryTool):
    """A tool for one kind of object: an event each day of the frame that its content names by weekday."""

    def parse(self, raws: Sequence[Raw], frame: Frame) -> Sequence[Parsed]:
        return [self._expand(raw, frame) for raw in raws if isinstance(raw, RawObject)]

    def _expand(self, raw: RawObject, frame: Frame) -> CalendarObject:
        days = [frame.start + timedelta(days=n) for n in range((frame.end - frame.start).days)]
        hits = [day for day in days if day.weekday() == int(raw.content)]
        zone = ZoneInfo(frame.zone)
        starts = [datetime(day.year, day.month, day.day, 9, tzinfo=zone) for day in hits]
        found = [Occurrence("week", f"{each:%Y%m%dT%H%M%S}", "Week", each, each + timedelta(hours=1)) for each in starts]
        return CalendarObject(raw.key, raw.version, tuple(found), recurs=True)


@dataclass
class House:
    """A mirror, a parser and a clock, and a way to bring the one up to date by the others."""

    path: Path
    mirror: Mirror
    parser: Pickless
    now: datetime = NOON
    seen: list[Progress] = field(default_factory=list)

    def sync(self, *sources: MemorySource, allow_empty: bool = False) -> list[SourceState]:
        frame = frame_for(self.now.date(), ZONE)
        known: list[Source[Raw]] = list(sources)
        return sync(known, self.mirror, self.parser, lambda: self.now, frame, self.seen.append, allow_empty)

    def refs(self) -> list[str]:
        since, until = NOON - YEAR, NOON + YEAR
        return sorted(mail.ref for mail in (*self.mirror.reads.received(since, until), *self.mirror.reads.sent(since, until)))


def house_in(path: Path) -> House:
    """An empty house, with tools that read what `memory_source` writes."""
    tools: dict[SourceKind, Tool] = {kind: MemoryTool(kind) for kind in ("mail", "calendar", "notes")}
    return House(path / "mirror.db", Mirror.open(path / "mirror.db", ZONE, ANNA), Pickless(tools))


def twelve_mails() -> MemorySource:
    """A source of mails with numbers for keys."""
    source = MemorySource()
    source.put("INBOX", *[raw_mail(str(number), f"m{number}@x", f"Subject {number}", f"word{number}") for number in range(12)])
    return source


def states(found: Sequence[SourceState]) -> list[str]:
    """How sources fared."""
    return [state.state for state in found]
