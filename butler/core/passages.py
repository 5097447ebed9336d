"""Cuts what is mirrored into passages, each short enough to have one meaning. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from butler.core.queries import Query

LONGEST = 1_500
"""Characters of one passage."""
_MOST = 40
"""Passages of one note or document."""
_LONGEST_TITLE = 300
_PARAGRAPH = re.compile(r"\n\s*\n")
_MAIL, _NOTE, _CONTACT = 0, 1, 3


def passages_of(thing: int, title: str, text: str) -> list[str]:
    """The passages of a thing, named by its row in the table of words: of notes and documents all pieces, of others the first.

    Each begins with the title. Contacts have none: names have no meaning that words would not find.
    """
    kind = thing & 3
    head = title.strip()[:_LONGEST_TITLE]
    if kind == _CONTACT or not (head or text.strip()):
        return []
    if kind != _NOTE:
        return [f"{head}\n{text.strip()[:LONGEST]}".strip()]
    found = []
    for piece in _pieces(text):
        found.append(f"{head}\n{piece}".strip())
        if len(found) == _MOST:
            break
    return found or [head]


def hash_of(passage: str) -> bytes:
    """What a passage is known by, wherever it lies."""
    return hashlib.sha256(passage.encode("utf-8", "replace")).digest()


def meant_by(query: Query) -> str:
    """The words of a query as a text that has a meaning; empty where there are none, or some are to be met to the letter."""
    terms = [term for group in query.terms for term in group if not term.field]
    if any(term.is_phrase or term.is_prefix for term in terms):
        return ""
    return " ".join(term.text for term in terms)


def _pieces(text: str) -> Iterator[str]:
    """Pieces of a text that end with paragraphs where these are short enough."""
    held = ""
    for paragraph in _PARAGRAPH.split(text.strip()):
        if held and len(held) + len(paragraph) > LONGEST:
            yield held
            held = ""
        held = f"{held}\n\n{paragraph}".strip()
        while len(held) > LONGEST:
            yield held[:LONGEST]
            held = held[LONGEST:]
    if held:
        yield held
