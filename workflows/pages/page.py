"""A page: blocks of lines with what each rests on, and the same as Markdown in which nothing from the world can act."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from butler.core.briefing import Line
from butler.core.text import code_span, normalised, one_line
from butler.core.text import markdown as harmless

_NUMBER = re.compile(r"[-+]?[\d.,:%]+|–|")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines below a heading; with `columns` they are a table, whose cells stand in the text of each with tabs between them."""

    heading: str
    lines: Sequence[Line]
    columns: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """What a workflow has to say: `name` is that of its file, without an ending; blocks without a line are not shown.

    `notice` says how it was made where that matters, `unread` are sentences on sources that are not fresh, and `empty` is
    said where there is nothing else. `remarks` are sentences at its end, on what was left out.
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
    remarks: Sequence[str] = ()

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
            parts += [f"## {harmless(block.heading)}", "", *_block(block, numbers), ""]
    parts += [f"*{harmless(remark)}*\n" for remark in page.remarks]
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


def _block(block: Block, numbers: dict[str, int]) -> Iterator[str]:
    if not block.columns:
        for line in block.lines:
            yield from _line(line, numbers)
        return
    rows = [_cells(line.text, len(block.columns)) for line in block.lines]
    head = [harmless(column) for column in block.columns]
    # Words begin at the left, numbers end at the right; the marks stand by the first cell, so that they move no number.
    right = [at > 0 and all(_NUMBER.fullmatch(row[at]) for row in rows) for at in range(len(head))]
    for row, line in zip(rows, block.lines, strict=True):
        row[0] += _marks(line, numbers)
    wide = [max(3, *(len(row[at]) for row in [head, *rows])) for at in range(len(head))]
    yield _row([_padded(cell, wide[at], right=right[at]) for at, cell in enumerate(head)])
    yield _row(["-" * (width - 1) + (":" if right[at] else "-") for at, width in enumerate(wide)])
    for row in rows:
        yield _row([_padded(cell, wide[at], right=right[at]) for at, cell in enumerate(row)])


def _padded(cell: str, width: int, *, right: bool) -> str:
    return cell.rjust(width) if right else cell.ljust(width)


def _cells(text: str, count: int) -> list[str]:
    return [harmless(cell) for cell in [*text.split("\t"), *[""] * count][:count]]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _marks(line: Line, numbers: dict[str, int]) -> str:
    return "".join(f"[^{number}]" for number in dict.fromkeys(numbers[evidence.ref] for evidence in line.evidence))


def _line(line: Line, numbers: dict[str, int]) -> Iterator[str]:
    yield f"- {harmless(line.text)}{_marks(line, numbers)}"
    said = normalised(line.text)
    for evidence in line.evidence:
        if evidence.quote and normalised(one_line(evidence.quote)) not in said:
            yield f"  > “{harmless(one_line(evidence.quote))}”"
