"""The evidence: what a line of a briefing rests on and why it is there, and each mail, event, task and note by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from starlette.routing import Route

from butler.cards import ics
from butler.cards.saying import saying
from butler.core.actions import Kept, Status
from butler.core.briefing import Evidence
from butler.core.errors import UnknownRefError, UsageError
from butler.core.mail import Mail
from butler.core.notes import PlacedNote
from butler.core.refs import parse_ref
from butler.core.text import one_line
from butler.web import sources
from butler.web.books import Books
from butler.web.daylines import line_of
from butler.web.layout import Page, Visit
from butler.web.routes import Pages
from butler.web.sources import People, Shown, Words
from butler.why import BY

SAYS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "saying": saying,
        "sender": sources.sender_of,
        "person": sources.person,
        "sizes": sources.sizes,
        "last_day": sources.last_day,
    }
)
"""What templates of days and sources may ask."""

_SET_ASIDE: frozenset[Status] = frozenset({"rejected", "superseded", "expired"})
_ACTIONS = 10
_LOOKED_AT = 50
"""Actions of one source: those of a note that is written to each day are many after some years."""
AT_ONCE = 6
"""Sources of a line that are shown with it; the others are linked."""
_OF_A_THREAD = 12
_BEGINNING = 600
_PEOPLE_A_PAGE = 500


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A source as it is shown: `found` is None where it is gone. `whole` is its text where that is short enough.

    `is_quoted` says whether the quoted words stand in it; the words of a subject are in `subject`. `thread` are the
    other mails of its conversation, the latest of them, and `older` counts the rest.
    """

    ref: str
    kind: str
    found: Shown | None
    quote: str = ""
    words: Words | None = None
    whole: Words | None = None
    subject: Words | None = None
    is_quoted: bool = True
    people: Sequence[People] = ()
    thread: Sequence[Mail] = ()
    older: int = 0
    repeats: str = ""

    @property
    def title(self) -> str:
        """What it is called; where it is gone, its reference."""
        return sources.title_of(self.found) if self.found else one_line(self.ref)

    @property
    def length(self) -> int:
        """How many characters somebody wrote in it."""
        return len(sources.text_of(self.found)) if self.found else 0


def routes(pages: Pages) -> list[Route]:
    """The routes of the evidence."""
    return [
        pages.view("/day/{day}/line/{section}/{number:int}", line),
        pages.view("/evidence", source),
        pages.view("/evidence/people", people),
    ]


def line(books: Books, visit: Visit) -> Page:
    """A line of a briefing with all that it rests on, and why it stands there."""
    day = day_of(visit.args["day"])
    kept = books.truth.briefings.get(day)
    found = line_of(kept, visit.args["section"], int(visit.args["number"])) if kept else None
    if kept is None or found is None:
        raise UnknownRefError("There is no such line in a briefing.", advice="It may have been written anew since.")
    told, origin = found
    evidence = list({(each.ref, each.quote): each for each in told.evidence}.values())
    values = {
        **SAYS,
        "day": day,
        "line": told,
        "how": BY[told.by],
        "origin": origin,
        "exhibits": _exhibits(books, evidence[:AT_ONCE]),
        "more": [each.ref for each in evidence[AT_ONCE:]],
        "proposed": actions_about(books, [each.ref for each in evidence[:AT_ONCE]]),
    }
    return Page("evidence.html", one_line(told.text, 60), values, nav="today")


def source(books: Books, visit: Visit) -> Page:
    """One mail, event, task or note, whole."""
    found, ref = _named(books, visit.query.get("ref", ""))
    exhibit = _exhibit(books, Evidence(ref=ref), found, _OF_A_THREAD * 4)
    text = sources.text_of(found)
    start = number_of(visit.query.get("from", ""), len(text))
    number = int(parse_ref(ref).part or 0) if exhibit.kind == "file" else 0
    piece = sources.line_marked(text, number) if number and len(text) <= sources.PAGE else _piece(text, start)
    values = {
        **SAYS,
        "exhibit": exhibit,
        "words": piece,
        "start": start,
        "end": min(len(text), start + sources.PAGE),
        "step": sources.PAGE,
        "proposed": actions_about(books, [ref]),
    }
    return Page("source.html", exhibit.title, values, nav="today")


def people(books: Books, visit: Visit) -> Page:
    """Everybody whom a mail went to, or who takes part in an event, however many they are."""
    found, ref = _named(books, visit.query.get("ref", ""))
    start = number_of(visit.query.get("from", ""), 10**9)
    shown, total = sources.everybody(found, start, _PEOPLE_A_PAGE)
    values = {
        "ref": ref,
        "title": sources.title_of(found),
        "people": shown,
        "start": start,
        "total": total,
        "step": _PEOPLE_A_PAGE,
    }
    return Page("people.html", "Everybody in it", values, nav="today")


