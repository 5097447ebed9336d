"""The first looks of all watchers are told once."""

import time
from concurrent.futures import ThreadPoolExecutor

from butler.watch.first import FirstLooks


def test_of_all_that_look_in_time_one_tells_and_each_that_is_late_does_too() -> None:
    # Longer than a busy machine takes to start three threads.
    first = FirstLooks(4, patience=1.5)
    with ThreadPoolExecutor(3) as threads:
        told = [each.result() for each in [threads.submit(first.is_mine_to_tell) for _ in range(3)]]
    assert sorted(told) == [False, False, True]
    assert first.is_mine_to_tell()


def test_nobody_waits_when_all_are_there() -> None:
    first = FirstLooks(3, patience=30.0)
    began = time.monotonic()
    with ThreadPoolExecutor(3) as threads:
        told = [each.result() for each in [threads.submit(first.is_mine_to_tell) for _ in range(3)]]
    assert sorted(told) == [False, False, True]
    assert time.monotonic() - began < 10.0
