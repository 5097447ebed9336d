"""Free times: found in the calendar, those that were proposed first, written in each language."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from briefing_twins import NOW, OWNER
from draft_case import busy

from butler.core.calendar import Attendee, Occurrence, Placed
from butler.core.dayplan import Span
from butler.core.owner import BriefingOptions
from workflows.draft_reply import wordings
from workflows.draft_reply.slots import OFFERED, Plan, days_of, offers, proposed

TODAY = dt.date(2026, 11, 24)


def plan(*events: Placed, **options: int) -> Plan:
    return Plan(events, OWNER, BriefingOptions(**options))


def shown(spans: list[Span]) -> list[str]:
    return [f"{span.start:%a %H:%M}" for span in spans]


def all_day(first: int, last: int, *, takes_time: bool = True) -> Placed:
    start, end = dt.date(2026, 11, first), dt.date(2026, 11, last) + dt.timedelta(1)
    return Placed("event:family/trip", "family", Occurrence("trip", "", "Trip", start, end, busy=takes_time))


def test_the_next_working_days_are_offered_two_times_each_from_tomorrow_on() -> None:
    assert shown(offers(plan(), TODAY, ())) == ["Wed 10:00", "Wed 14:00", "Thu 10:00", "Thu 14:00", "Fri 10:00", "Fri 14:00"]
    friday = dt.date(2026, 11, 27)
    assert shown(offers(plan(), friday, ()))[0] == "Mon 10:00"


def test_no_time_is_offered_at_which_something_is_on() -> None:
    given = plan(busy("review", 25, 10, 11), busy("lunch", 25, 13, 15))
    assert shown(offers(given, TODAY, ()))[:2] == ["Wed 09:00", "Wed 16:00"]
    assert all(given.is_free(span) for span in offers(given, TODAY, ()))


def test_a_journey_takes_whole_days_and_a_birthday_takes_none() -> None:
    assert shown(offers(plan(all_day(25, 26)), TODAY, ()))[0] == "Fri 10:00"
    assert shown(offers(plan(all_day(25, 25)), TODAY, ()))[0] == "Wed 10:00"
    assert shown(offers(plan(all_day(25, 26, takes_time=False)), TODAY, ()))[0] == "Wed 10:00"


def test_what_the_owner_declined_leaves_the_time_free() -> None:
    event = busy("review", 25, 10, 11)
    declined = Attendee("Anna", "anna@berger.example", "declined")
    occurrence = Occurrence("r", "", "r", event.occurrence.start, event.occurrence.end, attendees=(declined,))
    assert shown(offers(plan(Placed("event:work/r", "work", occurrence)), TODAY, ()))[0] == "Wed 10:00"


def test_a_proposed_time_comes_first_when_it_is_free_and_is_left_out_when_not() -> None:
    text = "can we meet on Thursday at 11:00 for an hour?"
    (asked,) = proposed(text, TODAY, plan(), NOW)
    assert (asked.free, f"{asked.span.start:%a %H:%M}") == (True, "Thu 11:00")
    assert shown(offers(plan(), TODAY, [asked]))[0] == "Thu 11:00"
    (asked,) = proposed(text, TODAY, plan(busy("review", 26, 11, 12)), NOW)
    assert not asked.free
    assert "Thu 11:00" not in shown(offers(plan(busy("review", 26, 11, 12)), TODAY, [asked]))


def test_a_time_that_is_over_was_not_proposed() -> None:
    assert proposed("can we meet on 20 November at 11:00?", dt.date(2026, 11, 19), plan(), NOW) == []


def test_a_wish_names_days_and_only_those_are_offered() -> None:
    days = days_of("shorter, and offer Thursday", TODAY, OWNER)
    assert days == [dt.date(2026, 11, 26)]
    assert shown(offers(plan(), TODAY, (), days)) == ["Thu 10:00", "Thu 14:00"]
    assert offers(plan(busy("all", 26, 0, 23)), TODAY, (), days) == []
    assert days_of("make it friendlier", TODAY, OWNER) == []


def test_never_more_is_offered_than_a_model_can_choose_from_nor_outside_the_hours() -> None:
    spans = offers(plan(day_start=9, day_end=11), TODAY, ())
    assert len(spans) == OFFERED
    assert {span.start.hour for span in spans} <= {9, 10}


def test_an_hour_is_an_hour_on_the_day_when_clocks_change() -> None:
    zone = ZoneInfo("Europe/Berlin")
    start = dt.datetime(2026, 10, 25, 2, 0, tzinfo=zone)
    event = Placed("event:w/x", "w", Occurrence("x", "", "x", start, start + dt.timedelta(hours=2)))
    assert not plan(event).is_free(Span(start, start + dt.timedelta(hours=1)))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Thursday 26 November, 14:00–15:00"),
        ("de", "Donnerstag, 26. November, 14:00–15:00 Uhr"),
        ("fr", "jeudi 26 novembre, 14:00–15:00"),
        ("es", "jueves 26 de noviembre, 14:00–15:00"),
        ("it", "giovedì 26 novembre, 14:00–15:00"),
        ("nl", "donderdag 26 november, 14:00–15:00"),
        ("pl", "czwartek, 26 listopada, 14:00–15:00"),
        ("pt", "quinta-feira, 26 de novembro, 14:00–15:00"),
    ],
)
def test_a_free_time_is_written_in_the_language_of_the_mail(language: str, words: str) -> None:
    start = dt.datetime(2026, 11, 26, 13, tzinfo=dt.UTC)
    paragraph = wordings.offers(language, [Span(start, start + dt.timedelta(hours=1))], OWNER.zone)
    assert paragraph.split("\n")[1] == f"- {words}"
    assert wordings.is_offers(paragraph)
    assert wordings.offers(language, [], OWNER.zone) == ""
