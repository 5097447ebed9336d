"""How facts are written on the pages of the shipped workflows: lines, tables, amounts, and what they cite."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from butler.core.definitions import ReckonedLine, ReckonedSection
from butler.core.text import one_line

CITED = 3
"""References that a line with a sum names; the rest are those of the same files."""

_CENT = Decimal("0.01")
_LONGEST_CELL = 60
_LONGEST = 240
"""Characters of a line on a page: what is longer would be cut in the middle of a quote."""


def line(text: str, refs: Iterable[str]) -> ReckonedLine:
    """A line of facts with what it rests on."""
    return ReckonedLine(one_line(text, _LONGEST), tuple(dict.fromkeys(refs)))


def fitting(parts: Iterable[str], between: str) -> str:
    """Parts of a line one after the other, as long as there is room for the whole of each."""
    text = ""
    for part in parts:
        more = f"{text}{between}{part}" if text else part
        text = more if len(more) <= _LONGEST else text
    return text


def row(cells: Sequence[str], refs: Iterable[str]) -> ReckonedLine:
    """A row of a table."""
    return ReckonedLine("\t".join(one_line(cell, _LONGEST_CELL) for cell in cells), tuple(dict.fromkeys(refs)))


def table(heading: str, columns: Sequence[str], rows: Iterable[ReckonedLine]) -> ReckonedSection:
    """A section that is a table."""
    return ReckonedSection(heading, tuple(rows), columns=tuple(columns))


def section(heading: str, lines: Iterable[ReckonedLine]) -> ReckonedSection:
    """A section of lines."""
    return ReckonedSection(heading, tuple(lines))


def sections_of(*sections: ReckonedSection) -> tuple[ReckonedSection, ...]:
    """The sections that have a line."""
    return tuple(each for each in sections if each.lines)


def quoted(text: str, limit: int = 160) -> str:
    """Words of the source in quote marks, to the letter but for white space; cut at a word where they are long."""
    flat = one_line(text, 10_000)
    if len(flat) > limit:
        flat = flat[:limit].rpartition(" ")[0] or flat[:limit]
        return f"“{flat}” …"
    return f"“{flat}”"


def amount(value: Decimal) -> str:
    """An amount of money with its cents: "-1,250.00"."""
    exponent = value.normalize().as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{value:,.{places}f}"


def average(values: Sequence[Decimal], of: int) -> Decimal:
    """The sum of values through a count, to the cent."""
    return (sum(values, Decimal()) / of).quantize(_CENT, ROUND_HALF_EVEN)


def counted(number: int, one: str, many: str = "") -> str:
    """A number and what it is of: "1 mail", "3 mails"."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def month_name(month: dt.date) -> str:
    """A month as "October 2026"."""
    return f"{month:%B %Y}"


def whole(option: object, name: str, default: int, most: int) -> int:
    """A whole number from an option's text; raises ValueError with a sentence where it is none, or out of bounds."""
    if option is None:
        return default
    if not isinstance(option, str) or not option.isascii() or not option.isdigit() or not 1 <= int(option[:9]) <= most:
        raise ValueError(f"{name}: write a whole number from 1 to {most}.")
    return int(option)


def words_in(option: object, name: str) -> tuple[str, ...]:
    """The words of an option: a list, or a text with commas; raises ValueError where it is a table."""
    if option is None:
        return ()
    if isinstance(option, str):
        option = tuple(option.split(","))
    if not isinstance(option, tuple):
        raise ValueError(f"{name}: write words with commas between them.")
    return tuple(text.strip() for text in option if text.strip())
