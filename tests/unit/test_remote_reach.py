"""What a worker is given of an account: its role, the files that it gets at, the account itself, and how much at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from butler.core.accounts import Account, CalendarAccount, MailAccount, NotesFolder, SmtpServer, no_secret
from butler.core.calendar import RawObject
from butler.core.notes import RawNote
from butler.remote.workers import Station, reach_of, role_of, seen_from
from butler.sandbox import stations
from butler.sandbox.carried import carried, secret_of, with_secrets
from butler.sandbox.reach import Reach
from tools.dav import source
from tools.dav.source import _parted

SMTP = SmtpServer("smtp.berger.example", password=lambda: "for sending", ca_file=Path("/ca/smtp.pem"))
FAR = MailAccount("home", "imap.berger.example", password=lambda: "hunter2", ca_file=Path("/ca/imap.pem"), smtp=SMTP)
NEAR = MailAccount("home", path=Path("/mail"))
SENDING = MailAccount("home", path=Path("/mail"), smtp=SMTP)
DAV = CalendarAccount("family", url="https://dav.berger.example", password=lambda: "pst", ca_file=Path("/ca/dav.pem"))
FOLDER = CalendarAccount("family", path=Path("/calendar"))
NOTES = NotesFolder("notes", Path("/notes"), kept=Path("/state/kept/notes"))


@pytest.mark.parametrize(
    ("station", "account", "role", "read", "write"),
    [
        ("reader", FAR, "reader", ("/ca/imap.pem",), ()),
        ("ear", FAR, "reader", ("/ca/imap.pem",), ()),
        ("hands", FAR, "hands", ("/ca/imap.pem", "/ca/smtp.pem"), ()),
        ("reader", NEAR, "files", ("/mail",), ()),
        ("ear", NEAR, "files", ("/mail",), ()),
        ("hands", NEAR, "files", (), ("/mail",)),
        ("reader", SENDING, "files", ("/mail",), ()),
        ("hands", SENDING, "hands", ("/ca/smtp.pem",), ("/mail",)),
        ("reader", DAV, "reader", ("/ca/dav.pem",), ()),
        ("hands", DAV, "hands", ("/ca/dav.pem",), ()),
        ("reader", FOLDER, "files", ("/calendar",), ()),
        ("hands", FOLDER, "files", (), ("/calendar",)),
        ("reader", NOTES, "files", ("/notes",), ()),
        ("hands", NOTES, "files", (), ("/notes", "/state/kept/notes")),
    ],
)
def test_a_worker_gets_no_more_than_its_station_needs(
    station: Station, account: Account, role: str, read: tuple[str, ...], write: tuple[str, ...]
) -> None:
    account = seen_from(station, account)
    assert (role_of(station, account), reach_of(station, account)) == (role, Reach(read, write))


def test_an_account_crosses_without_its_secrets_which_are_asked_for_by_their_part(tmp_path: Path) -> None:
    bare = carried(FAR)
    assert isinstance(bare, MailAccount)
    assert bare.smtp is not None
    assert (bare.password(), bare.smtp.password(), bare.host) == ("", "", FAR.host)
    asked = with_secrets(bare, lambda part: lambda: f"asked for {part!r}")
    assert isinstance(asked, MailAccount)
    assert asked.smtp is not None
    assert (asked.password(), asked.smtp.password()) == ("asked for ''", "asked for 'smtp'")
    assert [secret_of(FAR, part) for part in ("", "smtp", "host")] == ["hunter2", "for sending", ""]
    assert [secret_of(account, "") for account in (DAV, NOTES, NEAR)] == ["pst", "", no_secret()]
    assert [secret_of(account, "smtp") for account in (DAV, NOTES, NEAR)] == ["", "", ""]
    here = carried(NotesFolder("n", Path("notes")))
    assert here.path is not None
    assert here.path.is_absolute()


def test_an_event_that_fits_into_no_frame_counts_as_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stations, "_LARGEST", 10)
    assert stations._fitting(RawObject("a", "1", b"x" * 11)) == RawObject("a", "1", b"")
    for raw in (RawObject("a", "1", b"x" * 10), RawNote("a", "1", 0, b"x" * 11)):
        assert stations._fitting(raw) == raw


def test_many_large_events_come_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_BYTES_IN_BATCH", 10)
    assert _parted([]) == [[]]
    raws = [RawObject(str(number), "1", b"x" * size) for number, size in enumerate((4, 6, 1, 20, 3, 7, 1))]
    assert [[each.key for each in part] for part in _parted(raws)] == [["0", "1"], ["2"], ["3"], ["4", "5"], ["6"]]
