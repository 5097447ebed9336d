"""The thinker: the process in which workflows run and the model is asked, which holds no secret and reaches no file of ours."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from butler.core.accounts import ModelHost
from butler.core.connections import Ledger
from butler.core.context import Context
from butler.core.endpoints import of_model
from butler.core.errors import ButlerError, ModelError, StateError
from butler.core.pins import Meeting
from butler.core.steps import CallBook
from butler.core.text import one_line
from butler.dialing import Dialer
from butler.offers import Offers, breach
from butler.offers.models import Models, unkept, vectors
from butler.runner import CutShortError, FaultError, Named, Passed, Way, Workflow
from butler.sandbox.order import Limits, Order
from butler.sandbox.reach import Reach
from butler.sandbox.seam import NonsenseError, Side, WorkerDiedError
from butler.sandbox.starting import Starting
from butler.sandbox.worker import Forkserver, Worker
from butler.store.database import os_told

CHECKPOINTS = "checkpoints"
"""The folder below the state that a thinker may write to, and its one file there."""
ASKING = "asking"
"""The folder of the one that answers questions, while the other does something else."""
FILE = "checkpoints.db"

_SIDE_FILES = (FILE, f"{FILE}-wal", f"{FILE}-shm")
_GIVEN = (
    *("run", "now", "day", "owner", "options", "identities", "calendar", "tasks", "most_drafts", "wish", "subject", "inbox"),
    *("question", "definition", "last_time", "remembered", "foreign_reads"),
)
_SECONDS = 1_800.0
_MOST_ASKINGS = 300
"""A run may think for half an hour, and besides for as long as so many questions to the model may take."""
_READING = 300.0
"""Seconds in which a workflow of the owner's own reads and writes."""
MAIN = "butler.thinking.inside:think"
_OPENING = 60.0
_KNOWN = 60.0
_SPARE = 10.0
"""Seconds for what is beside the asking of an embedding model."""
_LIMITS = Limits(cpu=0, memory=2 << 30)
_LONGEST_LINE = 500
_LONGEST_SENTENCE = 2_000
_log = logging.getLogger("butler.thinking")


@dataclass(frozen=True, slots=True)
class Thinking:
    """How one run thinks: whom it may ask (None: nobody), where that is recorded, and by which clock."""

    thinker: Thinker
    host: ModelHost | None
    book: CallBook
    clock: Callable[[], datetime]

    def go(self, workflow: Named, way: Way, context: Context, passed: Passed) -> None:
        """Take a workflow to its end; see `butler.runner.Graphs`."""
        self.thinker.run(workflow, way, context, self.host, Offers(context, self.book, self.clock, passed, self.host))

    def known(self, workflow: Named, context: Context) -> str | None:
        """Answer a question by code alone, as a JSON text; None where that cannot be. It may read, and nothing else."""
        offers = Offers(context, self.book, self.clock, lambda _node, _waited: None)
        return self.thinker.known(workflow, context, self.host, offers)


