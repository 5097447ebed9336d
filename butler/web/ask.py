"""Questions: asked in words, answered with what each sentence rests on, kept as conversations until they are deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlencode

from starlette.routing import Route

from butler.core.actions import Kept
from butler.core.asking import LONGEST_QUESTION, Citation, Read, Reading, Said, told
from butler.core.briefing import Evidence
from butler.core.errors import ButlerError, UnknownRefError, UsageError
from butler.core.given import is_given, texts_in
from butler.core.refs import file_ref
from butler.core.remembering import NOTE, ROOT, Remembered, read_memory
from butler.store.conversations import Asked, Conversation
from butler.store.floor import Floor
from butler.web import evidence
from butler.web.books import Books
from butler.web.daemon_port import DaemonPort
from butler.web.layout import Page, Visit
from butler.web.routes import Deed, Fields, Pages
from butler.web.sources import words
from butler.web.standing import sent

PAGE = 20
"""Conversations on one page."""
SHOWN = 50
"""Questions of a conversation that are shown, the latest."""
PATIENCE = 1.5
"""Seconds for which a form waits for an answer: code needs less."""
EXAMPLES = (
    "When am I free tomorrow?",
    "What is on this week?",
    "Who wrote to me last?",
    "What did I promise?",
)
_BY = {
    "code": "computed, without a model",
    "model": "in the model's words, each sentence checked against its source",
    "rules": "found by rules, without a model",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What was told so far of a question that is being answered: reads with how many things each found, and sentences."""

    reads: tuple[tuple[str, int | None], ...] = ()
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as the page shows it: `is_answered`: just now; `how` says whose words the answer is."""

    asked: Asked
    is_answered: bool = False
    told: Told = field(default_factory=Told)
    how: str = ""
    proposed: tuple[Kept, ...] = ()


def routes(pages: Pages) -> list[Route]:
    """The routes."""
    return [
        pages.view("/ask", conversations),
        pages.deed("/ask", ask),
        pages.deed("/ask/delete", delete_all),
        pages.view_with("/ask/{number:int}", _answering, conversation),
        pages.deed("/ask/{number:int}", ask_on),
        pages.deed("/ask/{number:int}/again", again),
        pages.deed("/ask/{number:int}/stop", stop),
        pages.deed("/ask/{number:int}/delete", delete),
        pages.view("/ask/{number:int}/source/{turn:int}/{cite:int}", source),
    ]


def conversations(books: Books, visit: Visit, problem: str = "", typed: str = "") -> Page:
    """Where something new is asked, and the conversations there are."""
    kept = books.truth.conversations
    start = evidence.number_of(visit.query.get("from", ""), 10**6)
    found = kept.recent(PAGE + 1, start)
    values = {
        "found": found[:PAGE],
        "count": kept.count(),
        "newer": urlencode({"from": max(start - PAGE, 0)}) if start else "",
        "older": urlencode({"from": start + PAGE}) if len(found) > PAGE else "",
        "examples": EXAMPLES,
        "remembered": _remembered(books),
        "memory": books.house.memory,
        "longest": LONGEST_QUESTION,
        "problem": problem,
        "typed": typed,
    }
    return Page("ask.html", "Ask", values, nav="ask", status=400 if problem else 200)


def _remembered(books: Books) -> Sequence[tuple[Remembered, str]]:
    """What is remembered as the mirror has the note, each with its reference."""
    notes = books.mirror.reads.files(ROOT, NOTE, 1)
    return [(each, file_ref(ROOT, NOTE, each.line)) for note in notes for each in read_memory(note.text)]


def conversation(books: Books, visit: Visit, answering: frozenset[int], problem: str = "", typed: str = "") -> Page:
    """A conversation: each question with its answer, or with how far that is."""
    found = _named(books, visit)
    turns = books.truth.conversations.turns(found.id)
    floor = Floor(books.house.state)
    shown = [_turn(books, turn, turn.id in answering or floor.is_answered(turn.id)) for turn in turns[-SHOWN:]]
    values = {
        **evidence.SAYS,
        "read_time": partial(_read_time, books),
        "conversation": found,
        "turns": shown,
        "left_out": max(0, len(turns) - SHOWN),
        "is_answered": any(turn.is_answered for turn in shown),
        "longest": LONGEST_QUESTION,
        "problem": problem,
        "typed": typed,
    }
    return Page("conversation.html", found.title, values, nav="ask", status=400 if problem else 200)


def source(books: Books, visit: Visit) -> Page:
    """One thing that an answer rests on, with the quoted words marked."""
    found = books.truth.conversations.turn(int(visit.args["turn"]))
    place = int(visit.args["cite"])
    citations: Sequence[Citation] = found.answer.citations if found and found.answer else ()
    if found is None or found.conversation != int(visit.args["number"]) or not 1 <= place <= len(citations):
        raise UnknownRefError("No answer rests on that.", advice="The conversation may have been deleted.")
    cited = citations[place - 1]
    if is_given(cited.ref):
        return _given(found, cited)
    exhibit = evidence.exhibit_of(books, Evidence(ref=cited.ref, quote=cited.quote or None))
    values = {**evidence.SAYS, "exhibit": exhibit, "turn": found}
    return Page("asked_source.html", exhibit.title, values, nav="ask")


def _given(turn: Asked, cited: Citation) -> Page:
    """What a tool of somebody else's server gave for an answer, with the quoted words marked."""
    texts = texts_in(turn.answer.given if turn.answer else (), cited.ref)
    marked = next((found for text in texts if (found := words(text, cited.quote))), None)
    values = {**evidence.SAYS, "turn": turn, "cited": cited, "words": marked}
    return Page("asked_given.html", cited.title, values, nav="ask")


