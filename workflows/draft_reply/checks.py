"""What a draft must stand up to before it is proposed: pure code, sentences for the owner, and words for the one repair."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from butler.core.actions import Finding
from butler.core.dayplan import Span
from butler.core.facts import facts, unborne
from butler.core.text import normalised, one_line
from workflows.briefing.dates import find_dates
from workflows.briefing.sentences import sentence
from workflows.draft_reply import phrasings
from workflows.draft_reply.language import NAMES, language_of
from workflows.draft_reply.names import unknown_names
from workflows.draft_reply.slots import Asked, Plan

LONGEST = 1_500
"""Characters of what the model wrote beyond which a draft is too long."""

NOTE_WORDS = 6
"""So many words in a row out of a note are a quotation."""

LETTER_WORDS = 8
"""So many words in a row out of another letter are one: shorter ones are how everybody writes."""

_WORD = re.compile(r"\w+(?:['’]\w+)?")
_MAILBOX = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_GAP = re.compile(r"\[[^\]\n…]{1,60}\]|<[a-z][a-z _-]{1,40}>|\{\{?[\w .-]{1,40}\}\}?|\bX{3,}\b")
_NOT = re.compile(
    r"(?i)(?<!\w)(?:not|no|cannot|unfortunately|nicht|leider|kein\w*|pas|malheureusement|non|purtroppo|niet|geen|helaas|nie|niestety|"
    r"não|infelizmente|lamentablemente|desafortunadamente)(?!\w)|n['’]t\b"
)

REPAIRS: Mapping[str, str] = MappingProxyType(
    {
        "calendar": "Name no time at which the owner is not free; offer only the numbered free times.",
        "facts": "Leave out every date, number, name, address and link that stands neither in the thread nor in the notes.",
        "language": "Write in the reply language only.",
        "length": "Write much less.",
        "attachment": "Nothing can be attached: do not say that anything is.",
        "quotation": "Do not repeat sentences of notes or of other letters.",
        "recipient": "Name no mail address and nobody else to write to.",
        "payment": "Promise no payment.",
        "secret": "Name no password, code or account.",
        "placeholder": "Leave no gaps in brackets: leave out what is not known.",
    }
)
"""What the model is told when a check fails; the owner is told what exactly was found."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A text of another place that must not be repeated: its name for the owner, and how many words in a row are too many."""

    name: str
    text: str
    words: int = LETTER_WORDS


@dataclass(frozen=True, slots=True)
class Ground:
    """What a draft is held against.

    `thread` and `notes` are the words that facts may come from, `known` what code knows to be true (names, the owner's wish,
    the days of dates), `people` the addresses (lower case) of those in the thread, `elsewhere` what must not be repeated.
    """

    language: str
    thread: str
    plan: Plan
    day: dt.date
    notes: str = ""
    known: tuple[str, ...] = ()
    people: frozenset[str] = frozenset()
    asked: Sequence[Asked] = ()
    elsewhere: Sequence[Elsewhere] = field(default=())


def check(text: str, offered: Sequence[Span], ground: Ground) -> list[Finding]:
    """Hold what a model wrote, and the times that it chose, against what is known; an empty list is a draft that stands."""
    return [finding for one in _CHECKS for finding in one(text, ground)] + list(_offers(offered, ground))


def repairs(findings: Sequence[Finding]) -> list[str]:
    """What to tell the model about what was found, each only once."""
    return list(dict.fromkeys(REPAIRS[finding.check] for finding in findings if finding.check in REPAIRS))


def _offers(offered: Sequence[Span], ground: Ground) -> Iterator[Finding]:
    for span in offered:
        if not ground.plan.is_free(span):
            yield Finding("calendar", f"It offers {_moment(span.start, ground)}, when you are not free.")


def _calendar(text: str, ground: Ground) -> Iterator[Finding]:
    """Times that the text names with their day, or by the hour alone where they were proposed by hour."""
    zone, length = ground.plan.owner.zone, dt.timedelta(minutes=ground.plan.options.free_minutes)
    named: dict[dt.datetime, str] = {}
    for found in find_dates(text, ground.day, zone):
        if found.due.time is not None:
            named[dt.datetime.combine(found.due.day, found.due.time, zone)] = found.due.quote
    hours = {value: fact for fact in facts(text) for kind, value in fact.readings if kind == "time"}
    for one in ground.asked:
        start = one.span.start.astimezone(zone)
        fact = hours.get(f"{start.hour}:{start.minute}")
        if fact is not None:
            named.setdefault(start, sentence(text, fact.start, fact.end))
    asked = {one.span.start for one in ground.asked}
    for start, quote in named.items():
        agreed = start not in asked and ground.plan.is_appointment(start)
        busy = not agreed and not ground.plan.is_free(Span(start, start + length))
        if busy and not _NOT.search(quote):
            yield Finding("calendar", f"It names {_moment(start, ground)}, when you are not free.")


