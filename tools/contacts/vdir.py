"""Reads contacts from a folder of .vcf files, as vdirsyncer and khard keep them, or from one file with many cards.

See tools/vdir.py for how.
"""

from __future__ import annotations

from pathlib import Path

from butler.core.accounts import ContactsAccount
from butler.core.contacts import RawCards
from butler.core.sources import SourceKind
from tools.vdir import File, FolderSource


class CardFolder(FolderSource[RawCards]):
    """The address books below a folder, the one that it is, or the one file that was named."""

    def __init__(self, account: ContactsAccount) -> None:
        super().__init__(account, ".vcf", "address book", RawCards)

    @property
    def kind(self) -> SourceKind:
        """It holds contacts."""
        return "contacts"

    def find(self) -> list[Path]:
        """Find the folders of the address books; one file is a book by itself."""
        return [self.root] if self.root.is_file() else super().find()

    def files(self, folder: Path) -> list[File]:
        """List the files of an address book, by name."""
        if not folder.is_file():
            return super().files(folder)
        state = folder.stat()
        return [File(folder.name, state.st_mtime_ns, state.st_size)]

    def place(self, folder: Path, name: str) -> Path:
        """Where a file of an address book lies."""
        return folder if folder.is_file() else super().place(folder, name)
