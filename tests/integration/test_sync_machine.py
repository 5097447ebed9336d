"""Whatever a source does, fails at, or changes while it is read: after a quiet sync the mirror is what the source is."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from memory_source import NOON, MemorySource, MemoryTool, message_of, raw_mail
from parser_here import ParserHere

from butler.core.errors import SourceError
from butler.core.mail import Message, RawMail
from butler.core.sources import SourceState
from butler.plan import frame_for
from butler.store.mirror import Mirror
from butler.sync import sync

ANNA = "anna@berger.example"
FOLDERS = st.sampled_from(["INBOX", "Archive", "Sent", "Trash"])
OTHERS = FOLDERS.filter(lambda folder: folder != "Sent")
ROLES = {"INBOX": "", "Archive": "\\Archive", "Sent": "\\Sent", "Trash": "\\Trash"}
IDS = st.sampled_from(["", "a@x", "b@x", "c@x", "d@x", "e@x"])
REFERENCES = st.lists(IDS.filter(bool), max_size=2)
WORDS = st.sampled_from(["alpha", "beta", "gamma"])
FLAGS = st.frozensets(st.sampled_from(["\\seen", "\\answered"]))


class SyncMachine(RuleBasedStateMachine):
    """One mailbox and its mirror, which is opened again now and then."""

    @initialize(batch=st.integers(1, 4), tokens=st.booleans())
    def open(self, batch: int, tokens: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="butler-sync-"))
        self.source = MemorySource(batch=batch)
        self.source.tokens = tokens
        self.parser = ParserHere({"mail": MemoryTool()})
        self.mirror = self._open()
        self.count = 0
        self.in_step = False

    def _open(self) -> Mirror:
        return Mirror.open(self.folder / "mirror.db", "UTC", frozenset({ANNA}))

    @rule(
        folder=FOLDERS, name=IDS, references=st.lists(IDS.filter(bool), max_size=2), word=WORDS, flags=FLAGS, own=st.booleans()
    )
    def put(self, folder: str, name: str, references: list[str], word: str, flags: frozenset[str], own: bool) -> None:
        self.count += 1
        own = own or folder == "Sent"
        sender, to = (ANNA, "tom@nordwind.example") if own else ("tom@nordwind.example", ANNA)
        raw = raw_mail(str(self.count), name, word, f"{word} text", references=references, flags=flags, sender=sender, to=(to,))
        self.source.put(folder, raw, role=ROLES[folder])
        self.in_step = False

    @rule(data=st.data())
    def copy(self, data: st.DataObject) -> None:
        held = [raw for shelf in self.source.shelves.values() for raw in shelf.held.values() if isinstance(raw, RawMail)]
        if held:
            raw = data.draw(st.sampled_from(held))
            self.count += 1
            copied = RawMail(str(self.count), raw.flags, raw.received, raw.size, whole=raw.whole)
            folder = data.draw(OTHERS)
            self.source.put(folder, copied, role=ROLES[folder])
            self.in_step = False

    @rule(data=st.data(), flags=st.none() | FLAGS)
    def remove_or_flag(self, data: st.DataObject, flags: frozenset[str] | None) -> None:
        places = [(name, key) for name, shelf in self.source.shelves.items() for key in shelf.held]
        if places:
            folder, key = data.draw(st.sampled_from(places))
            if flags is None:
                self.source.remove(folder, key)
            else:
                self.source.flag(folder, key, *flags)
            self.in_step = False

    @rule(folder=FOLDERS)
    def void(self, folder: str) -> None:
        if folder in self.source.shelves:
            self.source.void(folder)
            self.in_step = False

    @rule(folder=FOLDERS)
    def drop(self, folder: str) -> None:
        self.source.shelves.pop(folder, None)
        self.in_step = False

    @rule(after=st.integers(0, 5), error=st.sampled_from([SourceError("It broke off."), KeyboardInterrupt()]))
    def sync_that_fails(self, after: int, error: BaseException) -> None:
        left = [after]

        def fail() -> None:
            left[0] -= 1
            if left[0] < 0:
                raise error

        try:
            self._sync(fail)
        except KeyboardInterrupt:
            pass
        self.in_step = False

    @rule(after=st.integers(0, 3), folder=OTHERS)
    def sync_while_it_changes(self, after: int, folder: str) -> None:
        left = [after]

        def change() -> None:
            left[0] -= 1
            if left[0] == 0 and folder in self.source.shelves:
                self.count += 1
                self.source.put(folder, raw_mail(str(self.count), f"late{self.count}@x", "beta", "beta text"))
                for key in list(self.source.shelves[folder].held)[:1]:
                    self.source.remove(folder, key)

        self._sync(change)
        self.in_step = False

    @rule()
    def sync_in_peace(self) -> None:
        (state,) = self._sync(lambda: None)
        assert state.state == "fresh", state.error
        self.in_step = True

    @rule()
    def open_again(self) -> None:
        self.mirror.close()
        self.mirror = self._open()

    def _sync(self, hook: Callable[[], None]) -> list[SourceState]:
        self.source.hook = hook
        frame = frame_for(NOON.date(), "UTC")
        try:
            return sync([self.source], self.mirror, self.parser, lambda: NOON, frame, allow_empty=True)
        finally:
            self.source.hook = lambda: None

    @precondition(lambda self: self.in_step)
    @invariant()
    def the_mirror_is_what_the_source_is(self) -> None:
        held = self.mirror.source("mail", "home").collections
        assert set(held) == set(self.source.shelves)
        for name, shelf in self.source.shelves.items():
            flags = {key: " ".join(sorted(raw.flags)) for key, raw in shelf.held.items() if isinstance(raw, RawMail)}
            assert self.mirror.known(held[name].place) == flags

    @precondition(lambda self: self.in_step)
    @invariant()
    def what_is_read_is_what_is_there(self) -> None:
        mails: dict[object, list[tuple[str, Message]]] = {}
        for name, shelf in self.source.shelves.items():
            for raw in shelf.held.values():
                assert isinstance(raw, RawMail)
                seen = message_of(raw)
                identity = (seen.message_id or raw.size, seen.sender, seen.subject, seen.text)
                mails.setdefault(identity, []).append((name, seen))
        reads = self.mirror.reads
        since, until = NOON - timedelta(1), NOON + timedelta(1)
        received, sent = reads.received(since, until), reads.sent(since, until)
        by_anna = [any(m.sender is not None and m.sender.address == ANNA for _, m in places) for places in mails.values()]
        out_of_trash = [any(f != "Trash" for f, _ in places) for places in mails.values()]
        assert len(sent) == sum(by_anna)
        assert len(received) == sum(not own and seen for own, seen in zip(by_anna, out_of_trash, strict=True))
        assert len({mail.ref for mail in (*received, *sent)}) == len(received) + len(sent)
        for mail in (*received, *sent):
            assert reads.mail(mail.ref) == mail
        hits = {hit.ref for hit in self.mirror.search("beta", 1000)}
        assert {mail.ref for mail in (*received, *sent) if mail.message.subject == "beta"} <= hits
        assert len(hits) == sum(places[0][1].subject == "beta" for places in mails.values())

    @precondition(lambda self: self.in_step)
    @invariant()
    def mails_that_name_each_other_share_a_thread(self) -> None:
        reads = self.mirror.reads
        mails = [
            *reads.received(NOON - timedelta(1), NOON + timedelta(1)),
            *reads.sent(NOON - timedelta(1), NOON + timedelta(1)),
        ]
        thread: dict[str, int] = {}
        for mail in mails:
            for name in filter(None, (mail.message.message_id, *mail.message.references)):
                assert thread.setdefault(name, mail.thread) == mail.thread

    def teardown(self) -> None:
        if hasattr(self, "mirror"):
            self.mirror.close()
            self.parser.close()
            shutil.rmtree(self.folder)


TestSyncMachine = SyncMachine.TestCase
TestSyncMachine.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
