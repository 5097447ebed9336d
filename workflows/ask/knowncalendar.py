"""Answers that the calendar holds: when the owner is free, what is on, what comes next, when and where something is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from butler.core.asking import Answer
from butler.core.calendar import Occurrence, Placed
from butler.core.context import Context
from butler.core.dayplan import Span, declined, in_order, takes_time
from butler.core.localtime import day_start, moment_of
from butler.core.remembering import Remembered
from workflows.ask import says
from workflows.ask.dayhits import fold
from workflows.ask.followups import PRONOUNS
from workflows.ask.intents import Intent, content_words
from workflows.ask.windows import Window, is_past
from workflows.ask.wording import MOST_LINES, Wording
from workflows.remembered import MeetingHours, meeting_hours, spoken_against

_DAY = dt.timedelta(days=1)
_AHEAD = (30, 120, 400)
"""So many days are looked through for an event, further where nothing was found."""
_NEXT_DAYS = 60
_WEEK_DAYS, _MOST_DAYS = 7, 10
_SATURDAY = 5
_SHORT_MINUTES = 15
_STEM = 4
_MOST_EVENTS = 3
_WORD = re.compile(r"[^\W_]+")
_EVENTS = (
    "appointment meeting event termin verabredung treffen rendez-vous reunion cita appuntamento riunione afspraak vergadering "
    "spotkanie compromisso reuniao"
)
_EVENT_WORDS = frozenset(_EVENTS.split(" "))


def agenda(context: Context, intent: Intent, wording: Wording) -> Answer | None:
    """What is on in a window."""
    window = intent.window
    if window is None:
        return None
    events = [placed for placed in events_between(context, window.start, window.stop) if in_daily(placed, window, context)]
    when = says.window(wording.language, window, wording.today, wording.zone)
    if not events:
        wording.say("nothing_on", when=when)
        return wording.answer()
    cites = [wording.event(placed) for placed in events]
    wording.say("one_on" if len(events) == 1 else "many_on", cites[:MOST_LINES], when=when, n=len(events))
    is_day = window.stop - window.start <= _DAY
    for placed, cite in list(zip(events, cites, strict=True))[:MOST_LINES]:
        wording.say("event", [cite], what=_event(placed.occurrence, wording, dated=not is_day))
    if len(events) > MOST_LINES:
        wording.say("more", cites[MOST_LINES:], n=len(events) - MOST_LINES)
    return wording.answer()


def free(context: Context, intent: Intent, wording: Wording) -> Answer | None:
    """When the owner is free, or whether they are at a time."""
    window = intent.window or coming_days(context)
    start = max(window.start, context.now.astimezone(wording.zone)) if window.stop > context.now else window.start
    events = events_between(context, start, window.stop)
    if window.moment:
        return _at_moment(context, Span(start, window.stop), events, window, wording)
    hours = meeting_hours(context.remembered)
    for span in list(_hours(context, window, start, hours))[:_MOST_DAYS]:
        _free_line(context, span, events, wording, is_part=not (window.day or window.stop - window.start > _DAY))
    _because(hours.because, wording)
    return wording.answer()


def _because(remembered: Sequence[Remembered], wording: Wording) -> None:
    """Say what the owner wants remembered about their hours, in their words."""
    for each in remembered:
        wording.add(f"“{says.title(each.text)}”")


def upcoming(context: Context, intent: Intent, wording: Wording) -> Answer | None:
    """What comes next, perhaps with somebody."""
    events = events_between(context, context.now, context.now + _NEXT_DAYS * _DAY)
    asked = _WORD.findall(intent.who)
    coming = [placed for placed in events if _is_ahead(placed, context) and all(_names(placed, word) for word in asked)]
    if not coming and intent.who:
        return None
    if not coming:
        wording.say("next_none", n=_NEXT_DAYS)
        return wording.answer()
    first = min(coming, key=lambda placed: (_start(placed.occurrence, context), placed.ref))
    wording.say("next_is", [wording.event(first)], what=_event(first.occurrence, wording, dated=True))
    return wording.answer()


def when_is(context: Context, intent: Intent, wording: Wording) -> Answer | None:
    """When, and where, an event is that is named by words of its title; None where none is called so."""
    asked = title_words(intent.what)
    # What "it" is, the loop finds out.
    if not asked or any(word in PRONOUNS for word in (*asked, *intent.what.split())):
        return None
    if intent.kind == "where" and not any(len(word) >= _STEM for word in asked):
        return None
    past = is_past(fold(context.question.text), wording.language) if context.question else False
    found = called(context, asked, intent.window, past=past)
    if not found or (intent.kind == "where" and not any(placed.occurrence.location.strip() for placed in found)):
        return None
    for placed in found:
        wording.say("event", [wording.event(placed)], what=_event(placed.occurrence, wording, dated=True))
    return wording.answer()


def day(context: Context, intent: Intent, wording: Wording) -> Answer | None:
    """Which day a time is that the question names; without one, what day and time it is."""
    window = intent.window
    told = says.window(wording.language, window, wording.today, wording.zone) if window else wording.when(context.now)
    wording.add(f"{told[:1].upper()}{told[1:]}.")
    return wording.answer()


def title_words(what: str) -> list[str]:
    """The words of an event's title in a question; "appointment" and its like only where there are no others."""
    asked = [re.sub(r"'s?$", "", word) for word in content_words(what.replace("-", " "))]
    return [word for word in asked if word not in _EVENT_WORDS] or asked


