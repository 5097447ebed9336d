"""What the sections make of reminders, invitations, old tasks and things kept elsewhere."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from briefing_day import DAY, NOW, at, composed, day_lines, event, from_anna, gathered, mail, note, person, task


def invitation(uid: str, start: str, *, method: str = "REQUEST", more: str = "") -> str:
    zone = "BEGIN:VTIMEZONE\r\nDTSTART:20991231T000000\r\nEND:VTIMEZONE\r\n"
    meeting = f"BEGIN:VEVENT\r\nUID:{uid}\r\n{start}\r\n{more}END:VEVENT\r\n"
    return f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\n{zone}{meeting}END:VCALENDAR\r\n"


def test_a_reminder_does_not_shorten_the_wait() -> None:
    first = mail("Could you send the report?", thread=5, when=at(16, 9))
    again = mail("Any news on it?", thread=5, when=at(23, 9))
    [line] = day_lines("reply", gathered([first, again]))
    assert line.startswith("Tom Winter: “Any news on it?” (waiting 8 days;")


@pytest.mark.parametrize(
    ("start", "more", "shown"),
    [
        ("DTSTART:20261110T100000Z", "", False),
        ("DTSTART;TZID=Europe/Berlin:20261123T100000", "", False),
        ("DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261125\r\n", True),
        ("DTSTART:20261124T100000Z", "", True),
        ("DTSTART:20261110T100000Z", "RRULE:FREQ=WEEKLY\r\n", True),
        ("SUMMARY:no time", "", True),
    ],
)
def test_an_invitation_to_what_is_over_waits_no_more(start: str, more: str, shown: bool) -> None:
    invite = mail("", subject="Review", calendar=invitation("a", start, more=more))
    assert (len(day_lines("reply", gathered([invite]))) == 1) is shown


def test_an_invitation_called_off_waits_no_more_until_it_comes_again() -> None:
    start = "DTSTART:20261127T100000Z"
    invite = mail("", subject="Review", calendar=invitation("a", start), when=at(20, 9))
    off = mail("", subject="Cancelled", calendar=invitation("a", start, method="CANCEL"), when=at(21, 9))
    again = mail("", subject="Review again", calendar=invitation("a", start), when=at(22, 9))
    assert day_lines("reply", gathered([invite, off])) == []
    [line] = day_lines("reply", gathered([invite, off, again]))
    assert "Review again" in line


def test_tomorrows_first_is_none_that_the_owner_declined() -> None:
    off = event("Breakfast", at(25, 7), at(25, 8), attendees=(person("anna@berger.example", "declined"),))
    lunch = event("Lunch", at(25, 12), at(25, 13))
    assert day_lines("agenda", gathered(events=[off, lunch])) == ["tomorrow first: 12:00 Lunch"]


def test_what_is_long_overdue_comes_last() -> None:
    tasks = [task("Ancient", dt.date(2025, 1, 1), priority=1), task("Rent", dt.date(2026, 11, 20)), task("Cake", DAY)]
    assert day_lines("tasks", gathered(tasks=tasks)) == [
        "overdue since Fri 20 Nov: Rent",
        "due today: Cake",
        "overdue since Wed 1 Jan 2025: Ancient (high priority)",
    ]


def test_an_open_box_of_a_note_stays_for_two_weeks_and_a_sentence_for_three_days() -> None:
    text = "- [ ] taxes by 2026-11-12\n- [ ] roof by 2026-11-09\nPlease call by 2026-11-19."
    [line] = day_lines("deadlines", gathered(notes=[note(text, modified=at(9, 9))]))
    assert line == "overdue since Thu 12 Nov: “- [ ] taxes by 2026-11-12” (note house.md)"


def test_a_list_mail_that_names_the_owner_in_copy_is_no_newsletter() -> None:
    post = mail("See #42", to=("code@lists.example",), cc=("anna@berger.example",), list_id="code.lists.example")
    assert day_lines("reading", gathered(bulk=[post])) == ["1 mail on a list: code.lists.example"]


def test_a_promise_is_kept_by_a_mail_of_its_own_about_it() -> None:
    promise = from_anna("I'll send you the photos tomorrow.", subject="Sunday", when=at(18, 9))
    kept = from_anna("Here they are.", subject="The photos", when=at(20, 9))
    other = from_anna("Here they are.", subject="The photos", when=at(20, 9), to=("eva@nordwind.example",))
    about = from_anna("See you tomorrow.", subject="Dinner tomorrow", when=at(20, 9))
    assert len(day_lines("promised", gathered([], [promise, other, about]))) == 1
    assert day_lines("promised", gathered([], [promise, kept])) == []


def test_one_answer_to_a_mail_and_its_reminder_is_told_once() -> None:
    first = mail("Could you send the report?", thread=5, when=at(20, 9))
    again = mail("Any news on it?", thread=5, when=at(22, 9))
    before = composed(gathered([first, again])).snapshot
    answer = from_anna("Here.", thread=5, when=at(23, 9))
    assert day_lines("changes", gathered([first, again], [answer], before=before)) == [
        "you answered Tom Winter: “Any news on it?”"
    ]


def test_what_moved_out_of_sight_is_not_said_to_be_deleted() -> None:
    dentist = event("Dentist", at(26, 9), at(26, 10))
    before = composed(replace(gathered(ahead=[dentist]), now=NOW - dt.timedelta(1), day=DAY - dt.timedelta(1))).snapshot
    assert day_lines("changes", gathered(before=before)) == ["no longer in the next two weeks: Dentist, Thu 26 Nov 09:00"]
