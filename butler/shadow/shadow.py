"""The last days once more, as the present model and as another one would have them; nothing of it is kept, proposed or told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from functools import partial
from typing import Any

from butler.core.accounts import ModelHost
from butler.core.comparing import OneDay, compared
from butler.core.context import Reads
from butler.core.errors import ButlerError, UnknownRefError, UsageError
from butler.core.mail import Mail
from butler.core.models import ModelLook, ModelServer, Role
from butler.core.steps import ModelCall
from butler.core.tallies import Cost, Tally
from butler.runner import Workflow
from butler.shadow.nothing import Nothing
from butler.shadow.present import Looks, standing, title, told_apart, tried
from butler.shadow.reading import lost
from butler.shadow.sides import Side, judging, shadow_host
from butler.shadow.unkept import Unkept
from butler.store.asof import AsOf, Span

_LOOKED_AT = 200
"""Recorded calls about one thing among which the asking of an answer is looked for."""
_LOOKING = 15.0
"""Seconds for a look at the models."""
STOPPED = "It was stopped before all was compared."
_DRAFTING, _BRIEFING = "draft_reply", "briefing"


class LostError(ButlerError):
    """There is no model any more that could be asked."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be replayed: the days, when each is briefed that has no briefing, and whether drafts are written."""

    days: Sequence[date]
    at: clock_time
    drafts: bool = True


