"""Where the butler keeps what its owner wants remembered."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from butler.core.accounts import NotesFolder
from butler.core.remembering import NOTE, ROOT
from butler.settings.parts import Part, Place


class MemoryPart(Part):
    """What is to be remembered."""

    folder: Place | None = Field(
        default=None, description=f"folder of {NOTE}, the note of what is to be remembered; left out: in the state folder"
    )

    def account(self, state: Path) -> NotesFolder:
        """The folder as tools know it; nothing in it but the note is read."""
        return NotesFolder(ROOT, self.folder or state / ROOT, (NOTE,), kept=state / "kept" / ROOT, documents=True)
