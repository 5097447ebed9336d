"""The text of a file that some program exported, and the records in it with the line at which each begins."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

DELIMITERS = (";", ",", "\t", "|")
LONGEST_RECORD = 24
"""Lines that a quoted text may go on for; a quote that is open for longer was none."""

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WINDOWS = ("cp1252", "cp1250", "cp1251")
_ODD = re.compile(r"(?<=[^\W\d_])[³¹¿¯¥£](?=[^\W\d_])")
"""Signs amid letters, of which a text is full that is read in the encoding of another country."""
_MOST_ODD = 10_000
_END = "\u241e"
_UNKNOWN = "\ufffd"


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of a record, the line (from 1) at which it begins, and its words; `broken` where a quote is never closed."""

    line: int
    cells: tuple[str, ...]
    words: str = ""
    broken: bool = False


def decoded(content: bytes) -> str:
    """Read bytes as what they are likeliest written in."""
    return readings(content)[0]


def readings(content: bytes) -> Sequence[str]:
    """Read bytes as what they may be written in, the likeliest first: by their mark, as UTF-8, else as Windows has it."""
    for mark, name in _BOMS:
        if content.startswith(mark):
            return [content.decode(name, errors="replace")]
    text = content.decode("utf-8", errors="replace")
    wrong = text.count(_UNKNOWN)
    # A few broken bytes are none of another encoding: there, every accent is one.
    if wrong == 0 or wrong < sum(not c.isascii() for c in text) - wrong:
        return [text]
    return sorted((content.decode(name, errors="replace") for name in _WINDOWS), key=_oddness)


def _oddness(text: str) -> int:
    return sum(1 for _ in islice(_ODD.finditer(text), _MOST_ODD))


def lines_of(text: str) -> list[str]:
    """The lines of a text as editors count them: no other sign than a line's end begins one."""
    return list(io.StringIO(text.replace("\0", ""), newline=None))


def records(lines: Sequence[str], delimiter: str) -> Iterator[Record]:
    """The records of a file, blank ones left out; a quoted text may go over several lines."""
    at = 0
    while at < len(lines):
        cells, used = _record(lines, at, delimiter)
        if any(cell.strip() for cell in cells):
            yield Record(at + 1, tuple(cells), lines[at].strip(), broken=not used)
        at += used or 1


def _record(lines: Sequence[str], at: int, delimiter: str) -> tuple[list[str], int]:
    """The cells of the record that begins at a line, and how many lines it takes; none where a quote stays open.

    Over several lines a quote has to end where its cell does. In one line a sign too many is forgiven.
    """
    if '"' in lines[at]:
        cells, used = _parted([*lines[at : at + LONGEST_RECORD], _END], delimiter, strict=True)
        if used:
            return cells, used
    cells, used = _parted([lines[at], _END], delimiter, strict=False)
    return (cells, used) if used else ([lines[at]], 0)


def _parted(taken: Sequence[str], delimiter: str, *, strict: bool) -> tuple[list[str], int]:
    """The cells of the first record of some lines, of which the last is none, and how many it takes; none where it took all."""
    reader = csv.reader(iter(taken), delimiter=delimiter, strict=strict)
    try:
        cells = next(reader)
    except (csv.Error, StopIteration):
        return [], 0
    return ([], 0) if reader.line_num == len(taken) else (cells, reader.line_num)
