"""The graphs of workflows over their checkpoints: from the first node, or from where a killed run stopped."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from butler.core.context import Context
from butler.core.errors import ModelError
from butler.core.workflow import Workflow
from butler.environment import scrub_environment
from butler.runner import Way
from butler.store.database import DamagedError, os_told, told

if TYPE_CHECKING:
    from langgraph.checkpoint.sqlite import SqliteSaver

_MEMORY = ":memory:"
"""What SQLite calls a file that is none."""
_STEPS = 16
"""A graph that takes more steps than this goes in circles."""
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError)
_ACCESSIBLE = stat.S_IRUSR | stat.S_IWUSR


class Graphs:
    """Runs graphs one at a time; `checkpoints` is a file of their own (None: in memory, and no run goes on with them)."""

    def __init__(self, checkpoints: Path | None) -> None:
        self._checkpoints = checkpoints

    def go(self, workflow: Workflow, way: Way, context: Context, passed: Callable[[str], None]) -> None:
        """Run each node over the context, and tell the name of each that `passed`; raises what ended it.

        The checkpoints are kept only where something interrupted it, so that another process goes on with them.
        """
        with open_saver(self._checkpoints) as saver:
            _forget_others(saver, {way.thread, *way.others})
            try:
                _stream(workflow, way.thread, context, saver, passed)
            except ModelError:
                # The model raises only when the butler is stopping.
                raise
            except Exception:
                saver.delete_thread(way.thread)
                raise
            # In this order: a kill before the run's row is closed leaves an open run without checkpoints,
            # which ends at once when resumed.
            saver.delete_thread(way.thread)


def _stream(workflow: Workflow, thread: str, context: Context, saver: SqliteSaver, passed: Callable[[str], None]) -> None:
    graph = workflow.graph(context).compile(checkpointer=saver)
    config = {"configurable": {"thread_id": thread}, "recursion_limit": _STEPS}
    # A thread whose last node ended has nothing next: it starts anew over what its memory kept.
    begun = bool(graph.get_state(config).next)
    start = None if begun else dict(workflow.start(context))
    for nodes in graph.stream(start, config, stream_mode="updates", durability="sync"):
        for node in nodes:
            passed(node)


def _forget_others(saver: SqliteSaver, wanted: Collection[str]) -> None:
    for thread in _threads(saver) - set(wanted):
        saver.delete_thread(thread)


def _threads(saver: SqliteSaver) -> set[str]:
    """The threads that something is kept of; raises DamagedError where that cannot be read, whoever wrote it."""
    try:
        return {found.config["configurable"]["thread_id"] for found in list(saver.list(None))}
    except _UNREADABLE as error:
        raise DamagedError("The checkpoints are damaged.") from error


@contextmanager
def open_saver(path: Path | None) -> Iterator[SqliteSaver]:
    """Open the checkpoints, readable by their owner alone, or in memory; raises StateError when they cannot be kept.

    A damaged file is thrown away: all that is in it can be done again from what the run's memory kept.
    """
    scrub_environment(os.environ)
    if path is not None:
        try:
            _reserve(path)
            _try(path)
        except DamagedError:
            _throw_away(path)
            _reserve(path)
    with _opened(path or Path(_MEMORY)) as saver:
        yield saver


@contextmanager
def _opened(path: Path) -> Iterator[SqliteSaver]:
    """Open the checkpoints as they are; only plain values are ever made of them."""
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.checkpoint.sqlite import SqliteSaver

    with told(path), SqliteSaver.from_conn_string(str(path)) as saver:
        saver.serde = JsonPlusSerializer(allowed_msgpack_modules=None)
        saver.setup()
        yield saver


def _try(path: Path) -> None:
    with _opened(path) as saver:
        if saver.conn.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise DamagedError(f"{path} is damaged.")
        _threads(saver)


def _throw_away(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def _reserve(path: Path) -> None:
    """Create the file before SQLite does, which would let others read it; where modes may not be changed, anew."""
    with os_told(path):
        with suppress(FileNotFoundError):
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode) and stat.S_IMODE(mode) != _ACCESSIBLE:
                _throw_away(path)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _ACCESSIBLE))
