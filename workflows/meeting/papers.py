"""What belongs to a meeting: its thread, notes about its words, and the note of the last meeting of its kind."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from butler.core.briefing import Evidence, Line
from butler.core.calendar import Placed
from butler.core.context import Context
from butler.core.mail import Mail
from butler.core.notes import PlacedNote
from butler.core.prepared import bare_subject
from butler.core.text import one_line
from tools.mail.message import split_new
from workflows.briefing.letter import without_greeting
from workflows.briefing.sections.agenda import edges, title
from workflows.briefing.view import Entry, View
from workflows.briefing.words import day_and_distance, person
from workflows.meeting.people import guests
from workflows.pages.look import entry, lines_of
from workflows.pages.topics import is_about, topic, words_of

THREAD = 3
NOTES = 4
POINTS = 5
BACK_DAYS = 120
_LETTERS = 20
_READ = 20_000
_OPEN = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+\[ \]")


def thread_of(context: Context, placed: Placed, view: View) -> list[Line]:
    """The last mails of the thread that the meeting belongs to: the invitation's, else the newest about its words."""
    mails = _letters(context, placed, view)
    words = topic(placed.occurrence.summary)
    invited = [mail for mail in mails if f"UID:{placed.occurrence.uid}" in mail.message.calendar.replace("\r\n ", "")]
    about = [mail for mail in mails if is_about(bare_subject(mail.message.subject)[0], words)]
    talked = [mail for mail in about if not mail.message.calendar]
    chosen = (talked or invited or about)[:1]
    thread = [mail for one in chosen for mail in context.reads.threads([one.thread]).get(one.thread, ())]
    return lines_of(_said(mail, view) for mail in thread[-THREAD:])


def _letters(context: Context, placed: Placed, view: View) -> list[Mail]:
    """The latest mails with the guests, newest first."""
    addresses = [guest.address for guest in guests(placed, view)[:_LETTERS]]
    found = {mail.ref: mail for address in addresses for mail in context.reads.letters_from(address, _LETTERS)}
    found |= {mail.ref: mail for mail in (context.reads.letters_to(addresses, _LETTERS) if addresses else ())}
    return sorted((one for one in found.values() if one.when <= context.now), key=lambda one: (one.when, one.ref), reverse=True)


def _said(mail: Mail, view: View) -> Entry:
    who = "you" if mail.sent else person(mail.message.sender)
    new = without_greeting(split_new(mail.message.text[:_READ]).new)
    quote = next((line.strip() for line in new.split("\n") if line.strip()), "")[:200]
    words = f": “{one_line(quote, 140)}”" if quote else ""
    text = f"{who} ({day_and_distance(view.local_day(mail.when), view.day)}){words}"
    return entry(text, [Evidence(ref=mail.ref, quote=quote or None)], "thread")


def last_of(context: Context, placed: Placed, view: View) -> Placed | None:
    """The last occurrence before this one of the same series, or with the same title."""
    begins = edges(placed.occurrence, view)[0]
    before = context.reads.occurrences(begins - dt.timedelta(BACK_DAYS), begins)
    same = [
        one
        for one in before
        if one.ref != placed.ref
        and one.occurrence.status != "cancelled"
        and edges(one.occurrence, view)[0] < begins
        and _is_same(one, placed)
    ]
    return max(same, key=lambda one: (edges(one.occurrence, view)[0], one.ref), default=None)


def _is_same(one: Placed, other: Placed) -> bool:
    return one.occurrence.uid == other.occurrence.uid or title(one.occurrence).casefold() == title(other.occurrence).casefold()


def last_meeting(context: Context, placed: Placed, view: View) -> list[Line]:
    """When it was last, the note of that day about it, and the points that are open there."""
    last = last_of(context, placed, view)
    if last is None:
        return []
    day = edges(last.occurrence, view)[0].date()
    found = [entry(f"last on {day_and_distance(day, view.day)}", [Evidence(ref=last.ref)], "last meeting")]
    words = topic(placed.occurrence.summary)
    dated = [note for note in _notes(context, words) if day.isoformat() in note.path or day.isoformat() in note.text[:400]]
    for note in dated[:1]:
        found.append(entry(f"its note: {note.path}", [Evidence(ref=note.ref)], "last meeting's note"))
        found += _points(note)
    return lines_of(found)


def _points(note: PlacedNote) -> Iterator[Entry]:
    """The open boxes of a note; where it has none, its first lines below the heading."""
    lines = [(number, line.strip()) for number, line in enumerate(note.text.split("\n"), 1) if line.strip()]
    boxes = [(number, line) for number, line in lines if _OPEN.match(line)]
    plain = [(number, line) for number, line in lines if not line.startswith(("#", "---"))]
    for number, line in (boxes or plain)[:POINTS]:
        yield _quote(note, number, line)


def notes_about(context: Context, placed: Placed, view: View) -> list[Line]:
    """Notes that share the words of the title, each with the line that says the most of them; not that of the last meeting."""
    words = topic(placed.occurrence.summary)
    last = last_of(context, placed, view)
    day = edges(last.occurrence, view)[0].date().isoformat() if last else "-"
    found = [note for note in _notes(context, words) if day not in note.path]
    return lines_of(_best(note, words) for note in found[:NOTES])


def _notes(context: Context, words: Sequence[str]) -> list[PlacedNote]:
    if not words:
        return []
    return [note for note in context.reads.notes_about(words, 4 * NOTES) if is_about(f"{note.path}\n{note.text}", words)]


def _best(note: PlacedNote, words: Sequence[str]) -> Entry:
    lines = [(number, line.strip()) for number, line in enumerate(note.text.split("\n")[:2000], 1) if line.strip()]
    number, line = max(lines, key=lambda pair: (len(words_of(pair[1]) & set(words)), -pair[0]), default=(1, note.path))
    return _quote(note, number, line, f"{note.path}: ")


def _quote(note: PlacedNote, number: int, line: str, before: str = "") -> Entry:
    return entry(f"{before}“{one_line(line, 160)}”", [Evidence(ref=f"{note.ref}#L{number}", quote=line[:200])], "note")
