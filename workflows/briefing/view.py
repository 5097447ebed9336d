"""One day as the sections look at it: what was gathered and judged, and what follows from it about mails and threads."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from butler.core.briefing import By, Evidence, Line, Origin, SectionName
from butler.core.calendar import Attendee
from butler.core.mail import ANSWERED, Mail
from butler.core.owner import BriefingOptions, Owner
from butler.core.text import one_line
from workflows.briefing.addressed import is_owner
from workflows.briefing.cases import answer_to
from workflows.briefing.celebrating import Celebration, celebrations, first_names
from workflows.briefing.values import Gathered, Judged
from workflows.briefing.words import say

TEXT = 240
MORE = 50
_UID = re.compile(r"(?im)^UID:[ \t]*(\S+)")
_ENDS = re.compile(r"(?im)^DT(?:END|START)[:;][^\r\n]*?:?(\d{8})(?:T\d{6}Z?)?[ \t]*\r?$")
_CANCELS = re.compile(r"(?im)^METHOD:CANCEL\b")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line before it is set: its words, what it rests on, and why it is there."""

    text: str
    evidence: tuple[Evidence, ...]
    rule: str
    reason: str
    by: By = "code"
    step: str | None = None
    digest: str | None = None

    def line(self) -> Line:
        """The line as it is published."""
        return Line(text=one_line(self.text, TEXT), by=self.by, evidence=self.evidence)

    def origin(self, section: SectionName) -> Origin:
        """Where the line came from, for `butler why`."""
        return Origin(
            section=section,
            text=one_line(self.text, TEXT),
            refs=tuple(dict.fromkeys(evidence.ref for evidence in self.evidence)),
            by=self.by,
            rule=self.rule,
            reason=self.reason,
            step=self.step,
            digest=self.digest,
        )


