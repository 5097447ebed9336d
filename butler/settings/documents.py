"""The folders of documents as they are set, each turned into the core's value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import Field

from butler.core.accounts import NotesFolder
from butler.core.documents import LARGEST_DOCUMENT
from butler.core.remembering import ROOT
from butler.settings.parts import Part, Place, Words

_PATTERNS = (
    *("*.pdf", "*.docx", "*.docm", "*.odt", "*.epub", "*.html", "*.htm", "*.xhtml", "*.csv", "*.tsv", "*.eml", "*.ics"),
    *("*.txt", "*.md", "*.markdown", "*.jpg", "*.jpeg", "*.png", "*.tif", "*.tiff", "*.heic", "*.heif", "*.webp"),
)


class DocumentsPart(Part):
    """A folder of documents."""

    path: Place = Field(description="folder of documents: letters, statements, books, pictures; those below it as well")
    patterns: Words = Field(default=_PATTERNS, description="which files are documents")
    limit: int = Field(default=LARGEST_DOCUMENT, ge=1000, le=LARGEST_DOCUMENT, description="most bytes of a file that are read")
    without: Words = Field(default=(), description="folders below it that are not read, such as Private")
    read_only: bool = Field(default=False, description="true: never move or write a file there, whatever is approved")

    def account(self, name: str, kept: Path | None = None, without: Iterable[Path] = ()) -> NotesFolder:
        """The folder that the notes tool opens as one of documents; old versions of changed files go to `kept`."""
        left = (*(self.path / Path(each).expanduser() for each in self.without), *without)
        return NotesFolder(name, self.path, self.patterns, self.limit, self.read_only, kept, left, documents=True)


def inner(path: Path, others: Iterable[Path]) -> tuple[Path, ...]:
    """The folders of others that lie below a folder: what is in one of them is read as theirs, and once."""
    return tuple(other for other in others if other != path and other.is_relative_to(path))


def document_problems(documents: Mapping[str, Path], notes: Mapping[str, Path], watched: Mapping[str, Path]) -> Iterator[str]:
    """What does not fit together: a name stands for one folder in every reference."""
    for kind, found in (("notes", notes), ("documents", documents)):
        if ROOT in found:
            yield f"{kind}.{ROOT} has the name of the butler's own memory. Rename it."
    for name, path in documents.items():
        if name in notes:
            yield f"notes.{name} and documents.{name} have one name, so that file:{name}/… could be in either. Rename one."
        if name in watched and watched[name] != path:
            yield f"watch.{name} and documents.{name} have one name and two folders. Rename one, or give both the same path."
