"""What each kind of action would do, to the letter: one frozen value a kind, shown and carried out as it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from butler.core.remembering import LONGEST, ROOT, TOLD

ActionKind = Literal[
    "mail.draft",
    "mail.send",
    "mail.move",
    "mail.keyword",
    "calendar.create",
    "calendar.update",
    "calendar.respond",
    "calendar.cancel",
    "task.create",
    "task.complete",
    "file.write",
    "file.append",
    "file.move",
    "memory.add",
    "mcp.call",
    "undo",
]
Scope = Literal["this", "following", "all"]
"""Which occurrences of a recurring event are meant: this one, this one and those after it, or all."""

Reply = Literal["accepted", "declined", "tentative"]
"""An answer to an invitation (PARTSTAT of RFC 5545)."""


_ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"


class _Frozen(BaseModel):
    # Built when first used: a list of actions needs few of them, and building all takes a twentieth of a second.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Person(_Frozen):
    """A name, which may be empty, and an address."""

    name: str = ""
    address: str


class Letter(_Frozen):
    """A mail to be written: its bytes follow from these fields alone.

    `sender` is the owner's identity. `body` is what they say, signature included; `quoted` the attribution line and the text
    answered to, without quote marks. `message_id`, `in_reply_to` and `references` are without angle brackets. `itip` is a
    text/calendar part with its METHOD, or empty. `thread` is the subject of the thread, for the card.
    """

    account: str
    sender: Person
    to: tuple[Person, ...]
    cc: tuple[Person, ...] = ()
    bcc: tuple[Person, ...] = ()
    subject: str
    body: str
    quoted: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    thread: str = ""
    message_id: str
    date: AwareDatetime
    itip: str = ""

    @property
    def recipients(self) -> tuple[Person, ...]:
        """All whom it would reach."""
        return (*self.to, *self.cc, *self.bcc)


class MailDraft(_Frozen):
    """A letter for the account's Drafts folder."""

    kind: Literal["mail.draft"] = "mail.draft"
    letter: Letter


class MailSend(_Frozen):
    """A letter to be sent and copied to Sent."""

    kind: Literal["mail.send"] = "mail.send"
    letter: Letter


class MailAt(_Frozen):
    """A mail where it lies: `key` is its UID under `validity`, the folder's UIDVALIDITY, or its name in a Maildir."""

    ref: str
    message_id: str
    key: str
    validity: str = ""


class MailMove(_Frozen):
    """Mails to be moved from one folder of an account to another."""

    kind: Literal["mail.move"] = "mail.move"
    account: str
    messages: tuple[MailAt, ...] = Field(min_length=1)
    source: str
    target: str


class MailKeyword(_Frozen):
    """Flags and keywords to be set on and taken from mails of one folder."""

    kind: Literal["mail.keyword"] = "mail.keyword"
    account: str
    messages: tuple[MailAt, ...] = Field(min_length=1)
    folder: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class CalendarChange(_Frozen):
    """An object of a calendar as it is and as it is to be: the whole .ics, `after` empty when it is to be deleted.

    `account` is the source in the settings, `calendar` the collection, `key` the href or file name, empty for a new object;
    `etag` the version that `before` was read with.
    """

    account: str
    calendar: str
    uid: str
    key: str = ""
    etag: str = ""
    before: str = ""
    after: str = ""


class EventFields(_Frozen):
    """What may be changed of an event; None leaves a field as it is."""

    summary: str | None = None
    start: AwareDatetime | dt.date | None = None
    end: AwareDatetime | dt.date | None = None
    location: str | None = None
    description: str | None = None


class CalendarCreate(_Frozen):
    """A new event."""

    kind: Literal["calendar.create"] = "calendar.create"
    change: CalendarChange


class CalendarUpdate(_Frozen):
    """Other fields for an event, for one occurrence (`recurrence_id`), those from it on, or all."""

    kind: Literal["calendar.update"] = "calendar.update"
    change: CalendarChange
    fields: EventFields
    scope: Scope = "all"
    recurrence_id: str = ""


class CalendarRespond(_Frozen):
    """The owner's answer to an invitation: to the calendar (`change`, None where nothing is to be written) and, where the
    server does not schedule by itself, to the organizer (`letter`, sent when `send`, else put into Drafts).
    """

    kind: Literal["calendar.respond"] = "calendar.respond"
    answer: Reply
    attendee: str
    comment: str = ""
    recurrence_id: str = ""
    change: CalendarChange | None = None
    letter: Letter | None = None
    send: bool = False