def called(context: Context, asked: Sequence[str], window: Window | None, *, past: bool) -> list[Placed]:
    """The next occurrence, or the last one, of each event that is called so; of one that is cancelled the one after it, too."""
    if window is not None:
        events = [placed for placed in events_between(context, window.start, window.stop) if in_daily(placed, window, context)]
        # "The meeting at three" is what is on then, whatever it is called.
        return _distinct(_matching(events, asked) or (events if _EVENT_WORDS.issuperset(asked) else []))
    for days in _AHEAD:
        edge = context.now + (-days if past else days) * _DAY
        matching = _matching(events_between(context, min(edge, context.now), max(edge, context.now)), asked)
        if matching:
            return _distinct(matching[::-1] if past else matching)
    return []


def _matching(events: Sequence[Placed], asked: Sequence[str]) -> list[Placed]:
    return [placed for placed in events if all(_holds(placed.occurrence.summary, word) for word in asked)]


def _distinct(events: Sequence[Placed]) -> list[Placed]:
    found: list[Placed] = []
    settled: set[str] = set()
    for placed in events:
        if placed.occurrence.uid not in settled:
            found.append(placed)
        if placed.occurrence.status != "cancelled":
            settled.add(placed.occurrence.uid)
    return found[:_MOST_EVENTS]


def _holds(text: str, word: str) -> bool:
    """Whether a title has a word like this one: it begins alike, or holds it in a longer one."""
    if len(word) < _STEM:
        return any(token in (word, f"{word}s") for token in _WORD.findall(fold(text)))
    stem = word if len(word) <= _STEM + 1 else word[: max(_STEM, len(word) - 2)]
    return any(token.startswith(stem) or (len(word) > _STEM and word in token) for token in _WORD.findall(fold(text)))


def _names(placed: Placed, word: str) -> bool:
    occurrence = placed.occurrence
    people = (*occurrence.attendees, *((occurrence.organizer,) if occurrence.organizer else ()))
    named = " ".join((occurrence.summary, *(f"{one.name} {one.address}" for one in people)))
    return word in _WORD.findall(fold(named))


def events_between(context: Context, start: dt.datetime, stop: dt.datetime) -> list[Placed]:
    """The events that touch a stretch of time, in order, without those that the owner declined."""
    zone = context.owner.zone
    events = context.reads.occurrences(start, stop)
    owner = context.owner.addresses
    touching = [one for one in events if _start(one.occurrence, context) < stop and _end(one.occurrence, context) > start]
    kept = [one for one in touching if not declined(one.occurrence, owner)]
    return sorted(in_order(kept), key=lambda one: _start(one.occurrence, context).astimezone(zone).date())


def _start(occurrence: Occurrence, context: Context) -> dt.datetime:
    return _moment(occurrence.start, context)


def _end(occurrence: Occurrence, context: Context) -> dt.datetime:
    end = _moment(occurrence.end, context)
    # What takes no time stands in the window that it begins in.
    return max(end, _start(occurrence, context) + dt.timedelta(seconds=1))


def _moment(when: dt.datetime | dt.date, context: Context) -> dt.datetime:
    return when.astimezone(dt.UTC) if isinstance(when, dt.datetime) else day_start(when, context.owner.zone)


def _is_ahead(placed: Placed, context: Context) -> bool:
    occurrence = placed.occurrence
    return _start(occurrence, context) >= context.now and occurrence.status != "cancelled"


def in_daily(placed: Placed, window: Window, context: Context) -> bool:
    """Whether an event touches the hours of each day that are meant."""
    if window.daily is None:
        return True
    days = _days(window.start, window.stop, context)
    spans = (_span(day, *window.daily, context) for day in days)
    begins, ends = _start(placed.occurrence, context), _end(placed.occurrence, context)
    return any(begins < span.stop_at and ends > span.begin_at for span in map(_Edges, spans))


class _Edges:
    """The edges of a span in UTC."""

    def __init__(self, span: Span) -> None:
        self.begin_at = span.start.astimezone(dt.UTC)
        self.stop_at = span.end.astimezone(dt.UTC)


def _event(occurrence: Occurrence, wording: Wording, *, dated: bool) -> str:
    return says.event(wording.language, occurrence, wording.today, wording.zone, dated=dated)


