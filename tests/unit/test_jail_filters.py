"""The filters of the jail, run call by call: what they let through, refuse and kill, on both machines."""

import errno
import os
import struct
from collections.abc import Iterable

import pytest
from bpf_machine import Call, verdict

from butler.sandbox.bpf import ALLOW, KILL, REFUSE, UNKNOWN
from butler.sandbox.rulings import ALLOWED, KEEPING, REFUSED, Kind, rulings
from butler.sandbox.seccomp import filter_program
from butler.sandbox.syscalls import FIRST_UNKNOWN, MACHINES, Machine, call

OWN, OTHER = 4711, 1
KINDS: tuple[Kind, ...] = ("allow-list", "deny-list")
AF_INET, AF_NETLINK, AF_UNIX = 2, 16, 1
STREAM, DGRAM, SEQPACKET = 1, 2, 5
NONBLOCK_CLOEXEC = 0o2004000
THREAD = 0x3D0F00
"""What the C library starts a thread with."""
HIGH = 1 << 32

both_machines = pytest.mark.parametrize("machine", MACHINES.values(), ids=list(MACHINES))
both_kinds = pytest.mark.parametrize("kind", KINDS)


def said(machine: Machine, kind: Kind, name: str, *arguments: int, keeps: bool = False) -> int:
    program = filter_program(machine, kind, OWN, keeps=keeps)
    return verdict(program, Call(machine.numbers[name], machine.audit, arguments))


def on(machine: Machine, lists: Iterable[str]) -> list[str]:
    return [name for names in lists for name in names.split() if name in machine.numbers]


@pytest.mark.parametrize(
    ("name", "x86_64", "aarch64"),
    [
        *(("read", 0, 63), ("execve", 59, 221), ("socket", 41, 198), ("connect", 42, 203), ("ptrace", 101, 117)),
        *(("openat", 257, 56), ("clone", 56, 220), ("kill", 62, 129), ("prctl", 157, 167), ("ioctl", 16, 29)),
        *(("seccomp", 317, 277), ("mount", 165, 40), ("keyctl", 250, 219), ("bpf", 321, 280), ("futex", 202, 98)),
        *(("io_uring_setup", 425, 425), ("clone3", 435, 435), ("newfstatat", 262, 79), ("capset", 126, 91)),
    ],
)
def test_the_numbers_are_those_of_the_kernel(name: str, x86_64: int, aarch64: int) -> None:
    assert (MACHINES["x86_64"].numbers[name], MACHINES["aarch64"].numbers[name]) == (x86_64, aarch64)


@both_machines
def test_no_two_calls_have_one_number_and_all_are_known_ones(machine: Machine) -> None:
    assert len(set(machine.numbers.values())) == len(machine.numbers)
    assert max(machine.numbers.values()) < FIRST_UNKNOWN


def test_calls_are_made_by_these_numbers_here() -> None:
    assert call("getpid") == os.getpid()
    with pytest.raises(OSError, match="kill") as caught:
        call("kill", os.getpid(), 4096)
    assert caught.value.errno == errno.EINVAL


@both_machines
@both_kinds
def test_every_ruling_is_about_a_call_in_the_table(machine: Machine, kind: Kind) -> None:
    named = {ruling.name for ruling in rulings(kind, OWN, keeps=True)}
    assert named <= set(MACHINES["x86_64"].numbers) | set(MACHINES["aarch64"].numbers)
    assert {"execve", "socket", "ptrace", "io_uring_setup", "keyctl"} <= set(machine.numbers)


@both_machines
@both_kinds
def test_a_call_of_another_architecture_ends_the_process(machine: Machine, kind: Kind) -> None:
    program = filter_program(machine, kind, OWN, keeps=False)
    others = [0x40000003, 0x40000028, *(each.audit for each in MACHINES.values() if each is not machine)]
    assert {verdict(program, Call(machine.numbers["read"], audit)) for audit in others} == {KILL}


@both_machines
@both_kinds
def test_numbers_of_a_third_kind_end_the_process_and_new_ones_are_unknown(machine: Machine, kind: Kind) -> None:
    program = filter_program(machine, kind, OWN, keeps=False)
    assert {verdict(program, Call(number, machine.audit)) for number in (1 << 30, 1 << 30 | 59, -1)} == {KILL}
    assert {verdict(program, Call(number, machine.audit)) for number in (FIRST_UNKNOWN, 467, 900)} == {UNKNOWN}


@both_machines
@both_kinds
def test_what_is_refused_is_refused_whatever_it_asks(machine: Machine, kind: Kind) -> None:
    verdicts = {name: said(machine, kind, name, OWN, OWN, 1, keeps=True) for name in on(machine, REFUSED.values())}
    assert {name: each for name, each in verdicts.items() if each != REFUSE} == {}
    assert len(verdicts) > 90


@both_machines
def test_what_is_allowed_is_allowed_and_the_rest_is_as_the_list_says(machine: Machine) -> None:
    for name in on(machine, ALLOWED.values()):
        assert (name, said(machine, "allow-list", name)) == (name, ALLOW)
    unlisted = [Call(number, machine.audit) for number in range(FIRST_UNKNOWN) if number not in machine.numbers.values()]
    for kind, expected in zip(KINDS, (REFUSE, ALLOW), strict=True):
        program = filter_program(machine, kind, OWN, keeps=False)
        assert {verdict(program, each) for each in unlisted} == {expected}


