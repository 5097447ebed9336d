"""The letter that a draft becomes, and the action that proposes it: whom it goes to is decided by code alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from butler.core.actions import Action, Finding, Taint
from butler.core.calendar import Placed
from butler.core.context import Context
from butler.core.dayplan import takes_time
from butler.core.mail import Address
from butler.core.payloads import Letter, MailDraft, Person
from butler.core.refs import file_ref
from butler.core.remembering import NOTE, ROOT
from butler.core.text import one_line
from tools.mail.reply_to import draft_message_id, in_reply_to_of, quoted_original, references_of, reply_subject
from workflows.draft_reply.drafting import Draft
from workflows.draft_reply.gather import Case

RULE = "draft: a mail that wants an answer"
_THREAD_SOURCES = 5
_MANY = 10


class Drafted(BaseModel):
    """A finished draft as the run's memory keeps it: all that its action is made of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ref: str
    key: str
    letter: Letter
    reason: str
    sources: tuple[str, ...]
    taint: tuple[Taint, ...]
    findings: tuple[Finding, ...]
    rule: str
    step: str | None = None
    digest: str | None = None

    def action(self, context: Context) -> Action:
        """The action that proposes it."""
        wish = context.wish
        return Action(
            MailDraft(letter=self.letter),
            self.reason,
            self.key,
            sources=self.sources,
            taint=self.taint,
            findings=self.findings,
            rule=self.rule,
            step=self.step,
            digest=self.digest,
            workflow="draft_reply",
            run=context.run,
            replaces=wish.action.id if wish else None,
        )

    def summary(self) -> dict[str, Any]:
        """What the run has to say of it."""
        skeleton = any(finding.check == "skeleton" for finding in self.findings)
        warnings = [finding.sentence for finding in self.findings if finding.warning]
        return {"ref": self.ref, "key": self.key, "skeleton": skeleton, "warnings": warnings}


def finish(context: Context, case: Case, draft: Draft, key: str) -> Drafted:
    """Make the letter of a draft, with what it rests on and who wrote that."""
    return Drafted(
        ref=case.mail.ref,
        key=key,
        letter=_letter(context, case, draft, key),
        reason=_reason(case),
        sources=tuple(dict.fromkeys(_sources(case))),
        taint=tuple(_taint(case)),
        findings=(*draft.findings, *_remarks(case)),
        rule=case.judgement.rule or RULE,
        step=draft.step,
        digest=draft.digest,
    )


def _remarks(case: Case) -> Iterator[Finding]:
    """What is unusual about those whom it goes to."""
    sender, to = case.mail.message.sender, case.recipients.to
    if sender and all(person.address.lower() != sender.address.lower() for person in to):
        yield Finding("diverted", f"It goes to {to[0].address}, not to the address that the mail came from.")
    if (count := len(to) + len(case.recipients.cc)) > _MANY:
        yield Finding("many", f"It goes to {count} people.")


def _letter(context: Context, case: Case, draft: Draft, key: str) -> Letter:
    mail, identity = case.mail, case.identity
    signature = f"\n\n-- \n{identity.signature.strip()}" if identity.signature.strip() else ""
    return Letter(
        account=mail.account,
        sender=Person(name=identity.name, address=case.address),
        to=case.recipients.to,
        cc=case.recipients.cc,
        subject=reply_subject(mail.message.subject),
        body=f"{draft.body}{signature}",
        quoted=quoted_original(mail, context.owner.zone, case.language),
        in_reply_to=in_reply_to_of(mail),
        references=references_of(mail),
        thread=one_line(mail.message.subject, 200),
        message_id=draft_message_id(key, case.address),
        date=context.now,
    )


def _reason(case: Case) -> str:
    if case.old:
        return f"You wished: “{one_line(case.old.wish, 200)}”."
    who = _name(case.mail.message.sender)
    asked = case.judgement.summary or case.judgement.quote
    words = f" “{one_line(asked, 160)}”" if asked else ""
    return f"{who} waits for an answer:{words}." if words else f"{who} waits for an answer."


def _name(sender: Address | None) -> str:
    return one_line(sender.name or sender.address, 60) if sender else "Somebody"


def _sources(case: Case) -> Iterator[str]:
    yield case.mail.ref
    yield from (mail.ref for mail in case.thread[-_THREAD_SOURCES:])
    yield from (note.ref for note in case.notes)
    yield from (file_ref(ROOT, NOTE, each.line) for each in case.remembered)
    yield from (placed.ref for placed in case.plan.events if case.slots and _is_near(placed, case))


def _is_near(placed: Placed, case: Case) -> bool:
    """Whether an event takes time on a day of which a free time was looked for."""
    zone, start = case.plan.owner.zone, placed.occurrence.start
    days = {span.start.astimezone(zone).date() for span in (*case.slots, *(one.span for one in case.asked))}
    timed = isinstance(start, dt.datetime) and takes_time(placed.occurrence, case.plan.owner.addresses)
    return timed and isinstance(start, dt.datetime) and start.astimezone(zone).date() in days


def _taint(case: Case) -> Iterator[Taint]:
    """Who wrote what the content came from: the mail's author, others of the thread, the owner in their notes."""
    for mail in (case.mail, *case.thread[-_THREAD_SOURCES:]):
        sender = mail.message.sender
        yield Taint(mail.ref, sender.address if sender else "", foreign=not mail.sent)
    yield from (Taint(note.ref, "", foreign=False) for note in case.notes)
    yield from (Taint(file_ref(ROOT, NOTE, each.line), "", foreign=False) for each in case.remembered)
