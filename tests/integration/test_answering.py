"""Questions answered by a run: what goes on is told, what is not so is left out, and whatever ends it leaves no doubt."""

from __future__ import annotations

import dataclasses
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from page_household import PageHousehold
from page_household import page_household as page_household_fixture
from talking_thinkers import MAIL, QUOTED, TASK
from watched import until

from butler.cli.answering import Answering, needs_model
from butler.core.actions import Kept
from butler.core.asking import Read, Reading, Said
from butler.core.errors import BusyError, StateError
from butler.dialing import StateLedger
from butler.house import House
from butler.sandbox.worker import Forkserver
from butler.store.conversations import Asked
from butler.store.floor import Floor
from butler.store.state import StateLock
from butler.store.truth import Truth
from butler.thinker import ASKING, Thinker

page_household = page_household_fixture
SERVERS = str(Path(__file__).parent.parent / "servers")


@pytest.fixture(scope="module")
def forkserver() -> Iterator[Forkserver]:
    with Forkserver(folders=(SERVERS,)) as forkserver:
        forkserver.preload(("talking_thinkers",))
        yield forkserver


@dataclass
class Stage:
    """A house in which a thinker of the tests answers, and what it told."""

    house: House
    household: PageHousehold
    told: list[Reading | Read | Said] = field(default_factory=list)
    waited: list[str] = field(default_factory=list)
    proposed: tuple[Kept, ...] = ()

    def answering(self) -> Answering:
        floor = Floor(self.household.state)
        return Answering(self.house, floor, lambda: self.waited.append("waits"), lambda: self.household.now)

    def ask(self, text: str, conversation: int | None = None) -> Asked:
        turn = self.house.truth.conversations.ask(text, self.household.now, conversation)
        found, proposed = self.answering().answer(turn, self.told.append)
        self.proposed = tuple(proposed)
        return found

    def last(self) -> Asked:
        """The latest question, however it ended."""
        latest = self.house.truth.conversations.turns(self.house.truth.conversations.recent(1)[0].id)
        return latest[-1]


@contextmanager
def staged(household: PageHousehold, forkserver: Forkserver) -> Iterator[Stage]:
    with closing(StateLedger(household.state / "butler.db")) as ledger, household.house() as house:
        thinker = Thinker(lambda: forkserver, ledger, household.state, ASKING, main="talking_thinkers:main")
        vars(house._staff)["answerer"] = thinker
        with closing(thinker):
            yield Stage(house, household)


@pytest.fixture
def stage(page_household: PageHousehold, forkserver: Forkserver) -> Iterator[Stage]:
    with staged(page_household, forkserver) as stage:
        yield stage


def soon_signalled(household: PageHousehold, number: int) -> list[float]:
    """Have this thread interrupted, as a terminal does, a moment after a run began to answer what it asks; tells when."""
    here, when = threading.get_ident(), list[float]()

    def send() -> None:
        with closing(Truth.open(household.state / "butler.db")) as truth:
            kept = truth.conversations
            until(lambda: any(turn.run for each in kept.recent(1) for turn in kept.turns(each.id)[-1:]))
        time.sleep(0.3)
        when.append(time.monotonic())
        signal.pthread_kill(here, number)

    threading.Thread(target=send).start()
    return when


def texts(turn: Asked) -> list[str]:
    assert turn.answer
    return [each.text for each in turn.answer.sentences]


def test_what_code_can_answer_needs_no_run_and_waits_for_nobody(stage: Stage) -> None:
    runs = len(stage.house.truth.runs.recent(100))
    with StateLock(stage.household.state), Floor(stage.household.state).alone():
        turn = stage.ask("code what is to be baked?")
    assert (turn.state, texts(turn), turn.run) == ("answered", ["You are to bake a cake."], "")
    assert (len(stage.house.truth.runs.recent(100)), stage.told, stage.waited) == (runs, [], [])


def test_a_run_tells_what_it_reads_and_says_and_nothing_that_cites_what_is_not_there(stage: Stage) -> None:
    with StateLock(stage.household.state):
        first = stage.ask("tells what is to be baked")
    assert [each.event for each in stage.told] == ["reading", "read", "said"]
    assert texts(first) == ["A cake is to be baked.", "That is all."]
    run = stage.house.truth.runs.get(first.run)
    assert run
    assert (run.workflow, run.subject, run.state) == ("ask", f"question {first.id}", "done")
    assert stage.house.truth.conversations.told(first.id) == []
    second = stage.ask("tells and then", first.conversation)
    assert second.answer
    assert second.answer.reason == "tells what is to be baked"


