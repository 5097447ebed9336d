"""Whatever is opened below a folder lies there: by the kernel's own call and without it, whoever swaps what meanwhile."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import pytest

from butler.core.accounts import NotesFolder
from butler.core.effects import MoveFile, PutFile, RestoreFile, Seen
from butler.core.errors import EffectError
from butler.sandbox.landlock import TRUNCATING_ABI, landlock_abi
from butler.sandbox.order import Order
from butler.sandbox.reach import Reach
from butler.sandbox.worker import Forkserver
from tools.files import TOOL, beneath
from tools.files.beneath import NoFileError, by_steps, open_beneath, open_file, openat2, opened_root

Opening = Callable[[int, str, int], int]
ROUNDS, SWAPPED, HANDED = 3_000, 50, 400
ANY = r"."
SERVERS = str(Path(__file__).parent.parent / "servers")
both_ways = pytest.mark.parametrize("opening", [openat2, by_steps], ids=["by the kernel", "by steps"])


@pytest.fixture
def root(tmp_path: Path) -> Iterator[int]:
    """A folder with a file in it, and secrets beside it."""
    (tmp_path / "root" / "sub").mkdir(parents=True)
    (tmp_path / "root" / "sub" / "a.txt").write_text("mine")
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside" / "a.txt").write_text("secret")
    with opened_root(str(tmp_path / "root")) as folder:
        yield folder


def content(descriptor: int) -> bytes:
    with open(descriptor, "rb") as file:
        return file.read()


@both_ways
def test_a_file_below_is_opened(root: int, opening: Opening) -> None:
    assert content(opening(root, "sub/a.txt", beneath.READING)) == b"mine"


@both_ways
@pytest.mark.parametrize("name", ["link/a.txt", "sub/link.txt", "circle", "proc/self/root/etc/passwd", "fd"])
def test_no_link_is_followed_wherever_it_leads(root: int, tmp_path: Path, opening: Opening, name: str) -> None:
    (tmp_path / "root" / "link").symlink_to("../beside")
    (tmp_path / "root" / "sub" / "link.txt").symlink_to(tmp_path / "beside" / "a.txt")
    (tmp_path / "root" / "circle").symlink_to("circle")
    (tmp_path / "root" / "proc").symlink_to("/proc")
    (tmp_path / "root" / "fd").symlink_to(f"/proc/self/fd/{root}")
    with pytest.raises(OSError, match=ANY) as told:
        opening(root, name, beneath.READING)
    assert told.value.errno in {errno.ELOOP, errno.ENOTDIR}


@both_ways
def test_what_proc_has_instead_of_links_is_not_followed_either(opening: Opening) -> None:
    """Where /proc itself lies below the folder, as by a mount."""
    with opened_root("/proc") as folder:
        assert content(opening(folder, f"{os.getpid()}/comm", beneath.READING))
        for name in ("cwd", "root", "exe", "fd/0", "root/etc/passwd"):
            with pytest.raises(OSError, match=ANY) as told:
                opening(folder, f"{os.getpid()}/{name}", beneath.READING)
            assert told.value.errno in {errno.ELOOP, errno.ENOTDIR}


@pytest.mark.parametrize(
    "name", ["../beside/a.txt", "sub/../../beside/a.txt", "/etc/passwd", "", ".", "sub//a.txt", "a\0b", "sub/"]
)
def test_a_path_that_leads_elsewhere_is_refused_before_it_is_tried(root: int, name: str) -> None:
    with pytest.raises(OSError, match="elsewhere"):
        open_beneath(root, name, beneath.READING)


def test_the_kernel_refuses_it_by_itself_as_well(root: int) -> None:
    for name in ("../beside/a.txt", "/etc/passwd"):
        with pytest.raises(OSError, match=ANY) as told:
            openat2(root, name, beneath.READING)
        assert told.value.errno == errno.EXDEV


def test_a_name_of_any_bytes_but_the_longest_is_opened(root: int, tmp_path: Path) -> None:
    for name in (b"new\nline.txt", b"b\xfcro.txt", b"\x1b[31mred", "e\u0301".encode(), "\u00e9".encode(), b"~", b"x" * 255):
        (tmp_path / "root" / os.fsdecode(name)).write_bytes(name)
        assert content(open_file(root, os.fsdecode(name))) == name
    for long in ("x" * 256, "/".join(["sub"] * 2_000)):
        with pytest.raises(OSError, match=ANY) as told:
            open_file(root, long)
        assert told.value.errno == errno.ENAMETOOLONG


def test_what_is_no_plain_file_is_refused_and_holds_nobody_up(root: int, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "root" / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "root" / "s"))
        for name in ("pipe", "sub", "s"):
            with pytest.raises(OSError, match=ANY):
                open_file(root, name)
    with opened_root("/dev") as devices:
        for name in ("null", "zero", "full"):
            with pytest.raises(NoFileError):
                open_file(devices, name)


def test_without_the_call_it_goes_by_steps(root: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: object) -> int:
        ctypes.set_errno(errno.ENOSYS)
        return -1

    monkeypatch.setattr(beneath, "_call", lambda: unknown)
    assert content(open_file(root, "sub/a.txt")) == b"mine"


SWAPS = """
import os, sys
real, away, link = sys.argv[1:]
os.write(1, b"!")
while True:
    os.rename(real, away)
    os.rename(link, real)
    os.rename(real, link)
    os.rename(away, real)
