"""What the jail costs: a call to a confined worker beside the same to one that is not, and the start of a worker."""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench_table import Row, judged

from butler.core.mail import Attachment, RawMail, RawPart
from butler.core.sources import Batch
from butler.sandbox.order import Limits, Order
from butler.sandbox.profiles import Role
from butler.sandbox.seam import Side
from butler.sandbox.worker import ENVIRONMENT, Forkserver

_HERE = str(Path(__file__).parent)
_CALLS, _ROUNDS = 20, 1000
_STARTS = 300
_MAILS = 500
_BODY = 55_000
_PRELOAD = ("bench_served", "butler.sandbox.child", "tools.mail.message")
"""What the worker that parses mail has loaded when it is forked."""
_BARE = "import socket, sys; sys.path.insert(0, sys.argv[2]); import bench_served; "
_BARE += "bench_served.serve(socket.socket(fileno=int(sys.argv[1])))"
_LONGEST = 60.0


def call_row() -> Row:
    """A call to a worker of the strictest role and of one with connections, the dearer one of the two."""
    with ExitStack() as opened:
        forkserver = opened.enter_context(Forkserver(folders=(_HERE,)))
        sides: dict[str, Side] = {role: opened.enter_context(_jailed(forkserver, role)) for role in ("parser", "reader")}
        sides["bare"] = opened.enter_context(_bare())
        took: Mapping[str, list[float]] = {name: [] for name in sides}
        for _ in range(_ROUNDS):
            for name, side in sides.items():
                took[name].append(_calls(side))
    best = {name: min(each) for name, each in took.items()}
    jailed = max(best["parser"], best["reader"])
    note = f"parser {best['parser']:.1f} µs, reader {best['reader']:.1f} µs; the best of {_ROUNDS} times {_CALLS}"
    row = Row("worker-call", "a call to a worker", "µs", jailed, best["bare"], "the same without a jail", "≤ 1.3×", note=note)
    return judged(row, lambda ours, reference: ours <= 1.3 * reference)


def start_row() -> Row:
    """From the order to the first answer of a worker for mail, forked from a process that has loaded what it needs."""
    took = []
    with Forkserver(folders=(_HERE,)) as forkserver:
        _start(forkserver)
        for _ in range(_STARTS):
            took.append(_start(forkserver))  # noqa: PERF401 - one after the other
    centiles = statistics.quantiles(took, n=20)
    row = Row(
        "worker-start",
        "a worker started, confined and answering, 95th percentile",
        "ms",
        centiles[-1],
        wanted="≤ 20 ms",
        note=f"{_STARTS} one after the other; half of them in {statistics.median(took):.1f} ms",
    )
    return judged(row, lambda ours, _: ours <= 20)


def batch_row() -> Row:
    """A batch of mails from a worker, each value of it checked."""
    mails = [
        RawMail(str(number), frozenset({"\\seen"}), 1_764_000_000, _BODY, b"h" * 3000, (_part(),), (_ATTACHED,))
        for number in range(_MAILS)
    ]
    with Forkserver(folders=(_HERE,)) as forkserver, _jailed(forkserver, "reader") as side:
        side.ask("keep", Batch("INBOX", "1", mails), seconds=_LONGEST)
        took = [_timed(lambda: side.ask("kept", gives=Batch[RawMail], seconds=_LONGEST)) for _ in range(20)]
    size = _MAILS * (_BODY + 3000) / 1e6
    row = Row(
        "worker-batch",
        f"{_MAILS} mails of {(_BODY + 3000) / 1000:.0f} KB from a worker, checked",
        "MB/s",
        size / min(took),
        wanted="≥ 100 MB/s",
        note=f"{size:.0f} MB in {min(took) * 1e3:.0f} ms",
    )
    return judged(row, lambda ours, _: ours >= 100)


_ATTACHED = Attachment("notes.pdf", "application/pdf", 20_000)


def _part() -> RawPart:
    return RawPart("text/plain", "utf-8", "8bit", b"x" * _BODY)


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _calls(side: Side) -> float:
    """Microseconds a call."""
    began = time.perf_counter()
    for number in range(_CALLS):
        side.ask("add", number, 1, gives=int, seconds=_LONGEST)
    return (time.perf_counter() - began) / _CALLS * 1e6


def _start(forkserver: Forkserver) -> float:
    began = time.perf_counter()
    with _jailed(forkserver, "parser") as side:
        side.ask("add", 1, 1, gives=int, seconds=_LONGEST)
        return (time.perf_counter() - began) * 1e3


@contextmanager
def _jailed(forkserver: Forkserver, role: Role) -> Iterator[Side]:
    with forkserver.order(Order(role, "bench_served:serve", _PRELOAD, limits=Limits())) as worker:
        yield worker.side({})


@contextmanager
def _bare() -> Iterator[Side]:
    """The same program without forkserver and jail."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-I", "-B", "-c", _BARE, str(theirs.fileno()), _HERE]
        process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), env=ENVIRONMENT)
    side = Side(ours, {})
    try:
        side.ask("add", 1, 1, gives=int, seconds=_LONGEST)
        yield side
    finally:
        side.close()
        process.wait()
