"""The real executor, killed at random points while it works on a real mailbox and calendar: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from calendar_worlds import OnServer
from calendar_worlds import event as event_text
from counting_smtp import CountingSmtp, counting_smtp
from dav_servers import running
from dovecot_server import PASSWORD, running_dovecot
from executor_nursery import ANNA, Nursery, house
from imapclient import IMAPClient

from butler.core import payloads as p
from butler.core.actions import Action, Kept, Status
from butler.core.effects import DeleteObject
from butler.house import House

KILLS = int(os.environ.get("BUTLER_TEST_KILLS", "40"))
"""`BUTLER_TEST_KILLS=500` is what the promise is about."""

STATUSES: tuple[Status, ...] = ("held", "approved", "executing", "done", "failed", "uncertain", "rejected", "expired", "undone")


@dataclass
class Place:
    """The servers, and the household that decides while executors come and go."""

    owner: House
    nursery: Nursery
    mail: IMAPClient
    smtp: CountingSmtp
    calendar: OnServer
    dice: random.Random = field(default_factory=lambda: random.Random(11))
    count: int = 0
    changed: set[int] = field(default_factory=set)

    def propose(self, payload: p.Payload) -> None:
        self.count += 1
        gate = self.owner.gate
        kept = gate.propose(Action(payload, "You asked for it.", f"key{self.count}", (f"mail:home/{self.count}",)))
        gate.approve(kept.id, kept.hash, "anna", "test")

    def letter(self) -> p.Letter:
        return p.Letter(
            account="home",
            sender=p.Person(address=ANNA),
            to=(p.Person(address="tom@nordwind.example"),),
            subject="Re: Lunch",
            body="Yes, gladly.",
            message_id=f"killed.{self.count}@berger.example",
            date=datetime.now(UTC),
        )

    def ask_for_something(self) -> None:
        """A draft, a mail, a new event, a change of one, and now and then the undoing of something."""
        self.propose(p.MailDraft(letter=self.letter()))
        self.propose(p.MailSend(letter=self.letter()))
        uid = f"event{self.count}"
        self.propose(p.CalendarCreate(change=self.change(uid, after=event_text(uid, "Lunch"))))
        done = self.owner.truth.outbox.find(statuses=["done"], limit=20)
        created = [kept for kept in done if kept.action.kind == "calendar.create" and kept.id not in self.changed]
        if created:
            self.propose(self.update(self.dice.choice(created)))
        undoable = [kept for kept in done if kept.action.kind == "mail.draft"]
        if undoable and self.dice.random() < 0.3:
            self.owner.gate.undo(self.dice.choice(undoable).id, "anna", "test")

    def change(self, uid: str, **more: str) -> p.CalendarChange:
        return p.CalendarChange(account="family", calendar="family", uid=uid, **more)

    def update(self, created: Kept) -> p.CalendarUpdate:
        self.changed.add(created.id)
        undo = created.done[0].undo
        assert isinstance(undo, DeleteObject)
        after = undo.before.replace("Lunch", "Dinner")
        change = self.change(undo.uid, key=undo.key, etag=undo.etag, before=undo.before, after=after)
        return p.CalendarUpdate(change=change, fields=p.EventFields(summary="Dinner"))

    def in_folder(self, name: str) -> Counter[str]:
        self.mail.select_folder(name, readonly=True)
        found = self.mail.fetch(self.mail.search("UNDELETED"), ["ENVELOPE"])
        return Counter(each[b"ENVELOPE"].message_id.decode().strip("<>") for each in found.values())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with running_dovecot() as dovecot, running("radicale", tmp_path / "dav") as dav, counting_smtp() as smtp:
        calendar = OnServer(dav, dav.make_calendar("family"))
        arguments = (tmp_path / "state", dovecot.port, smtp.server_address[1], dav.url + calendar.path)
        client = IMAPClient("127.0.0.1", dovecot.port, ssl=False)
        client.login(ANNA, PASSWORD)
        with house(*arguments, 0) as owner, closing(Nursery(*arguments)) as nursery:
            yield Place(owner, nursery, client, smtp, calendar)
        client.logout()


def one_life(place: Place, hours: float, seconds: float | None) -> tuple[bool, float]:
    """Let an executor work, and kill it after some time unless it is done; whether it was killed, and how long it lived."""
    start = time.monotonic()
    child = place.nursery.begin(hours)
    if seconds is not None:
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    code = place.nursery.end()
    assert code in {0, -signal.SIGKILL}, "the executor failed"
    return code != 0, time.monotonic() - start


@pytest.mark.timeout(7200)
def test_killed_at_any_point_nothing_is_lost_and_nothing_doubled(place: Place) -> None:
    outbox = place.owner.truth.outbox
    place.ask_for_something()
    one_life(place, 0, None)
    place.ask_for_something()
    _, whole = one_life(place, 0, None)
    print(f"a whole life takes {whole:.2f} s")
    kills, amid, rounds = 0, 0, 0
    while kills < KILLS:
        rounds += 1
        if outbox.count(statuses=["approved", "executing"]) < 8:
            place.ask_for_something()
        killed, _ = one_life(place, rounds * 2, place.dice.uniform(0, whole * 1.2))
        kills += killed
        amid += killed and bool(outbox.executing())
    _, again = one_life(place, rounds * 2 + 10, None)
    # What died again and again waits a little before it is tried once more.
    one_life(place, rounds * 2 + 20, None)
    kept = outbox.find(statuses=STATUSES, limit=100_000)
    lost, doubled = reckoning(place, kept)
    ends = Counter(f"{each.action.kind} {each.status}" for each in kept)
    print(f"{kills} kills, {amid} of them amid an action, {len(kept)} actions: {lost} lost, {doubled} doubled; {dict(ends)}")
    print(f"up again and through with all that was open in {again:.2f} s")
    for number in lost:
        print(
            outbox.get(number).status, [(line.what, line.facts) for line in place.owner.truth.journal.about(f"action:{number}")]
        )
    assert (lost, doubled) == ([], [])
    assert {each.status for each in kept if each.action.kind != "mail.send"} <= {"done", "undone"}
    assert {each.status for each in kept if each.action.kind == "mail.send"} <= {"done", "uncertain"}
    assert place.owner.truth.journal.verify() == []


def reckoning(place: Place, kepts: list[Kept]) -> tuple[list[int], list[str]]:
    """Hold the world against the outbox: the actions whose effect is not there, and what is there more often than once."""
    drafts, sent, taken = place.in_folder("Drafts"), place.in_folder("Sent"), Counter(place.smtp.taken)
    events = Counter(text for text in place.calendar.objects().values())
    summaries = {text.partition("UID:")[2].split()[0]: text.partition("SUMMARY:")[2].split()[0] for text in events}
    doubled = [name for counted in (drafts, sent, taken) for name, times in counted.items() if times > 1]
    doubled += [uid for uid, times in Counter(text.partition("UID:")[2].split()[0] for text in events).items() if times > 1]
    changed = {each.action.payload.change.uid for each in kepts if isinstance(each.action.payload, p.CalendarUpdate)}
    lost = []
    for kept in kepts:
        match kept.action.payload:
            case p.MailDraft(letter=letter):
                right = drafts[letter.message_id] == (kept.status == "done")
            case p.MailSend(letter=letter):
                right = kept.status == "uncertain" or taken[letter.message_id] == sent[letter.message_id] == 1
            case p.CalendarCreate(change=change):
                right = summaries.get(change.uid) == ("Dinner" if change.uid in changed else "Lunch")
            case _:
                right = kept.status == "done"
        if not right:
            lost.append(kept.id)
    return lost, doubled
