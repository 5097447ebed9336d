"""Invitations and stored objects broken in every way: an edit is a text or an EditError."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from ical_text import CUSTOM_ZONE, event, todo, wrapped
from invitation_mails import ics

from butler.core.payloads import EventFields
from tools.calendar.editing import answer_in, answered, cancelled, last_revised, starts_as, updated
from tools.calendar.itip import answer_of, counter, read_invitation, reply, stored
from tools.calendar.lines import EditError
from tools.calendar.meaning import differences, same
from tools.calendar.merging import merged
from tools.calendar.series import sequence_for
from tools.calendar.tasks import completed

NOW = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ME = "anna@berger.example"
NAME = "20261127T100000Z"
SERIES = "RRULE:FREQ=DAILY;COUNT=5\nEXDATE:20261128T100000Z\nRDATE:20261201T100000Z\nSEQUENCE:2"
WORDS = (
    *(
        "BEGIN:VEVENT",
        "END:VEVENT",
        "BEGIN:VCALENDAR",
        "END:VCALENDAR",
        "RECURRENCE-ID:00010101T000000",
        "DTSTART:99991231T235959Z",
    ),
    *(
        "DTSTART;TZID=Office:00010101T000000",
        "RRULE:FREQ=SECONDLY",
        "RRULE:UNTIL=1",
        "EXDATE:",
        "RDATE:1/2",
        "SEQUENCE:99999999999",
    ),
    *(
        "DURATION:-P9999999999D",
        "ATTENDEE;PARTSTAT:",
        'ATTENDEE;CN="a;b:c',
        ":",
        ";",
        "\0",
        "\u2028",
        "DTEND:19000101",
        "METHOD:X",
    ),
)


def texts() -> list[str]:
    zoned = wrapped("METHOD:REQUEST", CUSTOM_ZONE, event(f"DTSTART;TZID=Office:20261126T100000\nDURATION:PT1H\n{SERIES}"))
    return [
        ics(more=SERIES),
        ics(more=f"RECURRENCE-ID:{NAME}"),
        zoned.decode(),
        wrapped(todo(f"DTSTART:{NAME}\n{SERIES}")).decode(),
    ]


def broken(text: str, dice: random.Random) -> str:
    """Change some lines of a text: swapped, doubled, cut, replaced."""
    lines = text.split("\r\n")
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(lines))
        match dice.randrange(5):
            case 0:
                lines[place] = dice.choice(WORDS)
            case 1:
                lines.insert(place, dice.choice(WORDS))
            case 2:
                lines[place] = lines[place][: dice.randint(0, 20)]
            case 3:
                lines[place] += dice.choice(WORDS)
            case 4:
                del lines[place]
                lines = lines or [""]
    return "\r\n".join(lines)


def edits(text: str) -> list[Callable[[], object]]:
    later = EventFields(start=dt.datetime(2026, 11, 27, 12, tzinfo=BERLIN))
    found = read_invitation(text, BERLIN)
    return [
        lambda: answered(text, ME, "accepted", now=NOW),
        lambda: answered(text, ME, "accepted", NAME, now=NOW),
        lambda: updated(text, later, "all", NAME, now=NOW),
        lambda: updated(text, later, "this", NAME, now=NOW),
        lambda: updated(text, later, "following", NAME, now=NOW),
        lambda: cancelled(text, "this", NAME, now=NOW),
        lambda: cancelled(text, "following", NAME, now=NOW),
        lambda: completed(text, "t", NOW),
        lambda: reply(found, ME, "accepted", "", NOW),
        lambda: counter(found, ME, NOW, NOW + dt.timedelta(hours=1), "", NOW),
        lambda: merged(text, stored(found)),
        lambda: merged(ics(), text),
        lambda: starts_as(text, ics()),
        lambda: last_revised(text),
    ]


def test_whatever_is_broken_is_refused_with_a_sentence_and_nothing_else() -> None:
    dice = random.Random(7)
    for _ in range(40):
        text = broken(dice.choice(texts()), dice)
        for edit in edits(text):
            with suppress(EditError):
                edit()
        # These say what they found, and never raise.
        answer_in(text, {ME}, NAME)
        answer_of(text)
        same(text, ics())
        differences(text, ics())
        sequence_for(text, NAME)


@pytest.mark.parametrize(
    "text",
    [
        ics(more="\n".join(["ATTENDEE:mailto:anna@berger.example"] * 1_500)),
        ics(more="RRULE:FREQ=DAILY\n" + "\n".join(["EXDATE:20261128T100000Z"] * 1_000)),
        ics(more="RRULE:FREQ=DAILY\nEXDATE:" + ",".join(["20261128T100000Z"] * 500)),
        ics(more="X:" + '"' * 200_000),
        ics(more="X;A=" + ";A=" * 50_000),
        ics(more="X:y\n" + " z\n" * 15_000),
        ics(more="RRULE:FREQ=SECONDLY;BYSECOND=1;BYMINUTE=7;BYHOUR=3;BYMONTHDAY=30;BYMONTH=2"),
    ],
)
def test_a_bomb_comes_to_an_end(text: str) -> None:
    for edit in edits(text):
        with suppress(EditError):
            edit()
    same(text, text.replace("Room 4", "Room 5"))
