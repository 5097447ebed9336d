"""Thinks: asks the owner's questions about the numbered texts, and keeps of each answer what stands there to the letter."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from butler.core.briefing import Evidence, Line
from butler.core.context import Context
from butler.core.definitions import NO_MODEL, Definition, Question
from butler.core.grounding import find_quote, unsupported
from butler.core.steps import Inquiry, Model, Step, ask_all
from butler.core.text import normalised, one_line
from workflows.draft_reply.language import language_of
from workflows.own.steps import OwnAnswer, step
from workflows.own.things import Thing, batches

NOT_ASKED = "No model is configured, or none was wanted."
UNASKED = "the workflow asks none"
_LONGEST = 240


class Answered(BaseModel):
    """What came of one question: its lines, how many were dropped, and what was not read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    heading: str
    lines: tuple[Line, ...] = ()
    dropped: int = 0
    unread: int = 0
    cut: int = 0
    reason: str = ""
    digest: str = ""


@dataclass
class Thinking:
    """Asks within the limits of a definition: so many steps, so many tokens."""

    context: Context
    definition: Definition
    steps: int = 0
    _kept: str = field(default="thought")

    def all(self, things: Sequence[Thing]) -> list[Answered]:
        """Ask every question; one that was answered before an interruption is not asked again."""
        model = self.context.model
        questions = self._questions()
        if model is None or self.definition.model == NO_MODEL or not questions:
            return []
        done = [Answered.model_validate(each) for each in self.context.memory.kept(self._kept) or ()]
        for question in questions[len(done) :]:
            done.append(self._answered(model, question, things))
            self.context.memory.keep(self._kept, [each.model_dump(mode="json") for each in done])
        return done

    def _questions(self) -> Sequence[Question]:
        definition = self.definition
        if definition.questions or not definition.prompt:
            return definition.questions
        return (Question(heading="", text=""),)

    def _answered(self, model: Model, question: Question, things: Sequence[Thing]) -> Answered:
        asked = step(self.definition.name, self.definition.prompt, question)
        lines: list[Line] = []
        dropped = unread = cut = 0
        reason = digest = ""
        all_batches = list(batches(things))
        with closing(ask_all(model, [_inquiry(asked, batch) for batch in all_batches[: self._left()]])) as answers:
            for batch in all_batches:
                if not self._may_ask():
                    unread += len(batch)
                    continue
                self.steps += 1
                said = next(answers)
                cut += said.cut
                digest = said.digest or digest
                if said.answer is None:
                    reason, unread = said.reason, unread + len(batch)
                    continue
                found = checked(said.answer, batch, self.context.owner.language)
                dropped += len(said.answer.lines) - len(found)
                lines += found
        kept = {normalised(line.text): line for line in reversed(lines)}
        return Answered(
            heading=question.heading,
            lines=tuple(reversed(kept.values())),
            dropped=dropped,
            unread=unread,
            cut=cut,
            reason=reason,
            digest=digest,
        )

    def _left(self) -> int:
        """How many questions may be asked at most."""
        return max(0, self.definition.limits.steps - self.steps)

    def _may_ask(self) -> bool:
        limits, usage = self.definition.limits, self.context.memory.usage()
        return self.steps < limits.steps and usage.tokens_in + usage.tokens_out < limits.tokens


def _inquiry(asked: Step[OwnAnswer], batch: Sequence[Thing]) -> Inquiry[OwnAnswer]:
    text = "\n\n".join(thing.numbered(number) for number, thing in enumerate(batch, 1))
    return Inquiry(asked, batch[0].refs[0], f"Texts: {len(batch)}", text)


def checked(answer: OwnAnswer, things: Sequence[Thing], fallback: str) -> list[Line]:
    """The lines whose quote stands in the text that they name; words that nothing there bears out give way to the quote."""
    found = []
    for said in answer.lines:
        if not 1 <= said.source <= len(things):
            continue
        thing = things[said.source - 1]
        quote = find_quote(said.quote, thing.text)
        if quote is None:
            continue
        phrase = one_line(said.text, _LONGEST)
        language = language_of(phrase, fallback) or fallback
        if not phrase or unsupported(phrase, thing.text, (thing.title, *thing.names), language):
            phrase = one_line(quote, _LONGEST)
        shown = None if thing.is_reckoned else quote
        evidence = (Evidence(ref=thing.refs[0], quote=shown), *(Evidence(ref=ref) for ref in thing.refs[1:]))
        found.append(Line(text=phrase, by="model", evidence=evidence))
    return found
