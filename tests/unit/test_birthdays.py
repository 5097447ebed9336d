"""Birthdays and anniversaries in the briefing: which days, how old, and nothing said twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from briefing_day import ANNA, DAY, OPTIONS, composed, day_lines, event, gathered, judged
from contact_cards import contact

from butler.core.contacts import PlacedContact, YearDay
from workflows.briefing.compose import compose

EVA = contact("Eva Roth", (11, 26, 1980))


def lines(*found: PlacedContact, days: int = 7) -> list[str]:
    return day_lines("birthdays", gathered(celebrations=found), replace(OPTIONS, birthday_days=days))


def on(day: int, month: int = 11) -> dt.date:
    return dt.date(2026, month, day)


def test_each_is_told_by_day_with_the_age_where_the_year_is_known() -> None:
    tom = contact("Tom", (11, 24))
    ines = contact("Inês", (12, 1, 1979), anniversary=YearDay(11, 25, 2001))
    assert lines(EVA, tom, ines) == [
        "today: birthday of Tom",
        "Wed 25 Nov, tomorrow: anniversary of Inês (25 years)",
        "Thu 26 Nov, in 2 days: birthday of Eva Roth (turns 46)",
        "Tue 1 Dec, in 7 days: birthday of Inês (turns 47)",
    ]


def test_what_is_too_far_or_over_is_left_out() -> None:
    assert lines(EVA, days=1) == []
    assert lines(EVA, days=2) == ["Thu 26 Nov, in 2 days: birthday of Eva Roth (turns 46)"]
    assert lines(contact("Ida", (11, 23, 1990))) == []
    assert lines(contact("Not yet born", (11, 25, 2030))) == []
    assert lines(contact("Born today", (11, 24, 2026))) == ["today: birthday of Born today"]


def test_the_turn_of_the_year_is_no_border() -> None:
    found = gathered(celebrations=[contact("Sylvia", (1, 1, 2000))], day=dt.date(2026, 12, 31))
    assert day_lines("birthdays", found) == ["Fri 1 Jan, tomorrow: birthday of Sylvia (turns 27)"]


@pytest.mark.parametrize(("year", "day"), [(2026, dt.date(2026, 2, 28)), (2028, dt.date(2028, 2, 29))])
def test_who_was_born_on_a_leap_day_has_a_birthday_each_year(year: int, day: dt.date) -> None:
    assert list(YearDay(2, 29, 2000).between(dt.date(year, 2, 1), dt.date(year, 3, 31))) == [day]
    found = gathered(celebrations=[contact("Lea", (2, 29, 2000))], day=day)
    assert day_lines("birthdays", found) == [f"today: birthday of Lea (turns {year - 2000})"]


def test_every_line_cites_its_card() -> None:
    (section,) = [one for one in composed(gathered(celebrations=[EVA])).sections if one.name == "birthdays"]
    assert [[each.ref for each in line.evidence] for line in section.lines] == [["contact:friends/eva-roth"]]
    assert {line.by for line in section.lines} == {"code"}


def test_one_person_on_two_cards_is_one_line_and_years_that_differ_are_none() -> None:
    other = contact("EVA ROTH", (11, 26), book="work")
    found = composed(gathered(celebrations=[EVA, other]))
    (line,) = next(one.lines for one in found.sections if one.name == "birthdays")
    assert line.text == "Thu 26 Nov, in 2 days: birthday of Eva Roth (turns 46)"
    assert [each.ref for each in line.evidence] == ["contact:friends/eva-roth", "contact:work/eva-roth"]
    assert lines(EVA, contact("Eva Roth", (11, 26, 1981), book="work")) == ["Thu 26 Nov, in 2 days: birthday of Eva Roth"]


@pytest.mark.parametrize("title", ["Paul's birthday", "Geburtstag Paul Berger", "Pauls Geburtstag", "🎂 Paul"])
def test_what_the_agenda_shows_is_not_said_twice_but_with_the_age(title: str) -> None:
    paul = contact("Paul Berger", (11, 24, 1984))
    found = gathered(celebrations=[paul], events=[event(title, on(24), on(25))])
    assert day_lines("birthdays", found) == []
    assert day_lines("agenda", found) == [f"all day: {title} (turns 42)"]
    (line,) = next(one.lines for one in composed(found).sections if one.name == "agenda")
    assert "contact:friends/paul-berger" in {each.ref for each in line.evidence}


@pytest.mark.parametrize("title", ["Lunch with Paul", "Pauline's birthday", "Birthday party", "Tom's birthday"])
def test_an_event_about_something_else_hides_no_birthday(title: str) -> None:
    paul = contact("Paul Berger", (11, 24, 1984))
    found = gathered(celebrations=[paul], events=[event(title, on(24), on(25))])
    assert day_lines("birthdays", found) == ["today: birthday of Paul Berger (turns 42)"]
    assert day_lines("agenda", found) == [f"all day: {title}"]


def test_a_first_name_that_two_have_is_neither_of_theirs() -> None:
    two = [contact("Paul Berger", (11, 24, 1984)), contact("Paul Klee", (11, 24, 1990))]
    found = gathered(celebrations=two, events=[event("Paul's birthday", on(24), on(25))])
    assert len(day_lines("birthdays", found)) == 2


def test_an_event_of_a_later_day_is_cited_by_the_one_line() -> None:
    found = gathered(celebrations=[EVA], ahead=[event("Eva's birthday", on(26), on(27))])
    (line,) = next(one.lines for one in composed(found).sections if one.name == "birthdays")
    assert [each.ref.partition(":")[0] for each in line.evidence] == ["contact", "event"]


def test_a_birthday_of_the_owner_is_theirs() -> None:
    own = contact("Anna Berger", (11, 24, 1986), addresses=("anna@berger.example",))
    assert lines(own) == ["today: your birthday (turns 40)"]


def test_a_day_with_a_birthday_is_not_quiet() -> None:
    found = gathered(celebrations=[contact("Tom", (11, 24))])
    assert not compose(found, judged(found), ANNA, OPTIONS).quiet
    assert compose(gathered(), judged(gathered()), ANNA, OPTIONS).quiet
    assert found.day == DAY


def test_one_person_on_two_cards_is_found_in_the_calendar_by_their_first_name() -> None:
    two = [contact("Paul Berger", (11, 24, 1984)), contact("Paul Berger", (11, 24, 1984), book="work")]
    found = gathered(celebrations=two, events=[event("Paul's birthday", on(24), on(25))])
    assert day_lines("birthdays", found) == []


def test_an_address_book_full_of_birthdays_fills_no_briefing() -> None:
    crowd = [contact(f"Eva {number}", (11, 24, 1980), uid=str(number)) for number in range(4_000)]
    events = [event(f"Ida's birthday {number}", on(24), on(25)) for number in range(200)]
    made = day_lines("birthdays", gathered(celebrations=crowd, events=events))
    assert (len(made), made[-1]) == (21, "and 3980 more")
