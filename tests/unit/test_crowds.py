"""A crowd of strangers' mails cannot push out of the briefing what the owner's own people, notes and tasks say."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from briefing_day import DAY, OPTIONS, at, day_lines, gathered, mail, note, task

from butler.core.mail import Mail
from workflows.briefing.sections.deadlines import SHOWN

TOM = mail("Could you send me the plan by 1 December 2026?", thread=1)
NOTED = note("Submit the plan by 3 December 2026.\n")
DUE = task("Pay the club", DAY + dt.timedelta(days=9))
KNOWN = {"tom@nordwind.example": (9, 9)}


def crowd(count: int) -> list[Mail]:
    """Mails of as many strangers, each of which wants something sooner than anybody else."""
    return [
        mail(
            "Could you send me the bank statement by 25 November 2026?",
            sender=f"guest{number}@hostile.example",
            name=f"Guest {number}",
            when=at(23, 11) - dt.timedelta(minutes=number),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [SHOWN - 3, SHOWN, 300])
def test_deadlines_of_people_whom_the_owner_writes_to_of_notes_and_of_tasks_stay(count: int) -> None:
    alone = day_lines("deadlines", gathered([TOM], notes=[NOTED], tasks=[DUE], exchanged=KNOWN))
    crowded = day_lines("deadlines", gathered([TOM, *crowd(count)], notes=[NOTED], tasks=[DUE], exchanged=KNOWN))
    assert len(alone) == 3
    assert [line for line in crowded if line in alone] == alone
    assert len(crowded) == (SHOWN if count + 3 <= SHOWN else SHOWN + 1)


def test_a_known_person_is_answered_whoever_else_asks() -> None:
    alone = day_lines("reply", gathered([TOM], exchanged=KNOWN))
    crowded = day_lines("reply", gathered([TOM, *crowd(300)], exchanged=KNOWN))
    assert set(alone) <= set(crowded)
    assert crowded[-1] == f"and {300 + 1 - OPTIONS.reply_limit} more"


def test_many_known_people_leave_a_third_of_the_room_to_strangers() -> None:
    known = [
        mail("Could you send me page 3?", sender=f"friend{number}@nordwind.example", when=at(22, 9)) for number in range(30)
    ]
    exchanged = {one.message.sender.address: (5, 5) for one in known if one.message.sender}
    found = gathered([*known, *crowd(30)], exchanged=exchanged)
    shown = day_lines("reply", found, replace(OPTIONS, reply_limit=12))
    assert sum(line.startswith("Guest") for line in shown) == 4
