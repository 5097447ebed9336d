"""What a worker needs for its work, one thing each: it has to come to its end inside the jail."""

import asyncio
import concurrent.futures.thread
import os
import resource
import signal
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

from jail_attempts import World

from butler.sandbox.syscalls import call
from tools.files.beneath import open_file

Need = Callable[[World], object]

_NEEDED_LATE = concurrent.futures.thread

NEEDS: dict[str, Need] = {}
EVERYBODY: set[str] = set()
"""What works for a user who may not even read Python's own code, all being loaded."""


def need(of_everybody: bool = False) -> Callable[[Need], Need]:
    """Make a function a need."""

    def known(function: Need) -> Need:
        NEEDS[function.__name__] = function
        EVERYBODY.update({function.__name__} if of_everybody else ())
        return function

    return known


@need(of_everybody=True)
def read_its_folder(world: World) -> None:
    assert Path(f"{world.own}/note.md").read_text(encoding="utf-8") == "note"
    assert "note.md" in {each.name for each in Path(world.own).iterdir()}


@need(of_everybody=True)
def open_what_lies_below_its_folder_and_no_link(world: World) -> None:
    folder = os.open(world.own, os.O_RDONLY)
    with open(open_file(folder, "note.md"), encoding="utf-8") as file:
        assert file.read() == "note"
    try:
        open_file(folder, "link")
    except OSError:
        return
    raise AssertionError("it followed a link")


@need(of_everybody=True)
def keep_files_where_it_may(world: World) -> None:
    """As a Maildir is written: a file comes into one folder and is moved to another, with the mode it had."""
    if not world.kept:
        return
    for name in ("tmp", "new"):
        Path(f"{world.kept}/{name}").mkdir()
    with Path(f"{world.kept}/tmp/mail").open("w", encoding="utf-8") as file:
        file.write("mail")
        file.flush()
        os.fchmod(file.fileno(), 0o640)
        os.fsync(file.fileno())
    os.link(f"{world.kept}/tmp/mail", f"{world.kept}/new/linked")
    Path(f"{world.kept}/tmp/mail").rename(f"{world.kept}/new/mail")
    Path(f"{world.kept}/new/mail").write_text("shorter", encoding="utf-8")
    Path(f"{world.kept}/new/linked").unlink()
    Path(f"{world.kept}/tmp").rmdir()


@need()
def import_what_is_needed_late(_: World) -> None:
    for name in (
        "decimal",
        "sqlite3",
        "lxml.html",
        "icalendar",
        "email.mime.text",
        "tools.mail.message",
        "tools.calendar.ical",
    ):
        import_module(name)


@need()
def read_mail(_: World) -> None:
    message = import_module("email").message_from_bytes(b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHello")
    assert message.get_payload() == "Hello"
    assert import_module("lxml.html").fromstring("<p>Hello <b>you</b></p>").text_content() == "Hello you"


@need(of_everybody=True)
def know_the_time_everywhere(_: World) -> None:
    for name in ("Asia/Tokyo", "Europe/Berlin", "America/New_York"):
        assert datetime.now(ZoneInfo(name)).tzinfo
    assert datetime.now().astimezone().tzinfo


@need(of_everybody=True)
def run_threads(_: World) -> None:
    done: list[int] = []
    threads = [threading.Thread(target=done.append, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == list(range(8))


@need(of_everybody=True)
def run_a_loop(_: World) -> None:
    async def both() -> None:
        await asyncio.gather(asyncio.sleep(0.01), asyncio.to_thread(sum, [1, 2]))

    asyncio.run(both())


@need(of_everybody=True)
def signal_itself(_: World) -> None:
    heard: list[int] = []
    signal.signal(signal.SIGUSR1, lambda number, _: heard.append(number))
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.raise_signal(signal.SIGUSR1)
    assert heard == [signal.SIGUSR1] * 2


@need(of_everybody=True)
def allocate_and_free(_: World) -> None:
    for _round in range(3):
        kept = [bytes(1 << 20) for _ in range(64)]
        del kept


@need(of_everybody=True)
def find_no_program_and_say_so(_: World) -> None:
    try:
        subprocess.run(["true"], check=True)
    except PermissionError:
        return
    raise AssertionError("it could start one")


@need()
def talk_tls_over_a_connection_that_it_was_handed(world: World) -> None:
    """With the certificates of authorities loaded, as a library does; the test's own is added to them."""
    context = ssl.create_default_context(cafile=f"{world.own}/authority.pem")
    context.load_default_certs()
    with context.wrap_socket(world.handed["connected"], server_hostname="127.0.0.1") as line:
        line.sendall(b"hello")
        assert line.recv(5) == b"yyyyy"


@need()
def keep_a_database(world: World) -> None:
    """As checkpoints are kept."""
    if not world.kept:
        return
    database = import_module("sqlite3").connect(f"{world.kept}/checkpoints.db")
    database.execute("PRAGMA journal_mode=WAL")
    with database:
        database.execute("CREATE TABLE kept (name)")
        database.execute("INSERT INTO kept VALUES (1)")
    assert database.execute("SELECT count(*) FROM kept").fetchone() == (1,)
    database.close()


@need(of_everybody=True)
def pair_two_sockets(_: World) -> None:
    one, other = socket.socketpair()
    one.sendall(b"x")
    assert other.recv(1) == b"x"
    reading, writing = os.pipe()
    os.write(writing, b"x")
    assert os.read(reading, 1) == b"x"


@need(of_everybody=True)
def leave_nothing_behind_when_it_dies(_: World) -> None:
    """Nothing can be read of it by its user, no core is written, and no program could lend it rights."""
    get_dumpable, get_no_new_privileges = 3, 39
    assert call("prctl", get_dumpable, 0, 0, 0, 0) == 0
    assert call("prctl", get_no_new_privileges, 0, 0, 0, 0) == 1
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] <= 256
