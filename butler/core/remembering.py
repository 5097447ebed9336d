"""What the owner told the butler to remember, or approved: lines of a note that they can edit; pure.

    - I don't take meetings before ten. *(told, 2026-11-24)*
    - Anna is my sister. *(mail:home/20.7@berger.example, 2026-11-24)*

The part in brackets says where it is from and since when; lines that the owner writes need none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

ROOT, NOTE = "memory", "Memory.md"
"""The name of the folder of the memory's note, and the note's own where the settings name no other."""

TOLD = "told"
"""The source of what the owner said themselves."""

HEAD = "# What my butler remembers\n\nEach line that begins with a dash is one thing. Change and remove lines as you like.\n\n"
"""What a new note begins with."""

LONGEST = 300
"""How many characters one thing may have."""

_MOST_LINES = 2_000
_MOST = 300
_LONGEST_LINE = 1_500
_LINE = re.compile(r"\s{0,8}[-*+]\s+(?:\[[ xX]\]\s+)?(.+)")
_STRUCK = re.compile(r"[-*+]\s+~~.*~~(?:\s*\*\([^*]*\)\*)?")
_ORIGIN = re.compile(r"\s*\*\(([^*]{1,1000}), (\d{4}-\d\d-\d\d)\)\*\s*$")


@dataclass(frozen=True, slots=True)
class Remembered:
    """One thing: where it is from (`told`, a reference, or empty where the owner wrote the line), since when, its line."""

    text: str
    source: str = ""
    on: dt.date | None = None
    line: int = 0


def as_line(text: str, source: str, on: dt.date) -> str:
    """Write one thing as a line of the note, without its line break; the source cannot end its bracket."""
    return f"- {text} *({source.replace('*', '_')}, {on.isoformat()})*"


def read_memory(note: str) -> Sequence[Remembered]:
    """Read the note: each line that begins with a dash, a star or a plus; of what is too long or too much nothing is taken."""
    return tuple(_things(note))[:_MOST]


def _things(note: str) -> Iterator[Remembered]:
    for number, line in _said(note.removeprefix("\ufeff").split("\n")[:_MOST_LINES]):
        found = _LINE.fullmatch(line.rstrip()) if len(line) <= _LONGEST_LINE else None
        if found is None:
            continue
        text, source, on = _parted(found[1])
        if text and len(text) <= LONGEST:
            yield Remembered(text, source, on, number)


def _said(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, without those of front matter, comments, code, and what the owner struck out."""
    closing = "---" if lines[0].rstrip() == "---" and "---" in map(str.rstrip, lines[1:]) else ""
    for number, line in enumerate(lines, 1):
        bare = line.strip()
        if closing:
            is_over = closing in bare if closing == "-->" else bare == closing
            closing = "" if is_over and number > 1 else closing
        elif bare.startswith("<!--"):
            closing = "" if "-->" in bare else "-->"
        elif bare.startswith(("```", "~~~")):
            closing = bare[:3]
        elif not _STRUCK.fullmatch(bare):
            yield number, line


def _parted(words: str) -> tuple[str, str, dt.date | None]:
    """The text of a line, its source and its day; a bracket with an impossible day is text."""
    origin = _ORIGIN.search(words)
    if origin is None:
        return words.strip(), "", None
    try:
        on = dt.date.fromisoformat(origin[2])
    except ValueError:
        return words.strip(), "", None
    return words[: origin.start()].strip(), origin[1], on
