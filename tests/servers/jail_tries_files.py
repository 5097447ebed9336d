"""What a worker that was taken over would try with files, folders and devices."""

import ctypes
import os
import struct
from pathlib import Path

from jail_trying import World, attempt, text

from butler.sandbox.syscalls import call

_HERE = Path(__file__).resolve()
_AT_FDCWD = -100


def openat2(path: str, flags: int, mode: int = 0) -> int:
    """The call that opens files, and of which no filter sees what it is asked."""
    how = struct.pack("=QQQ", flags | os.O_CLOEXEC, mode, 0)
    return call("openat2", _AT_FDCWD, text(path), ctypes.create_string_buffer(how, len(how)), len(how))


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


@attempt(root=True)
def mount_a_folder(world: World) -> None:
    call("mount", text("none"), text(f"{world.home}/mount"), text("tmpfs"), 0, None)
    call("umount2", text(f"{world.home}/mount"), 0)


@attempt(root=True)
def unmount_a_folder(world: World) -> None:
    try:
        call("umount2", text(f"{world.home}/mount"), 0)
    except OSError as error:
        if error.errno != 22:
            raise


@attempt(root=True)
def change_its_root(world: World) -> None:
    os.chroot(world.home)


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
def empty_a_file_it_may_read_by_a_call_that_no_filter_sees_into(world: World) -> object:
    return openat2(f"{world.own}/note.md", os.O_RDONLY | os.O_TRUNC)


@attempt()
def read_a_key_by_a_call_that_no_filter_sees_into(world: World) -> object:
    return openat2(world.key, os.O_RDONLY)


@attempt()
def make_a_file_by_a_call_that_no_filter_sees_into(world: World) -> object:
    return openat2(f"{world.own}/newer.md", os.O_WRONLY | os.O_CREAT, 0o4755)


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
    return call("inotify_add_watch", number, text(f"{world.home}/.ssh"), 0xFFF)


@attempt(unsure=True)
def ask_the_keyring(_: World) -> object:
    return call("keyctl", 0, -3, 1)


@attempt(unsure=True)
def put_a_key_into_the_keyring(_: World) -> object:
    return call("add_key", text("user"), text("butler-test"), text("x"), 1, -2)
