"""The thinker's own side of the seam: it imports what a workflow needs, and runs its graph over what is offered to it."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import resource
import socket
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import cache, partial
from importlib.metadata import entry_points
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from butler.core.accounts import ModelHost
from butler.core.context import Context
from butler.core.errors import ButlerError
from butler.core.models import ModelLook, ModelPin
from butler.core.steps import Model
from butler.core.workflow import Workflow
from butler.environment import scrub_environment
from butler.sandbox.seam import FOREVER, SeamDial, Side
from butler.thinking.asked import Asked, AskedBook, AskedMemory, AskedReads, Asks, sentence_of

_LARGEST_FILE = 256 << 20
_LONGEST_TRACE = 20_000
_PARTS = ("graph", "nodes", "compose")
"""Modules that a workflow imports when it runs."""
_KNOWN = "known"
"""The module of a workflow that answers questions without a graph or a model, where it has one."""

Fault = tuple[str, str]
"""What broke a workflow, as its row names it, and where."""


def think(connection: socket.socket) -> None:
    """Serve until the other side ends the connection."""
    scrub_environment(os.environ)
    os.umask(0o077)
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    largest = _LARGEST_FILE if most == resource.RLIM_INFINITY else min(most, _LARGEST_FILE)
    # One that keeps no checkpoints may write no file at all.
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    _Thinking(connection).side.serve()


class _Thinking:
    """What the other side may ask for: to get ready for a workflow, to answer without its graph, and to run that."""

    def __init__(self, connection: socket.socket) -> None:
        self.side = Side(connection, {"prepare": self.prepare, "known": self.known, "go": self.go, **self._aside()})
        self._preparing: threading.Thread | None = None

    def prepare(self, workflow: str, model: bool) -> None:
        """Begin to import what a workflow needs, while the other side does something else."""
        self._preparing = threading.Thread(target=_imported, args=(workflow, model), daemon=True)
        self._preparing.start()

    def known(self, workflow: str, given: Mapping[str, Any], model: bool) -> str | None:
        """Answer a question by code, as a JSON text; where that cannot be, begin to import what else is needed."""
        answer = None
        if name := _part_of(workflow, _KNOWN):
            asked = Asked(self)
            reads, memory = AskedReads(self), AskedMemory(self)
            context = Context(**given, reads=reads, memory=memory, model=None, sync=asked.sync, found=asked.found)
            with _Faults() as faults:
                answer = importlib.import_module(name).known(context)
            if faults.found:
                logging.getLogger(name).error("%s", faults.found[1])
        if answer is None:
            self.prepare(workflow, model)
        return answer.model_dump_json() if answer is not None else None

    def go(
        self, folder: str, workflow: str, way: Sequence[Any], given: Mapping[str, Any], host: ModelHost | None, level: int
    ) -> Fault | None:
        """Run a workflow's graph; raises what the butler's own errors are, and returns any other."""
        if self._preparing is not None:
            self._preparing.join()
        from butler.runner import Way
        from butler.thinking.graphs import Graphs

        with _Faults() as faults, _Log(self, level), ExitStack() as opened:
            context = self._context(given, host, opened)
            thread, others, resumed = way
            graphs = Graphs(Path(folder) / "checkpoints.db" if folder else None)
            graphs.go(loaded(workflow), Way(thread, tuple(others), resumed), context, Asked(self).passed)
        return faults.found

    def _aside(self) -> dict[str, Callable[..., Any]]:
        """What is done without anything of a workflow."""
        return {"embed": self.embed, "look": self.look, "copy": self.copy, "remove": self.remove}

    def look(self, host: ModelHost, seconds: float) -> list[ModelLook]:
        """Look at each model of a host on each of its servers."""
        from butler.model.looking import look

        return look(host, seconds, SeamDial(self.side))

    def copy(self, host: ModelHost, pin: ModelPin, alias: str, seconds: float) -> None:
        """Have a server keep what is pinned under another name, too."""
        from butler.model.looking import copy

        copy(host, pin, alias, seconds, SeamDial(self.side))

    def remove(self, host: ModelHost, url: str, alias: str, seconds: float) -> None:
        """Have a server forget a copy."""
        from butler.model.looking import remove

        remove(host, url, alias, seconds, SeamDial(self.side))

    def embed(self, host: ModelHost, texts: Sequence[str], seconds: float) -> tuple[str, int, list[bytes]]:
        """Ask an embedding model for a vector of each text, without anything of a workflow."""
        from butler.model.embedding import embed

        return embed(host, texts, seconds, SeamDial(self.side), AskedBook(self).met)

    def _context(self, given: Mapping[str, Any], host: ModelHost | None, opened: ExitStack) -> Context:
        asked = Asked(self)
        return Context(
            **given,
            reads=AskedReads(self),
            memory=AskedMemory(self),
            model=self._model(given, host, opened) if host else None,
            sync=asked.sync,
            publish=asked.publish,
            judging=asked.judging,
            propose=asked.propose,
            known=asked.known,
            edits=asked.edits,
            save=asked.save,
            held=asked.held,
            decided=asked.decided,
            document=asked.document,
            tell=asked.tell,
            foreign=asked.foreign,
            found=asked.found,
            keep_found=asked.keep_found,
            foreign_tools=asked.foreign_tools,
        )

    def _model(self, given: Mapping[str, Any], host: ModelHost, opened: ExitStack) -> Model:
        from butler.model.gateway import Gateway

        # Whoever keeps a record says when it was and of which run.
        clock = partial(given.__getitem__, "now")
        gateway = opened.enter_context(Gateway(host, AskedBook(self), given["run"], clock, dial=SeamDial(self.side)))
        if not host.only_recorded:
            return gateway
        from butler.model.recorded import Recorded

        return Recorded(host, AskedBook(self), given["run"], clock, gateway)

    def ask(self, name: str, *values: Any, gives: Any = Any) -> Any:
        """Ask for what a run offers; that is waited for as long as it takes."""
        return self.side.ask(name, *values, seconds=FOREVER, gives=gives)

    def stream(self, name: str, *values: Any, gives: Any = Any) -> Iterator[Any]:
        """Ask for what comes in parts."""
        return self.side.stream(name, *values, seconds=FOREVER, gives=gives)


class _Faults:
    """Keeps an error that is none of the butler's own, whose class nobody knows on the other side."""

    found: Fault | None = None

    def __enter__(self) -> _Faults:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        if not isinstance(error, Exception) or isinstance(error, ButlerError):
            return False
        self.found = (sentence_of(error), "".join(traceback.format_exception(error))[-_LONGEST_TRACE:])
        return True


