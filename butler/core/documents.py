"""What a document is: a file of one of the owner's folders, as it was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Document:
    """A file of a folder `root` of the settings, at `path` below it; `sha256` (hex) is that of its bytes.

    `text` is what can be read of it, empty where `problem` says why not. `folders` are those that there are in its root.
    """

    ref: str
    root: str
    path: str
    modified: datetime
    sha256: str
    text: str
    problem: str = ""
    folders: tuple[str, ...] = ()
