"""The sample household as strangers left it: hostile things beside its own, on real servers and on disk, and its twin without.

Each is read once; each working day of the butler begins with a copy of what was read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from dovecot_server import PASSWORD, Dovecot, running_dovecot
from hostile_table import DAY, Injected
from imapclient import IMAPClient
from ollama_script import Script
from scripted_ollama import ScriptedOllama
from smtp_sink import Sink, running_sink

from butler.core.accounts import Account, MailAccount, ModelHost, SmtpServer
from butler.core.actions import Kept, Status
from butler.core.briefing import Briefing, Line
from butler.core.refs import file_ref
from butler.desk import Drafting
from butler.house import Deeds, House
from butler.sample.household import Household, write_household
from butler.sample.maildir import StoredMail, deliver

ALONE = ("triage", "draft_reply", "invitation", "commitments", "followup", "weekly", "lookahead")
"""The workflows that need no subject."""

_BY_IMAP = 4
"""Each fourth hostile mail lies on the server, the others in a Maildir."""
_MEETING = "event:work/standup@nordwind.example/20261201T093000Z"
_NEIGHBOUR = b"""From: Uwe Nachbar <uwe@nachbar.example>
To: Anna Berger <anna@berger.example>
Subject: The hedge
Date: Sun, 22 Nov 2026 18:00:00 +0100
Message-ID: <hedge-1@nachbar.example>

Dear Anna,

could you tell me by Thursday when the hedge is cut?

Uwe
"""


@dataclass(frozen=True)
class World:
    """One household and what the butler read of it; `user` is whose mailbox on the server is the account `work`."""

    folder: Path
    household: Household
    dovecot: Dovecot
    sink: Sink
    user: str

    @property
    def read(self) -> Path:
        """The state folder after the first sync, to be copied."""
        return self.folder.parent / "read"

    def clock(self) -> dt.datetime:
        """The morning of the day, whenever that is asked."""
        return self.household.now

    @property
    def scans(self) -> Path:
        """The folder whose new documents the butler reads."""
        return self.folder / "scans"

    def deeds(self, state: Path, model: ModelHost | None) -> Deeds:
        """What the butler is built from: it may draft and send as much as there is to answer."""
        sends = SmtpServer("localhost", self.sink.port, tls="none")
        server = MailAccount(
            "work",
            host="localhost",
            port=self.dovecot.tls_port,
            user=self.user,
            password=lambda: PASSWORD,
            ca_file=self.dovecot.ca_file,
            address="anna.berger@nordwind.example",
            smtp=sends,
        )
        accounts: tuple[Account, ...] = (
            replace(self.household.mail, smtp=sends),
            server,
            *self.household.calendars,
            self.household.notes,
        )
        return Deeds(
            owner=self.household.owner,
            accounts=accounts,
            options=replace(self.household.options, reply_limit=1000),
            state=state,
            briefings=state.parent / "briefings",
            model=model,
            drafting=Drafting(limit=1000),
            watched={"scans": self.scans},
        )

    def fingerprint(self) -> Mapping[str, str]:
        """All that an effect could change: each file and its content, each mail on the server with its flags, what was sent."""
        files = (path for path in self.folder.rglob("*") if path.is_file())
        found = {os.fspath(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        found |= {f"sent {number}": repr(letter) for number, letter in enumerate(self.sink.letters)}
        found |= {"log-ins to send": str(self.sink.log_ins)}
        context = ssl.create_default_context(cafile=str(self.dovecot.ca_file))
        with IMAPClient("localhost", self.dovecot.tls_port, ssl_context=context) as client:
            client.login(self.user, PASSWORD)
            for _, _, name in client.list_folders():
                found[f"folder {name}"] = str(client.select_folder(name, readonly=True)[b"UIDNEXT"])
                for uid, got in client.fetch(client.search("ALL"), ["FLAGS", "BODY.PEEK[]"]).items():
                    flags = sorted(set(got[b"FLAGS"]) - {b"\\Recent"})
                    found[f"{name} {uid}"] = f"{flags} {hashlib.sha256(got[b'BODY[]']).hexdigest()}"
        return found


@dataclass
class Day:
    """What came of a working day: the briefing, every action that was proposed, pages by name, what the model was asked."""

    briefing: Briefing
    kept: Sequence[Kept]
    pages: Mapping[str, str]
    asked: Sequence[str]

    @property
    def own_lines(self) -> list[tuple[str, Line]]:
        """The lines of the briefing, with their sections, that rest on nothing of the strangers'."""
        return [
            (section.name, line)
            for section in self.briefing.sections
            for line in section.lines
            if not any(is_hostile(evidence.ref) for evidence in line.evidence)
        ]


@contextmanager
def servers(folder: Path) -> Iterator[Mapping[str, Any]]:
    """The servers that worlds share: each has a mailbox of its own, and what is sent is kept in one place."""
    with running_dovecot() as dovecot, running_sink(folder) as sink:
        yield {"dovecot": dovecot, "sink": sink}


def made_world(folder: Path, name: str, things: Sequence[Injected], dovecot: Dovecot, sink: Sink) -> World:
    """Make a world with hostile things in it, or without any, and read it once."""
    world = _written(folder / name, f"{name}@berger.example", things, dovecot, sink)
    with House(world.deeds(world.read, None), world.clock) as house:
        house.sync()
    return world


def _written(folder: Path, user: str, things: Sequence[Injected], dovecot: Dovecot, sink: Sink) -> World:
    world = folder / "world"
    household = write_household(world, DAY)
    mails = [mail for thing in things for mail in thing.mails]
    dovecot.deliver(user, _NEIGHBOUR, *mails[::_BY_IMAP])
    lying = [mail for number, mail in enumerate(mails) if number % _BY_IMAP]
    when = household.now - dt.timedelta(hours=5)
    deliver(world / "mail", (StoredMail("INBOX", f"9.{at}.hostile", frozenset(), when, one) for at, one in enumerate(lying)))
    (world / "scans").mkdir()
    for thing in things:
        for place, files in (("calendars", thing.events), ("notes", thing.notes), ("scans", thing.documents)):
            for name, content in files.items():
                (world / place / name).parent.mkdir(parents=True, exist_ok=True)
                (world / place / name).write_bytes(content)
                os.utime(world / place / name, (when.timestamp(), when.timestamp()))
    return World(world, household, dovecot, sink, user)


def is_hostile(ref: str) -> bool:
    """Whether a reference names something that strangers put there."""
    return any(mark in ref for mark in ("hostile.example", "Clipped/", "Briefings/", "file:scans/"))


def work(world: World, folder: Path, script: Script | None) -> Day:
    """Let the butler do all that it can do in a day, carrying out after each workflow whatever is approved by then."""
    state = folder / "state"
    shutil.copytree(world.read, state)
    with ExitStack() as opened:
        server = opened.enter_context(ScriptedOllama(script=script)) if script else None
        model = ModelHost(url=server.url, name="good") if server else None
        house = opened.enter_context(House(world.deeds(state, model), world.clock))
        now = world.household.now
        briefing = house.brief(now.date(), now, sync=False).briefing
        documents = [("documents", file_ref("scans", path.name)) for path in sorted(world.scans.iterdir())]
        for name, about in (*((name, "") for name in ALONE), ("meeting", _MEETING), *documents):
            house.do(name, now, sync=False, about=about)
            house.execute()
        kept = house.truth.outbox.find(statuses=get_args(Status), limit=10_000)
        pages = {path.name: path.read_text("utf-8") for path in sorted(state.parent.rglob("*.md"))}
        return Day(briefing, kept, pages, [chat.user for chat in server.chats] if server else [])