class _Log(logging.Handler):
    """While a graph runs, what is logged from a level on is told to the other side."""

    def __init__(self, asks: Asks, level: int) -> None:
        super().__init__()
        self._asks = asks
        self._least = level

    def emit(self, record: logging.LogRecord) -> None:
        """Hand one line over."""
        self._asks.ask("log", record.levelno, record.name, self.format(record))

    def __enter__(self) -> None:
        root = logging.getLogger()
        root.addHandler(self)
        root.setLevel(self._least)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        logging.getLogger().removeHandler(self)


@cache
def loaded(name: str) -> Workflow:
    """Load a workflow by its entry point, or from a file of its owner's."""
    from butler.toolbox import is_file, module_at

    if is_file(name):
        return cast("Workflow", module_at(name).WORKFLOW)
    *_, point = (point for point in entry_points(group="butler.workflows") if point.name == name)
    return cast("Workflow", point.load())


def _imported(workflow: str, model: bool) -> None:
    """Import ahead; what does not go well here is told when it is needed."""
    with suppress(Exception):
        importlib.import_module("butler.thinking.graphs")
        importlib.import_module("langgraph.graph")
        importlib.import_module("langgraph.checkpoint.sqlite")
        if model:
            importlib.import_module("butler.model.gateway")
        for part in _PARTS:
            if name := _part_of(workflow, part):
                importlib.import_module(name)


def _part_of(workflow: str, part: str) -> str:
    """The name of a module of a workflow's package; empty where it has none of that name."""
    name = f"{type(loaded(workflow)).__module__}.{part}"
    return name if importlib.util.find_spec(name) else ""
