"""Builders for a day's facts: mails, events, tasks and the owner, around Tuesday, 24 November 2026."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from butler.core.calendar import Attendee, Occurrence, Placed, PlacedTask, Task
from butler.core.mail import Address, Mail, Message
from butler.core.notes import PlacedNote
from butler.core.owner import BriefingOptions, Owner
from butler.core.sources import SourceState
from workflows.briefing.compose import Composed, compose
from workflows.briefing.notedues import note_dues
from workflows.briefing.rules import judge_received, judge_sent
from workflows.briefing.values import Gathered, Judged

BERLIN = ZoneInfo("Europe/Berlin")
DAY = dt.date(2026, 11, 24)
NOW = dt.datetime(2026, 11, 24, 7, tzinfo=BERLIN)
ANNA = Owner("Anna Berger", frozenset({"anna@berger.example"}), BERLIN)
OPTIONS = BriefingOptions()
FRESH = (
    SourceState("home", "mail", "fresh", NOW),
    SourceState("family", "calendar", "fresh", NOW),
    SourceState("notes", "notes", "fresh", NOW),
)


def at(day: int, hour: int, minute: int = 0, zone: ZoneInfo = BERLIN) -> dt.datetime:
    """A moment in November 2026."""
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=zone)


def mail(
    text: str,
    *,
    sender: str = "tom@nordwind.example",
    name: str = "Tom Winter",
    to: Sequence[str] = ("anna@berger.example",),
    cc: Sequence[str] = (),
    when: dt.datetime | None = None,
    ref: str = "",
    thread: int | None = None,
    subject: str = "Garden",
    **message: Any,
) -> Mail:
    """A mail; its reference and thread follow from its words unless they are given."""
    when = when or at(23, 10)
    key = hashlib.sha256(f"{sender}{text}{when}{subject}".encode()).hexdigest()
    written = Message(
        key=key[:8],
        flags=message.pop("flags", frozenset()),
        received=int(when.timestamp()),
        size=len(text),
        message_id=key[:12],
        date=when,
        subject=subject,
        sender=Address(name, sender),
        to=tuple(Address("", address) for address in to),
        cc=tuple(Address("", address) for address in cc),
        text=text,
        **message,
    )
    number = int(key[:8], 16) if thread is None else thread
    sent = sender in ANNA.addresses
    return Mail(ref or f"mail:home/{key[:12]}", "home", "INBOX", number, when.astimezone(dt.UTC), sent, key, written)


def from_anna(text: str, *, to: Sequence[str] = ("tom@nordwind.example",), **rest: Any) -> Mail:
    """A mail that the owner wrote."""
    return mail(text, sender="anna@berger.example", name="Anna Berger", to=to, **rest)


def event(summary: str, start: dt.datetime | dt.date, end: dt.datetime | dt.date, *, ref: str = "", **rest: Any) -> Placed:
    """An occurrence in the family calendar."""
    uid = summary.lower().replace(" ", "-")
    return Placed(ref or f"event:family/{uid}", "family", Occurrence(uid, "", summary, start, end, **rest))


def person(address: str, answer: Any, name: str = "") -> Attendee:
    """An attendee."""
    return Attendee(name, address, answer)


def task(summary: str, due: dt.datetime | dt.date | None, **rest: Any) -> PlacedTask:
    """A task in the list "home"."""
    uid = summary.lower().replace(" ", "-")
    return PlacedTask(f"task:home/{uid}", "home", Task(uid, summary, due, **rest))


def note(text: str, path: str = "house.md", modified: dt.datetime | None = None) -> PlacedNote:
    """A note."""
    return PlacedNote(
        f"file:notes/{path}", "notes", path, modified or at(20, 12), hashlib.sha256(text.encode()).hexdigest(), text
    )


def gathered(
    received: Sequence[Mail] = (),
    sent: Sequence[Mail] = (),
    *,
    others: Sequence[Mail] = (),
    exchanged: dict[str, tuple[int, int]] | None = None,
    **rest: Any,
) -> Gathered:
    """The facts of the day; threads hold these mails and the `others`."""
    threads: dict[int, list[Mail]] = {}
    for one in sorted((*received, *sent, *others), key=lambda one: (one.when, one.ref)):
        threads.setdefault(one.thread, []).append(one)
    rest.setdefault("sources", FRESH)
    rest.setdefault("day", DAY)
    rest.setdefault("now", NOW)
    return Gathered(candidates=received, sent=sent, threads=threads, exchanged=exchanged or {}, **rest)


def judged(found: Gathered, owner: Owner = ANNA) -> Judged:
    """What the rules say of it."""
    known = {
        mail.ref: found.exchanged.get(mail.message.sender.address if mail.message.sender else "", (1, 1))
        for mail in found.candidates
    }
    return Judged(
        received=tuple(judge_received(one, one.message.text, owner, known[one.ref]) for one in found.candidates),
        sent=tuple(judge_sent(one, one.message.text, owner) for one in found.sent),
        notes=tuple(due for one in found.notes for due in note_dues(one, found.day)),
    )


def composed(found: Gathered, owner: Owner = ANNA, options: BriefingOptions = OPTIONS) -> Composed:
    """The day composed by rules."""
    return compose(found, judged(found, owner), owner, options)


def lines(made: Composed, name: str) -> list[str]:
    """The texts of one section; none when it is left out."""
    return [line.text for section in made.sections if section.name == name for line in section.lines]


def day_lines(name: str, found: Gathered, options: BriefingOptions = OPTIONS, owner: Owner = ANNA) -> list[str]:
    """The texts of one section of a day composed by rules."""
    return lines(composed(found, owner, options), name)
