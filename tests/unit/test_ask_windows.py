"""Times in questions: which windows they are, in eight languages, on days when clocks change, and whatever the text."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.ask.daycounts import easter
from workflows.ask.windows import MOST, Window, find_windows

BERLIN = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2026, 11, 24, 7, tzinfo=BERLIN)
"""A Tuesday."""


def spans(text: str, language: str = "en", now: dt.datetime = NOW) -> list[str]:
    return [span(window) for window in find_windows(text, now, now.tzinfo or BERLIN, language)]  # type: ignore[arg-type]


def span(window: Window) -> str:
    return f"{window.start:%Y-%m-%d %H:%M} {window.stop:%Y-%m-%d %H:%M}"


def day(first: str, last: str = "") -> str:
    start = dt.date.fromisoformat(first)
    return f"{first} 00:00 {last or start + dt.timedelta(1)} 00:00"


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "What is on next Thursday afternoon?", "2026-11-26 12:00 2026-11-26 18:00"),
        ("en", "Am I free tomorrow at 3?", "2026-11-25 15:00 2026-11-25 16:00"),
        ("en", "Am I free on Friday between 2 and 4?", "2026-11-27 14:00 2026-11-27 16:00"),
        ("en", "lunch on Friday at noon", "2026-11-27 12:00 2026-11-27 14:00"),
        ("en", "what came in the last two weeks", day("2026-11-10", "2026-11-25")),
        ("en", "on the 24th", day("2026-11-24")),
        ("en", "mails since Monday", "2026-11-23 00:00 2026-11-24 07:00"),
        ("en", "this weekend", day("2026-11-28", "2026-11-30")),
        ("en", "next weekend", day("2026-12-05", "2026-12-07")),
        ("en", "what is due before Christmas", "2026-11-24 07:00 2026-12-25 00:00"),
        ("en", "by the end of the month", "2026-11-24 07:00 2026-12-01 00:00"),
        ("en", "who wrote yesterday evening", "2026-11-23 17:00 2026-11-24 00:00"),
        ("en", "who wrote on Tuesday", day("2026-11-17")),
        ("en", "Thursday afternoon next week", "2026-12-03 12:00 2026-12-03 18:00"),
        ("en", "Sunday, 6 December 2026", day("2026-12-06")),
        ("en", "from Monday to Wednesday", day("2026-11-30", "2026-12-03")),
        ("en", "what tasks are due this week", day("2026-11-23", "2026-11-30")),
        ("en", "in 2 hours", "2026-11-24 09:00 2026-11-24 10:00"),
        ("de", "Bin ich am Freitagnachmittag frei?", "2026-11-27 12:00 2026-11-27 18:00"),
        ("de", "Was steht am Freitag an?", day("2026-11-27")),
        ("de", "morgen um halb drei", "2026-11-25 14:30 2026-11-25 15:30"),
        ("de", "morgen früh", "2026-11-25 05:00 2026-11-25 12:00"),
        ("de", "zwischen 14 und 16 Uhr am Donnerstag", "2026-11-26 14:00 2026-11-26 16:00"),
        ("de", "nächste Woche Donnerstag", day("2026-12-03")),
        ("de", "in KW 50", day("2026-12-07", "2026-12-14")),
        ("de", "am 24.12. um 18 Uhr", "2026-12-24 18:00 2026-12-24 19:00"),
        ("fr", "qu'est-ce que j'ai la semaine prochaine ?", day("2026-11-30", "2026-12-07")),
        ("fr", "vendredi à 15h", "2026-11-27 15:00 2026-11-27 16:00"),
        ("fr", "du 3 au 5 décembre", day("2026-12-03", "2026-12-06")),
        ("fr", "il y a deux jours", day("2026-11-22")),
        ("es", "el próximo jueves por la tarde", "2026-11-26 12:00 2026-11-26 18:00"),
        ("es", "mañana por la mañana", "2026-11-25 05:00 2026-11-25 12:00"),
        ("it", "venerdì alle 15", "2026-11-27 15:00 2026-11-27 16:00"),
        ("it", "la settimana scorsa", day("2026-11-16", "2026-11-23")),
        ("nl", "vrijdagmiddag", "2026-11-27 12:00 2026-11-27 18:00"),
        ("nl", "gisteravond", "2026-11-23 17:00 2026-11-24 00:00"),
        ("pl", "w przyszłym tygodniu", day("2026-11-30", "2026-12-07")),
        ("pl", "w piątek po południu", "2026-11-27 12:00 2026-11-27 18:00"),
        ("pt", "na sexta à tarde", "2026-11-27 12:00 2026-11-27 18:00"),
    ],
)
def test_a_time_is_one_window(language: str, text: str, found: str) -> None:
    assert spans(text, language) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "3 mails about 2 trees",
        "invoice 1187",
        "the 2nd invoice",
        "may I ask",
        "at once",
        "What does it cost, 30 euros?",
        "a 5% rise",
    ],
)
def test_a_number_that_is_no_time_makes_no_window(text: str) -> None:
    assert spans(text) == []


def test_days_on_which_clocks_change_have_the_hours_that_they_have() -> None:
    autumn, spring = dt.datetime(2026, 10, 20, 9, tzinfo=BERLIN), dt.datetime(2026, 3, 24, 9, tzinfo=BERLIN)
    (long,), (short,) = find_windows("on Sunday", autumn, BERLIN), find_windows("on Sunday", spring, BERLIN)
    assert (long.stop.astimezone(dt.UTC) - long.start.astimezone(dt.UTC)) == dt.timedelta(hours=25)
    assert (short.stop.astimezone(dt.UTC) - short.start.astimezone(dt.UTC)) == dt.timedelta(hours=23)
    (gone,) = find_windows("on 29 March 2026 at 02:30", spring, BERLIN)
    assert gone.start.astimezone(dt.UTC) == dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)


def test_hours_from_now_are_hours_that_pass() -> None:
    before = dt.datetime(2026, 10, 25, 1, 30, tzinfo=BERLIN)
    (window,) = find_windows("in 3 hours", before, BERLIN)
    assert window.start.astimezone(dt.UTC) - before.astimezone(dt.UTC) == dt.timedelta(hours=3)


def test_today_is_the_owners_own() -> None:
    now = dt.datetime(2026, 11, 24, 23, 30, tzinfo=dt.UTC)
    (window,) = find_windows("tomorrow", now, ZoneInfo("Asia/Tokyo"))
    assert window.start == dt.datetime(2026, 11, 26, tzinfo=ZoneInfo("Asia/Tokyo"))


def test_german_what_is_not_english_past() -> None:
    assert spans("Was ist am Montag?", "de") == [day("2026-11-30")]
    assert spans("What was on Monday?") == [day("2026-11-23")]


@pytest.mark.parametrize(("year", "found"), [(2024, (3, 31)), (2026, (4, 5)), (2038, (4, 25)), (2285, (3, 22))])
def test_easter_is_when_it_is(year: int, found: tuple[int, int]) -> None:
    assert easter(year) == dt.date(year, *found)


_WORDS = (
    "next last on at the friday am 24. 31.2. 2026-99-99 february 30 tomorrow noon between 2 and 4 0 99 uhr in weeks seit vor "
    "bis morgen mañana à de - – : . week kw 54 easter 9999 0000"
)
_PIECES = st.sampled_from(_WORDS.split(" "))


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=14), st.sampled_from(["en", "de", "fr", "es", "it", "nl", "pl", "pt"]))
def test_whatever_is_asked_windows_are_in_order_and_end_after_they_begin(pieces: list[str], language: str) -> None:
    text = " ".join(pieces)
    found = find_windows(text, NOW, BERLIN, language)
    assert len(found) <= MOST
    for window in found:
        assert window.start <= window.stop
        assert 0 <= window.begin < window.end <= len(text)
        assert window.words
