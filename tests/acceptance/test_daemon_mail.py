"""New mail on a real Dovecot starts a run of the real daemon, soon; a server that goes and comes back is told of once."""

import os
import signal
import statistics
import sys
import time
from pathlib import Path

from daemon_process import DaemonProcess, lines, until, write_settings
from dovecot_server import PASSWORD, Dovecot, running_dovecot
from quiet_time import since
from watched import MAIL

USER = "anna@berger.example"
MAILS = 50 if os.environ.get("BUTLER_TEST_LONG") else 3


def daemon_over(folder: Path, server: Dovecot, password: str = PASSWORD) -> DaemonProcess:
    mail = f'[mail.home]\nhost = "127.0.0.1"\nport = {server.port}\ntls = "none"\nuser = "{USER}"\npassword = "{password}"\n'
    write_settings(folder, f'{mail}[jobs.arrival]\non = "mail"\n')
    program = (sys.executable, str(Path(__file__).parents[1] / "servers/watching_daemon.py"), str(folder))
    # With a watchdog it looks after its parts every second.
    return DaemonProcess(folder, program, watchdog=2.0)


def started(folder: Path) -> int:
    return len(lines(folder / "started"))


def done(daemon: DaemonProcess) -> bool:
    status = daemon.status()
    return not status["running"] and not status["waiting"]


def test_new_mail_starts_a_run_within_two_seconds_and_an_outage_is_told_once(tmp_path: Path) -> None:
    with running_dovecot(tls=False) as server:
        server.deliver(USER, MAIL % 0)
        with daemon_over(tmp_path, server) as daemon:
            daemon.ready()
            until(lambda: started(tmp_path) == 1)
            taken: list[float] = []
            until_it_works: list[float] = []
            for number in range(1, MAILS + 1):
                until(lambda: done(daemon))
                # It goes on until it was seen, however late that is looked for.
                (tmp_path / "arrival").write_text("stay")
                before, began = started(tmp_path), time.monotonic()
                server.deliver(USER, MAIL % number)
                until(lambda: daemon.status()["running"])
                taken.append(since(began))
                (tmp_path / "arrival").unlink()
                until(lambda before=before: started(tmp_path) > before)  # type: ignore[misc]
                until_it_works.append(since(began))
            p95 = sorted(taken)[int(len(taken) * 0.95)]
            print(f"new mail to run started over {len(taken)} mails: median {statistics.median(taken):.2f} s, p95 {p95:.2f} s")
            print(f"until its program is loaded: median {statistics.median(until_it_works):.2f} s")
            assert p95 <= 2.0
            server.kill()
            until(lambda: "mail.home" in daemon.status()["gone"], 60.0)
            server.start()
            until(lambda: not daemon.status()["gone"], 60.0)
            log = daemon.logged()
            assert log.count("notice (source gone, mail.home)") == log.count("notice (source back, mail.home)") == 1
            assert daemon.status()["dead"] == []
            assert daemon.end() < 5.0


def test_a_wrong_password_is_told_and_the_daemon_stays_well(tmp_path: Path) -> None:
    with running_dovecot(tls=False) as server, daemon_over(tmp_path, server, "wrong") as daemon:
        daemon.ready()
        gone = until(lambda: daemon.status()["gone"], 60.0)
        assert "does not accept the user name or password" in gone["mail.home"]
        assert daemon.status()["dead"] == []
        # Whoever takes the account out of the settings does not hear of it for ever.
        write_settings(tmp_path)
        daemon.process.send_signal(signal.SIGHUP)
        until(lambda: not daemon.status()["gone"])
        until(lambda: "notice (source back, mail.home): mail.home is not in the settings any more." in daemon.logged())
        assert "Not reached" not in daemon.status()["sentence"]
        assert started(tmp_path) == 0
        assert daemon.end() < 5.0
