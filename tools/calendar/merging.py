"""Brings an event in the calendar up to what a newer invitation says, and keeps what its owner added to it; pure."""

from __future__ import annotations

from tools.calendar.lines import Block, edits, read_block, write_block
from tools.calendar.moments import Moments
from tools.calendar.series import events_of


@edits
def merged(stored: str, invitation: str) -> str:
    """Put the events of an invitation in the place of those with the same RECURRENCE-ID; alarms and other overrides stay."""
    calendar, newer = read_block(stored), read_block(invitation)
    ours, theirs = Moments(calendar), Moments(newer)
    known = {_name(event, ours): event for event in events_of(calendar)}
    for event in events_of(newer):
        old = known.get(_name(event, theirs))
        fresh = event.copy()
        fresh.body = [each for each in fresh.body if not (isinstance(each, Block) and each.name == "VALARM")]
        if old is None:
            calendar.body.append(fresh)
            continue
        fresh.body += old.blocks("VALARM")
        place = next(at for at, each in enumerate(calendar.body) if each is old)
        calendar.body[place] = fresh
    zones = {zone.text("TZID") for zone in calendar.blocks("VTIMEZONE")}
    missing = [zone for zone in newer.blocks("VTIMEZONE") if zone.text("TZID") not in zones]
    place = next(at for at, each in enumerate(calendar.body) if isinstance(each, Block))
    calendar.body[place:place] = missing
    return write_block(calendar)


def _name(event: Block, moments: Moments) -> str:
    original = event.first("RECURRENCE-ID")
    return moments.name(original) if original is not None else ""
