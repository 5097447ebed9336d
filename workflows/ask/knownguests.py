"""Who is at an event: of one that is named, or of all that is on at a time."""

from __future__ import annotations

from butler.core.asking import Answer
from butler.core.calendar import Occurrence, Placed
from butler.core.context import Context
from workflows.ask import says
from workflows.ask.dayhits import fold
from workflows.ask.followups import PRONOUNS
from workflows.ask.intents import Intent
from workflows.ask.knowncalendar import called, events_between, in_daily, title_words
from workflows.ask.windows import is_past
from workflows.ask.wording import MOST_LINES, Wording


def attendees(context: Context, intent: Intent, wording: Wording) -> Answer | None:
    """Who is invited to an event that is named, those who declined marked so; None where none is called so or names anybody."""
    asked = title_words(intent.what)
    if not asked or any(word in PRONOUNS for word in (*asked, *intent.what.split())):
        return None
    past = is_past(fold(context.question.text), wording.language) if context.question else False
    # Of one that names nobody, a mail may tell: the loop looks.
    for placed in [one for one in called(context, asked, intent.window, past=past) if guests(context, one.occurrence)][:1]:
        _tell(context, placed, wording)
        return wording.answer()
    return None


def met(context: Context, intent: Intent, wording: Wording) -> Answer | None:
    """Whom the owner meets in a window: each event that names somebody, with who that is; without one, that none does."""
    window = intent.window
    if window is None:
        return None
    events = [one for one in events_between(context, window.start, window.stop) if in_daily(one, window, context)]
    with_others = [one for one in events if guests(context, one.occurrence)]
    for placed in with_others[:MOST_LINES]:
        _tell(context, placed, wording)
    if not with_others:
        when = says.window(wording.language, window, wording.today, wording.zone)
        wording.say("nobody_on" if events else "nothing_on", [wording.event(one) for one in events][:MOST_LINES], when=when)
        for placed in events[:MOST_LINES]:
            wording.say("event", [wording.event(placed)], what=_event(placed, wording))
    elif len(with_others) > MOST_LINES:
        rest = [wording.event(one) for one in with_others[MOST_LINES:]]
        wording.say("more", rest, n=len(rest))
    return wording.answer()


def guests(context: Context, occurrence: Occurrence) -> list[str]:
    """Who else is at an event by name, who invites first; who declined is marked."""
    hosts = (occurrence.organizer,) if occurrence.organizer else ()
    people = {one.address.lower(): one for one in (*hosts, *occurrence.attendees)}.values()
    others = [one for one in people if one.address.lower() not in context.owner.addresses]
    return [says.title(one.name or one.address) + (" ✗" if one.answer == "declined" else "") for one in others]


def _tell(context: Context, placed: Placed, wording: Wording) -> None:
    names = guests(context, placed.occurrence)
    rest = f" (+{len(names) - MOST_LINES})" if len(names) > MOST_LINES else ""
    wording.say("event", [wording.event(placed)], what=f"{_event(placed, wording)}: {', '.join(names[:MOST_LINES])}{rest}")


def _event(placed: Placed, wording: Wording) -> str:
    return says.event(wording.language, placed.occurrence, wording.today, wording.zone, dated=True)
