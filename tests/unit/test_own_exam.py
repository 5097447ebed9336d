"""The owner's own exam is made of what they did, and of nothing that they did not decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from butler.core import payloads as p
from butler.core.actions import Action, Decision, Kept, Status, Verb, payload_hash
from butler.core.context import Reads
from butler.core.errors import UsageError
from butler.core.mail import ANSWERED, Address, Mail, MailPlace, Message
from butler.exams.own import find, like

NOW = dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)
EVA = Address("Eva Lind", "eva@lind.example")


def mail(name: str, days: int, *, sent: bool = False, thread: int = 0, **more: Any) -> Mail:
    """A mail of so many days ago; one of the owner's goes to Tom."""
    tom = Address("Tom", "tom@nord.example")
    people = {"sender": EVA if sent else tom, "to": (tom,) if sent else (EVA,)}
    given = {"text": "Could you?", **people, **more}
    message = Message(key=name, flags=frozenset(), received=0, size=1, message_id=name, date=None, subject=name, **given)
    when = NOW - dt.timedelta(days=days)
    return Mail(f"mail:home/{name}", "home", "INBOX", thread or hash(name), when, sent, name, message)


@dataclass
class Box:
    """A mailbox in memory: what finding the cases reads of a mirror."""

    mails: Sequence[Mail]
    away: Mapping[str, str]

    def received(self, since: dt.datetime, until: dt.datetime) -> Sequence[Mail]:
        found = [each for each in self.mails if not each.sent and since <= each.when <= until]
        return sorted(found, key=lambda each: each.when, reverse=True)

    def threads(self, threads: Sequence[int]) -> Mapping[int, Sequence[Mail]]:
        return {one: [each for each in self.mails if each.thread == one] for one in threads}

    def places(self, ref: str) -> Sequence[MailPlace]:
        role = self.away.get(ref, "")
        return [MailPlace(role.strip("\\") or "INBOX", role, "1")]


def reads(*mails: Mail, away: Mapping[str, str] | None = None) -> Reads:
    return cast("Reads", Box(mails, away or {}))


def needed(found: Reads, *decided: tuple[Kept, Decision]) -> dict[str, bool | None]:
    return {one.id.partition("/")[2]: one.needs_answer for one in find(found, decided, NOW).expected}


def test_what_was_answered_needed_it_and_what_lay_for_weeks_or_was_put_away_did_not() -> None:
    asked = mail("asked", 40, thread=7)
    box = reads(
        asked,
        mail("reply", 39, sent=True, thread=7),
        replace(mail("flagged", 2), message=replace(mail("flagged", 2).message, flags=frozenset({ANSWERED}))),
        mail("old", 30),
        mail("archived", 5),
        mail("young", 5),
        mail("just-archived", 1),
        away={"mail:home/archived": "\\Archive", "mail:home/just-archived": "\\Archive"},
    )

    assert needed(box) == {"asked": True, "flagged": True, "old": False, "archived": False}


def test_machines_and_lists_are_no_cases_and_neither_is_an_answer_to_somebody_else() -> None:
    other = replace(mail("to-ute", 39, sent=True, thread=7).message, to=(Address("Ute", "ute@nord.example"),))
    box = reads(
        mail("asked", 40, thread=7),
        replace(mail("to-ute", 39, sent=True, thread=7), message=other),
        mail("bulk", 40, bulk=True),
        mail("list", 40, list_id="x.example"),
        mail("bounce", 40, bounce=True),
        mail("empty", 40, text=" "),
    )

    assert needed(box) == {"asked": False}


def decided(name: str, verb: Verb, *, body: str = "Dear Tom,\n\nyes.", status: Status = "done", via: str = "cli") -> Any:
    """What was decided of a draft that answers a mail, with its body as it was then."""
    eva, tom = p.Person(name="Eva", address=EVA.address), p.Person(name="Tom", address="tom@nord.example")
    letter = p.Letter(
        account="home",
        sender=eva,
        to=(tom,),
        subject="Re",
        body=body,
        in_reply_to="",
        references=(),
        thread="",
        message_id="d@x.example",
        date=NOW,
    )
    payload = p.MailDraft(letter=letter)
    action = Action(payload, "Tom waits.", f"draft|{name}|1", sources=(f"mail:home/{name}",))
    digest = payload_hash(payload)
    return Kept(1, action, status, digest, 1, NOW, NOW), Decision(1, verb, digest, "eva", via, NOW)


def test_drafts_that_were_approved_are_what_to_compare_with_and_refused_ones_needed_no_answer() -> None:
    box = reads(mail("yes", 5), mail("no", 5), mail("ruled", 5), mail("wished", 5))
    cases = [
        decided("yes", "approve", body="Dear Tom,\n\nI will see to it.\n\n-- \nEva"),
        decided("no", "reject", status="rejected"),
        decided("ruled", "approve", via="rule"),
        decided("wished", "respond", status="held"),
    ]

    found = find(box, cases, NOW)

    assert {one.id: one.needs_answer for one in found.expected} == {"mail:home/yes": True, "mail:home/no": False}
    assert set(found.approved) == {"mail:home/yes"}
    likeness = found.likeness({"mail:home/yes": "Dear Tom,\n\nI will see to it.", "mail:home/other": "x"})
    assert likeness == {"mail:home/yes": 1.0}


def test_likeness_is_the_share_of_words_in_common() -> None:
    assert like("Yes I will come", "yes, I will come!") == 1.0
    # Two of four words each: 2 * 2 / 8.
    assert like("yes I will come", "no I will not") == pytest.approx(2 * 2 / 8)
    assert like("", "no") == 0.0


def test_too_few_cases_are_refused_with_how_many_there_are() -> None:
    few = find(reads(*(mail(f"old{number}", 30 + number) for number in range(30))), [], NOW)

    with pytest.raises(UsageError) as refused:
        few.refuse_few()

    assert str(refused.value).startswith("0 mails that you answered and 30 that needed no answer were found")
    young = [mail(f"a{number}", number + 1) for number in range(10)]
    answered = [replace(each, message=replace(each.message, flags=frozenset({ANSWERED}))) for each in young]
    find(reads(*answered, *(mail(f"old{number}", 30 + number) for number in range(10))), [], NOW).refuse_few()
