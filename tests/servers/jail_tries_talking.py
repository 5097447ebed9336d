"""What a worker that was taken over would try with sockets, programs and other processes."""

import ctypes
import encodings.idna
import fcntl
import os
import resource
import signal
import socket
import struct
from pathlib import Path

from jail_trying import World, attempt

from butler.sandbox.syscalls import call

_TRUE = Path("/bin/true").read_bytes()
_NEEDED_LATE = encodings.idna
"""Else a user who may not read Python's code could not even look up a name."""


@attempt()
def connect_to_a_port(world: World) -> object:
    return socket.create_connection(("127.0.0.1", world.tcp), 5)


@attempt()
def connect_to_a_port_with_a_socket_it_was_handed(world: World) -> None:
    world.handed["tcp"].connect(("127.0.0.1", world.tcp))


@attempt()
def connect_to_a_port_while_sending(world: World) -> None:
    """With TCP fast open, which needs no call of connect."""
    world.handed["fast"].sendto(b"x", socket.MSG_FASTOPEN, ("127.0.0.1", world.tcp))


@attempt()
def connect_to_a_port_while_sending_a_message(world: World) -> None:
    world.handed["faster"].sendmsg([b"x"], [], socket.MSG_FASTOPEN, ("127.0.0.1", world.tcp))


@attempt()
def listen_on_a_port(_: World) -> object:
    return socket.create_server(("127.0.0.1", 0))


@attempt()
def bind_a_socket_it_was_handed(world: World) -> None:
    world.handed["bound"].bind(("127.0.0.1", 0))


@attempt()
def listen_with_a_socket_it_was_handed(world: World) -> None:
    world.handed["listening"].listen()


@attempt()
def send_udp(world: World) -> object:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", world.udp))


@attempt()
def send_udp_over_ipv6(world: World) -> object:
    return socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b"x", ("::1", world.udp))


@attempt(unsure=True)
def look_up_a_name(_: World) -> object:
    try:
        return socket.getaddrinfo("localhost.localdomain.example", 80)
    except socket.gaierror as error:
        raise PermissionError(1, str(error)) from error


@attempt()
def ask_a_name_server(_: World) -> object:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"\0" * 12, ("127.0.0.1", 53))


@attempt()
def talk_to_the_kernel_by_netlink(_: World) -> object:
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)


@attempt(root=True)
def open_a_raw_socket(_: World) -> object:
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)


@attempt(root=True, unsure=True)
def open_a_packet_socket(_: World) -> object:
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))


@attempt(unsure=True)
def open_a_vsock(_: World) -> object:
    return socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)


@attempt()
def open_a_pair_of_datagram_sockets(_: World) -> object:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)


@attempt()
def write_to_the_log_of_the_system(world: World) -> object:
    """With one of a pair that it makes: a datagram may be sent elsewhere."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b"x", world.log)


def _connect_unix(place: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(place)
    return connection


@attempt()
def ask_the_message_bus(world: World) -> object:
    return _connect_unix(world.bus)


@attempt()
def ask_the_agent_of_ssh(world: World) -> object:
    return _connect_unix(world.agent)


@attempt()
def ask_an_abstract_socket(world: World) -> object:
    return _connect_unix("\0" + world.abstract)


@attempt()
def ask_the_message_bus_with_a_socket_it_was_handed(world: World) -> None:
    world.handed["unix"].connect(world.bus)


@attempt()
def ask_an_abstract_socket_with_a_socket_it_was_handed(world: World) -> None:
    world.handed["abstract"].connect("\0" + world.abstract)


@attempt()
def fork_itself(_: World) -> None:
    if not (pid := os.fork()):
        os._exit(0)
    os.waitpid(pid, 0)


@attempt()
def fork_by_the_kernels_own_name(_: World) -> None:
    if not (pid := call("clone", signal.SIGCHLD, 0, 0, 0, 0)):
        os._exit(0)
    os.waitpid(pid, 0)


@attempt()
def start_a_program(_: World) -> None:
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)


@attempt()
def start_a_program_from_memory(_: World) -> None:
    number = os.memfd_create("program", 0)
    os.write(number, _TRUE)
    os.execve(number, ["true"], {})


@attempt(unsure=True)
def enter_a_namespace_of_users(_: World) -> object:
    return call("unshare", 0x10000000)


@attempt(root=True)
def enter_a_namespace_of_networks(_: World) -> object:
    return call("unshare", 0x40000000)


@attempt(unsure=True)
def start_a_process_in_a_new_namespace(_: World) -> None:
    if not (pid := call("clone", signal.SIGCHLD | 0x10000000, 0, 0, 0, 0)):
        os._exit(0)
    os.waitpid(pid, 0)


@attempt()
def start_a_process_by_the_newest_call(_: World) -> None:
    arguments = ctypes.create_string_buffer(struct.pack("=11Q", 0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0, 0, 0, 0), 88)
    if not (pid := call("clone3", arguments, 88)):
        os._exit(0)
    os.waitpid(pid, 0)


@attempt(root=True)
def join_a_namespace(world: World) -> object:
    return call("setns", world.namespace, 0)


@attempt()
def trace_its_parent(_: World) -> None:
    call("ptrace", 0x4206, os.getppid(), 0, 0)
    call("ptrace", 0x4207, os.getppid(), 0, 0)


@attempt()
def let_itself_be_traced(_: World) -> object:
    return call("ptrace", 0, 0, 0, 0)


@attempt()
def read_the_memory_of_its_parent_by_a_call(_: World) -> None:
    _reads("process_vm_readv")


@attempt()
def write_the_memory_of_its_parent_by_a_call(_: World) -> None:
    _reads("process_vm_writev")


def _reads(name: str) -> None:
    kept = ctypes.create_string_buffer(8)
    here = ctypes.create_string_buffer(struct.pack("=QQ", ctypes.addressof(kept), 8), 16)
    # The parent was forked into this process: what lies here lies there.
    call(name, os.getppid(), here, 1, here, 1, 0)


@attempt()
def signal_its_parent(_: World) -> None:
    os.kill(os.getppid(), 0)


@attempt()
def signal_its_group(_: World) -> None:
    os.kill(0, 0)


@attempt()
def signal_everybody(_: World) -> None:
    os.kill(-1, 0)


@attempt()
def signal_a_thread_of_its_parent(_: World) -> object:
    return call("tgkill", os.getppid(), os.getppid(), 0)


@attempt()
def signal_a_thread_by_its_number_alone(_: World) -> object:
    return call("tkill", os.getppid(), 0)


@attempt()
def signal_its_parent_by_a_descriptor(_: World) -> None:
    signal.pidfd_send_signal(os.pidfd_open(os.getppid()), 0)


@attempt()
def have_the_kernel_signal_its_parent(world: World) -> object:
    return fcntl.fcntl(world.handed["tcp"], fcntl.F_SETOWN, os.getppid())


@attempt()
def take_a_descriptor_of_its_parent(_: World) -> object:
    return os.pidfd_open(os.getppid())


@attempt()
def limit_its_parent(_: World) -> object:
    return resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)


@attempt()
def slow_its_parent_down(_: World) -> None:
    os.setpriority(os.PRIO_PROCESS, os.getppid(), os.getpriority(os.PRIO_PROCESS, os.getppid()))


@attempt(unsure=True)
def set_up_a_ring_of_calls(_: World) -> object:
    return call("io_uring_setup", 4, ctypes.create_string_buffer(120))
