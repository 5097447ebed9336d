"""Finds the invitations among the mails of the last weeks that still want an answer, and says why the others do not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from butler.core.calendar import Occurrence, RawObject, StoredObject
from butler.core.context import Context
from butler.core.mail import Mail
from butler.core.sources import Frame
from tools.calendar.editing import answer_in
from tools.calendar.ical import parse
from tools.calendar.itip import Invitation, answer_of, read_invitation
from tools.calendar.series import sequence_for

METHODS = frozenset({"REQUEST", "CANCEL", "COUNTER"})
AHEAD_DAYS = 90
"""How far ahead the occurrences of a series are looked at."""

_MOST_OF_ONE = 5
_LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Left:
    """A mail of which nothing is proposed, and the reason in a plain sentence."""

    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """An invitation that came by mail: `copy` is what the calendar holds under its UID, `coming` its next occurrences."""

    mail: Mail
    invitation: Invitation
    copy: StoredObject | None
    coming: Sequence[Occurrence]

    @property
    def sender(self) -> str:
        """The address that the mail says it comes from."""
        return self.mail.message.sender.address.lower() if self.mail.message.sender else ""

    def key(self, what: str) -> str:
        """The idempotency key of one answer."""
        return f"{self.group}|{what}"

    @property
    def last_key(self) -> str:
        """The key of what is proposed last: once it is known, all was put before the gate."""
        start = self.invitation.start.isoformat() if self.invitation.start else ""
        last = {"REQUEST": "declined", "CANCEL": "cancel"}
        return self.key(last.get(self.invitation.method, f"counter|{self.sender}|{start}"))

    @property
    def group(self) -> str:
        """What the alternatives to one another share."""
        found = self.invitation
        return f"invitation|{self.mail.account}|{found.uid}|{found.recurrence_id}|{found.sequence}"


def gather(context: Context) -> tuple[Sequence[Asked], Sequence[Left]]:
    """Read all invitations of the look-back, newest first, and part those that want an answer from those that do not.

    What was put before the gate already is in neither.
    """
    since = context.now - dt.timedelta(days=context.options.lookback_days)
    carried = [mail for mail in context.reads.received(since, context.now) if mail.message.calendar]
    read = [(mail, read_invitation(mail.message.calendar[:_LONGEST], context.owner.zone)) for mail in carried]
    found = [(mail, invitation) for mail, invitation in read if invitation.method in METHODS]
    replies = _replies(context.reads.sent(since, context.now))
    asked: list[Asked] = []
    left: list[Left] = []
    counted: dict[str, int] = {}
    for place, (mail, invitation) in enumerate(found):
        one = _asked(context, mail, invitation)
        others = [each for at, each in enumerate(found) if at != place]
        reason = _why_not(context, one, others, replies)
        if not reason and context.known(one.last_key):
            continue
        if not reason:
            counted[one.sender] = counted.get(one.sender, 0) + 1
            reason = f"There are many invitations from {one.sender}." if counted[one.sender] > _MOST_OF_ONE else ""
        if reason:
            left.append(Left(mail.ref, reason))
        else:
            asked.append(one)
    return asked, left


def _asked(context: Context, mail: Mail, invitation: Invitation) -> Asked:
    copy = context.reads.object_by_uid(invitation.uid) if invitation.uid else None
    return Asked(mail, invitation, copy, coming(context, invitation))


def coming(context: Context, invitation: Invitation) -> Sequence[Occurrence]:
    """The occurrences of an invitation that are not over yet; of a series those of the next weeks."""
    occurrence = invitation.occurrence
    if occurrence is None:
        return ()
    if not invitation.repeats:
        return (occurrence,) if not _is_over(occurrence, context) else ()
    today = context.now.astimezone(context.owner.zone).date()
    frame = Frame(context.owner.zone.key, today, today + dt.timedelta(days=AHEAD_DAYS), 0)
    parsed = parse(RawObject("", "", invitation.text.encode("utf-8", "replace")), frame)
    return [each for each in parsed.occurrences if not _is_over(each, context)]


def _is_over(occurrence: Occurrence, context: Context) -> bool:
    end = occurrence.end
    if isinstance(end, dt.datetime):
        return end <= context.now
    return end <= context.now.astimezone(context.owner.zone).date()


def _why_not(
    context: Context, asked: Asked, others: Iterable[tuple[Mail, Invitation]], replies: Mapping[tuple[str, str], dt.datetime]
) -> str:
    """The first reason for which nothing is to be done; empty where there is none."""
    invitation = asked.invitation
    organizer = invitation.organizer
    if invitation.occurrence is None or not invitation.uid or organizer is None:
        return " ".join(invitation.problems)
    if not asked.coming:
        return "It is over, or none of it comes in the next weeks."
    if any(_supersedes(other, mail, asked) for mail, other in others):
        return "A later mail about the same event takes its place."
    if invitation.method != "REQUEST":
        return ""
    if organizer.address in context.owner.addresses:
        return "You organize it yourself."
    replied = replies.get((invitation.uid, invitation.recurrence_id))
    if replied is not None and replied >= asked.mail.when:
        return "You have answered it already."
    return _against_calendar(context, asked)


def _against_calendar(context: Context, asked: Asked) -> str:
    if asked.copy is None:
        return ""
    invitation = asked.invitation
    own = read_invitation(asked.copy.text, context.owner.zone).organizer
    if own is not None and invitation.organizer is not None and own.address != invitation.organizer.address:
        return "Your calendar has this event from another organizer."
    sequence = sequence_of(asked.copy, invitation.recurrence_id, context)
    if sequence > invitation.sequence:
        return "Your calendar has a later version of it."
    answer = answer_in(asked.copy.text, context.owner.addresses, invitation.recurrence_id)
    if sequence == invitation.sequence and answer not in {"", "needs-action"}:
        return "You have answered it already."
    return ""


def sequence_of(copy: StoredObject, recurrence_id: str, context: Context) -> int:
    """The SEQUENCE of what the calendar holds of an event, or of one of its occurrences where that stands for itself."""
    found = read_invitation(copy.text, context.owner.zone)
    own = sequence_for(copy.text, recurrence_id) if recurrence_id else None
    return found.sequence if own is None else own


def _supersedes(other: Invitation, mail: Mail, asked: Asked) -> bool:
    """Whether another mail says something later about the same; a proposal by one guest says nothing about another's."""
    mine = asked.invitation
    same_organizer = other.organizer == mine.organizer or (
        other.organizer is not None and mine.organizer is not None and other.organizer.address == mine.organizer.address
    )
    if not same_organizer or other.uid != mine.uid or other.recurrence_id not in {"", mine.recurrence_id}:
        return False
    if "COUNTER" in {other.method, mine.method} and (other.method != mine.method or _sender(mail) != asked.sender):
        return False
    if other.recurrence_id != mine.recurrence_id:
        return other.sequence > mine.sequence
    return (other.sequence, mail.when, mail.ref) > (mine.sequence, asked.mail.when, asked.mail.ref)


def _sender(mail: Mail) -> str:
    return mail.message.sender.address.lower() if mail.message.sender else ""


def _replies(sent: Iterable[Mail]) -> dict[tuple[str, str], dt.datetime]:
    """When the owner last answered which event and occurrence by mail."""
    found: dict[tuple[str, str], dt.datetime] = {}
    for mail in sent:
        if mail.message.calendar:
            uid, recurrence_id, answer = answer_of(mail.message.calendar[:_LONGEST])
            if answer:
                found[uid, recurrence_id] = max(mail.when, found.get((uid, recurrence_id), mail.when))
    return found
