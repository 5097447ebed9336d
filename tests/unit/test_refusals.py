"""How long an account is left alone whose log-in is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from butler.core.refusals import Refusals, refused_again, rests_until

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("count", "hours"), [(2, 2), (3, 4), (4, 8), (5, 16), (6, 24), (5000, 24)])
def test_the_pause_begins_with_the_second_refusal_and_grows_to_a_day(count: int, hours: int) -> None:
    known = Refusals(count, NOON, "No.")
    until = NOON + hours * HOUR
    assert rests_until(known, NOON) == rests_until(known, until - timedelta(seconds=1)) == until
    assert rests_until(known, until) is None


def test_one_refusal_nothing_and_a_clock_that_was_set_back_make_no_pause() -> None:
    assert rests_until(None, NOON) is None
    assert rests_until(Refusals(1, NOON, "No."), NOON) is None
    assert rests_until(Refusals(9, NOON, "No."), NOON - HOUR) is None


def test_what_a_person_tries_makes_no_pause_longer() -> None:
    once = refused_again(None, "No.", NOON, by_hand=True)
    assert once == refused_again(None, "No.", NOON, by_hand=False) == Refusals(1, NOON, "No.")
    assert refused_again(once, "Still.", NOON + HOUR, by_hand=False) == Refusals(2, NOON + HOUR, "Still.")
    assert refused_again(Refusals(4, NOON, "No."), "No.", NOON + HOUR, by_hand=True).count == 4
