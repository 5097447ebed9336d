"""Two people with the same names for everything, in one process: nothing of one is found, read or done by the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from butler.core.accounts import CalendarAccount, MailAccount, NotesFolder
from butler.core.actions import Action, Kept
from butler.core.documents import Document
from butler.core.errors import ButlerError, UnknownRefError
from butler.core.owner import BriefingOptions, Owner
from butler.core.payloads import FileAppend, FileMove, FileWrite
from butler.house import Deeds, House
from butler.papers import Papers
from butler.sample.making import pdf

NOW = dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)
NAMES = ("anna", "tom")
EVENT = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nSUMMARY:Meeting of {0}\nDTSTART:20261124T080000Z\nEND:VEVENT\nEND:VCALENDAR\n"
MAIL = "From: x@y.example\nTo: {0}@z.example\nMessage-ID: <one@y.example>\nSubject: Letter to {0}\n\nA word{0} for {0}.\n"


@dataclass
class Home:
    """One person's house, and the folder in which everything of theirs lies."""

    name: str
    folder: Path
    house: House
    deeds: Deeds

    def papers(self) -> Papers:
        return Papers({}, [each for each in self.deeds.accounts if isinstance(each, NotesFolder)])

    def files(self) -> Mapping[str, bytes]:
        """All their files but the butler's own."""
        return {
            str(each.relative_to(self.folder)): each.read_bytes()
            for part in ("papers", "notes", "mail", "calendar")
            for each in (self.folder / part).rglob("*")
            if each.is_file() and not each.is_symlink()
        }


def written(folder: Path, name: str) -> Deeds:
    """Everything of one person: same accounts, same names of files, other content."""
    for path, content in {
        "papers/a.pdf": pdf(f"A paper of {name}, word{name}."),
        "papers/sub/b.txt": f"More of {name}".encode(),
        "notes/a.md": f"A note of {name}, word{name}.".encode(),
        "mail/cur/1.x:2,S": MAIL.format(name).encode(),
        "calendar/u.ics": EVENT.format(name).encode(),
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    for part in ("new", "tmp"):
        (folder / "mail" / part).mkdir()
    (folder / "papers" / "done").mkdir()
    kept = folder / "state" / "kept"
    accounts = (
        MailAccount("home", path=folder / "mail"),
        CalendarAccount("family", path=folder / "calendar"),
        NotesFolder("notes", folder / "notes", kept=kept / "notes"),
        NotesFolder("papers", folder / "papers", ("*",), 1_000_000, kept=kept / "papers", documents=True),
    )
    owner = Owner(name, frozenset({f"{name}@z.example"}), ZoneInfo("Europe/Berlin"))
    return Deeds(owner, accounts, BriefingOptions(), folder / "state")


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Home]]:
    with ExitStack() as opened:
        made = []
        for name in NAMES:
            folder = tmp_path_factory.mktemp(name)
            deeds = written(folder, name)
            made.append(Home(name, folder, opened.enter_context(House(deeds, lambda: NOW)), deeds))
        for home in made:
            # What leads over to the other's.
            other = next(each for each in made if each is not home)
            (home.folder / "papers" / "over").symlink_to(other.folder / "papers")
            (home.folder / "papers" / "over.txt").symlink_to(other.folder / "papers" / "sub" / "b.txt")
        for home in made:
            states = home.house.sync()
            assert {state.state for state in states} == {"fresh"}, states
        first, second = made
        yield first, second


def test_nothing_of_one_is_found_by_the_other(homes: tuple[Home, Home]) -> None:
    for mine, theirs in (homes, homes[::-1]):
        assert len(mine.house.search(f"word{mine.name}")) == 3
        assert mine.house.search(f"word{theirs.name}") == []
        assert mine.house.search(theirs.name) == []
        assert {found.ref for found in mine.house.search("paper")} == {"file:papers/a.pdf"}


