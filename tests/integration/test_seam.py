"""The seam to real workers: what is asked, asked back and streamed, how failures cross, and what a worker cannot do."""

from __future__ import annotations

import os
import resource
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from seam_workers import ANSWERS

from butler.core.errors import ButlerError, EffectError, LoginError, SettingsError, SourceError, StateError
from butler.core.mail import Address
from butler.sandbox import wire
from butler.sandbox.faults import pack_fault, unpack_fault
from butler.sandbox.hints import UnfitError
from butler.sandbox.order import Order
from butler.sandbox.seam import FOREVER, SeamDial, Side
from butler.sandbox.values import pack
from butler.sandbox.wire import TooLargeError
from butler.sandbox.worker import Forkserver, Worker, WorkerDiedError

SERVERS = str(Path(__file__).parent.parent / "servers")


@pytest.fixture(scope="module")
def forkserver() -> Iterator[Forkserver]:
    with Forkserver(folders=(SERVERS,)) as forkserver:
        yield forkserver


class Told:
    """What the trusted side offers in these tests, and what it was asked."""

    def __init__(self) -> None:
        self.side: Side | None = None
        self.asked: list[Any] = []
        self.slept = 0

    def offers(self) -> Mapping[str, Callable[..., Any]]:
        return {"double": self.double, "deeper": self.deeper, "refuses": self.refuses, "breaks": self.breaks, "slow": self.slow}

    def double(self, number: int) -> int:
        self.asked.append(number)
        return 2 * number

    def deeper(self, depth: int) -> int:
        assert self.side is not None
        deep: int = self.side.ask("deep", depth, gives=int, seconds=20)
        return deep

    def refuses(self) -> None:
        raise LoginError("Not with this password.", permanent=True, advice="Set another one.")

    def breaks(self) -> int:
        raise ZeroDivisionError("a mistake of ours")

    def slow(self) -> str:
        self.slept += 1
        return "slow"


class Case:
    """A worker of a role that does `main`, and this end of the seam to it."""

    def __init__(self, forkserver: Forkserver, main: str, more: Mapping[str, Callable[..., Any]] | None = None) -> None:
        self.told = Told()
        self.worker: Worker = forkserver.order(Order("reader", f"seam_workers:{main}", ("seam_workers",)))
        self.side = self.worker.side({**self.told.offers(), **(more or {})})
        self.told.side = self.side

    def ends(self) -> bool:
        """Whether the worker is gone, and asking again says so at once."""
        with pytest.raises(WorkerDiedError):
            self.side.ask("add", 1, 2, gives=int, seconds=5)
        return not self.worker.running


@pytest.fixture
def case(forkserver: Forkserver) -> Iterator[Case]:
    case = Case(forkserver, "obliging")
    yield case
    case.worker.close()


def test_what_is_asked_is_answered(case: Case) -> None:
    assert [case.side.ask("add", number, 1, gives=int, seconds=5) for number in range(100)] == list(range(1, 101))
    address = Address("Tom", "tom@nordwind.example")
    assert case.side.ask("echo", address, gives=Address, seconds=5) == address


@pytest.mark.parametrize("size", [0, 70_000, 30 << 20])
def test_much_is_asked_and_answered(case: Case, size: int) -> None:
    content = os.urandom(size)
    assert case.side.ask("echo", {"content": content, "text": "ü" * 1000}, gives=dict[str, object], seconds=20) == {
        "content": content,
        "text": "ü" * 1000,
    }


def test_what_is_asked_back_is_answered_meanwhile(case: Case) -> None:
    assert case.side.ask("back", "double", [21], gives=int, seconds=5) == 42
    assert case.side.ask("deep", 30, gives=int, seconds=20) == 30


def test_threads_of_a_worker_ask_back_one_after_the_other(case: Case) -> None:
    assert case.side.ask("threads", 8, gives=list[int], seconds=20) == sorted(
        2 * number for number in range(8) for _ in range(20)
    )


def test_threads_of_this_process_ask_one_after_the_other(case: Case) -> None:
    found: list[int] = []

    def ask(number: int) -> None:
        found.extend(case.side.ask("add", number, 1, gives=int, seconds=20) for _ in range(50))

    asking = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    assert sorted(found) == sorted(number + 1 for number in range(4) for _ in range(50))