@dataclass(frozen=True)
class View:
    """Everything a section may look at; what it works out is worked out once."""

    gathered: Gathered
    judged: Judged
    owner: Owner
    options: BriefingOptions

    @property
    def day(self) -> dt.date:
        """The day of the briefing."""
        return self.gathered.day

    @property
    def zone(self) -> ZoneInfo:
        """The owner's zone."""
        return self.owner.zone

    def is_of_stranger(self, entry: Entry) -> bool:
        """Whether a line rests on mails of somebody whom the owner does not know, and on nothing else."""
        mails = [self.mails.get(evidence.ref) for evidence in entry.evidence]
        return bool(mails) and all(mail is not None and not self._is_known(mail) for mail in mails)

    def _is_known(self, mail: Mail) -> bool:
        """Whether the owner wrote it, or to its author, or has a card of them."""
        address = mail.message.sender.address if mail.message.sender else ""
        if address.casefold() in self.gathered.contacts:
            return True
        known = self.gathered.exchanged
        return mail.sent or (known.get(address) or known.get(address.casefold()) or (0, 0))[1] > 0

    @cached_property
    def celebrations(self) -> Sequence[Celebration]:
        """What is celebrated in the next days."""
        return celebrations(self.gathered.celebrations, self.day, self.options.birthday_days, self.is_owner)

    @cached_property
    def first_names(self) -> Mapping[str, int]:
        """How many of those who celebrate bear each word in their name."""
        return first_names(self.gathered.celebrations)

    @cached_property
    def mails(self) -> Mapping[str, Mail]:
        """Every gathered mail by its reference."""
        gathered = self.gathered
        threads: Iterable[Sequence[Mail]] = gathered.threads.values()
        groups = (*threads, gathered.bulk, gathered.sent, gathered.candidates)
        return {mail.ref: mail for group in groups for mail in group}

    @cached_property
    def answers(self) -> Mapping[str, str]:
        """The owner's own answer to each event that they are invited to, by UID."""
        events = (*self.gathered.events, *self.gathered.ahead)
        return {
            placed.occurrence.uid: attendee.answer
            for placed in events
            for attendee in placed.occurrence.attendees
            if self.is_owner(attendee.address)
        }

    def is_owner(self, address: str) -> bool:
        """Whether an address is the owner's."""
        return is_owner(address, self.owner)

    def local_day(self, when: dt.datetime) -> dt.date:
        """The day of a moment in the owner's zone."""
        return when.astimezone(self.zone).date()

    def days_since(self, when: dt.datetime) -> int:
        """How many midnights have passed since a moment, in the owner's zone."""
        return max(0, (self.day - self.local_day(when)).days)

    def reply_of_owner(self, mail: Mail) -> Mail | None:
        """The owner's first answer to a mail in its thread."""
        return answer_to(mail, self.gathered.threads.get(mail.thread, ()))

    def is_answered(self, mail: Mail) -> bool:
        """Whether the owner has answered: by the mail's flag, by a later mail in its thread, or in the calendar."""
        if ANSWERED in mail.message.flags or self.reply_of_owner(mail) is not None:
            return True
        uid = _UID.search(mail.message.calendar) if mail.message.calendar else None
        return uid is not None and self.answers.get(uid[1], "needs-action") != "needs-action"

    def is_over(self, mail: Mail) -> bool:
        """Whether a mail invites to what was called off since, or is past: nobody waits for that answer any more."""
        text = mail.message.calendar
        uid = _UID.search(text) if text else None
        if uid is None:
            return False
        if self.called_off.get(uid[1], mail.when) > mail.when:
            return True
        days = _ENDS.findall(text, max(0, text.upper().find("BEGIN:VEVENT")))
        return "RRULE" not in text.upper().partition("BEGIN:VEVENT")[2] and bool(days) and max(days) < f"{self.day:%Y%m%d}"

    @cached_property
    def called_off(self) -> Mapping[str, dt.datetime]:
        """When each event was last called off by mail, by UID."""
        cancels = [mail for mail in self.mails.values() if mail.message.calendar and _CANCELS.search(mail.message.calendar)]
        found = ((_UID.search(mail.message.calendar), mail.when) for mail in sorted(cancels, key=lambda mail: mail.when))
        return {uid[1]: when for uid, when in found if uid}

    def others(self, attendees: Sequence[Attendee]) -> list[Attendee]:
        """The attendees but for the owner."""
        return [attendee for attendee in attendees if not self.is_owner(attendee.address)]


def mail_evidence(ref: str, quote: str) -> Evidence:
    """What a line about a mail rests on: the mail, and its words where there are any."""
    return Evidence(ref=ref, quote=quote or None)


def shortened(entries: Sequence[Entry], limit: int, crowd: Callable[[Entry], bool] | None = None) -> list[Entry]:
    """The first entries, and one that counts the rest and still names what they are.

    Where they are too many, those of the `crowd` get a third of the room and what the others leave of it.
    """
    if len(entries) <= limit:
        return list(entries)
    chosen = _within([crowd(entry) for entry in entries], limit) if crowd else range(limit)
    rest = [entry for at, entry in enumerate(entries) if at not in chosen]
    refs = list(dict.fromkeys(evidence.ref for entry in rest for evidence in entry.evidence[:1]))[:MORE]
    counted = Entry(
        text=say("more", n=len(rest)),
        evidence=tuple(Evidence(ref=ref) for ref in refs),
        rule="limit",
        reason="More were found than a briefing shows.",
    )
    return [*(entries[at] for at in chosen), counted]


def _within(crowded: Sequence[bool], limit: int) -> Sequence[int]:
    """Which entries there is room for, in their order; each says whether it is of the crowd."""
    others = [at for at, in_crowd in enumerate(crowded) if not in_crowd]
    crowd = [at for at, in_crowd in enumerate(crowded) if in_crowd]
    room = max(limit - len(others), min(len(crowd), limit // 3))
    return sorted((*others[: limit - room], *crowd[:room]))
