"""What every mail source keeps, whatever it speaks: IMAP over TLS, with STARTTLS, in plain text on loopback, and a Maildir."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from dovecot_server import PASSWORD, Dovecot, dovecot_session
from imapclient import IMAPClient

from butler.core.accounts import MailAccount
from butler.core.errors import SourceError
from butler.core.mail import Message, RawMail
from butler.core.sources import Batch, Collection, Frame, Source
from tools.mail import TOOL

__all__ = ["dovecot_session"]

_users = itertools.count()


def mail(subject: str, text: str = "Hello", **headers: str) -> bytes:
    extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"From: Tom <tom@nordwind.example>\r\nTo: anna@berger.example\r\nSubject: {subject}\r\n{extra}"
    return f"{head}Message-ID: <{subject.replace(' ', '-')}@nordwind.example>\r\n\r\n{text}\r\n".encode()


@dataclass
class Mailbox:
    """A mailbox under test, how its owner changes it, and the mirror's view of it."""

    account: MailAccount
    maildir: Path
    client: IMAPClient | None
    source: Source[Any] = field(init=False)
    known: dict[str, dict[str, str]] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.source = TOOL.open(self.account)

    def deliver(self, content: bytes, folder: str = "INBOX", flags: str = "") -> None:
        """Put a mail into a folder; `flags` are the letters of a Maildir."""
        if self.client:
            names = {"S": b"\\Seen", "R": b"\\Answered", "F": b"\\Flagged"}
            self.client.append(folder, content, [names[letter] for letter in flags])
            return
        place = self.maildir if folder == "INBOX" else self.maildir / f".{folder}"
        (place / "cur" / f"{1_795_000_000 + next(_users)}.M1.test:2,{flags}").write_bytes(content)

    def mark_seen(self, subject: str) -> None:
        if self.client:
            self.client.select_folder("INBOX")
            self.client.add_flags(self.client.search(["SUBJECT", subject]), [b"\\Seen"])
            self.client.unselect_folder()
            return
        path = self._file(subject)
        path.rename(path.with_name(path.name + "S"))

    def remove(self, subject: str) -> None:
        if self.client:
            self.client.select_folder("INBOX")
            self.client.delete_messages(self.client.search(["SUBJECT", subject]))
            self.client.expunge()
            self.client.unselect_folder()
            return
        self._file(subject).unlink()

    def _file(self, subject: str) -> Path:
        return next(path for path in (self.maildir / "cur").iterdir() if subject.encode() in path.read_bytes())

    def collection(self, name: str = "INBOX") -> Collection:
        return next(found for found in self.source.collections() if found.name == name)

    def sync(self, name: str = "INBOX") -> tuple[list[Message], dict[str, frozenset[str]], list[str]]:
        """Do as the mirror does; returns what came, whose flags changed and what is gone."""
        known = self.known.setdefault(name, {})
        added: list[Message] = []
        flags: dict[str, frozenset[str]] = {}
        removed: list[str] = []
        for batch in self.source.changes(self.collection(name), self.cursors.get(name), lambda: dict(known)):
            self.store(batch)
            added += TOOL.parse(batch.added, Frame())
            flags |= batch.flags or {}
            removed += batch.removed
        return added, flags, removed

    def store(self, batch: Batch[RawMail]) -> None:
        known = self.known.setdefault(batch.collection, {})
        if batch.reset:
            known.clear()
        known |= {raw.key: " ".join(sorted(raw.flags)) for raw in batch.added}
        known |= {key: " ".join(sorted(flags)) for key, flags in (batch.flags or {}).items()}
        for key in batch.removed:
            known.pop(key, None)
        self.cursors[batch.collection] = batch.cursor


Kind = Literal["tls", "starttls", "plain", "maildir"]


def account_on(server: Dovecot, kind: Kind, user: str, **options: Any) -> MailAccount:
    tls: Mapping[Kind, Any] = {"tls": "implicit", "starttls": "starttls", "plain": "none"}
    port = server.tls_port if kind == "tls" else server.port
    return MailAccount("home", "127.0.0.1", port, user, lambda: PASSWORD, tls[kind], server.ca_file, timeout=10.0, **options)


@pytest.fixture(params=["tls", "starttls", "plain", "maildir"])
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture
def mailbox(kind: Kind, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mailbox]:
    if kind == "maildir":
        for folder in ("", ".Sent", ".Archive", ".Entw&APw-rfe"):
            for part in ("cur", "new", "tmp"):
                (tmp_path / "mail" / folder / part).mkdir(parents=True)
        box = Mailbox(MailAccount("home", path=tmp_path / "mail"), tmp_path / "mail", None)
        yield box
        box.source.close()
        return
    server: Dovecot = request.getfixturevalue("dovecot_session")
    user = f"anna{next(_users)}.{os.getpid()}@berger.example"
    with IMAPClient("127.0.0.1", server.port, ssl=False) as client:
        client.login(user, PASSWORD)
        client.create_folder("Entwürfe")
        box = Mailbox(account_on(server, kind, user), server.maildir_of(user), client)
        yield box
        box.source.close()


