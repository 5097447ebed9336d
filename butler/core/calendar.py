"""What an event, an occurrence of it and a task are, whatever server or folder they came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Answer = Literal["accepted", "declined", "tentative", "needs-action", "delegated"]


@dataclass(frozen=True, slots=True)
class CalendarPlace:
    """A collection of calendar objects: the account in the settings and the collection's name; both empty: there is none."""

    account: str = ""
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class RawObject:
    """A calendar object as its source hands it over: `key` is its href or file name, `version` its ETag or hash."""

    key: str
    version: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Attendee:
    """A person invited: display name (may be empty), address (lower case, without mailto:) and their answer."""

    name: str
    address: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence of an event, with overrides and exceptions already applied.

    `start` and `end` are aware datetimes for timed events (floating ones are placed in the owner's zone) and dates
    for all-day ones (`end` exclusive). `recurrence_id` is the original start as in RFC 5545, empty for a single event.
    `moved_from` is that original start as an aware datetime or date where an override moved it. `busy` is False for
    TRANSP:TRANSPARENT and cancelled ones.
    """

    uid: str
    recurrence_id: str
    summary: str
    start: datetime | date
    end: datetime | date
    location: str = ""
    description: str = ""
    status: Literal["confirmed", "tentative", "cancelled"] = "confirmed"
    busy: bool = True
    organizer: Attendee | None = None
    attendees: tuple[Attendee, ...] = ()
    moved_from: datetime | date | None = None
    url: str = ""

    @property
    def all_day(self) -> bool:
        """Whether the occurrence covers whole days."""
        return not isinstance(self.start, datetime)


@dataclass(frozen=True, slots=True)
class Task:
    """A task (VTODO); `due` is an aware datetime, a date, or None; `priority` 1 (high) to 9, 0 when unset."""

    uid: str
    summary: str
    due: datetime | date | None = None
    start: datetime | date | None = None
    completed: bool = False
    cancelled: bool = False
    priority: int = 0
    percent: int = 0
    description: str = ""


@dataclass(frozen=True, slots=True)
class CalendarObject:
    """A parsed calendar object: occurrences inside the asked window, tasks, and sentences on what could not be read.

    `expanded_until` is the end of the window (exclusive) if the event recurs beyond it, else None.
    """

    key: str
    version: str
    occurrences: tuple[Occurrence, ...] = ()
    tasks: tuple[Task, ...] = ()
    recurs: bool = False
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A calendar object as the mirror has it: its account, collection, key there, version (ETag) and text.

    `schedules` says that its server sends invitations and answers by itself (RFC 6638).
    """

    account: str
    calendar: str
    key: str
    etag: str
    text: str
    schedules: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """An occurrence with its reference and the name of its calendar."""

    ref: str
    calendar: str
    occurrence: Occurrence


@dataclass(frozen=True, slots=True)
class PlacedTask:
    """A task with its reference and the name of its calendar."""

    ref: str
    calendar: str
    task: Task
