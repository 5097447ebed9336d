"""What a mail is: as a server or folder hands it over, as it is once parsed, and as the mirror keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

SEEN = "\\seen"
ANSWERED = "\\answered"
FLAGGED = "\\flagged"
DRAFT = "\\draft"


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: its display name (decoded, may be empty) and its address (domain in lower case)."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment by name, media type (lower case) and size in bytes; its content is never fetched."""

    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class RawPart:
    """One fetched text part, still transfer-encoded."""

    media_type: str
    charset: str
    encoding: str
    content: bytes
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class RawMail:
    """A mail as its source hands it over: either `whole` (a file) or `header` and text `parts` (IMAP).

    `key` is the UID or file name in its folder, `flags` are lower-case IMAP flags, `received` is in seconds
    since 1970 (UTC), `size` in bytes.
    """

    key: str
    flags: frozenset[str]
    received: int
    size: int
    header: bytes = b""
    parts: tuple[RawPart, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    whole: bytes | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A parsed mail; every text is decoded Unicode without NUL or lone surrogates.

    `message_id`, `in_reply_to` and `references` are without angle brackets; `message_id` is empty when the mail has
    none. `date` is the Date header in UTC or None. `list_id` is the List-Id's identifier. `bulk` says that a
    machine sent it to many (Precedence, List-Unsubscribe, Auto-Submitted, …), `bounce` that it is a delivery report.
    `calendar` is the text of its first text/calendar part. `problems` are sentences on what could not be read.
    `followup_to` is whom its sender wants answers to all to go to (Mail-Followup-To).
    """

    key: str
    flags: frozenset[str]
    received: int
    size: int
    message_id: str
    date: datetime | None
    subject: str
    sender: Address | None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    list_id: str = ""
    bulk: bool = False
    bounce: bool = False
    text: str = ""
    html_only: bool = False
    calendar: str = ""
    attachments: tuple[Attachment, ...] = ()
    problems: tuple[str, ...] = ()
    followup_to: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as the mirror keeps it: the message, where it lies, and its thread.

    `ref` is unique and stable. `sent` says that one of the owner's addresses wrote it. `when` is the Date header, or
    the arrival where that is missing or implausible, in UTC. `content_hash` is the SHA-256 (hex) of what the
    owner reads: sender, subject and text.
    """

    ref: str
    account: str
    folder: str
    thread: int
    when: datetime
    sent: bool
    content_hash: str
    message: Message = field(repr=False)


@dataclass(frozen=True, slots=True)
class MailPlace:
    """Where a mail lies: folder, its role, the mail's key there, and the folder's UIDVALIDITY (empty in a Maildir)."""

    folder: str
    role: str
    key: str
    validity: str = ""


@dataclass(frozen=True, slots=True)
class NewText:
    """A mail's text taken apart: what its author wrote now, their signature, and the quoted history."""

    new: str
    signature: str
    quoted: str
