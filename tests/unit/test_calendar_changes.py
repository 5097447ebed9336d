"""Series that move, go or come are told once; what was read in anew is no change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from briefing_day import DAY, NOW, at, composed, day_lines, event, gathered, person

from butler.core.calendar import Placed
from butler.core.refs import parse_ref
from workflows.briefing.values import Gathered


def series(
    name: str,
    days: Sequence[int],
    hour: int,
    *,
    uid: str = "",
    until: int = 0,
    status: str = "confirmed",
    answer: str = "needs-action",
) -> list[Placed]:
    """The occurrences of a series in November, of an hour each."""
    found = []
    for day in days:
        ref = f"event:family/{uid or name.lower()}/202611{day:02}T{hour:02}0000"
        placed = event(name, at(day, hour), at(day, until or hour + 1), ref=ref, status=status)
        asked = replace(placed.occurrence, uid=uid or name.lower(), attendees=(person("tom@nordwind.example", answer, "Tom"),))
        found.append(replace(placed, occurrence=asked))
    return found


def told(old: Sequence[Placed], new: Sequence[Placed]) -> list[str]:
    """What a briefing says has changed from one calendar to another."""
    yesterday = Gathered(now=NOW - dt.timedelta(1), day=DAY - dt.timedelta(1), sources=(), ahead=old)
    return day_lines("changes", gathered(ahead=new, before=composed(yesterday).snapshot))


def evidence(old: Sequence[Placed], new: Sequence[Placed]) -> list[str]:
    yesterday = Gathered(now=NOW - dt.timedelta(1), day=DAY - dt.timedelta(1), sources=(), ahead=old)
    made = composed(gathered(ahead=new, before=composed(yesterday).snapshot))
    lines = next(section.lines for section in made.sections if section.name == "changes")
    return [one.ref for line in lines for one in line.evidence]


DAYS = range(24, 30)


def test_a_series_that_moves_is_one_line() -> None:
    old, new = series("Yoga", DAYS, 9), series("Yoga", DAYS, 10)
    assert told(old, new) == ["moved: Yoga, from 09:00 to 10:00 (and 5 more times)"]
    assert evidence(old, new) == [placed.ref for placed in new]


def test_a_series_that_moves_to_other_days_is_one_line() -> None:
    moved = ["moved: Yoga, from Wed 25 Nov 09:00 to Thu 26 Nov 09:00 (and once more)"]
    assert told(series("Yoga", [25, 27], 9), series("Yoga", [26, 28], 9)) == moved


def test_one_day_of_a_series_that_goes_cites_the_series() -> None:
    old = series("Yoga", DAYS, 9)
    assert told(old, [*old[:2], *old[3:]]) == ["no longer in the next two weeks: Yoga, Thu 26 Nov 09:00"]
    assert evidence(old, [*old[:2], *old[3:]]) == ["event:family/yoga"]


def test_a_series_that_goes_or_comes_is_one_line() -> None:
    yoga = series("Yoga", DAYS, 9)
    assert told(yoga, []) == ["no longer in the next two weeks: Yoga, 09:00 (and 5 more times)"]
    assert told([], yoga) == ["new: Yoga, 09:00 (and once more)"]


def test_a_series_that_is_cancelled_or_accepted_is_one_line() -> None:
    yoga = series("Yoga", DAYS, 9)
    assert told(yoga, series("Yoga", DAYS, 9, status="cancelled")) == ["cancelled: Yoga, 09:00 (and 5 more times)"]
    assert told(yoga, series("Yoga", DAYS, 9, answer="accepted")) == ["Tom accepted: Yoga, 09:00 (and 5 more times)"]


def test_a_series_that_goes_on_under_another_uid_has_moved() -> None:
    old, new = series("Yoga", DAYS, 9), [*series("Yoga", DAYS[:3], 9), *series("Yoga", DAYS[3:], 18, uid="yoga_r2")]
    assert told(old, new) == ["moved: Yoga, from Fri 27 Nov 09:00 to Fri 27 Nov 18:00 (and 2 more times)"]


def test_a_calendar_that_is_read_in_anew_has_not_changed() -> None:
    assert told(series("Yoga", DAYS, 9), series("Yoga", DAYS, 9, uid="made-anew")) == []


def test_two_events_of_one_title_at_two_times_need_not_be_the_same() -> None:
    old, new = (
        event("Call", at(24, 9), at(24, 10), ref="event:family/a"),
        event("Call", at(25, 15), at(25, 16), ref="event:family/b"),
    )
    new = replace(new, occurrence=replace(new.occurrence, uid="b"))
    assert told([old], [new]) == ["no longer in the next two weeks: Call, 09:00", "new: Call, Wed 25 Nov 15:00"]


def test_an_event_that_moves_out_of_sight_has_moved() -> None:
    old = event("Dentist", at(26, 9), at(26, 10))
    later = dt.datetime(
        2027, 1, 27, 17, tzinfo=old.occurrence.start.tzinfo if isinstance(old.occurrence.start, dt.datetime) else None
    )
    far = replace(old, occurrence=replace(old.occurrence, start=later, end=later + dt.timedelta(hours=1)))
    assert told([old], [far]) == ["moved: Dentist, from Thu 26 Nov 09:00 to Wed 27 Jan 17:00"]
    assert parse_ref(evidence([old], [far])[0]).key == "dentist"


def test_a_day_that_only_comes_into_sight_replaces_none_that_went() -> None:
    december = dt.datetime(2026, 12, 7, 9, tzinfo=NOW.tzinfo)
    last = event("Yoga", december, december + dt.timedelta(hours=1), ref="event:family/yoga/20261207T090000")
    last = replace(last, occurrence=replace(last.occurrence, uid="yoga"))
    old = series("Yoga", DAYS, 9)
    assert told(old, [*old[:2], *old[3:], last]) == ["no longer in the next two weeks: Yoga, Thu 26 Nov 09:00"]
