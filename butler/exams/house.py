"""The house of an exam: its own state, with a record of its own, so that the owner's runs and costs stay theirs.

Whom it connects to is written down in the owner's record all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from butler.core.briefing import Usage
from butler.core.context import Context, Reads, RunMemory
from butler.core.mail import ANSWERED, Mail
from butler.core.notes import PlacedNote
from butler.core.sources import SourceState
from butler.dialing import Ledger, StateLedger
from butler.house import Deeds, House
from butler.staff import Staff
from butler.store.runs import Run

EXAM = "exam"
Kept = Callable[[str, Any], None]


class ExamStaff(Staff):
    """Who works for an exam; `owners` is the owner's state folder."""

    def __init__(self, deeds: Deeds, owners: Path, clock: Callable[[], datetime]) -> None:
        super().__init__(deeds.state, deeds.found, clock, deeds.sandbox, deeds.forkserver)
        self._owners = owners

    @cached_property
    def _ledger(self) -> Ledger:
        """Where all connections of the owner's butler are written down."""
        ledger = StateLedger(self._owners / "butler.db", self._clock)
        self._opened.callback(ledger.close)
        return ledger


class ExamHouse(House):
    """A house in which an exam is taken: `wanted` is what its run is told, `kept` hears of all that the run keeps.

    `see` changes what a run may read; with `staff` it works with that of another house.
    """

    def __init__(
        self,
        deeds: Deeds,
        owners: Path,
        clock: Callable[[], datetime],
        *,
        wanted: Mapping[str, Sequence[str]] | None = None,
        kept: Kept = lambda _stage, _value: None,
        see: Callable[[Reads], Reads] = lambda reads: reads,
        staff: Staff | None = None,
    ) -> None:
        super().__init__(deeds, clock)
        self.deeds = deeds
        self.owners = owners
        self._wanted = wanted
        self._kept = kept
        self._see = see
        self._given_staff = staff

    def __enter__(self) -> Self:
        """Make sure of the state folder, and of what is pinned here: an exam is of the model that is there now."""
        super().__enter__()
        now = self._clock()
        for kept in self.truth.pins.all():
            self.truth.pins.forget(kept.pin.url, kept.pin.name, now)
        return self

    @property
    def staff(self) -> Staff:
        """Who works here."""
        return self._staff

    @cached_property
    def _staff(self) -> Staff:
        if self._given_staff is not None:
            return self._given_staff
        staff = ExamStaff(self._deeds, self.owners, self._clock)
        self._opened.callback(staff.close)
        return staff

    def _context(self, run: Run, day: Any, sync: Callable[[], Sequence[SourceState]]) -> Context:
        made = super()._context(run, day, sync)
        memory = Heard(made.memory, self._kept)
        if self._wanted is not None and memory.kept(EXAM) is None:
            memory.keep(EXAM, {name: list(refs) for name, refs in self._wanted.items()})
        return replace(made, memory=memory, reads=self._see(made.reads))


class Heard:
    """The memory of a run; `heard` is told of each value that it keeps."""

    def __init__(self, memory: RunMemory, heard: Kept) -> None:
        self._memory = memory
        self._heard = heard

    def snapshot_before(self, day: Any) -> Mapping[str, Any] | None:
        """The snapshot kept with the last briefing of an earlier day."""
        return self._memory.snapshot_before(day)

    def keep(self, stage: str, value: Any) -> None:
        """Keep a value, and tell of it."""
        self._memory.keep(stage, value)
        self._heard(stage, value)

    def kept(self, stage: str) -> Any | None:
        """What was kept."""
        return self._memory.kept(stage)

    def usage(self) -> Usage:
        """What the run's model calls cost so far."""
        return self._memory.usage()


class Acquainted:
    """Reads over an exam's mirror, in which people are known as well as the exam says."""

    def __init__(self, reads: Reads, exchanged: Mapping[str, tuple[int, int]]) -> None:
        self._reads = reads
        self._exchanged = exchanged

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reads, name)

    def exchanged(self, addresses: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        """For each address how many mails the owner had from it and sent to it."""
        mirrored = self._reads.exchanged(addresses)
        return {each: self._exchanged.get(each.lower(), mirrored.get(each, (0, 0))) for each in addresses}


class Unanswered:
    """Reads over the owner's mirror as it was when each of some mails came: nobody had answered yet."""

    def __init__(self, reads: Reads, mails: Sequence[Mail]) -> None:
        self._reads = reads
        self._mails = [_open(mail) for mail in mails]
        self._until = {mail.thread: mail.when for mail in sorted(mails, key=lambda mail: mail.when)}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reads, name)

    def received(self, since: datetime, until: datetime) -> Sequence[Mail]:
        """The mails that are asked about and came from one moment to before another."""
        return [mail for mail in self._mails if since <= mail.when < until]

    def sent(self, _since: datetime, _until: datetime) -> Sequence[Mail]:
        """None of the owner's own."""
        return ()

    def notes(self, _modified_since: datetime) -> Sequence[PlacedNote]:
        """None: it is about mails."""
        return ()

    def mail(self, ref: str) -> Mail:
        """One mail; raises UnknownRefError."""
        return _open(self._reads.mail(ref))

    def threads(self, threads: Sequence[int]) -> Mapping[int, Sequence[Mail]]:
        """The mails of each thread, as far as they were there."""
        found = self._reads.threads(threads)
        return {
            thread: [_open(mail) for mail in mails if thread not in self._until or mail.when <= self._until[thread]]
            for thread, mails in found.items()
        }


def _open(mail: Mail) -> Mail:
    """A mail without the flag that says that it was answered."""
    flags = mail.message.flags - {ANSWERED}
    return mail if flags == mail.message.flags else replace(mail, message=replace(mail.message, flags=flags))
