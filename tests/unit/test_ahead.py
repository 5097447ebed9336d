"""Running ahead: order, what is raised, how far, and stopping early."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from butler.ahead import ahead


def test_everything_comes_in_order() -> None:
    assert list(ahead(range(100), 2)) == list(range(100))
    assert list(ahead([], 2)) == []


def test_what_the_iterator_raises_comes_after_what_it_gave() -> None:
    def broken() -> Iterator[int]:
        yield 1
        yield 2
        raise KeyError("three")

    steps = ahead(broken(), 1)
    assert (next(steps), next(steps)) == (1, 2)
    with pytest.raises(KeyError, match="three"):
        next(steps)


def test_it_runs_in_another_thread_and_only_so_far_ahead() -> None:
    given: list[int] = []
    threads: set[int] = set()
    third = threading.Event()

    def numbers() -> Iterator[int]:
        for number in range(10):
            given.append(number)
            threads.add(threading.get_ident())
            if number == 3:
                third.set()
            yield number

    steps = ahead(numbers(), 2)
    assert next(steps) == 0
    assert third.wait(5), "one given, two waiting, the fourth at the door"
    assert given == [0, 1, 2, 3]
    assert threads.isdisjoint({threading.get_ident()})
    assert list(steps) == list(range(1, 10))


def test_who_stops_early_ends_the_thread_and_the_iterator() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    before = threading.active_count()
    steps = ahead(endless(), 1)
    assert next(iter(steps)) == 1
    del steps
    assert closed.wait(5)
    assert threading.active_count() == before


def test_it_can_be_run_ahead_of_what_runs_ahead() -> None:
    assert list(ahead(map(str, ahead(range(50), 2)), 2)) == [str(number) for number in range(50)]
