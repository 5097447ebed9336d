"""Today's occurrences in the owner's zone, all-day ones first, and tomorrow's first one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from butler.core.briefing import Evidence
from butler.core.calendar import Occurrence, Placed
from butler.core.dayplan import declined, in_order
from butler.core.text import one_line
from workflows.briefing.sections.birthdays import celebrated, remark
from workflows.briefing.view import Entry, View
from workflows.briefing.words import day_name, listed, moment, say


def entries(view: View) -> list[Entry]:
    """The lines of the agenda: what is on today, cancelled and moved ones said to be so, then what is first tomorrow."""
    today = in_order([placed for placed in view.gathered.events if is_on(placed.occurrence, view.day, view)])
    found = [_entry(placed, view) for placed in today]
    first = _first_tomorrow(view)
    return found + ([first] if first else [])


def edges(occurrence: Occurrence, view: View) -> tuple[dt.datetime, dt.datetime]:
    """When an occurrence starts and ends in the owner's zone; all-day ones from midnight to midnight."""
    return _at(occurrence.start, view), _at(occurrence.end, view)


def is_on(occurrence: Occurrence, day: dt.date, view: View) -> bool:
    """Whether an occurrence touches a day of the owner's; one without length counts where it starts."""
    if not isinstance(occurrence.start, dt.datetime) and not isinstance(occurrence.end, dt.datetime):
        return occurrence.start <= day < max(occurrence.end, occurrence.start + dt.timedelta(1))
    start, end = edges(occurrence, view)
    return start.date() == day or (start.date() < day and end > _midnight(day, view))


def title(occurrence: Occurrence, limit: int = 80) -> str:
    """An occurrence's summary on one line."""
    return one_line(occurrence.summary, limit) or say("no_title")


def _at(when: dt.datetime | dt.date, view: View) -> dt.datetime:
    return when.astimezone(view.zone) if isinstance(when, dt.datetime) else _midnight(when, view)


def _midnight(day: dt.date, view: View) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), view.zone)


def _entry(placed: Placed, view: View) -> Entry:
    occurrence = placed.occurrence
    what = f"{_when(occurrence, view)} {_what(occurrence)}"
    found = celebrated(placed, view) if occurrence.all_day else None
    cards = [one.ref for one in found.placed] if found else []
    if occurrence.status == "cancelled":
        text, rule, reason = say("cancelled", what=what), "agenda: cancelled", "It was going to be today and is cancelled."
    else:
        text, rule, reason = (
            f"{what}{_remarks(occurrence, view, remark(found) if found else '')}",
            "agenda",
            f"It is on today in the calendar {placed.calendar}.",
        )
    return Entry(text=text, evidence=tuple(Evidence(ref=ref) for ref in (placed.ref, *cards)), rule=rule, reason=reason)


def _what(occurrence: Occurrence) -> str:
    place = one_line(occurrence.location, 50)
    return f"{title(occurrence)}, {place}" if place else title(occurrence)


def _when(occurrence: Occurrence, view: View) -> str:
    """The time as seen today: "09:00–10:00", "22:00–02:00 (Wed 25 Nov)", "until 02:00", "all day, day 2 of 3"."""
    start, end = edges(occurrence, view)
    first, last = start.date(), _last_day(start, end)
    nth = f", {say('day_of', k=(view.day - first).days + 1, n=(last - first).days + 1)}" if last > first else ""
    if occurrence.all_day:
        return f"{say('all_day')}{nth}:"
    clock = "24:00" if end.date() > last else f"{end:%H:%M}"
    if first == last:
        return f"{start:%H:%M}–{clock}" if end > start else f"{start:%H:%M}"
    long = nth if (last - first).days > 1 else ""
    if first == view.day:
        return f"{start:%H:%M}–{clock} ({day_name(last, view.day)}{long})"
    since = say("since", when=moment(start, view.day, view.zone))
    if last == view.day:
        return f"{say('until', when=clock)} ({since}{long})"
    return f"{say('all_day')} ({since}{long})"


def _last_day(start: dt.datetime, end: dt.datetime) -> dt.date:
    """The last day touched: an end at midnight belongs to the day before."""
    return max(start.date(), (end - dt.timedelta(microseconds=1)).date())


def _remarks(occurrence: Occurrence, view: View, first: str) -> str:
    remarks = [first] if first else []
    if occurrence.moved_from is not None:
        remarks.append(say("moved_from", when=moment(occurrence.moved_from, view.day, view.zone)))
    if occurrence.status == "tentative":
        remarks.append(say("tentative"))
    remarks += _answers(occurrence, view)
    return f" ({', '.join(remarks)})" if remarks else ""


def _answers(occurrence: Occurrence, view: View) -> list[str]:
    others = view.others(occurrence.attendees)
    counts = [(key, sum(one.answer == answer for one in others)) for key, answer in _COUNTED]
    said = [say(key, n=count) for key, count in counts if count]
    waiting = [one_line(one.name, 30) or one_line(one.address, 40) for one in others if one.answer == "needs-action"]
    if waiting:
        said.append(say("waiting_for", who=listed(waiting)))
    own = {one.answer for one in occurrence.attendees if view.is_owner(one.address)}
    organizer = occurrence.organizer
    if "needs-action" in own and not (organizer and view.is_owner(organizer.address)):
        said.append(say("you_silent"))
    return said + ([say("you_declined")] if "declined" in own else [])


_COUNTED: Sequence[tuple[str, str]] = (("accepted", "accepted"), ("declined", "declined"), ("maybe", "tentative"))


def _first_tomorrow(view: View) -> Entry | None:
    tomorrow = view.day + dt.timedelta(1)
    timed = [
        placed
        for placed in view.gathered.events
        if not placed.occurrence.all_day
        and placed.occurrence.status != "cancelled"
        and not declined(placed.occurrence, view.owner.addresses)
        and edges(placed.occurrence, view)[0].date() == tomorrow
    ]
    if not timed:
        return None
    first = in_order(timed)[0]
    start, _ = edges(first.occurrence, view)
    return Entry(
        text=say("tomorrow_first", what=f"{start:%H:%M} {_what(first.occurrence)}"),
        evidence=(Evidence(ref=first.ref),),
        rule="agenda: tomorrow's first",
        reason=f"It is the first one of tomorrow with a time, in the calendar {first.calendar}.",
    )
