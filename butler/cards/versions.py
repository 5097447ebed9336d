"""What differs between two versions of an action, pure: line by line, each made harmless on its way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from butler.cards import ics
from butler.cards.contents import Beside, Contents, Part
from butler.cards.revealing import Reveal
from butler.core import payloads as p

_COUNTED = re.compile(r" \(\d+\)$")
_CHOSEN_ANEW = frozenset({"Message-ID"})
"""What every version has of its own, and what tells nobody anything."""


def between(before: p.Payload, after: p.Payload, zone: ZoneInfo) -> Part | None:
    """The lines that went and that came from one payload to another; None where nothing that is shown differs."""
    lines = ics.difference(list(_lines(before, zone)), list(_lines(after, zone)))
    return Part("What changed", tuple(lines), "difference") if lines else None


def _lines(payload: p.Payload, zone: ZoneInfo) -> Iterator[str]:
    """A payload as lines: its fields, what becomes of an event, and its text."""
    reveal = Reveal()
    contents = Contents(reveal, Beside(zone=zone))
    label = ""
    for name, value in contents.fields(payload):
        label = _COUNTED.sub("", name) or label
        if label not in _CHOSEN_ANEW:
            yield f"{label}: {value}"
    for change in contents.changes(payload):
        yield f"{change.field}: {change.after or '(nothing)'}"
    match payload:
        case p.FileWrite():
            yield from reveal.lines(payload.content, "text")
        case p.FileAppend():
            yield from reveal.lines(payload.text, "text")
        case _:
            for part in contents.parts(payload):
                yield from part.lines if part.style != "difference" else ()
