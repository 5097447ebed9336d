"""The documents of a watched folder: the tool of notes, but every file is a document, whatever the folder is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from butler.core.notes import RawNote
from butler.core.sources import Frame, Parsed, Raw
from tools.files import NotesTool


class DocumentsTool(NotesTool):
    """Reads more kinds of files than notes are."""

    def parse(self, raws: Sequence[Raw], frame: Frame) -> Sequence[Parsed]:
        """Read documents, one for one; one without text has a problem that says why."""
        return super().parse([replace(cast("RawNote", raw), document=True) for raw in raws], frame)


TOOL = DocumentsTool()
