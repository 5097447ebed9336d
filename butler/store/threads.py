"""Which mails make one conversation: pure, over the numbers of the Message-IDs that they bear and refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assigned:
    """The thread of each mail in order, new links (number, thread), and threads to be merged as (from, into)."""

    threads: Sequence[int]
    links: Sequence[tuple[int, int]]
    merges: Sequence[tuple[int, int]]


def assign(mails: Iterable[tuple[int, Sequence[int]]], known: Mapping[int, int]) -> Assigned:
    """Put mails, given as id and link numbers, into threads; touches nothing.

    Mails that share a number share a thread. A mail that shares none starts the thread of its own id; one that shares
    numbers of several threads merges them into the oldest.
    """
    merged: dict[int, int] = {}
    links = dict(known)
    threads: list[int] = []

    def leader(thread: int) -> int:
        while thread in merged:
            thread = merged[thread]
        return thread

    for mail, numbers in mails:
        found = {leader(links[number]) for number in numbers if number in links}
        thread = min(found, default=mail)
        for other in found - {thread}:
            merged[other] = thread
        for number in numbers:
            links.setdefault(number, thread)
        threads.append(thread)
    return Assigned(
        [leader(thread) for thread in threads],
        [(number, leader(thread)) for number, thread in links.items() if number not in known],
        [(thread, leader(thread)) for thread in merged],
    )
