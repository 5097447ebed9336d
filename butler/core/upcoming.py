"""Which events are to be prepared now, pure: it reads no clock and no mirror."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from butler.core.jobs import Job, On, request_of, slot_of
from butler.core.requests import Request

if TYPE_CHECKING:
    from butler.core.calendar import Occurrence, Placed

Trait = Literal["others", "place"]
"""Somebody else takes part; it has a place."""


@dataclass(frozen=True, slots=True)
class EventWish:
    """Which events are prepared: of these calendars (all where there are none), with one of these traits (all likewise).

    `addresses` are the owner's, in lower case.
    """

    addresses: frozenset[str]
    traits: tuple[Trait, ...] = ("others",)
    calendars: Collection[str] = ()


def due_meetings(
    occurrences: Iterable[Placed], prepared: Collection[tuple[str, str]], now: datetime, job: Job, wish: EventWish
) -> list[Request]:
    """The requests for the events that begin within the job's minutes and have not begun, earliest first.

    `prepared` are the jobs and slots that were asked for. An occurrence has one slot for each day (UTC) on which it was to
    begin: it is prepared once, and once more only when it is moved to another day.
    """
    minutes = job.when.minutes if isinstance(job.when, On) else 0
    until = now.astimezone(UTC) + timedelta(minutes=minutes)
    ahead = [
        (start, placed)
        for placed in occurrences
        if (start := _start(placed.occurrence)) and now < start <= until and _is_wanted(placed, wish)
    ]
    found: dict[str, Request] = {}
    for start, placed in sorted(ahead, key=lambda pair: (pair[0], pair[1].ref)):
        slot = slot_of(placed.ref, f"{start:%Y%m%d}")
        if (job.name, slot) not in prepared:
            found.setdefault(slot, request_of(job, slot))
    return list(found.values())


def _start(occurrence: Occurrence) -> datetime | None:
    """When it begins, in UTC: times of one zone are not to be reckoned with over a change of its offset."""
    return occurrence.start.astimezone(UTC) if isinstance(occurrence.start, datetime) else None


def _is_wanted(placed: Placed, wish: EventWish) -> bool:
    occurrence = placed.occurrence
    if occurrence.status == "cancelled" or _is_declined(occurrence, wish.addresses):
        return False
    if wish.calendars and placed.calendar not in wish.calendars:
        return False
    has = {"others": _has_others(occurrence, wish.addresses), "place": bool(occurrence.location.strip())}
    return not wish.traits or any(has[trait] for trait in wish.traits)


def _is_declined(occurrence: Occurrence, own: frozenset[str]) -> bool:
    return any(each.address in own and each.answer == "declined" for each in occurrence.attendees)


def _has_others(occurrence: Occurrence, own: frozenset[str]) -> bool:
    people = [*occurrence.attendees, *([occurrence.organizer] if occurrence.organizer else [])]
    return any(each.address not in own for each in people)