def _facts(text: str, ground: Ground) -> Iterator[Finding]:
    known = "\n".join((ground.thread, ground.notes, *ground.known))
    invented = [*unborne(text, known), *unknown_names(text, known, ground.language)]
    if invented:
        words = ", ".join(f"“{one_line(word, 60)}”" for word in dict.fromkeys(invented))
        yield Finding("facts", f"This stands neither in the thread nor in your notes or calendar: {one_line(words, 300)}.")


def _from_notes(text: str, ground: Ground) -> Iterator[Finding]:
    """Facts that only a note holds are right, and still the owner's to give away."""
    without = "\n".join((ground.thread, *ground.known))
    shared = [*unborne(text, without), *unknown_names(text, without, ground.language)]
    borne = {*unborne(text, f"{without}\n{ground.notes}"), *unknown_names(text, f"{without}\n{ground.notes}", ground.language)}
    told = [word for word in dict.fromkeys(shared) if word not in borne]
    if told:
        words = ", ".join(f"“{one_line(word, 60)}”" for word in told)
        yield Finding("notes", f"It tells what stands only in your notes: {one_line(words, 200)}.")


def _language(text: str, ground: Ground) -> Iterator[Finding]:
    written = language_of(text, ground.language)
    if written != ground.language:
        seen = NAMES.get(written or "", "another language")
        yield Finding("language", f"It is written in {seen}, the mail in {NAMES[ground.language]}.")


def _length(text: str, _ground: Ground) -> Iterator[Finding]:
    if len(text) > LONGEST:
        yield Finding("length", f"It is {len(text)} characters long.")


def _attachment(text: str, _ground: Ground) -> Iterator[Finding]:
    if words := phrasings.found("ATTACHED", text):
        yield Finding("attachment", f"It speaks of an attachment (“{one_line(words, 40)}”), and has none.")


def _quotation(text: str, ground: Ground) -> Iterator[Finding]:
    for other in ground.elsewhere:
        if repeated := _repeated(text, other, ground.thread):
            yield Finding("quotation", f"It repeats words of {one_line(other.name, 80)}: “{one_line(repeated, 100)}”.")


def _recipient(text: str, ground: Ground) -> Iterator[Finding]:
    strangers = [found for found in _MAILBOX.findall(text) if found.casefold().rstrip(".") not in ground.people]
    for address in dict.fromkeys(strangers):
        yield Finding("recipient", f"It names {one_line(address, 80)}, who is not in this thread.")


def _payment(text: str, _ground: Ground) -> Iterator[Finding]:
    if words := phrasings.found("PAYING", text):
        yield Finding("payment", f"It speaks of a payment by you (“{one_line(words, 40)}”).")


def _secret(text: str, _ground: Ground) -> Iterator[Finding]:
    if words := phrasings.found("SECRETS", text):
        yield Finding("secret", f"It speaks of a secret or an account (“{one_line(words, 40)}”).")


def _placeholder(text: str, _ground: Ground) -> Iterator[Finding]:
    if gap := _GAP.search(text):
        yield Finding("placeholder", f"It has a gap that was not filled: “{one_line(gap.group(), 60)}”.")


_CHECKS: Sequence[Callable[[str, Ground], Iterator[Finding]]] = (
    _calendar,
    _facts,
    _from_notes,
    _language,
    _length,
    _attachment,
    _quotation,
    _recipient,
    _payment,
    _secret,
    _placeholder,
)


def _repeated(text: str, other: Elsewhere, thread: str) -> str:
    """The first run of words that stands there as well and not in the thread."""
    theirs = _runs(other.text, other.words) - _runs(thread, other.words)
    words = _words(text)
    runs = (words[at : at + other.words] for at in range(len(words) - other.words + 1))
    return " ".join(next((run for run in runs if tuple(run) in theirs), []))


def _runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


def _words(text: str) -> list[str]:
    return _WORD.findall(normalised(text))


def _moment(start: dt.datetime, ground: Ground) -> str:
    return f"{start.astimezone(ground.plan.owner.zone):%a %d %b %H:%M}"
