"""The process that forks workers: shared by many, small, clean, and gone with those who need it."""

from __future__ import annotations

import os
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from left_open import swept

from butler.core.errors import StateError
from butler.sandbox import worker as worker_module
from butler.sandbox.order import Limits, Order, read_order
from butler.sandbox.reach import Reach
from butler.sandbox.worker import ENVIRONMENT, Forkserver, Worker

SERVERS = str(Path(__file__).parent.parent / "servers")
CLIENT = str(Path(SERVERS) / "forkserver_client.py")


@pytest.fixture
def forkserver() -> Iterator[Forkserver]:
    with Forkserver(folders=(SERVERS,)) as forkserver:
        yield forkserver


def order(main: str = "serve", **more: object) -> Order:
    return Order("reader", f"forked_workers:{main}", ("forked_workers",), **more)  # type: ignore[arg-type]


def number_of(forkserver: Forkserver) -> int:
    assert forkserver._process is not None
    return forkserver._process.pid


def is_there(pid: int) -> bool:
    try:
        return state_of(pid) != "Z"
    except OSError:
        return False


def wait_for(is_so: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@contextmanager
def client(main: str, handed: Sequence[int] = (), *more: str) -> Iterator[tuple[subprocess.Popen[str], int, int]]:
    """A process that ordered a worker; it, its own forkserver and its worker."""
    command = [sys.executable, "-P", CLIENT, main, *map(str, handed), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=handed) as process:
        assert process.stdout is not None
        own, worker = map(int, process.stdout.readline().split())
        try:
            yield process, own, worker
        finally:
            process.kill()


@pytest.mark.parametrize("main", ["serve", "spin"])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_and_its_workers_end_with_who_started_it(main: str, how: signal.Signals) -> None:
    with client(main) as (process, own, worker):
        assert is_there(own)
        assert is_there(worker)
        process.send_signal(how)
        process.wait()
        assert wait_for(lambda: not is_there(own))
        assert wait_for(lambda: not is_there(worker))


def test_it_ends_with_who_started_it_although_others_could_order() -> None:
    with client("spin", (), "shared") as (process, own, worker):
        process.kill()
        process.wait()
        assert wait_for(lambda: not is_there(own), seconds=5)
        assert wait_for(lambda: not is_there(worker), seconds=5)


def test_its_workers_end_with_it(forkserver: Forkserver) -> None:
    workers = [forkserver.order(order(main)) for main in ("serve", "spin")]
    os.kill(number_of(forkserver), signal.SIGKILL)
    assert wait_for(lambda: not any(each.running for each in workers))
    for each in workers:
        each.close()


def test_it_ends_when_nobody_is_left_who_could_order(forkserver: Forkserver) -> None:
    kept = os.dup(forkserver.descriptor)
    process = number_of(forkserver)
    assert forkserver._orders is not None
    forkserver._orders.close()
    time.sleep(0.2)
    assert is_there(process), "somebody else still has it"
    os.close(kept)
    assert wait_for(lambda: not is_there(process))


def test_many_share_it_and_none_ends_the_workers_of_another(forkserver: Forkserver) -> None:
    mine = forkserver.order(order())
    side = mine.side({})
    with (
        client("spin", [forkserver.descriptor]) as (first, none, spinning),
        client("serve", [forkserver.descriptor]) as (_, no, other),
    ):
        assert (none, no) == (0, 0)
        assert (
            {side.ask("session", gives=list[int], seconds=5)[2]}
            == {number_of(forkserver)}
            == {parent_of(spinning), parent_of(other)}
        )
        first.kill()
        first.wait()
        assert wait_for(lambda: not is_there(spinning)), "it does not even look at its connection"
        assert is_there(other)
    assert wait_for(lambda: not is_there(other))
    assert side.ask("session", gives=list[int], seconds=5)[0] == mine.pid
    mine.close()


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])


