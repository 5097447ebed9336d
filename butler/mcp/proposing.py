"""Makes an action of what another program asks for in plain words; code alone decides whom and where it is for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from butler.core.accounts import Account, CalendarAccount, NotesFolder
from butler.core.actions import Action, Finding, Taint
from butler.core.calendar import CalendarPlace
from butler.core.context import Identity, Reads
from butler.core.errors import UsageError
from butler.core.mail import Mail
from butler.core.owner import Owner
from butler.core.payloads import CalendarChange, CalendarCreate, FileAppend, Letter, MailDraft, Payload, Person, TaskCreate
from butler.core.policy import ELSEWHERE
from butler.core.refs import file_ref
from butler.core.text import one_line
from butler.desk import Drafting, identities, place_for_events, place_for_tasks
from butler.house import House
from butler.mcp.sessions import Session
from butler.mcp.wanted import Proposed
from butler.papers import Papers
from tools.calendar.tasks import new_event, new_task
from tools.mail.addresses import fault_of
from tools.mail.reply_to import draft_message_id, in_reply_to_of, quoted_original, references_of, reply_subject

_NEEDS: Mapping[str, tuple[str, ...]] = {
    "task.create": ("title",),
    "calendar.create": ("title", "start", "end"),
    "mail.draft": ("text",),
    "file.append": ("path", "text"),
}


@dataclass(frozen=True, slots=True)
class Proposing:
    """What proposals rest on: the owner, their accounts and wishes, the clock; `papers` reads a file as it is now."""

    owner: Owner
    accounts: tuple[Account, ...]
    drafting: Drafting
    papers: Papers
    clock: Callable[[], datetime]

    @property
    def zone(self) -> ZoneInfo:
        """The owner's time zone."""
        return self.owner.zone

    def action(self, house: House, wanted: Proposed, session: Session) -> Action:
        """The action; raises UsageError where something is missing."""
        lacking = [name for name in _NEEDS[wanted.kind] if not getattr(wanted, name)]
        if lacking:
            raise UsageError(f"{wanted.kind} needs {' and '.join(lacking)}.")
        digest = hashlib.sha256(wanted.model_dump_json().encode("utf-8", "replace")).hexdigest()[:32]
        # The same is put before the owner once a day, however often programs come and ask for it.
        key = f"{ELSEWHERE}|{self.clock().astimezone(self.zone).date()}|{digest}"
        payload = self._payloads(house.mirror.reads, key)[wanted.kind](wanted)
        cause = f"{ELSEWHERE}:{session.run}/{digest}"
        sources = (wanted.answers, cause) if wanted.kind == "mail.draft" and wanted.answers else (cause,)
        return Action(
            payload,
            f"A program that calls itself “{session.client}” asks for it over MCP: {one_line(wanted.because, 500)}",
            key,
            sources,
            findings=tuple(_strangers(house.mirror.reads, payload)),
            taint=(Taint(cause, f"{session.client} (a program, over MCP)"),),
            rule="asked for over MCP",
            workflow=ELSEWHERE,
            run=session.run,
            expires=self.clock() + timedelta(days=self.drafting.hold_days),
        )

    def _payloads(self, reads: Reads, key: str) -> Mapping[str, Callable[[Proposed], Payload]]:
        return {
            "task.create": partial(self._task, reads, key),
            "calendar.create": partial(self._event, reads, key),
            "mail.draft": partial(self._draft, reads, key),
            "file.append": self._file,
        }

    def _task(self, reads: Reads, key: str, wanted: Proposed) -> Payload:
        place, uid = self._places(reads)[1], _uid(key)
        if not place.calendar:
            raise UsageError("There is no task list that may be written to.")
        after = new_task(uid, one_line(wanted.title, 200), self._moment(wanted.due), wanted.text, self.clock())
        return TaskCreate(change=CalendarChange(account=place.account, calendar=place.calendar, uid=uid, after=after))

    def _event(self, reads: Reads, key: str, wanted: Proposed) -> Payload:
        place, uid = self._places(reads)[0], _uid(key)
        if not place.calendar:
            raise UsageError("There is no calendar that may be written to.")
        start, end = self._moment(wanted.start), self._moment(wanted.end)
        if start is None or end is None or isinstance(start, datetime) != isinstance(end, datetime) or not start < end:
            raise UsageError("An event begins before it ends; both are days, or both are times.")
        more = {"location": one_line(wanted.location, 300), "description": wanted.text}
        after = new_event(uid, one_line(wanted.title, 200), start, end, now=self.clock(), **more)
        return CalendarCreate(change=CalendarChange(account=place.account, calendar=place.calendar, uid=uid, after=after))

    def _draft(self, reads: Reads, key: str, wanted: Proposed) -> Payload:
        answered = reads.mail(wanted.answers) if wanted.answers else None
        identity = self._identity(answered.account if answered else wanted.account)
        to = _people(wanted.to) or _sender_of(answered)
        subject = wanted.subject or (reply_subject(answered.message.subject) if answered else "")
        if not to or not subject:
            raise UsageError("mail.draft needs to and subject, or answers.")
        signature = f"\n\n-- \n{identity.signature.strip()}" if identity.signature.strip() else ""
        letter = Letter(
            account=identity.account,
            sender=Person(name=identity.name, address=identity.address),
            to=to,
            cc=_people(wanted.cc),
            subject=one_line(subject, 300),
            body=f"{wanted.text.rstrip()}{signature}",
            quoted=quoted_original(answered, self.zone, self.owner.language) if answered else "",
            in_reply_to=in_reply_to_of(answered) if answered else "",
            references=references_of(answered) if answered else (),
            thread=one_line(answered.message.subject, 200) if answered else "",
            message_id=draft_message_id(key, identity.address),
            date=self.clock(),
        )
        return MailDraft(letter=letter)

    def _file(self, wanted: Proposed) -> Payload:
        roots = [each.name for each in self.accounts if isinstance(each, NotesFolder) and not each.read_only]
        root = wanted.root or next(iter(roots), "")
        if root not in roots:
            raise UsageError(
                "There is no such folder of notes that may be written to.", advice=f"There are: {', '.join(roots)}."
            )
        there = self.papers(file_ref(root, wanted.path))
        joined = "\n" if there and there.text and not there.text.endswith("\n") else ""
        text = f"{joined}{wanted.text.rstrip()}\n"
        return FileAppend(root=root, path=wanted.path, text=text, before=there.sha256 if there else "")

    def _places(self, reads: Reads) -> tuple[CalendarPlace, CalendarPlace]:
        """Where new events and new tasks go."""
        closed = {each.name for each in self.accounts if isinstance(each, CalendarAccount) and each.read_only}
        writable = {place.calendar: place for place, _ in reads.calendars() if place.account not in closed}
        tasks = place_for_tasks(reads, writable, self.drafting.tasks)
        return place_for_events(writable, tasks, self.drafting.calendar), tasks

    def _identity(self, account: str) -> Identity:
        known = identities(self.accounts, self.owner)
        found = known.get(account) if account else next(iter(known.values()), None)
        if found is None:
            raise UsageError(
                "There is no such mail account that may be written to.", advice=f"There are: {', '.join(known) or 'none'}."
            )
        return found

    def _moment(self, moment: date | None) -> date | None:
        """A time without a zone is the owner's."""
        if isinstance(moment, datetime):
            return moment.replace(tzinfo=self.zone) if moment.tzinfo is None else moment.astimezone(self.zone)
        return moment


def _strangers(reads: Reads, payload: Payload) -> Iterator[Finding]:
    """A warning for each recipient that the owner never wrote to."""
    people = payload.letter.recipients if isinstance(payload, MailDraft) else ()
    for address, (_, sent) in reads.exchanged([person.address for person in people]).items():
        if not sent:
            yield Finding("stranger", f"You never wrote to {one_line(address, 100)}.")


def _uid(key: str) -> str:
    return f"butler-{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _people(addresses: tuple[str, ...]) -> tuple[Person, ...]:
    for address in addresses:
        if fault := fault_of(address):
            raise UsageError(fault, advice="Write the address alone, such as anna@berger.example.")
    return tuple(Person(address=address) for address in addresses)


def _sender_of(mail: Mail | None) -> tuple[Person, ...]:
    sender = mail.message.sender if mail else None
    return (Person(name=sender.name, address=sender.address),) if sender else ()
