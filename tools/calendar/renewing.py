"""Says what the owner asked for over an object that somebody changed meanwhile: a new payload for a new decision; pure."""

from __future__ import annotations

from datetime import UTC, datetime

from butler.core import payloads as p
from butler.core.effects import Effect, Seen
from tools.calendar.editing import address_of, answered, cancelled, last_revised, starts_as, updated
from tools.calendar.lines import EditError, read_block
from tools.calendar.tasks import completed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def renewed(payload: p.Payload, effect: Effect, seen: Seen) -> p.Payload | None:
    """Apply the answer, fields, cancellation or completion of a payload to what is there now.

    None where it cannot be: for a new object, for what is gone, and for an answer to an event that was moved since.
    """
    if seen.state != "changed" or not seen.current or effect.verb not in {"calendar.put", "calendar.delete"}:
        return None
    try:
        return _renewed(payload, seen)
    except EditError:
        return None


def _renewed(payload: p.Payload, seen: Seen) -> p.Payload | None:
    match payload:
        case p.CalendarRespond(change=p.CalendarChange() as change):
            if not starts_as(change.before or change.after, seen.current):
                return None
            after = answered(
                seen.current,
                payload.attendee,
                payload.answer,
                payload.recurrence_id,
                payload.comment,
                now=_when(change),
            )
        case p.CalendarUpdate(change=change):
            after = updated(
                seen.current,
                payload.fields,
                payload.scope,
                payload.recurrence_id,
                now=_when(change),
                owner=_organizing(change),
            )
        case p.CalendarCancel(change=change):
            after = cancelled(seen.current, payload.scope, payload.recurrence_id, now=_when(change), owner=_organizing(change))
        case p.TaskComplete(change=change):
            after = completed(seen.current, change.uid, payload.at)
        case _:
            return None
    update = {"before": seen.current, "after": after, "etag": seen.etag, "key": seen.key or change.key}
    return payload.model_copy(update={"change": change.model_copy(update=update)})


def _organizing(change: p.CalendarChange) -> frozenset[str]:
    """Who organizes the event, where the change that was decided about was made in their name (it raised SEQUENCE)."""
    if not change.after:
        return frozenset()
    before, after = (read_block(text).blocks("VEVENT") for text in (change.before, change.after))
    if [each.text("SEQUENCE") for each in before] == [each.text("SEQUENCE") for each in after]:
        return frozenset()
    return frozenset(address_of(line) for event in after for line in event.all("ORGANIZER"))


def _when(change: p.CalendarChange) -> datetime:
    """The time of the change that was decided about, so that nothing depends on a clock; never before what is there."""
    return (last_revised(change.after) if change.after else None) or _EPOCH
