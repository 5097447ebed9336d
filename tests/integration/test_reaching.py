"""How an address is reached within a time, and how a process that writes down whom it reached is known."""

import socket
import threading
import time
from pathlib import Path

import pytest
from echo_lines import lines, silent

from butler.dialing import ledger as ledger_module
from butler.dialing.ledger import is_alive, own_name
from butler.dialing.reaching import look_up, reach

HERE = "127.0.0.1"


def test_a_dead_address_leaves_time_for_the_next_one() -> None:
    with silent() as dead, lines() as heard:
        began = time.monotonic()
        # The dead one has a tenth of the time, so that whole seconds are left for the others, of which the first answers.
        places = [(HERE, dead), *[(HERE, heard.port)] * 9]
        made, address = reach([(socket.AF_INET, place) for place in places], 5.0)
        assert (made.getpeername(), address) == ((HERE, heard.port), HERE)
        assert 0.4 < time.monotonic() - began < 3
        made.close()
        with pytest.raises(socket.gaierror):
            reach([], 1.0)


def test_name_servers_that_do_not_answer_take_no_longer_than_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    over, real = threading.Event(), socket.getaddrinfo

    def slow(host: str, port: int, *, type: int, flags: int = 0) -> object:  # noqa: A002 - the name in `getaddrinfo`
        return real(host, port, type=type, flags=flags) if flags else over.wait(30) and []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        look_up("imap.example", 993, 0.2)
    assert time.monotonic() - began < 3
    assert look_up("127.0.0.1", 993, 0.2) == [(socket.AF_INET, (HERE, 993))]
    over.set()


def test_a_process_is_known_by_its_name_while_it_lives() -> None:
    assert is_alive(own_name())
    boot, number, started = own_name().split(":")
    for other in ("", "x", f"{boot}:{number}:{int(started) + 1}", f"00000000:{number}:{started}", f"{boot}:x:{started}", "::"):
        assert not is_alive(other)


def test_a_service_that_does_not_see_the_boot_is_known_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    with_boot = own_name()
    monkeypatch.setattr(ledger_module, "_BOOT", Path("/proc/sys/kernel/random/nothing"))
    assert own_name().startswith(":")
    assert is_alive(own_name())
    assert is_alive(with_boot)
    assert not is_alive(f":{own_name().split(':')[1]}:1")
