"""Checks once more what a briefing quotes, here, where nothing that was read has been at work."""

from __future__ import annotations

from butler.core.briefing import Briefing, Evidence
from butler.core.context import Reads
from butler.core.errors import UnknownRefError
from butler.core.text import normalised


class Grounds:
    """The texts of mails, as far as they are known to `reads`, each read once."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._texts: dict[str, str] = {}

    def checked(self, briefing: Briefing) -> Briefing:
        """The briefing, its evidence without the quotes that are in no mail."""
        sections = [
            section.model_copy(
                update={
                    "lines": tuple(
                        line.model_copy(update={"evidence": tuple(map(self._borne, line.evidence))}) for line in section.lines
                    )
                }
            )
            for section in briefing.sections
        ]
        return briefing.model_copy(update={"sections": tuple(sections)})

    def _borne(self, evidence: Evidence) -> Evidence:
        is_mail = evidence.ref.startswith("mail:")
        if not is_mail or not evidence.quote or normalised(evidence.quote) in self._text(evidence.ref):
            return evidence
        return evidence.model_copy(update={"quote": None})

    def _text(self, ref: str) -> str:
        if ref not in self._texts:
            try:
                message = self._reads.mail(ref).message
            except UnknownRefError:
                self._texts[ref] = ""
            else:
                self._texts[ref] = normalised(f"{message.subject}\n{message.text}\n{message.calendar}")
        return self._texts[ref]
