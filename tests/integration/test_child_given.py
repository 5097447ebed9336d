"""What children are given to read: all of it, however much, and nothing where nothing is given."""

import asyncio
import sys

import pytest

from butler.children import Child, Ended

COUNTING = [sys.executable, "-S", "-c", "import sys; text = sys.stdin.read(); print(len(text), text[-1:])"]


async def ended(given: bytes) -> Ended | None:
    return await Child(COUNTING, {}, pytest.fail, given=given).ended(30)


@pytest.mark.parametrize("count", [1, 3_000_000])
def test_a_child_reads_all_that_it_is_given(count: int) -> None:
    assert asyncio.run(ended(b"a" * (count - 1) + b"z")) == Ended(0, f"{count} z\n".encode())


def test_a_child_that_is_given_nothing_has_no_input() -> None:
    assert asyncio.run(ended(b"")) == Ended(0, b"0 \n")
