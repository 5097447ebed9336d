"""What a worker that was taken over would try with the kernel, its own rights and limits."""

import ctypes
import errno
import mmap
import os
import resource
import socket
import struct
import time

from jail_trying import World, attempt, death, text

from butler.sandbox.syscalls import call

_ADD = 0x0100
"""ADJ_SETOFFSET: so many seconds are added to the clock."""


@attempt(root=True, unsure=True)
def load_a_program_into_the_kernel(_: World) -> object:
    return call("bpf", 0, ctypes.create_string_buffer(struct.pack("=IIII", 2, 4, 4, 1) + bytes(56), 72), 72)


@attempt(root=True, unsure=True)
def count_events_of_the_machine(_: World) -> object:
    wanted = ctypes.create_string_buffer(struct.pack("=IIQ", 1, 120, 0) + bytes(104), 120)
    return call("perf_event_open", wanted, 0, -1, -1, 0)


@attempt(unsure=True)
def serve_its_own_faults(_: World) -> object:
    return call("userfaultfd", 1)


@attempt(root=True)
def be_somebody_else(_: World) -> None:
    os.setgid(1)
    os.setuid(1)


@attempt()
def take_its_rights_back(_: World) -> object:
    return call("capset", ctypes.create_string_buffer(struct.pack("=Ii", 0x20080522, 0), 8), ctypes.create_string_buffer(24))


@attempt()
def let_its_memory_be_dumped(_: World) -> object:
    return call("prctl", 4, 1, 0, 0, 0)


@attempt()
def outlive_its_starter(_: World) -> object:
    return call("prctl", 1, 0, 0, 0, 0)


@attempt()
def let_itself_leave_a_core(_: World) -> None:
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
    except ValueError as error:
        raise PermissionError(1, str(error)) from error


@attempt(root=True)
def set_the_clock(_: World) -> object:
    """To no other time: by a time that there is not, which only whoever may call for that is told, and by no second more.

    To set it to what it was a moment ago would be seen by all that runs here as a step back, a long one where that moment was.
    """
    try:
        call("clock_settime", time.CLOCK_REALTIME, ctypes.create_string_buffer(struct.pack("=qq", 0, 2 * 10**9), 16))
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    return call("clock_adjtime", time.CLOCK_REALTIME, ctypes.create_string_buffer(struct.pack("=I", _ADD), 208))


@attempt(root=True)
def rename_the_machine(_: World) -> None:
    socket.sethostname(socket.gethostname())


@attempt()
def share_memory_by_a_number(_: World) -> object:
    return _shared(call("shmget", 0, 4096, 0o1600))


def _shared(number: int) -> int:
    return call("shmctl", number, 0, None)


@attempt(unsure=True)
def open_a_queue_by_a_name(_: World) -> object:
    name = text(f"butler-test-{os.getpid()}")
    return call("mq_open", name, 0o102, 0o600, None), call("mq_unlink", name)


@attempt(unsure=True)
def find_a_file_by_its_handle(world: World) -> object:
    handle = ctypes.create_string_buffer(struct.pack("=Ii", 128, 0) + bytes(128), 136)
    return call("name_to_handle_at", -100, text(world.letter), handle, ctypes.create_string_buffer(4), 0)


@attempt()
def put_another_filter_over_itself(_: World) -> object:
    return call("seccomp", 2, 0, ctypes.create_string_buffer(4))


@attempt()
def join_its_pipes_without_copying(_: World) -> object:
    full, ours = os.pipe2(0)
    os.write(ours, b"x")
    return call("tee", full, os.pipe2(0)[1], 1, 0)


@attempt()
def become_a_program(_: World) -> None:
    os.execv("/bin/true", ["true"])


@death
def call_by_a_number_of_the_third_kind(_: World) -> object:
    return ctypes.CDLL(None).syscall(ctypes.c_long(0x40000000 | 39))


if os.uname().machine == "x86_64":

    @death
    def call_as_a_32_bit_program_would(_: World) -> object:
        page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        # mov eax, 20 (getpid); int 0x80; ret
        page.write(b"\xb8\x14\0\0\0\xcd\x80\xc3")
        return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
