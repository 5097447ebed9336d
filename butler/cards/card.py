"""An action as its owner has to see it before they decide, pure: made from the exact payload and nothing else's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from butler.cards import ics
from butler.cards.contents import Beside, Contents, Part, letter_of
from butler.cards.revealing import Reveal, some
from butler.cards.saying import saying
from butler.core import payloads as p
from butler.core.actions import Kept

_LINK = re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]{1,15}://|www\.)[^\s<>\"'⟨⟩]+")
_CLOSING = ".,;:!?)]}"


@dataclass(frozen=True, slots=True)
class Link:
    """An address in a text and the host that it really leads to."""

    url: str
    domain: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card, ready to be laid out; every text in it is harmless. `fields` are short, `parts` whole texts."""

    kept: Kept
    what: str
    reason: str
    warnings: tuple[str, ...]
    remarks: tuple[str, ...]
    origin: tuple[str, ...]
    links: tuple[Link, ...]
    strangers: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    changes: tuple[ics.Change, ...]
    parts: tuple[Part, ...]


def make_card(kept: Kept, beside: Beside | None = None) -> Card:
    """Make the card of an action; `beside` is what it may be held against."""
    beside = beside or Beside()
    reveal = Reveal()
    action = kept.action
    contents = Contents(reveal, beside)
    fields = tuple(contents.fields(action.payload))
    changed = tuple(contents.changes(action.payload))
    parts = tuple(contents.parts(action.payload))
    letter = letter_of(action.payload)
    strangers = _strangers(letter, beside, reveal) if letter else ()
    said = [reveal.line(each.sentence, "warning") for each in action.findings if each.warning]
    return Card(
        kept=kept,
        what=saying(action.payload),
        reason=reveal.line(action.reason, "reason"),
        remarks=tuple(reveal.line(each.sentence, "remark") for each in action.findings if not each.warning),
        origin=tuple(_origin(kept, reveal)),
        links=tuple(_links(letter, reveal)),
        strangers=strangers,
        fields=fields,
        changes=changed,
        parts=parts,
        warnings=(*said, *reveal.sentences),
    )


def _origin(kept: Kept, reveal: Reveal) -> Iterator[str]:
    """Whose words it rests on, somebody else's only, and how many of their mails, events or notes."""
    by: dict[str, int] = {}
    for taint in kept.action.taint:
        if taint.foreign:
            by[taint.by] = by.get(taint.by, 0) + 1
    for address, count in by.items():
        who = reveal.address(address, "sender") if address else "somebody unknown"
        yield who if count == 1 else f"{who} ({count} times)"


def _strangers(letter: p.Letter, beside: Beside, reveal: Reveal) -> tuple[str, ...]:
    """The recipients who were in no mail of the thread."""
    if not beside.thread:
        reveal.note("The mail that it answers is not in the mirror, so its recipients were not compared with a thread.")
        return ()
    known = {address.casefold() for address in beside.owner}
    for mail in beside.thread:
        message = mail.message
        people = [message.sender] if message.sender else []
        known.update(each.address.casefold() for each in (*people, *message.reply_to, *message.to, *message.cc))
    new = [each.address for each in letter.recipients if each.address.casefold() not in known]
    if new:
        reveal.note(f"New in this thread: {some([reveal.address(address, 'addresses') for address in new])}.")
    return tuple(new)


def _links(letter: p.Letter | None, reveal: Reveal) -> Iterator[Link]:
    """The links of what the owner would say, each with its real host."""
    if letter is None:
        return
    for found in dict.fromkeys(match.group().rstrip(_CLOSING) for match in _LINK.finditer(letter.body)):
        try:
            host = urlsplit(found if "://" in found else f"//{found}").hostname or ""
        except ValueError:
            host = ""
        yield Link(reveal.line(found, "links"), reveal.address(host, "links") if host else "no host")
