"""Which server is asked, and when one is left in peace."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from butler.model.choosing import FIRST_PAUSE, LONGEST_PAUSE, Breaker, Standing, choose
from butler.model.failures import FailureKind
from butler.model.pool import in_order

WELL = Breaker()
SHUT = WELL.failed(FailureKind.UNREACHABLE, 0.0)
WEAK = WELL.failed(FailureKind.BROKEN, 0.0).failed(None, 0.0).failed(FailureKind.BUSY, 0.0)


def standing(place: int, busy: int = 0, slots: int = 2, **more: object) -> Standing:
    return replace(Standing(place, slots, busy, WELL), **more)  # type: ignore[arg-type]


def test_the_first_comes_first_where_all_are_alike() -> None:
    assert choose([standing(1), standing(0), standing(2)], 0.0) == 0


def test_near_comes_before_loaded_and_that_before_least_busy_and_that_before_the_first() -> None:
    assert choose([standing(0), standing(1, busy=1, loaded=True)], 0.0) == 1
    assert choose([standing(0, loaded=True), standing(1, busy=1, near=True)], 0.0) == 1
    assert choose([standing(0, busy=1), standing(1)], 0.0) == 1
    assert choose([standing(0, busy=1, slots=2), standing(1, busy=1, slots=4)], 0.0) == 1


def test_nobody_without_a_free_slot_is_chosen_and_nobody_who_is_shut_out() -> None:
    assert choose([standing(0, busy=2, near=True)], 0.0) is None
    assert choose([standing(0, breaker=SHUT)], FIRST_PAUSE - 1) is None
    assert choose([standing(0, breaker=SHUT)], FIRST_PAUSE + 1) == 0


def test_who_failed_gets_one_question_at_a_time_and_after_those_that_are_well() -> None:
    late = FIRST_PAUSE + 1
    assert choose([standing(0, breaker=SHUT, near=True), standing(1, busy=1)], late) == 1
    assert choose([standing(0, breaker=SHUT, busy=1)], late) is None


def test_who_answers_badly_comes_last_but_is_asked_where_there_is_no_other() -> None:
    assert choose([standing(0, breaker=WEAK, near=True), standing(1, busy=1)], 0.0) == 1
    assert choose([standing(0, breaker=WEAK), standing(1, busy=2)], 0.0) == 0
    assert choose([standing(0, breaker=WEAK.worked(), near=True), standing(1)], 0.0) == 0


def test_a_pause_doubles_up_to_a_longest_one_and_one_answer_ends_it() -> None:
    breaker, now, pauses = WELL, 0.0, []
    for _ in range(8):
        breaker = breaker.failed(FailureKind.SLOW, now)
        pauses.append(breaker.until - now)
        now = breaker.until
    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE
    assert breaker.worked() == WELL


def test_who_is_alone_may_be_late_once_and_is_then_not_asked_again() -> None:
    alone = Breaker(alone=True)
    once = alone.failed(FailureKind.SLOW, 0.0)
    assert not once.is_shut(0.0)
    assert not once.failed(FailureKind.BROKEN, 0.0).failed(FailureKind.SLOW, 0.0).is_shut(0.0)
    assert once.failed(FailureKind.SLOW, 0.0).is_shut(1e12)
    assert alone.failed(FailureKind.UNREACHABLE, 0.0).is_shut(1e12)


def test_who_is_alone_and_always_busy_is_asked_three_times() -> None:
    twice = Breaker(alone=True).failed(FailureKind.BUSY, 0.0).failed(FailureKind.BUSY, 0.0)
    assert not twice.is_shut(0.0)
    assert twice.failed(FailureKind.BUSY, 0.0).is_shut(1e12)
    assert not twice.worked().failed(FailureKind.BUSY, 0.0).is_shut(0.0)


KEYS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["received", "promise", "draft"])), max_size=30)


@given(KEYS)
def test_all_are_asked_once_by_priority_and_a_step_together_in_its_order(keys: list[tuple[int, str]]) -> None:
    order = in_order(keys)
    assert sorted(order) == list(range(len(keys)))
    put = [keys[place] for place in order]
    assert [priority for priority, _ in put] == sorted(priority for priority, _ in put)
    changes = sum(before != after for before, after in pairwise(put))
    assert changes == max(0, len(set(keys)) - 1)
    for key in set(keys):
        assert [place for place in order if keys[place] == key] == [place for place, each in enumerate(keys) if each == key]
