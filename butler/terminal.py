"""The briefing for a terminal, pure: wrapped to its width, calm, and nothing from the world can move the cursor."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from butler import wording
from butler.core.text import one_line

if TYPE_CHECKING:
    from butler.core.briefing import Briefing, Line

_BOLD, _DIM, _YELLOW, _RED, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[33m", "\x1b[31m", "\x1b[0m"
_STATE_COLOURS = {"stale": _YELLOW, "failed": _RED}
_HANGING = re.compile(r"(?:(?:\d\d:\d\d(?:[–-]\d\d:\d\d)?)|all day)[:,]?\s+", re.IGNORECASE)
_LEAST_WIDTH = 30


@dataclass(frozen=True, slots=True)
class _Page:
    width: int
    colour: bool

    def paint(self, code: str, text: str) -> str:
        return f"{code}{text}{_RESET}" if self.colour and code and text else text

    def block(self, text: str, indent: str, hang: str, code: str = "") -> Iterator[str]:
        """Lay out text from the world; only the words are painted, never the margin."""
        for number, line in enumerate(wrap(one_line(text, 2000), self.width - len(indent), self.width - len(hang))):
            yield (hang if number else indent) + self.paint(code, line)

    def shaded(self, head: str, tail: str, indent: str, hang: str) -> Iterator[str]:
        """Lay out a text and, dimmed, the remarks that follow it."""
        left = len(head.replace(" ", ""))
        for line in self.block(f"{head} {tail}", indent, hang):
            margin = indent if line.startswith(indent) and indent.strip() else line[: len(line) - len(line.lstrip())]
            words = line[len(margin) :]
            bright = _prefix(words, left)
            left -= len(bright.replace(" ", ""))
            yield margin + bright + self.paint(_DIM, words[len(bright) :])


def render(briefing: Briefing, notice: str = "", *, width: int = 80, colour: bool = False) -> str:
    """Lay the briefing out in lines of at most `width` cells (references excepted, so that they can be copied)."""
    page = _Page(max(width, _LEAST_WIDTH), colour)
    references = wording.References()
    lines = [*_opening(briefing, notice, page), *_sections(briefing, page, references), *_closing(briefing, page, references)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _opening(briefing: Briefing, notice: str, page: _Page) -> Iterator[str]:
    if notice:
        yield from page.block(notice, "", "", _YELLOW if briefing.composed_by == "rules" else _DIM)
        yield ""
    yield page.paint(_BOLD, wording.long_day(briefing.date))
    yield from _sources(briefing, page)
    for error in wording.source_errors(briefing):
        yield from page.block(error, "", "  ", _YELLOW)
    yield ""
    if stillness := wording.stillness(briefing):
        yield from (*page.block(stillness, "", ""), "")


def _sources(briefing: Briefing, page: _Page) -> Iterator[str]:
    """All source states on as few lines as they need, never broken inside one."""
    line, cells = "", 0
    for source in briefing.sources:
        state = one_line(wording.source_state(source, briefing), page.width)
        painted = page.paint(_STATE_COLOURS.get(source.state, _DIM), state)
        if line and cells + 3 + width_of(state) > page.width:
            yield line
            line, cells = "", 0
        line, cells = (f"{line} · {painted}", cells + 3 + width_of(state)) if line else (painted, width_of(state))
    if line:
        yield line


def _sections(briefing: Briefing, page: _Page, references: wording.References) -> Iterator[str]:
    for section in briefing.sections:
        yield page.paint(_BOLD, wording.HEADINGS[section.name])
        for line in section.lines:
            yield from _line(line, page, references)
        yield ""


def _line(line: Line, page: _Page, references: wording.References) -> Iterator[str]:
    text = one_line(line.text, 2000)
    timed = _HANGING.match(text)
    hang = " " * (2 + (len(timed.group()) if timed else 2))
    head, remark = wording.parted(text)
    tail = "".join((f"{remark} " if remark else "", *(f"[{number}]" for number in references.numbers(line))))
    yield from page.shaded(head, tail.strip(), "  " if timed else "  · ", hang)
    for quote in wording.quotes(line):
        yield from page.block(f"“{quote}”", hang, hang + " ", _DIM)


def _closing(briefing: Briefing, page: _Page, references: wording.References) -> Iterator[str]:
    sentences = [sentence for sentence in (wording.left_out(briefing), wording.cost(briefing)) if sentence]
    for sentence in sentences:
        yield from page.block(sentence, "", "", _DIM)
    if sentences:
        yield ""
    for number, ref in references:
        yield page.paint(_DIM, f"{f'[{number}]':>5} {one_line(ref, 1000)}")


def _prefix(words: str, letters: int) -> str:
    """The beginning of a line that has so many characters beside spaces, with the space after it."""
    for place, character in enumerate(words):
        letters -= character != " "
        if letters < 0:
            return words[:place]
    return words


def width_of(text: str) -> int:
    """How many cells a terminal gives to a text: two for wide characters, none for combining ones."""
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrap(text: str, first: int, rest: int) -> list[str]:
    """Break text at spaces, and longer words anywhere, into a line of `first` cells and more of `rest` cells."""
    lines: list[str] = []
    line, room = "", first
    for word in text.split():
        if line and width_of(line) + 1 + width_of(word) <= room:
            line = f"{line} {word}"
            continue
        if line:
            lines.append(line)
            room = rest
        while width_of(word) > room:
            head = _head(word, room)
            lines.append(head)
            word, room = word[len(head) :], rest
        line = word
    return [*lines, line] if line else lines


def _head(word: str, room: int) -> str:
    """The longest beginning that fits, at least one character."""
    cells = 0
    for place, character in enumerate(word):
        cells += _cells(character)
        if cells > room and place:
            return word[:place]
    return word
