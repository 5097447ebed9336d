"""`butler show`: the card of an action, or what a reference points at."""

from __future__ import annotations

import argparse

from butler.cli import deciding, opening, output
from butler.cli.showing import as_json, as_text
from butler.core.refs import parse_ref


def run(options: argparse.Namespace) -> int:
    """Print a card, a mail, an event, a task or a note."""
    if deciding.is_number(options.ref):
        return _show_action(options)
    ref = parse_ref(options.ref)
    settings = opening.settings(options)
    with opening.house(settings) as house:
        found = house.show(options.ref)
    if options.json:
        output.show_json(as_json(found))
    else:
        line = int(ref.part) if ref.kind == "file" and ref.part else None
        output.show(as_text(found, settings.person().zone, line))
    return 0


def _show_action(options: argparse.Namespace) -> int:
    from butler.cards import document
    from butler.cli.beside import card_of, show_card

    settings = opening.settings(options)
    with opening.house(settings) as house:
        card = card_of(house, settings, house.truth.outbox.get(deciding.named(options.ref).number))
    if options.json:
        output.show_json(document.as_json(card))
    else:
        output.page(show_card(card, settings))
    return 0
