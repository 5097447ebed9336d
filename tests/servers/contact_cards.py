"""Contacts and the cards that they are read from, as tests need them."""

from __future__ import annotations

from typing import Any

from butler.core.contacts import Cards, Contact, PlacedContact, RawCards, YearDay
from butler.core.refs import contact_ref
from tools.contacts.vcard import parse


def card(name: str = "Eva Roth", *lines: str, uid: str = "", version: str = "3.0") -> str:
    """A card of some more lines."""
    told = (f"UID:{uid or name.lower().replace(' ', '-')}", f"FN:{name}", *lines)
    return "\r\n".join(("BEGIN:VCARD", f"VERSION:{version}", *told, "END:VCARD", ""))


def cards(text: str | bytes) -> Cards:
    """What is made of a file."""
    return parse(RawCards("a.vcf", "1", text.encode() if isinstance(text, str) else text))


def only(text: str | bytes) -> Contact:
    """What is made of a file of one card."""
    (found,) = cards(text).contacts
    return found


def contact(name: str, birthday: tuple[int, ...] | None = None, *, book: str = "friends", **rest: Any) -> PlacedContact:
    """A contact with a birthday of month, day and, where it is known, year."""
    uid = rest.pop("uid", name.lower().replace(" ", "-"))
    day = YearDay(*birthday) if birthday else None
    return PlacedContact(contact_ref(book, uid), book, Contact(uid, name, birthday=day, **rest))
