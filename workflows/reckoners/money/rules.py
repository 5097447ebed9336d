"""The owner's rules: which words of a booking put it into which category."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from butler.core.daynames import unaccented
from workflows.reckoners.showing import words_in
from workflows.reckoners.statements.bookings import Booking

NONE_IN, NONE_OUT = "no category, in", "no category, out"


@dataclass(frozen=True, slots=True)
class Rules:
    """Categories by name, in their order, and what is left out of all sums, such as transfers between own accounts."""

    categories: Sequence[tuple[str, re.Pattern[str]]]
    left_out: re.Pattern[str] | None = None

    def category(self, booking: Booking) -> str:
        """The first category of which a word stands in the booking."""
        text = _said(booking)
        named = (name for name, pattern in self.categories if pattern.search(text))
        return next(named, NONE_IN if booking.amount > 0 else NONE_OUT)

    def is_left_out(self, booking: Booking) -> bool:
        """Whether it counts in no sum."""
        return bool(self.left_out and self.left_out.search(_said(booking)))


def rules_of(categories: object, left_out: object) -> Rules:
    """The rules that the options say; raises ValueError with a sentence."""
    if categories is None:
        categories = {}
    if not isinstance(categories, Mapping):
        raise ValueError('categories: write a name with its words, such as {Rent: "Miete, Hausverwaltung"}.')
    named = [(str(name), _pattern(words_in(words, f"categories.{name}"))) for name, words in categories.items()]
    left = words_in(left_out, "leave_out")
    return Rules(tuple(named), _pattern(left) if left else None)


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Whole words, whatever their case and accents; a star stands for the rest of one."""
    if not words:
        return re.compile(r"(?!)")
    each = (re.escape(_folded(word)).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(each)})(?!\w)")


def _said(booking: Booking) -> str:
    return _folded(f"{booking.payee}\n{booking.purpose}")


def _folded(text: str) -> str:
    return unaccented(text.casefold())
