"""The owner's own exam: made by code from what they did with their mail and with what was prepared for them.

A mail that they answered needed an answer; one of a person's that they put away or let lie for long did not. A draft
that they approved shows what they wanted to say. Nothing of it is written anywhere: it is found anew for each exam.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from butler.core.actions import Decision, Kept
from butler.core.context import Reads
from butler.core.errors import UnknownRefError, UsageError
from butler.core.examined import Expected
from butler.core.mail import ANSWERED, Mail
from butler.core.payloads import MailDraft
from butler.core.text import one_line

LEAST, LEAST_OF_EACH, MOST_OF_EACH = 20, 5, 80
"""Cases below which an exam says nothing, of both kinds together and of each, and above which more would only take time."""

DAYS, UNANSWERED_DAYS, PUT_AWAY_DAYS = 180, 21, 3
"""How far back is looked, and after how many days without an answer a mail needed none: where it lies, or was put away."""

MOST_DRAFTS = 20
_AWAY = ("\\Archive", "\\Trash")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class OwnMaterial:
    """What was found: the mails, what is right to say of each, and the bodies of the drafts that their owner approved."""

    reads: Reads
    mails: Sequence[Mail]
    expected: Sequence[Expected]
    approved: Mapping[str, str] = field(default_factory=dict)

    def likeness(self, drafted: Mapping[str, str]) -> dict[str, float]:
        """How like each draft is to what its owner approved."""
        return {ref: like(body, self.approved[ref]) for ref, body in drafted.items() if ref in self.approved}

    def refuse_few(self) -> None:
        """Raise UsageError with a sentence where there are too few cases to mean something."""
        needing = sum(bool(one.needs_answer) for one in self.expected)
        rest = len(self.expected) - needing
        if len(self.expected) < LEAST or min(needing, rest) < LEAST_OF_EACH:
            found = f"{needing} mails that you answered and {rest} that needed no answer were found in the last {DAYS} days"
            advice = f"It needs {LEAST} in all and {LEAST_OF_EACH} of each. `butler model exam` takes the exam that ships."
            raise UsageError(f"{found}: too few to tell a good model from a bad one.", advice=advice)


def like(one: str, other: str) -> float:
    """The share of words that two texts have in common, in order: 2·M / T (J. W. Ratcliff and D. E. Metzener, 1988)."""
    first, second = (_WORD.findall(_unsigned(text).casefold()) for text in (one, other))
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio()


def find(reads: Reads, decided: Sequence[tuple[Kept, Decision]], now: datetime) -> OwnMaterial:
    """Find the cases in the mirror and among what was decided, the newest first."""
    drafts = dict(_drafts(decided))
    answers = {ref: True for ref, body in drafts.items() if body is not None}
    refused = {ref: False for ref, body in drafts.items() if body is None}
    cases: dict[str, bool] = {}
    mails: dict[str, Mail] = {}
    for mail in reads.received(now - timedelta(days=DAYS), now):
        needed = _needed(mail, reads, now, {**refused, **_invitations(decided), **answers})
        if needed is not None and sum(each == needed for each in cases.values()) < MOST_OF_EACH:
            cases[mail.ref], mails[mail.ref] = needed, mail
    approved = {ref: body for ref, body in drafts.items() if body is not None and ref in mails}
    return OwnMaterial(
        reads,
        list(mails.values()),
        [_expected(mails[ref], needed=needed) for ref, needed in cases.items()],
        dict(list(approved.items())[:MOST_DRAFTS]),
    )


def _expected(mail: Mail, *, needed: bool) -> Expected:
    """What was right to say; of the days in a mail nobody knows whether they were deadlines."""
    label, fair = ("reply", ("unsure",)) if needed else ("none", ())
    subject = one_line(mail.message.subject, 100)
    return Expected.model_validate(
        {"id": mail.ref, "subject": subject, "label": label, "fair": fair, "needs_answer": needed, "dated": False}
    )


def _needed(mail: Mail, reads: Reads, now: datetime, decided: Mapping[str, bool]) -> bool | None:
    """Whether a mail needed an answer, as far as what its owner did tells; None: it does not."""
    message = mail.message
    if message.bulk or message.list_id or message.bounce or message.sender is None or not message.text.strip():
        return None
    if ANSWERED in message.flags or _is_answered(mail, reads):
        return True
    if mail.ref in decided:
        return decided[mail.ref]
    if now - mail.when >= timedelta(days=UNANSWERED_DAYS):
        return False
    return False if now - mail.when >= timedelta(days=PUT_AWAY_DAYS) and _is_away(mail, reads) else None


def _is_answered(mail: Mail, reads: Reads) -> bool:
    sender = mail.message.sender.address.casefold() if mail.message.sender else ""
    thread = reads.threads([mail.thread]).get(mail.thread, ())
    later = (other for other in thread if other.sent and other.when > mail.when)
    return any(sender in {each.address.casefold() for each in (*other.message.to, *other.message.cc)} for other in later)


def _is_away(mail: Mail, reads: Reads) -> bool:
    try:
        places = reads.places(mail.ref)
    except UnknownRefError:
        return False
    return bool(places) and all(place.role in _AWAY for place in places)


def _drafts(decided: Sequence[tuple[Kept, Decision]]) -> Iterator[tuple[str, str | None]]:
    """The mails that a draft was decided of: the body as it was approved, edited or not; None of one that was refused."""
    for kept, decision in decided:
        payload, sources = kept.action.payload, kept.action.sources
        if not isinstance(payload, MailDraft) or not sources or decision.via == "rule":
            continue
        if decision.verb == "approve":
            yield sources[0], payload.letter.body
        elif decision.verb == "reject" and kept.status == "rejected":
            yield sources[0], None


def _invitations(decided: Sequence[tuple[Kept, Decision]]) -> dict[str, bool]:
    """The invitations whose owner wanted no answer sent: all that was prepared for them was refused."""
    verbs: dict[str, set[str]] = {}
    for kept, decision in decided:
        if kept.action.kind == "calendar.respond" and kept.action.sources and decision.via != "rule":
            verbs.setdefault(kept.action.sources[0], set()).add(decision.verb)
    return {ref: "approve" in found for ref, found in verbs.items() if found & {"approve", "reject"}}


def _unsigned(body: str) -> str:
    return body.partition("\n-- \n")[0]
