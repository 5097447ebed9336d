"""Watchers: what waits outside of the daemon's loop for something to happen, and asks for a run when it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from butler.core.requests import Request

Report = Callable[[Request], None]
"""Takes what a watcher found; may be called from any thread."""


class Watcher(Protocol):
    """Watches one thing in a thread of its own and reports what happens there."""

    @property
    def name(self) -> str:
        """What it watches, for people."""
        ...

    def start(self, report: Report) -> None:
        """Begin; `report` may be called from any thread."""
        ...

    def stop(self) -> None:
        """End; returns within two seconds, and nothing is reported after that."""
        ...

    def alive(self) -> bool:
        """Whether it still watches or tries to."""
        ...


@runtime_checkable
class SourceWatcher(Watcher, Protocol):
    """A watcher of a source, which may be away."""

    @property
    def source(self) -> str:
        """The name of the source; empty where it is none of the world's."""
        ...

    @property
    def trouble(self) -> str | None:
        """Why the source cannot be watched, as a sentence; empty where it can, None where that is not known yet."""
        ...
