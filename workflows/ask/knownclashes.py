"""What stands against what in the calendar: appointments at one time, and ways with too little time between."""

from __future__ import annotations

from collections.abc import Sequence

from butler.core.asking import Answer
from butler.core.calendar import Placed
from butler.core.context import Context
from butler.core.dayplan import overlaps, tight_moves
from workflows.ask import says
from workflows.ask.intents import Intent
from workflows.ask.knowncalendar import coming_days, events_between, in_daily
from workflows.ask.wording import MOST_LINES, Wording

_LOOKED_AT = 400


def conflicts(context: Context, intent: Intent, wording: Wording) -> Answer:
    """Which appointments of a window are at the same time, or at two places with too little time between."""
    window = intent.window or coming_days(context)
    owner = context.owner.addresses
    events = [one for one in events_between(context, window.start, window.stop) if in_daily(one, window, context)][:_LOOKED_AT]
    pairs = [(one.first, one.second, "clash", one.shared.minutes) for one in overlaps(events, owner)]
    moves = [
        (one.first, one.second, "too_near", one.minutes) for one in tight_moves(events, context.options.travel_minutes, owner)
    ]
    when = says.window(wording.language, window, wording.today, wording.zone)
    found = [*pairs, *moves]
    if not found:
        wording.say("no_clash", [wording.event(one) for one in events][:MOST_LINES], when=when)
        return wording.answer()
    for first, second, key, minutes in found[:MOST_LINES]:
        cites = [wording.event(first), wording.event(second)]
        wording.say(key, cites, first=_told(first, wording, dated=True), second=_told(second, wording, dated=False), n=minutes)
    if len(found) > MOST_LINES:
        wording.say("more", _cited(found[MOST_LINES:], wording), n=len(found) - MOST_LINES)
    return wording.answer()


def _told(placed: Placed, wording: Wording, *, dated: bool) -> str:
    return says.event(wording.language, placed.occurrence, wording.today, wording.zone, dated=dated)


def _cited(found: Sequence[tuple[Placed, Placed, str, int]], wording: Wording) -> list[int]:
    return [wording.event(one) for first, second, _, _ in found for one in (first, second)]
