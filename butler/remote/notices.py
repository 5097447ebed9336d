"""Notices as the daemon sends them: in a worker that lives for one of them and reaches the hosts of the addresses alone."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from butler.core.connections import Ledger
from butler.core.endpoints import of_notices
from butler.core.errors import SourceError
from butler.core.text import one_line
from butler.dialing import Dialer
from butler.sandbox.order import Limits, Order
from butler.sandbox.seam import Side, WorkerDiedError
from butler.sandbox.worker import Forkserver

_LIMITS = Limits(cpu=60, memory=1 << 30)
_MAIN = "butler.sandbox.telling:notices"
_log = logging.getLogger(__name__)


class Post:
    """Sends a notice; `ledger` is told of every connection, `degraded` that a kernel may do without confining the worker."""

    def __init__(self, forkserver: Callable[[], Forkserver], ledger: Ledger, *, degraded: bool = False) -> None:
        self._forkserver = forkserver
        self._ledger = ledger
        self._degraded = degraded

    def __call__(self, urls: Sequence[str], hosts: Sequence[str], title: str, body: str, seconds: float) -> set[int]:
        """Send to some addresses and, for those that do not name theirs, by `hosts`; returns the numbers of those that took it.

        Raises StateError where no worker starts.
        """
        dialer = Dialer(of_notices(urls, hosts), self._ledger)
        took: set[int] = set()
        try:
            with self._forkserver().order(Order("notice", _MAIN, limits=_LIMITS, degraded=self._degraded)) as worker:
                side = worker.side(dialer.offers())
                took.update(_until(time.monotonic() + seconds, side, [list(urls), title, body, seconds]))
        except (WorkerDiedError, SourceError) as error:
            _log.warning("sending a notice ended: %s", one_line(str(error)))
        finally:
            dialer.close()
        return took & set(range(len(urls)))


def _until(end: float, side: Side, order: Sequence[Any]) -> Iterator[int]:
    """The numbers of the addresses that took a notice, as they are told until a time."""
    for number in side.stream("send", *order, gives=int, seconds=end - time.monotonic()):
        yield number
        if time.monotonic() > end:
            break
