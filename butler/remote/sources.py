"""A source as the sync knows it, read by a worker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from butler.core.accounts import Account
from butler.core.calendar import RawObject
from butler.core.contacts import RawCards
from butler.core.errors import ButlerError, SourceError
from butler.core.mail import RawMail
from butler.core.notes import RawNote
from butler.core.sources import Batch, Collection, Known, Raw, SourceKind, kind_of
from butler.dialing.allowance import Allowance
from butler.remote.workers import LONGEST, Seat, Workers, died, kept_to_contract
from butler.sandbox.seam import WorkerDiedError

_KNOWN_AT_ONCE = 10
_BATCHES: Mapping[SourceKind, Any] = {
    "mail": Batch[RawMail],
    "calendar": Batch[RawObject],
    "notes": Batch[RawNote],
    "contacts": Batch[RawCards],
}


class RemoteSource:
    """A source whose worker is started when it is first asked, and anew when it ended."""

    def __init__(self, workers: Workers, account: Account) -> None:
        self._workers = workers
        self._account = account
        self._seat: Seat | None = None
        self._known: Known | None = None
        self._asked = _asked()
        self._failure: ButlerError | None = None

    @property
    def name(self) -> str:
        """The account's name."""
        return self._account.name

    @property
    def kind(self) -> SourceKind:
        """What the source holds."""
        return kind_of(self._account)

    def collections(self) -> Sequence[Collection]:
        """List what is to be mirrored."""
        with self._told():
            side = self._opened().side
            with kept_to_contract(SourceError):
                found: list[Collection] = side.ask("collections", gives=list[Collection], seconds=LONGEST)
        return found

    def changes(self, collection: Collection, cursor: str | None, known: Known) -> Iterator[Batch[Raw]]:
        """Yield what changed."""
        self._known, self._asked = known, _asked()
        with self._told():
            side = self._opened().side
            with kept_to_contract(SourceError):
                yield from side.stream("changes", collection, cursor, gives=_BATCHES[self.kind], seconds=LONGEST)

    def close(self) -> None:
        """Have it hang up, and end the worker."""
        self._end(politely=True)

    def _opened(self) -> Seat:
        if self._seat is None:
            self._seat = self._workers.seat("reader", self._account, {"known": self._answer_known})
        return self._seat

    def _end(self, *, politely: bool = False) -> None:
        seat, self._seat = self._seat, None
        if seat is not None:
            seat.close(politely=politely)

    def _answer_known(self) -> dict[str, str]:
        """What the mirror knows. Its failure is what is told in the end, whatever the worker makes of it."""
        if self._known is None:
            raise SourceError("Nothing is being read.")
        self._asked.take()
        try:
            return dict(self._known())
        except ButlerError as error:
            self._failure = error
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell of failures as sources do."""
        self._failure = None
        try:
            yield
        except WorkerDiedError as error:
            self._end()
            raise self._failure or SourceError(died("reads", self._account, error, "; the next sync tries it again")) from error
        except SourceError as error:
            raise self._failure or error from None
        except (KeyboardInterrupt, SystemExit):
            # It waits for a server, or reads on: asked to hang up, it would not hear of it.
            self._end()
            raise


def _asked() -> Allowance:
    """How often may be asked what the mirror knows of a collection: once is enough."""
    return Allowance("what is known", _KNOWN_AT_ONCE, LONGEST)
