"""An ear as the watchers know it, listening in a worker."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from butler.core.accounts import Account
from butler.core.arrivals import Changed, Changes, Heard, Stop
from butler.core.errors import SourceError
from butler.dialing.allowance import Allowance, TooOftenError
from butler.remote.workers import LONGEST, Seat, Workers, died, folders_of, kept_to_contract
from butler.sandbox.seam import WorkerDiedError

_LONG = 86_400.0
_AT_ONCE, _EVERY = 500, 0.5
"""How many answers an ear may give, or wait for, at once, and after how many seconds one more: each wakes the daemon."""
_WATCHED_AT_ONCE, _WATCHED_EVERY = 50, 10.0


class RemoteEar:
    """The ear for a place of an account, in a worker that is ended when it is to stop.

    What the worker wants to be told of the files there, `changes` watches here.
    """

    def __init__(self, workers: Workers, account: Account, place: str, poll: float, changes: Changes) -> None:
        self._workers = workers
        self._account = account
        self._place = place
        self._poll = poll
        self._changes = changes
        self._stop: Stop | None = None
        self._watched: Iterator[Sequence[Changed]] = iter(())
        self._seat: Seat | None = None
        self._answers = Allowance("an answer", _AT_ONCE, _EVERY)
        self._bursts = Allowance("what changes", _AT_ONCE, _EVERY)
        self._watches = Allowance("a folder to be watched", _WATCHED_AT_ONCE, _WATCHED_EVERY)

    def listen(self, stop: Stop) -> Iterator[Heard]:
        """Yield whenever the place was looked at."""
        stop.then(self._end)
        self._stop = stop
        seat = None
        try:
            seat = self._opened()
            yield from self._heard(seat, stop)
        except WorkerDiedError as error:
            self._end()
            if not stop.is_set():
                raise SourceError(died("listens to", self._account, error)) from error
        finally:
            self._watched = iter(())
            if seat and stop.is_set():
                # Also what it was just being handed when it was ended.
                seat.close()

    def _heard(self, seat: Seat, stop: Stop) -> Iterator[Heard]:
        if not seat.side.ask("hears", gives=bool, seconds=LONGEST):
            self._end()
            while not stop.wait(_LONG):
                pass
        # It may have been to stop before there was somebody who could be ended.
        if not stop.is_set():
            with kept_to_contract(SourceError):
                yield from self._paced(seat.side.stream("listen", gives=Heard, seconds=max(LONGEST, 2 * self._poll)))

    def _paced(self, heard: Generator[Heard, None, None]) -> Iterator[Heard]:
        """What is heard, as long as it does not come faster than anything happens."""
        with closing(heard):
            for each in heard:
                try:
                    self._answers.take()
                except TooOftenError as error:
                    raise WorkerDiedError(str(error)) from error
                yield each

    def _opened(self) -> Seat:
        if self._seat is None:
            offers: Mapping[str, Callable[..., Any]] = {"watch": self._watch, "changed": self._changed}
            self._seat = self._workers.seat("ear", self._account, offers, self._place, self._poll)
        return self._seat

    def _end(self) -> None:
        seat, self._seat = self._seat, None
        if seat is not None:
            seat.close()

    def _watch(self, folders: tuple[Path, ...]) -> None:
        """Watch folders from now on; they are the account's own."""
        self._watches.take()
        own = [os.path.realpath(folder) for folder in folders_of(self._account)]
        if self._stop is None or not folders or not all(_is_within(folder, own) for folder in folders):
            raise SourceError("What is to be watched is none of the account's folders.", permanent=True)
        self._watched = iter(self._changes(folders, self._stop))

    def _changed(self) -> list[Changed]:
        """The next changes; none where a while went by without."""
        self._bursts.take()
        return list(next(self._watched, ()))


def _is_within(folder: Path, own: Sequence[str]) -> bool:
    real = Path(os.path.realpath(folder))
    return any(real.is_relative_to(each) for each in own)
