"""An answer as it is kept and shown: with what it cites and quotes there, its texts bounded and harmless."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from butler.core.asking import Answer, Citation, Read, ReadDone, Reading, Said, Sentence, told
from butler.core.context import Reads
from butler.core.given import texts_in
from butler.core.text import one_line
from butler.offers.grounds import Grounds, Texts, nothing

_MOST = 100
"""Sentences, citations and proposals of one answer."""
_LONGEST_SENTENCE = 2_000
_LONGEST_TITLE = 300
_LONGEST_QUOTE = 1_000
_LONGEST_WHEN = 60


class Witness:
    """Checks the answer to one question, also one that came without a run; `given` is what tools of servers give meanwhile."""

    def __init__(self, reads: Reads, given: Texts = nothing) -> None:
        self._reads = reads
        self._grounds = Grounds(reads, given)

    def answer(self, answer: Answer, proposed: Collection[int]) -> Answer:
        """The answer without what is not so: citations of nothing, and the sentences that rest on those alone.

        What it says that servers gave was kept with it by the trusted side of its run.
        """
        grounds = Grounds(self._reads, partial(texts_in, answer.given))
        places: dict[int, int] = {}
        citations: list[Citation] = []
        for number, citation in enumerate(answer.citations[:_MOST], 1):
            if (found := _harmless(grounds.cited(citation))) is not None:
                citations.append(found)
                places[number] = len(citations)
        sentences = [_sentence(each, places) for each in answer.sentences[:_MOST]]
        kept = tuple(each for each in sentences if each is not None)
        return Answer(
            sentences=kept,
            citations=tuple(citations),
            reads=tuple(ReadDone(what=one_line(each.what), found=each.found) for each in answer.reads[:_MOST]),
            unknown=answer.unknown or bool(sentences and not kept),
            by=answer.by,
            language=answer.language if answer.language.isalpha() and len(answer.language) <= 3 else "en",
            proposed=tuple(each for each in answer.proposed[:_MOST] if each in proposed),
            dropped=answer.dropped + len(sentences) - len(kept),
            reason=one_line(answer.reason, _LONGEST_QUOTE),
            sources=answer.sources if answer.sources is None else answer.sources[:_MOST],
            given=answer.given[:_MOST],
        )

    def line(self, line: str) -> Reading | Read | Said | None:
        """What is told while a question is answered; None where it cites what is not there."""
        match told(line):
            case Reading() as reading:
                return reading.model_copy(update={"what": one_line(reading.what)})
            case Read() as read:
                return read
            case Said() as said:
                found = [_harmless(self._grounds.cited(each)) for each in said.citations[:_MOST]]
                citations = tuple(each for each in found if each is not None)
                if len(citations) != len(said.citations):
                    return None
                return said.model_copy(update={"text": one_line(said.text, _LONGEST_SENTENCE), "citations": citations})


def _harmless(found: Citation | None) -> Citation | None:
    """A citation with harmless words of bounded length."""
    if found is None:
        return None
    return Citation(
        ref=found.ref,
        title=one_line(found.title, _LONGEST_TITLE),
        when=one_line(found.when, _LONGEST_WHEN),
        quote=one_line(found.quote, _LONGEST_QUOTE),
    )


def _sentence(sentence: Sentence, places: dict[int, int]) -> Sentence | None:
    cites = tuple(dict.fromkeys(places[each] for each in sentence.cites if each in places))
    if sentence.cites and not cites:
        return None
    return Sentence(text=one_line(sentence.text, _LONGEST_SENTENCE), cites=cites)
