"""What a worker that was taken over would try, one thing each; an attempt that comes to its end has succeeded."""

import ctypes
import encodings.idna
import fcntl
import mmap
import os
import resource
import signal
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from butler.sandbox.syscalls import call

Attempt = Callable[["World"], object]


@dataclass
class World:
    """What was planted: folders, sockets and processes; `handed` are sockets of the process, connected to nothing."""

    home: str
    own: str
    bus: str
    agent: str
    log: str
    abstract: str
    tcp: int
    udp: int
    kept: str = ""
    namespace: int = -1
    handed: dict[str, socket.socket] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.home}/.ssh/id_ed25519"

    @property
    def letter(self) -> str:
        return f"{self.home}/letter.txt"


_TRUE = Path("/bin/true").read_bytes()
_NEEDED_LATE = encodings.idna
"""Else a user who may not read Python's code could not even look up a name."""
_HERE = Path(__file__).resolve()

ATTEMPTS: dict[str, Attempt] = {}
ROOT_ONLY: set[str] = set()
"""What only root can do, jail or not."""
UNSURE: set[str] = set()
"""What a kernel may refuse to anybody."""


def attempt(root: bool = False, unsure: bool = False) -> Callable[[Attempt], Attempt]:
    """Make a function an attempt; `root` and `unsure` say why it may fail without any jail."""

    def known(function: Attempt) -> Attempt:
        name = function.__name__
        ATTEMPTS[name] = function
        ROOT_ONLY.update({name} if root else ())
        UNSURE.update({name} if unsure else ())
        return function

    return known


@attempt()
def read_a_key(world: World) -> object:
    return Path(world.key).read_bytes()


@attempt()
def list_the_folder_of_keys(world: World) -> object:
    return list(Path(world.key).parent.iterdir())


@attempt()
def read_a_key_through_a_link_in_its_folder(world: World) -> object:
    return Path(f"{world.own}/link").read_bytes()


@attempt()
def read_a_key_by_a_path_out_of_its_folder(world: World) -> object:
    return Path(f"{world.own}/../home/.ssh/id_ed25519").read_bytes()


@attempt()
def read_the_environment_of_its_parent(_: World) -> object:
    return Path(f"/proc/{os.getppid()}/environ").read_bytes()


@attempt()
def read_the_memory_of_its_parent(_: World) -> object:
    return os.open(f"/proc/{os.getppid()}/mem", os.O_RDONLY)


@attempt()
def read_its_own_environment(_: World) -> object:
    return Path("/proc/self/environ").read_bytes()


@attempt()
def write_its_own_memory(_: World) -> object:
    return os.open("/proc/self/mem", os.O_RDWR)


@attempt()
def read_who_has_accounts(_: World) -> object:
    return Path("/etc/passwd").read_bytes()


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


@attempt(root=True)
def mount_a_folder(world: World) -> None:
    call("mount", _text("none"), _text(f"{world.home}/mount"), _text("tmpfs"), 0, None)
    call("umount2", _text(f"{world.home}/mount"), 0)


@attempt(root=True)
def unmount_a_folder(world: World) -> None:
    try:
        call("umount2", _text(f"{world.home}/mount"), 0)
    except OSError as error:
        if error.errno != 22:
            raise


@attempt(root=True)
def change_its_root(world: World) -> None:
    os.chroot(world.home)


def _text(text: str) -> ctypes.Array[ctypes.c_char]:
    return ctypes.create_string_buffer(text.encode())


@attempt()
def change_the_mode_of_a_file(world: World) -> None:
    Path(world.letter).chmod(0o600)


@attempt()
def change_the_mode_of_a_file_it_may_read(world: World) -> None:
    Path(f"{world.own}/note.md").chmod(0o666)


@attempt()
def lend_a_file_its_owners_rights(world: World) -> None:
    os.fchmod(os.open(f"{world.own}/note.md", os.O_RDONLY), 0o4755)


@attempt()
def give_a_file_away(world: World) -> None:
    os.chown(world.letter, os.getuid(), os.getgid())


