"""The desk: what a run that proposes is given beside its reads: the gate, the owner's identities, and where new things go."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from butler.core.accounts import Account, CalendarAccount, MailAccount, NotesFolder
from butler.core.actions import Action, Kept
from butler.core.asking import Question
from butler.core.calendar import CalendarPlace
from butler.core.context import Context, Edit, Identity, Reads, Wish
from butler.core.errors import ButlerError
from butler.core.owner import Owner
from butler.core.payloads import MailDraft
from butler.gate import Gate
from butler.pages import Pages
from butler.papers import Papers
from butler.sandbox.worker import Forkserver
from butler.store.floor import Floor
from butler.store.outbox import Outbox

_EDITS_LOOKED_AT = 200
_HELD_LOOKED_AT = 500
_PATIENCE = 300.0
"""Seconds for which a question waits for another one."""


@dataclass(frozen=True, slots=True)
class Drafting:
    """How what is prepared is to be: calendars for new events and tasks (empty: chosen), days until an action expires."""

    calendar: str = ""
    tasks: str = ""
    hold_days: int = 30
    limit: int = 12
    inbox: str = "Inbox.md"


@dataclass(frozen=True, slots=True)
class Folders:
    """Where pages are kept, the owner's folder that they are written into, and the folders that are watched, by name."""

    pages: Path
    shown: Path | None = None
    watched: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asking:
    """A question that a run answers: `tell` hears what goes on, `began` the run's id, `waits` that another one goes first.

    `joined` makes its reads find also by meaning.
    """

    question: Question
    tell: Callable[[str], None]
    began: Callable[[str], None]
    waits: Callable[[], None]
    joined: Callable[[Reads], Reads] = lambda reads: reads

    def put(self, context: Context) -> Context:
        """Give a run its question."""
        self.began(context.run)
        return dataclasses.replace(context, question=self.question, tell=self.tell, reads=self.joined(context.reads))

    def alone(self, state: Path) -> AbstractContextManager[None]:
        """Wait until no other question is answered with the model; raises BusyError where that takes too long."""
        return Floor(state).alone(self.waits, _PATIENCE)


def identities(accounts: Sequence[Account], owner: Owner) -> dict[str, Identity]:
    """As whom the owner writes from each mail account that may be written to."""
    own = min(owner.addresses, default="")
    return {
        account.name: Identity(
            account.name,
            account.address or own,
            account.sender_name or owner.name,
            account.signature,
            sends=account.smtp is not None,
        )
        for account in accounts
        if isinstance(account, MailAccount) and not account.read_only
    }


def place_for_tasks(reads: Reads, writable: Mapping[str, CalendarPlace], wanted: str) -> CalendarPlace:
    """The collection that new tasks go into: the one that is wished for, else the first that holds an open task."""
    if wanted:
        return writable.get(wanted, CalendarPlace())
    return next((writable[task.calendar] for task in reads.tasks() if task.calendar in writable), CalendarPlace())


def place_for_events(writable: Mapping[str, CalendarPlace], tasks: CalendarPlace, wanted: str) -> CalendarPlace:
    """The collection that new events go into: the one that is wished for, else the first that is not for tasks."""
    if wanted:
        return writable.get(wanted, CalendarPlace())
    return next((place for place in writable.values() if place != tasks), tasks)


class Desk:
    """Equips the context of one run; `proposed` are the actions that it has put before the gate.

    `forkserver` is where those come from who read documents (None: an own one), `degraded` as for `Papers`.
    """

    def __init__(
        self,
        gate: Gate,
        outbox: Outbox,
        accounts: Sequence[Account],
        drafting: Drafting,
        forkserver: Forkserver | None = None,
        *,
        degraded: bool = False,
    ) -> None:
        self._gate = gate
        self._outbox = outbox
        self._accounts = accounts
        self._drafting = drafting
        self._forkserver = forkserver
        self._degraded = degraded
        self.proposed: list[Kept] = []
        self._run = ""

    def equip(self, context: Context, workflow: str, folders: Folders, wish: Wish | None = None) -> Context:
        """Give a run the way to the gate, and what it needs to write in the owner's name."""
        notes = [each for each in self._accounts if isinstance(each, NotesFolder)]
        self._run = context.run
        papers = Papers(folders.watched, notes, self._forkserver, degraded=self._degraded)
        reads = context.reads
        read_only = {each.name for each in self._accounts if isinstance(each, CalendarAccount) and each.read_only}
        writable = {place.calendar: place for place, _ in reads.calendars() if place.account not in read_only}
        tasks = place_for_tasks(reads, writable, self._drafting.tasks)

        def propose(action: Action) -> Kept:
            expires = action.expires or context.now + timedelta(days=self._drafting.hold_days)
            kept = self._gate.propose(dataclasses.replace(action, workflow=workflow, run=context.run, expires=expires))
            self.proposed.append(kept)
            return kept

        return dataclasses.replace(
            context,
            propose=propose,
            known=self._outbox.known,
            identities=identities(self._accounts, context.owner),
            calendar=place_for_events(writable, tasks, self._drafting.calendar),
            tasks=tasks,
            edits=self._edits,
            most_drafts=self._drafting.limit,
            wish=wish,
            save=Pages(folders.pages, folders.shown),
            held=lambda: self._outbox.find(limit=_HELD_LOOKED_AT),
            decided=self._outbox.decided,
            document=papers,
            inbox=papers.inbox(self._drafting.inbox),
        )

    def take_back(self, reason: str) -> None:
        """Reject what the run has proposed and nothing has begun of: who proposed it is not to be trusted."""
        for kept in self.proposed:
            # What stood there before was returned in place of a proposal.
            if kept.action.run == self._run:
                with suppress(ButlerError):
                    self._gate.reject(kept.id, kept.hash, "butler", "run", reason)

    def _edits(self, address: str, limit: int) -> Sequence[Edit]:
        """What the owner made of earlier drafts to an address, newest first."""
        found = []
        for before, after in self._outbox.edits("mail.draft", _EDITS_LOOKED_AT):
            if isinstance(before, MailDraft) and isinstance(after, MailDraft) and _is_to(after, address):
                found.append(Edit(before.letter.body, after.letter.body))
        return found[:limit]


def _is_to(draft: MailDraft, address: str) -> bool:
    return any(person.address.lower() == address.lower() for person in draft.letter.to)
