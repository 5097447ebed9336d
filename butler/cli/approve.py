"""`butler approve`: shows what is meant, approves exactly that, and carries it out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from butler.cards.card import Card
from butler.cards.revealing import as_read
from butler.cli import beyond, deciding, opening, output
from butler.cli.beside import card_of, show_card
from butler.cli.deciding import Named, Told
from butler.core.errors import ButlerError, UsageError
from butler.core.text import one_line

if TYPE_CHECKING:
    from butler.house import House
    from butler.settings import Settings


def run(options: argparse.Namespace) -> int:
    """Approve the actions that are named, or that the filters mean."""
    wanted = _wanted(options)
    settings = opening.settings(options)
    with opening.house(settings) as house:
        cards, told = _picked(house, settings, options, wanted)
        if not cards and not told:
            output.say(options, "Nothing that is held is meant by this. `butler actions` lists what waits.")
        _show(cards, wanted, settings, options)
        if cards and not _is_agreed(cards, wanted, options):
            output.say(options, "Nothing was approved.")
            return 1
        told += [approved(house, card) for card in cards]
        if not options.later:
            told = deciding.carried_out(house, told)
    if options.later:
        beyond.look(settings.state_dir)
    return deciding.report(options, told)


def approved(house: House, card: Card, via: str = deciding.VIA) -> Told:
    """Approve what a card shows, and nothing else."""
    kept = card.kept
    return deciding.tried(kept.id, lambda: house.gate.approve(kept.id, kept.hash, deciding.owner(), via))


def _wanted(options: argparse.Namespace) -> list[Named]:
    """The actions that are named; raises UsageError unless there are either some or a filter."""
    is_filtered = bool(options.kind or options.account)
    if bool(options.ids) == is_filtered:
        raise UsageError(
            "Name actions or a filter, one of both.",
            advice="Such as `butler approve 41`, or `butler approve --kind mail.keyword`.",
        )
    return deciding.without_repeats([deciding.named(text) for text in options.ids])


def _picked(
    house: House, settings: Settings, options: argparse.Namespace, wanted: Sequence[Named]
) -> tuple[list[Card], list[Told]]:
    """The cards of what can be approved, and what is to be said about the rest."""
    if not wanted:
        return [card_of(house, settings, kept) for kept in deciding.every(house, options)], []
    cards, told = [], []
    for each in wanted:
        try:
            cards.append(card_of(house, settings, deciding.held(house, each)))
        except ButlerError as error:
            told.append(Told(each.number, str(error), error.exit_code))
    return cards, told


def _show(cards: Sequence[Card], wanted: Sequence[Named], settings: Settings, options: argparse.Namespace) -> None:
    bound = _bound(wanted)
    unseen = [card for card in cards if card.kept.id not in bound]
    if options.json or (options.quiet and options.yes):
        return
    if len(unseen) == 1:
        output.show(show_card(unseen[0], settings))
        return
    for card in unseen:
        output.show(f"#{card.kept.id} {card.kept.action.kind} {card.kept.hash[:12]}  {card.what}")
        for warning in card.warnings:
            output.show(output.painted("33", f"    ! {one_line(warning, 1000)}"))


def _is_agreed(cards: Sequence[Card], wanted: Sequence[Named], options: argparse.Namespace) -> bool:
    """Whether the owner means it: asked for several at once, and for recipients that the thread does not know."""
    bound = _bound(wanted)
    unseen = [card for card in cards if card.kept.id not in bound]
    strangers = [address for card in unseen for address in card.strangers]
    if options.yes or not unseen or (wanted and len(cards) == 1 and not strangers):
        return True
    what = "this" if len(cards) == 1 else f"these {len(cards)}"
    new = f", to {', '.join(as_read(each) for each in strangers)}, new in the thread" if strangers else ""
    if not sys.stdin.isatty():
        raise UsageError(
            f"Nobody can be asked here whether to approve {what}{new}.",
            advice="Say --yes, or bind each to what you saw, as ID@HASH.",
        )
    output.ask(f"Approve {what}{new}? [y/N] ")
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}


def _bound(wanted: Sequence[Named]) -> set[int]:
    return {each.number for each in wanted if each.prefix}
