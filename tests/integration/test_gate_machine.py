"""Whatever the world does and whenever the process dies: nothing happens unapproved, nothing twice, nothing is forgotten."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from memory_hands import Household, Mood, action, draft, event, keyword, send, update, written

from butler.core.actions import OPEN, Kept, payload_hash, payload_text
from butler.core.effects import effects_of
from butler.core.errors import ButlerError
from butler.core.payloads import MailDraft, Payload
from butler.store import truth as truth_module

STATUSES = ("held", "approved", "executing", "done", "failed", "uncertain", "rejected", "superseded", "expired", "undone")
LOOKS: list[Mood] = ["well", "fails", "refuses", "asks", "breaks", "dies"]
ACTS: list[Mood] = [*LOOKS, "loses", "lies", "denies", "breaks after", "dies after"]
KINDS = ["draft", "send", "keyword", "event", "update"]
PICK = st.integers(0, 10**6)
COUNTS: Counter[str] = Counter()
EXAMPLES = int(os.environ.get("BUTLER_TEST_LIVES", "120"))


class GateMachine(RuleBasedStateMachine):
    """One household whose world misbehaves and whose process dies; each step may be followed by any other."""

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="butler-gate-"))
        self.house = Household(self.folder)
        self.approved: set[tuple[int, str]] = set()
        self.allowed: Counter[str] = Counter()
        self.names = 0

    def teardown(self) -> None:
        if hasattr(self, "house"):
            self._settle()
            self.house.close()
            shutil.rmtree(self.folder)

    # What a workflow does.

    @rule(kind=st.sampled_from(KINDS), cause=st.integers(0, 20), hours=st.integers(1, 48))
    def propose(self, kind: str, cause: int, hours: int) -> None:
        self.names += 1
        name = f"{kind}{self.names}"
        expires = self.house.clock() + timedelta(hours=hours) if hours < 5 else None
        group = f"group{cause}" if kind == "event" else ""
        kept = self.house.gate.propose(
            action(self._payload(kind, name), name, f"mail:home/{cause}", expires=expires, group=group)
        )
        assert kept.status in OPEN

    def _payload(self, kind: str, name: str) -> Payload:
        if kind == "update":
            etag = self.house.world.put(name, "Lunch")
            return update(name, etag, "Lunch", f"Lunch, {name}")
        makers: dict[str, Callable[[str], Payload]] = {"draft": draft, "send": send, "keyword": keyword, "event": event}
        return makers[kind](name)

    @rule(pick=PICK)
    def revise(self, pick: int) -> None:
        old = self._pick(pick, "held")
        if old and isinstance(old.action.payload, MailDraft):
            self.names += 1
            name = f"revised{self.names}"
            self.house.gate.propose(action(draft(name), name, old.action.sources[0], replaces=old.id))
            assert self.house.outbox.get(old.id).status == "superseded"

    # What the owner does.

    @rule(pick=PICK)
    def approve(self, pick: int) -> None:
        kept = self._pick(pick, "held")
        if kept:
            self._decide(lambda: self.house.gate.approve(kept.id, kept.hash, "anna", "cli"), kept)

    @rule(kind=st.sampled_from(KINDS), acts=st.lists(st.sampled_from(ACTS), max_size=2))
    def approve_at_once_and_run(self, kind: str, acts: list[Mood]) -> None:
        self.names += 1
        name = f"{kind}{self.names}"
        kept = self.house.gate.propose(action(self._payload(kind, name), name, f"mail:home/once{self.names}"))
        self._decide(lambda: self.house.gate.approve(kept.id, kept.hash, "anna", "cli"), kept)
        self.house.world.acts.extend(acts)
        self.run()

    @rule(pick=PICK)
    def approve_what_was_shown_before_a_change(self, pick: int) -> None:
        kept = self._pick(pick, *STATUSES)
        if kept and kept.version > 1:
            for old in map(payload_hash, self.house.outbox.versions(kept.id)[:-1]):
                if old != kept.hash:
                    assert not self._decide(lambda old=old: self.house.gate.approve(kept.id, old, "anna", "cli"), None)  # type: ignore[misc]

    @rule(pick=PICK)
    def approve_again(self, pick: int) -> None:
        kept = self._pick(pick, *(set(STATUSES) - {"held"}))
        if kept:
            assert not self._decide(lambda: self.house.gate.approve(kept.id, kept.hash, "anna", "cli"), None)

    @rule(pick=PICK)
    def reject(self, pick: int) -> None:
        kept = self._pick(pick, "held")
        if kept:
            self._decide(lambda: self.house.gate.reject(kept.id, kept.hash, "anna", "cli"), None)

    @rule(pick=PICK)
    def withdraw_and_approve_again(self, pick: int) -> None:
        kept = self._pick(pick, "approved")
        if kept and self._decide(lambda: self.house.gate.withdraw(kept.id, kept.hash, "anna", "cli"), None):
            assert self.house.outbox.get(kept.id).status == "held"
            self.run()
            self._decide(lambda: self.house.gate.approve(kept.id, kept.hash, "anna", "cli"), kept)
            self.run()

    @rule(pick=PICK, words=st.sampled_from(["Yes.", "No.", "Later."]))
    def edit(self, pick: int, words: str) -> None:
        kept = self._pick(pick, "held")
        if kept and isinstance(kept.action.payload, MailDraft):
            letter = kept.action.payload.letter.model_copy(update={"body": words})
            edited = MailDraft(letter=letter)
            self._decide(lambda: self.house.gate.edit(kept.id, kept.hash, edited, "anna", "cli"), None)

    @rule(pick=PICK)
    def undo(self, pick: int) -> None:
        kept = self._pick(pick, "done")
        if kept:
            try:
                undo = self.house.gate.undo(kept.id, "anna", "cli")
            except ButlerError:
                return
            self._note_approval(undo)

    @rule(on=st.booleans())
    def stop(self, on: bool) -> None:
        self.house.outbox.stop("Stopped." if on else "", "anna", self.house.clock())

    # What the world does.

    @rule(looks=st.lists(st.sampled_from(LOOKS), max_size=4), acts=st.lists(st.sampled_from(ACTS), max_size=4))
    def turn(self, looks: list[Mood], acts: list[Mood]) -> None:
        self.house.world.looks.extend(looks)
        self.house.world.acts.extend(acts)

    @rule(pick=PICK)
    def somebody_changes_an_event(self, pick: int) -> None:
        uids = sorted(self.house.world.objects)
        if uids:
            uid = uids[pick % len(uids)]
            self.house.world.put(uid, f"Moved {self.house.world.etags}")

    @rule(pick=PICK)
    def somebody_writes_into_a_draft(self, pick: int) -> None:
        names = sorted(self.house.world.drafts)
        if names:
            self.house.world.drafts[names[pick % len(names)]] = "My own."

    @rule(pick=PICK)
    def somebody_removes_a_draft(self, pick: int) -> None:
        """One whose action is at its end: before that, nobody could tell that it ever was there."""
        names = sorted(self.house.world.drafts)
        name = names[pick % len(names)] if names else ""
        if name and not any(name in payload_text(kept.action.payload) for kept in self._found(*OPEN)):
            del self.house.world.drafts[name]

    @rule(pick=PICK)
    def a_mail_goes_away(self, pick: int) -> None:
        self.house.world.gone.add(f"keyword{pick % (self.names + 1)}")

    # Time and processes.

    @rule(minutes=st.sampled_from([1, 30, 600]))
    def wait(self, minutes: int) -> None:
        self.house.clock.forward(minutes=minutes)

    @rule()
    def run(self) -> None:
        before = len(self.house.world.performed)
        stopped = self.house.outbox.stopped
        self.house.run()
        assert not stopped or len(self.house.world.performed) == before

    @rule()
    def die(self) -> None:
        self.house.die()

    # What must hold.

    @invariant()
    def nothing_happens_unapproved_and_nothing_twice(self) -> None:
        if hasattr(self, "house"):
            times = self.house.world.times()
            assert {effect for effect in times if times[effect] > self.allowed[effect]} == set()

    @precondition(lambda self: self.names % 7 == 6)
    @invariant()
    def the_journal_is_whole(self) -> None:
        assert self.house.truth.journal.verify() == []

    def _settle(self) -> None:
        """All is well again and time goes by: everything that was approved comes to an end or is asked about again."""
        self.house.world.looks.clear()
        self.house.world.acts.clear()
        self.house.outbox.stop("", "anna", self.house.clock())
        self.house.die()
        for _ in range(3):
            self.house.clock.forward(days=2)
            self.house.run()
        self.nothing_happens_unapproved_and_nothing_twice()
        assert self.house.truth.journal.verify() == []
        kepts = self._found(*STATUSES)
        assert len(kepts) == self.house.outbox.count(statuses=STATUSES)  # type: ignore[arg-type]
        times = self.house.world.times()
        for kept in kepts:
            COUNTS[kept.status] += 1
            assert kept.status not in {"approved", "executing"}
            if kept.status == "done":
                assert len(kept.done) == len(effects_of(kept.action.payload))
            if kept.status == "uncertain":
                assert kept.note
            if kept.status in {"rejected", "superseded", "expired"} and kept.version == 1 and not kept.begun:
                assert [each for each in effects_of(kept.action.payload) if times[written(each)]] == []
        COUNTS["effects"] += sum(times.values())

    def _found(self, *statuses: str) -> list[Kept]:
        return self.house.outbox.find(statuses=statuses, limit=10_000)  # type: ignore[arg-type]

    def _pick(self, pick: int, *statuses: str) -> Kept | None:
        found = self._found(*statuses)
        return found[pick % len(found)] if found else None

    def _decide(self, decision: Callable[[], Kept], approves: Kept | None) -> bool:
        try:
            kept = decision()
        except ButlerError:
            return False
        if approves:
            assert kept.hash == approves.hash
            self._note_approval(kept)
        return True

    def _note_approval(self, kept: Kept) -> None:
        """Each effect of what was approved may happen once; approved again, as it was held again, not once more."""
        if (kept.id, kept.hash) not in self.approved:
            self.approved.add((kept.id, kept.hash))
            self.allowed.update(written(effect) for effect in effects_of(kept.action.payload))


@pytest.mark.timeout(3600)
def test_whatever_happens_nothing_is_unapproved_doubled_or_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth_module, "_PRAGMAS", ("synchronous = OFF", "foreign_keys = ON"))
    COUNTS.clear()
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    hard = settings(max_examples=EXAMPLES, stateful_step_count=50, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(GateMachine, settings=hard)
    print(f"gate machine, {EXAMPLES} lives: {dict(COUNTS)}")
    assert COUNTS["done"] > EXAMPLES / 2
