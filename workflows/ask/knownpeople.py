"""Answers that the owner's address books hold: somebody's telephone, mail address or birthday, as their card says it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from butler.core.asking import Answer
from butler.core.contacts import PlacedContact
from butler.core.context import Context
from workflows.ask import says
from workflows.ask.intents import Intent
from workflows.ask.wording import Wording

_MOST = 3
_AHEAD = 31
_MOST_SAID = 6
_LINES: Mapping[str, tuple[str, ...]] = {
    "phone": ("Phone",),
    "mailbox": ("Mail",),
    "birthday": ("Birthday",),
    "reach": ("Phone", "Mail"),
    "home": ("Address",),
}


def birthdays(context: Context, intent: Intent, wording: Wording) -> Answer | None:
    """Whose birthday it is in a window, or within the next month; None where no card says one."""
    zone = context.owner.zone
    first = context.now.astimezone(zone).date()
    last = first + dt.timedelta(days=_AHEAD)
    if intent.window:
        first = intent.window.start.astimezone(zone).date()
        last = (intent.window.stop.astimezone(zone) - dt.timedelta(seconds=1)).date()
    cards = context.reads.celebrations(first, last)
    found_days = [(day, one) for one in cards if one.contact.birthday for day in one.contact.birthday.between(first, last)]
    for day, placed in sorted(found_days, key=lambda pair: (pair[0], pair[1].ref)):
        cite = _cite_birthday(placed, wording)
        wording.add(f"{_capital(wording.when(day))}: {says.title(placed.contact.name)}.", [cite])
    found = wording.answer()
    return found if found.sentences else None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def on_card(context: Context, intent: Intent, wording: Wording) -> Answer | None:
    """The lines of the cards of who is named that say it; None where none does."""
    for placed in context.reads.people([intent.who], _MOST):
        lines = [line for line in placed.contact.text.splitlines() if line.startswith(_LINES[intent.kind])]
        for line in lines:
            cite = wording.cite(placed.ref, says.title(placed.contact.name), None, line)
            wording.add(f"{says.title(placed.contact.name)}: {says.title(line)}", [cite])
    found = wording.answer()
    return found if found.sentences else None


def age(context: Context, intent: Intent, wording: Wording) -> Answer | None:
    """How old somebody is, or will be at a time that is named, by their card; None where none tells the year."""
    zone = context.owner.zone
    day = (intent.window.start if intent.window else context.now).astimezone(zone).date()
    for placed in context.reads.people([intent.who], _MOST):
        born = placed.contact.birthday
        years = born.count(day) if born else None
        if born and years is not None:
            had = any(True for _ in born.between(dt.date(day.year, 1, 1), day))
            cite = _cite_birthday(placed, wording)
            wording.add(f"{says.title(placed.contact.name)}: {years if had else years - 1}.", [cite])
    found = wording.answer()
    return found if found.sentences else None


def card(context: Context, intent: Intent, wording: Wording) -> Answer | None:
    """What the cards of somebody say; None where there is none."""
    for placed in context.reads.people([intent.who], _MOST):
        name = says.title(placed.contact.name)
        lines = [line for line in placed.contact.text.splitlines() if line.strip() and line.strip() != placed.contact.name]
        for line in lines[:_MOST_SAID]:
            wording.add(f"{name}: {says.title(line)}", [wording.cite(placed.ref, name, None, line)])
    found = wording.answer()
    return found if found.sentences else None


def _cite_birthday(placed: PlacedContact, wording: Wording) -> int:
    quote = next((line for line in placed.contact.text.splitlines() if line.startswith(_LINES["birthday"])), "")
    return wording.cite(placed.ref, says.title(placed.contact.name), None, quote)
