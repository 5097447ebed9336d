"""Parses what sources hand over: a little of it here, much of it in a worker process, which nothing survives to harm."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from butler.core.prepared import Prepared
from butler.core.sources import Frame, Raw, SourceKind, Tool
from butler.sandbox.wire import LARGEST_FRAME, pack_request, prepared_of, read_answer
from butler.sandbox.worker import Limits, Worker, WorkerDiedError, child_command
from butler.toolbox import targets

_SMALL = 200
_PER_SECOND = 100
_WALL_FACTOR = 3
_WALL_SECONDS = 30.0

# What a parser of hostile bytes has been seen to raise: then the worker finds out which of them it was.
_FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)


def is_jailed(count: int, running: bool) -> bool:
    """Decide whether so many raws are parsed in the worker: a few are not worth the start of a process."""
    return running or count >= _SMALL


class Parser:
    """Parses with the tools' `parse`; `jailed` decides where, `command` starts the worker of a kind."""

    def __init__(
        self,
        tools: Mapping[SourceKind, Tool],
        limits: Limits | None = None,
        jailed: Callable[[int, bool], bool] = is_jailed,
        command: Callable[[SourceKind], Sequence[str]] | None = None,
    ) -> None:
        self._tools = tools
        self._limits = limits or Limits()
        self._jailed = jailed
        self._command = command or (lambda kind: child_command(kind, targets()[kind], self._limits))
        self._workers: dict[SourceKind, Worker] = {}

    def parse(self, kind: SourceKind, raws: Sequence[Raw], frame: Frame) -> list[Prepared | None]:
        """Parse, one for one and in order; None for what twice killed the worker. Raises StateError when none starts."""
        if not raws:
            return []
        worker = self._worker(kind)
        if not self._jailed(len(raws), worker.running):
            with suppress(*_FAULTS):
                prepared = prepared_of(kind, self._tools[kind].parse(raws, frame))
                if len(prepared) == len(raws):
                    return list(prepared)
        return self._survive(worker, kind, raws, frame, 0)

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers.values():
            worker.close()

    def _worker(self, kind: SourceKind) -> Worker:
        if kind not in self._workers:
            self._workers[kind] = Worker(lambda: self._command(kind))
        return self._workers[kind]

    def _survive(
        self, worker: Worker, kind: SourceKind, raws: Sequence[Raw], frame: Frame, kills: int
    ) -> list[Prepared | None]:
        """Parse in the worker; when it dies, find out which one kills it by halves."""
        cpu = self._limits.cpu if len(raws) == 1 else min(self._limits.cpu, 2 + len(raws) // _PER_SECOND)
        request = pack_request(kind, raws, frame, cpu)
        if len(request) <= LARGEST_FRAME:
            with suppress(WorkerDiedError):
                answer = read_answer(kind, worker.ask(request, _WALL_SECONDS + _WALL_FACTOR * cpu))
                if len(answer) == len(raws):
                    return list(answer)
            kills += 1
        elif len(raws) == 1:
            return [None]
        if len(raws) == 1:
            return [None] if kills > 1 else self._survive(worker, kind, raws, frame, kills)
        half = len(raws) // 2
        left = self._survive(worker, kind, raws[:half], frame, kills)
        return left + self._survive(worker, kind, raws[half:], frame, kills)
