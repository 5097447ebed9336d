"""CSV as a table of text: a line a row, its cells parted by bars; how the cells are parted in the file is found out."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import islice

from butler.core.documents import LONGEST_TEXT
from tools.files.paths import BINARY, text_of
from tools.files.readers.reading import Reading

_DELIMITERS = ";,\t|"
_TRIED_ROWS = 30
_TRIED_SIGNS = 20_000
_MOST_CELLS = 200
_BROKEN = "It is no table from row {row} on; the rest was left out."
_WIDE = f"Of its rows only the first {_MOST_CELLS} cells were read."
_LONG = "Only its first {rows:,} rows were read."


def read_csv(content: bytes) -> Reading:
    """Read a table; what has no rows with several cells is read as text."""
    text, problems = decoded(content)
    delimiter = delimiter_of(text)
    if not delimiter:
        return Reading(text, problems)
    lines: list[str] = []
    size = widest = 0
    try:
        for at, row in placed_rows(text, delimiter):
            widest = max(widest, len(row))
            line = " | ".join(" ".join(cell.split()) for cell in row[:_MOST_CELLS]).rstrip()
            # What stands at a line of the file stands there in the text, too, so that a reference shows what it names.
            blank = [""] * (at - 1 - len(lines))
            size += len(blank) + len(line) + 1
            if size > LONGEST_TEXT:
                problems = (*problems, _LONG.format(rows=len(lines)))
                break
            lines += [*blank, line]
    except csv.Error:
        problems = (*problems, _BROKEN.format(row=len(lines) + 1))
    return Reading("\n".join(lines), (*problems, *([_WIDE] if widest > _MOST_CELLS else [])))


def decoded(content: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a table: in Unicode, or in what spreadsheets write on Windows."""
    text, problems = text_of(content)
    return text, problems if problems != (BINARY,) else ("This is no table: it has NUL bytes in it.",)


def delimiter_of(text: str) -> str:
    """What parts the cells: by it most of the first rows have as many cells as each other; empty where nothing does."""
    return max(_DELIMITERS, key=lambda sign: _score(text, sign)) if any(_score(text, each) for each in _DELIMITERS) else ""


def rows(text: str, delimiter: str) -> Iterator[Sequence[str]]:
    """The rows of a table that are not empty; raises csv.Error."""
    return (row for _, row in placed_rows(text, delimiter))


def placed_rows(text: str, delimiter: str) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows of a table that are not empty, each with the line (from 1) at which it begins; raises csv.Error."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    begins = 1
    for row in reader:
        if any(cell.strip() for cell in row):
            yield begins, row
        begins = reader.line_num + 1


def _score(text: str, delimiter: str) -> int:
    try:
        counts = [len(row) for row in islice(rows(text[:_TRIED_SIGNS], delimiter), _TRIED_ROWS)]
    except csv.Error:
        return 0
    cells, times = max(Counter(each for each in counts if each > 1).items(), key=lambda found: found[::-1], default=(0, 0))
    return times * 10 + min(cells, 9) if times else 0