class Thinker:
    """One process for as long as nothing is wrong with it, started when it is first needed; to be closed.

    `state` is the state folder (None: nothing stays, and it may write nowhere), `folder` the one below it that it may write
    to, `ledger` is told of connections to the model; `degraded` lets it run where the kernel cannot confine it. `main` is
    what runs in it.
    """

    def __init__(
        self,
        forkserver: Callable[[], Forkserver],
        ledger: Ledger,
        state: Path | None,
        folder: str = CHECKPOINTS,
        *,
        degraded: bool = False,
        main: str = MAIN,
    ) -> None:
        self._forkserver = forkserver
        self._ledger = ledger
        self._state = state
        self._folder = folder
        self._degraded = degraded
        self._main = main
        self._worker: Worker | None = None
        self._starting: Starting | None = None
        self._reads: tuple[str, ...] = ()
        self._offers: dict[str, Callable[..., Any]] = {}

    def prepare(
        self, workflow: Named, host: ModelHost | None, book: CallBook, clock: Callable[[], datetime], *, imports: bool = True
    ) -> Thinking:
        """Have it started and import what a workflow needs, unless that may not be needed, while others do something else."""
        reads = workflow.reads if isinstance(workflow, Workflow) else ()
        if self._starting is not None and not set(reads) <= set(self._reads):
            # What it may read was settled when it was started.
            self.close()
        if self._starting is None:
            self._reads = reads
            self._prepare_folder()
            wanted = (_entry_of(workflow), host is not None) if imports else None
            self._starting = Starting(partial(self._start, self._forkserver(), wanted))
        return Thinking(self, host, book, clock)

    def known(self, workflow: Named, context: Context, host: ModelHost | None, offers: Offers) -> str | None:
        """Have a question answered there by code; raises what ended it."""
        with self._offering({**offers.reads(), "log": _Log()}, offers):
            told = ("known", _entry_of(workflow), _given(context), host is not None)
            found: str | None = self._started().ask(*told, seconds=_KNOWN, gives=str | None)
        return found

    def embed(
        self, host: ModelHost, texts: Sequence[str], seconds: float, met: Meeting = unkept
    ) -> tuple[str, int, list[bytes]]:
        """Have an embedding model asked there: its digest, the tokens it read, and a vector (32-bit floats) for each text."""
        more = {"met": Models(host, met, lambda: datetime.now(UTC)).met}
        found = self.aside(host, "embed", list(texts), seconds=seconds, gives=tuple[str, int, list[bytes]], more=more)
        return vectors(found, len(texts))

    def aside(self, host: ModelHost, what: str, *given: Any, seconds: float, gives: Any, more: Mapping[str, Any] = {}) -> Any:
        """Have something done there with the models of a host in so many seconds, beside any workflow; raises what ended it."""
        if self._starting is None:
            self._prepare_folder()
            self._starting = Starting(partial(self._start, self._forkserver(), None))
        dialer, log = Dialer(of_model(host), self._ledger), _Log()
        self._offers |= {**dialer.offers(), **more, "log": log}
        whole = False
        try:
            found = self._started().ask(what, host, *given, seconds, seconds=seconds + _SPARE, gives=gives)
            whole = True
        except ButlerError as error:
            whole = True
            raise _plain(error) from None
        except WorkerDiedError as error:
            raise _ended(error) from error
        finally:
            dialer.close()
            self._offers.clear()
            if not whole:
                self.close()
        return found

    def run(self, workflow: Named, way: Way, context: Context, host: ModelHost | None, offers: Offers) -> None:
        """Run a workflow there, over what is offered; raises what ended it."""
        dialer = Dialer(of_model(host), self._ledger)
        try:
            with self._offering({**offers.table(), **dialer.offers(), "log": _Log()}, offers):
                if not way.resumed:
                    # A new run begins with this, and meanwhile the thinker imports.
                    offers.sync_ahead()
                told = self._told(workflow, way, context, host)
                fault = self._started().ask("go", *told, seconds=_allowed(host, context), gives=tuple[str, str] | None)
        finally:
            dialer.close()
        if fault:
            raise _fault(*fault)

    @contextmanager
    def _offering(self, table: Mapping[str, Callable[..., Any]], offers: Offers) -> Iterator[None]:
        """Offer this meanwhile, and raise what ended it; a process with which something is wrong is ended."""
        self._offers |= table
        whole = False
        try:
            yield
            whole = True
        except ButlerError as error:
            whole = True
            raise _plain(error) from None
        except OSError as error:
            raise _fault(f"{type(error).__name__}: {error}", "") from None
        except WorkerDiedError as error:
            ended = offers.fault or _ended(error)
            if not isinstance(ended, CutShortError):
                offers.give_up(ended)
            raise ended from error
        finally:
            offers.give_up(_left_open())
            self._offers.clear()
            if not whole:
                self.close()

    def close(self) -> None:
        """End the process; the next one that is needed is another."""
        starting, self._starting = self._starting, None
        if starting is not None:
            with suppress(StateError, WorkerDiedError):
                starting.side().close()
        if self._worker is not None:
            self._worker.close()
        self._worker = None

    def _started(self) -> Side:
        """The seam to it, when it is there; raises StateError."""
        if self._starting is None:
            raise AssertionError("it is prepared first")
        return self._starting.side()

    def _start(self, forkserver: Forkserver, wanted: tuple[str, bool] | None) -> Side:
        reach = Reach(read=self._reads, write=self._writes())
        order = Order("thinker", self._main, reach=reach, limits=_LIMITS, degraded=self._degraded)
        self._worker = forkserver.order(order)
        side = self._worker.side(self._offers)
        if wanted is not None:
            side.ask("prepare", *wanted, seconds=_OPENING)
        return side

    def _prepare_folder(self) -> None:
        if self._state is not None:
            prepared_folder(self._state, self._folder)

    def _writes(self) -> tuple[str, ...]:
        return () if self._state is None else (str((self._state / self._folder).absolute()),)

    def _told(self, workflow: Named, way: Way, context: Context, host: ModelHost | None) -> tuple[Any, ...]:
        way_told = [way.thread, way.others, way.resumed]
        return ("".join(self._writes()), _entry_of(workflow), way_told, _given(context), host, logging.getLogger().level)


