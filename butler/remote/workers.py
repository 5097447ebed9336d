"""The workers of one owner: each is started for one account, may do no more than it needs, and gets its connections here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from butler.core.accounts import Account, MailAccount, NotesFolder
from butler.core.connections import Ledger
from butler.core.endpoints import of_account
from butler.core.errors import ButlerError, EffectError, SourceError
from butler.core.sources import SourceKind, kind_of
from butler.core.text import one_line
from butler.dialing import Dialer
from butler.dialing.allowance import Allowance
from butler.remote.around import around, own_folder
from butler.sandbox.carried import carried, placed, secret_of
from butler.sandbox.order import Limits, Order
from butler.sandbox.reach import Reach
from butler.sandbox.seam import ENDED, Side, WorkerDiedError
from butler.sandbox.worker import Forkserver, Worker
from butler.toolbox import is_file, targets

if TYPE_CHECKING:
    from butler.sandbox.profiles import Role

Station = Literal["reader", "hands", "ear"]

LONGEST = 3600.0
"""Most seconds for one answer of a worker. Each wait of its own is shorter, but a slow server may make it wait often."""
_LIMITS = Limits(cpu=0, memory=2 << 30)
_SECRETS_AT_ONCE, _SECRET_EVERY = 200, 10.0
"""How often a worker may ask for secrets at once, and after how many seconds once more: each may start a program."""
_LONGEST_SENTENCE = 2_000
_LAST_WORDS = 5.0
"""Seconds in which a worker may hang up."""
_MAINS: Mapping[Station, str] = {
    "reader": "butler.sandbox.stations:reader",
    "ear": "butler.sandbox.stations:ear",
    "hands": "butler.sandbox.acting:hands",
}
# What the tools that ship load when they are used, so that it is loaded once and shared by all workers. Of tools of an
# owner's own, the module itself is.
_LOADED: Mapping[tuple[str, bool, Station], tuple[str, ...]] = {
    ("tools.mail:TOOL", False, "reader"): ("tools.mail.imap",),
    ("tools.mail:TOOL", False, "ear"): ("tools.mail.idle",),
    ("tools.mail:TOOL", False, "hands"): ("tools.mail.hands", "tools.mail.imap_box", "tools.mail.smtp"),
    ("tools.mail:TOOL", True, "reader"): ("tools.mail.maildir",),
    ("tools.mail:TOOL", True, "ear"): ("tools.mail.maildir_ear",),
    ("tools.mail:TOOL", True, "hands"): ("tools.mail.hands", "tools.mail.maildir_box", "tools.mail.smtp"),
    ("tools.calendar:TOOL", False, "reader"): ("tools.calendar.caldav",),
    ("tools.calendar:TOOL", False, "hands"): ("tools.calendar.hands", "tools.calendar.davshelf"),
    ("tools.calendar:TOOL", True, "reader"): ("tools.calendar.vdir",),
    ("tools.calendar:TOOL", True, "hands"): ("tools.calendar.hands", "tools.calendar.vdirshelf"),
    ("tools.contacts:TOOL", False, "reader"): ("tools.contacts.carddav",),
    ("tools.contacts:TOOL", True, "reader"): ("tools.contacts.vdir",),
    ("tools.files:TOOL", True, "reader"): ("tools.files.disk",),
    ("tools.files:TOOL", True, "hands"): ("tools.files.hands",),
}


@dataclass(frozen=True, slots=True)
class Seat:
    """A worker at its station, and what dials for it."""

    worker: Worker
    side: Side
    dialer: Dialer

    def close(self, *, politely: bool = False) -> None:
        """End the worker, after it hung up if that is to be polite, and write down what went over its connections."""
        if politely:
            with suppress(WorkerDiedError, ButlerError, OSError):
                self.side.ask("close", seconds=_LAST_WORDS)
        self.worker.close()
        self.dialer.close()


class Workers:
    """Starts workers by a forkserver, which is opened when the first is; `ledger` is told of every connection.

    `found` says where the tools are (empty: they are looked for), `degraded` that a kernel may do without confining them.
    """

    def __init__(
        self,
        forkserver: Callable[[], Forkserver],
        ledger: Ledger,
        found: Mapping[SourceKind, str] | None = None,
        *,
        degraded: bool = False,
    ) -> None:
        self._forkserver = forkserver
        self._ledger = ledger
        self._found = dict(found or {})
        self._degraded = degraded

    def seat(self, station: Station, account: Account, offers: Mapping[str, Callable[..., Any]], *more: Any) -> Seat:
        """Start a worker at a station for an account; it may ask for its secrets, for its own servers, and for `offers`.

        Raises StateError when none starts, WorkerDiedError, and SourceError and EffectError of a tool that does not open it.
        """
        account = seen_from(station, account)
        target = self._target(kind_of(account))
        dialer = Dialer(of_account(account), self._ledger)
        worker = self._forkserver().order(self._order(station, account, target))
        secrets = Allowance("a secret", _SECRETS_AT_ONCE, _SECRET_EVERY)
        side = worker.side({"secret": partial(_secret, account, self._ledger, secrets), **dialer.offers(), **offers})
        seat = Seat(worker, side, dialer)
        try:
            with kept_to_contract(SourceError, EffectError):
                side.ask("open", target, carried(account), *more, seconds=LONGEST)
        except BaseException:
            seat.close()
            raise
        return seat

    def prepare(self, station: Station, accounts: Sequence[Account]) -> None:
        """Have loaded what workers at a station for some accounts are going to need."""
        names = [name for account in accounts for name in self._loaded(station, account, self._target(kind_of(account)))]
        self._forkserver().preload(list(dict.fromkeys(names)))

    def _target(self, kind: SourceKind) -> str:
        if not self._found:
            self._found = targets()
        return self._found[kind]

    def _order(self, station: Station, account: Account, target: str) -> Order:
        preload, reach = self._loaded(station, account, target), reach_of(station, account) + reach_of_code(target)
        return Order(role_of(station, account), _MAINS[station], preload, reach, _LIMITS, degraded=self._degraded)

    def _loaded(self, station: Station, account: Account, target: str) -> tuple[str, ...]:
        module = target.rpartition(":")[0]
        # What is a file of the owner's own is loaded by a worker alone, and only once it is confined.
        own = () if is_file(module) else (module,)
        return (_MAINS[station].partition(":")[0], *_LOADED.get((target, account.path is not None, station), own))


@contextmanager
def kept_to_contract(*kinds: type[ButlerError]) -> Iterator[None]:
    """Let a worker raise failures of some kinds; others it may not have, and then there is nothing more to be had from it."""
    try:
        yield
    except kinds as error:
        make_plain(error)
        raise
    except (ButlerError, OSError) as error:
        raise WorkerDiedError(f"{type(error).__name__}: {error}") from error


def make_plain(error: ButlerError) -> None:
    """Leave of what a worker tells one harmless line of some length, and of its advice another."""
    error.sentence, error.advice = one_line(error.sentence, _LONGEST_SENTENCE), one_line(error.advice, _LONGEST_SENTENCE)


def seen_from(station: Station, account: Account) -> Account:
    """What there is of an account for who works at a station: who only reads has no use for what sends."""
    return replace(account, smtp=None) if station != "hands" and isinstance(account, MailAccount) else account


def role_of(station: Station, account: Account) -> Role:
    """The role of what works at a station: what uses only a folder gets no connection."""
    if account.path is not None and not (station == "hands" and isinstance(account, MailAccount) and account.smtp):
        return "files"
    return "hands" if station == "hands" else "reader"


def reach_of(station: Station, account: Account) -> Reach:
    """The files that such a worker gets at: the account's own folder, and certificates that the settings name."""
    read: list[Path] = []
    write: list[Path] = []
    listed: list[Path] = []
    if isinstance(account, NotesFolder):
        granted, listed = around(placed(account.path), own_folder(account))
        (write if station == "hands" else read).extend(granted)
        write += [account.kept] if account.kept and station == "hands" else []
    else:
        (write if station == "hands" else read).extend(folders_of(account))
        read += [account.ca_file] if account.ca_file else []
    if isinstance(account, MailAccount) and account.smtp and account.smtp.ca_file:
        read.append(account.smtp.ca_file)
    return Reach(*(tuple(str(placed(path)) for path in paths) for paths in (read, write, listed)))


