"""What a page shows of an action: its card with what lies beside it, and what its owner may do with it now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from zoneinfo import ZoneInfo

from butler.cards import beside as gathering
from butler.cards import versions
from butler.cards.card import Card, make_card
from butler.cards.contents import Beside, Part, letter_of
from butler.cards.revealing import Reveal
from butler.cards.saying import saying
from butler.cards.sheets import sheet_of
from butler.core import payloads as p
from butler.core.actions import Decision, Kept, payload_text
from butler.core.errors import ButlerError, UnknownActionError
from butler.core.mail import Mail
from butler.gate import REJECTABLE, undoable
from butler.web.books import Books

LONGEST = 20_000
"""Characters of an action that is shown whole among others; what is longer has a page of its own."""
ROOM = 100_000
"""Characters of all actions together that one page shows whole."""
LONGEST_TYPED = 200_000
"""Characters of a text that can be edited in a form."""
_LINES, _CHARACTERS = 14, 1200
_MOST_DIFFERENT = 4000
_ASIDE = frozenset({"Reply to", "Thread", "Message-ID"})


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a card: the lines that are seen at once, and the rest that is unfolded."""

    title: str
    style: str
    lines: Sequence[str]
    rest: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """An action as a page shows it; `card` is None where it is too long to be shown among others.

    `own` is what it would write or do, `aside` what a computer makes of that, `source` the mail that it is about, `answered`
    its words, `changed` what differs from the version before, which `since` names.
    """

    kept: Kept
    what: str
    card: Card | None
    mark: str = ""
    fields: Sequence[tuple[str, str]] = ()
    own: Sequence[Block] = ()
    aside: Sequence[Block] = ()
    small: Sequence[tuple[str, str]] = ()
    source: Mail | None = None
    answered: Sequence[Block] = ()
    changed: Block | None = None
    since: str = ""
    decisions: Sequence[Decision] = ()
    wish: str = ""
    is_revised: bool = False
    can: frozenset[str] = frozenset()


class Showing:
    """Makes what is shown of some actions, one after the other, as long as there is room for them."""

    def __init__(self, books: Books, room: int = ROOM) -> None:
        self._books = books
        self._room = room
        self._wishes: Mapping[int, str] = {wish.action: wish.text for wish in books.truth.outbox.wishes()}

    def among_others(self, kept: Kept) -> Shown:
        """An action in a list; too long ones are named only."""
        # Before anything is read of the thousand mails that it may speak of.
        size = len(payload_text(kept.action.payload))
        if size > min(LONGEST, self._room):
            return self._named(kept)
        beside = gathering.gather(self._books.mirror, self._books.owner, kept)
        size += sum(len(mail.message.text) for mail in _answered(kept, beside))
        if size > min(LONGEST, self._room):
            return self._named(kept)
        self._room -= size
        return self._whole(kept, beside, most=_LINES)

    def alone(self, kept: Kept) -> Shown:
        """An action on a page of its own: all of it."""
        return self._whole(kept, gathering.gather(self._books.mirror, self._books.owner, kept), most=3 * _LINES)

    def _named(self, kept: Kept) -> Shown:
        return Shown(kept, saying(kept.action.payload), None, can=frozenset({"reject"}) & may(kept))

    def _whole(self, kept: Kept, beside: Beside, most: int) -> Shown:
        card = make_card(kept, beside)
        own, aside, quoted = _sorted(card)
        letter = letter_of(kept.action.payload)
        source = next(iter((*_answered(kept, beside), *_sources(kept, beside))), None)
        if not quoted and source is not None:
            quoted = [Part("", Reveal().lines(source.message.text.strip("\n"), "mail")[:200], "quoted")]
        since, changed = self._changed(kept)
        return Shown(
            kept=kept,
            what=card.what,
            card=card,
            mark=mark_of(card.strangers),
            fields=[field for field in card.fields if field[0] not in _ASIDE],
            own=[Block(part.title, part.style, part.lines) for part in own],
            aside=[Block(part.title, part.style, part.lines) for part in aside],
            small=[field for field in card.fields if field[0] in _ASIDE],
            source=source,
            answered=[folded(part if letter and letter.quoted else replace(part, title=""), most) for part in quoted],
            changed=changed,
            since=since,
            decisions=self._books.truth.outbox.decisions(kept.id),
            wish=self._wishes.get(kept.id, ""),
            is_revised=self._is_revised(kept),
            can=may(kept),
        )

    def _is_revised(self, kept: Kept) -> bool:
        """Whether a run makes another version of it just now."""
        workflow = p.REVISED_BY.get(kept.action.kind) if kept.id in self._wishes else None
        return workflow is not None and self._books.truth.runs.unfinished(workflow, f"action {kept.id}") is not None

    def _changed(self, kept: Kept) -> tuple[str, Block | None]:
        """What differs from the version before, or from the action that this one takes the place of."""
        outbox = self._books.truth.outbox
        if kept.version > 1:
            before = outbox.versions(kept.id)[kept.version - 2]
            since = f"version {kept.version - 1}"
        elif kept.action.replaces is not None:
            try:
                before = outbox.get(kept.action.replaces).action.payload
            except UnknownActionError:
                return "", None
            since = f"#{kept.action.replaces}, which it takes the place of"
        else:
            return "", None
        found = versions.between(before, kept.action.payload, self._books.owner.zone)
        return since, folded(found, _MOST_DIFFERENT) if found else None


