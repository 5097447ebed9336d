"""What the owner may answer to an invitation: accept, decline, perhaps, or another time; each an action of its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from butler.core.actions import Action, Finding, Taint
from butler.core.calendar import Attendee, Occurrence
from butler.core.context import Context, Identity
from butler.core.dayplan import Span
from butler.core.payloads import CalendarChange, CalendarRespond, Letter, Reply
from tools.calendar.editing import answered
from tools.calendar.itip import counter, reply, stored
from tools.calendar.lines import EditError
from tools.calendar.merging import merged
from tools.mail.addresses import fault_of
from workflows.invitation.free import findings, next_free
from workflows.invitation.gather import Asked, Left, sequence_of
from workflows.invitation.warnings import about_people
from workflows.invitation.words import letter, of, person, span

RULE = "invitation: an event somebody asks the owner to"
_VERBS: dict[Reply, str] = {"accepted": "Accept", "tentative": "Accept tentatively", "declined": "Decline"}
_NO_PLACE = "There is no calendar to put it into; only the answer would be sent."


@dataclass(frozen=True, slots=True)
class _Case:
    """One invitation with all that its answers share."""

    context: Context
    asked: Asked
    organizer: Attendee
    identity: Identity
    attendee: str
    occurrence: Occurrence
    findings: tuple[Finding, ...]

    @property
    def what(self) -> str:
        """The invitation in words."""
        many = " and later" if len(self.asked.coming) > 1 else ""
        return f"{person(self.organizer)} invites you to {of(self.occurrence)}{many}."


def answer(context: Context, asked: Asked) -> list[Action] | Left:
    """The answers to choose from; a reason where none can be given."""
    organizer = asked.invitation.organizer
    if organizer is None:
        return Left(asked.mail.ref, "It names no organizer.")
    fault = fault_of(organizer.address)
    if fault:
        return Left(asked.mail.ref, fault)
    attendee, invited = _attendee(context, asked)
    identity = _identity(context, asked, attendee)
    if identity is None:
        return Left(asked.mail.ref, f"Nothing may be written from the account {asked.mail.account!r}.")
    found = (*findings(context, asked.invitation.uid, asked.coming), *about_people(context, asked, invited=invited))
    case = _Case(context, asked, organizer, identity, attendee, asked.coming[0], found)
    try:
        # The one that is always there comes last, so that its key tells that all were proposed.
        return [_proposed(case, "accepted"), _proposed(case, "tentative"), *_counter(case), _proposed(case, "declined")]
    except EditError as error:
        return Left(asked.mail.ref, f"It cannot be answered: {error.sentence}")


def _attendee(context: Context, asked: Asked) -> tuple[str, bool]:
    """Which of the owner's addresses is invited, and whether any is."""
    invited = [each.address for each in asked.invitation.attendees if each.address in context.owner.addresses]
    if invited:
        return invited[0], True
    identity = context.identities.get(asked.mail.account)
    return (identity.address if identity else min(context.owner.addresses, default="")), False


def _identity(context: Context, asked: Asked, attendee: str) -> Identity | None:
    """As whom to answer: the identity that was invited, else that of the account where the invitation lies."""
    mine = [each for each in context.identities.values() if each.address.lower() == attendee]
    same_account = [each for each in mine if each.account == asked.mail.account]
    return next(iter((*same_account, *mine)), context.identities.get(asked.mail.account))


def _proposed(case: _Case, given: Reply) -> Action:
    context, asked = case.context, case.asked
    change, schedules, noted = _change(case, given)
    key = asked.key(given)
    mail = None
    if not schedules:
        itip = reply(asked.invitation, case.attendee, given, "", context.now)
        mail = letter(asked.mail, case.identity, case.organizer, given, case.occurrence, itip, key, context.now)
    return _action(case, f"{_VERBS[given]}: {case.what}", key, given, change, mail, noted)


def _action(
    case: _Case,
    reason: str,
    key: str,
    given: Reply,
    change: CalendarChange | None,
    mail: Letter | None,
    noted: tuple[Finding, ...] = (),
) -> Action:
    asked = case.asked
    return Action(
        CalendarRespond(
            answer=given,
            attendee=case.attendee,
            recurrence_id=asked.invitation.recurrence_id,
            change=change,
            letter=mail,
            send=mail is not None and case.identity.sends,
        ),
        reason,
        key,
        sources=(asked.mail.ref,),
        taint=(Taint(asked.mail.ref, asked.sender),),
        findings=(*case.findings, *noted),
        group=asked.group,
        rule=RULE,
        workflow="invitation",
        run=case.context.run,
        expires=_over(case.occurrence) if len(asked.coming) == 1 else None,
    )


def _over(occurrence: Occurrence) -> dt.datetime | None:
    return occurrence.end if isinstance(occurrence.end, dt.datetime) else None


def _change(case: _Case, given: Reply) -> tuple[CalendarChange | None, bool, tuple[Finding, ...]]:
    """What an answer changes in the calendar, and whether the server there tells the organizer of it."""
    context, asked = case.context, case.asked
    invitation, copy = asked.invitation, asked.copy
    recurrence_id = invitation.recurrence_id
    if copy is not None:
        text = copy.text
        if sequence_of(copy, recurrence_id, context) < invitation.sequence or not _holds(case):
            text = merged(text, stored(invitation))
        after = answered(text, case.attendee, given, recurrence_id, now=context.now)
        change = CalendarChange(
            account=copy.account,
            calendar=copy.calendar,
            uid=invitation.uid,
            key=copy.key,
            etag=copy.etag,
            before=copy.text,
            after=after,
        )
        return change, copy.schedules, ()
    if given == "declined":
        return None, False, ()
    place = context.calendar
    if not place.calendar:
        return None, False, (Finding("calendar", _NO_PLACE),)
    after = answered(stored(invitation), case.attendee, given, recurrence_id, now=context.now)
    change = CalendarChange(account=place.account, calendar=place.calendar, uid=invitation.uid, after=after)
    return change, dict(context.reads.calendars()).get(place, False), ()


def _holds(case: _Case) -> bool:
    """Whether the calendar's copy has an occurrence of the invitation's name, by itself or by its rule."""
    copy, invitation = case.asked.copy, case.asked.invitation
    if copy is None or not invitation.recurrence_id:
        return True
    try:
        answered(copy.text, case.attendee, "tentative", invitation.recurrence_id, now=case.context.now)
    except EditError:
        return False
    return True


def _counter(case: _Case) -> list[Action]:
    """Another time, where the owner is not free at one that stands alone."""
    asked = case.asked
    alone = not asked.invitation.repeats and len(asked.coming) == 1
    busy = any(finding.check == "conflict" for finding in case.findings)
    free: Span | None = next_free(case.context, asked.invitation.uid, case.occurrence) if alone and busy else None
    if free is None or free.start == case.occurrence.start:
        return []
    key = asked.key("counter")
    itip = counter(asked.invitation, case.attendee, free.start, free.end, "", case.context.now)
    when = span(free.start, free.end)
    mail = letter(asked.mail, case.identity, case.organizer, "counter", case.occurrence, itip, key, case.context.now)
    mail = mail.model_copy(update={"body": f"{mail.body}\n\nProposed: {when}."})
    change, _, noted = _change(case, "tentative")
    return [_action(case, f"Propose {when} instead: {case.what}", key, "tentative", change, mail, noted)]