class _Log:
    """Logs a line of the thinker's, bounded and harmless, and not too many."""

    def __init__(self) -> None:
        self._left = 2_000

    def __call__(self, level: Any, logger: Any, line: Any) -> None:
        if self._left and isinstance(level, int):
            self._left -= 1
            _log.log(level, "%s: %s", one_line(str(logger), 100), one_line(str(line), _LONGEST_LINE))


def prepared_folder(state: Path, name: str = CHECKPOINTS) -> Path:
    """The folder that a thinker may write to, 0700, with nothing in it but checkpoints; an older butler's are moved there."""
    folder = state.absolute() / name
    with os_told(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.fchmod(descriptor, 0o700)
        finally:
            os.close(descriptor)
        for entry in folder.iterdir():
            if entry.name not in _SIDE_FILES or entry.is_symlink() or not entry.is_file():
                _remove(entry)
        is_new = not os.path.lexists(folder / FILE)
    for side in _SIDE_FILES if name == CHECKPOINTS else ():
        old = state / side
        with os_told(old), suppress(FileNotFoundError):
            if is_new:
                old.rename(folder / side)
            else:
                old.unlink()
    return folder


def _entry_of(workflow: Named) -> str:
    """Where a workflow is loaded from: an entry point or a file."""
    return (workflow.entry if isinstance(workflow, Workflow) else "") or workflow.name


def _given(context: Context) -> dict[str, Any]:
    """What of a context are plain values."""
    return {name: getattr(context, name) for name in _GIVEN}


def _remove(entry: Path) -> None:
    """Remove whatever a thinker left; a link is not followed."""
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()


def _allowed(host: ModelHost | None, context: Context) -> float:
    """For how long a run may think: what a workflow of the owner's own says, and for others a half hour and many questions."""
    if (own := context.definition) is not None:
        asking = own.limits.steps * host.deadline if host else 0.0
        return _READING + len(own.tools) * own.limits.seconds + asking
    return _SECONDS + (_MOST_ASKINGS * host.deadline if host else 0.0)


def _ended(error: WorkerDiedError) -> StateError:
    """Why a thinker was ended, or ended by itself."""
    if isinstance(error, NonsenseError):
        return breach(str(error))
    return CutShortError(
        "The process that workflows run in ended before its work was done.",
        advice="Run it again: it goes on where it was.",
    )


def _left_open() -> ModelError:
    """What leaves open what is being judged, as when the butler stops."""
    return ModelError("The thinking was ended.")


def _plain(error: ButlerError) -> ButlerError:
    """An error of the thinker's with harmless words of bounded length."""
    error.sentence, error.advice = one_line(error.sentence, _LONGEST_SENTENCE), one_line(error.advice, _LONGEST_SENTENCE)
    return error


def _fault(sentence: str, trace: str) -> FaultError:
    error = FaultError(one_line(sentence, _LONGEST_SENTENCE))
    error.add_note("\n".join(one_line(line, _LONGEST_LINE) for line in trace.splitlines()))
    return error
