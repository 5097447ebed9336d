"""`butler send`: turns a held draft into a mail that is held to be sent."""

from __future__ import annotations

import argparse

from butler.cli import deciding, opening, output
from butler.cli.beside import card_of, show_card
from butler.core.actions import Action, Kept
from butler.core.errors import UsageError
from butler.core.payloads import MailDraft, MailSend
from butler.settings import Settings


def run(options: argparse.Namespace) -> int:
    """Propose the sending of a draft in its place, and print the card; nothing is sent before that one is approved."""
    settings = opening.settings(options)
    with opening.house(settings) as house:
        draft = deciding.held(house, deciding.named(options.id))
        kept = house.gate.propose(sending(draft, settings))
        card = card_of(house, settings, kept)
    if options.json:
        from butler.cards import document

        output.show_json(document.as_json(card))
    else:
        output.show(show_card(card, settings))
        output.say(options, f"It is held. `butler approve {kept.id}` sends it.")
    return 0


def sending(draft: Kept, settings: Settings) -> Action:
    """The action that sends what a held draft says; raises UsageError where it is none or nothing can be sent from there."""
    payload = draft.action.payload
    if not isinstance(payload, MailDraft):
        raise UsageError(f"Action {draft.id} is a {draft.action.kind}, no draft.", advice="`butler actions` lists what waits.")
    account = payload.letter.account
    part = settings.mail.get(account)
    if part is None or not part.smtp.host:
        raise UsageError(
            f"Nothing can be sent from {account}.",
            advice=f"Set mail.{account}.smtp.host, or approve the draft and send it from your mail program.",
        )
    old = draft.action
    return Action(
        MailSend(letter=payload.letter),
        f"You asked to send draft {draft.id}. {old.reason}",
        f"send|{draft.id}|{draft.hash}",
        old.sources,
        taint=old.taint,
        findings=old.findings,
        rule=old.rule,
        step=old.step,
        digest=old.digest,
        expires=old.expires,
        replaces=draft.id,
    )
