"""From an invitation in a mailbox to an event on a real server: proposed, approved, carried out once, and taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from calendar_worlds import OnServer
from dav_servers import DavServer, dav_server
from invitation_mails import ics

from butler.core.accounts import CalendarAccount, MailAccount
from butler.core.actions import Kept
from butler.core.owner import BriefingOptions, Owner
from butler.core.payloads import CalendarRespond
from butler.house import Deeds, House
from tools.calendar.editing import answer_in

__all__ = ["dav_server"]

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
ME = {"anna@berger.example"}
_calendars = count(1)


def mail(text: str) -> bytes:
    """A mail that carries an invitation the way most programs send them."""
    message = EmailMessage()
    message["From"] = "Tom Krüger <tom@nordwind.example>"
    message["To"] = "Anna Berger <anna@berger.example>"
    message["Subject"] = "Review"
    message["Date"] = "Mon, 23 Nov 2026 09:00:00 +0100"
    message["Message-ID"] = "<review-mail@nordwind.example>"
    message.set_content("Please come.")
    method = text.partition("METHOD:")[2].split("\r\n")[0]
    message.add_alternative(text.encode(), "text", "calendar", params={"method": method}, cte="base64")
    return message.as_bytes()


@dataclass
class Home:
    """A Maildir and a calendar on Radicale, with a butler over both."""

    folder: Path
    world: OnServer
    house: House

    def receive(self, text: str) -> None:
        (self.folder / "mail" / "cur" / "1.a:2,").write_bytes(mail(text))

    def answers(self) -> dict[str, Kept]:
        found = self.house.do("invitation", model=False).proposed
        return {each.action.key.rpartition("|")[2]: each for each in found}

    def approve(self, kept: Kept) -> Kept:
        self.house.gate.approve(kept.id, kept.hash, "anna", "test")
        self.house.execute()
        return self.house.truth.outbox.get(kept.id)

    def drafts(self) -> list[bytes]:
        return [file.read_bytes() for file in (self.folder / "mail" / ".Drafts" / "cur").iterdir()]


@pytest.fixture
def home(dav_server: Callable[[str], DavServer], tmp_path: Path) -> Iterator[Home]:
    server = dav_server("radicale")
    world = OnServer(server, server.make_calendar(f"invited{next(_calendars)}"))
    for folder in ("cur", "new", "tmp", ".Drafts/cur", ".Drafts/new", ".Drafts/tmp"):
        (tmp_path / "mail" / folder).mkdir(parents=True)
    accounts: tuple[MailAccount | CalendarAccount, ...] = (MailAccount("home", path=tmp_path / "mail"), world.account())
    owner = Owner("Anna Berger", frozenset(ME), ZoneInfo("Europe/Berlin"))
    with House(Deeds(owner, accounts, BriefingOptions(), tmp_path / "state"), lambda: NOW) as house:
        house.sync()
        yield Home(tmp_path, world, house)


def test_an_accepted_invitation_is_an_event_and_an_answer_in_drafts_and_can_be_taken_back(home: Home) -> None:
    home.receive(ics())
    answers = home.answers()
    assert sorted(answers) == ["accepted", "declined", "tentative"]
    done = home.approve(answers["accepted"])
    assert (done.status, len(done.done)) == ("done", 2), done.note
    (text,) = home.world.objects().values()
    assert answer_in(text, ME) == "accepted"
    (draft,) = home.drafts()
    assert b"method=REPLY" in draft.replace(b'"', b"")
    assert home.house.truth.outbox.get(answers["declined"].id).status == "superseded"
    assert home.answers() == {}
    home.house.gate.undo(done.id, "anna", "test")
    home.house.execute()
    assert home.house.truth.outbox.get(done.id).status == "undone"
    assert (home.world.objects(), home.drafts()) == ({}, [])


def test_what_changed_on_the_server_is_asked_about_anew_and_keeps_both(home: Home) -> None:
    home.world.put("review.ics", ics(method=""))
    home.receive(ics())
    accept = home.answers()["accepted"]
    home.world.put("review.ics", ics(method="").replace("Room 4", "Room 5"))
    again = home.approve(accept)
    assert (again.status, again.version) == ("held", 2), again.note
    assert answer_in(home.world.objects()["review.ics"], ME) == "needs-action"
    payload = again.action.payload
    assert isinstance(payload, CalendarRespond)
    assert payload.change is not None
    assert "Room 5" in payload.change.after
    assert home.approve(again).status == "done"
    text = home.world.objects()["review.ics"]
    assert (answer_in(text, ME), "Room 5" in text) == ("accepted", True)


def test_an_event_that_was_moved_meanwhile_is_not_answered_by_itself(home: Home) -> None:
    home.world.put("review.ics", ics(method=""))
    home.receive(ics())
    accept = home.answers()["accepted"]
    home.world.put("review.ics", ics(method="", start="20261127T100000Z", end="20261127T110000Z"))
    kept = home.approve(accept)
    assert kept.status in {"held", "failed"}
    assert kept.note
    assert answer_in(home.world.objects()["review.ics"], ME) == "needs-action"
    assert home.drafts() == []


def test_a_cancelled_event_is_taken_out_of_the_calendar(home: Home) -> None:
    home.world.put("review.ics", ics(method=""))
    home.receive(ics("CANCEL", sequence=1))
    done = home.approve(home.answers()["cancel"])
    assert done.status == "done", done.note
    assert home.world.objects() == {}
    home.house.gate.undo(done.id, "anna", "test")
    home.house.execute()
    assert list(home.world.objects()) == ["review.ics"]
