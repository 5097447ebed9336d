"""Sentences of a text with the line at which each begins, to the letter but for white space."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from butler.core.text import UNSEEN, one_line
from workflows.reckoners.statements.texts import lines_of

_SENTENCE = re.compile(rf"\S.*?(?:[.!?…]+[\"'”’»)]*(?={UNSEEN}(?:\s|$))|$)", re.DOTALL)
_ABBREVIATED = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|st|nr|bzw|z\.b|d\.h|u\.a|ca|etc|e\.g|i\.e|m|sr|sra|dott|no|\d{1,2})\.)$", re.IGNORECASE
)
_OWN_LINE = re.compile(r"\s*(?:[-*+]\s|[0-9]+[.)]\s|#{1,6}\s|>|\||```)")
_MARKS = re.compile(r"^\s*(?:>\s*)*(?:(?:[-*+]|[0-9]+[.)])\s+)?(?:\[(.)\]\s+)?(?:#{1,6}\s+)?")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its line; `box` is the sign in the checkbox before it (a space: open), empty where there is none."""

    line: int
    text: str
    box: str = ""
    is_heading: bool = False


def sentences(text: str, first: int = 0, last: int | None = None) -> Iterator[Sentence]:
    """The sentences of some lines (from 0, `last` exclusive), front matter left out; entries and headings stand alone."""
    lines = lines_of(text)
    at = max(first, body_begins(lines))
    end = len(lines) if last is None else last
    while at < end:
        until = at + 1
        if not _OWN_LINE.match(lines[at]) and lines[at].strip():
            while until < end and lines[until].strip() and not _OWN_LINE.match(lines[until]):
                until += 1
        yield from _of_lines(lines[at:until], at)
        at = until


def body_begins(lines: list[str]) -> int:
    """The line (from 0) after a note's front matter."""
    if not lines or lines[0].strip() != "---":
        return 0
    return next((at + 1 for at in range(1, min(len(lines), 200)) if lines[at].strip() == "---"), 0)


def _of_lines(lines: list[str], at: int) -> Iterator[Sentence]:
    marks = _MARKS.match(lines[0])
    begin = marks.end() if marks else 0
    whole = "".join(lines)
    box = (marks[1] or "") if marks else ""
    is_heading = lines[0].lstrip().startswith("#")
    if lines[0].lstrip().startswith(("|", "```")):
        return
    if box or is_heading:
        flat = one_line(whole[begin:], 2000)
        if flat:
            yield Sentence(at + 1, flat, box, is_heading)
        return
    line, counted_to = at + 1, 0
    for start, end in _spans(whole, begin):
        line, counted_to = line + whole.count("\n", counted_to, start), start
        flat = one_line(whole[start:end], 2000)
        if flat:
            yield Sentence(line, flat)


def _spans(whole: str, begin: int) -> Iterator[tuple[int, int]]:
    """Where sentences begin and end; a dot after an abbreviation or a number is none's end."""
    start = None
    for found in _SENTENCE.finditer(whole, begin):
        start = found.start() if start is None else start
        if not _ABBREVIATED.search(found[0]):
            yield start, found.end()
            start = None
    if start is not None:
        yield start, len(whole)
