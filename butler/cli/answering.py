"""Answers a question that is kept: by code at once where code can, else by a run, which tells what goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from pydantic import ValidationError

from butler.core.asking import Answer, Read, Reading, Said
from butler.core.errors import ButlerError, StateError
from butler.core.given import Given
from butler.house import House, wall_clock
from butler.offers.witness import Witness
from butler.store.conversations import Asked
from butler.store.floor import Floor

if TYPE_CHECKING:
    from butler.cli.seeking import Seeker
    from butler.core.actions import Kept
    from butler.core.context import Reads

WORKFLOW = "ask"
_CANCELLED = "Its owner gave it up."

Tell = Callable[[Reading | Read | Said], None]
"""Hears what goes on while a question is answered."""


class Answering:
    """Answers questions in one house over one state folder; `waits` is called when another question is answered first.

    `seeker` tells what is near in meaning to what a run searches; without one words alone are searched.
    """

    def __init__(
        self,
        house: House,
        floor: Floor,
        waits: Callable[[], None],
        clock: Callable[[], datetime] = wall_clock,
        *,
        model: bool = True,
        seeker: Seeker | None = None,
    ) -> None:
        self._house = house
        self._seeker = seeker
        self._clock = clock
        self._floor = floor
        self._waits = waits
        self._model = model
        self._kept = house.truth.conversations
        self._runs: list[str] = []

    def answer(self, turn: Asked, tell: Tell) -> tuple[Asked, Sequence[Kept]]:
        """Answer a question and keep the answer; returns both, and the actions that were proposed.

        Whoever interrupts it gives the question up. What ends the process in another way leaves it as it is, and it can be
        answered later. Raises what the run failed of.
        """
        with self._floor.answering(turn.id):
            try:
                answer, proposed = self._answered(turn, tell)
            except (KeyboardInterrupt, SystemExit) as left:
                if isinstance(left, KeyboardInterrupt):
                    self._kept.end(turn, "cancelled", self._clock(), note=_CANCELLED)
                self._tidy(turn)
                raise
            except ButlerError as error:
                self._kept.end(turn, "failed", self._clock(), note=str(error))
                raise
            self._kept.end(turn, "answered", self._clock(), answer)
            self._tidy(turn)
        return self._kept.turn(turn.id) or turn, proposed

    def _answered(self, turn: Asked, tell: Tell) -> tuple[Answer, Sequence[Kept]]:
        question, witness = self._kept.question_of(turn), Witness(self._house.mirror.reads, self._given)
        known = self._house.known(WORKFLOW, question, self._clock())
        if known is not None:
            # Nobody asked a server for it.
            return witness.answer(_read(known).model_copy(update={"given": ()}), ()), ()
        from butler.desk import Asking

        asking = Asking(question, self._teller(turn, witness, tell), partial(self._began, turn), self._waits, self._joined)
        done = self._house.do(WORKFLOW, sync=False, model=self._model, about=subject_of(turn), asking=asking)
        try:
            answer = Answer.model_validate(done.result)
        except ValidationError as error:
            raise StateError("The run that was to answer this kept no answer.", advice="Ask it again.") from error
        proposed = [kept for kept in done.proposed if kept.action.run == done.run.id]
        return self._remarked(witness.answer(answer, {kept.id for kept in proposed})), proposed

    def _given(self, ref: str) -> Sequence[str]:
        """What tools of servers gave in the run that answers now."""
        memory = self._house.truth.memory
        return [text for run in self._runs[-1:] for text in Given(memory(run)).texts(ref)]

    def _joined(self, reads: Reads) -> Reads:
        """Reads that find also by meaning, where that can be."""
        return self._house.mirror.reads.joined(self._seeker.near) if self._seeker else reads

    def _remarked(self, answer: Answer) -> Answer:
        """An answer that says where only words were searched although meaning could have been."""
        remark = self._seeker.remark if self._seeker and answer.reads else ""
        return answer.model_copy(update={"reason": " ".join(filter(None, (answer.reason, remark)))})

    def _teller(self, turn: Asked, witness: Witness, tell: Tell) -> Callable[[str], None]:
        def hear(line: str) -> None:
            checked = witness.line(line)
            if checked is not None:
                self._kept.tell(turn.id, checked.model_dump_json())
                tell(checked)

        return hear

    def _began(self, turn: Asked, run: str) -> None:
        self._runs.append(run)
        self._kept.runs(turn.id, run)

    def _tidy(self, turn: Asked) -> None:
        """Give up the run of a question that waits no more, and keep nothing of one that was deleted meanwhile."""
        found = self._kept.turn(turn.id)
        runs = self._house.truth.runs
        if found is None or found.state != "asked":
            open_run = runs.unfinished(WORKFLOW, subject_of(turn))
            for each in (*runs.below(open_run.id), open_run) if open_run else ():
                # Of those below it that have ended nothing changes.
                runs.abandon(each.id, self._clock(), _CANCELLED)
        if found is None:
            for run in self._runs:
                self._kept.forget_run(run)


def subject_of(turn: Asked) -> str:
    """What a run is about that answers a question: its number, and no words of it."""
    return f"question {turn.id}"


def needs_model(turn: Asked, *, model: bool) -> bool:
    """Whether nothing could be said because a model was wanted and there was none."""
    answer = turn.answer
    return model and answer is not None and answer.unknown and answer.by == "rules"


def _read(text: str) -> Answer:
    try:
        return Answer.model_validate_json(text)
    except ValidationError as error:
        raise StateError("What was to answer this sent no answer.", advice="Ask it again.") from error
