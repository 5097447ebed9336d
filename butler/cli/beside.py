"""The cards of actions in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from butler.cards import beside
from butler.cards.card import Card
from butler.cli import output
from butler.core.actions import Kept
from butler.core.mail import Mail

if TYPE_CHECKING:
    from butler.house import House
    from butler.settings import Settings


def card_of(house: House, settings: Settings, kept: Kept) -> Card:
    """The card of an action with all that the mirror knows about it."""
    return beside.card_of(house.mirror, settings.person(), kept)


def mails(house: House, refs: Iterable[str]) -> Iterator[Mail]:
    """The mails among some references that the mirror has."""
    return beside.mails(house.mirror, refs)


def show_card(card: Card, settings: Settings, *, hint: bool = True) -> str:
    """The card as it is printed here."""
    from butler.cards.page import as_text

    begins = output.program() if hint else ""
    return as_text(card, width=output.width(), colour=output.colour(), zone=settings.person().zone, hint=begins)