@attempt()
def change_the_times_of_a_file(world: World) -> None:
    os.utime(world.letter)


@attempt(unsure=True)
def read_the_attributes_of_a_file(world: World) -> object:
    return os.listxattr(world.letter)


@attempt()
def empty_a_file(world: World) -> None:
    os.truncate(world.letter, 0)


@attempt()
def empty_a_file_it_may_read(world: World) -> None:
    os.truncate(f"{world.own}/note.md", 0)


@attempt()
def empty_a_file_by_opening_it_to_read(world: World) -> object:
    return os.open(f"{world.own}/note.md", os.O_RDONLY | os.O_TRUNC)


@attempt()
def empty_a_file_by_opening_it_for_neither(world: World) -> object:
    return os.open(world.letter, 3 | os.O_TRUNC)


@attempt()
def write_into_a_file_it_may_read(world: World) -> object:
    return os.open(f"{world.own}/note.md", os.O_WRONLY | os.O_APPEND)


@attempt()
def write_a_file_beside_those_it_may_read(world: World) -> object:
    return os.open(f"{world.own}/new.md", os.O_WRONLY | os.O_CREAT)


@attempt()
def make_a_folder_beside_those_it_may_read(world: World) -> None:
    Path(f"{world.own}/new").mkdir()


@attempt()
def make_a_link_to_a_key(world: World) -> None:
    os.link(world.key, f"{world.kept or world.own}/linked")


@attempt()
def make_a_symbolic_link(world: World) -> None:
    Path(f"{world.kept or world.own}/symbolic").symlink_to(world.key)


@attempt()
def remove_a_file_it_may_read(world: World) -> None:
    Path(f"{world.own}/gone.md").unlink()


@attempt()
def rename_a_file_it_may_read(world: World) -> None:
    Path(f"{world.own}/moved.md").rename(f"{world.own}/moved away.md")


@attempt(root=True)
def write_into_the_code(_: World) -> object:
    return os.open(_HERE, os.O_WRONLY | os.O_APPEND)


@attempt()
def open_a_device(_: World) -> object:
    return os.open("/dev/zero", os.O_RDONLY)


@attempt()
def open_a_device_for_nothing_but_asking_it(_: World) -> object:
    return os.open("/dev/zero", 3)


@attempt(root=True)
def open_the_log_of_the_kernel(_: World) -> object:
    return os.open("/dev/kmsg", os.O_RDONLY)


@attempt(root=True)
def make_a_device(world: World) -> None:
    os.mknod(f"{world.kept or world.home}/device", 0o600 | 0o020000, os.makedev(1, 5))


@attempt()
def make_a_named_pipe(world: World) -> None:
    os.mkfifo(f"{world.kept or world.home}/pipe")


@attempt(unsure=True)
def watch_the_folder_of_keys(world: World) -> object:
    number = call("inotify_init1", 0)
    return call("inotify_add_watch", number, _text(f"{world.home}/.ssh"), 0xFFF)


@attempt(unsure=True)
def ask_the_keyring(_: World) -> object:
    return call("keyctl", 0, -3, 1)


@attempt(unsure=True)
def put_a_key_into_the_keyring(_: World) -> object:
    return call("add_key", _text("user"), _text("butler-test"), _text("x"), 1, -2)


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
def set_the_clock(_: World) -> None:
    time.clock_settime(time.CLOCK_REALTIME, time.time())


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
    name = _text(f"butler-test-{os.getpid()}")
    return call("mq_open", name, 0o102, 0o600, None), call("mq_unlink", name)


@attempt(unsure=True)
def find_a_file_by_its_handle(world: World) -> object:
    handle = ctypes.create_string_buffer(struct.pack("=Ii", 128, 0) + bytes(128), 136)
    return call("name_to_handle_at", -100, _text(world.letter), handle, ctypes.create_string_buffer(4), 0)


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


DEATHS: dict[str, Attempt] = {}
"""What no honest program does: it ends the process."""


def death(function: Attempt) -> Attempt:
    """Make a function one of them."""
    DEATHS[function.__name__] = function
    return function


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
