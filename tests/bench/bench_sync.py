"""The rows about syncing mail: from nothing, with nothing new, with ten new, from far away, and the memory it takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from bench_bare import TEXT_PARTS, BareImap, fetch_all, next_uid
from bench_machine import found
from bench_mbsync import Mbsync
from bench_ours import FOLDERS, FirstSync, Ours, account, first_sync
from bench_proxy import delayed
from bench_table import Row, judged
from bench_world import Post, World
from dovecot_server import PASSWORD, USER

_ROUND_TRIP = 0.04
_NEW = 10
_OFTEN = 9
"""What takes milliseconds is measured so often at least, for the best of them to mean something."""
_SETTLE = 1.5
"""mbsync sleeps out the second in which a folder changed; nobody should be measured doing that."""


class SyncRows:
    """The rows over one mailbox size; a first sync and mbsync's copy are made once and used by several."""

    def __init__(self, world: World, count: int, repeat: int) -> None:
        self._world = world
        self._count = count
        self._repeat = repeat
        self._first: FirstSync | None = None
        self._copy: Mbsync | None = None
        self._copied = (0.0, 0.0)

    @property
    def _post(self) -> Post:
        return self._world.post(self._count)

    def _ours_first(self) -> FirstSync:
        if self._first is None:
            tries = [first_sync(self._world.fresh(f"first-{self._count}"), self._post.port) for _ in range(self._repeat)]
            self._first = min(tries, key=lambda one: one.seconds)
        return self._first

    def _mbsync(self) -> Mbsync | None:
        if self._copy is None and found("mbsync"):
            tries = []
            for _ in range(self._repeat):
                folder = self._world.fresh(f"mbsync-{self._count}")
                self._copy = Mbsync(folder, self._post.port, USER, PASSWORD, FOLDERS)
                tries.append(self._copy.sync())
            self._copied = min(tries)
        return self._copy

    def first(self) -> Row:
        """The first sync against mbsync, in mails a second."""
        ours, copy = self._ours_first(), self._mbsync()
        return judged(
            Row(
                "first-sync",
                f"first sync, {self._count:,} messages, mirror and full-text index included",
                "messages/s",
                ours.mails / ours.seconds,
                self._count / self._copied[0] if copy else None,
                "mbsync without fsync" if copy else "mbsync not installed: apt-get install isync",
                "≥ 2×",
                note=f"{ours.mails:,} mails in {ours.seconds:.1f} s",
            ),
            lambda speed, reference: speed >= 2 * reference > 0,
        )

    def index(self) -> Row:
        """The same against mbsync and notmuch together, which also gives a searchable copy."""
        ours, copy = self._ours_first(), self._mbsync()
        both = copy is not None and found("notmuch") is not None
        seconds = self._copied[0] + copy.index() if copy and both else None
        missing = "notmuch not installed: apt-get install notmuch isync"
        against = "mbsync + notmuch new" if both else missing
        return Row("first-index", f"first sync, {self._count:,} messages, searchable", "s", ours.seconds, seconds, against)

    def floor(self) -> Row:
        """The first sync against a bare socket that fetches the same."""
        ours = self._ours_first()
        seconds = min(fetch_all(self._post.port, USER, PASSWORD, FOLDERS)[0] for _ in range(self._repeat))
        what = f"first sync, {self._count:,} messages, against what the server can give"
        return Row("first-floor", what, "s", ours.seconds, seconds, "bare IMAP, parsing nothing")

    def memory(self) -> Row:
        """The peak memory of a first sync."""
        ours, copy = self._ours_first(), self._mbsync()
        return judged(
            Row(
                "memory",
                f"peak memory of a first sync, {self._count:,} messages, all processes",
                "MB",
                ours.peak,
                self._copied[1] if copy else None,
                "mbsync" if copy else "mbsync not installed: apt-get install isync",
                "≤ 150 MB",
            ),
            lambda peak, _: peak <= 150,
        )

    def nothing_new(self) -> Row:
        """A sync with nothing new over a fresh connection, the log-in itself taken off."""
        with _Mirrored(self._world, self._post) as ours:
            login = _fastest(_OFTEN, lambda: BareImap(self._post.port, USER, PASSWORD).close())
            whole = _fastest(_OFTEN, ours.fresh_sync)
        return judged(
            Row(
                "nothing-new",
                f"sync, nothing new, {self._count:,} messages, after log-in",
                "ms",
                max(whole - login, 0.0) * 1e3,
                self._copy_again(lambda: None),
                "mbsync, log-in included" if self._copy else "mbsync not installed: apt-get install isync",
                "≤ 15 ms",
                note=f"{whole * 1e3:.1f} ms with the log-in, which alone takes {login * 1e3:.1f} ms",
            ),
            lambda ours_ms, _: ours_ms <= 15,
        )

    def nothing_new_kept(self) -> Row:
        """A sync with nothing new over a connection that was kept."""
        with _Mirrored(self._world, self._post) as ours:
            ours.kept_sync()
            seconds = _fastest(_OFTEN, ours.kept_sync)
            bare = BareImap(self._post.port, USER, PASSWORD)
            floor = _fastest(_OFTEN, lambda: [bare.ask(f"STATUS {one} (UIDNEXT)") for one in FOLDERS])
            bare.close()
        what = f"sync, nothing new, {self._count:,} messages, kept connection"
        row = Row("nothing-new-kept", what, "ms", seconds * 1e3, floor * 1e3, "bare STATUS of 3 folders", "≤ 3 ms")
        return judged(row, lambda ours_ms, _: ours_ms <= 3)

    def ten_new(self) -> Row:
        """Ten new mails over a kept connection against the bare exchange that fetches the same."""
        ours_times, bare_times = [], []
        with _Mirrored(self._world, self._post) as ours:
            ours.kept_sync()
            bare = BareImap(self._post.port, USER, PASSWORD)
            for _ in range(max(self._repeat, 3)):
                self._post.deliver(_NEW)
                had = ours.mails()
                ours_times.append(_timed(ours.kept_sync))
                ours.expect(had + _NEW)
                bare.ask("EXAMINE Archive")
                first = next_uid(bare, "INBOX")
                self._post.deliver(_NEW)
                bare_times.append(_timed(partial(_bare_new, bare, first)))
                ours.kept_sync()
            bare.close()
        return judged(
            Row(
                "ten-new",
                f"sync, {_NEW} new, {self._count:,} messages, kept connection",
                "ms",
                min(ours_times) * 1e3,
                min(bare_times) * 1e3,
                "the bare IMAP exchange",
                "≤ 1.2×",
                note=self._note_mbsync(),
            ),
            lambda ours_ms, reference: ours_ms <= 1.2 * reference,
        )

    def _note_mbsync(self) -> str:
        again = self._copy_again(lambda: self._post.deliver(_NEW))
        return f"mbsync {again:.0f} ms" if again is not None else ""

    def _copy_again(self, before: Callable[[], None]) -> float | None:
        """Milliseconds that mbsync takes to bring its copy up to date."""
        copy = self._mbsync()
        if copy is None:
            return None
        times = []
        for _ in range(self._repeat):
            before()
            time.sleep(_SETTLE)
            times.append(copy.sync()[0])
        return min(times) * 1e3

    def far_away(self) -> Row:
        """The first sync with a long way to the server against the same with none."""
        near = self._ours_first()
        with delayed(self._post.port, _ROUND_TRIP) as port:
            seconds = min(first_sync(self._world.fresh("far"), port).seconds for _ in range(self._repeat))
        what = f"first sync, {self._count:,} messages, {_ROUND_TRIP * 1e3:.0f} ms round trip"
        row = Row("far-away", what, "s", seconds, near.seconds, "the same at 0 ms", "≤ 1.5×")
        return judged(row, lambda ours, reference: ours <= 1.5 * reference)


