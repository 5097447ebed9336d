"""What code found in things before, in the mirror: a shortcut, which can be worked out again and is forgotten unused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from butler.core.errors import StateError
from butler.store.database import Database
from butler.store.sql import statements

_UNUSED_DAYS = 40
_NOTED_EVERY = 7
"""Days after which it is noted again that something is still used."""


class Recalled:
    """Keeps findings by their keys; `clock` tells what was not used for long. What cannot be kept is worked out again."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._sql = statements("recalled")

    def found(self, keys: Sequence[str]) -> Mapping[str, str]:
        """Find what was kept under some keys; what is not there is left out."""
        listed = json.dumps(list(keys))
        found: dict[str, str] = dict(self._database.rows(self._sql["found"], (listed,)))
        if found:
            with suppress(StateError):
                self._database.run(self._sql["use"], (json.dumps(list(found)), self._today, _NOTED_EVERY))
        return found

    def keep(self, found: Mapping[str, str]) -> None:
        """Keep findings, and forget those that nobody used for long."""
        with suppress(StateError), self._database.joined():
            self._database.run(self._sql["keep"], (json.dumps(dict(found)), self._today))
            self._database.run(self._sql["forget"], (self._today - _UNUSED_DAYS,))

    @property
    def _today(self) -> int:
        return self._clock().toordinal()
