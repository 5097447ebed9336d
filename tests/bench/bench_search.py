"""The rows about search: how quickly things are found, and how quickly mail is made searchable, beside notmuch."""

from __future__ import annotations

import math
import struct
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from bench_machine import found
from bench_ours import DAY, FOLDERS, ZONE, Ours
from bench_table import Row, judged
from bench_world import World
from dovecot_server import USER
from embedded_words import embedded

from butler.core.accounts import MailAccount
from butler.core.passages import meant_by
from butler.core.queries import read_query
from butler.sample.maildir import deliver
from butler.sample.scale import messages
from butler.store.meaning import FOLDER, Meaning, nearest_in, open_meaning
from butler.store.mirror import Mirror
from butler.store.search import Near

MIX: Sequence[tuple[str, str]] = (
    ("2133", "2133"),
    ("zeppelin", "zeppelin"),
    ("dario jardin", "dario jardin"),
    ("plan.pdf", "plan.pdf"),
    ("angebot", "angebot"),
    ("the", "the"),
    ("anna", "anna"),
    ("hafen angebot", "hafen angebot"),
    ("figue budget", "figue budget"),
    ("fahrplan mietvertrag elternbrief", "fahrplan mietvertrag elternbrief"),
    ("ang*", "ang*"),
    ("fahr* hafen", "fahr* hafen"),
    ("elternb*", "elternb*"),
    ('"liegt schon im garten"', '"liegt schon im garten"'),
    ('"der hafen"', '"der hafen"'),
    ("hafen -angebot", "hafen and not angebot"),
    ("hafen OR figue", "hafen or figue"),
    ("subject:antrag", "subject:antrag"),
    ("from:dario", "from:dario"),
    ("to:dario hafen", "to:dario hafen"),
    ("from:dario after:2026-06", "from:dario date:2026-06.."),
    ("from:jardin after:2024 before:2025 angebot", "from:jardin date:2024..2024 angebot"),
    ("after:2026-11", "date:2026-11.."),
    ("before:2022", "date:..2021"),
    ("on:yesterday", "date:yesterday..yesterday"),
    ("in:archive", "path:.Archive/**"),
    ("in:sent angebot", "path:.Sent/** angebot"),
    ("has:attachment", "tag:attachment"),
    ("has:attachment from:dario", "tag:attachment from:dario"),
    ("has:attachment angebot after:2026", "tag:attachment angebot date:2026.."),
    ("kind:mail", "*"),
    ("dario zeppelin hafen", "dario or zeppelin or hafen"),
    ("When did Dario send the offer for the harbour?", "dario or send or offer or harbour"),
)
"""Rare and common words, several, beginnings, phrases, filters alone and with words, a question; and the same for notmuch."""

_LIMIT = 20
_DIMS = 768
"""How many numbers a vector of a small embedding model has."""
_BATCH = 500
_RUNS = 5


