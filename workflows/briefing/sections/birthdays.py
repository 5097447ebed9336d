"""Birthdays and anniversaries of the contacts, today and in the next days; what the agenda of today shows is not said twice."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from butler.core.briefing import Evidence
from butler.core.calendar import Placed
from butler.core.contacts import Contact
from workflows.briefing.celebrating import Celebration, words_of
from workflows.briefing.view import Entry, View, shortened
from workflows.briefing.words import day_name, distance, say

SHOWN = 20
_COMPARED = 200
"""So many celebrations are compared with the calendar, and so many events with each."""
_EVENTS = 50
_BIRTHDAY = re.compile(
    r"birthday|b-?day|geburtstag|geb\.|anniversaire|cumplea|aniversari|compleanno|verjaardag|fødselsdag|födelsedag|urodzin|"
    r"syntymäpäiv|narozeniny|születésnap|doğum günü|рожден|рождения|народження|γενέθλια|誕生日|生日|생일|יום הולדת|ميلاد|🎂",
    re.IGNORECASE,
)
_ANNIVERSARY = re.compile(
    r"anniversary|hochzeitstag|jahrestag|jubil|anniversaire|aniversari|anniversario|trouwdag|bryllups|bröllops|rocznic|годовщин|"
    r"結婚記念日|纪念日|기념일",
    re.IGNORECASE,
)
_KINDS = {"birthday": _BIRTHDAY, "anniversary": _ANNIVERSARY}


def entries(view: View) -> list[Entry]:
    """A line for each, by day and name."""
    first, rest = view.celebrations[:_COMPARED], view.celebrations[_COMPARED:]
    shown = [*(one for one in first if one.day > view.day or not is_an_event(one, view)), *rest]
    return shortened([entry_of(one, view, _when(one, view)) for one in shown], SHOWN)


def _when(one: Celebration, view: View) -> str:
    return say("today") if one.day == view.day else f"{day_name(one.day, view.day)}, {distance(one.day, view.day)}"


def celebrated(placed: Placed, view: View) -> Celebration | None:
    """What an event of today's celebrates, where that is on a card, too."""
    if not any(kind.search(placed.occurrence.summary) for kind in _KINDS.values()) and not _BIRTHDAY.search(placed.calendar):
        return None
    today = [one for one in view.celebrations[:_COMPARED] if one.day == view.day]
    return next((one for one in today if _is_same(one, [placed], view)), None)


def remark(one: Celebration) -> str:
    """How old somebody gets, or how many years it is; empty where that is not known."""
    if not one.years:
        return ""
    return say("turns" if one.kind == "birthday" else "years", n=one.years)


def entry_of(one: Celebration, view: View, when: str) -> Entry:
    """Its line, which begins with when it is unless that is plain; it cites the cards, and an event that is the same."""
    what = say(one.kind, who=one.who) if one.who != say("you") else say(f"your_{one.kind}")
    more = f" ({remark(one)})" if remark(one) else ""
    events = [event for event in view.gathered.ahead if _is_on(event, one.day) and _is_same(one, [event], view)]
    refs = dict.fromkeys([*(placed.ref for placed in one.placed), *(event.ref for event in events)])
    return Entry(
        text=say("task_due", when=when, what=what + more) if when else what + more,
        evidence=tuple(Evidence(ref=ref) for ref in refs),
        rule=one.kind,
        reason=f"The card in the address book {one.placed[0].book} says so.",
    )


def is_an_event(one: Celebration, view: View) -> bool:
    """Whether the calendar shows it: as an event of the same day with a name of the contact in it."""
    return _is_same(one, [placed for placed in view.gathered.events if placed.occurrence.status != "cancelled"], view)


def _is_on(placed: Placed, day: dt.date) -> bool:
    occurrence = placed.occurrence
    return occurrence.all_day and occurrence.start == day


def _is_same(one: Celebration, events: Iterable[Placed], view: View) -> bool:
    """Whether one of some events of that day celebrates the same, by a word of its title or of its calendar's name."""
    kind = _KINDS[one.kind]
    same = [
        placed.occurrence.summary
        for placed in events
        if _is_on(placed, one.day)
        and (kind.search(placed.occurrence.summary) or (one.kind == "birthday" and _BIRTHDAY.search(placed.calendar)))
    ][:_EVENTS]
    names = [set(words_of(name)) for placed in one.placed for name in _names(placed.contact, view)] if same else []
    return any(each and each <= _called(title) for title in same for each in names)


def _names(contact: Contact, view: View) -> Iterator[str]:
    """What a title may call somebody: their name, given name, nicknames; the first name alone only where it is one person's."""
    yield from (contact.name, contact.given, *contact.nicknames)
    first = next(iter(words_of(contact.name)), "")
    if first and view.first_names.get(first, 0) <= 1:
        yield first


@lru_cache(maxsize=1024)
def _called(title: str) -> frozenset[str]:
    """The words of a title, those that end as a possessive does also without that."""
    words = words_of(title)
    return frozenset((*words, *(word[:-1] for word in words if word.endswith("s"))))