def reach_of_code(target: str) -> Reach:
    """The folder of a tool that is a file of the owner's own, from which it is loaded."""
    module = target.rpartition(":")[0]
    return Reach(read=(str(Path(module).resolve().parent),)) if is_file(module) else Reach()


def folders_of(account: Account) -> list[Path]:
    """The folder of an account, and the folders that links in it lead to: whoever set the account made those as well.

    No worker can make a link. Notes follow none.
    """
    if account.path is None:
        return []
    root = placed(account.path)
    if isinstance(account, NotesFolder):
        return [root]
    try:
        with os.scandir(root) as entries:
            return [root, *(Path(os.path.realpath(each.path)) for each in entries if each.is_symlink() and each.is_dir())]
    except OSError:
        return [root]


def died(deed: str, account: Account, error: WorkerDiedError, then: str = "") -> str:
    """Say that a worker ended by itself, and why where that is known; `then` is what comes of it."""
    known = one_line(str(error), 120).rstrip(".") if str(error) != ENDED else ""
    why = f" ({known})" if known else ""
    return f"The process that {deed} {kind_of(account)}.{account.name} ended unexpectedly{why}{then}."


def _secret(account: Account, ledger: Ledger, asked: Allowance, part: str) -> str:
    """Fetch a secret here; where a log-in has to be renewed for it, that is dialled for, too, and by no worker."""
    asked.take()
    if isinstance(account, NotesFolder) or account.login == "password":
        return secret_of(account, part)
    # What only a log-in by tokens needs is not loaded for others.
    from butler.oauth.access import of_login, renewed_by

    with closing(Dialer(of_login(account), ledger)) as dialer:
        return secret_of(renewed_by(account, dialer), part)
