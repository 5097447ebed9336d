"""What an owner may do about an event that its organizer calls off: take it out of the calendar."""

from __future__ import annotations

from butler.core.actions import Action, Finding, Taint
from butler.core.context import Context
from butler.core.payloads import CalendarCancel, CalendarChange, Scope
from butler.core.text import one_line
from tools.calendar.editing import cancelled
from tools.calendar.itip import read_invitation
from tools.calendar.lines import EditError
from workflows.invitation.gather import Asked, Left, sequence_of
from workflows.invitation.warnings import about_people
from workflows.invitation.words import of, person

RULE = "invitation: an event called off"


def cancel(context: Context, asked: Asked) -> list[Action] | Left:
    """One held removal of the owner's copy, or why there is none."""
    copy, invitation, organizer = asked.copy, asked.invitation, asked.invitation.organizer
    if copy is None or organizer is None:
        return Left(asked.mail.ref, "It is called off, and it is not in your calendar.")
    own = read_invitation(copy.text, context.owner.zone)
    if own.organizer is not None and own.organizer.address in context.owner.addresses:
        return Left(asked.mail.ref, "You organize it yourself, so nobody else can call it off.")
    if sequence_of(copy, invitation.recurrence_id, context) > invitation.sequence:
        return Left(asked.mail.ref, "Your calendar has a later version of it.")
    scope: Scope = "this" if invitation.recurrence_id else "all"
    try:
        after = cancelled(copy.text, scope, invitation.recurrence_id, now=context.now)
    except EditError as error:
        return Left(asked.mail.ref, f"It is called off: {error.sentence}")
    findings = about_people(context, asked)
    if own.organizer is None or own.organizer.address != organizer.address:
        theirs = one_line(own.organizer.address, 80) if own.organizer else "nobody"
        findings.append(Finding("organizer", f"In your calendar it is organized by {theirs}, not by who calls it off."))
    change = CalendarChange(
        account=copy.account,
        calendar=copy.calendar,
        uid=invitation.uid,
        key=copy.key,
        etag=copy.etag,
        before=copy.text,
        after=after,
    )
    return [
        Action(
            CalendarCancel(change=change, scope=scope, recurrence_id=invitation.recurrence_id),
            f"{person(organizer)} calls off {of(asked.coming[0])}.",
            asked.key("cancel"),
            sources=(asked.mail.ref,),
            taint=(Taint(asked.mail.ref, asked.sender),),
            findings=tuple(findings),
            rule=RULE,
            workflow="invitation",
            run=context.run,
        )
    ]
