"""What is read of processes from /proc, on a machine that is made up of files."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from butler.cli.proving import Surroundings, checks, is_confined, lines
from butler.core.proof import Proof
from butler.dialing.live import Process, Wire, family, listening

STATUS = "Name:\t{name}\nUmask:\t0022\nPPid:\t{parent}\nNoNewPrivs:\t{held}\nSeccomp:\t{seccomp}\nSeccomp_filters:\t1\n"
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
ROW = "   0: {local} {remote} {state} 00000000:00000000 00:00000000 00000000  1000        0 {inode} 1 0 100 0 0 10 0\n"
PAGE = "0100007F:21C2"
NOW = ZoneInfo("UTC")


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A daemon (7) with a worker (8), which has a child (9), and somebody else's process (10)."""
    for number, parent, name, seccomp in ((7, 1, "butler", 0), (8, 7, "butler-reader", 2), (9, 8, "x", 1), (10, 1, "other", 3)):
        folder = tmp_path / str(number)
        (folder / "fd").mkdir(parents=True)
        (folder / "net").mkdir()
        (folder / "status").write_text(STATUS.format(name=name, parent=parent, held=int(seccomp > 0), seccomp=seccomp))
    four = [
        ROW.format(local="0100007F:9C40", remote="070200C0:03E1", state="01", inode=501),
        ROW.format(local=PAGE, remote="00000000:0000", state="0A", inode=502),
        ROW.format(local="0100007F:9C41", remote="070200C0:0050", state="06", inode=503),
    ]
    six = [
        ROW.format(
            local="00000000000000000000000001000000:9C42",
            remote="B80D0120000000000000000007000000:01BB",
            state="02",
            inode=504,
        ),
        ROW.format(
            local="0000000000000000FFFF00000100007F:21C2",
            remote="0000000000000000FFFF00000200007F:9C43",
            state="01",
            inode=505,
        ),
    ]
    (tmp_path / "7/net/tcp").write_text(HEAD + "".join(four))
    (tmp_path / "7/net/tcp6").write_text(HEAD + "".join(six))
    for descriptor, target in {"3": "socket:[501]", "4": "/dev/null", "5": "socket:[503]", "6": "socket:[501]"}.items():
        (tmp_path / "7/fd" / descriptor).symlink_to(target)
    (tmp_path / "8/fd/3").symlink_to("socket:[504]")
    (tmp_path / "8/fd/4").symlink_to("socket:[505]")
    (tmp_path / "9/fd").rmdir()
    (tmp_path / "9/fd").write_text("")
    (tmp_path / "self").symlink_to("7")
    return tmp_path


def test_a_process_and_all_below_it_are_found_with_what_holds_them(proc: Path) -> None:
    daemon, worker, child = family(7, proc)
    assert (daemon.number, daemon.name, daemon.seccomp, daemon.no_new_privileges) == (7, "butler", "none", False)
    assert (worker.name, worker.seccomp, worker.no_new_privileges) == ("butler-reader", "filter", True)
    assert (child.seccomp, is_confined(worker), is_confined(child), is_confined(daemon)) == ("strict", True, False, False)
    assert family(10, proc)[0].seccomp == "unknown"
    assert family(11, proc) == []


def test_connections_are_read_in_both_families_and_only_those_that_are_there(proc: Path) -> None:
    daemon, worker, child = family(7, proc)
    assert daemon.wires == (Wire(("127.0.0.1", 40000), ("192.0.2.7", 993), 501),)
    assert worker.wires is not None
    assert {wire.remote for wire in worker.wires} == {("2001:db8::7", 443), ("127.0.0.2", 40003)}
    assert child.wires is None
    assert listening(7, proc) == {8642}


def test_a_process_that_went_has_none(proc: Path) -> None:
    (proc / "8/fd/3").unlink()
    (proc / "8/fd/4").unlink()
    (proc / "8/fd").rmdir()
    assert family(8, proc)[0].wires == ()
    assert listening(99, proc) == frozenset()


def around(*processes: Process, unit: tuple[tuple[str, str], ...] = ()) -> Surroundings:
    roles = [("parser", "Confined: files"), ("files", "Confined: files"), ("reader", "Confined: ports")]
    return Surroundings(Path("/a state"), NOW, 3, "ab" * 32, "This one has Landlock 7.", roles, processes, unit)


def shown(surroundings: Surroundings) -> str:
    return "\n".join(lines(Proof(datetime(2026, 11, 25, tzinfo=UTC), ()), surroundings, "Today"))


def test_what_runs_is_told_with_what_holds_it() -> None:
    text = shown(
        around(
            Process(7, "butler", "none", no_new_privileges=False, wires=None),
            Process(6, "pass", "none", no_new_privileges=False, wires=()),
            Process(9, "butler-forks", "none", no_new_privileges=False, wires=()),
            Process(8, "butler-reader", "filter", no_new_privileges=True, wires=(Wire(("a", 1), ("b", 2), 3),)),
        )
    )
    assert "7  butler: not confined: it dials and has the secrets;" in text
    assert "6 pass: not confined: it is a program that your settings name;" in " ".join(text.split())
    assert "9 butler-forks: not confined: it starts the workers, and neither dials nor has secrets;" in " ".join(text.split())
    assert "its connections are shown to root alone" in " ".join(text.split())
    assert "8  butler-reader: confined: Seccomp 2, NoNewPrivs 1; 1 connection" in text
    assert "parser, files: Confined: files" in text
    assert "grep -E 'Seccomp:|NoNewPrivs' /proc/8/status" in text
    assert "grep -E 'pid=(7|6|9|8),'" in text


def test_what_systemd_holds_the_unit_to_is_told_where_there_is_one() -> None:
    assert "systemd" not in shown(around())
    text = shown(around(unit=(("IPAddressDeny", "::/0 0.0.0.0/0"),)))
    assert "  IPAddressDeny=::/0 0.0.0.0/0" in text
    assert "systemctl show -p IPAddressAllow -p IPAddressDeny butler.service" in text


def test_a_command_to_check_with_can_be_pasted() -> None:
    commands = dict(checks(around()))
    assert commands["all connections, by another program"].startswith("sqlite3 -readonly '/a state/butler.db' ")
