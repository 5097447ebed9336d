"""`butler respond`: asks for another version in the owner's words, and drafts it at once."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from butler.cards.lines import as_line
from butler.cards.saying import saying
from butler.cli import deciding, opening, output
from butler.cli.beside import card_of, show_card
from butler.core.actions import Kept
from butler.core.context import Wish
from butler.core.errors import EXIT_UNAVAILABLE, BusyError, ButlerError, UsageError
from butler.core.payloads import REVISED_BY

if TYPE_CHECKING:
    from butler.house import House


def run(options: argparse.Namespace) -> int:
    """Record the wish, run the revision and print the card that came of it; or revise what waits for that."""
    if options.waiting != (not options.id) or bool(options.id) != bool(options.text):
        raise UsageError(
            "Name an action and say what is to be different, or ask for what waits.",
            advice='Such as `butler respond 41 "shorter"`, or `butler respond --waiting`.',
        )
    if options.waiting:
        return _revise_waiting(options)
    wanted = deciding.named(options.id)
    settings = opening.settings(options)
    with opening.house(settings) as house:
        kept = answered(house, deciding.held(house, wanted), " ".join(options.text), deciding.VIA)
        revised, why = revise(house, kept, " ".join(options.text), model=not options.no_model)
        card = card_of(house, settings, revised or kept)
    if options.json:
        from butler.cards import document

        output.show_json({"revised": revised is not None, "sentence": why, "action": document.as_json(card)})
    elif revised:
        output.show(show_card(card, settings))
    if revised is None or why:
        output.say(options, why)
    return 0


def answered(house: House, kept: Kept, text: str, via: str) -> Kept:
    """Record what the owner wants changed of exactly this version."""
    if kept.action.kind not in REVISED_BY:
        raise UsageError(
            f"Action {kept.id} is a {kept.action.kind}; no workflow revises that.",
            advice=f"Change it yourself with `butler edit {kept.id}`, or reject it.",
        )
    return house.gate.respond(kept.id, kept.hash, text, deciding.owner(), via)


def _revise_waiting(options: argparse.Namespace) -> int:
    """Revise what its owner asked to have changed and nobody did yet; what goes wrong with one does not stop the others."""
    new, left = [], []
    with opening.house(opening.settings(options)) as house:
        for wish in house.truth.outbox.wishes():
            try:
                revised, why = revise(house, house.truth.outbox.get(wish.action), wish.text, model=not options.no_model)
            except ButlerError as error:
                revised, why = None, str(error)
            if revised is None:
                left.append({"id": wish.action, "sentence": why})
            else:
                new.append(revised)
    if options.json:
        output.show_json({"proposed": [as_line(kept) for kept in new], "left": left})
    for each in left:
        output.say(options, f"#{each['id']}: {each['sentence']}")
    for kept in () if options.json else new:
        output.show(f"#{kept.id} {kept.status}: {saying(kept.action.payload)}")
    if not new and not left:
        output.say(options, "Nothing waits to be revised.")
    return EXIT_UNAVAILABLE if left else 0


def revise(house: House, kept: Kept, text: str, *, model: bool = True) -> tuple[Kept | None, str]:
    """Run the revision: the action that replaces this one, or None and a sentence on what it waits for."""
    workflow = REVISED_BY[kept.action.kind]
    waits = f"Your wish is kept with action {kept.id}"
    try:
        done = house.do(workflow, sync=False, model=model, wish=Wish(kept, text))
    except BusyError as busy:
        return None, f"{waits}. {busy} Then say it once more."
    new = next((each for each in done.proposed if each.action.replaces == kept.id), None)
    if new is not None:
        return new, ""
    left = next((str(each.get("reason", "")) for each in done.result.get("left", ())), "")
    return None, f"{waits}. {left or 'It waits for a model.'}"
