"""The exam's mails as the parsers deliver them, and what the rules alone say of them, by the briefing's own judging."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from briefing_twins import Memory, Twin

from butler.core.context import Context
from butler.core.exam import ExamMail, Material
from butler.core.mail import Mail, RawMail
from butler.core.owner import BriefingOptions
from butler.core.refs import mail_ref
from butler.sample.exam import OWNER, build
from tools.mail.message import parse, split_new
from workflows.briefing.cases import is_answered
from workflows.briefing.judge import judge
from workflows.briefing.values import Gathered, Judgement, SentJudgement


@dataclass(frozen=True)
class Read:
    """A mail of the exam as it is parsed: `new` is what its author wrote now, `source` what quotes are held against."""

    exam: ExamMail
    mail: Mail
    new: str

    @property
    def source(self) -> str:
        return f"{self.mail.message.subject}\n\n{self.new}"

    @property
    def written(self) -> dt.date:
        return self.exam.date.astimezone(OWNER.zone).date()


def read(exam: ExamMail, thread: int) -> Read:
    raw = build(exam)
    message = parse(RawMail(exam.id, frozenset(), int(exam.date.timestamp()), len(raw), whole=raw))
    ref = mail_ref("exam", exam.message_id)
    folder = "Sent" if exam.sent else "INBOX"
    mail = Mail(ref, "exam", folder, thread, exam.date.astimezone(dt.UTC), exam.sent, exam.id, message)
    return Read(exam, mail, split_new(message.text).new)


def read_all(material: Material) -> list[Read]:
    """All mails, each in the thread of the first mail that its references name."""
    threads: dict[str, int] = {}
    found = []
    for mail in sorted(material.mails, key=lambda each: each.date):
        known = [threads[one] for one in mail.thread if one in threads]
        number = known[0] if known else len(threads) + 1
        threads.update(dict.fromkeys((mail.id, *mail.thread), number))
        found.append(read(mail, number))
    return found


@dataclass(frozen=True)
class Ruled:
    """What the rules say of a mail: the label, whether it waits for an answer, the quotes, the days to act by."""

    label: str
    needs: bool
    quotes: tuple[str, ...] = ()
    days: tuple[dt.date, ...] = ()


def by_rules(material: Material, reads: Sequence[Read]) -> Mapping[str, Ruled]:
    """Judge all mails as a briefing does that has no model."""
    threads: dict[int, list[Mail]] = {}
    for one in reads:
        threads.setdefault(one.mail.thread, []).append(one.mail)
    put = [one for one in reads if not (one.mail.message.list_id or one.mail.message.bounce)]
    gathered = Gathered(
        now=material.now,
        day=material.now.date(),
        sources=(),
        candidates=[one.mail for one in put if not one.exam.sent],
        sent=[one.mail for one in put if one.exam.sent],
        threads=threads,
        exchanged={one.mail.message.sender.address.lower(): one.exam.exchanged for one in put if one.mail.message.sender},
    )
    judged = judge(_context(material), gathered).judged
    said: dict[str, Judgement | SentJudgement] = {one.ref: one for one in judged.received}
    said |= {one.ref: one for one in judged.sent}
    return {one.exam.id: _ruled(said.get(one.mail.ref), one.mail, threads) for one in reads}


def _ruled(said: Judgement | SentJudgement | None, mail: Mail, threads: Mapping[int, Sequence[Mail]]) -> Ruled:
    if said is None:
        return Ruled("none", needs=False)
    if isinstance(said, SentJudgement):
        days = tuple(promise.due.day for promise in said.promises if promise.due)
        quotes = tuple(promise.quote for promise in said.promises)
        return Ruled("promise" if quotes else "none", needs=False, quotes=quotes, days=days)
    needs = said.label != "none" and not is_answered(mail, threads)
    days = tuple(due.day for due in ((said.due,) if said.due else ()) + said.also)
    return Ruled(said.label, needs, (said.quote,) if said.quote else (), days)


def _context(material: Material) -> Context:
    return Context(
        run="exam",
        now=material.now,
        day=material.now.date(),
        owner=OWNER,
        options=BriefingOptions(),
        reads=Twin(),
        memory=Memory(),
        model=None,
        sync=list,
        publish=lambda _briefing, _origins, _snapshot: None,
    )