def test_a_worker_stands_alone(forkserver: Forkserver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUTLER_MAIL__HOME__PASSWORD", "canary")
    leaked = os.open("/dev/null", os.O_RDONLY)
    os.dup2(leaked, 200)
    with Forkserver(folders=(SERVERS,)) as forkserver, forkserver.order(order()) as worker:
        side = worker.side({})
        assert side.ask("open_descriptors", gives=list[int], seconds=5) == [0, 1, 2, 3]
        assert side.ask("environ", gives=dict[str, str], seconds=5) == dict(ENVIRONMENT)
        number, session, _ = side.ask("session", gives=list[int], seconds=5)
        assert number == session == worker.pid
        assert side.ask("folder", gives=str, seconds=5) == "/"
        # What a worker has there is for root only to look into; it is that of the process which forked it.
        for pid in (number_of(forkserver), *([worker.pid] if os.geteuid() == 0 else [])):
            assert b"canary" not in Path(f"/proc/{pid}/environ").read_bytes() + Path(f"/proc/{pid}/cmdline").read_bytes()
    os.close(leaked)
    os.close(200)


def test_what_is_loaded_beforehand_is_loaded_once(forkserver: Forkserver) -> None:
    times = set()
    for _ in range(3):
        with forkserver.order(order()) as worker:
            times.add(worker.side({}).ask("loaded", gives=int, seconds=5))
    with forkserver.order(Order("reader", "seam_workers:obliging")) as worker:
        assert worker.side({}).ask("add", 1, 1, gives=int, seconds=5) == 2, "what is not is loaded by the worker"
    assert len(times) == 1


def test_the_kernel_holds_it_to_its_role(forkserver: Forkserver) -> None:
    with forkserver.order(order()) as worker:
        assert worker.enforced["files"] is True
        assert worker.enforced["seccomp"] == "deny-list"


def test_nothing_is_left_of_five_hundred_workers(forkserver: Forkserver) -> None:
    forkserver.order(order()).close()
    process = number_of(forkserver)

    def held() -> tuple[int, int]:
        return descriptors(os.getpid()), descriptors(process)

    assert wait_for(lambda: not children(process))
    # What others left open in this process is not to be closed while these come and go.
    swept()
    before, memory = held(), memory_of(process, "Anonymous")
    for number in range(500):
        worker = forkserver.order(order("leave" if number % 5 == 0 else "serve"))
        if number % 3 == 0:
            worker.side({}).close()
        worker.close()
    assert wait_for(lambda: not children(process))
    assert wait_for(lambda: held() == before), held()
    assert memory_of(process, "Anonymous") - memory < 1_000_000


def children(pid: int) -> str:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")


def state_of(pid: int) -> str:
    """As `ps` tells it: S for who sleeps."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def memory_of(pid: int, kind: str) -> int:
    """Bytes of a kind: `Pss` divides what is shared by those who share it, of whom `Anonymous`, all its own, knows nothing."""
    found = re.search(rf"^{kind}:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


def test_it_is_small_and_does_nothing_while_nobody_orders(forkserver: Forkserver) -> None:
    forkserver.order(order()).close()
    process = number_of(forkserver)

    def ticks() -> int:
        return sum(map(int, Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]))

    # It has seen to the end of that worker.
    assert wait_for(lambda: not children(process) and state_of(process) == "S")
    time.sleep(0.2)
    before = ticks()
    time.sleep(1.0)
    assert ticks() == before
    assert memory_of(process, "Pss") < 16_000_000


def test_it_is_started_anew_when_it_died(forkserver: Forkserver) -> None:
    with forkserver.order(order()):
        first = number_of(forkserver)
        os.kill(first, signal.SIGKILL)
        assert wait_for(lambda: not is_there(first))
    assert not forkserver.running
    with forkserver.order(order()) as worker:
        assert worker.running
        assert number_of(forkserver) != first
    assert forkserver.running


def test_who_was_handed_one_that_died_starts_its_own(forkserver: Forkserver) -> None:
    other = Forkserver(forkserver.descriptor, folders=(SERVERS,))
    os.kill(number_of(forkserver), signal.SIGKILL)
    assert wait_for(lambda: not is_there(number_of(forkserver)))
    with other, other.order(order()) as worker:
        assert worker.running


def test_it_is_started_by_the_first_order_and_by_hand() -> None:
    forkserver = Forkserver(folders=(SERVERS,))
    told = [forkserver.running]
    forkserver.close()
    forkserver.start()
    told.append(forkserver.running)
    process = number_of(forkserver)
    forkserver.close()
    assert not is_there(process)
    assert [*told, forkserver.running] == [False, True, False]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Order("reader", "forked_workers:serve", ("no_such_module",)), "no_such_module cannot be loaded: No module named"),
        (
            Order("reader", "forked_workers:serve", ("falling_module",)),
            r"falling_module cannot be loaded: \[31mthe library is not there",
        ),
        (Order("reader", "no_such_module:serve"), "no_such_module cannot be loaded"),
        (Order("reader", "falling_module:serve"), "the library is not there"),
        (Order("reader", "forked_workers:none"), "has no attribute 'none'"),
        (Order("stranger", "forked_workers:serve"), "stranger"),  # type: ignore[arg-type]
    ],
)
def test_a_worker_that_does_not_start_says_why(forkserver: Forkserver, wrong: Order, said: str) -> None:
    with pytest.raises(StateError, match=said) as caught:
        forkserver.order(wrong)
    assert "does not start" in caught.value.sentence
    assert "\x1b" not in str(caught.value)
    with forkserver.order(order()) as worker:
        assert worker.running


def test_a_kernel_that_cannot_confine_starts_none_unless_that_is_wanted(forkserver: Forkserver) -> None:
    with pytest.raises(StateError, match="cannot confine") as caught:
        forkserver.order(Order("reader", "forked_workers:serve", ("broken_kernel",)))
    assert "degraded" in caught.value.advice
    with forkserver.order(Order("reader", "forked_workers:serve", degraded=True)) as worker:
        assert worker.running


def test_a_worker_that_hangs_at_its_start_is_not_waited_for(forkserver: Forkserver, monkeypatch: pytest.MonkeyPatch) -> None:
    forkserver.start()
    monkeypatch.setattr(worker_module, "_START_SECONDS", 0.5)
    process = number_of(forkserver)
    with pytest.raises(StateError, match="does not start"):
        forkserver.order(Order("reader", "slow_module:serve"))
    assert wait_for(lambda: not children(process))


@pytest.mark.parametrize("main", ["leave", "fall"])
def test_a_worker_that_ends_by_itself_is_seen_to(forkserver: Forkserver, main: str) -> None:
    worker = forkserver.order(order(main))
    assert wait_for(lambda: not worker.running)
    worker.close()
    assert worker.pid == 0
    worker.close()


def test_its_memory_has_a_limit_above_what_was_there(forkserver: Forkserver) -> None:
    with forkserver.order(order(limits=Limits(memory=100 << 20))) as worker:
        limit = resource.prlimit(worker.pid, resource.RLIMIT_AS)[0]
    with forkserver.order(order(limits=Limits(memory=200 << 20))) as worker:
        assert resource.prlimit(worker.pid, resource.RLIMIT_AS)[0] - limit == 100 << 20
        assert resource.prlimit(worker.pid, resource.RLIMIT_CORE) == (0, 0)


def test_an_order_that_is_too_long_troubles_nobody_else(forkserver: Forkserver) -> None:
    with forkserver.order(order()) as worker:
        with pytest.raises(StateError, match="does not start"):
            forkserver.order(order(reach=Reach(tuple("/x" * 1000 for _ in range(1000)))))
        with pytest.raises(StateError, match="does not start"):
            forkserver.order(order(reach=Reach(tuple("/x" * 50 for _ in range(1000)))))
        assert worker.running


def test_what_is_no_order_is_not_heard(forkserver: Forkserver) -> None:
    with socket.socket(fileno=os.dup(forkserver.descriptor)) as orders:
        orders.send(b"hello")
        ours, theirs = socket.socketpair()
        with ours, theirs:
            socket.send_fds(orders, [b"{}"], [theirs.fileno()])
            socket.send_fds(orders, [b"\x80"], [theirs.fileno(), os.pidfd_open(os.getpid())])
    with forkserver.order(order()) as worker:
        assert worker.running


def test_an_order_crosses_whole() -> None:
    whole = Order("files", "a:b", ("c", "d"), Reach(("/r",), ("/w",), ("/l",)), Limits(1, 2), degraded=True)
    assert read_order(whole.text()) == whole
    assert read_order(order().text()) == order()


def test_a_descriptor_of_the_process_says_when_it_ended(forkserver: Forkserver) -> None:
    worker: Worker = forkserver.order(order("leave"))
    poll = select.poll()
    assert worker._process is not None
    poll.register(worker._process, select.POLLIN)
    assert poll.poll(5000)
    worker.close()