def exhibit_of(books: Books, cited: Evidence) -> Exhibit:
    """One source as it is shown, with the quoted words marked."""
    (exhibit,) = _exhibits(books, [cited])
    return exhibit


def day_of(text: str) -> dt.date:
    """Read a day as it stands in an address; raises UnknownRefError."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise UnknownRefError("That is no day.", advice="Days are written as 2026-11-24.")
    return day


def actions_about(books: Books, refs: Sequence[str]) -> list[tuple[Kept, int]]:
    """What was proposed because of some sources and is not set aside, each with the number of its alternatives."""
    every = {kept.id: kept for ref in dict.fromkeys(refs) for kept in books.truth.outbox.of_source(ref, _LOOKED_AT)}
    found = [kept for kept in every.values() if kept.status not in _SET_ASIDE]
    groups: dict[object, list[Kept]] = {}
    for kept in found:
        groups.setdefault(kept.action.group or kept.id, []).append(kept)
    return [(group[-1], len(group) - 1) for group in groups.values()][:_ACTIONS]


def number_of(text: str, most: int) -> int:
    """A place in something, as it stands in an address; anything else is its beginning."""
    return min(int(text), most) if text.isdecimal() and len(text) < 10 else 0


def _piece(text: str, start: int) -> Words:
    return sources.marked(text[start : start + sources.PAGE], None)


def _named(books: Books, ref: str) -> tuple[Shown, str]:
    """What a reference in an address points at, and the reference as we write it; raises UnknownRefError, which does not."""
    found = _found(books, ref)
    if found is None:
        raise UnknownRefError(
            "That is in the mirror no more, or never was.", advice="It may have been deleted or moved away since it was named."
        )
    part = parse_ref(ref).part
    return found, f"{found.ref}#L{int(part)}" if isinstance(found, PlacedNote) and part else found.ref


def _found(books: Books, ref: str) -> Shown | None:
    try:
        return books.mirror.show(ref)
    except UnknownRefError:
        return books.truth.briefings.remembered(ref)
    except UsageError:
        return None


def _exhibits(books: Books, evidence: Sequence[Evidence]) -> list[Exhibit]:
    """The sources of a line; of several only the first is shown with all that is around it."""
    found = [(each, _found(books, each.ref)) for each in evidence]
    exhibits = []
    room = sources.WHOLE
    for each, shown in found:
        exhibit = _exhibit(books, each, shown, _OF_A_THREAD if len(found) <= 2 else 0, room)
        room -= exhibit.length if exhibit.whole else 0
        exhibits.append(exhibit)
    return exhibits


def _exhibit(books: Books, evidence: Evidence, found: Shown | None, thread: int, room: int = 0) -> Exhibit:
    kind = parse_ref(evidence.ref).kind
    if found is None:
        return Exhibit(evidence.ref, kind, None, evidence.quote or "", is_quoted=False)
    text, quote = sources.text_of(found), evidence.quote
    words = sources.words(text, quote)
    whole = sources.marked(text, quote) if len(text) <= room else None
    if number := int(parse_ref(evidence.ref).part or 0) if kind == "file" else 0:
        words, whole = sources.line_words(text, number), sources.line_marked(text, number) if whole else None
    subject = sources.words(found.message.subject, quote) if isinstance(found, Mail) and words is None else None
    others = list(_thread(books, found)) if thread else []
    return Exhibit(
        ref=evidence.ref,
        kind=kind,
        found=found,
        quote=quote or "",
        words=words or _beginning(text),
        whole=whole,
        subject=subject,
        is_quoted=not quote or words is not None or subject is not None,
        people=sources.people_of(found),
        thread=others[-thread:] if thread else (),
        older=max(0, len(others) - thread),
        repeats=_repeats(books, evidence.ref) if kind == "event" else "",
    )


def _beginning(text: str) -> Words | None:
    """The first words of a text, for a source of which nothing is quoted."""
    text = text.strip("\n")
    if not text:
        return None
    cut = sources.marked(text[:_BEGINNING], None)
    return Words(cut.before, "", "", cut_after=len(text) > _BEGINNING)


def _thread(books: Books, found: Shown) -> Iterator[Mail]:
    if isinstance(found, Mail):
        yield from (mail for mail in books.mirror.reads.threads([found.thread])[found.thread] if mail.ref != found.ref)


def _repeats(books: Books, ref: str) -> str:
    """How an event comes again, in words; empty where it does not."""
    kept = books.mirror.reads.object_of(ref)
    rule = ics.first(kept.text, books.owner.zone).get("Repeats", "") if kept else ""
    return sources.repeats(rule) if rule else ""
