"""Tells of changes in folders as the system does (inotify), through watchfiles, which nothing else imports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from watchfiles import Change, watch

from butler.core.arrivals import Changed, Stop, What
from butler.core.errors import SourceError

STEP, LONGEST, TICK = 400, 5000, 2000
"""Milliseconds without another change that end a burst; the longest burst; what passes between two looks without one."""
_WHAT: dict[Change, What] = {Change.added: "added", Change.modified: "modified", Change.deleted: "deleted"}


def changes(folders: Sequence[Path], stop: Stop) -> Iterator[Sequence[Changed]]:
    """Yield bursts of changes directly below some folders, and nothing where a while goes by without; raises SourceError."""
    yield ()
    try:
        for found in _watched(folders, stop):
            yield [(_WHAT[change], path) for change, path in found]
            gone = next((folder for folder in folders if not folder.is_dir()), None)
            if gone:
                raise SourceError(f"The folder {gone} is not there any more.")
    except OSError as error:
        raise SourceError(
            f"The folder {folders[0]} cannot be watched: {error.strerror or error}.",
            advice="Check that it is there and may be read.",
        ) from error


def _watched(folders: Sequence[Path], stop: Stop) -> Iterator[set[tuple[Change, str]]]:
    return watch(
        *folders,
        watch_filter=None,
        step=STEP,
        debounce=LONGEST,
        rust_timeout=TICK,
        stop_event=stop,
        yield_on_timeout=True,
        raise_interrupt=False,
        recursive=False,
    )
