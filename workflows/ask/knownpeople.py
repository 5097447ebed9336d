"""Answers that the owner's address books hold: somebody's telephone, mail address or birthday, as their card says it."""

from __future__ import annotations

from collections.abc import Mapping

from butler.core.asking import Answer
from butler.core.context import Context
from workflows.ask import says
from workflows.ask.intents import Intent
from workflows.ask.wording import Wording

_MOST = 3
_LINES: Mapping[str, str] = {"phone": "Phone", "mailbox": "Mail", "birthday": "Birthday"}


def on_card(context: Context, intent: Intent, wording: Wording) -> Answer | None:
    """The lines of the cards of who is named that say it; None where none does."""
    for placed in context.reads.people([intent.who], _MOST):
        lines = [line for line in placed.contact.text.splitlines() if line.startswith(_LINES[intent.kind])]
        for line in lines:
            cite = wording.cite(placed.ref, says.title(placed.contact.name), None, line)
            wording.add(f"{says.title(placed.contact.name)}: {says.title(line)}", [cite])
    found = wording.answer()
    return found if found.sentences else None