class _Mirrored:
    """An up-to-date mirror of a mailbox in this process, with a connection that is kept."""

    def __init__(self, world: World, post: Post) -> None:
        self._post = post
        self._ours = Ours(world.fresh("mirrored"))
        self._kept = self._ours.source(account(post.port))

    def __enter__(self) -> _Mirrored:
        self._ours.sync(self._kept)
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()
        self._ours.close()

    def kept_sync(self) -> None:
        """Sync over the connection that is there."""
        self._ours.sync(self._kept)

    def mails(self) -> int:
        """How many mails the mirror holds."""
        return self._ours.mails()

    def expect(self, count: int) -> None:
        """See that a sync found what there was: a quick one that finds nothing is worth nothing."""
        if self.mails() != count:
            raise RuntimeError(f"The mirror holds {self.mails()} mails instead of {count}.")

    def fresh_sync(self) -> None:
        """Sync over a connection of its own."""
        source = self._ours.source(account(self._post.port))
        try:
            self._ours.sync(source)
        finally:
            source.close()


def _bare_new(bare: BareImap, start: int) -> None:
    bare.ask("STATUS INBOX (UIDNEXT)")
    bare.ask("EXAMINE INBOX")
    bare.ask(f"UID FETCH {start}:* {TEXT_PARTS}")


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _fastest(repeat: int, work: Callable[[], object]) -> float:
    return min(_timed(work) for _ in range(repeat))
