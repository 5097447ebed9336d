"""Parses what sources hand over, in worker processes that nothing survives to harm: what kills one is set aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from butler.core.calendar import CalendarObject
from butler.core.contacts import Cards
from butler.core.errors import ButlerError, SourceError
from butler.core.notes import Note, RawNote
from butler.core.prepared import Prepared, PreparedMail
from butler.core.sources import Frame, Raw, SourceKind
from butler.sandbox.order import Limits, Order
from butler.sandbox.parsed import are_fair
from butler.sandbox.reach import Reach
from butler.sandbox.seam import Side, WorkerDiedError
from butler.sandbox.wire import TooLargeError
from butler.sandbox.worker import Forkserver, Worker
from butler.toolbox import is_file, targets

_PER_SECOND = 100
_DOCUMENTS = 2
_WALL_FACTOR = 3
_WALL_SECONDS = 30.0
_START_SECONDS = 60.0
_DIED = "The process that parses ({}) ended unexpectedly; the next sync tries it again."

_GIVES: Mapping[SourceKind, Any] = {
    "mail": list[PreparedMail],
    "calendar": list[CalendarObject],
    "notes": list[Note],
    "contacts": list[Cards],
}
# What the tools that ship import when they first parse; of others the tool itself is loaded beforehand.
_LOADED: Mapping[str, tuple[str, ...]] = {
    "tools.mail:TOOL": ("tools.mail.message",),
    "tools.calendar:TOOL": ("tools.calendar.ical",),
    "tools.contacts:TOOL": ("tools.contacts.vcard",),
}


class Parser:
    """Parses with the tools' `parse`, each kind in a worker of its own that is kept until the end.

    `found` says where the tools are, as `module:attribute`; without it they are looked for.
    """

    def __init__(
        self,
        forkserver: Forkserver,
        found: Mapping[SourceKind, str] | None = None,
        limits: Limits | None = None,
        *,
        degraded: bool = False,
    ) -> None:
        self._forkserver = forkserver
        self._found = found
        self._limits = limits or Limits()
        self._degraded = degraded
        self._workers: dict[SourceKind, tuple[Worker, Side]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def parse(self, kind: SourceKind, raws: Sequence[Raw], frame: Frame) -> list[Prepared | None]:
        """Parse, one for one and in order; None for what twice killed the worker.

        Raises StateError when none starts, and SourceError when one ends while it does, which nothing that it parses causes.
        """
        return self._survive(kind, raws, frame, 0) if raws else []

    def worker(self, kind: SourceKind) -> Worker | None:
        """The worker of a kind, where one was started and is there."""
        worker, _ = self._workers.get(kind, (None, None))
        return worker if worker and worker.running else None

    def close(self) -> None:
        """End the workers."""
        for worker, _ in self._workers.values():
            worker.close()
        self._workers.clear()

    def _side(self, kind: SourceKind) -> Side:
        """The seam to the worker of a kind; raises StateError and SourceError when it does not start."""
        if self.worker(kind) is None:
            try:
                self._start(kind)
            except BaseException as error:
                # One without its tool would make all that comes look as if it could not be parsed.
                self._close(kind)
                if isinstance(error, WorkerDiedError):
                    raise SourceError(_DIED.format(kind)) from error
                raise
        return self._workers[kind][1]

    def _start(self, kind: SourceKind) -> None:
        target = (self._found or targets())[kind]
        module = target.rpartition(":")[0]
        # A file of the owner's own is loaded by the worker alone, once it is confined.
        own, reach = ((), Reach((str(Path(module).resolve().parent),))) if is_file(module) else ((module,), Reach())
        preload = ("butler.sandbox.child", *own, *_LOADED.get(target, ()))
        order = Order("parser", "butler.sandbox.child:main", preload, reach, self._limits, degraded=self._degraded)
        worker = self._forkserver.order(order)
        side = worker.side({})
        self._workers[kind] = worker, side
        side.ask("load", target, seconds=_START_SECONDS)

    def _survive(self, kind: SourceKind, raws: Sequence[Raw], frame: Frame, kills: int) -> list[Prepared | None]:
        """Parse in the worker; when it dies, find out which one kills it by halves."""
        try:
            if (answer := self._tried(kind, raws, frame)) is not None:
                return answer
            kills += 1
        except TooLargeError:
            if len(raws) == 1:
                return [None]
        if len(raws) == 1:
            return [None] if kills > 1 else self._survive(kind, raws, frame, kills)
        half = len(raws) // 2
        left = self._survive(kind, raws[:half], frame, kills)
        return left + self._survive(kind, raws[half:], frame, kills)

    def _tried(self, kind: SourceKind, raws: Sequence[Raw], frame: Frame) -> list[Prepared | None] | None:
        """What the worker makes of them; None when it died of that, or might as well have. Raises TooLargeError."""
        cpu = self._seconds_for(raws)
        side, seconds = self._side(kind), _WALL_SECONDS + _WALL_FACTOR * cpu
        with suppress(WorkerDiedError, ButlerError, OSError):
            answer: list[Prepared | None] = side.ask("parse", kind, raws, frame, cpu, gives=_GIVES[kind], seconds=seconds)
            if are_fair(raws, answer):
                return answer
        self._close(kind)
        return None

    def _seconds_for(self, raws: Sequence[Raw]) -> int:
        """The processor time for some things; a document takes as much of it as dozens of mails."""
        cpu = self._limits.cpu
        documents = sum(isinstance(raw, RawNote) and raw.document for raw in raws)
        return cpu if len(raws) == 1 else min(cpu, 2 + len(raws) // _PER_SECOND) + documents * cpu // _DOCUMENTS

    def _close(self, kind: SourceKind) -> None:
        worker, _ = self._workers.pop(kind, (None, None))
        if worker:
            worker.close()
