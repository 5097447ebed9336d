"""Calendar objects by the thousand, for measuring: the same weeks around the day whatever the number."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass

from butler.sample.dice import dice
from butler.sample.scale_text import phrases

NEAR = 200
"""Events of the month before and the month after the day, at any size from twice as many on."""
_MONTH = 30
_YEARS = 5 * 365
_RECURRING = 0.05
_ZONES = ("Europe/Berlin", "Europe/Lisbon", "America/New_York")
_EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//The sample household//butler//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n"
    "DTSTAMP:20200101T000000Z\r\nDTSTART;{start}\r\nDTEND;{end}\r\n{rule}SUMMARY:{summary}\r\nLOCATION:{place}\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A calendar object: the name of its file and its bytes."""

    name: str
    content: bytes


def events(count: int, day: dt.date, seed: int = 7) -> Iterator[StoredEvent]:
    """Yield `count` events, one in twenty recurring; those that touch the months around `day` are always the same."""
    near = min(count // 2, NEAR)
    yield from _span(dice(seed, "old"), "old", count - near, day, (-_YEARS, -6 * _MONTH))
    yield from _span(dice(seed, "near"), "near", near, day, (-_MONTH, _MONTH))


def _span(rng: random.Random, name: str, count: int, day: dt.date, between: tuple[int, int]) -> Iterator[StoredEvent]:
    for number in range(count):
        date = day + dt.timedelta(days=rng.randrange(*between))
        recurring = number % round(1 / _RECURRING) == 0
        yield _event(rng, f"{name}-{number}@scale.example", date, _rule(name) if recurring else "")


def _rule(name: str) -> str:
    """Endless near the day; of the old ones four months, so that none of them reaches it."""
    return "RRULE:FREQ=WEEKLY\r\n" if name == "near" else "RRULE:FREQ=WEEKLY;COUNT=16\r\n"


def _event(rng: random.Random, uid: str, date: dt.date, rule: str) -> StoredEvent:
    summary = rng.choice(phrases()["en"].subjects).decode()
    if rng.random() < 0.1:
        start, end = f"VALUE=DATE:{date:%Y%m%d}", f"VALUE=DATE:{date + dt.timedelta(days=1):%Y%m%d}"
    else:
        begin = dt.datetime.combine(date, dt.time(rng.randrange(7, 20), rng.choice((0, 30))))
        zone = rng.choice(_ZONES)
        start, end = (f"TZID={zone}:{one:%Y%m%dT%H%M%S}" for one in (begin, begin + dt.timedelta(hours=1)))
    place = rng.choice(("Werkstatt", "Kanalufer", "", "Video call"))
    text = _EVENT.format(uid=uid, start=start, end=end, rule=rule, summary=summary, place=place)
    return StoredEvent(f"{uid}.ics", text.encode())
