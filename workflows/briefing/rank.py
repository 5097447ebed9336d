"""In which order mails that need an answer are shown, and why: each is scored alone, so that no mail colours another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from butler.core.mail import FLAGGED, Mail
from butler.core.owner import Owner
from butler.core.remembering import Remembered
from workflows.briefing.rules import STRANGER, addressing
from workflows.briefing.values import Due, Judgement
from workflows.briefing.words import day_name, distance, say
from workflows.remembered import about

_BASE = {"reply": 100, "unsure": 50, "none": 0}
_URGENCY = {"high": 25, "normal": 0, "low": -15}
_WAY = {"alone": 15, "to": 8, "none": 4, "cc": 0}
_OFTEN = 5
_ON_CARD = 8
_REMEMBERED = 12


@dataclass(frozen=True, slots=True)
class Ranked:
    """A judgement with its score and what made it."""

    judgement: Judgement
    mail: Mail
    score: int
    why: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Why it stands where it does, in a sentence."""
        head = self.judgement.reason or "It may need your answer."
        return f"{head} Ranked by: {'; '.join(self.why)}." if self.why else head


def rank(
    judgements: Iterable[Judgement],
    mails: Mapping[str, Mail],
    exchanged: Mapping[str, tuple[int, int]],
    now: dt.datetime,
    owner: Owner,
    day: dt.date | None = None,
    remembered: Sequence[Remembered] = (),
    contacts: frozenset[str] = frozenset(),
) -> list[Ranked]:
    """Order judgements by score, the longest waiting first among equals, then by reference; `day` is the briefing's.

    `contacts` are the addresses of correspondents that stand on a card of the owner's.
    """
    today = day or now.astimezone(owner.zone).date()
    ranked = [
        _score(judgement, mails[judgement.ref], exchanged, now, owner, today, remembered, contacts)
        for judgement in judgements
        if judgement.ref in mails
    ]
    return sorted(ranked, key=lambda one: (-one.score, one.mail.when, one.judgement.ref))


def _score(
    judgement: Judgement,
    mail: Mail,
    exchanged: Mapping[str, tuple[int, int]],
    now: dt.datetime,
    owner: Owner,
    today: dt.date,
    remembered: Sequence[Remembered],
    contacts: frozenset[str],
) -> Ranked:
    parts = [
        *_by_due(judgement.due, today),
        *_by_model(judgement),
        *_by_correspondent(mail, exchanged, contacts),
        *_by_memory(mail, exchanged, remembered),
        *_by_addressing(mail, owner),
    ]
    waited = max(0, (now - mail.when).days)
    score = _BASE[judgement.label] + sum(points for points, _ in parts) + 2 * min(waited, 10)
    return Ranked(judgement, mail, score, tuple(why for _, why in parts if why))


def _by_due(due: Due | None, today: dt.date) -> Iterator[tuple[int, str]]:
    if due is None:
        return
    days = (due.day - today).days
    points = next((points for limit, points in ((1, 35), (3, 25), (7, 15), (14, 5)) if days <= limit), 0)
    if days < -14:
        points = 0
    when = day_name(due.day, today) if abs(days) > 1 else distance(due.day, today)
    yield points, say("due_on" if days >= 0 else "was_due", when=when)


def _by_model(judgement: Judgement) -> Iterator[tuple[int, str]]:
    if judgement.urgency != "normal":
        yield _URGENCY[judgement.urgency], say("urgent") if judgement.urgency == "high" else ""
    if judgement.label == "unsure" and judgement.rule != STRANGER:
        yield 0, say("not_sure")


def _by_correspondent(
    mail: Mail, exchanged: Mapping[str, tuple[int, int]], contacts: frozenset[str]
) -> Iterator[tuple[int, str]]:
    if FLAGGED in mail.message.flags:
        yield 20, say("flagged")
    address = mail.message.sender.address if mail.message.sender else ""
    had, written = exchanged.get(address) or exchanged.get(address.casefold()) or (0, 0)
    if written:
        yield min(4 * written, 30), say("often" if written >= _OFTEN else "sometimes")
        return
    if address.casefold() in contacts:
        yield _ON_CARD, say("in_contacts")
        yield 0, say("unwritten" if had > 1 else "stranger")
    else:
        yield (0, say("unwritten")) if had > 1 else (-10, say("stranger"))


def _by_memory(
    mail: Mail, exchanged: Mapping[str, tuple[int, int]], remembered: Sequence[Remembered]
) -> Iterator[tuple[int, str]]:
    """What the owner wanted remembered of whoever wrote: of people they write with, for a name is soon borrowed."""
    sender = mail.message.sender
    if sender is None or not exchanged.get(sender.address.casefold(), (0, 0))[1]:
        return
    for each in about([sender], remembered)[:1]:
        yield _REMEMBERED, say("remembered", what=each.text)


def _by_addressing(mail: Mail, owner: Owner) -> Iterator[tuple[int, str]]:
    way = addressing(mail.message, owner)
    yield _WAY[way], say(way) if way != "none" else ""
