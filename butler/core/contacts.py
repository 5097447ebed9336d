"""What a contact is: as an address book hands its cards over, as they are once parsed, and as the mirror keeps them."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

_LEAP_DAY = (2, 29)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class RawCards:
    """A file of vCards as its address book hands it over: `key` is its href or file name, `version` its ETag or hash."""

    key: str
    version: str
    content: bytes


@dataclass(frozen=True, slots=True)
class YearDay:
    """A day that comes again each year; `year` is that of the first one, 0 where it is not told."""

    month: int
    day: int
    year: int = 0

    def __str__(self) -> str:
        """The day as it is read: `12 April 1984`, or without a year."""
        return f"{self.day} {_MONTHS[self.month - 1]}" + (f" {self.year}" if self.year else "")

    def within(self, year: int) -> date:
        """When it is in a year: 29 February is on the 28th where there is none."""
        if (self.month, self.day) == _LEAP_DAY and not calendar.isleap(year):
            return date(year, 2, 28)
        return date(year, self.month, self.day)

    def between(self, first: date, last: date) -> Iterator[date]:
        """Each time it comes from a day to another one, both included; not before it was first."""
        for year in range(max(first.year, self.year), last.year + 1):
            if first <= (found := self.within(year)) <= last:
                yield found

    def count(self, on: date) -> int | None:
        """How many years it is then since the first one; None where that year is not told."""
        return on.year - self.year if self.year and on.year >= self.year else None


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number as it is written, and what it is for (`mobile`, `work`, …), or empty."""

    number: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """A postal address on one line, and what it is for (`home`, `work`, …), or empty."""

    lines: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """Who somebody is to the contact: `who` is their name, or the UID of their card, as it is written there."""

    kind: str
    who: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A card: a person, an organisation, or a group of others (`is_group`).

    Every text is decoded Unicode on as many lines as it was written; `addresses` are in lower case. `birthday_text` is what
    the card says of the birthday where that is no date. `members` are a group's, as they are written.
    """

    uid: str
    name: str
    nicknames: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    phones: tuple[Phone, ...] = ()
    organisation: str = ""
    title: str = ""
    birthday: YearDay | None = None
    birthday_text: str = ""
    anniversary: YearDay | None = None
    relations: tuple[Relation, ...] = ()
    categories: tuple[str, ...] = ()
    note: str = ""
    is_group: bool = False
    members: tuple[str, ...] = ()
    given: str = ""
    revised: str = ""
    homes: tuple[Home, ...] = ()
    pages: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The card as it is read, line by line, without its name: what is shown, searched and quoted of it."""
        told = [f"{name}: {value}" for name, value in self.lines() if value]
        return "\n".join([*told, f"Note: {self.note}"] if self.note else told)

    def lines(self) -> Iterator[tuple[str, str]]:
        """What each line of it is called, and what it says, which may be nothing; without name and note."""
        yield "Nickname", ", ".join(self.nicknames)
        yield "Organisation", self.organisation
        yield "Title", self.title
        for address in self.addresses:
            yield "Mail", address
        for phone in self.phones:
            yield f"Phone ({phone.label})" if phone.label else "Phone", phone.number
        for home in self.homes:
            yield f"Address ({home.label})" if home.label else "Address", home.lines
        for page in self.pages:
            yield "Page", page
        yield "Birthday", str(self.birthday) if self.birthday else self.birthday_text
        yield "Anniversary", str(self.anniversary) if self.anniversary else ""
        for relation in self.relations:
            yield relation.kind.capitalize() or "Related", relation.who
        yield "Categories", ", ".join(self.categories)
        yield "Members", str(len(self.members)) if self.is_group else ""


@dataclass(frozen=True, slots=True)
class Cards:
    """A parsed file of vCards, and sentences on what could not be read."""

    key: str
    version: str
    contacts: tuple[Contact, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedContact:
    """A contact with its reference and the name of its address book."""

    ref: str
    book: str
    contact: Contact


def card_of(address: str, found: Sequence[PlacedContact]) -> PlacedContact | None:
    """The card of whoever has an address; None where there is none, or where two with that address bear different names."""
    cards = [each for each in found if address.lower() in each.contact.addresses and not each.contact.is_group]
    names = {each.contact.name.casefold() for each in cards}
    return cards[0] if len(names) == 1 and "@" not in cards[0].contact.name else None