@dataclass(frozen=True, slots=True)
class Moved:
    """How far it is: who works on which day, at which mail of all; what part of all is done, and seconds left, where known."""

    name: str
    day: date
    mail: int
    mails: int
    part: float
    left: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of it: the days that were compared; `ended` says why not all were (empty: all were).

    `mails` are those that a person is shown of, by reference.
    """

    present: Side
    other: Side
    days: Sequence[OneDay]
    costs: tuple[Cost, Cost]
    tallies: tuple[Tally, Tally]
    mails: Mapping[str, Mail]
    ended: str = ""

    @property
    def differs(self) -> bool:
        """Whether anything does."""
        return any(day.differs for day in self.days)


@dataclass
class _Way:
    """How far the way is, in mails of days, once for each side."""

    mails: Mapping[date, int]
    heard: Callable[[Moved], None]
    done: int = 0
    within: set[str] = field(default_factory=set)
    began: float = field(default_factory=time.monotonic)
    at: tuple[str, date] | None = None

    def begin(self, name: str, day: date) -> None:
        self.at, self.within = (name, day), set()
        self._tell()

    def judged(self, ref: str) -> None:
        self.within.add(ref)
        self._tell()

    def end(self) -> None:
        here = self.mails[self.at[1]] if self.at else 0
        self._tell(here)
        self.done += here
        self.within = set()

    def _tell(self, here: int | None = None) -> None:
        if self.at is None:
            return
        name, day = self.at
        mails = sum(self.mails.values())
        here = min(len(self.within), self.mails[day]) if here is None else here
        part = (self.done + here) / (2 * mails) if mails else 0.0
        left = (time.monotonic() - self.began) * (1 - part) / part if part else None
        before = sum(count for each, count in self.mails.items() if each < day)
        self.heard(Moved(name, day, before + here, mails, part, left))


def _mails(reads: AsOf) -> Sequence[Mail]:
    """The mails of the span that is read, both ways."""
    since = reads.span.since or reads.span.until
    return [*reads.received(since, reads.span.until), *reads.sent(since, reads.span.until)]


class Shadow(Unkept):
    """A house in which days are lived again, beside whatever the butler does meanwhile."""

    def sides(self, name: str, role: Role | None, server: ModelServer | None, *, only_recorded: bool) -> tuple[Side, Side, str]:
        """The present side, the tried one, and what is to be said of the present one; raises ModelError and UsageError."""
        host = self._host(model=True)
        if host is None:
            advice = "Set model.name; then another one can be tried beside it."
            raise UsageError("No model is set, so there is nothing to compare with.", advice=advice)
        tried(self._looks(shadow_host(host, name, None, server)), name)
        kept = self.truth.pins.all()
        copies = replace(host, pins=tuple(replace(each.pin, use=each.copy or each.pin.use) for each in kept))
        looks = Looks(self._looks(replace(host, pins=())), self._looks(copies) if kept else ())
        there = standing(host, kept, looks, only_recorded=only_recorded)
        other = shadow_host(there.host, name, role, server)
        sides = Side(title(host), there.host), Side(title(other), other)
        told_apart(*sides)
        return *sides, there.told

    def _looks(self, host: ModelHost) -> list[ModelLook]:
        found: list[ModelLook] = self.thinker.aside(host, "look", seconds=_LOOKING, gives=list[ModelLook])
        return found

    def compare(self, present: Side, other: Side, wanted: Wanted, heard: Callable[[Moved], None]) -> Compared:
        """Replay the days, oldest first; where Ctrl-C or a model that is lost ends it, compare what was replayed till then."""
        found: list[OneDay] = []
        way = _Way({day: len(_mails(self._of_day(day))) for day in wanted.days}, heard)
        for day in wanted.days:
            ended = self._replayed(day, (present, other), wanted, way)
            made = (present.end_day(whole=not ended), other.end_day(whole=not ended))
            if not ended or made[1].judged:
                found.append(compared(day, made, self._briefed(day, wanted.at)))
            if ended:
                break
        costs = (present.cost(self._first), other.cost(self._first))
        shown = dict(self._shown(found))
        return Compared(present, other, found, costs, (present.tally(), other.tally()), shown, ended)

    def _replayed(self, day: date, sides: Sequence[Side], wanted: Wanted, way: _Way) -> str:
        """Have one day replayed with both; returns why it was not, if it was not to its end."""
        try:
            for side in sides:
                way.begin(side.name, day)
                self._day(side, day, wanted, way)
                way.end()
        except KeyboardInterrupt:
            return STOPPED
        except LostError as error:
            return str(error)
        return ""

    def _day(self, side: Side, day: date, wanted: Wanted, way: _Way) -> None:
        """One day with one model: its mails as they came, the drafts for them, and its briefing at its own time."""
        reads = self._of_day(day)
        if mails := _mails(reads):
            # A moment after the last of them.
            now = max(mail.when for mail in mails) + timedelta(seconds=1)
            self._go(side, _BRIEFING, self._nothing(side, "triage", now), reads, way)
            if wanted.drafts:
                self._go(side, _DRAFTING, self._nothing(side, "drafts", now), reads, way)
        if (moment := self._briefed(day, wanted.at)) is not None:
            self._go(side, _BRIEFING, self._nothing(side, "briefing", moment), AsOf(self.mirror.reads, Span(moment)), way)

    def _go(self, side: Side, name: str, nothing: Nothing, reads: Reads, way: _Way) -> None:
        context = self.empty(nothing, name, reads)
        told: dict[str, Any] = {"judging": partial(judging, way.judged), "known": side.keys.__contains__}
        try:
            self.think(Workflow(name), replace(context, **told), side.host, nothing, lambda: nothing.now)
        finally:
            side.take(nothing)
        if reason := lost(nothing):
            raise LostError(reason)

    def _nothing(self, side: Side, what: str, now: datetime) -> Nothing:
        nothing = side.share(self.nothing(now), what)
        nothing.before, nothing.snapshots = self.truth.book, self.truth.memory("").snapshot_before
        return nothing

    def _of_day(self, day: date) -> AsOf:
        zone = self._deeds.owner.zone
        since, until = (datetime.combine(each, clock_time(), zone) for each in (day, day + timedelta(1)))
        return AsOf(self.mirror.reads, Span(until, since))

    def _briefed(self, day: date, at: clock_time) -> datetime | None:
        """When a day was briefed, or else would have been; None where that is still to come."""
        zone = self._deeds.owner.zone
        if (kept := self.truth.briefings.get(day)) and kept.briefing.generated_at.astimezone(zone).date() == day:
            return kept.briefing.generated_at.astimezone(zone)
        moment = datetime.combine(day, at, zone)
        return moment if moment <= self._clock() else None

    def _first(self, call: ModelCall) -> ModelCall | None:
        """The call in which a recorded answer was given."""
        about = self.truth.book.about(call.subject, _LOOKED_AT)
        return next((each for each in about if each.key == call.key and not each.cached and each.outcome != "fallback"), None)

    def _shown(self, days: Sequence[OneDay]) -> Iterator[tuple[str, Mail]]:
        refs = {one.ref for day in days for one in day.judgements}
        refs |= {one.ref for day in days for one in day.unusable} | {one.ref for day in days for one in day.drafts}
        for ref in refs:
            try:
                yield ref, self.mirror.reads.mail(ref)
            except UnknownRefError:
                continue
