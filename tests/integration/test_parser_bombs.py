"""What was seen to hurt parsers, through the real parser: the worker ends within its limits, and hides nothing else."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from parser_bombs import THINGS, Thing

from butler.core.calendar import RawObject
from butler.core.contacts import RawCards
from butler.core.mail import RawMail
from butler.core.notes import RawNote
from butler.core.sources import Frame, Raw
from butler.sandbox.parser import Parser
from butler.sandbox.worker import Forkserver, Limits

FRAME = Frame("Europe/Berlin", date(2026, 10, 1), date(2027, 12, 1))
LIMITS = Limits()
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def forkserver() -> Iterator[Forkserver]:
    with Forkserver() as forkserver:
        yield forkserver


def good(kind: str, key: str) -> Raw:
    """Something that hurts nobody."""
    if kind == "mail":
        return RawMail(key, frozenset(), 0, 1, whole=b"Subject: harmless\n\nHello")
    if kind == "contacts":
        return RawCards(key, "v", b"BEGIN:VCARD\nUID:good\nFN:Good\nEND:VCARD\n")
    lines = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:good\nDTSTART:20261124T080000Z\nEND:VEVENT\nEND:VCALENDAR\n"
    return RawObject(key, "v", lines) if kind == "calendar" else RawNote(key, "v", 0, b"Hello")


def seconds_of(pid: int) -> float:
    """The processor time that a process took."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_of(pid: int) -> int:
    """The most memory that a process had, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.name)
def test_a_bomb_costs_the_worker_little_and_hides_nothing_beside_it(forkserver: Forkserver, thing: Thing) -> None:
    with Parser(forkserver, thing.found) as parser:
        before, bomb, after = parser.parse(thing.kind, [good(thing.kind, "1"), thing.raw("2"), good(thing.kind, "3")], FRAME)
        assert None not in (before, after)
        assert bomb is not None, "it did not have to be set aside"
        worker = parser.worker(thing.kind)
        assert worker is not None
        # No measurement: without what stops them they take from ten seconds to for ever, or gigabytes.
        assert seconds_of(worker.pid) < 5
        assert peak_of(worker.pid) < 400 * MEGABYTE
