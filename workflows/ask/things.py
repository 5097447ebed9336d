"""What was found for a question, as it is read: a mail or note by its text, an event or task by what code says of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from butler.core.calendar import Placed, PlacedTask
from butler.core.contacts import PlacedContact
from butler.core.context import Context
from butler.core.errors import ButlerError
from butler.core.given import is_given
from butler.core.mail import Mail
from butler.core.text import UNSEEN, one_line, visible
from tools.mail.reading import to_read
from workflows.ask import says
from workflows.ask.asked import held
from workflows.ask.dayhits import fold
from workflows.ask.foreign import given

READ = 120_000
"""Characters of a text that are looked at."""
SHOWN = 2_400
"""Characters of a text that the model is shown: what stands around the words of the question."""
_PIECE = 400
_MOST_FILES = 5
_BLANK = re.compile(r"\n[ \t\r]*\n\s*")
_SENTENCE = re.compile(rf"(?<=[^\d\s][.!?…]){UNSEEN}\s+|(?<=[!?…]){UNSEEN}\s+")
_WRAPPED = 60
"""A line of so many characters is gone on with in the next one."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of the mirror: `text` is what its author wrote, `line` what code says of it where it needs no reading.

    `when` is its time, `who` wrote it, `title` is its subject, name or summary, `files` name what is attached. `stranger` says
    that it is a mail of somebody whom the owner neither wrote to nor has a card of.
    """

    ref: str
    kind: str
    title: str
    text: str = ""
    line: str = ""
    when: dt.datetime | dt.date | None = None
    who: str = ""
    own: bool = False
    stranger: bool = False
    files: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """All that a quote of it may come from."""
        return f"{self.title}\n{self.text}"

    @property
    def about(self) -> str:
        """All its words, folded."""
        return fold(f"{self.who} {self.title} {self.line} {' '.join(self.files)} {self.text[:READ]}")


def thing(context: Context, ref: str, language: str) -> Thing | None:
    """What a reference points at; None where it is gone."""
    if is_given(ref):
        return _given(context, ref)
    try:
        found = context.reads.show(ref)
    except ButlerError:
        return None
    if isinstance(found, Mail):
        return replace(_mail(found), stranger=_is_strange(found, context))
    if isinstance(found, Placed):
        return placed_thing(found, context, language)
    if isinstance(found, PlacedTask):
        return task_thing(found, context, language)
    if isinstance(found, PlacedContact):
        return Thing(ref, "contact", one_line(found.contact.name, 200), found.contact.text[:READ])
    return Thing(ref, "note", found.path, found.text[:READ], when=found.modified)


def _given(context: Context, ref: str) -> Thing | None:
    """What a server gave, which is nobody's whom the owner knows."""
    text = given(context, ref)
    server, _, tool = ref.removeprefix("mcp:").partition("#")[0].partition("/")
    return None if text is None else Thing(ref, "tool", f"{server}.{tool}", text[:READ], who=f"mcp.{server}", stranger=True)


def _is_strange(mail: Mail, context: Context) -> bool:
    if mail.sent or mail.message.sender is None:
        return not mail.sent
    address = mail.message.sender.address.lower()
    written = context.reads.exchanged([address]).get(address, (0, 0))[1]
    return written == 0 and not context.reads.people([address], 1)


def _mail(mail: Mail) -> Thing:
    message = mail.message
    text = message.text[:READ]
    new = to_read(text, message.subject)
    names = tuple(f"Attached: {one_line(each.name, 100)}" for each in message.attachments[:_MOST_FILES] if each.name)
    who = says.name_of(message.sender)
    title = one_line(message.subject, 200)
    return Thing(mail.ref, "mail", title, visible(new), when=mail.when, who=who, own=mail.sent, files=names)


def placed_thing(placed: Placed, context: Context, language: str) -> Thing:
    """An event; its occurrence is the one that is given, also of one that recurs."""
    zone = context.owner.zone
    occurrence = placed.occurrence
    line = says.event(language, occurrence, context.now.astimezone(zone).date(), zone, dated=True)
    people = [*occurrence.attendees, *([occurrence.organizer] if occurrence.organizer else [])]
    names = dict.fromkeys(one_line(one.name or one.address, 60) for one in people)
    told = "; ".join((line, *([one_line(occurrence.description, 200)] if occurrence.description.strip() else [])))
    return Thing(
        placed.ref, "event", one_line(occurrence.summary, 200), line=told, when=occurrence.start, who=", ".join(list(names)[:8])
    )


