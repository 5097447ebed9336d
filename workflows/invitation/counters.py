"""What an owner may do about another time that a guest proposes for an event of theirs: move it there."""

from __future__ import annotations

from butler.core.actions import Action, Finding, Taint
from butler.core.context import Context
from butler.core.payloads import CalendarChange, CalendarUpdate, EventFields, Scope
from butler.core.text import one_line
from tools.calendar.editing import updated
from tools.calendar.itip import read_invitation
from tools.calendar.lines import EditError
from workflows.invitation.free import findings as against
from workflows.invitation.gather import Asked, Left, sequence_of
from workflows.invitation.words import of, span

RULE = "invitation: another time proposed"
_TO_BE_TOLD = "The other guests are not told by this; send them the new time."


def counter(context: Context, asked: Asked) -> list[Action] | Left:
    """One held move of the owner's event, or why there is none."""
    copy, invitation = asked.copy, asked.invitation
    if copy is None:
        return Left(asked.mail.ref, "It proposes another time for an event that is not in your calendar.")
    own = read_invitation(copy.text, context.owner.zone)
    if own.organizer is None or own.organizer.address not in context.owner.addresses:
        return Left(asked.mail.ref, "It proposes another time for an event that you do not organize.")
    if sequence_of(copy, invitation.recurrence_id, context) > invitation.sequence:
        return Left(asked.mail.ref, "It proposes another time for an earlier version of the event.")
    start, end = invitation.start, invitation.end
    if invitation.repeats:
        return Left(asked.mail.ref, "It proposes other times for a whole series; change that in your calendar.")
    scope: Scope = "this" if invitation.recurrence_id else "all"
    fields = EventFields(start=start, end=end)
    try:
        after = updated(copy.text, fields, scope, invitation.recurrence_id, now=context.now, owner=context.owner.addresses)
    except EditError as error:
        return Left(asked.mail.ref, f"The proposed time cannot be taken: {error.sentence}")
    findings = [*against(context, invitation.uid, asked.coming)]
    if asked.sender not in {each.address for each in own.attendees}:
        findings.append(Finding("attendee", f"{one_line(asked.sender, 80)} is not among those whom you invited."))
    if not copy.schedules:
        findings.append(Finding("guests", _TO_BE_TOLD))
    when = span(start, end) if start is not None and end is not None else ""
    change = CalendarChange(
        account=copy.account,
        calendar=copy.calendar,
        uid=invitation.uid,
        key=copy.key,
        etag=copy.etag,
        before=copy.text,
        after=after,
    )
    event = own.occurrence or asked.coming[0]
    return [
        Action(
            CalendarUpdate(change=change, fields=fields, scope=scope, recurrence_id=invitation.recurrence_id),
            f"{one_line(asked.sender, 80)} proposes {when} for {of(event)}.",
            asked.last_key,
            sources=(asked.mail.ref,),
            taint=(Taint(asked.mail.ref, asked.sender),),
            findings=tuple(findings),
            rule=RULE,
            workflow="invitation",
            run=context.run,
        )
    ]