@both_machines
def test_files_are_kept_only_where_something_may_be_written(machine: Machine) -> None:
    for name in on(machine, [KEEPING]):
        assert said(machine, "allow-list", name, keeps=True) == ALLOW
        assert said(machine, "allow-list", name) == REFUSE
    for kind in KINDS:
        assert said(machine, kind, "fchmod", 3, 0o644) == REFUSE
        assert said(machine, kind, "fchmod", 3, 0o644, keeps=True) == ALLOW
        assert {said(machine, kind, "fchmod", 3, mode, keeps=True) for mode in (0o4755, 0o2755, 0o1700, 0o666)} == {REFUSE}


@both_machines
@both_kinds
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((AF_UNIX, STREAM), ALLOW),
        ((AF_UNIX, SEQPACKET | NONBLOCK_CLOEXEC), ALLOW),
        ((AF_UNIX, DGRAM), REFUSE),
        ((AF_UNIX, DGRAM | NONBLOCK_CLOEXEC), REFUSE),
        ((AF_INET, STREAM), REFUSE),
        ((AF_NETLINK, STREAM), REFUSE),
        ((AF_UNIX | HIGH, DGRAM | HIGH), REFUSE),
    ],
)
def test_only_pairs_of_sockets_that_are_bound_to_each_other_are_made(
    machine: Machine, kind: Kind, arguments: tuple[int, ...], expected: int
) -> None:
    assert said(machine, kind, "socketpair", *arguments) == expected


@both_machines
@both_kinds
def test_signals_go_to_the_process_itself_only(machine: Machine, kind: Kind) -> None:
    for name in ("kill", "tgkill", "pidfd_open"):
        assert said(machine, kind, name, OWN) == ALLOW
        assert {said(machine, kind, name, each) for each in (OTHER, 0, -1, -OWN, OTHER | HIGH)} == {REFUSE}
    assert {said(machine, kind, "prlimit64", each) for each in (0, OWN)} == {ALLOW}
    assert said(machine, kind, "prlimit64", OTHER) == REFUSE


@both_machines
@both_kinds
def test_threads_are_started_but_no_processes_and_no_namespaces(machine: Machine, kind: Kind) -> None:
    assert said(machine, kind, "clone", THREAD) == ALLOW
    assert said(machine, kind, "clone", 17) == REFUSE
    namespaces = (1 << 17, 1 << 25, 1 << 26, 1 << 27, 1 << 28, 1 << 29, 1 << 30)
    assert {said(machine, kind, "clone", THREAD | each) for each in namespaces} == {REFUSE}
    assert {said(machine, kind, "clone", HIGH | each | 17) for each in namespaces} == {REFUSE}
    assert {said(machine, kind, name) for name in ("clone3", "openat2")} == {UNKNOWN}


@both_machines
@both_kinds
def test_nothing_is_sent_that_connects_while_it_sends(machine: Machine, kind: Kind) -> None:
    fast, quiet = 0x20000000, 0x4000
    for name, place in (("sendto", 3), ("sendmmsg", 3), ("sendmsg", 2)):
        before = (3, 0, 0)[:place]
        assert said(machine, kind, name, *before, quiet) == ALLOW
        assert said(machine, kind, name, *before, fast | quiet) == REFUSE


@both_machines
@both_kinds
def test_a_file_is_not_emptied_by_opening_it_to_read(machine: Machine, kind: Kind) -> None:
    opened = [("openat", 2)] + ([("open", 1)] if "open" in machine.numbers else [])
    for name, place in opened:
        before = (0, 0)[:place]
        for flags in (os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, os.O_RDWR, os.O_RDONLY | os.O_DIRECTORY):
            assert said(machine, kind, name, *before, flags | os.O_CLOEXEC) == ALLOW
        for flags in (os.O_RDONLY | os.O_TRUNC, 3, 3 | os.O_TRUNC, os.O_TRUNC | os.O_CREAT | HIGH):
            assert said(machine, kind, name, *before, flags) == REFUSE


@both_machines
@both_kinds
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("prctl", (15,), ALLOW),
        ("prctl", (4, 1), REFUSE),
        ("prctl", (22, 2), REFUSE),
        ("prctl", (0x59616D61, 1), REFUSE),
        ("prctl", (1, 0), REFUSE),
        ("ioctl", (0, 0x5401), ALLOW),
        ("ioctl", (0, 0x5421), ALLOW),
        ("ioctl", (0, 0x5412), REFUSE),
        ("ioctl", (0, 0x5412 | HIGH), REFUSE),
        ("ioctl", (0, 0x541C), REFUSE),
        ("fcntl", (3, 4), ALLOW),
        ("fcntl", (3, 8), REFUSE),
        ("fcntl", (3, 1026), REFUSE),
    ],
)
def test_descriptors_and_the_process_itself_are_asked_little(
    machine: Machine, kind: Kind, name: str, arguments: tuple[int, ...], expected: int
) -> None:
    assert said(machine, kind, name, *arguments) == expected


@both_machines
@both_kinds
def test_programs_are_short_enough_and_no_jump_is_too_far(machine: Machine, kind: Kind) -> None:
    program = filter_program(machine, kind, OWN, keeps=True)
    lines = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    assert len(lines) <= 4096
    assert all(place + max(yes, no) + 1 < len(lines) for place, (code, yes, no, _) in enumerate(lines) if code in {0x15, 0x35})