def test_a_stream_gives_one_after_the_other(case: Case) -> None:
    streamed = case.side.stream("count", 5, 1, gives=Address, seconds=5)
    assert [each.name for each in streamed] == ["0", "1", "2", "3", "4"]
    assert case.told.asked == [0, 1, 2, 3, 4]
    assert list(case.side.stream("count", 0, 0, gives=Address, seconds=5)) == []


def test_a_stream_is_read_no_further_than_it_is_wanted(case: Case) -> None:
    streamed = case.side.stream("count", 1000, 1, gives=Address, seconds=5)
    assert next(streamed).name == "0"
    assert case.side.ask("add", 1, 1, gives=int, seconds=5) == 2, "between two of them, other things are asked"
    assert next(streamed).name == "1"
    streamed.close()
    assert case.told.asked == [0, 1]
    assert case.side.ask("stops", gives=int, seconds=5) == 1, "the worker knows that it is over"
    endless = case.side.stream("endless", gives=int, seconds=5)
    assert [next(endless) for _ in range(3)] == [0, 1, 2]
    endless.close()
    assert case.side.ask("add", 1, 1, gives=int, seconds=5) == 2


def test_a_stream_that_fails_has_given_what_came_before(case: Case) -> None:
    streamed = case.side.stream("faulty", gives=int, seconds=5)
    assert next(streamed) == 1
    with pytest.raises(EffectError, match="broke off") as caught:
        next(streamed)
    assert caught.value.wait == 2
    assert case.side.ask("add", 1, 1, gives=int, seconds=5) == 2


def test_a_stream_that_is_left_alone_by_a_dead_worker_is_closed_quietly(case: Case) -> None:
    streamed = case.side.stream("endless", gives=int, seconds=5)
    next(streamed)
    case.worker.close()
    streamed.close()
    with pytest.raises(WorkerDiedError):
        case.side.ask("add", 1, 1, gives=int, seconds=5)


def test_failures_cross_with_all_that_they_say(case: Case) -> None:
    with pytest.raises(EffectError) as effect:
        case.side.ask("fail", "effect", seconds=5)
    assert vars(effect.value) == vars(EffectError("No.", permanent=True, uncertain=True, held=True, wait=3.5, advice="Wait."))
    with pytest.raises(SettingsError) as wrong:
        case.side.ask("fail", "settings", seconds=5)
    assert wrong.value.problems == ("One.", "Two.")
    assert str(wrong.value) == str(SettingsError(["One.", "Two."]))
    with pytest.raises(PermissionError) as refused:
        case.side.ask("fail", "system", seconds=5)
    assert (refused.value.errno, refused.value.strerror) == (13, "Not here")
    with pytest.raises(socket.gaierror) as nowhere:
        case.side.ask("fail", "name", seconds=5)
    assert (nowhere.value.errno, str(nowhere.value)) == (-2, "[Errno -2] Name or service not known")
    with pytest.raises(TimeoutError, match=r"^timed out$"):
        case.side.ask("fail", "time", seconds=5)
    with pytest.raises(EffectError, match=r"^Own\.$") as own:
        case.side.ask("fail", "own", seconds=5)
    assert type(own.value) is EffectError
    assert case.worker.running


def test_what_fails_here_is_raised_there_and_comes_back(case: Case) -> None:
    with pytest.raises(LoginError) as caught:
        case.side.ask("back", "refuses", [], gives=int, seconds=5)
    assert vars(caught.value) == vars(LoginError("Not with this password.", permanent=True, advice="Set another one."))
    assert case.worker.running


def test_any_other_failure_is_the_end_of_the_worker(case: Case) -> None:
    with pytest.raises(WorkerDiedError, match="KeyError"):
        case.side.ask("fail", "bug", seconds=5)
    assert case.ends()


def test_a_mistake_of_ours_that_a_worker_provokes_ends_that_worker(case: Case) -> None:
    with pytest.raises(WorkerDiedError, match="a mistake of ours") as caught:
        case.side.ask("back", "breaks", [], gives=int, seconds=5)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert case.ends()


