"""Keeps the pages that workflows make: whole or not at all, never over what the owner edited."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from butler.core.errors import StateError
from butler.publish import write_whole

_NAME = re.compile(r"([a-z0-9][a-z0-9-]{0,40}/)?[a-z0-9][a-z0-9-]{0,120}")
_MOST_COPIES = 99


class Pages:
    """Keeps each page in `kept`, in the butler's state, and writes it into the owner's `folder`, where there is one."""

    def __init__(self, kept: Path, folder: Path | None) -> None:
        self._kept = kept
        self._folder = folder

    def __call__(self, name: str, markdown: str) -> str:
        """Keep a page and return where it lies; what the owner edited is left alone, and the page goes beside it."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a page")
        content = markdown.encode("utf-8", "replace")
        # The butler's own copies lie in one folder, whatever folder the owner wants them in.
        kept = self._kept / f"{name.replace('/', '--')}.md"
        path = kept if self._folder is None else self._free(self._folder, name, content, _read(kept))
        if path != kept and _read(path) != content:
            write_whole(path, content)
        # Written last: what lies in the owner's folder is known as the butler's own by this copy.
        write_whole(kept, content)
        return str(path)

    def _free(self, folder: Path, name: str, content: bytes, before: bytes | None) -> Path:
        for number in range(1, _MOST_COPIES + 1):
            path = folder / (f"{name}.md" if number == 1 else f"{name} ({number}).md")
            there = _read(path)
            if there is None or there in (content, before):
                return path
        raise StateError(f"{folder} holds {_MOST_COPIES} edited copies of {name}.", advice="Move some of them away.")


def _read(path: Path) -> bytes | None:
    with suppress(FileNotFoundError):
        return path.read_bytes()
    return None
