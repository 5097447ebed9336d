"""The daemon's workers: gone with it at once when it is killed, and there again when they, or who forks them, are killed."""

import os
import signal
import sys
import time
from pathlib import Path

from daemon_process import DaemonProcess, forks_workers, lines, until, write_settings
from dovecot_server import PASSWORD, USER, Dovecot, running_dovecot
from quiet_time import since
from watched import MAIL

from butler.daemon.pidfile import PidFile
from butler.store.state import StateLock


def daemon_over(folder: Path, server: Dovecot) -> DaemonProcess:
    """A daemon that hears of new mail, with children that do nothing."""
    mail = f'[mail.home]\nhost = "127.0.0.1"\nport = {server.port}\ntls = "none"\nuser = "{USER}"\npassword = "{PASSWORD}"\n'
    write_settings(folder, f'{mail}[jobs.arrival]\non = "mail"\n')
    return DaemonProcess(folder, (sys.executable, str(Path(__file__).parents[1] / "servers/watching_daemon.py"), str(folder)))


def below(pid: int) -> list[int]:
    """All that a process started, and what that started."""
    # A thread that waits for a worker may have started it.
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []
    found = [int(each) for thread in threads for each in told(thread / "children").split()]
    return found + [each for child in found for each in below(child)]


def told(file: Path) -> str:
    """What a file of a process says: nothing once that has ended."""
    try:
        return file.read_text()
    except OSError:
        return ""


def forks_of(daemon: DaemonProcess) -> tuple[int, list[int]]:
    """The daemon's forkserver, and the workers that it forked."""
    (forkserver,) = (each for each in below(daemon.process.pid) if is_there(each) and forks_first(each, daemon.process.pid))
    return forkserver, below(forkserver)


def forks_first(pid: int, daemon: int) -> bool:
    """Whether a process is the forkserver that the daemon itself started; a worker looks like the one that forked it."""
    return forks_workers(pid) and told(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()[1:2] == [str(daemon)]


def is_there(pid: int) -> bool:
    return told(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()[:1] not in ([], ["Z"])


def listens(daemon: DaemonProcess, server: Dovecot) -> None:
    """Wait until new mail is heard of, and what comes of it is done."""
    until(lambda: is_idle(daemon))
    before = len(lines(daemon.folder / "started"))
    server.deliver(USER, MAIL % time.monotonic_ns())
    until(lambda: len(lines(daemon.folder / "started")) > before)
    until(lambda: is_idle(daemon))


def is_idle(daemon: DaemonProcess) -> bool:
    status = daemon.status()
    return not status["running"] and not status["waiting"]


def test_a_daemon_that_is_killed_leaves_nobody_behind_and_nothing_locked(tmp_path: Path) -> None:
    with running_dovecot(tls=False) as server, daemon_over(tmp_path, server) as daemon:
        daemon.ready()
        listens(daemon, server)
        forkserver, workers = forks_of(daemon)
        assert len(workers) == 1
        began = time.monotonic()
        os.kill(daemon.process.pid, signal.SIGKILL)
        daemon.process.wait()
        until(lambda: not any(map(is_there, (forkserver, *workers))), 5)
        assert since(began) < 1.0
        with PidFile(tmp_path / "state"), StateLock(tmp_path / "state"):
            pass


def test_workers_and_who_forks_them_may_die_at_any_time(tmp_path: Path) -> None:
    with running_dovecot(tls=False) as server, daemon_over(tmp_path, server) as daemon:
        daemon.ready()
        listens(daemon, server)
        forkserver, workers = forks_of(daemon)
        os.kill(workers[0], signal.SIGKILL)
        until(lambda: is_there(forkserver) and set(forks_of(daemon)[1]) - set(workers))
        listens(daemon, server)
        os.kill(forkserver, signal.SIGKILL)
        until(lambda: not is_there(forkserver))
        until(lambda: any(forks_first(each, daemon.process.pid) for each in below(daemon.process.pid) if is_there(each)))
        assert forks_of(daemon)[0] != forkserver
        listens(daemon, server)
        assert daemon.status()["dead"] == []
        assert daemon.end() < 5.0
