"""`butler do meaning`: vectors of what has none yet; and the vector of a query, for `butler search`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from butler.cli import opening, output
from butler.core.accounts import ModelHost
from butler.core.errors import ButlerError, UsageError
from butler.core.passages import meant_by
from butler.core.queries import Query
from butler.core.steps import ModelCall
from butler.core.text import one_line
from butler.pinned import Pinned
from butler.staff import Staff
from butler.store.meaning import Meaning, is_there, nearest_in, numeric, open_meaning

if TYPE_CHECKING:
    from butler.house import House
    from butler.settings import Settings
    from butler.store.search import Near
    from butler.store.truth import Truth

NAME = "meaning"
_BATCH = 16
_NIGHT = 1_200.0
"""Seconds after which a run that nobody waits for leaves the rest to the next one."""
_PATIENCE = 2.0
"""Seconds that a search waits for the vector of its words."""
_NO_MODEL = "No embedding model is set."
_SET_ONE = 'Set model.embed, such as "nomic-embed-text", and fetch it with `ollama pull nomic-embed-text`.'
_BEFORE = {"nomic-embed-text": ("search_document: ", "search_query: ")}
"""What models were taught to read before a text that is looked through, and before one that is looked for."""

Embed = Callable[[list[str]], tuple[str, int, list[bytes]]]


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Make vectors of what has none, the latest first; what is made is kept, however it ends."""
    host = settings.embed_host()
    if host is None or options.no_model:
        raise UsageError(_NO_MODEL, advice=_SET_ONE)
    numeric()
    until = time.monotonic() + _NIGHT if options.unasked else float("inf")
    now, zone = datetime.now(UTC), settings.person().zone
    with opening.house(settings, unasked=options.unasked) as house, _embedding(settings, host, host.deadline) as embed:
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


def near(settings: Settings, query: Query, opened: ExitStack) -> tuple[Near | None, str]:
    """What tells what is near to a query in meaning; or none, and why not, where that is worth a sentence.

    What is opened for it is closed with `opened`.
    """
    host, words = settings.embed_host(), meant_by(query)
    if host is None or not words or not is_there(settings.state_dir):
        return None, ""
    try:
        numeric()
        with _embedding(settings, host, _PATIENCE) as embed:
            digest, _, (vector,) = embed([_before(host.name)[1] + words])
        meaning = opened.enter_context(closing(open_meaning(settings.state_dir)))
    except ButlerError as error:
        return None, f"Only words were looked for, not meaning: {one_line(error.sentence, 300)}"
    if meaning.digest != digest:
        return (
            None,
            "Only words were looked for: the embedding model is another one now. `butler do meaning` looks at it.",
        )
    return nearest_in(meaning, digest, vector), ""


class _Asking:
    """Asks for vectors of passages and records each batch."""

    def __init__(self, embed: Embed, host: ModelHost, run: str, truth: Truth) -> None:
        self._embed = embed
        self._host = host
        self._run = run
        self._truth = truth

    def __call__(self, passages: list[str]) -> tuple[str, list[bytes]]:
        began = time.monotonic()
        before = _before(self._host.name)[0]
        digest, tokens, vectors = self._embed([before + passage for passage in passages])
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


@contextmanager
def _embedding(settings: Settings, host: ModelHost, seconds: float) -> Iterator[Embed]:
    """Who asks the embedding model, confined."""
    deeds = opening.deeds(settings)
    with (
        closing(Staff(deeds.state, deeds.found, lambda: datetime.now(UTC), deeds.sandbox, deeds.forkserver)) as staff,
        opening.truth(settings) as truth,
    ):
        pinned = Pinned(truth.pins, lambda: staff, lambda: datetime.now(UTC))
        equipped = pinned.equip(host)
        yield lambda texts: staff.answerer.embed(equipped, texts, seconds, truth.book.met)
        pinned.keep_copies(host)


def _before(name: str) -> tuple[str, str]:
    return _BEFORE.get(name.rpartition("/")[2].partition(":")[0], ("", ""))