class CalendarCancel(_Frozen):
    """An event, or some of its occurrences, taken out of the calendar."""

    kind: Literal["calendar.cancel"] = "calendar.cancel"
    change: CalendarChange
    scope: Scope = "all"
    recurrence_id: str = ""


class TaskCreate(_Frozen):
    """A new task."""

    kind: Literal["task.create"] = "task.create"
    change: CalendarChange


class TaskComplete(_Frozen):
    """A task marked as done at `at`."""

    kind: Literal["task.complete"] = "task.complete"
    change: CalendarChange
    at: AwareDatetime


class FileWrite(_Frozen):
    """A file with new content: `before` is the SHA-256 (hex) of what it replaces, empty where there is none yet."""

    kind: Literal["file.write"] = "file.write"
    root: str
    path: str
    content: str
    before: str = ""


class FileAppend(_Frozen):
    """Text put at the end of a file whose content has the SHA-256 `before` (hex; empty: no file yet)."""

    kind: Literal["file.append"] = "file.append"
    root: str
    path: str
    text: str
    before: str = ""


class FileMove(_Frozen):
    """A file with the SHA-256 `before` (hex) moved inside its root; never over another."""

    kind: Literal["file.move"] = "file.move"
    root: str
    path: str
    target: str
    before: str


class McpCall(_Frozen):
    """A tool of a server of the owner's choice, called once with arguments (canonical JSON).

    `digest` is the SHA-256 (hex) of all that the server told of it then, `told` its description and `takes` its schema.
    """

    kind: Literal["mcp.call"] = "mcp.call"
    server: str
    tool: str
    arguments: str = "{}"
    digest: str
    told: str = ""
    takes: str = ""


class MemoryAdd(_Frozen):
    """One thing for the owner's memory, with where it is from (`told`, or a reference) and the day."""

    kind: Literal["memory.add"] = "memory.add"
    text: str = Field(min_length=1, max_length=LONGEST, pattern=_ONE_LINE)
    source: str = Field(default=TOLD, min_length=1, max_length=1000, pattern=_ONE_LINE)
    on: dt.date


class Undo(_Frozen):
    """What takes back the effects of the action `of`, as their receipts say."""

    kind: Literal["undo"] = "undo"
    of: int
    effects: tuple[Mapping[str, object], ...]


Payload = Annotated[
    MailDraft
    | MailSend
    | MailMove
    | MailKeyword
    | CalendarCreate
    | CalendarUpdate
    | CalendarRespond
    | CalendarCancel
    | TaskCreate
    | TaskComplete
    | FileWrite
    | FileAppend
    | FileMove
    | MemoryAdd
    | McpCall
    | Undo,
    Field(discriminator="kind"),
]

PAYLOADS: Mapping[str, type[Payload]] = MappingProxyType(
    {
        each.model_fields["kind"].default: each
        for each in (
            *(MailDraft, MailSend, MailMove, MailKeyword, CalendarCreate, CalendarUpdate, CalendarRespond, CalendarCancel),
            *(TaskCreate, TaskComplete, FileWrite, FileAppend, FileMove, MemoryAdd, McpCall, Undo),
        )
    }
)
"""The payload of each kind."""

UNDOABLE: Mapping[ActionKind, bool] = MappingProxyType({"mail.send": False, "mcp.call": False, "undo": False})
"""The kinds that cannot be taken back; all others can, where nothing changed since."""

REVISED_BY: Mapping[ActionKind, str] = MappingProxyType({"mail.draft": "draft_reply", "mail.send": "draft_reply"})
"""The workflow that makes another version of an action when its owner asks for one; of all other kinds there is none."""


def account_of(payload: Payload) -> str:
    """The account, calendar source or root of the settings that a payload is about; empty for an undo."""
    match payload:
        case MailDraft() | MailSend():
            return payload.letter.account
        case MailMove() | MailKeyword():
            return payload.account
        case FileWrite() | FileAppend() | FileMove():
            return payload.root
        case McpCall():
            return payload.server
        case MemoryAdd():
            return ROOT
        case CalendarRespond():
            return payload.change.account if payload.change else payload.letter.account if payload.letter else ""
        case Undo():
            return ""
    return payload.change.account
