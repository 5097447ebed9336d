"""What is celebrated when, by whom, as the cards say it: birthdays and anniversaries, pure."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from butler.core.contacts import Contact, PlacedContact, YearDay
from butler.core.folding import folded
from butler.core.text import one_line
from workflows.briefing.words import say

_WORD = re.compile(r"[^\W_]+")
_CARDS = 20
"""So many cards of one name are told with a line."""


@dataclass(frozen=True, slots=True)
class Celebration:
    """A birthday or an anniversary: its day, whose it is on which cards, and how many years it is then, where that is known."""

    day: dt.date
    kind: str
    who: str
    years: int | None
    placed: tuple[PlacedContact, ...]


def celebrations(
    contacts: Sequence[PlacedContact], first: dt.date, days: int, is_owner: Callable[[str], bool]
) -> list[Celebration]:
    """What is celebrated from a day on; the same on several cards of one name is one."""
    found: dict[tuple[dt.date, str, str], Celebration] = {}
    for one in _each(contacts, first, first + dt.timedelta(days), is_owner):
        key = (one.day, one.kind, folded(one.who))
        before = found.get(key)
        found[key] = one if before is None else _joined(before, one)
    return sorted(found.values(), key=lambda one: (one.day, one.kind != "birthday", folded(one.who), one.placed[0].ref))


def first_names(contacts: Sequence[PlacedContact]) -> Mapping[str, int]:
    """How many names there are in which each word stands."""
    names = {folded(placed.contact.name) for placed in contacts}
    return Counter(word for name in names for word in set(words_of(name)))


@lru_cache(maxsize=4096)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a name or title, in the spelling in which all others meet."""
    return tuple(_WORD.findall(folded(text)))


def _each(
    contacts: Sequence[PlacedContact], first: dt.date, last: dt.date, is_owner: Callable[[str], bool]
) -> Iterator[Celebration]:
    for placed in contacts:
        own = any(is_owner(address) for address in placed.contact.addresses)
        who = say("you") if own else one_line(placed.contact.name, 60)
        for kind, day in _days(placed.contact) if who else ():
            yield from (Celebration(on, kind, who, day.count(on), (placed,)) for on in day.between(first, last))


def _days(contact: Contact) -> Iterator[tuple[str, YearDay]]:
    if contact.birthday:
        yield "birthday", contact.birthday
    if contact.anniversary:
        yield "anniversary", contact.anniversary


def _joined(one: Celebration, other: Celebration) -> Celebration:
    """The same on two cards; where they name different years, none is known."""
    years = {each for each in (one.years, other.years) if each is not None}
    cards = (*one.placed, *other.placed)[:_CARDS]
    return Celebration(one.day, one.kind, one.who, years.pop() if len(years) == 1 else None, cards)
