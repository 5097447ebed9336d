"""The nodes of asking: each takes the small state, works over the run's context, and is safe to be run again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from butler.core.asking import MOST_READS, Answer, Read, Reading
from butler.core.context import Context
from workflows.ask import answering, says
from workflows.ask.answering import Answered
from workflows.ask.asked import Asked, named_in, plain_word
from workflows.ask.followups import meant
from workflows.ask.intents import content_words, without_windows
from workflows.ask.known import known
from workflows.ask.noting import Fact, Noted, note
from workflows.ask.orders import carried_out
from workflows.ask.people import name_words
from workflows.ask.planning import MOST_ROUNDS, Planned, plan
from workflows.ask.reading import Got, Wanted, read, told
from workflows.ask.state import State
from workflows.ask.telling import Telling
from workflows.ask.things import thing
from workflows.ask.windows import find_windows
from workflows.ask.wording import Wording

RESULT = "result"
MOST_NOTED = 16
"""So many things are put before the model for one question."""


class Nodes:
    """The nodes of one run; each may be run again over what the run's memory kept."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._memory = context.memory
        self._telling = Telling(context)

    def begin(self, _state: State) -> State:
        """Do what the owner tells to, and answer what code can answer; else the loop begins."""
        if self._memory.kept(RESULT) is None:
            answer = carried_out(self._context) or known(self._context)
            if answer is None:
                return {"stage": "begin", "after": "plan"}
            self._tell(answer)
        return {"stage": "begin", "after": "end"}

    def plan(self, _state: State) -> State:
        """Say which reads come next, and keep them."""
        number, got = len(self._plans), self._got
        if len(self._wanted) > len(got) or any(self._memory.kept(_stage(ref)) is None for one in got for ref in one.refs):
            return {"stage": "plan", "after": "read"}
        if number and not self._goes_on():
            return {"stage": "plan", "after": "answer"}
        planned = plan(self._context, self.asked, got, len(self._facts))
        self._memory.keep(f"plan:{number}", planned.model_dump(mode="json"))
        return {"stage": "plan", "after": "read" if planned.reads else "answer"}

    def read(self, _state: State) -> State:
        """Do the reads that were planned, and keep what each found."""
        got = self._got
        for number, wanted in enumerate(self._wanted, 1):
            if number <= len(got):
                continue
            what = told(wanted, self.asked, self._context)
            self._context.tell(Reading(number=number, what=what).model_dump_json())
            one = read(self._context, wanted, self.asked)
            self._memory.keep(f"read:{number}", one.model_dump(mode="json"))
            self._context.tell(Read(number=number, found=one.done.found).model_dump_json())
        return {"stage": "read", "reads": len(self._wanted)}

    def note(self, _state: State) -> State:
        """Note what helps of each thing that was found, each by itself, and keep that as soon as it is there."""
        noted = 0
        for one in self._got:
            for ref in one.refs:
                kept = self._memory.kept(_stage(ref))
                noted += bool(kept and Noted.model_validate(kept).asked)
                if kept is None:
                    noted += self._note(ref, one, is_one_more=noted < MOST_NOTED)
        return {"stage": "note", "after": "plan" if self._goes_on() else "answer"}

    def answer(self, _state: State) -> State:
        """Answer from what was noted, and keep the answer."""
        if self._memory.kept(RESULT) is None:
            answer = self._answer()
            unread = next((one.failure for one in self._got if one.failure), "")
            self._tell(answer.model_copy(update={"reason": answer.reason or unread}))
        return {"stage": "answer", "after": "end"}

    @cached_property
    def asked(self) -> Asked:
        """The question as the loop works with it."""
        context = self._context
        question = context.question
        if question is None:
            raise AssertionError("a run of ask has a question")
        zone = context.owner.zone
        found = meant(question, context.now, zone, context.owner.language)
        windows = tuple(find_windows(found.text, context.now, zone, found.language))
        words = [plain_word(word) for word in content_words(without_windows(found.text, windows))]
        return Asked(found, windows, name_words(context, named_in(found.text, words)))

    @property
    def _plans(self) -> list[Planned]:
        kept = (self._memory.kept(f"plan:{number}") for number in range(MOST_ROUNDS))
        return [Planned.model_validate(one) for one in kept if one is not None]

    @property
    def _wanted(self) -> list[Wanted]:
        return [wanted for planned in self._plans for wanted in planned.reads]

    @property
    def _got(self) -> list[Got]:
        kept = (self._memory.kept(f"read:{number}") for number in range(1, MOST_READS + 1))
        return [Got.model_validate(one) for one in kept if one is not None]

    @property
    def _noted(self) -> list[Noted]:
        refs = dict.fromkeys(ref for one in self._got for ref in one.refs)
        kept = (self._memory.kept(_stage(ref)) for ref in refs)
        return [Noted.model_validate(one) for one in kept if one is not None]

    @property
    def _facts(self) -> list[Fact]:
        return [fact for noted in self._noted for fact in noted.facts]

    def _note(self, ref: str, got: Got, *, is_one_more: bool) -> bool:
        """Note one thing of a read; whether the model was asked. Once it was asked enough, only what code says of it counts."""
        one = thing(self._context, ref, self.asked.meant.language)
        noted = Noted()
        # What one thing breaks ends in its own run.
        with self._context.judging(ref):
            if one and (one.line or is_one_more):
                noted = note(self._context, self.asked, one, got.wanted.words, near=ref in got.near)
        self._memory.keep(_stage(ref), noted.model_dump(mode="json"))
        return noted.asked

    def _goes_on(self) -> bool:
        plans = self._plans
        if self._context.model is None or len(plans) >= MOST_ROUNDS or len(self._got) >= MOST_READS:
            return False
        last = plans[-1]
        return bool(last.reads) and not (last.failure or (last.enough and self._facts))

    def _answer(self) -> Answer:
        facts, noted = self._facts, self._noted
        dropped = sum(one.dropped for one in noted)
        failures = [*(one.failure for one in self._plans), *(one.failure for one in noted)]
        failure = next((one for one in failures if one), "")
        wording = Wording(self._context, self.asked.meant.language)
        if not facts:
            return self._unknown(wording, dropped, failure)
        if self._context.model is None:
            return self._passages(facts, wording, says.say(wording.language, "no_model"), 0)
        answered = self._answered(facts)
        if answered.failure:
            return self._passages(facts, wording, answered.failure, dropped)
        if not answered.sentences:
            return self._unknown(wording, dropped + answered.dropped, failure)
        answering.put(wording, answered.sentences, facts)
        reads = [one.done for one in self._got]
        return wording.answer("model", reads=reads, dropped=dropped + answered.dropped, reason=failure)

    def _answered(self, facts: Sequence[Fact]) -> Answered:
        kept = self._memory.kept("answered")
        if kept is None:
            found = answering.ask(self._context, self.asked, facts, self._telling.hear)
            kept = [[list(one) for one in found.sentences], found.dropped, found.failure]
            self._memory.keep("answered", kept)
        sentences, dropped, failure = kept
        return Answered([(text, tuple(numbers)) for text, numbers in sentences], dropped, failure)

    def _passages(self, facts: Sequence[Fact], wording: Wording, reason: str, dropped: int) -> Answer:
        """What was found, in its own words, where no model has answered."""
        fitting = [fact for fact in facts if self.asked.is_answered_by(f"{fact.quote} {fact.line}")]
        if self.asked.wants_mail:
            fitting = [fact for fact in fitting if fact.kind == "mail"]
        elif self.asked.wants_words and self.asked.people:
            fitting = [fact for fact in fitting if fact.quote] or fitting
        if not fitting:
            return self._unknown(wording, dropped, reason)
        answering.passages(self._context, self.asked, fitting, wording)
        return wording.answer("rules", reads=[one.done for one in self._got], dropped=dropped, reason=reason)

    def _unknown(self, wording: Wording, dropped: int, reason: str) -> Answer:
        """Nothing supports an answer: say so, and what was looked at."""
        reads = [one.done for one in self._got]
        wording.say("unknown")
        if reads:
            wording.say("looked_at", what="; ".join(f"{one.what} ({one.found})" for one in reads))
        else:
            wording.say("nothing_looked_at")
        by_rules = self._context.model is None or reason
        return wording.answer("rules" if by_rules else "model", unknown=True, reads=reads, dropped=dropped, reason=reason)

    def _tell(self, answer: Answer) -> None:
        """Keep the answer and tell those of its sentences that were not told yet."""
        self._memory.keep(RESULT, answer.model_dump(mode="json"))
        self._telling.end(answer)


def _stage(ref: str) -> str:
    return f"noted:{ref}"
