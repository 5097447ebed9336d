"""Checks once more what a briefing or an answer quotes, here, where nothing that was read has been at work."""

from __future__ import annotations

from butler.core.asking import Answer, Citation
from butler.core.briefing import Briefing, Evidence
from butler.core.contacts import PlacedContact
from butler.core.context import Reads
from butler.core.errors import ButlerError, UnknownRefError
from butler.core.mail import Mail
from butler.core.notes import PlacedNote
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

    def answered(self, answer: Answer) -> Answer:
        """The answer, its citations without the quotes that do not stand there, its sentences without what is not there."""
        kept = [self.cited(one) for one in answer.citations]
        there = [one for one in kept if one is not None]
        numbers = {number: there.index(one) + 1 for number, one in enumerate(kept, 1) if one is not None}
        sentences = tuple(
            sentence.model_copy(update={"cites": tuple(numbers[number] for number in sentence.cites)})
            for sentence in answer.sentences
            if all(number in numbers for number in sentence.cites)
        )
        unknown = answer.unknown or not sentences
        return answer.model_copy(update={"sentences": sentences, "citations": tuple(there), "unknown": unknown})

    def cited(self, citation: Citation) -> Citation | None:
        """A citation, without its quote where that does not stand there; None where it is of nothing that there is."""
        try:
            thing = self._reads.show(citation.ref)
        except ButlerError:
            return None
        if not citation.quote or normalised(citation.quote) in normalised(_quotable(thing)):
            return citation
        return citation.model_copy(update={"quote": ""})

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


def _quotable(thing: object) -> str:
    """The text of what can be quoted; an event or a task is cited as such."""
    match thing:
        case Mail():
            return f"{thing.message.subject}\n{thing.message.text}"
        case PlacedNote():
            return f"{thing.path}\n{thing.text}"
        case PlacedContact():
            return f"{thing.contact.name}\n{thing.contact.text}"
    return ""
