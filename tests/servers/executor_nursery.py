"""Starts processes of the real executor that can be killed at any point: a program that forks one for each line it reads.

    python executor_nursery.py STATE IMAP-PORT SMTP-PORT CALENDAR-URL

A line on its input is the hours that the clock is ahead; it answers with the child's process, then with how that ended.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from butler.core.accounts import CalendarAccount, MailAccount, SmtpServer
from butler.core.owner import BriefingOptions, Owner
from butler.house import Deeds, House

ANNA = "anna@berger.example"
MAIL_PASSWORD = CALENDAR_PASSWORD = "correct-horse"


def house(state: Path, imap: int, smtp: int, calendar: str, hours: float) -> House:
    """The household as its owner's settings would make it, with a clock that is some hours ahead."""
    mail = MailAccount(
        "home",
        host="127.0.0.1",
        port=imap,
        user=ANNA,
        password=lambda: MAIL_PASSWORD,
        tls="none",
        address=ANNA,
        smtp=SmtpServer("127.0.0.1", smtp, tls="none"),
        timeout=30.0,
    )
    family = CalendarAccount("family", url=calendar, user="anna", password=lambda: CALENDAR_PASSWORD, timeout=30.0)
    owner = Owner("Anna Berger", frozenset({ANNA}), ZoneInfo("Europe/Berlin"))
    deeds = Deeds(owner, (mail, family), BriefingOptions(), state)
    return House(deeds, clock=lambda: datetime.now(UTC) + timedelta(hours=hours))


def main(arguments: list[str]) -> None:
    """Fork an executor for each line, one at a time."""
    state, imap, smtp, calendar = Path(arguments[0]), int(arguments[1]), int(arguments[2]), arguments[3]
    preload()
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            with house(state, imap, smtp, calendar, float(line)) as here:
                here.execute()
            os._exit(0)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def preload() -> None:
    """Import what an executor needs, so that its children start at once."""
    import caldav
    import imapclient

    import butler.executor
    import butler.hands
    import tools.calendar.davshelf
    import tools.calendar.hands
    import tools.mail.hands
    import tools.mail.imap_box
    import tools.mail.smtp

    assert all((caldav, imapclient, butler.executor, butler.hands, tools.calendar, tools.mail))


class Nursery:
    """The program, as a test sees it."""

    def __init__(self, *arguments: object) -> None:
        command = [sys.executable, __file__, *map(str, arguments)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def begin(self, hours: float) -> int:
        """Start an executor; its process."""
        assert self._process.stdin
        self._process.stdin.write(f"{hours}\n")
        self._process.stdin.flush()
        return self._answer()

    def end(self) -> int:
        """Wait until the executor ended; its exit code, negative for a signal."""
        return self._answer()

    def _answer(self) -> int:
        assert self._process.stdout
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the program."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


if __name__ == "__main__":
    main(sys.argv[1:])