def test_a_worker_that_was_killed_is_noticed_at_once(case: Case) -> None:
    killing = threading.Timer(0.2, lambda: os.kill(case.worker.pid, signal.SIGKILL))
    killing.start()
    began = time.monotonic()
    with pytest.raises(WorkerDiedError):
        case.side.ask("work", 60.0, seconds=60)
    assert time.monotonic() - began < 5
    killing.join()
    assert case.ends()


def test_a_worker_is_closed_from_another_thread(case: Case) -> None:
    closing = threading.Timer(0.2, case.worker.close)
    closing.start()
    with pytest.raises(WorkerDiedError):
        case.side.ask("work", 60.0, seconds=60)
    closing.join()
    assert case.ends()


@pytest.mark.parametrize("main", ["silent", "dripping"])
def test_a_worker_that_overruns_its_time_is_killed(forkserver: Forkserver, main: str) -> None:
    case = Case(forkserver, main)
    began = time.monotonic()
    with pytest.raises(WorkerDiedError):
        case.side.ask("add", 1, 2, gives=int, seconds=0.3)
    assert time.monotonic() - began < 5
    assert case.ends()


def test_a_worker_that_does_not_read_is_killed(forkserver: Forkserver) -> None:
    case = Case(forkserver, "silent")
    with pytest.raises(WorkerDiedError):
        case.side.ask("echo", b"x" * (20 << 20), gives=bytes, seconds=0.3)
    assert case.ends()


