"""Hears of new mail in a folder of a Maildir, by what the system tells of it and by looking at its times now and then."""

from __future__ import annotations

import time
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from butler.core.accounts import MailAccount
from butler.core.arrivals import Changed, Changes, Heard, Stop
from butler.core.errors import SourceError
from tools.mail.folders import choose, no_such_folder
from tools.mail.tree import entries, folders_of, place_of, root_of

_SETTLED_NS = 100_000_000


class MaildirEar:
    """Hears of new mail in one folder."""

    def __init__(self, account: MailAccount, folder: str, changes: Changes) -> None:
        self._account = account
        self._folder = folder
        self._changes = changes
        self._modified = -1
        self._names: frozenset[str] | None = None

    def listen(self, stop: Stop) -> Iterator[Heard]:
        """Yield after every burst of changes, and every few seconds where there are none."""
        place = self._place()
        for burst in self._changes((place / "new", place / "cur"), stop):
            # The look comes first: what arrives after it is told of by the next.
            before = self._names or frozenset()
            has_new = self._look(place / "new")
            yield "arrived" if has_new or is_arrival(burst, before) else "there"

    def _look(self, new: Path) -> bool:
        """Whether names are in a folder that were not there at the last look, which is spared while its time stands still."""
        try:
            modified = new.stat().st_mtime_ns
            if modified == self._modified:
                return False
        except OSError as error:
            raise SourceError(f"The folder {new} cannot be read: {error.strerror}.") from error
        names = frozenset(entry.name for entry in entries(new) if not entry.name.startswith("."))
        before, self._names = self._names, names
        # A time so young may be given to the next change too.
        self._modified = modified if time.time_ns() - modified > _SETTLED_NS else -1
        return before is None or not names <= before

    def _place(self) -> Path:
        folders = folders_of(self._account)
        chosen, _ = choose([self._folder], folders)
        if not chosen:
            raise SourceError(no_such_folder(self._folder, [folder.name for folder in folders]), permanent=True)
        return place_of(root_of(self._account), chosen[0])


def is_arrival(burst: Iterable[Changed], known: Container[str]) -> bool:
    """Whether mails came into `cur` that did not only get another name there, as they do when they are read or marked.

    What comes into `new` is seen by looking there; `known` is what was there before: when it goes into `cur`, it is not new.
    """
    added: set[str] = set()
    gone: set[str] = set()
    for what, path in burst:
        folder, _, name = path.rpartition("/")
        key = name.partition(":2,")[0]
        if what == "deleted" and (folder.endswith("/cur") or name in known):
            gone.add(key)
        elif what == "added" and folder.endswith("/cur") and not name.startswith("."):
            added.add(key)
    return bool(added - gone)
