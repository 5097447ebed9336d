"""A source whose log-in is not tried again and again while it is refused; what was refused is kept in `refused.json`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from butler.core.errors import LoginError, SourceError
from butler.core.refusals import Refusals, refused_again, rests_until
from butler.core.sources import Batch, Collection, Known, Raw, Source, SourceKind
from butler.core.text import one_line
from butler.store.database import os_told

_FILE = "refused.json"
_LONGEST = 400


class Refused:
    """The refused log-ins of a state folder, by the name of their source. A file that cannot be read holds nothing up."""

    def __init__(self, state: Path) -> None:
        self._file = state / _FILE

    def get(self, name: str) -> Refusals | None:
        """How often a source refused its log-in since it last took it."""
        try:
            count, last, words = self._all()[name]
            return Refusals(int(count), datetime.fromisoformat(last), str(words))
        except (KeyError, TypeError, ValueError):
            return None

    def keep(self, name: str, refusals: Refusals | None) -> None:
        """Keep how often; None when it was taken. Raises StateError when it cannot be written."""
        known = self._all()
        if refusals is None and name not in known:
            return
        known.pop(name, None)
        if refusals is not None:
            known[name] = [refusals.count, refusals.last.isoformat(), refusals.words]
        part = self._file.with_suffix(".part")
        with os_told(self._file):
            part.unlink(missing_ok=True)
            with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "w", encoding="utf-8") as out:
                json.dump(known, out)
            part.replace(self._file)

    def forget(self) -> None:
        """Forget all of it, for what is tried now may be something else."""
        with os_told(self._file):
            self._file.unlink(missing_ok=True)

    def _all(self) -> dict[str, Any]:
        try:
            found = json.loads(self._file.read_text())
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


class Patient:
    """A source that is left alone while its log-in rests, unless a person asked `by_hand`; else like the one it holds."""

    def __init__(self, source: Source[Raw], refused: Refused, now: datetime, zone: ZoneInfo, *, by_hand: bool) -> None:
        self._source = source
        self._refused = refused
        self._now = now
        self._zone = zone
        self._by_hand = by_hand
        self._key = f"{source.kind}.{source.name}"

    @property
    def name(self) -> str:
        """The source's name."""
        return self._source.name

    @property
    def kind(self) -> SourceKind:
        """What the source holds."""
        return self._source.kind

    def collections(self) -> Sequence[Collection]:
        """List what is to be mirrored; raises SourceError without a try while the log-in rests."""
        known = self._refused.get(self._key)
        until = None if self._by_hand else rests_until(known, self._now)
        if known and until:
            raise SourceError(f"{known.words} {self._rest(known, until)}", permanent=True)
        try:
            found = self._source.collections()
        except LoginError as error:
            words = one_line(str(error), _LONGEST)
            again = refused_again(known, words, self._now, by_hand=self._by_hand)
            self._refused.keep(self._key, again)
            until = rests_until(again, self._now)
            if until is None:
                raise
            raise LoginError(f"{words} {self._rest(again, until)}", permanent=True) from error
        self._refused.keep(self._key, None)
        return found

    def changes(self, collection: Collection, cursor: str | None, known: Known) -> Iterator[Batch[Raw]]:
        """Yield what changed."""
        return self._source.changes(collection, cursor, known)

    def close(self) -> None:
        """End connections."""
        self._source.close()

    def _rest(self, known: Refusals, until: datetime) -> str:
        moment = f"{until.astimezone(self._zone):%a %H:%M}"
        return f"It was refused {known.count} times, so it is left alone until {moment}; `butler sync` tries at once."
