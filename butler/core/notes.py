"""What a note is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RawNote:
    """A note's file as its folder hands it over: `key` is the path below the root, `version` mtime, size and hash.

    `modified` is in seconds since 1970 (UTC); `problems` are sentences on what could not be read of the file. A `document`
    may be of any kind, and is read as such.
    """

    key: str
    version: str
    modified: int
    content: bytes
    problems: tuple[str, ...] = ()
    document: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A note's text (Unicode, front matter included); `problems` says why there is none."""

    key: str
    version: str
    modified: int
    text: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedNote:
    """A note as the mirror keeps it; `content_hash` is the SHA-256 (hex) of its text."""

    ref: str
    root: str
    path: str
    modified: datetime
    content_hash: str
    text: str