def test_an_answer_loses_what_is_not_so(stage: Stage) -> None:
    answer = stage.ask("lies").answer
    assert answer
    assert [each.ref for each in answer.citations] == [MAIL, TASK.ref, MAIL]
    assert [each.quote for each in answer.citations] == ["", "", QUOTED.quote]
    assert [(each.text, each.cites) for each in answer.sentences] == [
        ("The harbour wrote.[2J Twice.", (1, 2)),
        ("A cake is to be baked.", (2,)),
        ("Figures are wanted.", (3,)),
    ]
    assert answer.proposed == ()


def test_what_a_run_proposes_is_held_and_named_with_its_answer(stage: Stage) -> None:
    turn = stage.ask("proposes flour")
    assert turn.answer
    (kept,) = stage.proposed
    assert (turn.answer.proposed, kept.status, kept.action.run) == ((kept.id,), "held", turn.run)


@pytest.mark.parametrize("how", ["breaks", "floods"])
def test_a_run_that_is_taken_over_leaves_a_question_that_failed(stage: Stage, how: str) -> None:
    with pytest.raises(StateError):
        stage.ask(how)
    turn = stage.last()
    assert (turn.state, turn.answer, bool(turn.note)) == ("failed", None, True)


def test_where_no_model_answered_and_rules_found_nothing_that_is_known(stage: Stage) -> None:
    turn = stage.ask("unknown")
    assert (needs_model(turn, model=True), needs_model(turn, model=False)) == (True, False)
    assert not needs_model(stage.ask("tells"), model=True)


def test_whoever_interrupts_a_question_gives_it_up_at_once_and_the_conversation_goes_on(stage: Stage) -> None:
    when = soon_signalled(stage.household, signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        stage.ask("waits")
    assert time.monotonic() - when[0] < 5
    turn = stage.last()
    assert turn.state == "cancelled"
    run = stage.house.truth.runs.get(turn.run)
    assert run
    assert run.state == "abandoned"
    assert not Floor(stage.household.state).is_answered(turn.id)


def test_a_question_that_lost_its_process_is_answered_later_by_the_same_run(
    page_household: PageHousehold, forkserver: Forkserver
) -> None:
    with staged(page_household, forkserver) as stage:
        before = signal.signal(signal.SIGTERM, lambda _number, _frame: (_ for _ in ()).throw(SystemExit(143)))
        try:
            soon_signalled(page_household, signal.SIGTERM)
            with pytest.raises(SystemExit):
                stage.ask("waits")
        finally:
            signal.signal(signal.SIGTERM, before)
        turn = stage.last()
        assert (turn.state, turn.run != "") == ("asked", True)
        stage.house.truth._database.run("UPDATE turn SET question = 'tells'")
    with staged(page_household, forkserver) as stage:
        again, _ = stage.answering().answer(dataclasses.replace(turn, question="tells"), stage.told.append)
        assert (again.state, again.run) == ("answered", turn.run)


def test_two_questions_at_once_wait_for_each_other_and_one_is_never_answered_twice(
    page_household: PageHousehold, forkserver: Forkserver, stage: Stage
) -> None:
    with Floor(page_household.state).alone():
        waiting = threading.Event()
        stage.waited = _Signalling(waiting)
        done: list[Asked] = []
        turn = stage.house.truth.conversations.ask("tells", page_household.now)
        thread = threading.Thread(target=lambda: done.append(stage.answering().answer(turn, stage.told.append)[0]))
        thread.start()
        assert waiting.wait(30)
        with pytest.raises(BusyError, match="being answered"):
            stage.answering().answer(turn, stage.told.append)
    thread.join(30)
    assert [each.state for each in done] == ["answered"]


def test_what_was_deleted_while_it_was_answered_leaves_no_words(stage: Stage) -> None:
    kept = stage.house.truth.conversations

    def deletes(line: Reading | Read | Said) -> None:
        if isinstance(line, Read):
            kept.delete_all(stage.household.now)

    turn = kept.ask("tells of a Zimtstern", stage.household.now)
    stage.answering().answer(turn, deletes)
    assert kept.turn(turn.id) is None
    files = [path for path in stage.household.state.iterdir() if path.name.startswith("butler.db")]
    assert b"Zimtstern" not in b"".join(path.read_bytes() for path in files)


class _Signalling(list[str]):
    """A list that tells when something is put into it."""

    def __init__(self, event: threading.Event) -> None:
        super().__init__()
        self._event = event

    def append(self, value: str) -> None:
        super().append(value)
        self._event.set()
