"""The accounts that sources are made from: plain values, so that tools need not know the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from butler.core.models import Api, ModelPin, ModelServer, Role

Secret = Callable[[], str]
"""Fetches a secret when it is needed (from a file, a command, a credential), so that it is kept nowhere."""


Login = Literal["password", "xoauth2"]
"""How an account is logged in to; with xoauth2 the secret is an access token (SASL XOAUTH2, `Bearer` over HTTP)."""


Pins = tuple[str, ...]
"""SHA-256 digests, in small hex, of the certificates that a server may show; none: its authority is asked instead."""


def no_secret() -> str:
    """The secret of an account that needs none."""
    return ""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where an account's mails are sent; `tls` as for IMAP, `timeout` in seconds."""

    host: str
    port: int = 465
    user: str = ""
    password: Secret = field(default=no_secret, repr=False)
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    ca_file: Path | None = None
    timeout: float = 30.0
    login: Login = "password"
    pins: Pins = ()


@dataclass(frozen=True, slots=True)
class MailAccount:
    """A mailbox: IMAP at `host`, or the Maildir (with Maildir++ or plain subfolders) at `path` when that is set.

    `folders` are folder names, SPECIAL-USE roles such as `\\\\Sent`, or glob patterns. `tls` is `implicit`, `starttls`
    or, on loopback only, `none`. `timeout` is in seconds, `text_limit` in bytes a text part.

    `address` and `sender_name` are the owner's identity in mails from here (empty: the owner's), `signature` stands below
    them. `drafts` and `sent` name those folders where no SPECIAL-USE role does. `smtp` is where mails are sent, if anywhere.
    Nothing is ever written where `read_only` is set.
    """

    name: str
    host: str = ""
    port: int = 993
    user: str = ""
    password: Secret = field(default=no_secret, repr=False)
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    ca_file: Path | None = None
    path: Path | None = None
    folders: tuple[str, ...] = ("INBOX", "\\Sent", "\\Archive")
    timeout: float = 30.0
    text_limit: int = 1_000_000
    address: str = ""
    sender_name: str = ""
    signature: str = ""
    drafts: str = ""
    sent: str = ""
    smtp: SmtpServer | None = None
    read_only: bool = False
    login: Login = "password"
    pins: Pins = ()


@dataclass(frozen=True, slots=True)
class CalendarAccount:
    """Calendars and task lists: CalDAV at `url` (a calendar, a home or a principal), or a vdir at `path`.

    `collections` names the calendars to read (display name or last path segment); empty means all. Nothing is ever
    written where `read_only` is set.
    """

    name: str
    url: str = ""
    user: str = ""
    password: Secret = field(default=no_secret, repr=False)
    ca_file: Path | None = None
    path: Path | None = None
    collections: tuple[str, ...] = ()
    timeout: float = 30.0
    read_only: bool = False
    login: Login = "password"
    pins: Pins = ()


@dataclass(frozen=True, slots=True)
class ContactsAccount:
    """Address books: CardDAV at `url` (a book, a home or a principal), or a folder of .vcf files, or one file, at `path`.

    `collections` names the address books to read (display name or last path segment); empty means all. Nothing is ever
    written there.
    """

    name: str
    url: str = ""
    user: str = ""
    password: Secret = field(default=no_secret, repr=False)
    ca_file: Path | None = None
    path: Path | None = None
    collections: tuple[str, ...] = ()
    timeout: float = 30.0
    login: Login = "password"
    pins: Pins = ()


@dataclass(frozen=True, slots=True)
class NotesFolder:
    """A folder of notes, or of `documents`: files below `path` whose names match `patterns`, up to `limit` bytes each.

    Folders of `without` are not read: what the butler writes itself is no news. Nothing is ever written where `read_only`
    is set; `kept` is where the old version of a changed file is kept.
    """

    name: str
    path: Path
    patterns: tuple[str, ...] = ("*.md", "*.markdown", "*.txt")
    limit: int = 1_000_000
    read_only: bool = False
    kept: Path | None = None
    without: tuple[Path, ...] = ()
    documents: bool = False


@dataclass(frozen=True, slots=True)
class ModelHost:
    """The model servers and how they are used: `context` in tokens, `deadline` in seconds for one asking with its repairs.

    `url` is the first server and `more` are the others; `name` is the model, `write` and `ask` are those of these
    two roles where they differ. `pins` is what the owner agreed to, `alias` says whether copies of that are kept.
    """

    url: str = "http://127.0.0.1:11434"
    name: str = ""
    context: int = 8192
    deadline: float = 180.0
    keep_alive: str = "10m"
    seed: int = 7
    api: Api = "ollama"
    slots: int = 1
    write: str = ""
    ask: str = ""
    more: tuple[ModelServer, ...] = ()
    pins: tuple[ModelPin, ...] = ()
    alias: bool = True
    only_recorded: tuple[str, ...] = ()

    def named(self, role: Role) -> str:
        """The model that does the work of a role."""
        return {"write": self.write, "ask": self.ask}.get(role, "") or self.name

    def servers(self) -> tuple[ModelServer, ...]:
        """All servers, the first of the settings first."""
        return (ModelServer("", self.url, self.api, self.slots), *self.more)


DavAccount = CalendarAccount | ContactsAccount
"""What may be on a DAV server, or in a folder of files each of which is one thing."""

Account = MailAccount | CalendarAccount | NotesFolder | ContactsAccount
