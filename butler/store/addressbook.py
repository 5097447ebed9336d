"""Keeps contacts in the mirror and finds them. What writes runs inside the caller's transaction."""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from butler.core.contacts import Cards, Contact, PlacedContact, Relation
from butler.core.folding import beside, with_beside
from butler.core.plain import from_plain, to_plain
from butler.core.refs import contact_ref
from butler.store.database import Database, Row
from butler.store.match import all_named, kind_mark
from butler.store.sql import statements

MOST = 20_000
"""Contacts that are told at once."""
_URN = "urn:uuid:"
_DIGITS = "0123456789"
_LEAST_DIALLED, _MOST_DIALLED = 5, 18
_YEAR = timedelta(days=366)
_write = to_plain(Contact)
_read = from_plain(Contact)


class Addressbook:
    """Adds and forgets files of cards with the contacts in them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements("addressbook")

    def add(self, collection: int, cards: Sequence[Cards]) -> None:
        """Add files to an address book, or put them in the place of those with the same keys."""
        self.remove(collection, [each.key for each in cards])
        for each in cards:
            number = self._database.value(self._sql["add_card"], (collection, each.key, each.version))
            for contact in each.contacts:
                self._keep(number, contact)

    def remove(self, collection: int, keys: Sequence[str]) -> None:
        """Forget some files."""
        self._delete(self._sql["card_ids"], (collection, json.dumps(list(keys))))

    def forget(self, collection: int) -> None:
        """Forget all files of an address book."""
        self._delete(self._sql["all_card_ids"], (collection,))

    def _keep(self, card: int, contact: Contact) -> None:
        value = json.dumps(_write(contact), ensure_ascii=False)
        row = (card, contact.uid, contact.name.casefold(), int(contact.is_group), value)
        number = self._database.value(self._sql["add_contact"], row)
        addresses = [(address.lower(), number) for address in contact.addresses]
        days = [] if contact.is_group else [(day, number) for day in _days_of(contact)]
        self._database.many(self._sql["add_contact_address"], addresses)
        self._database.many(self._sql["add_contact_day"], days)
        words = (with_beside("\n".join(_names(contact))), contact.text, _beside(contact), kind_mark("contact"))
        self._database.run(self._sql["add_contact_text"], (number, *words))

    def _delete(self, which: str, values: Sequence[object]) -> None:
        cards = self._database.rows(which, values)
        numbers = self._database.rows(self._sql["contact_ids"], (json.dumps([number for (number,) in cards]),))
        for name in ("delete_contact_text", "delete_contact_addresses", "delete_contact_days", "delete_contact"):
            self._database.many(self._sql[name], numbers)
        self._database.many(self._sql["delete_card"], cards)


class ContactReads:
    """Finds contacts."""

    def __init__(self, database: Database) -> None:
        self._contacts = database
        self._contacts_sql = statements("addressbook")

    def contacts(self) -> Sequence[PlacedContact]:
        """Find all contacts, groups included, by name."""
        return self._placed("contacts", MOST)

    def people(self, asked: Sequence[str], limit: int) -> Sequence[PlacedContact]:
        """Find the contacts that have one of some addresses, or all words of one of some names in theirs."""
        addresses = [each.strip().lower() for each in asked if "@" in each]
        found = [*self._placed("contacts_at", json.dumps(addresses), limit)] if addresses else []
        for name in (each for each in asked if "@" not in each):
            if named := all_named(name):
                found += self._placed("contacts_named", named, limit)
        return self._named(list(dict.fromkeys(found))[:limit])

    def celebrations(self, first: date, last: date) -> Sequence[PlacedContact]:
        """Find the contacts with a birthday or an anniversary from a day to another one, both included."""
        days = sorted({number for each in _each_day(first, last) for number in _numbers(each)})
        return self._named(self._placed("contacts_on", json.dumps(days), MOST))

    def contact(self, book: str, uid: str) -> PlacedContact | None:
        """Find a contact by its address book and UID."""
        return next(iter(self._named(self._placed("contact", uid, book))), None)

    def addresses_of(self, name: str) -> Sequence[str]:
        """Find the addresses of everybody whose name or nickname holds all words of a text."""
        return sorted({address for each in self.people([name], MOST) for address in each.contact.addresses})

    def _placed(self, statement: str, *values: object) -> list[PlacedContact]:
        return [_placed(row) for row in self._contacts.rows(self._contacts_sql[statement], values)]

    def _named(self, found: Sequence[PlacedContact]) -> list[PlacedContact]:
        """The same, those whom they name by the UID of a card of the same address book by that card's name."""
        return [self._with_names(each) if any(map(_is_uid, each.contact.relations)) else each for each in found]

    def _with_names(self, placed: PlacedContact) -> PlacedContact:
        told = [replace(each, who=self._name_of(placed.book, each.who)) for each in placed.contact.relations]
        return replace(placed, contact=replace(placed.contact, relations=tuple(told)))

    def _name_of(self, book: str, who: str) -> str:
        for uid in dict.fromkeys((who, who.removeprefix(_URN))):
            if (found := self._placed("contact", uid, book)) and found[0].contact.name:
                return found[0].contact.name
        return who


def _is_uid(relation: Relation) -> bool:
    return relation.who.startswith(_URN)


def _placed(row: Row) -> PlacedContact:
    book, value, *_ = row
    contact: Contact = _read(json.loads(value))
    return PlacedContact(contact_ref(book, contact.uid), book, contact)


def _days_of(contact: Contact) -> Iterator[int]:
    for day in (contact.birthday, contact.anniversary):
        if day is not None:
            yield day.month * 100 + day.day


def _each_day(first: date, last: date) -> Iterator[date]:
    for days in range(min((last - first), _YEAR).days + 1):
        yield first + timedelta(days=days)


def _numbers(day: date) -> Iterator[int]:
    """What a day is in the table; the last of February is also the day after where there is none."""
    yield day.month * 100 + day.day
    if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
        yield 229


def _beside(contact: Contact) -> str:
    """What a search has to know of a card beside its words: also its numbers without blanks, from abroad and at home."""
    numbers = dict.fromkeys(each for phone in contact.phones for each in _dialled(phone.number))
    return " ".join((beside(contact.text), *numbers))


def _dialled(number: str) -> Iterator[str]:
    digits = "".join(each for each in number if each in _DIGITS)
    if not _LEAST_DIALLED <= len(digits) <= _MOST_DIALLED:
        return
    yield digits
    if number.lstrip().startswith("+"):
        yield f"00{digits}"
        yield from (f"0{digits[code:]}" for code in (1, 2, 3))


def _names(contact: Contact) -> Iterator[str]:
    yield from (each for each in (contact.name, *contact.nicknames) if each)
