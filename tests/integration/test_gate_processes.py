"""Several real processes at one state folder: of two decisions one counts, and what is approved is done once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from deciding_process import Decider
from memory_hands import Household, action, draft

ROUNDS = 15


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    house = Household(tmp_path)
    yield house
    assert house.truth.journal.verify() == []
    house.close()


@pytest.fixture
def deciders(house: Household) -> Iterator[tuple[Decider, Decider]]:
    with closing(Decider(house.folder)) as first, closing(Decider(house.folder)) as second:
        yield first, second


def at_once(house: Household, deciders: tuple[Decider, Decider], number: int, other: str) -> tuple[int, list[str]]:
    """Let one process approve an action and the other one decide too; its id and what each was told."""
    kept = house.gate.propose(action(draft(str(number)), str(number)))
    for decider, verb in zip(deciders, ("approve", other), strict=True):
        decider.tell(f"{verb} {kept.id} {kept.hash}")
    return kept.id, [decider.answer() for decider in deciders]


def test_of_two_approvals_at_the_same_moment_one_counts(house: Household, deciders: tuple[Decider, Decider]) -> None:
    wins: list[int] = []
    for number in range(ROUNDS):
        kept, answers = at_once(house, deciders, number, "approve")
        good = [place for place, answer in enumerate(answers) if not answer.startswith("refused: ")]
        wins += good
        assert len(good) == 1, answers
        assert house.outbox.get(kept).status == answers[good[0]] == "approved"
        assert "is not held any more" in answers[1 - good[0]]
        assert [decision.verb for decision in house.outbox.decisions(kept)] == ["approve"]
    print(f"{ROUNDS} decisions by two processes at once: the first counted {wins.count(0)} times, the second {wins.count(1)}")


def test_a_no_at_the_same_moment_as_a_yes_stands(house: Household, deciders: tuple[Decider, Decider]) -> None:
    for number in range(ROUNDS):
        kept, answers = at_once(house, deciders, number, "reject")
        assert answers[1] == "rejected", answers
        assert house.outbox.get(kept).status == "rejected"
        verbs = [decision.verb for decision in house.outbox.decisions(kept)]
        assert verbs == (["reject"] if answers[0].startswith("refused: ") else ["approve", "reject"])
    house.run()
    assert house.world.drafts == {}


def test_two_executors_at_the_same_moment_do_everything_once(house: Household, deciders: tuple[Decider, Decider]) -> None:
    for number in range(ROUNDS):
        house.approved(draft(str(number)), str(number))
        for decider in deciders:
            decider.tell("run")
        answers = [decider.answer() for decider in deciders]
        assert sorted(answers) == ["ran 0", "ran 1"]
    done = (house.folder / "log").read_text().splitlines()
    print(f"{ROUNDS} actions by two executors at once: {len(done)} done, {len(done) - len(set(done))} twice")
    assert len(done) == len(set(done)) == ROUNDS == house.outbox.count(statuses=["done"])


def test_what_was_changed_by_one_process_cannot_be_approved_as_it_was_by_another(
    house: Household, deciders: tuple[Decider, Decider]
) -> None:
    kept = house.gate.propose(action(draft("a"), "a"))
    edited = house.gate.edit(kept.id, kept.hash, draft("a", "No."), "anna", "cli")
    deciders[0].tell(f"approve {kept.id} {kept.hash}")
    assert "changed since it was shown" in deciders[0].answer()
    deciders[0].tell(f"approve {kept.id} {edited.hash}")
    assert deciders[0].answer() == "approved"
