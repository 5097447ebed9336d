"""Text as format=flowed (RFC 3676): paragraphs that every screen wraps anew, quotes with their levels (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WIDTH = 72
_DEEPEST = 30
_QUOTES = re.compile(r"(?:> ?)+")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_STUFFED = (" ", ">", "From ")


def flow(text: str) -> str:
    """Write lines as flowed ones: `>` at their beginning is a quote's level, a line `-- ` begins the signature."""
    return "\n".join(piece for line in _cleaned(text).split("\n") for piece in _flowed(line))


def quote(text: str) -> str:
    """Put the quote mark before each line but the first, which says whom the text is from."""
    attribution, *lines = _cleaned(text).split("\n")
    return "\n".join([attribution, *(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines)])


def _cleaned(text: str) -> str:
    """The text with one kind of line end, without what no mail may hold and what would end a line for some readers."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _flowed(line: str) -> Iterator[str]:
    if line == "-- ":
        yield line
        return
    marks = _QUOTES.match(line)
    level = min(marks[0].count(">"), _DEEPEST) if marks else 0
    rest = line[marks.end() :] if marks else line
    prefix = ">" * level
    for piece in _pieces(rest.rstrip(" "), _WIDTH - level):
        stuffing = " " if piece and (level or piece.startswith(_STUFFED)) else ""
        yield f"{prefix}{stuffing}{piece}"


def _pieces(line: str, width: int) -> Iterator[str]:
    """A line in pieces; all but the last one end with a space, which says that the line goes on."""
    start = 0
    while len(line) - start > width:
        end = line.rfind(" ", start + 1, start + width) + 1 or line.find(" ", start + width) + 1
        if line[start:end] == "-- ":
            end = line.find(" ", end) + 1
        if not end:
            break
        yield line[start:end]
        start = end
    yield line[start:]