"""


@contextmanager
def swapping(real: Path, away: Path, link: Path) -> Iterator[None]:
    """Have another process make a link of a folder and a folder of the link again, as fast as that goes."""
    argv = [sys.executable, "-S", "-c", SWAPS, str(real), str(away), str(link)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        try:
            # Nothing is read before it is at work: a busy machine takes longer to start it than all the reading takes.
            assert process.stdout
            assert process.stdout.read(1) == b"!"
            yield
        finally:
            process.kill()


@both_ways
@pytest.mark.parametrize("part", ["sub", "sub/a.txt"], ids=["a folder", "the file"])
def test_a_link_that_is_swapped_in_while_it_is_read_is_never_followed(
    root: int, tmp_path: Path, opening: Opening, part: str
) -> None:
    target = tmp_path / "beside" if part == "sub" else tmp_path / "beside" / "a.txt"
    link = tmp_path / "root" / "link"
    link.symlink_to(target)
    rounds = swaps = 0
    last = b"mine"
    with swapping(tmp_path / "root" / part, tmp_path / "root" / "away", link):
        while rounds < ROUNDS or swaps < SWAPPED:
            read = tried(opening, root, "sub/a.txt")
            assert read in {b"mine", b""}
            rounds, swaps, last = rounds + 1, swaps + (read != last), read
            assert rounds < 100 * ROUNDS, "it was hardly swapped while it was read"


def tried(opening: Opening, root: int, name: str) -> bytes:
    try:
        return content(opening(root, name, beneath.READING))
    except OSError:
        return b""


def test_hands_write_move_and_remove_nothing_through_a_link_that_is_swapped_in(root: int, tmp_path: Path) -> None:
    (tmp_path / "root" / "link").symlink_to(tmp_path / "beside")
    hands = TOOL.hands(NotesFolder("papers", tmp_path / "root", kept=tmp_path / "kept", documents=True))
    done = 0
    with swapping(tmp_path / "root" / "sub", tmp_path / "root" / "away", tmp_path / "root" / "link"):
        for number in range(HANDED):
            new = PutFile(account="papers", path=f"sub/{number}.txt", content="new", before="")
            move = MoveFile(account="papers", path="sub/a.txt", target="sub/b.txt", before=sha256(b"secret").hexdigest())
            away = RestoreFile(account="papers", path="sub/a.txt", before=sha256(b"secret").hexdigest(), kept="")
            for effect in (new, move, away):
                with suppress(EffectError):
                    done += bool(hands.act(effect, Seen(state="open")).sentence)
    assert [each.name for each in (tmp_path / "beside").iterdir()] == ["a.txt"]
    assert (tmp_path / "beside" / "a.txt").read_text() == "secret"
    assert 0 < done < HANDED, "it was never swapped, or always"


@pytest.mark.skipif(landlock_abi() < TRUNCATING_ABI, reason="this kernel's Landlock does not know truncating")
def test_a_confined_worker_of_a_folder_has_the_call_and_no_other_role_does(tmp_path: Path, root: int) -> None:
    folder = str(tmp_path / "root")
    (tmp_path / "root" / "link").symlink_to("sub/a.txt")
    with Forkserver(folders=(SERVERS,)) as forkserver:
        for role, answer in (("files", b"mine"), ("reader", None)):
            order = Order(role, "beneath_worker:serve", ("beneath_worker",), Reach(read=(folder,)))  # type: ignore[arg-type]
            worker = forkserver.order(order)
            side = worker.side({})
            if answer is None:
                with pytest.raises(OSError, match="not implemented"):
                    side.ask("read", folder, "sub/a.txt", gives=bytes, seconds=30.0)
            else:
                assert side.ask("read", folder, "sub/a.txt", gives=bytes, seconds=30.0) == answer
                with pytest.raises(OSError, match="symbolic links"):
                    side.ask("read", folder, "link", gives=bytes, seconds=30.0)
            worker.close()
