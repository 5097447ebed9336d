"""`butler do meaning`: vectors of what has none yet."""

from __future__ import annotations

import argparse
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from butler.cli import opening, output
from butler.cli.seeking import Embed, before, embedding
from butler.core.accounts import ModelHost
from butler.core.errors import UsageError
from butler.core.steps import ModelCall
from butler.core.text import one_line
from butler.store.meaning import Meaning, numeric, open_meaning

if TYPE_CHECKING:
    from butler.house import House
    from butler.settings import Settings
    from butler.store.truth import Truth

NAME = "meaning"
_BATCH = 16
_NIGHT = 1_200.0
"""Seconds after which a run that nobody waits for leaves the rest to the next one."""
_NO_MODEL = "No embedding model is set."
_SET_ONE = 'Set model.embed, such as "nomic-embed-text", and fetch it with `ollama pull nomic-embed-text`.'


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Make vectors of what has none, the latest first; what is made is kept, however it ends."""
    host = settings.embed_host()
    if host is None or options.no_model:
        raise UsageError(_NO_MODEL, advice=_SET_ONE)
    numeric()
    until = time.monotonic() + _NIGHT if options.unasked else float("inf")
    now, zone = datetime.now(UTC), settings.person().zone
    with opening.house(settings, unasked=options.unasked) as house, embedding(settings, host, host.deadline) as embed:
        kept = house.truth.runs.start(NAME, now.astimezone(zone).date().isoformat(), now)
        try:
            with closing(open_meaning(settings.state_dir)) as meaning, meaning.building():
                made, left = _make(options, house, meaning, _Asking(embed, host, kept.id, house.truth), until)
        except BaseException as error:
            house.truth.runs.fail(kept.id, datetime.now(UTC), one_line(str(error), 500) or type(error).__name__)
            raise
        house.truth.runs.finish(kept.id, datetime.now(UTC))
    if options.json:
        output.show_json({"run": kept.id, "workflow": NAME, "proposed": [], "result": {"made": made, "left": left}})
    else:
        output.show(f"{made:,} passages got a vector, {left:,} are left.")
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


def _make(options: argparse.Namespace, house: House, meaning: Meaning, ask: _Asking, until: float) -> tuple[int, int]:
    """Make vectors batch by batch; returns how many were made and how many are left."""
    meaning.go_through(house.mirror)
    # The model is asked for one vector before any is missing: another digest makes all of them missing.
    if meaning.digest and ask(["."])[0] != meaning.digest:
        meaning.forget()
    made = 0
    while time.monotonic() < until and (found := meaning.missing(house.mirror, _BATCH)):
        digest, vectors = ask(list(found.values()))
        meaning.keep(digest, dict(zip(found, vectors, strict=True)))
        made += len(found)
        if made % (20 * _BATCH) == 0:
            output.say(options, f"{made:,} passages, {meaning.missing_count:,} are left.")
    return made, meaning.missing_count
