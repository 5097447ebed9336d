"""The executor over a world in memory: each outcome of a look and an act, and what a death leaves behind."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from memory_hands import NOON, Household, MemoryHands, Mood, World, action, draft, event, keyword, renewed, send, update

from butler.core.effects import Effect, Hands
from butler.core.errors import BusyError, EffectError, SettingsError, StateError
from butler.core.outcomes import MOST_ATTEMPTS
from butler.core.payloads import Undo
from butler.executor import Executor
from butler.store import truth as truth_module
from butler.store.database import Database


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth_module, "_PRAGMAS", ("synchronous = OFF", "foreign_keys = ON"))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    house = Household(tmp_path)
    yield house
    assert house.truth.journal.verify() == []
    house.close()


def status(house: Household, number: int) -> tuple[str, str]:
    kept = house.outbox.get(number)
    return kept.status, kept.note


def happened(house: Household, number: int) -> list[str]:
    return [line.what for line in house.truth.journal.about(f"action:{number}")]


def test_what_is_approved_is_done_once_with_its_intent_and_its_receipt_on_disk(
    house: Household, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "butler.executor")
    number = house.approved(draft("a"), "a")
    done = house.executor.run_due()
    assert [(kept.id, kept.status, kept.attempts, kept.begun) for kept in done] == [(number, "done", 1, 1)]
    assert done[0] == house.outbox.get(number)
    assert done[0].done[0].answer == "250 OK"
    assert house.world.drafts == {"a@berger.example": "Yes, gladly."}
    assert happened(house, number)[-4:] == ["claimed", "begun", "effected", "done"]
    assert f"done mail.draft #{number}" in caplog.text
    assert house.executor.run_due() == []


def test_what_is_held_is_left_alone_and_costs_nothing(house: Household) -> None:
    house.gate.propose(action(draft("a"), "a"))
    assert house.executor.run_due() == []
    assert house.world.performed == []


def test_what_is_there_already_is_not_done_again(house: Household) -> None:
    house.world.drafts["a@berger.example"] = "Yes, gladly."
    number = house.approved(draft("a"), "a")
    house.run()
    assert status(house, number) == ("done", "Done: mail.append.")
    assert house.world.performed == []


def test_an_effect_seen_as_done_without_a_receipt_gets_a_plain_one(house: Household) -> None:
    number = house.approved(draft("a"), "a")
    house.run()
    house.gate.undo(number, "anna", "cli")
    house.world.drafts.clear()
    house.run()
    assert house.outbox.get(number).status == "undone"
    assert house.outbox.find(statuses=["done"])[0].done[0].sentence == "It was done already."


def test_a_failure_is_put_off_and_does_not_keep_the_others_waiting(house: Household) -> None:
    first, second = house.approved(draft("a"), "a"), house.approved(draft("b"), "b")
    house.world.acts.append("fails")
    house.run()
    kept = house.outbox.get(first)
    assert (kept.status, kept.attempts, kept.note) == ("approved", 1, "The server does not answer.")
    assert kept.not_before == NOON + timedelta(seconds=30)
    assert house.outbox.get(second).status == "done"
    house.run()
    assert house.outbox.get(first).status == "approved"
    house.clock.forward(seconds=30)
    house.run()
    assert house.outbox.get(first).status == "done"


@pytest.mark.parametrize("mood", ["loses", "lies", "denies", "breaks after", "dies after"])
def test_what_happened_in_spite_of_its_failure_is_found_and_not_done_twice(house: Household, mood: Mood) -> None:
    number = house.approved(event("u"), "a")
    house.world.acts.append(mood)
    house.run()
    house.clock.forward(minutes=1)
    house.run()
    assert house.outbox.get(number).status == "done"
    assert max(house.world.times().values()) == 1


@pytest.mark.parametrize("mood", ["dies", "fails", "loses"])
def test_a_mail_that_may_have_been_sent_is_never_sent_again(house: Household, mood: Mood) -> None:
    number = house.approved(send("a"), "a")
    house.world.acts.append("dies after" if mood == "dies" else mood)
    house.run()
    for _ in range(3):
        house.clock.forward(hours=2)
        house.run()
    expected = {"dies": ("uncertain", 1), "loses": ("uncertain", 1), "fails": ("done", 1)}
    assert (house.outbox.get(number).status, len(house.world.smtp)) == expected[mood]
    assert len(house.world.sent_folder) == (mood == "fails")


def test_a_mail_that_was_sent_is_copied_to_sent_even_after_a_death_in_between(house: Household) -> None:
    number = house.approved(send("a"), "a")
    house.world.acts.extend(["well", "dies"])
    house.run()
    assert (house.outbox.get(number).status, len(house.outbox.get(number).done)) == ("executing", 1)
    house.run()
    assert house.outbox.get(number).status == "done"
    assert (house.world.smtp, list(house.world.sent_folder)) == (["a@berger.example"], ["a@berger.example"])


def test_a_death_before_anything_was_begun_leaves_the_action_to_the_next_process(house: Household) -> None:
    number = house.approved(send("a"), "a")
    house.world.looks.append("dies")
    house.run()
    assert house.outbox.get(number).status == "executing"
    house.run()
    assert house.outbox.get(number).status == "done"


def test_what_kills_its_process_each_time_waits_longer_and_longer_and_then_is_held(house: Household) -> None:
    first = house.approved(draft("a"), "a")
    house.world.looks.extend(["dies"] * 3)
    for _ in range(3):
        house.run()
    second = house.approved(draft("b"), "b")
    house.run()
    kept = house.outbox.get(first)
    assert kept.not_before is not None
    assert kept.not_before > NOON
    assert (kept.status, house.outbox.get(second).status) == ("approved", "done")
    house.world.looks.extend(["dies"] * MOST_ATTEMPTS)
    while house.outbox.get(first).status != "held":
        house.clock.forward(hours=1)
        house.run()
    assert status(house, first) == ("held", "The butler was ended in the middle of it.")


@pytest.mark.parametrize(
    ("look", "act", "expected"),
    [
        ("refuses", "well", ("failed", "The server refuses it.")),
        ("well", "refuses", ("failed", "The server refuses it.")),
        ("asks", "well", ("held", "There is no such folder.")),
        ("well", "asks", ("held", "There is no such folder.")),
        ("breaks", "well", ("failed", "A fault in what carries it out: RuntimeError: a fault in the hands")),
        ("well", "breaks", ("failed", "A fault in what carries it out: RuntimeError: a fault in the hands")),
    ],
)
def test_each_failure_ends_in_a_sentence(house: Household, look: Mood, act: Mood, expected: tuple[str, str]) -> None:
    number = house.approved(draft("a"), "a")
    house.world.looks.append(look)
    house.world.acts.append(act)
    house.run()
    assert status(house, number) == expected
    assert house.world.performed == []


def test_a_fault_in_the_middle_of_sending_is_uncertain(house: Household) -> None:
    number = house.approved(send("a"), "a")
    house.world.acts.append("breaks")
    house.run()
    assert house.outbox.get(number).status == "uncertain"


def test_an_end_that_cannot_be_looked_at_is_told_as_it_is(house: Household) -> None:
    refused, fault = house.approved(draft("a"), "a"), house.approved(draft("b"), "b")
    house.world.looks.extend(["well", "fails", "well", "fails"])
    house.world.acts.extend(["refuses", "breaks"])
    house.run()
    assert status(house, refused) == ("failed", "The server refuses it.")
    assert house.outbox.get(fault).status == "uncertain"


def test_an_earlier_try_that_cannot_be_looked_for_any_more_is_uncertain(house: Household) -> None:
    number = house.approved(draft("a"), "a")
    house.world.acts.append("loses")
    house.run()
    house.clock.forward(minutes=1)
    house.world.looks.append("refuses")
    house.run()
    assert house.outbox.get(number).status == "uncertain"


def test_a_server_that_is_away_for_days_leaves_the_action_held(house: Household) -> None:
    number = house.approved(send("a"), "a")
    house.world.acts.extend(["fails"] * MOST_ATTEMPTS)
    for _ in range(MOST_ATTEMPTS):
        house.clock.forward(hours=1)
        house.run()
    kept = house.outbox.get(number)
    assert (kept.status, kept.attempts, kept.begun, kept.version) == ("held", 0, 0, 2)
    house.gate.approve(number, kept.hash, "anna", "cli")
    house.run()
    assert (house.outbox.get(number).status, house.world.smtp) == ("done", ["a@berger.example"])


def test_a_changed_event_is_not_overwritten_but_held_anew_over_what_it_is(house: Household) -> None:
    etag = house.world.put("u", "Lunch at 12")
    number = house.approved(update("u", etag, "Lunch at 12", "Lunch at 13"), "a")
    before = house.outbox.get(number)
    now = house.world.put("u", "Lunch at 12, room 7")
    house.run()
    kept = house.outbox.get(number)
    assert (kept.status, kept.note, kept.version) == ("held", "The event was changed meanwhile.", 2)
    assert kept.action.payload.change.etag == now  # type: ignore[union-attr]
    with pytest.raises(Exception, match="changed since it was shown"):
        house.gate.approve(number, before.hash, "anna", "cli")
    house.run()
    assert house.world.performed == []
    house.gate.approve(number, kept.hash, "anna", "cli")
    house.run()
    assert house.world.objects["u"][1] == "Lunch at 13"


def test_what_cannot_be_said_anew_is_held_with_the_reason_and_needs_another_approval(house: Household) -> None:
    number = house.approved(draft("a"), "a")
    house.world.drafts["a@berger.example"] = "Something of yours."
    house.run()
    kept = house.outbox.get(number)
    assert (kept.status, kept.version) == ("held", 2)
    assert not house.outbox.is_approved(kept)
    assert house.world.drafts["a@berger.example"] == "Something of yours."


def test_a_renewal_that_breaks_or_changes_what_is_done_already_is_not_taken(house: Household) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no")

    def other(*_: object) -> object:
        return send("b")

    number = house.approved(send("a"), "a")
    for renew in (broken, other):
        house.world.sent_folder["a@berger.example"] = "Something else."
        executor = Executor(house.outbox, house.world, renew, house.clock, house.folder)  # type: ignore[arg-type]
        executor.run_due()
        kept = house.outbox.get(number)
        assert (kept.status, kept.action.payload) == ("held", send("a"))
        house.gate.approve(number, kept.hash, "anna", "cli")
    house.world.sent_folder.clear()
    house.run()
    assert (house.outbox.get(number).status, house.world.smtp) == ("done", ["a@berger.example"])


def test_a_message_that_is_gone_fails_with_the_reason(house: Household) -> None:
    number = house.approved(keyword("7"), "a")
    house.world.gone.add("7")
    house.run()
    assert status(house, number) == ("failed", "The mail is not there any more.")


def test_a_draft_changed_by_its_owner_is_not_taken_back(house: Household) -> None:
    number = house.approved(draft("a"), "a")
    house.run()
    house.world.drafts["a@berger.example"] = "In my own words."
    undo = house.gate.undo(number, "anna", "cli")
    house.run()
    assert status(house, undo.id) == ("failed", "You changed the draft.")
    assert house.outbox.get(number).status == "done"
    assert house.gate.undo(number, "anna", "cli").id != undo.id


def test_an_undo_takes_back_and_marks_what_it_took_back(house: Household) -> None:
    number = house.approved(event("u"), "a")
    house.run()
    undo = house.gate.undo(number, "anna", "cli")
    house.run()
    assert house.world.objects == {}
    assert status(house, undo.id)[0] == "done"
    assert status(house, number) == ("undone", f"Action {undo.id} took it back.")


def test_the_stop_is_looked_at_before_each_effect(house: Household) -> None:
    number = house.approved(send("a"), "a")
    waiting = house.approved(draft("b"), "b")

    class StoppingWorld(World):
        def __call__(self, effect: Effect) -> MemoryHands:
            house.outbox.stop("You stopped it.", "anna", house.clock())
            return World.__call__(house.world, effect)

    Executor(house.outbox, StoppingWorld(), renewed, house.clock, house.folder).run_due()
    assert house.outbox.stopped == "You stopped it."
    assert (house.world.smtp, house.world.sent_folder, house.world.drafts) == (["a@berger.example"], {}, {})
    assert (house.outbox.get(number).status, house.outbox.get(number).attempts) == ("approved", 0)
    assert house.executor.run_due() == []
    house.outbox.stop("", "anna", house.clock())
    house.run()
    assert [house.outbox.get(each).status for each in (number, waiting)] == ["done", "done"]
    assert house.world.smtp == ["a@berger.example"]


def test_what_waited_too_long_expires_undecided_or_undone(house: Household) -> None:
    soon = NOON + timedelta(days=1)
    held = house.gate.propose(action(draft("a"), "a", expires=soon))
    begun = house.approved(draft("b"), "b", expires=soon)
    house.world.acts.append("loses")
    house.run()
    approved = house.approved(draft("c"), "c", expires=soon)
    house.clock.forward(days=2)
    house.run()
    assert status(house, held.id) == ("expired", "Its time went by undecided.")
    assert status(house, approved)[0] == "expired"
    assert status(house, begun)[0] == "done"


def test_a_row_that_is_not_what_was_approved_is_never_done(house: Household) -> None:
    number = house.approved(draft("a"), "a")
    _tamper(house, "DROP TRIGGER action_version_keeps")
    _tamper(house, "UPDATE action_version SET payload = replace(payload, 'gladly', 'never')")
    house.run()
    assert status(house, number)[0] == "failed"
    assert house.world.performed == []


def test_one_action_that_cannot_be_read_does_not_keep_the_others_from_being_done(house: Household) -> None:
    numbers = [house.approved(draft(name), name) for name in "abc"]
    house.gate.propose(action(draft("d"), "d", expires=NOON + timedelta(hours=1)))
    _tamper(house, "UPDATE action SET about = '{' WHERE key IN ('a', 'c', 'd')")
    _tamper(house, "UPDATE action SET status = 'executing' WHERE key = 'c'")
    house.clock.forward(hours=2)
    house.run()
    assert house.outbox.get(numbers[1]).status == "done"
    assert [kept.id for kept in house.outbox.find(statuses=["done", "approved", "executing", "held"])] == [numbers[1]]


def test_an_undo_whose_effects_cannot_be_read_fails_and_touches_nothing(house: Household) -> None:
    odd = Undo(of=1, effects=({"verb": "mail.burn"},))
    first = house.outbox.add(action(odd, "a"), NOON)
    second = house.outbox.add(action(odd.model_copy(update={"of": 2}), "b"), NOON)
    for kept in (first, second):
        house.gate._approve(kept, NOON, "anna", "cli")
    _tamper(house, f"UPDATE action SET status = 'executing', begun = 1 WHERE id = {second.id}")
    house.run()
    assert status(house, first.id) == ("failed", "What it would do cannot be read, so nothing was done.")
    assert status(house, second.id)[0] == "uncertain"


def test_hands_that_are_not_there_any_more_leave_the_action_held(house: Household) -> None:
    number = house.approved(draft("a"), "a")

    def none(effect: Effect) -> Hands:
        raise EffectError(f"There is no account {effect.account} any more.", permanent=True, held=True)

    Executor(house.outbox, none, renewed, house.clock, house.folder).run_due()
    assert status(house, number) == ("held", "There is no account home any more.")


def test_hands_that_cannot_be_made_leave_the_action_held_with_their_sentence(house: Household) -> None:
    number = house.approved(draft("a"), "a")

    def none(effect: Effect) -> Hands:
        raise SettingsError(["The password command fails."])

    Executor(house.outbox, none, renewed, house.clock, house.folder).run_due()
    kept = house.outbox.get(number)
    assert kept.status == "held"
    assert "The password command fails." in kept.note


def test_a_second_process_waits_and_then_leaves_with_a_sentence(house: Household) -> None:
    house.approved(draft("a"), "a")
    with (house.folder / "executor.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(BusyError, match="Another butler"):
            house.executor.run_due()
    assert house.world.performed == []
    house.run()
    assert len(house.world.performed) == 1


def test_without_a_journal_nothing_is_done(house: Household) -> None:
    number = house.approved(draft("a"), "a")
    _tamper(house, "CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE (ABORT, 'no room'); END")
    with pytest.raises(StateError):
        house.executor.run_due()
    assert (house.world.performed, house.outbox.get(number).status) == ([], "approved")
    _tamper(house, "DROP TRIGGER full")
    house.run()
    assert house.outbox.get(number).status == "done"


def test_a_receipt_that_cannot_be_kept_is_found_in_the_world_later(house: Household) -> None:
    number = house.approved(draft("a"), "a")
    _tamper(
        house,
        "CREATE TRIGGER full BEFORE INSERT ON journal WHEN NEW.what = 'effected' BEGIN SELECT RAISE (ABORT, 'no room'); END",
    )
    with pytest.raises(StateError):
        house.executor.run_due()
    assert (len(house.world.performed), house.outbox.get(number).status) == (1, "executing")
    _tamper(house, "DROP TRIGGER full")
    house.run()
    assert (len(house.world.performed), house.outbox.get(number).status) == (1, "done")


def _tamper(house: Household, sql: str) -> None:
    database: Database = house.outbox._database
    database.run(sql)
