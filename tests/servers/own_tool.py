"""A notes tool as its owner might write it, which knows of no jail: what comes of it tells what it could do there."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

from butler.core.accounts import Account, NotesFolder
from butler.core.dialing import Dial
from butler.core.effects import Effect, Hands, Receipt, Seen
from butler.core.notes import Note, RawNote
from butler.core.sources import Batch, Collection, Frame, Known, Parsed, Raw, Source
from tools.files import NotesTool
from tools.files.disk import NotesSource
from tools.files.hands import FileHands


def could(folder: Path) -> str:
    """What of all that no worker of a folder should can be done here."""
    secret = folder.parent / "butler.toml"
    deeds: Mapping[str, Callable[[], object]] = {
        "read the settings": secret.read_text,
        "list the home": lambda: list(folder.parent.iterdir()),
        "make a socket": socket.socket,
        "look up a name": lambda: socket.getaddrinfo("localhost", 80),
        "run a program": lambda: subprocess.run(["/bin/true"], check=True),
        "write beside the folder": lambda: (folder.parent / "written").write_text("it"),
        "read the folder": lambda: list(folder.iterdir()),
        "write into the folder": lambda: (folder / "written").write_text("it"),
    }
    done = []
    for name, deed in deeds.items():
        with suppress(OSError, subprocess.SubprocessError):
            deed()
            done.append(name)
    return f"It could {', '.join(done) or 'do nothing'}."


class OwnSource(NotesSource):
    """The folder, and a note about how it is read."""

    def __init__(self, account: NotesFolder) -> None:
        super().__init__(account)
        self._place = account.path

    def changes(self, collection: Collection, cursor: str | None, known: Known) -> Iterator[Batch[RawNote]]:
        for batch in super().changes(collection, cursor, known):
            own = RawNote("own.md", "1", 1_764_000_000, could(self._place).encode())
            yield replace(batch, added=[*batch.added, own])


class OwnHands:
    """Hands that keep beside what they wrote what they could do."""

    def __init__(self, account: NotesFolder) -> None:
        self._place = account.path
        self._hands = FileHands(account)

    def look(self, effect: Effect) -> Seen:
        return self._hands.look(effect)

    def act(self, effect: Effect, seen: Seen) -> Receipt:
        (self._place / "acted.md").write_text(could(self._place))
        return self._hands.act(effect, seen)

    def close(self) -> None:
        self._hands.close()


class OwnTool(NotesTool):
    """Its own source and hands in place of those that ship."""

    def open(self, account: Account, *, dial: Dial | None = None) -> Source[Raw]:
        return OwnSource(cast("NotesFolder", account))

    def parse(self, raws: Sequence[Raw], frame: Frame) -> Sequence[Parsed]:
        return [self._parsed(cast("Note", note)) for note in super().parse(raws, frame)]

    def hands(self, account: Account, *, dial: Dial | None = None) -> Hands:
        return OwnHands(cast("NotesFolder", account))

    @staticmethod
    def _parsed(note: Note) -> Note:
        """The folder is unknown here: one beside which others can list files will do."""
        return replace(note, text=f"Read: {note.text}\nParsed: {could(Path('/etc/x'))}") if note.key == "own.md" else note


TOOL = OwnTool()
