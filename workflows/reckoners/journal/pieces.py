"""What was written on which day: daily notes by their names, and diaries by the dates of their headings."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workflows.reckoners.health.logs import own_day
from workflows.reckoners.reading import Sentence, body_begins, sentences
from workflows.reckoners.sources import Text
from workflows.reckoners.statements.days import dated
from workflows.reckoners.statements.settling import settled
from workflows.reckoners.statements.texts import lines_of

_HEADING = re.compile(r"^#{1,6}\s+\D{0,16}?(?:\[\[)?([0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4})(?![0-9])")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Piece:
    """What a text says of a day: its sentences, in their order."""

    ref: str
    day: dt.date
    sentences: tuple[Sentence, ...]

    @property
    def words(self) -> int:
        """How many words were written, headings aside."""
        return sum(len(_WORD.findall(one.text)) for one in self.sentences if not one.is_heading)

    def place(self, sentence: Sentence) -> str:
        """The reference of the line at which a sentence begins."""
        return f"{self.ref}#L{sentence.line}"


def pieces(texts: Iterable[Text], first: dt.date, last: dt.date) -> list[Piece]:
    """What was written from a day to a day, both included, in the order of days."""
    found = (piece for text in texts for piece in _of_text(text) if first <= piece.day <= last and piece.words)
    return sorted(found, key=lambda piece: (piece.day, piece.ref))


def _of_text(text: Text) -> Iterator[Piece]:
    lines = lines_of(text.text)
    day = own_day(text.path, lines)
    if day is not None:
        yield Piece(text.ref, day, tuple(sentences(text.text)))
        return
    heads = [(at, dated(found[1])) for at, line in enumerate(lines) if (found := _HEADING.match(line))]
    order = settled(written for _, written in heads)
    starts = [(at, written[order]) for at, written in heads if order in written and at >= body_begins(lines)]
    ends = [at for at, _ in starts[1:]] + [len(lines)]
    for (at, each), end in zip(starts, ends, strict=False):
        yield Piece(text.ref, each, tuple(sentences(text.text, at + 1, end)))
