"""What became of actions, in sentences that are made from what is kept of them and from nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from butler.cards import beside
from butler.cards.revealing import as_read, some
from butler.cards.saying import saying
from butler.core.actions import Kept
from butler.core.errors import ButlerError
from butler.web.books import Books
from butler.web.shown import may

_TOLD = re.compile(r"([0-9]{1,18})-([0-9a-f]{12})")
_MOST_TOLD = 100
_MARK = 12
_SENTENCES = {
    "executing": "It is being carried out.",
    "done": "It was carried out.",
    "failed": "It was not carried out, and will not be.",
    "uncertain": "It may have happened; only you can tell.",
    "rejected": "You said no.",
    "superseded": "Another action took its place.",
    "expired": "Its time went by undecided.",
    "undone": "It was carried out and taken back.",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """An action and a sentence on what became of it; `can` says what its owner may still do about it."""

    kept: Kept
    what: str
    sentence: str
    can: frozenset[str]


def outcome(kept: Kept, stopped: str = "", seen: str = "", strangers: Sequence[str] = ()) -> Outcome:
    """What became of an action: `stopped` says why nothing is carried out, `seen` begins the hash of what was decided about."""
    return Outcome(kept, saying(kept.action.payload), _sentence(kept, stopped, seen, strangers), may(kept))


def told(books: Books, text: str) -> list[Outcome]:
    """What became of the actions that a page was asked to tell of, each `ID-HASH`; what is no such thing is left out."""
    found: dict[int, str] = {int(each[1]): each[2] for each in _TOLD.finditer(text[: _MOST_TOLD * 32])}
    return list(_told(books, found))


def tell(seen: Mapping[int, str]) -> str:
    """The other way round: the actions with the hashes of what was decided about, to be told of on the next page."""
    return urlencode({"told": ".".join(f"{number}-{digest[:_MARK]}" for number, digest in seen.items())})


def _told(books: Books, found: Mapping[int, str]) -> Iterator[Outcome]:
    outbox = books.truth.outbox
    for number, seen in found.items():
        try:
            kept = outbox.get(number)
        except ButlerError:
            continue
        is_same = kept.status == "held" and kept.hash.startswith(seen)
        strangers = beside.card_of(books.mirror, books.owner, kept).strangers if is_same and not kept.note else ()
        yield outcome(kept, outbox.stopped, seen, strangers)


def _sentence(kept: Kept, stopped: str, seen: str, strangers: Sequence[str]) -> str:
    match kept.status:
        case "held" if seen and not kept.hash.startswith(seen):
            return "It was changed since it was shown. Look at it again, then decide."
        case "held" if strangers:
            names = some([as_read(each) for each in strangers])
            return f"It is still held: {names} is new in the thread, so it has to be approved on its own card."
        case "held":
            return kept.note or "It is still held."
        case "approved" if stopped:
            return f"It is approved, and waits: all effects are stopped. {stopped}"
        case "approved":
            return f"It is approved, and carried out as soon as possible. {kept.note}".strip()
        case "done" if kept.done:
            return " ".join(receipt.sentence for receipt in kept.done)
    return kept.note or _SENTENCES[kept.status]
