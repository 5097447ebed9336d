"""What comes of a failure: tried again later, given up, asked about, or left to the owner."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_hands import NOON

from butler.core.errors import EffectError
from butler.core.outcomes import MOST_ATTEMPTS, Fail, HoldAgain, Outcome, Retry, Uncertain, outcome


def error(**flags: object) -> EffectError:
    return EffectError("It did not work.", **flags)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("flags", "visible", "expected"),
    [
        ({"permanent": True}, True, Fail()),
        ({"held": True}, True, HoldAgain()),
        ({"held": True, "permanent": True}, True, HoldAgain()),
        ({"uncertain": True}, False, Uncertain()),
        ({"uncertain": True, "held": True}, False, Uncertain()),
        ({"uncertain": True, "permanent": True}, True, Uncertain()),
        ({"uncertain": True}, True, Retry(NOON + timedelta(seconds=30))),
        ({}, False, Retry(NOON + timedelta(seconds=30))),
    ],
)
def test_each_kind_of_failure_has_its_outcome(flags: dict[str, object], visible: bool, expected: Outcome) -> None:
    assert outcome(error(**flags), 1, NOON, visible=visible) == expected


def test_waits_grow_to_an_hour_and_end_with_a_question() -> None:
    waits = []
    for attempt in range(MOST_ATTEMPTS):
        found = outcome(error(), attempt, NOON)
        assert isinstance(found, Retry)
        waits.append((found.at - NOON).total_seconds())
    assert waits[:5] == [30, 30, 60, 120, 240]
    assert waits[-1] == 3600
    assert outcome(error(), MOST_ATTEMPTS, NOON) == HoldAgain()
    print(f"given up after {MOST_ATTEMPTS} tries in {sum(waits) / 3600:.0f} hours")


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [(5.0, 30), (7200.0, 7200), (0.0, 30), (-3.0, 30), (float("nan"), 30), (float("inf"), 86_400), (1e30, 86_400)],
)
def test_what_the_server_asks_for_is_honoured_within_reason(wait: float, seconds: float) -> None:
    assert outcome(error(wait=wait), 1, NOON) == Retry(NOON + timedelta(seconds=seconds))


@given(
    st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.integers(-5, 10_000), st.none() | st.floats(allow_nan=True)
)
def test_what_may_have_been_sent_is_never_tried_again(
    permanent: bool, uncertain: bool, held: bool, visible: bool, attempt: int, wait: float | None
) -> None:
    found = outcome(error(permanent=permanent, uncertain=uncertain, held=held, wait=wait), attempt, NOON, visible=visible)
    if uncertain and not visible:
        assert found == Uncertain()
    if isinstance(found, Retry):
        assert NOON < found.at <= NOON + timedelta(days=1)
        assert attempt < MOST_ATTEMPTS
