"""The sample household on disk: a Maildir, calendars, tasks, contacts, notes and documents around one day."""

from __future__ import annotations

import datetime as dt
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from butler.core.accounts import Account, CalendarAccount, ContactsAccount, MailAccount, NotesFolder
from butler.core.documents import LARGEST_DOCUMENT
from butler.core.owner import BriefingOptions, Owner
from butler.sample.days import BERLIN, Days
from butler.sample.documents import documents
from butler.sample.ics import EVENT_CALENDARS, events, invitations, odd_events, tasks
from butler.sample.letters import CONTENT, Letter, letters, raw_letters
from butler.sample.maildir import StoredMail, deliver
from butler.sample.mime import Post, build_raw
from butler.sample.records import records_in, write_records
from butler.sample.texts import texts

Stage = Literal["yesterday", "today"]
ADDRESSES = frozenset({"anna@berger.example", "anna.berger@nordwind.example"})
BRIEFING_TIME = dt.time(7)
_DAILY = re.compile(r"day(-\d+)")
"""A daily note bears the date of its day as its name: `day-1.md` is yesterday's."""
_BINARY = {
    "Sketches/terrace.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8,
    "Inbox/old export.txt": b"\0\x01\xfe\xff" * 256,
}


@dataclass(frozen=True, slots=True)
class Household:
    """Where the sample household lies and how the butler is to read it."""

    folder: Path
    day: dt.date
    stage: Stage
    owner: Owner
    mail: MailAccount
    calendars: tuple[CalendarAccount, ...]
    contacts: ContactsAccount
    notes: NotesFolder
    documents: NotesFolder
    records: NotesFolder
    options: BriefingOptions

    @property
    def accounts(self) -> tuple[Account, ...]:
        """All accounts in the order in which a person would name them."""
        return (self.mail, *self.calendars, self.contacts, self.notes)

    @property
    def with_documents(self) -> tuple[Account, ...]:
        """The same, and the folder of documents: what the briefing has no use for, and questions have."""
        return (*self.accounts, self.documents)

    @property
    def with_records(self) -> tuple[Account, ...]:
        """All of it: the records besides, from which the workflows that ship make their pages."""
        return (*self.with_documents, self.records)

    @property
    def now(self) -> dt.datetime:
        """When the briefing of this stage is written: seven in the morning in Berlin, today or yesterday."""
        date = self.day if self.stage == "today" else self.day - dt.timedelta(days=1)
        return dt.datetime.combine(date, BRIEFING_TIME, BERLIN)


def write_household(folder: Path, day: dt.date, seed: int = 7, stage: Stage = "today") -> Household:
    """Write the household as it is on the morning of `day`, or was the morning before; bring an older stage up to date."""
    days = Days(day)
    household = household_in(folder, day, stage)
    deliver(folder / "mail", mailbox(days, seed, household.now))
    for name in EVENT_CALENDARS:
        _write(folder / "calendars" / name, events(name, days, today=stage == "today"), household.now)
    _write(folder / "calendars" / "family", odd_events(days), household.now)
    _write(folder / "calendars" / "tasks", tasks(days), household.now)
    _write(folder / "contacts", _cards(days), dt.datetime.combine(days.plus(-90), dt.time(12), BERLIN))
    _write(folder / "notes", {**_notes(days), **_BINARY}, dt.datetime.combine(days.plus(-2), dt.time(20), BERLIN))
    _write(folder / "documents", documents(days), dt.datetime.combine(days.plus(-30), dt.time(18), BERLIN))
    write_records(folder, day)
    return household


def household_in(folder: Path, day: dt.date, stage: Stage = "today") -> Household:
    """The household of which the files lie in a folder."""
    names = (*EVENT_CALENDARS, "tasks")
    return Household(
        folder=folder,
        day=day,
        stage=stage,
        owner=Owner("Anna Berger", ADDRESSES, BERLIN, "en"),
        mail=MailAccount("home", path=folder / "mail", signature="Anna Berger\nLandscape architect, Nordwind, Berlin"),
        calendars=tuple(CalendarAccount(name, path=folder / "calendars" / name) for name in names),
        contacts=ContactsAccount("friends", path=folder / "contacts"),
        notes=NotesFolder("notes", folder / "notes"),
        documents=NotesFolder("papers", folder / "documents", ("*",), LARGEST_DOCUMENT, documents=True),
        records=records_in(folder),
        options=BriefingOptions(),
    )


def mailbox(days: Days, seed: int, until: dt.datetime) -> Iterator[StoredMail]:
    """Every mail of the sample that had come or gone before `until`."""
    written = [letter for letter in letters(days) if letter.when < until]
    post = Post(days, seed, {letter.id: letter for letter in written}, invitations(days))
    answered = {letter.parent for letter in written if letter.folder == "Sent"}
    for letter in written:
        flags = _flags(letter, until) | ({"R", "S"} if letter.id in answered else frozenset())
        yield StoredMail(letter.folder, _file_name(letter.id, letter.when), flags, letter.when, post.build(letter))
    for raw in raw_letters(days):
        if raw.when < until:
            yield StoredMail(raw.folder, _file_name(raw.id, raw.when), frozenset(), raw.when, build_raw(raw))


def _flags(letter: Letter, until: dt.datetime) -> frozenset[str]:
    if letter.folder == "Drafts":
        return frozenset("DS")
    read = letter.folder != "INBOX" or letter.when < until - dt.timedelta(days=2)
    return frozenset("S") if read else frozenset()


def _file_name(message_id: str, when: dt.datetime) -> str:
    return f"{int(when.timestamp())}.M{zlib.crc32(message_id.encode()):010d}P7.sample"


def _cards(days: Days) -> Mapping[str, bytes]:
    """The address book, in the versions and ways of several programs."""
    return {name: text.format(d=days).encode() for name, text in texts(CONTENT.joinpath("contacts"), "")}


def _notes(days: Days) -> Mapping[str, bytes]:
    made: dict[str, bytes] = {}
    for name, text in sorted(texts(CONTENT.joinpath("notes"), "")):
        dated = _DAILY.sub(lambda found: days.written(int(found[1]), "iso"), name)
        made[dated] = text.format(d=days).encode()
    return made


def _write(folder: Path, contents: Mapping[str, bytes], when: dt.datetime) -> None:
    """Write what differs, so that an unchanged file keeps its time."""
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
            os.utime(path, (when.timestamp(), when.timestamp()))
