"""A page: blocks of lines with what each rests on, and the same as Markdown in which nothing from the world can act."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from butler.core.briefing import Line
from butler.core.text import code_span, normalised, one_line
from butler.core.text import markdown as harmless


@dataclass(frozen=True, slots=True)
class Block:
    """Lines below a heading."""

    heading: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Page:
    """What a workflow has to say: `name` is that of its file, without an ending; blocks without a line are not shown.

    `notice` says how it was made where that matters, `unread` are sentences on sources that are not fresh, and `empty` is
    said where there is nothing else.
    """

    name: str
    title: str
    day: dt.date
    made: dt.datetime
    blocks: Sequence[Block]
    composed_by: Literal["model", "rules"] = "rules"
    notice: str = ""
    unread: Sequence[str] = ()
    empty: str = "Nothing."

    @property
    def lines(self) -> list[Line]:
        """All lines, in their order."""
        return [line for block in self.blocks for line in block.lines]


def render(page: Page) -> str:
    """Write a page as a Markdown file with front matter, in the manner of the briefing."""
    numbers = {ref: at for at, ref in enumerate(_refs(page), 1)}
    parts = [*_front_matter(page), *_opening(page)]
    for block in page.blocks:
        if block.lines:
            parts += [f"## {harmless(block.heading)}", "", *(each for line in block.lines for each in _line(line, numbers)), ""]
    # The word before the reference keeps readers without footnotes from taking the line for a link's target.
    parts += ["---", "", *(f"[^{number}]: see {code_span(ref)}" for ref, number in numbers.items())]
    return "\n".join(parts).rstrip("\n") + "\n"


def _refs(page: Page) -> list[str]:
    return list(dict.fromkeys(evidence.ref for line in page.lines for evidence in line.evidence))


def _front_matter(page: Page) -> Iterator[str]:
    # The first three are those of a briefing, by which notes of the butler's own are told from the owner's.
    yield from ("---", f"date: {page.day.isoformat()}", f"generated_at: {page.made.isoformat()}")
    yield from (f"composed_by: {page.composed_by}", f"page: {json.dumps(page.name)}", "---", "")


def _opening(page: Page) -> Iterator[str]:
    if page.notice:
        yield from (f"*{harmless(page.notice)}*", "")
    yield from (f"# {harmless(page.title)}", "")
    for sentence in page.unread:
        yield from (f"**Not fresh:** {harmless(sentence)}", "")
    if not page.lines:
        yield from (harmless(page.empty), "")


def _line(line: Line, numbers: dict[str, int]) -> Iterator[str]:
    marks = "".join(f"[^{number}]" for number in dict.fromkeys(numbers[evidence.ref] for evidence in line.evidence))
    yield f"- {harmless(line.text)}{marks}"
    said = normalised(line.text)
    for evidence in line.evidence:
        if evidence.quote and normalised(one_line(evidence.quote)) not in said:
            yield f"  > “{harmless(one_line(evidence.quote))}”"
