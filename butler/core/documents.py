"""What a document is: a file of one of the owner's folders, as it was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

DOCUMENTS = "documents"
"""The role of a collection that holds documents, not notes."""
LARGEST_DOCUMENT = 25_000_000
"""So many bytes of a file are read at most."""
LONGEST_TEXT = 400_000
"""So many characters of its text are kept at most."""
LARGEST_TABLE = 2_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """A file of a folder `root` of the settings, at `path` below it; `sha256` (hex) is that of its bytes.

    `text` is what can be read of it, empty where `problem` says why not. `folders` are those that there are in its root.
    `content` are its bytes where it is a table (CSV) of at most `LARGEST_TABLE` bytes, for code that adds it up.
    """

    ref: str
    root: str
    path: str
    modified: datetime
    sha256: str
    text: str
    problem: str = ""
    folders: tuple[str, ...] = ()
    content: bytes = b""
