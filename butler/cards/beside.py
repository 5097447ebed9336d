"""Gathers what a card is held against and what its story tells, from both databases; what is missing makes a card say so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from butler.cards.card import Card, make_card
from butler.cards.contents import Beside
from butler.cards.reasons import Event, Story
from butler.core.actions import Kept
from butler.core.errors import StateError, UnknownRefError, UsageError
from butler.core.mail import Mail
from butler.core.notes import PlacedNote
from butler.core.owner import Owner
from butler.core.payloads import FileWrite, MailKeyword, MailMove
from butler.core.refs import file_ref

if TYPE_CHECKING:
    from butler.store.mirror import Mirror
    from butler.store.truth import Truth


def card_of(mirror: Mirror, owner: Owner, kept: Kept) -> Card:
    """The card of an action with all that the mirror knows about it."""
    return make_card(kept, gather(mirror, owner, kept))


def gather(mirror: Mirror, owner: Owner, kept: Kept) -> Beside:
    """What the card of an action may be held against."""
    payload = kept.action.payload
    refs = [at.ref for at in payload.messages] if isinstance(payload, MailMove | MailKeyword) else []
    causes = [ref for ref in kept.action.sources if ref.startswith("mail:")]
    found = {mail.ref: mail for mail in mails(mirror, refs)}
    thread: list[Mail] = []
    for ref in causes:
        # Most causes are mails of one thread, which is read at once.
        if ref not in {mail.ref for mail in thread}:
            thread += _thread_of(mirror, ref)
    found |= {mail.ref: mail for mail in thread if mail.ref in causes}
    return Beside(thread, found, _old_text(mirror, kept), owner.addresses, owner.zone)


def story_of(truth: Truth, mirror: Mirror, kept: Kept) -> Story:
    """All that is known about an action."""
    found = {mail.ref: mail for mail in mails(mirror, [ref for ref in kept.action.sources if ref.startswith("mail:")])}
    lines = truth.journal.about(f"action:{kept.id}")
    events = [Event(line.seq, line.at, line.what, line.facts) for line in lines]
    return Story(kept, truth.outbox.decisions(kept.id), events, found)


def mails(mirror: Mirror, refs: Iterable[str]) -> Iterator[Mail]:
    """The mails among some references that the mirror has."""
    for ref in dict.fromkeys(refs):
        try:
            yield mirror.reads.mail(ref)
        except (UnknownRefError, UsageError, StateError):
            continue


def _thread_of(mirror: Mirror, ref: str) -> list[Mail]:
    numbers = [mail.thread for mail in mails(mirror, (ref,))]
    return [mail for each in mirror.reads.threads(numbers).values() for mail in each] if numbers else []


def _old_text(mirror: Mirror, kept: Kept) -> str | None:
    payload = kept.action.payload
    if not isinstance(payload, FileWrite) or not payload.before:
        return None
    try:
        found = mirror.show(file_ref(payload.root, payload.path))
    except (UnknownRefError, UsageError, StateError):
        return None
    return found.text if isinstance(found, PlacedNote) else None
