"""Tasks: what is due, what is done, and of those that repeat the next that is open."""

from __future__ import annotations

from datetime import date

import pytest
from ical_text import parsed, todo

from butler.core.calendar import Task


def task(text: str) -> Task:
    (found,) = parsed(text).tasks
    return found


def test_a_task_is_read_whole() -> None:
    found = task(
        todo(
            "SUMMARY:Taxes\nDESCRIPTION:Form 4\nDTSTART:20261101T080000Z\nDUE;VALUE=DATE:20261130\n"
            "PRIORITY:1\nPERCENT-COMPLETE:40"
        )
    )
    assert (found.uid, found.summary, found.description, found.priority, found.percent) == ("t", "Taxes", "Form 4", 1, 40)
    assert (found.due, found.completed, found.cancelled) == (date(2026, 11, 30), False, False)
    assert str(found.start) == "2026-11-01 09:00:00+01:00"


def test_a_task_may_have_neither_start_nor_due_date() -> None:
    found = task(todo("SUMMARY:Some day"))
    assert (found.due, found.start, found.priority, found.percent) == (None, None, 0, 0)


def test_a_start_and_a_duration_make_a_due_date() -> None:
    found = task(todo("DTSTART:20261124T080000Z\nDURATION:PT2H"))
    assert found.due is not None
    assert found.due.isoformat() == "2026-11-24T11:00:00+01:00"


@pytest.mark.parametrize(
    ("lines", "completed", "cancelled"),
    [
        ("STATUS:COMPLETED", True, False),
        ("STATUS:CANCELLED", False, True),
        ("STATUS:IN-PROCESS\nPERCENT-COMPLETE:100", False, False),
        ("PERCENT-COMPLETE:100", True, False),
        ("COMPLETED:20261101T000000Z", True, False),
        ("STATUS:NEEDS-ACTION", False, False),
    ],
)
def test_what_is_done_or_given_up_is_told_apart(lines: str, completed: bool, cancelled: bool) -> None:
    found = task(todo(lines))
    assert (found.completed, found.cancelled) == (completed, cancelled)


@pytest.mark.parametrize("line", ["PRIORITY:77", "PRIORITY:high", "PERCENT-COMPLETE:-5"])
def test_numbers_out_of_bounds_count_as_unset(line: str) -> None:
    found = task(todo(line))
    assert (found.priority, found.percent) == (0, 0)


def test_a_repeating_task_is_due_with_its_first_open_occurrence() -> None:
    done = "RECURRENCE-ID;VALUE=DATE:202611{0}\nDTSTART;VALUE=DATE:202611{0}\nDUE;VALUE=DATE:202611{0}\nSTATUS:COMPLETED"
    master = "DTSTART;VALUE=DATE:20261102\nDUE;VALUE=DATE:20261102\nRRULE:FREQ=WEEKLY\nSUMMARY:Bins"
    assert task(todo(master)).due == date(2026, 11, 2)
    found = task(todo(master) + todo(done.format("02")) + todo(done.format("09")))
    assert (found.due, found.completed, found.summary) == (date(2026, 11, 16), False, "Bins")


def test_a_repeating_task_with_only_a_due_date_gets_no_start() -> None:
    found = task(todo("DUE;VALUE=DATE:20261102\nRRULE:FREQ=WEEKLY"))
    assert (found.due, found.start) == (date(2026, 11, 2), None)


def test_a_repeating_task_with_only_a_start_gets_no_due_date() -> None:
    found = task(todo("DTSTART;VALUE=DATE:20261102\nRRULE:FREQ=WEEKLY"))
    assert (found.due, found.start) == (None, date(2026, 11, 2))


def test_a_repeating_task_whose_occurrences_are_all_done_is_done() -> None:
    done = todo("RECURRENCE-ID;VALUE=DATE:20261102\nDTSTART;VALUE=DATE:20261102\nDUE;VALUE=DATE:20261102\nSTATUS:COMPLETED")
    found = task(todo("DTSTART;VALUE=DATE:20261102\nDUE;VALUE=DATE:20261102\nRRULE:FREQ=WEEKLY;COUNT=1") + done)
    assert found.completed


def test_a_repeating_task_that_is_given_up_stays_so() -> None:
    assert task(todo("DTSTART;VALUE=DATE:20261102\nRRULE:FREQ=WEEKLY\nSTATUS:CANCELLED")).cancelled


def test_a_repeating_task_without_dates_is_read_once() -> None:
    assert task(todo("SUMMARY:x\nRRULE:FREQ=DAILY")).due is None


def test_a_repeating_task_by_a_bomb_of_a_rule_is_due_once() -> None:
    found = parsed(todo("DTSTART:19700101T000000Z\nDUE:19700101T000000Z\nRRULE:FREQ=SECONDLY"))
    assert len(found.tasks) == 1
    assert "too long" in found.problems[0]