class SearchRows:
    """The rows over a Maildir of `count` mails, which is mirrored and indexed once for all of them."""

    def __init__(self, world: World, count: int) -> None:
        self._world = world
        self._count = count
        self._state: Path | None = None
        self._seconds = 0.0
        self._notmuch: float | None = None

    def index(self) -> Row:
        """Mail made searchable from a folder, mirror included, beside notmuch over the same folder."""
        self._make()
        return judged(
            Row(
                "search-index",
                f"a Maildir of {self._count:,} messages made searchable, mirror included",
                "s",
                self._seconds,
                self._notmuch,
                "notmuch new" if self._notmuch else _MISSING,
                "≤ notmuch",
                note=self._sizes(),
            ),
            lambda ours, reference: not reference or ours <= reference,
        )

    def quick(self) -> Row:
        """The time within which 95 of 100 searches of a mix are answered, in a running process."""
        state = self._make()
        ours = Ours(state)
        try:
            times = sorted(_timed(partial(ours.mirror.search, query, _LIMIT)) for _ in range(_RUNS) for query, _ in MIX)
        finally:
            ours.close()
        theirs = sorted(_timed(partial(self._ask, query)) for _, query in MIX) if self._notmuch else []
        return judged(
            Row(
                "search-quick",
                f"search over {self._count:,} messages, the slowest of 95 in 100, {len(MIX)} queries in a running process",
                "ms",
                _of(times, 0.95) * 1e3,
                _of(theirs, 0.95) * 1e3 if theirs else None,
                "notmuch search, a process each" if theirs else _MISSING,
                "≤ 30 ms",
                note=f"half of them within {_of(times, 0.5) * 1e3:.1f} ms",
            ),
            lambda milliseconds, _: milliseconds <= 30,
        )

    def joined(self) -> Row:
        """The same for what has a meaning, found by words and by meaning, without the embedding server's own time."""
        state = self._make()
        ours = Ours(state)
        try:
            with closing(open_meaning(state)) as meaning:
                passages = _filled(meaning, ours.mirror)
                asked = [(query, _near(meaning, words)) for query, _ in MIX if (words := _meant(query))]
                by_words = sorted(
                    _timed(partial(ours.mirror.search, query, _LIMIT)) for _ in range(_RUNS) for query, _ in asked
                )
                times = sorted(
                    _timed(partial(ours.mirror.search_near, query, _LIMIT, near)) for _ in range(_RUNS) for query, near in asked
                )
        finally:
            ours.close()
        half = f"half of them within {_of(times, 0.5) * 1e3:.1f} ms"
        size = sum(file.stat().st_size for file in (state / FOLDER).iterdir()) / 1e6
        return judged(
            Row(
                "search-joined",
                f"search over {self._count:,} messages by words and meaning together, the slowest of 95 in 100, {len(asked)} "
                "queries in a running process, without the embedding server's own time",
                "ms",
                _of(times, 0.95) * 1e3,
                _of(by_words, 0.95) * 1e3,
                "the same by words alone",
                "≤ 80 ms",
                note=f"{half}; {passages:,} vectors of {_DIMS} numbers, {size:.0f} MB",
            ),
            lambda milliseconds, _: milliseconds <= 80,
        )

    def _make(self) -> Path:
        if self._state is None:
            mail, self._state = self._world.fresh("search-mail"), self._world.fresh("search-state")
            deliver(mail, messages(self._count, DAY, attachments=self._world.attachments))
            account = MailAccount("bench", path=mail, folders=FOLDERS)
            ours = Ours(self._state)
            try:
                self._seconds = _timed(lambda: ours.sync(ours.source(account)))
                if ours.mails() != self._count:
                    raise RuntimeError(f"{ours.mails()} of {self._count} mails were mirrored")
            finally:
                ours.close()
            if found("notmuch"):
                self._configuration.write_text(f"[database]\npath={mail}\n[user]\nprimary_email={USER}\n")
                self._notmuch = _timed(lambda: self._run("new", "--quiet"))
                if (indexed := int(self._run("count", "*"))) != self._count:
                    raise RuntimeError(f"notmuch indexed {indexed} of {self._count} mails")
        return self._state

    @property
    def _configuration(self) -> Path:
        return self._world.folder / "notmuch-search"

    def _ask(self, query: str) -> None:
        self._run("search", f"--limit={_LIMIT}", query)

    def _run(self, *words: str) -> str:
        command = ["notmuch", f"--config={self._configuration}", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def _sizes(self) -> str:
        ours = sum(file.stat().st_size for file in self._state.glob("mirror.db*")) if self._state else 0
        database = self._world.folder / "search-mail" / ".notmuch"
        theirs = sum(file.stat().st_size for file in database.rglob("*") if file.is_file())
        return f"{ours / 1e6:.0f} MB with all texts" + (f", notmuch {theirs / 1e6:.0f} MB beside the mails" if theirs else "")


def _filled(meaning: Meaning, mirror: Mirror) -> int:
    """Keep vectors of all that is mirrored, made as the scripted server makes them; returns how many."""
    meaning.go_through(mirror)
    count = 0
    while found := meaning.missing(mirror, _BATCH):
        meaning.keep("bench", {key: _packed(text) for key, text in found.items()})
        count += len(found)
    return count


def _meant(query: str) -> str:
    return meant_by(read_query(query, DAY, ZoneInfo(ZONE)))


def _near(meaning: Meaning, words: str) -> Near:
    return nearest_in(meaning, "bench", _packed(words))


def _packed(text: str) -> bytes:
    (vector,) = embedded([text], _DIMS)
    return struct.pack(f"<{_DIMS}f", *vector)


_MISSING = "notmuch not installed: apt-get install notmuch"


def _timed(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def _of(times: Sequence[float], share: float) -> float:
    """The time within which so great a share of sorted times lies."""
    return times[max(0, math.ceil(len(times) * share) - 1)]
