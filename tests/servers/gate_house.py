"""A small real household with a gate: a Maildir, a calendar folder and notes, its settings file, and a few held actions."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import card_case as case
from butler_process import PROGRAM, called, environment

from butler.core import payloads as p
from butler.core.accounts import CalendarAccount, MailAccount, NotesFolder
from butler.core.actions import Action, Kept
from butler.core.owner import BriefingOptions, Owner
from butler.house import Deeds, House

ORIGINAL = b"""From: Tom Reuter <tom@nordwind.example>
To: Anna Berger <anna@berger.example>
Subject: The offer
Date: Mon, 23 Nov 2026 09:00:00 +0100
Message-ID: <offer-1@nordwind.example>

Dear Anna,

does Thursday suit you?

Tom
"""


class Household:
    """The folder `home` with everything in it; the program runs there with `--config butler.toml`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.config = home / "butler.toml"
        self.mail, self.calendar, self.notes, self.state = (home / name for name in ("mail", "cal", "notes", "state"))
        for folder in ("cur", "new", "tmp", ".Drafts/cur", ".Drafts/new", ".Drafts/tmp"):
            (self.mail / folder).mkdir(parents=True)
        (self.mail / "cur" / "1.a:2,S").write_bytes(ORIGINAL)
        (self.calendar / "family").mkdir(parents=True)
        self.notes.mkdir()
        (self.notes / "Plan.md").write_text("one\ntwo\n")
        self.write_config()

    def write_config(self, more: str = "") -> None:
        self.config.write_text(
            f'state_dir = "{self.state}"\n[owner]\nname = "Anna Berger"\naddresses = ["anna@berger.example"]\n'
            f'timezone = "Europe/Berlin"\n[mail.home]\npath = "{self.mail}"\n{more}\n'
            f'[calendar.family]\npath = "{self.calendar}"\n[notes.notes]\npath = "{self.notes}"\n'
        )

    @contextmanager
    def house(self) -> Iterator[House]:
        owner = Owner("Anna Berger", frozenset({"anna@berger.example"}), ZoneInfo("Europe/Berlin"))
        accounts = (
            MailAccount("home", path=self.mail),
            CalendarAccount("family", path=self.calendar),
            NotesFolder("notes", self.notes, kept=self.state / "kept" / "notes"),
        )
        with House(Deeds(owner, accounts, BriefingOptions(), self.state)) as house:
            yield house

    def sync(self) -> None:
        with self.house() as house:
            house.sync()

    def propose(self, payload: p.Payload, key: str = "", **more: object) -> Kept:
        key = key or f"{payload.kind}:{time.monotonic_ns()}"
        action = Action(payload, "You asked for it.", key, sources=(f"note:{key}",), rule="by hand", workflow="test", run="r-1")
        with self.house() as house:
            return house.gate.propose(replace(action, **more))  # type: ignore[arg-type]

    def draft(self, number: int = 1, **update: object) -> Kept:
        letter = case.LETTER.model_copy(update={"message_id": f"butler.{number}@berger.example", **update})
        return self.propose(p.MailDraft(letter=letter), f"draft:{number}", sources=(case.REF,) if number == 1 else ())

    def note(self, content: str = "one\nthree\n", path: str = "Plan.md") -> Kept:
        file = self.notes / path
        before = sha256(file.read_bytes()).hexdigest() if file.exists() else ""
        return self.propose(p.FileWrite(root="notes", path=path, content=content, before=before))

    def event(self, text: str = case.EVENT) -> Kept:
        change = p.CalendarChange(account="family", calendar="family", uid="lunch@nordwind.example", after=text)
        return self.propose(p.CalendarCreate(change=change))

    def kept(self, number: int) -> Kept:
        with self.house() as house:
            return house.truth.outbox.get(number)

    def drafts(self) -> list[Path]:
        return sorted((self.mail / ".Drafts").glob("*/*"))


def inside(household: Household, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command inside this process, over the household's settings."""
    return called(household.home, "--config", household.config, *arguments, **environ)


def editor(folder: Path, script: str) -> str:
    """An editor that does to the file `$1` what a shell script says."""
    file = folder / f"editor-{time.monotonic_ns()}"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


class Terminal:
    """The program on a terminal of its own, to type to and to read from."""

    def __init__(self, household: Household, *arguments: str, lines: int = 200, **environ: str) -> None:
        self._file, theirs = pty.openpty()
        more = {"LINES": str(lines), "COLUMNS": "100", "TERM": "dumb", "PAGER": "cat", **environ}
        command = [str(PROGRAM), "--config", str(household.config), *arguments]
        where = {"cwd": household.home, "env": environment(household.home, more)}
        self._process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, **where)  # type: ignore[call-overload]
        os.close(theirs)
        self.seen = ""
        self._read = 0

    def until(self, words: str, seconds: float = 60.0) -> str:
        """Read until some words come that were not yet waited for."""
        deadline = time.monotonic() + seconds
        while words not in self.seen[self._read :]:
            left = deadline - time.monotonic()
            if left <= 0 or not self._more(left):
                raise AssertionError(f"{words!r} did not come in:\n{self.seen}")
        start = self._read
        self._read = self.seen.index(words, start) + len(words)
        return self.seen[start : self._read]

    def type(self, keys: str) -> None:
        """Press some keys."""
        os.write(self._file, keys.encode())

    def end(self) -> int:
        """Wait until it has ended; its exit code."""
        while self._more(60.0):
            pass
        os.close(self._file)
        code: int = self._process.wait(60)
        return code

    def _more(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._file], [], [], seconds)
        try:
            found = os.read(self._file, 65536) if ready else b""
        except OSError:
            return False
        self.seen += found.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(found)
