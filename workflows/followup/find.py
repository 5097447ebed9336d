"""Finds what is to be asked again: questions that nobody has answered for days, and promises to the owner that are overdue."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from butler.core.context import Context
from butler.core.mail import Address, Mail
from butler.core.prepared import bare_subject
from tools.mail.reply_to import is_unanswerable
from workflows.briefing.gather import gather
from workflows.briefing.judge import judge
from workflows.briefing.sections.commitments import waiting
from workflows.briefing.view import View
from workflows.followup.words import Matter
from workflows.pages.theirs import open_promises_of_others
from workflows.pages.topics import words_of

MANY = 5
"""From so many people on nobody feels asked, and a reminder would be a nuisance."""

GRACE_DAYS = 1
"""Days that a promise may be late before it is asked about."""

_ASKED = "question without an answer"
_SEARCHED = 10


class Asking(BaseModel):
    """What is to be asked again, as the run's memory keeps it: the mail that holds it, and its words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ref: str
    matter: Matter
    quote: str

    @property
    def key(self) -> str:
        """The idempotency key: once for each question of a mail."""
        digest = hashlib.sha256(self.quote.encode("utf-8", "replace")).hexdigest()[:16]
        return f"followup|{self.ref.partition(':')[2]}|{digest}"


class Left(BaseModel):
    """What is not asked again, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ref: str
    reason: str


def find(context: Context) -> tuple[list[Asking], list[Left]]:
    """Find what is to be asked again, longest waiting first, and what is left; what was proposed before is in neither."""
    # Questions and promises of others are found by rules: the model is not asked.
    given = dataclasses.replace(context, model=None)
    gathered = gather(given, ())
    view = View(gathered, judge(given, gathered).judged, context.owner, context.options)
    found: list[Asking] = []
    left: list[Left] = []
    for one in (*_questions(view), *_promises(view)):
        if context.known(one.key):
            continue
        reason = _why_not(one, view, context)
        if not reason and len(found) >= context.most_drafts:
            reason = f"More than {context.most_drafts} wait; it is for the next run."
        if reason:
            left.append(Left(ref=one.ref, reason=reason))
        else:
            found.append(one)
    return found, left


def others(mail: Mail, view: View) -> list[Address]:
    """Whom a follow-up goes to: those that the owner asked, or who promised."""
    message = mail.message
    if not mail.sent:
        return [message.sender] if message.sender else []
    return [one for one in message.to if not view.is_owner(one.address)]


def _questions(view: View) -> Iterator[Asking]:
    for entry in waiting(view):
        evidence = entry.evidence[0]
        if entry.rule == _ASKED and evidence.quote:
            yield Asking(ref=evidence.ref, matter="question", quote=evidence.quote)


def _promises(view: View) -> Iterator[Asking]:
    for promise, mail in open_promises_of_others(view):
        if promise.due is not None and (view.day - promise.due.day).days > GRACE_DAYS:
            yield Asking(ref=mail.ref, matter="promise", quote=promise.quote)


def _why_not(one: Asking, view: View, context: Context) -> str:
    mail = view.mails[one.ref]
    people = others(mail, view)
    if not people:
        return "Nobody is left to ask."
    if len(people) > MANY:
        return f"It went to {len(people)} people."
    if one.quote not in mail.message.text:
        return "Its words do not stand in the mail to the letter."
    if reason := next((reason for person in people if (reason := _unreachable(mail, person))), ""):
        return reason
    if _wrote_since(mail, people, one, context):
        return "They have written about it since."
    return ""


def _unreachable(mail: Mail, person: Address) -> str:
    """Why a person's address is not to be written to, judged as if the mail had come from there."""
    message = dataclasses.replace(mail.message, sender=person, reply_to=(), bulk=False, bounce=False)
    return is_unanswerable(dataclasses.replace(mail, sent=False, message=message)) or ""


def _wrote_since(mail: Mail, people: Sequence[Address], one: Asking, context: Context) -> bool:
    """Whether one of them has written later, in any thread, under that subject or with a word of it for the subject."""
    about = words_of(one.quote) | words_of(bare_subject(mail.message.subject)[0])
    letters = (other for person in people for other in context.reads.letters_from(person.address, _SEARCHED))
    # An automatic reply or a delivery report is no answer.
    later = (other.message for other in letters if other.when > mail.when and not (other.message.bulk or other.message.bounce))
    return any(about & words_of(bare_subject(message.subject)[0]) for message in later)
