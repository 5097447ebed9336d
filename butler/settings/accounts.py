"""The accounts as they are set: mailboxes, calendars and folders of notes, each turned into the core's value."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from butler.core.accounts import CalendarAccount, ContactsAccount, Login, MailAccount, NotesFolder, SmtpServer
from butler.core.accounts import Secret as Fetched
from butler.settings.checks import dav_problems, login_problems, mail_problems, smtp_problems, trust_problems
from butler.settings.oauth import OauthPart
from butler.settings.parts import Part, Pins, Place, Seconds, Secret, Words, refuse
from butler.settings.secrets import Password

_PIN = "SHA-256 of the server's certificate, or of several: only these are taken, whoever signed them; instead of ca_file"
_EVENTS = ("CalDAV", "a folder of .ics files")
_CARDS = ("CardDAV", "a folder of .vcf files or one such file")
_READ_ONLY = "true: never write there, whatever is approved"


class SmtpPart(Part):
    """Where an account's mails are sent."""

    host: str = Field(default="", description="name of the SMTP server; left out: nothing is sent, answers go to Drafts")
    port: int | None = Field(default=None, ge=1, le=65535, description="port; left out: 465 with tls implicit, else 587")
    user: str = Field(default="", description="user name there; left out: that of the mail account")
    password: Secret = Field(default=Password(), description="password there; left out: that of the mail account")
    tls: Literal["implicit", "starttls", "none"] = Field(
        default="implicit", description="implicit, starttls, or none (only for a server on this machine)"
    )
    ca_file: Place | None = Field(
        default=None, description="certificate authority to trust, a PEM file; left out: the system's"
    )
    pin: Pins = Field(default=(), description=_PIN)

    @model_validator(mode="after")
    def _check(self) -> SmtpPart:
        refuse([*smtp_problems(self.host, self.tls), *trust_problems(self.ca_file, self.pin)])
        return self

    def server(self, user: str, password: Fetched, login: Login, timeout: float) -> SmtpServer | None:
        """The server, with the mail account's user and log-in where it has none of its own; None where none is set."""
        if not self.host:
            return None
        has_own = self.password.form != "none"
        return SmtpServer(
            host=self.host,
            port=self.port or (465 if self.tls == "implicit" else 587),
            user=self.user or user,
            password=self.password if has_own else password,
            tls=self.tls,
            ca_file=self.ca_file,
            pins=self.pin,
            timeout=timeout,
            login="password" if has_own else login,
        )


class MailPart(Part):
    """A mailbox: on an IMAP server (`host`) or in a Maildir (`path`)."""

    host: str = Field(default="", description="name of the IMAP server; or set path for a Maildir")
    port: int | None = Field(default=None, ge=1, le=65535, description="port; left out: 993 with tls implicit, else 143")
    user: str = Field(default="", description="user name on the server")
    password: Secret = Field(default=Password(), description="password; better in a file or told by a command")
    tls: Literal["implicit", "starttls", "none"] = Field(
        default="implicit", description="implicit, starttls, or none (only for a server on this machine)"
    )
    ca_file: Place | None = Field(
        default=None, description="certificate authority to trust, a PEM file; left out: the system's"
    )
    pin: Pins = Field(default=(), description=_PIN)
    path: Place | None = Field(default=None, description="folder of a Maildir, instead of host")
    folders: Words = Field(
        default=MailAccount("").folders, description="folders to read: names, patterns, or roles such as \\Sent"
    )
    watch: Words = Field(
        default=("INBOX",), description="folders in which new mail starts a run, each over a connection of its own"
    )
    poll_minutes: float = Field(
        default=5.0, ge=1, le=1440, description="minutes after which watched folders are looked at, whatever the server tells"
    )
    timeout: Seconds = Field(default=30.0, description="seconds to wait for the server")
    text_limit: int = Field(default=1_000_000, ge=1000, le=100_000_000, description="most bytes to read of a text part")
    address: str = Field(default="", description="address that mails from here are written as; left out: the user, or yours")
    sender_name: str = Field(default="", description="name that mails from here are written as; left out: yours")
    signature: str = Field(default="", description="signature below mails from here")
    drafts: str = Field(default="", description="name of the folder for drafts; left out: the one that the server marks so")
    sent: str = Field(default="", description="name of the folder for sent mails; left out: the one that the server marks so")
    read_only: bool = Field(default=False, description=_READ_ONLY)
    oauth: OauthPart = OauthPart.model_construct()
    smtp: SmtpPart = SmtpPart.model_construct()

    @model_validator(mode="after")
    def _check(self) -> MailPart:
        has_password = self.password.form != "none"
        problems = mail_problems(self.host, self.path, self.user, self.tls, has_password=has_password or self.oauth.is_on)
        more = login_problems(has_password=has_password, has_oauth=self.oauth.is_on)
        refuse([*problems, *more, *trust_problems(self.ca_file, self.pin)])
        return self

    def account(self, name: str, state: Path | None = None) -> MailAccount:
        """The account that the mail tool opens; a log-in by OAuth is kept in the state folder."""
        secret: Fetched = self.oauth.token("mail", name, state) if self.oauth.is_on else self.password
        return MailAccount(
            name=name,
            host=self.host,
            port=self.port or (993 if self.tls == "implicit" else 143),
            user=self.user,
            password=secret,
            tls=self.tls,
            ca_file=self.ca_file,
            pins=self.pin,
            path=self.path,
            folders=self.folders,
            timeout=self.timeout,
            text_limit=self.text_limit,
            address=self.address or (self.user if "@" in self.user else ""),
            sender_name=self.sender_name,
            signature=self.signature,
            drafts=self.drafts,
            sent=self.sent,
            smtp=self.smtp.server(self.user, secret, self.oauth.login, self.timeout),
            read_only=self.read_only,
            login=self.oauth.login,
        )


