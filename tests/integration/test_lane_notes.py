"""Why a run failed, as the lane keeps it: what it said, else which sources it printed that it did not reach."""

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from butler.children import Child
from butler.core.jobs import Outcome
from butler.core.requests import Request
from butler.core.turns import Conditions
from butler.lane import Errand, Lane

PROGRAM = "import sys; sys.stdout.write(sys.argv[2]); sys.stderr.write(sys.argv[3]); sys.exit(int(sys.argv[1]))"
DOWN = json.dumps({"sources": [{"name": "calendar.family", "state": "failed", "error": "dav.example\ncannot be found."}]})
REACHED = "calendar.family is not reached: dav.example cannot be found."


class Book:
    """A ledger that keeps the last note."""

    def __init__(self) -> None:
        self.kept: list[tuple[Outcome, str]] = []

    async def begin(self, requests: Sequence[Request]) -> bool:
        return bool(requests)

    async def end(self, _requests: Sequence[Request], outcome: Outcome, note: str) -> None:
        self.kept.append((outcome, note))

    async def give_up(self, _workflow: str, _sentence: str) -> None:
        return


async def note(code: int, printed: str, told: str) -> tuple[Outcome, str]:
    """What is kept of a run that ends like this."""
    book, over = Book(), asyncio.Event()

    async def fair(_wants_model: bool) -> Conditions:
        return Conditions(datetime.now(UTC))

    def start(errand: Errand) -> Child:
        return Child(errand.argv, {}, errand.heard)

    lane = Lane(book, start, fair, lambda: datetime.now(UTC), lambda *_: over.set(), 60.0)
    lane.add(Request("sync", "schedule", job="sync"), [sys.executable, "-I", "-c", PROGRAM, str(code), printed, told])
    work = asyncio.ensure_future(lane.work())
    await asyncio.wait_for(over.wait(), 60)
    lane.close()
    await work
    return book.kept[-1]


@pytest.mark.parametrize(
    ("code", "printed", "told", "expected"),
    [
        (69, DOWN, "", REACHED),
        (69, DOWN, "butler: A remark.\n", REACHED),
        (69, '{"sources": []}', "butler: Something waits for the model.\n", "Something waits for the model."),
        (69, "calendar.family  failed\n", "", "It ended with exit code 69 and what it printed tells more."),
        (69, "", "", "It ended with exit code 69 and said nothing."),
        (1, DOWN, "butler: The disk is full.\n", "The disk is full."),
    ],
)
def test_why_a_run_failed_is_kept_in_the_words_that_tell_it(code: int, printed: str, told: str, expected: str) -> None:
    assert asyncio.run(note(code, printed, told)) == ("failed", expected)
