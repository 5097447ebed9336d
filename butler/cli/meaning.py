"""`butler do meaning`: vectors of what has none yet."""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from butler.cli import opening, output
from butler.cli.seeking import Embed, before, embedding
from butler.core.accounts import ModelHost
from butler.core.errors import ModelError, UsageError
from butler.core.steps import ModelCall
from butler.core.text import one_line
from butler.store.meaning import WASTE, Meaning, numeric, open_meaning

if TYPE_CHECKING:
    from butler.house import House
    from butler.settings import Settings
    from butler.store.truth import Truth

NAME = "meaning"
_BATCH = 16
_NIGHT = 1_200.0
"""Seconds after which a run that nobody waits for leaves the rest to the next one."""
_MOST_REFUSED = 50
"""With more texts in one run that no vector comes of, it is not the texts."""
_NO_MODEL = "No embedding model is set."
_SET_ONE = 'Set model.embed, such as "nomic-embed-text", and fetch it with `ollama pull nomic-embed-text`.'
_log = logging.getLogger(__name__)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Make vectors of what has none, the latest first; what is made is kept, however it ends."""
    host = settings.embed_host()
    if host is None or options.no_model:
        raise UsageError(_NO_MODEL, advice=_SET_ONE)
    numeric()
    until = time.monotonic() + _NIGHT if options.unasked else float("inf")
    now, zone = datetime.now(UTC), settings.person().zone
    asking = embedding(settings, host, host.deadline, copied=True)
    with opening.house(settings, unasked=options.unasked) as house, asking as embed:
        kept = house.truth.runs.start(NAME, now.astimezone(zone).date().isoformat(), now)
        try:
            with closing(open_meaning(settings.state_dir)) as meaning, meaning.building():
                making = _Making(house, meaning, _Asking(embed, host, kept.id, house.truth))
                making.all(until, partial(output.say, options))
                left, refused = meaning.missing_count, meaning.refused_count
        except BaseException as error:
            house.truth.runs.fail(kept.id, datetime.now(UTC), one_line(str(error), 500) or type(error).__name__)
            raise
        house.truth.runs.finish(kept.id, datetime.now(UTC))
    if options.json:
        result = {"made": making.made, "left": left, **({"refused": refused} if refused else {})}
        output.show_json({"run": kept.id, "workflow": NAME, "proposed": [], "result": result})
    else:
        output.show(f"{making.made:,} passages got a vector, {left:,} are left.")
        if refused:
            output.show(f"Of {refused:,} the model makes none; they are found by words alone.")
    return 0


class _Asking:
    """Asks for vectors of passages and records each batch."""

    def __init__(self, embed: Embed, host: ModelHost, run: str, truth: Truth) -> None:
        self._embed = embed
        self._host = host
        self._run = run
        self._truth = truth

    def __call__(self, passages: list[str]) -> tuple[str, list[bytes]]:
        began = time.monotonic()
        told_before = before(self._host.name)[0]
        digest, tokens, vectors = self._embed([told_before + passage for passage in passages])
        self._truth.book.record(
            ModelCall(
                run=self._run,
                at=datetime.now(UTC),
                step=NAME,
                version="1",
                subject=f"{len(passages)} passages",
                key="",
                model=self._host.name,
                digest=digest,
                server="ollama",
                cached=False,
                outcome="ok",
                attempts=1,
                tokens_in=tokens,
                tokens_out=0,
                seconds=time.monotonic() - began,
                prompt="",
                answer="",
            )
        )
        return digest, vectors


class _Making:
    """Makes vectors batch by batch; of a batch that is refused, the text is looked for that is at fault, and left out."""

    def __init__(self, house: House, meaning: Meaning, ask: _Asking) -> None:
        self._mirror = house.mirror
        self._meaning = meaning
        self._ask = ask
        self.made = self.refused = 0

    def all(self, until: float, tell: Callable[[str], None]) -> None:
        """Make what is missing, until then; raises ModelError where it is the server that is at fault."""
        meaning = self._meaning
        # In a mirror that is made anew what is not read yet is not gone.
        meaning.go_through(self._mirror, WASTE if self._mirror.is_whole else 1.0)
        # The model is asked for one vector before any is missing: another digest makes all of them missing.
        if meaning.digest and (digest := self._ask(["."])[0]) != meaning.digest:
            meaning.forget()
            meaning.retry(digest)
        told = 0
        while time.monotonic() < until and (found := meaning.missing(self._mirror, _BATCH)):
            self._make(found)
            if self.made - told >= 20 * _BATCH:
                told = self.made
                tell(f"{self.made:,} passages, {meaning.missing_count:,} are left.")

    def _make(self, found: dict[bytes, str]) -> None:
        try:
            digest, vectors = self._ask(list(found.values()))
            self._meaning.keep(digest, dict(zip(found, vectors, strict=True)))
        except ModelError as error:
            if error.permanent:
                raise
            self._narrow(found, error)
        else:
            self.made += len(found)

    def _narrow(self, found: dict[bytes, str], error: ModelError) -> None:
        """Try again with halves; a single text that is refused is noted, if the server is well otherwise."""
        keys = list(found)
        if len(keys) > 1:
            middle = len(keys) // 2
            for part in (keys[:middle], keys[middle:]):
                self._make({key: found[key] for key in part})
            return
        digest, _ = self._ask(["."])
        self.refused += 1
        if self.refused > _MOST_REFUSED:
            raise error
        self._meaning.refuse(digest, keys[0])
        _log.warning("the embedding model makes no vector of one passage, which is left out: %s", error)
