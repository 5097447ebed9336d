"""What a workflow is given: the time, its owner, reads over the mirror, and the model. No credentials, no way to an effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from butler.core.actions import Action, Decision, Kept
from butler.core.asking import Question
from butler.core.briefing import Briefing, Origin, Usage
from butler.core.calendar import CalendarPlace, Placed, PlacedTask, StoredObject
from butler.core.contacts import PlacedContact
from butler.core.definitions import Definition
from butler.core.documents import Document
from butler.core.foreign import ForeignTool
from butler.core.mail import Mail, MailPlace
from butler.core.notes import PlacedNote
from butler.core.owner import BriefingOptions, Owner
from butler.core.queries import Found
from butler.core.remembering import Remembered
from butler.core.sources import SourceState
from butler.core.steps import Model

_NOWHERE = CalendarPlace()


@dataclass(frozen=True, slots=True)
class Identity:
    """As whom the owner writes from a mail account; `sends` says that mails can be sent from there."""

    account: str
    address: str
    name: str
    signature: str = ""
    sends: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """What the owner made of a draft to somebody: the body as it was proposed and as they changed it."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What the owner wants changed of an action before they decide about it, in their own words."""

    action: Kept
    text: str


class Reads(Protocol):
    """What a workflow may read: the mirror only, never a source; all cheap, whatever the size of the mirror."""

    def received(self, since: datetime, until: datetime) -> Sequence[Mail]:
        """Mails not written by the owner, by `when`, newest first, without Junk, Trash and Drafts."""
        ...

    def sent(self, since: datetime, until: datetime) -> Sequence[Mail]:
        """Mails written by the owner, newest first, without Drafts."""
        ...

    def mail(self, ref: str) -> Mail:
        """One mail; raises UnknownRefError."""
        ...

    def threads(self, threads: Sequence[int]) -> Mapping[int, Sequence[Mail]]:
        """The mails of each thread, oldest first."""
        ...

    def exchanged(self, addresses: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        """For each address how many mails the owner had from it and sent to it."""
        ...

    def occurrences(self, start: datetime, end: datetime) -> Sequence[Placed]:
        """Occurrences that overlap the window, cancelled ones included, by start; all-day ones by the owner's zone."""
        ...

    def tasks(self) -> Sequence[PlacedTask]:
        """Open tasks, by due date."""
        ...

    def files(self, root: str, pattern: str, limit: int) -> Sequence[PlacedNote]:
        """Notes and documents of roots whose path matches a glob (`*` stays in its folder, `**` does not), newest first."""
        ...

    def notes(self, modified_since: datetime) -> Sequence[PlacedNote]:
        """Notes changed since, newest first."""
        ...

    def contacts(self) -> Sequence[PlacedContact]:
        """All contacts of the address books, groups included, by name."""
        ...

    def people(self, asked: Sequence[str], limit: int) -> Sequence[PlacedContact]:
        """Contacts, no groups, that have one of some addresses, or all words of one of some names in their name or nickname."""
        ...

    def celebrations(self, first: date, last: date) -> Sequence[PlacedContact]:
        """Contacts with a birthday or an anniversary from a day to another one, both included."""
        ...

    def letters_to(self, addresses: Sequence[str], limit: int) -> Sequence[Mail]:
        """The owner's latest mails to any of some addresses, newest first."""
        ...

    def letters_from(self, address: str, limit: int) -> Sequence[Mail]:
        """The latest mails from an address, newest first."""
        ...

    def notes_about(self, words: Sequence[str], limit: int) -> Sequence[PlacedNote]:
        """Notes that hold any of some words, best first."""
        ...

    def search(self, query: str, limit: int) -> Sequence[Found]:
        """What a query as in `butler search` finds, best first; what holds only some of the words follows, not `whole`.

        Raises UsageError with what to do where an operator has a wrong value.
        """
        ...

    def search_any(self, words: Sequence[str], limit: int) -> Sequence[Found]:
        """What holds all, or else some, of the words of a question in plain language, best first; never raises UsageError."""
        ...

    def show(self, ref: str) -> Mail | Placed | PlacedTask | PlacedNote | PlacedContact:
        """What a reference points at: a mail, event, task, note or document; raises UnknownRefError."""
        ...

    def places(self, ref: str) -> Sequence[MailPlace]:
        """Where a mail lies now, the best place first; empty when nowhere."""
        ...

    def object_of(self, ref: str) -> StoredObject | None:
        """The calendar object that holds what an event or task reference names."""
        ...

    def object_by_uid(self, uid: str) -> StoredObject | None:
        """The calendar object of an event or task with a UID, in whichever calendar it lies."""
        ...

    def calendars(self) -> Sequence[tuple[CalendarPlace, bool]]:
        """Every calendar collection, and whether its server schedules by itself (RFC 6638)."""
        ...


class RunMemory(Protocol):
    """What a workflow keeps between days and between attempts of one run, in the butler's own state."""

    def snapshot_before(self, day: date) -> Mapping[str, Any] | None:
        """The snapshot kept with the last briefing of an earlier day."""
        ...

    def keep(self, stage: str, value: Any) -> None:
        """Keep an intermediate JSON value of this run, so that an interrupted run goes on with what it had."""
        ...

    def kept(self, stage: str) -> Any | None:
        """What `keep` stored for this run, or None."""
        ...

    def usage(self) -> Usage:
        """What this run's model calls cost so far."""
        ...


def _refuse(_action: Action) -> Kept:
    raise NotImplementedError("this run may not propose")


def _unknown(_key: str) -> bool:
    return False


def _no_edits(_address: str, _limit: int) -> Sequence[Edit]:
    return ()


def _unpublished(_briefing: Briefing, _origins: Sequence[Origin], _snapshot: Mapping[str, Any]) -> None:
    raise NotImplementedError("this run publishes no briefing")


def _unsaved(_name: str, _markdown: str) -> str:
    raise NotImplementedError("this run saves no page")


def _none_held() -> Sequence[Kept]:
    return ()


def _none_decided(_since: datetime) -> Sequence[tuple[Kept, Decision]]:
    return ()


def _no_server(_what: str, _arguments: Mapping[str, Any]) -> str:
    raise NotImplementedError("this run has no servers of others")


def _no_document(_ref: str) -> Document | None:
    return None


def _nothing_found(_keys: Sequence[str]) -> Mapping[str, str]:
    return {}


def _unkept(_found: Mapping[str, str]) -> None:
    pass


def _untold(_line: str) -> None:
    pass


def _unwatched(_ref: str) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Context:
    """Everything one run may touch; `now` is fixed at the run's start and survives an interruption.

    `judging` opens a run of its own around the judging of one thing, named by its reference; what fails inside ends
    there, and the caller goes on without a result. `propose` hands an action to the gate, once for each of its keys;
    `known` says whether a key was used. `identities` are those of the mail accounts that may be written to. `calendar` and
    `tasks` are where new events and tasks go. `edits` are what the owner made of earlier drafts to an address, newest
    first. At most `most_drafts` are written in a run. `wish` is set in a run that revises one action.

    `definition` says what a workflow of the owner's own is, in a run of one, and `last_time` when the one before it began, if
    any did well. `subject` is the reference that the run is
    about, where that is one thing. `save` keeps a page as a note of the butler's own, under a name without an ending, and
    returns where. `held` are the actions that wait for the owner, `decided` what was decided since a moment. `document`
    reads a file by its reference (None: it is not there), `inbox` is the reference of the note to which news of documents
    are added, empty where there is none.

    `remembered` is what the owner told or approved to be remembered. `question` is set in a run that answers one; `tell` is
    given lines of JSON that say what goes on meanwhile, see `butler.core.asking.told`. `foreign_reads` are the tools of servers
    of the owner's choice that only read, as SERVER.TOOL; `foreign` calls one with arguments and gives its text, which others
    wrote and which is cited as mcp:SERVER/TOOL. It raises SourceError and UsageError. `foreign_tools` tells of those that there
    are now, without their descriptions, which others wrote.

    `found` gives what code found before, by keys of all that it depends on, and `keep_found` keeps it: a shortcut and no more.
    """

    run: str
    now: datetime
    day: date
    owner: Owner
    options: BriefingOptions
    reads: Reads
    memory: RunMemory
    model: Model | None
    sync: Callable[[], Sequence[SourceState]]
    publish: Callable[[Briefing, Sequence[Origin], Mapping[str, Any]], None] = _unpublished
    judging: Callable[[str], AbstractContextManager[None]] = _unwatched
    propose: Callable[[Action], Kept] = _refuse
    known: Callable[[str], bool] = _unknown
    identities: Mapping[str, Identity] = field(default_factory=dict)
    calendar: CalendarPlace = _NOWHERE
    tasks: CalendarPlace = _NOWHERE
    edits: Callable[[str, int], Sequence[Edit]] = _no_edits
    most_drafts: int = 12
    wish: Wish | None = None
    subject: str = ""
    save: Callable[[str, str], str] = _unsaved
    held: Callable[[], Sequence[Kept]] = _none_held
    decided: Callable[[datetime], Sequence[tuple[Kept, Decision]]] = _none_decided
    document: Callable[[str], Document | None] = _no_document
    inbox: str = ""
    remembered: Sequence[Remembered] = ()
    question: Question | None = None
    definition: Definition | None = None
    last_time: datetime | None = None
    tell: Callable[[str], None] = _untold
    foreign_reads: Sequence[str] = ()
    foreign: Callable[[str, Mapping[str, Any]], str] = _no_server
    found: Callable[[Sequence[str]], Mapping[str, str]] = _nothing_found
    keep_found: Callable[[Mapping[str, str]], None] = _unkept
    foreign_tools: Callable[[], Sequence[ForeignTool]] = tuple
