"""`butler propose`: puts an action of one's own before the gate, for scripts and for what no workflow proposes."""

from __future__ import annotations

import argparse
import hashlib
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from butler.cli import deciding, opening, output
from butler.cli.beside import card_of, show_card
from butler.cli.given import text_of
from butler.core.actions import Action, payload_text, read_payload
from butler.core.errors import UsageError
from butler.core.payloads import Payload, Undo
from butler.core.text import one_line


def run(options: argparse.Namespace) -> int:
    """Read a payload as JSON, propose it, and print the card of what came of it."""
    payload = read(text_of(options.file, "JSON"))
    settings = opening.settings(options)
    now = datetime.now(UTC)
    cause = f"person:{deciding.owner()}:{options.key or hashlib.sha256(payload_text(payload).encode()).hexdigest()[:16]}"
    action = Action(
        payload,
        one_line(options.because, 500) or "You proposed it.",
        f"{cause}|{now.isoformat()}" if not options.key else cause,
        (cause,),
        expires=now + timedelta(days=settings.drafting.hold_days),
    )
    with opening.house(settings) as house:
        kept = house.gate.propose(action)
        card = card_of(house, settings, kept)
    if options.json:
        from butler.cards import document

        output.show_json(document.as_json(card))
    else:
        output.show(show_card(card, settings))
    return 0


def read(text: str) -> Payload:
    """Read a payload as `butler show ID --json` prints it; raises UsageError with every problem."""
    try:
        payload = read_payload(text)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in each['loc']) or 'the document'}: {each['msg']}" for each in error.errors()[:10]
        )
        raise UsageError(
            f"This is no payload of an action: {one_line(problems, 1000)}.",
            advice="docs/actions.md lists the kinds; `butler show ID --json` prints payloads.",
        ) from error
    if isinstance(payload, Undo):
        raise UsageError("An undo is not proposed.", advice="`butler undo ID` takes an action back.")
    return payload
