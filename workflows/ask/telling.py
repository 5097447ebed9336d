"""Tells an answer while it is written: each sentence as soon as it was checked, and in the end what was not told yet."""

from __future__ import annotations

from collections.abc import Sequence

from butler.core.asking import Answer, Said
from butler.core.context import Context
from workflows.ask import answering
from workflows.ask.asked import Asked
from workflows.ask.noting import Fact
from workflows.ask.steps import SaidSentence
from workflows.ask.wording import Wording


class Telling:
    """Tells the sentences of one answer, each once and in their order.

    Nothing is told before there is a sentence that has what is asked for: without one there will be no answer.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._told: list[Said] = []
        self._kept: list[answering.Kept] = []

    def hear(self, asked: Asked, known: Sequence[Fact], said: SaidSentence) -> None:
        """Take a sentence that the model has just written."""
        kept = answering.checked(self._context, asked, said, known)
        if kept is None or kept in self._kept:
            return
        self._kept.append(kept)
        if any(answering.answers(asked, one, known) for one in self._kept):
            wording = Wording(self._context, asked.meant.language)
            answering.put(wording, self._kept, known)
            self._tell(told_of(wording.answer("model")))

    def end(self, answer: Answer) -> None:
        """Tell what was not told yet; where it goes on in another way than it was told, the answer itself will be shown."""
        said = told_of(answer)
        if said[: len(self._told)] == self._told:
            self._tell(said)

    def _tell(self, said: Sequence[Said]) -> None:
        for one in said[len(self._told) :]:
            self._told.append(one)
            self._context.tell(one.model_dump_json())


def told_of(answer: Answer) -> list[Said]:
    """The lines that tell an answer, one for each of its sentences, each with what it is the first to cite."""
    said, first = [], 0
    for sentence in answer.sentences:
        last = max((first, *sentence.cites))
        said.append(Said(text=sentence.text, cites=sentence.cites, citations=answer.citations[first:last]))
        first = last
    return said