class CalendarPart(Part):
    """Calendars and task lists: on a CalDAV server (`url`) or in a folder of .ics files (`path`)."""

    url: str = Field(
        default="", description="address of a calendar, of their home or of the principal; or set path for a folder"
    )
    user: str = Field(default="", description="user name on the server")
    password: Secret = Field(default=Password(), description="password; better in a file or told by a command")
    ca_file: Place | None = Field(
        default=None, description="certificate authority to trust, a PEM file; left out: the system's"
    )
    pin: Pins = Field(default=(), description=_PIN)
    path: Place | None = Field(default=None, description="folder of .ics files (a vdir), instead of url")
    collections: Words = Field(
        default=(), description="calendars to read, by name or last part of their address; left out: all"
    )
    timeout: Seconds = Field(default=30.0, description="seconds to wait for the server")
    read_only: bool = Field(default=False, description=_READ_ONLY)
    oauth: OauthPart = OauthPart.model_construct()

    @model_validator(mode="after")
    def _check(self) -> CalendarPart:
        has_password = self.password.form != "none"
        problems = dav_problems(self.url, self.path, self.user, *_EVENTS, has_password=has_password)
        more = login_problems(has_password=has_password, has_oauth=self.oauth.is_on)
        refuse([*problems, *more, *trust_problems(self.ca_file, self.pin)])
        return self

    def account(self, name: str, state: Path | None = None) -> CalendarAccount:
        """The account that the calendar tool opens; a log-in by OAuth is kept in the state folder."""
        return CalendarAccount(
            name=name,
            url=self.url,
            user=self.user,
            password=self.oauth.token("calendar", name, state) if self.oauth.is_on else self.password,
            ca_file=self.ca_file,
            pins=self.pin,
            path=self.path,
            collections=self.collections,
            timeout=self.timeout,
            read_only=self.read_only,
            login=self.oauth.login,
        )


class ContactsPart(Part):
    """Address books: on a CardDAV server (`url`), in a folder of .vcf files, or in one such file (`path`)."""

    url: str = Field(
        default="", description="address of an address book, of their home or of the principal; or set path for a folder"
    )
    user: str = Field(default="", description="user name on the server")
    password: Secret = Field(default=Password(), description="password; better in a file or told by a command")
    ca_file: Place | None = Field(
        default=None, description="certificate authority to trust, a PEM file; left out: the system's"
    )
    pin: Pins = Field(default=(), description=_PIN)
    path: Place | None = Field(default=None, description="folder of .vcf files (a vdir), or one .vcf file, instead of url")
    collections: Words = Field(
        default=(), description="address books to read, by name or last part of their address; left out: all"
    )
    timeout: Seconds = Field(default=30.0, description="seconds to wait for the server")

    @model_validator(mode="after")
    def _check(self) -> ContactsPart:
        problems = dav_problems(self.url, self.path, self.user, *_CARDS, has_password=self.password.form != "none")
        refuse([*problems, *trust_problems(self.ca_file, self.pin)])
        return self

    def account(self, name: str) -> ContactsAccount:
        """The account that the contacts tool opens."""
        return ContactsAccount(
            name=name,
            url=self.url,
            user=self.user,
            password=self.password,
            ca_file=self.ca_file,
            pins=self.pin,
            path=self.path,
            collections=self.collections,
            timeout=self.timeout,
        )


class NotesPart(Part):
    """A folder of notes."""

    path: Place = Field(description="folder of Markdown and text files")
    patterns: Words = Field(default=NotesFolder("", Path()).patterns, description="which files are notes")
    read_only: bool = Field(default=False, description=_READ_ONLY)

    def account(self, name: str, kept: Path | None = None, without: tuple[Path, ...] = ()) -> NotesFolder:
        """The folder that the notes tool opens, `without` some below it; old versions of changed files go to `kept`."""
        return NotesFolder(name, self.path, self.patterns, read_only=self.read_only, kept=kept, without=without)
