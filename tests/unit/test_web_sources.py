"""Sources as a page shows them: quoted words marked where they stand, and as much around them as helps."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from butler.core.calendar import Attendee, Occurrence, Placed, PlacedTask, Task
from butler.core.mail import Address, Attachment, Mail, Message
from butler.core.notes import PlacedNote
from butler.web import sources

NOW = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
LONG = "\n".join(f"line {number} of many that say nothing" for number in range(200))


def mail(text: str = "", **more: Any) -> Mail:
    message = Message("1", frozenset(), 0, 0, "m@x.example", NOW, "Choir", Address("Tom", "tom@x.example"), text=text, **more)
    return Mail("mail:home/m@x.example", "home", "INBOX", 1, NOW, sent=False, content_hash="", message=message)


def guests(count: int) -> Placed:
    people = tuple(Attendee(f"Guest {number}", f"g{number}@x.example", "accepted") for number in range(count))
    return Placed("event:w/a", "w", Occurrence("a", "", "Feast", NOW, NOW, attendees=people))


def test_quoted_words_are_found_as_they_were_grounded() -> None:
    found = sources.words("Dear Anna,\n\ncan  we “meet” –\nnow?\n\nTom", 'CAN WE "MEET" - now?')
    assert found == sources.Words("Dear Anna,\n\n", "can  we “meet” –\nnow?", "\n\nTom")


def test_words_that_do_not_stand_there_are_not_marked() -> None:
    assert sources.words("Dear Anna", "can we meet?") is None
    assert sources.words("Dear Anna", None) is None
    assert sources.marked("Dear Anna", "can we meet?") == sources.Words("Dear Anna", "", "")


def test_around_words_in_a_long_text_is_enough_and_no_more() -> None:
    found = sources.words(LONG, "line 100 of many that say nothing")
    assert found is not None
    assert (found.quoted, found.cut_before, found.cut_after) == ("line 100 of many that say nothing", True, True)
    assert found.before.startswith("line ")
    assert sources.AROUND // 2 <= len(found.before) <= sources.AROUND
    assert sources.AROUND - 40 <= len(found.after) <= sources.AROUND
    whole = sources.marked(LONG, "line 100 of many that say nothing")
    assert whole.before + whole.quoted + whole.after == LONG
    assert whole.quoted == found.quoted


def test_a_text_of_one_endless_word_is_cut_all_the_same() -> None:
    found = sources.words(f"{'x' * 5_000} right here {'y' * 5_000}", "right here")
    assert found is not None
    assert found.quoted == "right here"
    assert len(found.before) + len(found.after) <= 2 * sources.AROUND


def test_what_could_trick_the_reader_is_taken_out_of_all_pieces() -> None:
    found = sources.words("a\u202eb\x1b[31m can we\u200b meet\u2066 \u202ec", "can we meet")
    assert found is not None
    assert (found.before, found.quoted, found.after) == ("ab[31m ", "can we meet", " c")


def test_the_line_of_a_note_is_marked_with_the_lines_around_it() -> None:
    note = "\n".join(f"line {number}" for number in range(1, 21))
    found = sources.line_words(note, 10)
    assert found is not None
    assert (found.before, found.quoted) == ("line 5\nline 6\nline 7\nline 8\nline 9\n", "line 10")
    assert (found.after, found.cut_before, found.cut_after) == ("\nline 11\nline 12\nline 13\nline 14\nline 15", True, True)
    assert sources.line_words(note, 1) == sources.Words(
        "", "line 1", "\nline 2\nline 3\nline 4\nline 5\nline 6", cut_after=True
    )
    assert sources.line_words(note, 21) is None
    whole = sources.line_marked(note, 10)
    assert (whole.before + whole.quoted + whole.after, whole.quoted) == (note, "line 10")
    assert sources.line_marked(note, 99) == sources.Words(note, "", "")


def test_of_very_many_people_some_are_named_some_opened_and_the_rest_counted() -> None:
    (group,) = sources.people_of(guests(10_000))
    assert (group.role, len(group.first), len(group.more), group.total) == ("With", sources.PEOPLE, sources.MORE_PEOPLE, 10_000)
    assert group.left == 10_000 - sources.PEOPLE - sources.MORE_PEOPLE
    assert group.first[0] == "Guest 0 <g0@x.example>: accepted"
    page, total = sources.everybody(guests(10_000), 9_500, 1_000)
    assert (len(page), total, page[-1]) == (500, 10_000, "With: Guest 9999 <g9999@x.example>: accepted")


def test_a_mail_names_whom_it_went_to_by_role() -> None:
    found = mail(to=(Address("Anna", "a@x.example"),), cc=(Address("", "b@x.example"),))
    assert [(group.role, group.first, group.left) for group in sources.people_of(found)] == [
        ("To", ("Anna <a@x.example>",), 0),
        ("Cc", ("b@x.example",), 0),
    ]
    assert sources.sender_of(found) == "Tom <tom@x.example>"


def test_everything_has_a_title_and_a_text() -> None:
    task = PlacedTask("task:t/1", "t", Task("1", "", description="Flour"))
    note = PlacedNote("file:n/a.md", "n", "a.md", NOW, "", "words")
    shown = (mail("Hello"), guests(0), task, note)
    assert [sources.title_of(one) for one in shown] == ["Choir", "Feast", "(no title)", "a.md"]
    assert [sources.text_of(one) for one in shown] == ["Hello", "", "Flour", "words"]
    assert sources.people_of(task) == []


def test_attachments_are_told_by_name_kind_and_size() -> None:
    found = mail(attachments=(Attachment("plan.pdf", "application/pdf", 12_345), Attachment("", "image/png", 1)))
    assert sources.sizes(found) == ["plan.pdf (application/pdf, 12,345 bytes)", "unnamed (image/png, 1 bytes)"]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", "every week on Mon, Thu"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;WKST=MO", "every 2 weeks on Fri"),
        ("FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;BYDAY=2TU"),
        ("FREQ=YEARLY;BYMONTH=3", "FREQ=YEARLY;BYMONTH=3"),
        ("FREQ=NEVER", "FREQ=NEVER"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_plain_recurrence_is_said_in_words_and_an_odd_one_as_it_is(rule: str, words: str) -> None:
    assert sources.repeats(rule) == words
