"""Checks once more what a briefing or an answer quotes, here, where nothing that was read has been at work."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from butler.core.asking import Answer, Citation, GivenText
from butler.core.briefing import Briefing, Evidence
from butler.core.contacts import PlacedContact
from butler.core.context import Reads
from butler.core.errors import ButlerError, UnknownRefError
from butler.core.given import base_of, is_given
from butler.core.mail import Mail
from butler.core.notes import PlacedNote
from butler.core.text import normalised

Texts = Callable[[str], Sequence[str]]
"""All that a tool of somebody else's server gave in a run, by its reference."""


def nothing(_ref: str) -> Sequence[str]:
    """Nothing was given."""
    return ()


class Grounds:
    """The texts of mails, as far as they are known to `reads`, each read once; `given` are those of tools of servers."""

    def __init__(self, reads: Reads, given: Texts = nothing) -> None:
        self._reads = reads
        self._given = given
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
        given = tuple(GivenText(ref=ref, text=text) for ref in _bases(there) for text in self._given(ref))
        update = {"sentences": sentences, "citations": tuple(there), "unknown": unknown, "given": given}
        return answer.model_copy(update=update)

    def cited(self, citation: Citation) -> Citation | None:
        """A citation, without its quote where that does not stand there; None where it is of nothing that there is.

        What a tool of a server gave is cited by its words alone: without them there is nothing to be looked at.
        """
        if is_given(citation.ref):
            words = normalised(citation.quote)
            return citation if words and any(words in normalised(text) for text in self._given(citation.ref)) else None
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


def _bases(citations: Sequence[Citation]) -> list[str]:
    """The tools of servers that are cited, each once."""
    return list(dict.fromkeys(base_of(one.ref) for one in citations if is_given(one.ref)))


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
