"""Hands as the executor knows them, moved by a worker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import MappingProxyType

from butler.core.accounts import Account, NotesFolder
from butler.core.effects import Effect, Receipt, Seen
from butler.core.errors import ButlerError, EffectError
from butler.core.payloads import Payload
from butler.core.remembering import ROOT
from butler.remote.workers import LONGEST, Seat, Workers, died, make_plain
from butler.sandbox.seam import WorkerDiedError

_LONGEST_WORDS = 10_000
_TAKEN_BACK_BY: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "mail.append": frozenset({"mail.remove"}),
        "mail.move": frozenset({"mail.move"}),
        "mail.flag": frozenset({"mail.flag"}),
        "calendar.put": frozenset({"calendar.put", "calendar.delete"}),
        "calendar.delete": frozenset({"calendar.put"}),
        "file.put": frozenset({"file.restore"}),
        "file.move": frozenset({"file.move"}),
        "file.line": frozenset({"file.unline"}),
    }
)
"""The verbs of what takes an effect back. Whoever undoes an action is shown what it did, not what a worker says of it."""


class RemoteHands:
    """The hands of an account, whose worker is started when it is first asked, and anew when it ended."""

    def __init__(self, workers: Workers, account: Account) -> None:
        self._workers = workers
        self._account = account
        self._seat: Seat | None = None

    def look(self, effect: Effect) -> Seen:
        """Look whether an effect can be done, was done, or has lost its ground."""
        with self._told():
            seen: Seen = self._opened().side.ask("look", effect, gives=Seen, seconds=LONGEST)
        _require_fair(effect, seen.receipt)
        return seen

    def act(self, effect: Effect, seen: Seen) -> Receipt:
        """Do it once; where the worker ended meanwhile, it may have happened."""
        with self._told():
            side = self._opened().side
        with self._told(uncertain=True):
            receipt: Receipt = side.ask("act", effect, seen, gives=Receipt, seconds=LONGEST)
        _require_fair(effect, receipt, uncertain=True)
        return receipt

    def renewed(self, payload: Payload, effect: Effect, seen: Seen) -> Payload | None:
        """Say what the owner asked for over what a look found changed: that was written by others, so it is read there."""
        with self._told():
            side = self._opened().side
            found: Payload | None = side.ask("renewed", payload, effect, seen, gives=Payload | None, seconds=LONGEST)
            return found

    def close(self) -> None:
        """Have it hang up, and end the worker."""
        self._end(politely=True)

    def _opened(self) -> Seat:
        if self._seat is None:
            _make_room(self._account)
            self._seat = self._workers.seat("hands", self._account, {})
        return self._seat

    def _end(self, *, politely: bool = False) -> None:
        seat, self._seat = self._seat, None
        if seat is not None:
            seat.close(politely=politely)

    @contextmanager
    def _told(self, *, uncertain: bool = False) -> Iterator[None]:
        try:
            yield
        except WorkerDiedError as error:
            self._end()
            raise EffectError(died("acts on", self._account, error), uncertain=uncertain) from error
        except ButlerError as error:
            make_plain(error)
            raise


def _make_room(account: Account) -> None:
    """Make the folders for old versions and for the memory: a worker may write below them, but not make them.

    What hinders that, it comes upon, too.
    """
    if isinstance(account, NotesFolder) and account.kept:
        memory = (account.path,) if account.name == ROOT else ()
        with suppress(OSError):
            for folder in (account.kept.parent, account.kept, *memory):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _require_fair(effect: Effect, receipt: Receipt | None, *, uncertain: bool = False) -> None:
    """What takes an effect back is of its kind, and done to the same account; what is told of it is of some length."""
    if receipt and max(len(receipt.sentence), len(receipt.answer), len(receipt.place)) > _LONGEST_WORDS:
        raise EffectError("It tells more of it than anybody does.", permanent=True, uncertain=uncertain)
    undo = receipt.undo if receipt else None
    if undo and (undo.account != effect.account or undo.verb not in _TAKEN_BACK_BY.get(effect.verb, ())):
        sentence = "What would take it back is not of the same kind, so it is not believed that it was done rightly."
        raise EffectError(sentence, permanent=True, uncertain=uncertain)