def may(kept: Kept) -> frozenset[str]:
    """What the owner may do with an action as it is."""
    found = set()
    is_begun = bool(kept.begun or kept.done)
    if kept.status in REJECTABLE and not (kept.status == "approved" and is_begun):
        found.add("reject")
    if kept.status == "approved" and not is_begun and kept.action.kind != "undo":
        found.add("withdraw")
    if kept.status == "held":
        found.add("approve")
        if not is_begun and _is_editable(kept):
            found.add("edit")
        if kept.action.kind in p.REVISED_BY:
            found.add("respond")
    if undoable(kept):
        found.add("undo")
    return frozenset(found)


def mark_of(strangers: Sequence[str]) -> str:
    """What stands for exactly these people in a form; nothing for nobody."""
    return sha256("\n".join(sorted(strangers)).encode()).hexdigest()[:16] if strangers else ""


def folded(part: Part, most: int = _LINES) -> Block:
    """A part of which the first lines are seen at once: one or two more are no reason to fold."""
    lines = part.lines
    if len(lines) <= most + 2 and sum(map(len, lines)) <= _CHARACTERS * most // _LINES:
        return Block(part.title, part.style, lines)
    place, seen = 0, 0
    while place < min(most, len(lines)) and (place == 0 or seen + len(lines[place]) <= _CHARACTERS * most // _LINES):
        seen += len(lines[place])
        place += 1
    return Block(part.title, part.style, lines[:place], lines[place:])


def _is_editable(kept: Kept) -> bool:
    try:
        sheet = sheet_of(kept.action.payload, ZoneInfo("UTC"))
    except ButlerError:
        return False
    return sum(map(len, (*sheet.fields.values(), sheet.text or ""))) <= LONGEST_TYPED


def _sorted(card: Card) -> tuple[list[Part], list[Part], list[Part]]:
    """The parts by where they stand: what the action is, what computers make of it, and what others wrote."""
    own: list[Part] = []
    aside: list[Part] = []
    quoted: list[Part] = []
    for part in card.parts:
        is_again = (part.style == "difference" and card.changes) or (part.style == "text" and own)
        (quoted if part.style == "quoted" else aside if is_again else own).append(part)
    return own, aside, quoted


def _answered(kept: Kept, beside: Beside) -> list[Mail]:
    """The mail that a letter answers."""
    letter = letter_of(kept.action.payload)
    if letter is None or not letter.in_reply_to:
        return []
    return [mail for mail in beside.thread if mail.message.message_id == letter.in_reply_to]


def _sources(kept: Kept, beside: Beside) -> Iterator[Mail]:
    yield from (beside.mails[ref] for ref in kept.action.sources if ref in beside.mails)
