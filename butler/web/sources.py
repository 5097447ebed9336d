"""What a line rests on as a page shows it, pure: its words with the quoted ones marked, its people, and the facts around it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from butler.core.calendar import Attendee, Placed, PlacedTask
from butler.core.contacts import PlacedContact
from butler.core.grounding import place_of_quote
from butler.core.mail import Address, Mail
from butler.core.notes import PlacedNote
from butler.core.text import one_line, visible

Shown = Mail | Placed | PlacedTask | PlacedNote | PlacedContact

AROUND = 350
"""Characters shown before and after quoted words."""

LINES_AROUND = 5
"""Lines shown before and after the line of a note."""

WHOLE = 20_000
"""Characters of a text that are put below an excerpt; a longer one has pages of its own."""

PAGE = 60_000
"""Characters on each of those."""

PEOPLE = 12
"""Recipients or guests that are named at once."""

MORE_PEOPLE = 200
"""How many more can be opened there; of still more there are pages."""

_LONGEST = 1_000
_ANSWERS = {
    "accepted": "accepted",
    "declined": "declined",
    "tentative": "perhaps",
    "needs-action": "no answer yet",
    "delegated": "somebody else comes",
}


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of a text: what stands before the quoted words, those words, and what follows; `cut` says where there is more."""

    before: str
    quoted: str
    after: str
    cut_before: bool = False
    cut_after: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """Those that something went to or that take part: some named at once, some to be opened, and how many there are."""

    role: str
    first: tuple[str, ...]
    more: tuple[str, ...]
    total: int

    @property
    def left(self) -> int:
        """How many are on pages of their own."""
        return self.total - len(self.first) - len(self.more)


def words(text: str, quote: str | None) -> Words | None:
    """A text's words around a quote; None where the quote does not stand in it."""
    place = place_of_quote(quote, text) if quote else None
    if place is None:
        return None
    begin, end = place
    first, last = _start_of(text, begin - AROUND), _end_of(text, end + AROUND)
    return _seen(text[first:begin], text[begin:end], text[end:last], cut=(first > 0, last < len(text)))


def marked(text: str, quote: str | None) -> Words:
    """The whole of a text, with a quote in it marked where it stands there."""
    place = place_of_quote(quote, text) if quote else None
    begin, end = place or (len(text), len(text))
    return _seen(text[:begin].lstrip("\n"), text[begin:end], text[end:])


def line_words(text: str, number: int) -> Words | None:
    """The lines around one of them, by its number from 1; None where there is no such line."""
    found = text.split("\n")
    if not 1 <= number <= len(found):
        return None
    first, last = max(0, number - 1 - LINES_AROUND), number + LINES_AROUND
    before, after = ("\n".join(each) for each in (found[first : number - 1], found[number:last]))
    cut = (first > 0, last < len(found))
    return _seen(f"{before}\n" if before else "", found[number - 1], f"\n{after}" if after else "", cut=cut)


def line_marked(text: str, number: int) -> Words:
    """The whole of a text with one of its lines marked, where there is such a line."""
    found = text.split("\n")
    if not 1 <= number <= len(found):
        return _seen(text, "", "")
    at = sum(len(line) + 1 for line in found[: number - 1])
    end = at + len(found[number - 1])
    return _seen(text[:at], text[at:end], text[end:])


def text_of(found: Shown) -> str:
    """What somebody wrote in it."""
    match found:
        case Mail():
            return found.message.text
        case Placed():
            return found.occurrence.description
        case PlacedTask():
            return found.task.description
        case PlacedNote():
            return found.text
        case PlacedContact():
            return found.contact.text


def title_of(found: Shown) -> str:
    """What it is called, on one line."""
    match found:
        case Mail():
            return one_line(found.message.subject) or "(no subject)"
        case Placed():
            return one_line(found.occurrence.summary) or "(no title)"
        case PlacedTask():
            return one_line(found.task.summary) or "(no title)"
        case PlacedNote():
            return one_line(found.path)
        case PlacedContact():
            return one_line(found.contact.name) or "(no name)"


def people_of(found: Shown) -> list[People]:
    """Everybody whom it went to, or who takes part, with their answers."""
    return [
        People(role, tuple(map(name, who[:PEOPLE])), tuple(map(name, who[PEOPLE : PEOPLE + MORE_PEOPLE])), len(who))
        for role, who, name in _people(found)
        if who
    ]


def everybody(found: Shown, start: int, limit: int) -> tuple[list[str], int]:
    """Some of them, from a place on, each with their role, and how many there are."""
    every = [(role, each, name) for role, who, name in _people(found) for each in who]
    return [f"{role}: {name(each)}" for role, each, name in every[start : start + limit]], len(every)


def sender_of(mail: Mail) -> str:
    """Who wrote a mail."""
    return person(mail.message.sender) if mail.message.sender else "nobody"


def person(address: Address) -> str:
    """A person with their address, on one line."""
    name = one_line(address.name, _LONGEST)
    return f"{name} <{one_line(address.address, _LONGEST)}>" if name else one_line(address.address, _LONGEST)


def repeats(rule: str) -> str:
    """A recurrence rule (RFC 5545) in words where it is a plain one, else as it is written."""
    parts = dict(part.partition("=")[::2] for part in rule.upper().split(";") if "=" in part)
    word = _EVERY.get(parts.get("FREQ", ""))
    many = parts.get("INTERVAL", "1")
    if word is None or not many.isdigit() or parts.keys() - {"FREQ", "INTERVAL", "BYDAY", "WKST", "UNTIL", "COUNT"}:
        return one_line(rule)
    days = [_DAYS.get(day) for day in parts.get("BYDAY", "").split(",") if day]
    if None in days:
        return one_line(rule)
    every = f"every {word}" if many == "1" else f"every {many} {word}s"
    return f"{every} on {', '.join(map(str, days))}" if days else every


_EVERY = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_DAYS = {"MO": "Mon", "TU": "Tue", "WE": "Wed", "TH": "Thu", "FR": "Fri", "SA": "Sat", "SU": "Sun"}


def last_day(placed: Placed) -> dt.date:
    """The last day of an occurrence that covers whole days."""
    start, end = placed.occurrence.start, placed.occurrence.end
    return max(end - dt.timedelta(days=1), start)


def sizes(mail: Mail) -> Sequence[str]:
    """Its attachments, by name, kind and size."""
    return [
        f"{one_line(each.name) or 'unnamed'} ({one_line(each.media_type, 80)}, {each.size:,} bytes)"
        for each in mail.message.attachments
    ]


def _people(found: Shown) -> Iterator[tuple[str, Sequence[Any], Callable[[Any], str]]]:
    match found:
        case Mail():
            yield "To", found.message.to, person
            yield "Cc", found.message.cc, person
        case Placed():
            yield "With", found.occurrence.attendees, _guest
        case _:
            return


def _guest(attendee: Attendee) -> str:
    return f"{person(Address(attendee.name, attendee.address))}: {_ANSWERS[attendee.answer]}"


def _seen(before: str, quoted: str, after: str, cut: tuple[bool, bool] = (False, False)) -> Words:
    return Words(visible(before), visible(quoted), visible(after), *cut)


def _start_of(text: str, at: int) -> int:
    """A place to begin near another: after a line's end or a space where there is one."""
    if at <= 0:
        return 0
    found = max(text.rfind("\n", at, at + AROUND // 2), text.rfind(" ", at, at + 40))
    return found + 1 if found >= 0 else at


def _end_of(text: str, at: int) -> int:
    if at >= len(text):
        return len(text)
    found = text.rfind(" ", at - 40, at)
    return found if found >= 0 else at