def ask(books: Books, visit: Visit, form: Fields) -> Deed | Page:
    """Ask something, in a new conversation."""
    try:
        turn = books.truth.conversations.ask(sent(form, "question"), books.now)
    except UsageError as error:
        return conversations(books, visit, str(error), sent(form, "question"))
    return _to(turn)


def ask_on(books: Books, visit: Visit, form: Fields) -> Deed | Page:
    """Ask something more in a conversation."""
    number = _named(books, visit).id
    try:
        turn = books.truth.conversations.ask(sent(form, "question"), books.now, number)
    except UsageError as error:
        return conversation(books, visit, frozenset(), str(error), sent(form, "question"))
    return _to(turn)


def again(books: Books, visit: Visit, form: Fields) -> Deed:
    """Have a question answered that was not."""
    turn = _turn_of(books, visit, form)
    books.truth.conversations.again(turn.id, books.now)
    return _to(turn)


def stop(books: Books, visit: Visit, form: Fields) -> Deed:
    """Give up a question that is being answered."""
    turn = _turn_of(books, visit, form)
    books.truth.conversations.end(turn, "cancelled", books.now, note="You gave it up.")
    return Deed(f"/ask/{turn.conversation}", lambda daemon: daemon.give_up([turn.id]))


def delete(books: Books, visit: Visit, _form: Fields) -> Deed:
    """Delete a conversation."""
    found = _named(books, visit)
    turns = [turn.id for turn in books.truth.conversations.turns(found.id)]
    books.truth.conversations.delete([found.id], books.now)
    return Deed("/ask", lambda daemon: daemon.give_up(turns))


def delete_all(books: Books, _visit: Visit, form: Fields) -> Deed:
    """Delete all conversations, where their owner has ticked that they mean it."""
    if not sent(form, "sure"):
        raise UsageError("Nothing was deleted.", advice="Go back and tick that you mean it.")
    turns = [turn.id for turn in books.truth.conversations.waiting()]
    books.truth.conversations.delete_all(books.now)
    return Deed("/ask", lambda daemon: daemon.give_up(turns))


def _to(turn: Asked) -> Deed:
    """Have a question be answered, and show its conversation."""
    return Deed(f"/ask/{turn.conversation}#turn-{turn.id}", partial(_answered, turn.id))


async def _answered(turn: int, daemon: DaemonPort) -> None:
    try:
        await daemon.answer(turn, PATIENCE)
    except ButlerError:
        # The question is kept, and its page offers to have it answered.
        return


async def _answering(daemon: DaemonPort) -> frozenset[int]:
    return await daemon.answering()


def _named(books: Books, visit: Visit) -> Conversation:
    """The conversation of an address; raises UnknownRefError."""
    try:
        return books.truth.conversations.get(int(visit.args["number"]))
    except (UsageError, OverflowError):
        raise UnknownRefError("There is no such conversation.", advice="It may have been deleted.") from None


def _turn_of(books: Books, visit: Visit, form: Fields) -> Asked:
    """The question that a form of a conversation names; raises UnknownRefError."""
    number = _named(books, visit).id
    found = books.truth.conversations.turn(evidence.number_of(sent(form, "turn"), 10**9))
    if found is None or found.conversation != number:
        raise UnknownRefError("There is no such question.", advice="The conversation may have been deleted.")
    return found


def _turn(books: Books, turn: Asked, is_answered: bool) -> Turn:
    is_answered = is_answered and turn.state == "asked"
    lines = books.truth.conversations.told(turn.id) if turn.state == "asked" else []
    how = _BY[turn.answer.by] if turn.answer else ""
    return Turn(turn, is_answered, _told(lines), how, tuple(_proposed(books, turn)))


def _told(lines: Sequence[str]) -> Told:
    """Put together what was told line by line."""
    reads: dict[int, tuple[str, int | None]] = {}
    said = []
    for line in lines:
        match told(line):
            case Reading() as reading:
                reads[reading.number] = (reading.what, None)
            case Read() as read if read.number in reads:
                reads[read.number] = (reads[read.number][0], read.found)
            case Said() as sentence:
                said.append(sentence)
            case _:
                pass
    return Told(tuple(reads.values()), tuple(said))


def _read_time(books: Books, text: str) -> dt.datetime | dt.date | None:
    """A time as an answer names it, a day without an hour; None for what is none."""
    try:
        if len(text) <= len("2026-11-24"):
            return dt.date.fromisoformat(text)
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=books.owner.zone)


def _proposed(books: Books, turn: Asked) -> Iterator[Kept]:
    for number in turn.answer.proposed if turn.answer else ():
        try:
            yield books.truth.outbox.get(number)
        except ButlerError:
            continue