def coming_days(context: Context) -> Window:
    """The week that begins now, for what is asked without a time."""
    today = context.now.astimezone(context.owner.zone).date()
    stop = day_start(today + _WEEK_DAYS * _DAY, context.owner.zone).astimezone(context.owner.zone)
    return Window("", 0, 0, context.now.astimezone(context.owner.zone), stop)


def _days(start: dt.datetime, stop: dt.datetime, context: Context) -> Iterator[dt.date]:
    zone = context.owner.zone
    day, last = start.astimezone(zone).date(), (stop - dt.timedelta(seconds=1)).astimezone(zone).date()
    while day <= last:
        yield day
        day += _DAY


def _span(day: dt.date, first: int, last: int, context: Context) -> Span:
    zone = context.owner.zone

    def at(minutes: int) -> dt.datetime:
        days, rest = divmod(minutes, 24 * 60)
        found = moment_of(day + days * _DAY, dt.time(*divmod(rest, 60)), zone)
        return (found or day_start(day + days * _DAY, zone)).astimezone(zone)

    return Span(at(first), at(last))


def _hours(context: Context, window: Window, start: dt.datetime, hours: MeetingHours) -> Iterator[Span]:
    """The hours that are meant: a part of a day as it was named, of whole days those in which the owner meets people."""
    if not window.day and window.daily is None and window.stop - window.start < _DAY:
        earliest = _span(start.astimezone(context.owner.zone).date(), context.options.day_start * 60, 24 * 60, context).start
        yield Span(max(start, earliest) if earliest < window.stop else start, window.stop)
        return
    options = context.options
    opens, closes = max(options.day_start, hours.earliest), min(options.day_end, hours.latest)
    first, last = window.daily or (round(opens * 60), round(closes * 60))
    days = list(_days(start, window.stop, context))
    for day in days:
        if len(days) > 1 and (day.weekday() in hours.days_off or (day.weekday() >= _SATURDAY and len(days) > 2)):
            continue
        span = _span(day, first, last, context)
        if span.end > start:
            yield Span(max(span.start, start), span.end)


def busy_in(context: Context, span: Span, events: Sequence[Placed]) -> list[Placed]:
    """What takes the owner's time in a span, stays of several days among it."""
    owner, start, end = context.owner.addresses, span.start.astimezone(dt.UTC), span.end.astimezone(dt.UTC)
    found = []
    for placed in events:
        occurrence = placed.occurrence
        stays = occurrence.all_day and occurrence.busy and occurrence.status != "cancelled"
        stays = stays and _end(occurrence, context) - _start(occurrence, context) > 1.5 * _DAY
        touches = _start(occurrence, context) < end and _end(occurrence, context) > start
        if touches and (takes_time(occurrence, owner) or stays):
            found.append(placed)
    return found


def _at_moment(context: Context, span: Span, events: Sequence[Placed], window: Window, wording: Wording) -> Answer:
    busy = busy_in(context, span, events)
    when = says.window(wording.language, window, wording.today, wording.zone)
    if not busy:
        wording.say("free_yes", when=when)
        begins, ends = span.start.astimezone(wording.zone), span.end.astimezone(wording.zone)
        _because(spoken_against(context.remembered, begins, ends), wording)
        return wording.answer()
    wording.say("free_no", [wording.event(placed) for placed in busy], when=when)
    for placed in busy[:MOST_LINES]:
        wording.say("event", [wording.event(placed)], what=_event(placed.occurrence, wording, dated=False))
    return wording.answer()


def _free_line(context: Context, span: Span, events: Sequence[Placed], wording: Wording, *, is_part: bool) -> None:
    """One sentence on the free stretches of one day's hours; it rests on what lies between them."""
    busy = busy_in(context, span, events)
    least = min(context.options.free_minutes, _SHORT_MINUTES) if is_part else context.options.free_minutes
    gaps = [gap for gap in _gaps(context, span, busy) if gap.minutes >= least]
    day = says.day(wording.language, span.start.astimezone(wording.zone).date(), wording.today)
    cites = [wording.event(placed) for placed in busy]
    if not gaps:
        wording.say("free_none", cites, when=day)
        return
    spans = ", ".join(says.clock(gap.start.astimezone(wording.zone), gap.end.astimezone(wording.zone)) for gap in gaps)
    wording.say("free_list", cites, when=day, spans=spans)


def _gaps(context: Context, span: Span, busy: Sequence[Placed]) -> Iterator[Span]:
    at, end = span.start.astimezone(dt.UTC), span.end.astimezone(dt.UTC)
    for placed in sorted(busy, key=lambda one: _start(one.occurrence, context)):
        begins, ends = _start(placed.occurrence, context), _end(placed.occurrence, context)
        if begins > at:
            yield Span(at, min(begins, end))
        at = max(at, ends)
    if at < end:
        yield Span(at, end)