def test_a_worker_that_asks_back_without_end_is_killed(forkserver: Forkserver, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(forkserver, "nagging")
    # What it is waited for counts fifty times, so that it has time to begin and not to go on for long.
    monkeypatch.setattr(wire, "monotonic", lambda: 50.0 * time.monotonic())
    with pytest.raises(WorkerDiedError):
        case.side.ask("add", 1, 2, gives=int, seconds=20)
    assert case.told.asked
    assert case.ends()


def test_a_worker_that_gives_more_than_it_is_asked_for_is_not_heard(forkserver: Forkserver) -> None:
    case = Case(forkserver, "greedy")
    with pytest.raises(WorkerDiedError):
        for _ in case.side.stream("count", gives=str, seconds=5):
            pass
    assert case.ends()


def test_what_this_end_does_meanwhile_does_not_count(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    # An hour goes by while it is done, so that the worker has a minute for its own part on a busy machine.
    monkeypatch.setattr(wire, "monotonic", lambda: time.monotonic() + 3600.0 * case.told.slept)
    assert case.side.ask("back", "slow", [], gives=str, seconds=60) == "slow"
    assert case.told.slept == 1


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_none_ends_the_worker(forkserver: Forkserver, name: str) -> None:
    case = Case(forkserver, "hostile")
    with pytest.raises(WorkerDiedError):
        case.side.ask(name, gives=int, seconds=5)
    assert case.ends()


def test_what_many_small_parts_take_in_memory_is_bounded(forkserver: Forkserver) -> None:
    case = Case(forkserver, "hostile")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(WorkerDiedError, match="too many parts"):
        case.side.ask("many", gives=int, seconds=20)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_what_is_too_large_is_not_sent_and_kills_nobody(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST_FRAME", 1000)
    with pytest.raises(TooLargeError):
        case.side.ask("echo", b"x" * 1001, gives=bytes, seconds=5)
    with pytest.raises(TypeError, match="does not cross"):
        case.side.ask("echo", object(), gives=bytes, seconds=5)
    assert case.side.ask("add", 1, 1, gives=int, seconds=5) == 2


def test_an_answer_over_the_limit_ends_the_worker(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST_FRAME", 1000)
    with pytest.raises(WorkerDiedError):
        case.side.ask("swell", 1001, gives=bytes, seconds=5)
    assert case.ends()


def test_an_answer_that_a_worker_cannot_send_ends_it(case: Case) -> None:
    with pytest.raises(WorkerDiedError, match="TooLargeError"):
        case.side.ask("swell", 65 << 20, gives=bytes, seconds=20)
    assert case.ends()


def test_a_connection_crosses_and_is_spoken_over_there(forkserver: Forkserver) -> None:
    noted: list[tuple[str, int, str, bytes]] = []

    def dial(host: str, port: int, seconds: float) -> socket.socket:
        if host != "imap.example":
            raise PermissionError(1, f"{host} is in no settings")
        return ours

    def secured(host: str, port: int, version: str, certificate: bytes) -> None:
        noted.append((host, port, version, certificate))

    ours, theirs = socket.socketpair()
    case = Case(forkserver, "obliging", {"dial": dial, "secured": secured})
    with theirs:
        theirs.sendall(b"welcome")
        assert case.side.ask("dialled", "imap.example", 993, gives=str, seconds=5) == "5.0 welcome"
        assert theirs.recv(100) == b"hello\n"
        assert theirs.recv(100) == b"", "nobody has it open any more"
    assert ours.fileno() == -1
    assert noted == [("imap.example", 993, "TLSv1.3", b"\x30\x82")]
    with pytest.raises(PermissionError, match="is in no settings"):
        case.side.ask("dialled", "evil.example", 993, gives=str, seconds=5)
    assert case.worker.running
    case.worker.close()


def test_a_connection_that_a_worker_sends_is_not_taken(forkserver: Forkserver) -> None:
    ours, theirs = socket.socketpair()
    hostile, peer = socket.socketpair()
    with theirs, hostile, peer:
        side = Side(ours, {})
        wire.Wire(theirs).send(pack(["gives", hostile])[0], wire.Patience(1))
        hostile.close()
        with pytest.raises(WorkerDiedError):
            side.ask("anything", gives=int, seconds=1)
        assert peer.recv(1) == b"", "it is closed"


def test_a_dial_has_the_time_that_its_socket_waits() -> None:
    ours, theirs = socket.socketpair()
    line, peer = socket.socketpair()
    with theirs, peer:
        serving = threading.Thread(target=Side(theirs, {"dial": lambda host, port, seconds: line}).serve)
        serving.start()
        side = Side(ours, {})
        with SeamDial(side)("imap.example", 993, 2.5) as again:
            assert again.gettimeout() == 2.5
        side.close()
        serving.join()


TLS = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate")
TLS.reason, TLS.verify_code, TLS.verify_message = "CERTIFICATE_VERIFY_FAILED", 18, "self-signed certificate"


@pytest.mark.parametrize(
    "error",
    [
        TLS,
        ssl.SSLEOFError(8, "EOF occurred in violation of protocol"),
        ssl.SSLError("no protocols available"),
        ConnectionRefusedError(111, "Connection refused"),
        ConnectionResetError(104, "Connection reset by peer"),
        TimeoutError(110, "Connection timed out"),
        OSError(101, "Network is unreachable"),
        OSError("odd"),
        socket.gaierror(-3, "Temporary failure in name resolution"),
        StateError("No.", advice="Do."),
        SourceError("Gone.", permanent=True),
    ],
)
def test_a_failure_is_the_same_at_the_other_end(error: ButlerError | OSError) -> None:
    again = unpack_fault(pack_fault(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.args == error.args
    assert {**vars(again)} == {**vars(error)}
    for name in ("errno", "strerror", "verify_code", "verify_message"):
        assert getattr(again, name, None) == getattr(error, name, None)


@pytest.mark.parametrize(
    "row", [[], [1], ["Exception", "a"], ["OSError"], ["OSError", "1", "a", {}], ["OSError", 1, "a", {"a": []}], ["StateError"]]
)
def test_a_failure_that_is_none_is_not_raised(row: list[Any]) -> None:
    with pytest.raises(UnfitError):
        unpack_fault(row)


def test_what_a_failure_says_is_cut() -> None:
    again = unpack_fault(pack_fault(StateError("x" * 100_000)))
    assert isinstance(again, StateError)
    assert len(again.sentence) < 5000


def test_an_end_that_was_closed_says_so() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        side = Side(ours, {})
        side.close()
        side.close()
        with pytest.raises(WorkerDiedError, match="closed"):
            side.ask("add", seconds=FOREVER)
