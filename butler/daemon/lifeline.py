"""Ties a child to its daemon: it gets the daemon's settings and forkserver, and is asked to end when the daemon is gone."""

from __future__ import annotations

import ctypes
import fcntl
import os
import pickle
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from butler.core.accounts import Account
from butler.core.errors import BusyError, UsageError
from butler.core.jailing import Jailing
from butler.core.owner import Owner
from butler.core.sources import SourceKind
from butler.environment import owners_environment, take_over
from butler.toolbox import targets

if TYPE_CHECKING:
    from butler.settings import Loaded

_PR_SET_PDEATHSIG = 1
_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sync goes by: it starts every few minutes, and is not to wait for the model of all settings.

    `found` says where the tools are: to look through all that is installed takes it as long as to ask a server.
    """

    owner: Owner
    accounts: tuple[Account, ...]
    state: Path
    found: Mapping[SourceKind, str]
    sandbox: Jailing = "enforced"


class Forks(Protocol):
    """Where workers are ordered."""

    @property
    def descriptor(self) -> int:
        """What is ordered over; it is started for that, and started anew when it died. Raises StateError."""
        ...


class Handed:
    """The settings in a sealed file in memory, which children inherit: they go by what the daemon goes by.

    They order their workers at the daemon's forkserver; without one, each has its own.
    """

    def __init__(self, loaded: Loaded, forks: Forks | None = None) -> None:
        self.descriptor = _sealed(loaded)
        self._forks = forks
        self._orders = None if forks is None else os.dup(forks.descriptor)

    def renew(self, loaded: Loaded) -> None:
        """Hand these over from now on, under the same number."""
        fresh = _sealed(loaded)
        os.dup2(fresh, self.descriptor, inheritable=False)
        os.close(fresh)

    def close(self) -> None:
        """Hand over nothing any more."""
        os.close(self.descriptor)
        if self._orders is not None:
            os.close(self._orders)

    @property
    def descriptors(self) -> tuple[int, ...]:
        """What a child shares that is started now; raises StateError when the forkserver died and does not start."""
        if self._forks is None or self._orders is None:
            return (self.descriptor,)
        os.dup2(self._forks.descriptor, self._orders, inheritable=False)
        return (self.descriptor, self._orders)

    @property
    def option(self) -> tuple[str, str]:
        """What tells a child whose it is, where its settings are, and where it orders workers."""
        numbers = (os.getpid(), self.descriptor, self._orders)
        return ("--child", ":".join(str(number) for number in numbers if number is not None))


def hold_on_to(option: str) -> Loaded:
    """Ask the kernel for SIGTERM at the parent's death, and take its settings; raises BusyError when it has died already."""
    return cast("Loaded", _taken(option, 1))


def hold_on_to_read(option: str) -> Reading:
    """The same for a child that only reads: it takes what a sync goes by."""
    return cast("Reading", _taken(option, 0))


def _taken(option: str, place: int) -> object:
    """Hold on to the parent and take what it has put at one place among what it hands over."""
    parent, descriptor, orders = _numbers(option)
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:
        raise BusyError("The daemon that started this has ended.", advice="The next one does this again.")
    try:
        # Opened anew, for a descriptor that is shared has one place to read from.
        kept: list[bytes] = pickle.loads(Path(f"/proc/self/fd/{descriptor}").read_bytes())  # noqa: S301 - the parent wrote it
        os.close(descriptor)
        if orders is not None:
            os.set_inheritable(orders, False)  # noqa: FBT003 - the library's signature
        take_over(pickle.loads(kept[2]))  # noqa: S301 - and this
        return pickle.loads(kept[place])  # noqa: S301 - and this
    except (OSError, pickle.UnpicklingError) as error:
        raise UsageError("--child is for the daemon alone.") from error


def orders_of(option: str | None) -> int | None:
    """Where a child orders its workers; None where it has a forkserver of its own."""
    return _numbers(option)[2] if option else None


def _numbers(option: str) -> tuple[int, int, int | None]:
    parts = option.split(":")
    if len(parts) not in (2, 3) or not all(part.isascii() and part.isdigit() for part in parts):
        raise UsageError("--child is for the daemon alone.")
    parent, descriptor, *orders = map(int, parts)
    return parent, descriptor, orders[0] if orders else None


def _sealed(loaded: Loaded) -> int:
    descriptor = os.memfd_create("settings", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    settings = loaded.settings
    found = targets(settings.workflows.code().places("tools"))
    reading = Reading(settings.person(), settings.accounts(), settings.state_dir, found, settings.sandbox)
    os.write(descriptor, pickle.dumps([pickle.dumps(each) for each in (reading, loaded, owners_environment())]))
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
    return descriptor