def test_one_reference_is_to_each_their_own(homes: tuple[Home, Home]) -> None:
    for home in homes:
        for ref in ("file:papers/a.pdf", "file:notes/a.md"):
            assert home.name in str(home.house.show(ref))
        assert home.house.mirror.reads.mail("mail:home/one@y.example").message.subject == f"Letter to {home.name}"
        document = home.papers()("file:papers/a.pdf")
        assert isinstance(document, Document)
        assert document.text == f"A paper of {home.name}, word{home.name}."
        with pytest.raises(UnknownRefError):
            home.house.show("file:papers/over/a.pdf")


def test_no_reference_leads_over_to_the_other(homes: tuple[Home, Home]) -> None:
    for mine, theirs in (homes, homes[::-1]):
        papers = mine.papers()
        place = f"{theirs.folder}/papers/a.pdf"
        for path in (
            f"papers/{place}",
            f"papers/../../{theirs.folder.name}/papers/a.pdf",
            "papers/over/a.pdf",
            "papers/over.txt",
        ):
            assert papers(f"file:{path}") is None
        for path in (
            "papers/../notes/a.md",
            "papers/./a.pdf",
            "other/a.pdf",
            "papers//etc/passwd",
            "papers/../../../../etc/passwd",
        ):
            assert papers(f"file:{path}") is None


def proposed(home: Home, payload: FileMove | FileAppend | FileWrite, key: str) -> Kept:
    return home.house.gate.propose(Action(payload, "Because.", key, ("file:papers/a.pdf",)))


def test_what_one_approves_is_done_to_theirs_alone(homes: tuple[Home, Home]) -> None:
    mine, theirs = homes
    before = theirs.files()
    content = (mine.folder / "papers" / "sub" / "b.txt").read_bytes()
    payload = FileMove(root="papers", path="sub/b.txt", target="done/b.txt", before=sha256(content).hexdigest())
    kept = proposed(mine, payload, "move")
    assert theirs.house.truth.outbox.find(limit=10) == []
    mine.house.gate.approve(kept.id, kept.hash, "owner", "test")
    (done,) = mine.house.execute()
    assert str(done.status) == "done", done
    assert (mine.folder / "papers" / "done" / "b.txt").read_bytes() == content
    assert theirs.house.execute() == []
    assert theirs.files() == before


@pytest.mark.parametrize("number", range(6))
def test_an_action_over_a_path_that_leads_over_fails_and_changes_nothing(homes: tuple[Home, Home], number: int) -> None:
    mine, theirs = homes
    hers = (theirs.folder / "papers" / "sub" / "b.txt").read_bytes()
    digest = sha256(hers).hexdigest()
    away = f"../../{theirs.folder.name}/papers"
    payloads: Sequence[FileMove | FileAppend | FileWrite] = [
        FileMove(root="papers", path="over/sub/b.txt", target="taken.txt", before=digest),
        FileMove(root="papers", path=f"{away}/sub/b.txt", target="taken.txt", before=digest),
        FileMove(root="papers", path="a.pdf", target="over/given.pdf", before=sha256(pdf("x")).hexdigest()),
        FileAppend(root="papers", path="over.txt", text="evil", before=digest),
        FileWrite(root="papers", path=f"{theirs.folder}/papers/new.txt", content="evil"),
        FileWrite(root="nowhere", path="new.txt", content="evil"),
    ]
    before = mine.files(), theirs.files()
    try:
        kept = proposed(mine, payloads[number], f"evil {number}")
        mine.house.gate.approve(kept.id, kept.hash, "owner", "test")
        (ended,) = mine.house.execute()
        assert str(ended.status) in {"failed", "held"}
    except ButlerError:
        pass
    assert (mine.files(), theirs.files()) == before


def test_an_edit_cannot_lead_an_action_over_to_the_other(homes: tuple[Home, Home]) -> None:
    mine, theirs = homes
    kept = proposed(mine, FileWrite(root="papers", path="new.txt", content="mine"), "edited")
    evil = FileWrite(root="papers", path=f"../../{theirs.folder.name}/papers/new.txt", content="evil")
    before = theirs.files()
    try:
        edited = mine.house.gate.edit(kept.id, kept.hash, evil, "owner", "test")
        mine.house.gate.approve(edited.id, edited.hash, "owner", "test")
        (ended,) = mine.house.execute()
        assert str(ended.status) in {"failed", "held"}
    except ButlerError:
        pass
    assert theirs.files() == before
