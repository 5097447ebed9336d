"""Literal slices of a text: the sentence around a place, without ever changing a character of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from butler.core.text import UNSEEN
from workflows.briefing.linebreaks import Layout

LIMIT = 240
_REACH = 400
_SHOWN = 110
_CLAUSE = re.compile(r"[,;:–]\s+")
# A break is an empty line, a line that starts a list, a quote or a greeting's end, or sentence punctuation before a new start.
# What cannot be seen stands between them unseen. A dot after a number is no break: "30. November", "bis 30.11. bitte".
_BREAK = re.compile(
    r"\n[ \t]*\n"
    r"|\n(?=[ \t]*(?:[-*•>]|\d{1,2}[.)])[ \t])"
    rf"|(?<=[!?…。])[\"'”’)]?{UNSEEN}\s+"
    rf"|(?<=[^\W\d]{{2}}\.)(?<!\b[DMHFNS][rst]\.)[\"'”’)]?{UNSEEN}\s+(?={UNSEEN}(?:[^\W_a-z]|[\"“„«¿¡]))"
    rf"|(?<=\d[:h/]\d\d\.){UNSEEN}\s+(?={UNSEEN}[^\W_a-z\d])"
    rf"|(?<=\d{{3}}\.){UNSEEN}\s+(?={UNSEEN}[^\W_a-z\d])"
)
_COMMA = re.compile(r"[,;:–](?!\d)|\s(?:but|aber|mais|pero|ma|maar|ale|mas)\s")
_LINE_END = re.compile(r"\n")
_URL = re.compile(r"(?i)\b(?:https?://|www\.)\S+")
_ASKS = re.compile(rf"[?？][?？!]*(?={UNSEEN}(?:[\s\"'”’»)!?.,*_]|$))")


def bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """Find the sentence around `text[start:end]`, looking a few hundred characters to each side at most."""
    low, high = max(0, start - _REACH), min(len(text), end + _REACH)
    left = low
    # One character more than the stretch, so that a break right before `start` sees what follows it.
    for found in _BREAK.finditer(text, low, min(start + 1, len(text))):
        left = found.end() if found.end() <= start else left
    layout = Layout.of(text[low:high])
    for line in _LINE_END.finditer(text, left, start):
        if layout.ends_sentence(text, line.start()):
            left = line.end()
    after = _BREAK.search(text, end, high)
    right = after.start() if after else high
    for line in _LINE_END.finditer(text, end, right):
        if layout.ends_sentence(text, line.start()):
            right = line.start()
            break
    return left, right


def clause(text: str, left: int, start: int, end: int, right: int) -> str:
    """The part of the sentence `text[left:right]` between the commas around `text[start:end]`."""
    commas = [found.end() for found in _COMMA.finditer(text, left, start)]
    after = _COMMA.search(text, end, right)
    return text[commas[-1] if commas else left : after.start() if after else right]


def sentence(text: str, start: int, end: int) -> str:
    """The sentence around `text[start:end]`, cut at word borders to about 240 characters that contain that place.

    A line shows the first 120 of them: where that would hide the place, the slice begins nearer to it, at a clause if it can.
    """
    left, right = bounds(text, start, end)
    if end - left > _SHOWN:
        near = max(left, start - 60)
        clauses = [found.end() for found in _CLAUSE.finditer(text, near, start)]
        space = text.find(" ", near, start)
        left = clauses[-1] if clauses else space + 1 if space >= 0 else left
    if right - left > LIMIT:
        spare = max(0, LIMIT - (end - start)) // 2
        if start - spare > left:
            space = text.find(" ", start - spare, start)
            left = space + 1 if space >= 0 else start
        if left + LIMIT < right:
            space = text.rfind(" ", end, max(end, left + LIMIT))
            right = space if space >= 0 else max(end, left + LIMIT)
    return text[left:right].strip()


def is_quoted(text: str, at: int) -> bool:
    """Whether the line at `at` is quoted history."""
    return text[text.rfind("\n", 0, at) + 1 :][:8].lstrip().startswith((">", "|"))


def without_urls(text: str) -> str:
    """Blank out web addresses, keeping every other character at its place."""
    return _URL.sub(lambda found: " " * len(found.group()), text)


def questions(text: str, limit: int = 20) -> Iterator[str]:
    """Yield the sentences that end in a question mark, quoted lines and addresses aside."""
    count = 0
    for mark in _ASKS.finditer(without_urls(text)):
        if is_quoted(text, mark.start()):
            continue
        left, _ = bounds(text, mark.start(), mark.end())
        left = max(left, mark.end() - LIMIT)
        count += 1
        yield text[left : mark.end()].strip()
        if count == limit:
            return
