"""The notes tool: folders of Markdown and text files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from butler.core.accounts import Account, NotesFolder
from butler.core.notes import Note, RawNote
from butler.core.sources import Frame, Parsed, Raw, Source, SourceKind
from tools.files.disk import NotesSource
from tools.files.paths import is_briefing, text_of

if TYPE_CHECKING:
    from butler.core.dialing import Dial
    from butler.core.effects import Effect, Hands, Seen
    from butler.core.payloads import Payload


class NotesTool:
    """Opens notes folders, decodes their files and writes into them."""

    kind: SourceKind = "notes"

    def open(self, account: Account, *, dial: Dial | None = None) -> Source[Raw]:  # noqa: ARG002 - a folder needs none
        """Make the source of a notes folder."""
        return NotesSource(cast("NotesFolder", account))

    def parse(self, raws: Sequence[Raw], frame: Frame) -> Sequence[Parsed]:  # noqa: ARG002 - a note depends on no frame
        """Decode notes, one for one; a binary one becomes a note without text, and with a problem."""
        return [_note(cast("RawNote", raw)) for raw in raws]

    def hands(self, account: Account, *, dial: Dial | None = None) -> Hands:  # noqa: ARG002 - a folder needs none
        """Make what writes into a notes folder."""
        from tools.files.hands import FileHands

        return FileHands(cast("NotesFolder", account))

    def renewed(self, payload: Payload, effect: Effect, seen: Seen) -> Payload | None:  # noqa: ARG002 - one effect a payload
        """Add to, or move, the file as it is now; new content is not put over what somebody else wrote meanwhile."""
        from butler.core.payloads import FileAppend, FileMove

        if seen.state == "changed" and seen.etag and isinstance(payload, FileAppend | FileMove):
            return payload.model_copy(update={"before": seen.etag})
        return None


def _note(raw: RawNote) -> Note:
    text, problems = text_of(raw.content)
    if is_briefing(text):
        text = ""
    return Note(raw.key, raw.version, raw.modified, text, (*raw.problems, *problems))


TOOL = NotesTool()