def test_a_mail_comes_over_with_its_headers_text_flags_and_size(mailbox: Mailbox) -> None:
    content = mail("Garden plans", "See you on Friday?", Date="Mon, 23 Nov 2026 10:00:00 +0100", In_Reply_To="<a@b.example>")
    mailbox.deliver(content, flags="SR")
    (found,), _, _ = mailbox.sync()
    assert found.subject == "Garden plans"
    assert found.text.strip() == "See you on Friday?"
    assert found.sender is not None
    assert (found.sender.name, found.sender.address) == ("Tom", "tom@nordwind.example")
    assert found.flags == {"\\seen", "\\answered"}
    assert found.size == len(content)
    assert found.message_id == "Garden-plans@nordwind.example"
    assert found.in_reply_to == "a@b.example"
    assert found.date is not None
    assert found.date.isoformat() == "2026-11-23T09:00:00+00:00"
    assert found.received > 1_700_000_000
    assert found.problems == ()


def test_the_chosen_folders_are_listed_with_their_roles(mailbox: Mailbox) -> None:
    roles = {found.name: found.role for found in mailbox.source.collections()}
    assert roles == {"INBOX": "\\Inbox", "Sent": "\\Sent", "Archive": "\\Archive"}


def test_a_pattern_chooses_folders_by_their_decoded_names(mailbox: Mailbox, kind: Kind) -> None:
    source = TOOL.open(_with_folders(mailbox.account, "Entw*"))
    assert [found.name for found in source.collections()] == ["Entwürfe"]
    source.close()


def _with_folders(account: MailAccount, *folders: str) -> MailAccount:
    from dataclasses import replace

    return replace(account, folders=folders)


def test_a_folder_that_does_not_exist_is_named_and_harms_no_other(mailbox: Mailbox) -> None:
    source = TOOL.open(_with_folders(mailbox.account, "Holidays", "INBOX"))
    mailbox.deliver(mail("still here"))
    found = {collection.name: collection for collection in source.collections()}
    with pytest.raises(SourceError, match=r"no folder Holidays; there are: .*INBOX") as caught:
        list(source.changes(found["Holidays"], None, dict))
    assert caught.value.permanent
    assert sum(len(batch.added) for batch in source.changes(found["INBOX"], None, dict)) == 1
    source.close()


def test_an_empty_folder_yields_a_cursor_and_nothing_else(mailbox: Mailbox) -> None:
    assert mailbox.sync("Sent") == ([], {}, [])
    assert mailbox.cursors["Sent"]
    assert mailbox.sync("Sent") == ([], {}, [])


def test_nothing_new_yields_nothing(mailbox: Mailbox) -> None:
    mailbox.deliver(mail("one"))
    mailbox.sync()
    assert mailbox.sync() == ([], {}, [])
    first, second = mailbox.collection(), mailbox.collection()
    assert first.token == second.token or "" in {first.token, second.token}


def test_only_new_mails_come_the_second_time_and_the_token_changes(mailbox: Mailbox) -> None:
    mailbox.deliver(mail("one"))
    mailbox.sync()
    before = mailbox.collection().token
    mailbox.deliver(mail("two"))
    mailbox.deliver(mail("three"))
    after = mailbox.collection().token
    assert after != before or after == ""
    added, flags, removed = mailbox.sync()
    assert sorted(found.subject for found in added) == ["three", "two"]
    assert (flags, removed) == ({}, [])


def test_flags_that_changed_are_told(mailbox: Mailbox) -> None:
    mailbox.deliver(mail("one"))
    mailbox.deliver(mail("two"))
    mailbox.sync()
    mailbox.mark_seen("two")
    added, flags, removed = mailbox.sync()
    assert (added, removed) == ([], [])
    assert list(flags.values()) == [frozenset({"\\seen"})]
    assert mailbox.sync() == ([], {}, [])


def test_a_mail_that_is_gone_is_told(mailbox: Mailbox) -> None:
    mailbox.deliver(mail("one"))
    mailbox.deliver(mail("two"))
    mailbox.sync()
    mailbox.remove("one")
    added, _, removed = mailbox.sync()
    assert added == []
    assert len(removed) == 1
    assert len(mailbox.known["INBOX"]) == 1
    assert mailbox.sync() == ([], {}, [])


def test_one_gone_one_new_and_one_read_at_the_same_time_are_all_told(mailbox: Mailbox) -> None:
    for subject in ("one", "two"):
        mailbox.deliver(mail(subject))
    mailbox.sync()
    mailbox.remove("one")
    mailbox.mark_seen("two")
    mailbox.deliver(mail("three"))
    added, flags, removed = mailbox.sync()
    assert [found.subject for found in added] == ["three"]
    assert list(flags.values()) == [frozenset({"\\seen"})]
    assert len(removed) == 1


