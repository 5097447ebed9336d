"""Birthdays and anniversaries of the contacts, today and in the next days; what the agenda of today shows is not said twice."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from butler.core.briefing import Evidence
from butler.core.calendar import Placed
from butler.core.contacts import Contact, PlacedContact, YearDay
from butler.core.folding import folded
from butler.core.text import one_line
from workflows.briefing.view import Entry, View, shortened
from workflows.briefing.words import day_name, distance, say

SHOWN = 20
_WORD = re.compile(r"[^\W_]+")
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


@dataclass(frozen=True, slots=True)
class Celebration:
    """A birthday or an anniversary: its day, whose it is on which cards, and how many years it is then, where that is known."""

    day: dt.date
    kind: str
    who: str
    years: int | None
    placed: tuple[PlacedContact, ...]


def entries(view: View) -> list[Entry]:
    """A line for each, by day and name."""
    shown = [one for one in celebrations(view) if one.day > view.day or not is_an_event(one, view)]
    return shortened([entry_of(one, view, _when(one, view)) for one in shown], SHOWN)


def _when(one: Celebration, view: View) -> str:
    return say("today") if one.day == view.day else f"{day_name(one.day, view.day)}, {distance(one.day, view.day)}"


def celebrations(view: View) -> list[Celebration]:
    """What is celebrated from today on; the same on two cards of one name is one."""
    found: dict[tuple[dt.date, str, str], Celebration] = {}
    for one in _celebrations(view):
        key = (one.day, one.kind, folded(one.who))
        before = found.get(key)
        found[key] = one if before is None else _joined(before, one)
    return sorted(found.values(), key=lambda one: (one.day, one.kind != "birthday", folded(one.who), one.placed[0].ref))


def _joined(one: Celebration, other: Celebration) -> Celebration:
    """The same on two cards; where they name different years, none is known."""
    years = {each for each in (one.years, other.years) if each is not None}
    return Celebration(one.day, one.kind, one.who, years.pop() if len(years) == 1 else None, (*one.placed, *other.placed))


def celebrated(placed: Placed, view: View) -> Celebration | None:
    """What an event of today's celebrates, where that is on a card, too."""
    return next((one for one in celebrations(view) if one.day == view.day and _is_same(one, [placed], view)), None)


def remark(one: Celebration) -> str:
    """How old somebody gets, or how many years it is; empty where that is not known."""
    if not one.years:
        return ""
    return say("turns" if one.kind == "birthday" else "years", n=one.years)


def _celebrations(view: View) -> Iterator[Celebration]:
    last = view.day + dt.timedelta(view.options.birthday_days)
    for placed in view.gathered.celebrations:
        who = _who(placed.contact, view)
        for kind, day in _days(placed.contact) if who else ():
            yield from (Celebration(on, kind, who, day.count(on), (placed,)) for on in day.between(view.day, last))


def _days(contact: Contact) -> Iterator[tuple[str, YearDay]]:
    if contact.birthday:
        yield "birthday", contact.birthday
    if contact.anniversary:
        yield "anniversary", contact.anniversary


def _who(contact: Contact, view: View) -> str:
    if any(view.is_owner(address) for address in contact.addresses):
        return say("you")
    return one_line(contact.name, 60)


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
    names = [set(_words(name)) for placed in one.placed for name in _names(placed.contact, one, view)]
    for placed in events:
        title = placed.occurrence.summary
        is_of_kind = _KINDS[one.kind].search(title) or (one.kind == "birthday" and _BIRTHDAY.search(placed.calendar))
        if _is_on(placed, one.day) and is_of_kind and any(each and each <= _called(title) for each in names):
            return True
    return False


def _names(contact: Contact, one: Celebration, view: View) -> Iterator[str]:
    """What a title may call somebody: their name, given name, nicknames; the first name alone only where it is one person's."""
    yield from (contact.name, contact.given, *contact.nicknames)
    first = next(iter(_words(contact.name)), "")
    others = [each for each in view.gathered.celebrations if each not in one.placed and first in _words(each.contact.name)]
    if first and not others:
        yield first


def _called(title: str) -> set[str]:
    """The words of a title, those that end as a possessive does also without that."""
    words = _words(title)
    return {*words, *(word[:-1] for word in words if word.endswith("s"))}


def _words(text: str) -> Sequence[str]:
    return _WORD.findall(folded(text))
