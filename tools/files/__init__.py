"""The notes tool: folders of Markdown and text files, and of documents of every kind."""

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

    def parse(self, raws: Sequence[Raw], frame: Frame) -> Sequence[Parsed]:
        """Read notes and documents, one for one; one without text has a problem that says why."""
        return [_document(raw, frame.zone) if raw.document else _note(raw) for raw in cast("Sequence[RawNote]", raws)]

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


def _document(raw: RawNote, zone: str) -> Note:
    if raw.problems and not raw.content:
        return Note(raw.key, raw.version, raw.modified, "", raw.problems)
    # What reads documents is loaded by the first of them.
    from tools.files.readers import read_document

    found = read_document(raw.key, raw.content, zone)
    return Note(
        raw.key, raw.version, raw.modified, "" if is_briefing(found.text) else found.text, (*raw.problems, *found.problems)
    )


TOOL = NotesTool()
