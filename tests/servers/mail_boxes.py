"""Mailboxes to be changed: IMAP servers of several abilities and a Maildir, each with a way to look at and change it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dovecot_server import PASSWORD, Dovecot, running_dovecot
from imapclient import IMAPClient, imap_utf7

from butler.core.accounts import MailAccount
from butler.core.effects import AppendMail, Hands, Receipt
from butler.core.payloads import Letter, MailAt, Person
from tools.mail import TOOL

_users = itertools.count()
PLAIN = "IMAP4rev1 SASL-IR IDLE"
NO_MOVE = "IMAP4rev1 SASL-IR LITERAL+ UIDPLUS SPECIAL-USE LIST-EXTENDED"
KINDS = ("imaps", "starttls", "localized", "no extensions", "no move", "maildir")
DRAFTS = {"localized": "Entwürfe", "maildir": "Entwürfe"}


def letter(number: int = 1, **changes: Any) -> Letter:
    fields: dict[str, Any] = {
        "account": "home",
        "sender": Person(name="Anna Berger", address="anna@berger.example"),
        "to": (Person(name="Tom", address="tom@nordwind.example"),),
        "bcc": (Person(address="ben@berger.example"),),
        "subject": "Re: Größe",
        "body": "Hallo Tom,\n\nja.\n\n-- \nAnna",
        "quoted": "Am 24.11.2026 um 10:00 schrieb Tom:\nPasst das?",
        "in_reply_to": "ask@nordwind.example",
        "references": ("ask@nordwind.example",),
        "message_id": f"butler.{number}@berger.example",
        "date": datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
    }
    return Letter(**(fields | changes))


@dataclass
class Mailbox:
    """A mailbox under test, and how its owner looks at it and changes it."""

    kind: str
    account: MailAccount
    client: IMAPClient | None
    drafts: str
    hands: Hands = field(init=False)

    def __post_init__(self) -> None:
        self.hands = TOOL.hands(self.account)

    def draft(self, number: int = 1) -> AppendMail:
        return AppendMail(account="home", role="\\Drafts", letter=letter(number))

    def _place(self, folder: str) -> Path:
        root = self.account.path
        assert root is not None
        return root if folder == "INBOX" else root / f".{imap_utf7.encode(folder).decode()}"

    def mails(self, folder: str) -> list[tuple[bytes, set[str]]]:
        """The bytes and flags of the mails of a folder that are not deleted."""
        if self.client is None:
            letters = {"S": "\\Seen", "D": "\\Draft", "F": "\\Flagged", "R": "\\Answered"}
            files = sorted((self._place(folder) / "cur").iterdir())
            return [(file.read_bytes(), {letters[one] for one in file.name.partition(":2,")[2]}) for file in files]
        self.client.select_folder(folder, readonly=True)
        found = self.client.fetch(self.client.search("UNDELETED"), ["BODY.PEEK[]", "FLAGS"])
        return [(one[b"BODY[]"], {flag.decode() for flag in one[b"FLAGS"]} - {"\\Recent"}) for one in found.values()]

    def put(self, folder: str, content: bytes, flags: str = "") -> None:
        """Put a mail where another program would."""
        if self.client:
            names = {"S": b"\\Seen", "F": b"\\Flagged", "D": b"\\Draft"}
            self.client.append(folder, content, [names[one] for one in flags])
            return
        (self._place(folder) / "cur" / f"{1_795_000_000 + next(_users)}.M1.test:2,{flags}").write_bytes(content)

    def rewrite(self, folder: str, old: bytes, new: bytes) -> None:
        """Change the mails of a folder as a mail program does: a new one in place of the old one."""
        for content, _ in self.mails(folder):
            self.put(folder, content.replace(old, new))
            self.delete(folder, content)

    def at(self, folder: str, *message_ids: str) -> tuple[MailAt, ...]:
        """Where some mails lie, as the mirror knows it."""
        validity = ""
        keys: dict[str, str] = {}
        if self.client:
            validity = str(self.client.select_folder(folder, readonly=True)[b"UIDVALIDITY"])
            for uid, found in self.client.fetch(self.client.search(), ["BODY.PEEK[HEADER]"]).items():
                keys[_id(found[b"BODY[HEADER]"])] = str(uid)
        else:
            for file in (self._place(folder) / "cur").iterdir():
                keys[_id(file.read_bytes())] = file.name.partition(":2,")[0]
        return tuple(MailAt(ref=f"mail:home/{one}", message_id=one, key=keys[one], validity=validity) for one in message_ids)

    def delete(self, folder: str, content: bytes) -> None:
        if self.client is None:
            next(file for file in (self._place(folder) / "cur").iterdir() if file.read_bytes() == content).unlink()
            return
        self.client.select_folder(folder)
        for uid in self.client.search():
            if self.client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"] == content:
                self.client.delete_messages([uid])
                self.client.expunge()
                return
        raise AssertionError("there is no such mail")


def _id(content: bytes) -> str:
    return content.partition(b"Message-ID: <")[2].partition(b">")[0].decode()


def small(number: int, text: str = "hi") -> bytes:
    """A mail from the world."""
    return (
        f"From: tom@nordwind.example\r\nSubject: {number}\r\nMessage-ID: <{number}@nordwind.example>\r\n\r\n{text}\r\n".encode()
    )


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Dovecot]]:
    with (
        running_dovecot() as full,
        running_dovecot(capability=PLAIN, special_use=False) as bare,
        running_dovecot(capability=NO_MOVE) as clumsy,
        running_dovecot(drafts=DRAFTS["localized"]) as other,
    ):
        yield {"imaps": full, "starttls": full, "no extensions": bare, "no move": clumsy, "localized": other}


@pytest.fixture(params=KINDS)
def mailbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mailbox]:
    kind: str = request.param
    drafts = DRAFTS.get(kind, "Drafts")
    if kind == "maildir":
        for folder in ("", ".Sent", ".Archive", f".{imap_utf7.encode(drafts).decode()}"):
            for part in ("cur", "new", "tmp"):
                (tmp_path / "mail" / folder / part).mkdir(parents=True)
        account = MailAccount("home", path=tmp_path / "mail")
        made = Mailbox(kind, account, None, drafts)
    else:
        server: Dovecot = request.getfixturevalue("servers")[kind]
        user = f"hands{next(_users)}@berger.example"
        tls: Any = "implicit" if kind == "imaps" else "starttls"
        port = server.tls_port if kind == "imaps" else server.port
        account = MailAccount(
            "home", "localhost", port, user, lambda: PASSWORD, tls, server.ca_file, folders=("*",), timeout=30.0
        )
        client = IMAPClient("127.0.0.1", server.port, ssl=False)
        client.login(user, PASSWORD)
        made = Mailbox(kind, account, client, drafts)
    with closing(made.hands):
        yield made
    if made.client:
        made.client.logout()


def done(mailbox: Mailbox, effect: Any) -> Receipt:
    """Carry an effect out as the executor does."""
    seen = mailbox.hands.look(effect)
    assert seen.state == "open", seen
    return mailbox.hands.act(effect, seen)
