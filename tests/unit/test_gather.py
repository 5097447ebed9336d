"""Gathering: what belongs to the day, what is bulk, and the same mails again after an interruption."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence

import pytest
from briefing_twins import NOW, Memory, Twin, context, letter

from butler.core.calendar import Placed
from butler.core.mail import Mail
from workflows.briefing.gather import gather

PERSONAL = letter("personal@x.example", "Hello")
SENT = letter("sent@x.example", "Hello back", sent=True, days=2, thread=5)
OLD = letter("old@x.example", "Long ago", days=31)


def marked(mail: Mail, *, bulk: bool = False, list_id: str = "", bounce: bool = False) -> Mail:
    return dataclasses.replace(mail, message=dataclasses.replace(mail.message, bulk=bulk, list_id=list_id, bounce=bounce))


NEWS = marked(letter("news@x.example", "News", days=0.5), bulk=True)
LIST = marked(letter("list@x.example", "A list", days=0.5), list_id="talk.x.example")
BOUNCE = marked(letter("bounce@x.example", "Undelivered", days=0.5), bounce=True)
LAST_WEEK = marked(letter("last-week@x.example", "News", days=8), bulk=True)
ALL = Twin((PERSONAL, SENT, OLD, NEWS, LIST, BOUNCE, LAST_WEEK))


def ids(mails: Iterable[Mail]) -> list[str]:
    return [mail.message.key for mail in mails]


def test_candidates_are_the_mails_of_the_window_that_came_neither_by_a_list_nor_as_a_report() -> None:
    found = gather(context(ALL, Memory()), [])
    assert ids(found.candidates) == ["news@x.example", "personal@x.example", "last-week@x.example"]
    assert ids(found.sent) == ["sent@x.example"]
    assert set(found.threads) == {mail.thread for mail in (*found.candidates, SENT)}
    assert found.exchanged == {"tom@nordwind.example": (6, 1)}


def test_what_came_after_the_judging_is_left_to_the_next_briefing() -> None:
    found = gather(context(ALL, Memory()), [], {SENT.ref, PERSONAL.ref})
    assert (ids(found.candidates), ids(found.sent)) == (["personal@x.example"], ["sent@x.example"])


@pytest.mark.parametrize(
    ("before", "counted"),
    [
        (None, ["list@x.example", "news@x.example"]),
        ({"generated_at": (NOW - dt.timedelta(hours=1)).isoformat()}, []),
        ({"generated_at": (NOW - dt.timedelta(days=30)).isoformat()}, ["list@x.example", "news@x.example"]),
        ({"generated_at": "no date"}, ["list@x.example", "news@x.example"]),
        ({"generated_at": "2026-11-24T06:00:00"}, ["list@x.example", "news@x.example"]),
    ],
)
def test_newsletters_are_counted_since_the_last_briefing_and_for_a_week_at_most(
    before: dict[str, str] | None, counted: list[str]
) -> None:
    assert sorted(ids(gather(context(ALL, Memory(before=before)), []).bulk)) == counted


def test_the_day_begins_and_ends_by_the_owners_clock() -> None:
    asked: list[tuple[dt.datetime, dt.datetime]] = []

    class Clocked(Twin):
        def occurrences(self, start: dt.datetime, end: dt.datetime) -> Sequence[Placed]:
            asked.append((start, end))
            return []

    given = dataclasses.replace(context(Clocked(), Memory()), day=dt.date(2026, 10, 24))
    gather(given, [])
    # The clocks go back on the 25th, so two days are 49 hours.
    assert [(start.isoformat(), end.isoformat()) for start, end in asked] == [
        ("2026-10-24T00:00:00+02:00", "2026-10-26T00:00:00+01:00"),
        ("2026-10-24T00:00:00+02:00", "2026-11-07T00:00:00+01:00"),
    ]
