"""What means the like of what is looked for: the vector of a query, asked of the embedding model in bounded time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from butler.cli import opening
from butler.core.errors import ButlerError
from butler.core.passages import meant_by
from butler.core.text import one_line
from butler.store.meaning import Meaning, is_there, nearest_in, numeric, open_meaning

if TYPE_CHECKING:
    from pathlib import Path

    from butler.core.accounts import ModelHost
    from butler.core.queries import Query
    from butler.settings import Settings
    from butler.store.search import Near

PATIENCE = 2.0
"""Seconds that a search waits for the vector of its words."""
_REST = 60.0
"""Seconds for which a server is not asked again that did not answer."""
_MOST_KEPT = 256
_OTHER = "The embedding model is another one now; `butler do meaning` looks at it."
_BEFORE = {"nomic-embed-text": ("search_document: ", "search_query: ")}
"""What models were taught to read before a text that is looked through, and before one that is looked for."""

Embed = Callable[[list[str]], tuple[str, int, list[bytes]]]
"""Asks the embedding model: its digest, the tokens it read, and a vector for each text."""


class Seeker:
    """Tells what is near in meaning to queries; nothing is opened or asked before the first one. To be closed.

    `remark` says why only words were looked for the last time, where that is worth a sentence; else it is empty. A server that
    did not answer is left alone for a minute, and a vector that it gave is kept, by its words and the model's digest.
    """

    def __init__(self, state: Path, name: str, embed: Embed, opened: ExitStack | None = None) -> None:
        self.remark = ""
        self._state = state
        self._before = before(name)[1]
        self._embed = embed
        self._opened = opened or ExitStack()
        self._meaning: Meaning | None = None
        self._kept: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._away_until = 0.0

    def close(self) -> None:
        """Close what was opened."""
        self._opened.close()

    def near(self, query: Query) -> Near | None:
        """What tells what is near to a query in meaning; None where words alone are to be looked for."""
        words = meant_by(query)
        if not words or not is_there(self._state) or time.monotonic() < self._away_until:
            return None
        try:
            return self._near(words)
        except ButlerError as error:
            self._away_until = time.monotonic() + _REST
            self.remark = f"Only words were looked for, not meaning: {one_line(error.sentence, 300)}"
        return None

    def _near(self, words: str) -> Near | None:
        numeric()
        if self._meaning is None:
            self._meaning = self._opened.enter_context(closing(open_meaning(self._state)))
        wanted = self._meaning.digest
        if not wanted:
            return None
        digest, vector = self._kept.get(words, ("", b""))
        if digest != wanted:
            digest, _, (vector,) = self._embed([self._before + words])
        if digest != wanted:
            self.remark = f"Only words were looked for, not meaning: {_OTHER}"
            return None
        found = nearest_in(self._meaning, digest, vector)
        self._keep(words, digest, vector)
        self.remark = ""
        return found

    def _keep(self, words: str, digest: str, vector: bytes) -> None:
        self._kept[words] = (digest, vector)
        self._kept.move_to_end(words)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)


def seeker(settings: Settings, host: ModelHost) -> Seeker:
    """Who tells what is near in meaning, with the embedding model of the settings."""
    opened = ExitStack()
    asking: list[Embed] = []

    def embed(texts: list[str]) -> tuple[str, int, list[bytes]]:
        if not asking:
            asking.append(opened.enter_context(embedding(settings, host, PATIENCE)))
        return asking[0](texts)

    return Seeker(settings.state_dir, host.name, embed, opened)


@contextmanager
def embedding(settings: Settings, host: ModelHost, seconds: float, *, copied: bool = False) -> Iterator[Embed]:
    """Who asks the embedding model, confined and held to its pin; `copied`: in the end a copy is made of a new one."""
    from butler.pinned import Pinned
    from butler.staff import Staff

    deeds = opening.deeds(settings)
    with (
        closing(Staff(deeds.state, deeds.found, lambda: datetime.now(UTC), deeds.sandbox, deeds.forkserver)) as staff,
        opening.truth(settings) as truth,
    ):
        pinned = Pinned(truth.pins, lambda: staff, lambda: datetime.now(UTC))
        equipped = pinned.equip(host)
        yield lambda texts: staff.answerer.embed(equipped, texts, seconds, truth.book.met)
        if copied:
            pinned.keep_copies(host)


def before(name: str) -> tuple[str, str]:
    """What a model was taught to read before a text that is looked through, and before one that is looked for."""
    return _BEFORE.get(name.rpartition("/")[2].partition(":")[0], ("", ""))