def task_thing(placed: PlacedTask, context: Context, language: str) -> Thing:
    """A task."""
    zone, task = context.owner.zone, placed.task
    due = says.moment(language, task.due, context.now.astimezone(zone).date(), zone) if task.due else ""
    what = says.title(task.summary)
    line = says.words(language, "due", what=what, when=due) if due else says.words(language, "undated", what=what)
    return Thing(placed.ref, "task", one_line(task.summary, 200), line=line.rstrip("."), when=task.due)


def shown(text: str, words: Sequence[str], limit: int = SHOWN) -> str:
    """A text as the model reads it: whole, or of a long one its beginning and what stands around words; gaps are marked."""
    if len(text) <= limit:
        return text
    pieces = list(_pieces(text))
    scores = [len(held(fold(piece), words)) for piece in pieces]
    ranked = sorted(range(len(pieces)), key=lambda at: (-scores[at], at))
    wanted = [near for at in ranked if scores[at] for near in (at, at - 1, at + 1)]
    chosen: set[int] = set()
    left = limit
    for at in (0, *wanted, *range(len(pieces))):
        if 0 <= at < len(pieces) and at not in chosen and len(pieces[at]) <= left:
            chosen.add(at)
            left -= len(pieces[at])
    return _joined(pieces, chosen)


def best_piece(text: str, words: Sequence[str], said: Sequence[str], fits: Callable[[str], bool]) -> str:
    """The sentence or two that have most of some words and can be an answer, to the letter; of those alike the shortest.

    `said` are further words, which count for less.
    """
    sentences = [piece for piece in sentences_of(text[:READ]) if piece.strip()]
    pairs = (first + second for first, second in pairwise(sentences) if len(first + second) <= _PIECE)
    best, most = "", 0
    for piece in (*sentences, *pairs):
        folded = fold(piece)
        count = 3 * len(held(folded, words)) + len(held(folded, said))
        found = piece.strip()
        if (count > most or (count == most and most and len(found) < len(best))) and fits(found):
            best, most = found, count
    return best


def sentences_of(text: str) -> Iterator[str]:
    """A text in sentences and lines; a long line is gone on with in the next one. Joined they are the text again."""
    block = ""
    for line in text.splitlines(keepends=True):
        goes_on = len(block.rpartition("\n")[2] or block.rstrip("\n").rpartition("\n")[2]) >= _WRAPPED
        if block and not (goes_on and line.strip() and line.lstrip()[:1] not in "-*#|>•"):
            yield from _split(_SENTENCE, block)
            block = ""
        block += line
    yield from _split(_SENTENCE, block)


def around(source: str, quote: str, reach: int = 300) -> str:
    """What stands around a quote in its source, folded."""
    at = source.find(quote)
    return fold(source[max(0, at - reach) : at + len(quote) + reach]) if at >= 0 else fold(quote)


def _pieces(text: str) -> Iterator[str]:
    for paragraph in _split(_BLANK, text[:READ]):
        if len(paragraph) <= _PIECE:
            yield paragraph
            continue
        for sentence in sentences_of(paragraph):
            yield from (sentence[at : at + _PIECE] for at in range(0, len(sentence), _PIECE))


def _split(border: re.Pattern[str], text: str) -> Iterator[str]:
    start = 0
    for found in border.finditer(text):
        yield text[start : found.end()]
        start = found.end()
    if start < len(text):
        yield text[start:]


def _joined(pieces: Sequence[str], chosen: set[int]) -> str:
    """The chosen pieces in their order, each gap between them counted."""
    told: list[str] = []
    gap = 0
    for at, piece in enumerate(pieces):
        if at not in chosen:
            gap += len(piece)
            continue
        told.extend((f"\n[… {gap} characters left out]\n", piece) if gap else (piece,))
        gap = 0
    return "".join((*told, f"\n[… {gap} characters left out]" if gap else ""))