def test_a_first_sync_that_was_interrupted_goes_on_and_misses_nothing(mailbox: Mailbox) -> None:
    subjects = [f"number {n:03}" for n in range(620)]
    if mailbox.client:
        mailbox.client.multiappend("INBOX", [mail(subject) for subject in subjects])
    else:
        for subject in subjects:
            mailbox.deliver(mail(subject))
    batches = iter(mailbox.source.changes(mailbox.collection(), None, dict))
    first = next(batches)
    mailbox.store(first)
    del batches
    mailbox.remove(TOOL.parse(first.added, Frame())[3].subject)
    added, _, removed = mailbox.sync()
    assert len(first.added) + len(added) == 620
    assert len(removed) == 1
    assert len(mailbox.known["INBOX"]) == 619


def test_looking_leaves_no_trace(mailbox: Mailbox) -> None:
    mailbox.deliver(mail("unread"))
    mailbox.sync()
    if not mailbox.client:
        assert [path.name.partition(":2,")[2] for path in (mailbox.maildir / "cur").iterdir()] == [""]
        return
    mailbox.source.close()
    assert mailbox.client.folder_status("INBOX", ["RECENT", "UNSEEN"]) == {b"RECENT": 1, b"UNSEEN": 1}


MULTIPART = b"""From: tom@nordwind.example
To: anna@berger.example
Subject: The offer
Message-ID: <offer@nordwind.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe
--a
Content-Type: text/html

<p>Not this one</p>
--a--
--m
Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
END:VCALENDAR
--m
Content-Type: application/pdf
Content-Disposition: attachment; filename*=utf-8''Angebot%20f%C3%BCr%20Anna.pdf
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--m--
""".replace(b"\n", b"\r\n")


def test_of_a_multipart_the_plain_text_the_invitation_and_the_names_of_attachments_are_read(mailbox: Mailbox) -> None:
    mailbox.deliver(MULTIPART)
    (found,), _, _ = mailbox.sync()
    assert found.text.strip() == "Grüße"
    assert not found.html_only
    assert found.calendar.startswith("BEGIN:VCALENDAR")
    assert [(each.name, each.media_type) for each in found.attachments] == [("Angebot für Anna.pdf", "application/pdf")]
    assert found.attachments[0].size > 0


def test_html_only_becomes_text(mailbox: Mailbox) -> None:
    html = "<html><body><p>Hello <b>Anna</b></p><div style='display:none'>secret order</div></body></html>"
    mailbox.deliver(mail("pretty", html, MIME_Version="1.0", Content_Type="text/html; charset=utf-8"))
    (found,), _, _ = mailbox.sync()
    assert found.html_only
    assert found.text == "Hello Anna"


BROKEN = {
    "no headers": b"\r\njust words\r\n",
    "NUL": b"Subject: a\0b\r\n\r\nte\0xt\r\n",
    "broken MIME": b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nha",
    "unknown charset": b"Subject: =?x-klingon?q?=FF?=\r\nContent-Type: text/plain; charset=../../etc\r\n\r\n\xff\xfe\x81",
    "bad date": b"Date: the day after tomorrow\r\nSubject: d\r\n\r\ntext",
    "nested": b"Subject: deep\r\n"
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(200))
    + b"Content-Type: text/plain\r\n\r\nbottom\r\n",
    "base64": b"Subject: b\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!abc",
}


def test_broken_mails_hide_no_other(mailbox: Mailbox) -> None:
    mailbox.deliver(mail("first"))
    for content in BROKEN.values():
        mailbox.deliver(content)
    mailbox.deliver(mail("last"))
    added, _, _ = mailbox.sync()
    assert len(added) == len(BROKEN) + 2
    assert {"first", "last"} <= {found.subject for found in added}
    assert not any("\0" in found.subject + found.text for found in added)


def test_a_very_long_text_is_cut_at_the_limit_and_says_so(mailbox: Mailbox) -> None:
    mailbox.deliver(mail("long", "All work and no play.\r\n" * 60_000))
    (found,), _, _ = mailbox.sync()
    assert 900_000 < len(found.text) <= 1_000_000
    assert any("cut" in problem for problem in found.problems)


def test_a_text_somewhat_longer_than_the_first_look_comes_whole(mailbox: Mailbox) -> None:
    text = "".join(f"line {n} of many\r\n" for n in range(5_000))
    mailbox.deliver(mail("medium", text))
    (found,), _, _ = mailbox.sync()
    assert found.text.strip() == text.replace("\r\n", "\n").strip()


def test_closing_twice_is_no_error_and_reading_dials_again(mailbox: Mailbox) -> None:
    mailbox.deliver(mail("one"))
    mailbox.sync()
    mailbox.source.close()
    mailbox.source.close()
    mailbox.deliver(mail("two"))
    added, _, _ = mailbox.sync()
    assert [found.subject for found in added] == ["two"]
