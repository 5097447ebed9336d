"""What was gathered, as the reckoners look at it: notes and documents alike, and words in what language they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from butler.core.definitions import Material
from workflows.reckoners.statements.texts import decoded

TABLES = (".csv", ".tsv", ".tab")


@dataclass(frozen=True, slots=True)
class Text:
    """A note or document: its reference, its path below its root, and its text."""

    ref: str
    path: str
    text: str


def texts_of(material: Material) -> Iterator[Text]:
    """The texts of all notes and documents, each once, in the order of their paths."""
    found = {note.ref: Text(note.ref, note.path, note.text) for note in material.notes}
    for paper in material.documents:
        # What the mirror has of a table is laid out anew, and its lines are others: only its bytes will do.
        is_table = paper.path.casefold().endswith(TABLES)
        text = decoded(paper.content) if paper.content else "" if is_table else paper.text
        found[paper.ref] = Text(paper.ref, paper.path, text)
    yield from sorted(found.values(), key=lambda one: (one.path, one.ref))
