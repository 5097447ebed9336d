"""Checks an answer once more, here, where nothing that was read has been at work: what it cites and quotes is there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator
from typing import Any

from butler.core.asking import Answer, Citation, Read, ReadDone, Reading, Said, Sentence, told
from butler.core.contacts import PlacedContact
from butler.core.errors import ButlerError
from butler.core.text import normalised, one_line

_MOST = 100
"""Sentences, citations and proposals of one answer."""
_LONGEST_SENTENCE = 2_000
_LONGEST_TITLE = 300
_LONGEST_QUOTE = 1_000
_LONGEST_WHEN = 60
_DEEPEST = 6


class Witness:
    """Checks the answer to one question; `show` finds what a reference points at, or raises a ButlerError."""

    def __init__(self, show: Callable[[str], Any]) -> None:
        self._show = show
        self._texts: dict[str, str | None] = {}

    def answer(self, answer: Answer, proposed: Collection[int]) -> Answer:
        """The answer without what is not so: citations of nothing, and the sentences that rest on those alone."""
        places: dict[int, int] = {}
        citations: list[Citation] = []
        for number, citation in enumerate(answer.citations[:_MOST], 1):
            if (found := self._citation(citation)) is not None:
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
        )

    def line(self, line: str) -> Reading | Read | Said | None:
        """What is told while a question is answered; None where it cites what is not there."""
        match told(line):
            case Reading() as reading:
                return reading.model_copy(update={"what": one_line(reading.what)})
            case Read() as read:
                return read
            case Said() as said:
                found = [self._citation(each) for each in said.citations[:_MOST]]
                citations = tuple(each for each in found if each is not None)
                if len(citations) != len(said.citations):
                    return None
                return said.model_copy(update={"text": one_line(said.text, _LONGEST_SENTENCE), "citations": citations})

    def _citation(self, citation: Citation) -> Citation | None:
        text = self._text(citation.ref)
        if text is None:
            return None
        quote = one_line(citation.quote, _LONGEST_QUOTE)
        return Citation(
            ref=citation.ref,
            title=one_line(citation.title, _LONGEST_TITLE),
            when=one_line(citation.when, _LONGEST_WHEN),
            quote=quote if normalised(citation.quote) in text else "",
        )

    def _text(self, ref: str) -> str | None:
        """All words of what a reference points at; None where it points at nothing."""
        if ref not in self._texts:
            try:
                self._texts[ref] = normalised("\n".join(_strings(self._show(ref), _DEEPEST)))
            except ButlerError:
                self._texts[ref] = None
        return self._texts[ref]


def _sentence(sentence: Sentence, places: dict[int, int]) -> Sentence | None:
    cites = tuple(dict.fromkeys(places[each] for each in sentence.cites if each in places))
    if sentence.cites and not cites:
        return None
    return Sentence(text=one_line(sentence.text, _LONGEST_SENTENCE), cites=cites)


def _strings(value: Any, depth: int) -> Iterator[str]:
    """The texts in a value of the mirror."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, PlacedContact):
        # As it is read: its days are no texts.
        yield f"{value.contact.name}\n{value.contact.text}"
    elif depth and dataclasses.is_dataclass(value):
        for each in dataclasses.fields(value):
            yield from _strings(getattr(value, each.name), depth - 1)
    elif depth and isinstance(value, (tuple, list, frozenset)):
        for each in value:
            yield from _strings(each, depth - 1)
