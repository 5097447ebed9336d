"""Parts of a zip file, each and all together bounded while they are unpacked, whatever the file says of their sizes."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO

from tools.files.readers.reading import ENCRYPTED, UnreadableError

MOST_ENTRIES = 5_000
LARGEST_PART = 30_000_000
LARGEST_WHOLE = 60_000_000
"""So many bytes are unpacked of one part, and of all parts together."""

_ENTRY = b"PK\x01\x02"
_ENCRYPTED_BIT = 1
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, LookupError, NotImplementedError, OverflowError)


class Archive:
    """A zip file in memory; raises UnreadableError where it is none, or too much."""

    def __init__(self, content: bytes) -> None:
        # Counted before the library makes an object of each, and not by what the file says of itself.
        if content.count(_ENTRY) > MOST_ENTRIES:
            raise UnreadableError(f"It has more than {MOST_ENTRIES:,} parts.")
        try:
            self._file = zipfile.ZipFile(BytesIO(content))
        except _FAULTS as error:
            raise UnreadableError("It is a broken archive.") from error
        self._entries = {entry.filename: entry for entry in self._file.infolist()}
        self._left = LARGEST_WHOLE

    @property
    def names(self) -> Sequence[str]:
        """The names of its parts."""
        return tuple(self._entries)

    def part(self, name: str, most: int = LARGEST_PART) -> bytes:
        """Unpack a part, empty where there is none; raises UnreadableError."""
        entry = self._entries.get(name)
        if entry is None:
            return b""
        if entry.flag_bits & _ENCRYPTED_BIT:
            raise UnreadableError(ENCRYPTED)
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise UnreadableError("It is packed in a way that no such file is.")
        most = min(most, self._left)
        try:
            with self._file.open(entry) as opened:
                content = opened.read(most + 1)
        except _FAULTS as error:
            raise UnreadableError("A part of it is damaged.") from error
        if len(content) > most:
            raise UnreadableError(f"Unpacked it has over {most // 1_000_000} MB.")
        self._left -= len(content)
        return content
