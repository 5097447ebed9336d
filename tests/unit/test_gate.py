"""The gate: what is proposed, what its owner decides about exactly that, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from memory_hands import ANNA, NOON, Household, action, draft, event, keyword, send

from butler.core.actions import Finding, Taint
from butler.core.effects import PutFile
from butler.core.errors import ButlerError, UnknownActionError
from butler.core.payloads import FileWrite, Undo
from butler.core.policy import Policy, Rule
from butler.store import truth as truth_module

RULES = (
    Rule("keywords", "allow", kinds=("mail.keyword", "mail.send", "file.*")),
    Rule("no drafts to the boss", "deny", kinds=("mail.draft",), recipients=("boss@*",)),
)


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth_module, "_PRAGMAS", ("synchronous = OFF", "foreign_keys = ON"))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    house = Household(tmp_path, Policy(RULES, frozenset({ANNA})))
    yield house
    assert house.truth.journal.verify() == []
    house.close()


def happened(house: Household, subject: str) -> list[str]:
    return [line.what for line in house.truth.journal.about(subject)]


def test_what_no_rule_speaks_of_is_held_whole(house: Household) -> None:
    proposal = action(
        draft("a"),
        "a",
        taint=(Taint("mail:home/a", "tom@nordwind.example"),),
        findings=(Finding("language", "It is in English."),),
        group="",
        rule="reply",
        step="draft",
        digest="sha256:1",
        workflow="draft_reply",
        run="run-1",
        expires=NOON + timedelta(days=30),
    )
    kept = house.gate.propose(proposal)
    assert (kept.status, kept.version, kept.created, kept.action) == ("held", 1, NOON, proposal)
    assert house.outbox.get(kept.id) == kept
    assert happened(house, "action:1") == ["proposed", "held"]


def test_a_known_key_is_never_proposed_again_whatever_became_of_it(house: Household) -> None:
    kept = house.gate.propose(action(draft("a"), "a"))
    assert house.gate.propose(action(draft("b"), "a")) == kept
    house.gate.reject(kept.id, kept.hash, "anna", "cli", "No.")
    assert house.gate.propose(action(draft("b"), "a")).status == "rejected"
    assert house.outbox.known("a")
    assert not house.outbox.known("b")


def test_a_rule_allows_and_denies_and_leaves_its_decision(house: Household) -> None:
    allowed = house.gate.propose(action(keyword("1"), "a"))
    denied = house.gate.propose(action(draft("b").model_copy(update={"letter": send("b", to=["boss@x.example"]).letter}), "b"))
    assert (allowed.status, denied.status) == ("approved", "rejected")
    (yes,), (no,) = house.outbox.decisions(allowed.id), house.outbox.decisions(denied.id)
    assert (yes.verb, yes.by, yes.via, yes.hash) == ("approve", "rule", "keywords", allowed.hash)
    assert (no.verb, no.via, no.text) == ("reject", "no drafts to the boss", denied.note)


def test_a_floor_holds_and_denies_whatever_the_rules_allow(house: Household) -> None:
    assert house.gate.propose(action(send("a"), "a")).status == "held"
    assert house.gate.propose(action(send("b", to=[ANNA]), "b")).status == "approved"
    outside = house.gate.propose(action(FileWrite(root="notes", path="../x", content="x"), "c"))
    assert outside.status == "rejected"
    assert house.outbox.decisions(outside.id)[0].via == "floor"


def test_a_flood_of_one_mail_makes_one_open_action_of_a_kind(house: Household) -> None:
    first = house.gate.propose(action(draft("a"), "a", "mail:home/m"))
    for number in range(5):
        assert house.gate.propose(action(draft(f"b{number}"), f"b{number}", "mail:home/m")) == first
    assert house.gate.propose(action(event("u"), "c", "mail:home/m")).id != first.id
    assert happened(house, "mail:home/m") == ["refused"] * 5
    house.gate.reject(first.id, first.hash, "anna", "cli")
    assert house.gate.propose(action(draft("d"), "d", "mail:home/m")).status == "held"


def test_an_action_without_a_cause_stands_in_nobodys_way(house: Household) -> None:
    proposals = [replace(action(draft(name), name), sources=()) for name in "ab"]
    assert [house.gate.propose(each).id for each in proposals] == [1, 2]
    house.outbox.refuse(proposals[0], NOON, "Because.")
    assert happened(house, "a") == ["refused"]


def test_a_revision_takes_the_place_of_what_it_revises(house: Household) -> None:
    first = house.gate.propose(action(draft("a"), "a", "mail:home/m"))
    house.gate.respond(first.id, first.hash, "Shorter, please.", "anna", "cli")
    assert [(wish.action, wish.text) for wish in house.outbox.wishes()] == [(first.id, "Shorter, please.")]
    second = house.gate.propose(action(draft("b"), "b", "mail:home/m", replaces=first.id))
    old = house.outbox.get(first.id)
    assert (old.status, old.note, second.status) == ("superseded", f"Action {second.id} took its place.", "held")
    assert house.outbox.wishes() == []


def test_a_revision_of_what_is_decided_is_refused(house: Household) -> None:
    first = house.gate.propose(action(draft("a"), "a"))
    house.gate.approve(first.id, first.hash, "anna", "cli")
    with pytest.raises(UnknownActionError, match="not held any more: it is approved"):
        house.gate.propose(action(draft("b"), "b", replaces=first.id))
    assert not house.outbox.known("b")


def test_approving_one_alternative_supersedes_the_others_of_its_group(house: Household) -> None:
    names = ("accept", "decline", "later")
    ids = [house.gate.propose(action(event(name), name, "mail:home/m", group="g")).id for name in names]
    other = house.gate.propose(action(event("x"), "x", "mail:home/other", group="h"))
    assert house.gate.propose(action(event("y"), "y", "mail:home/m", group="h")).id == ids[0]
    kept = house.outbox.get(ids[1])
    house.gate.approve(ids[1], kept.hash, "anna", "cli")
    assert [house.outbox.get(each).status for each in ids] == ["superseded", "approved", "superseded"]
    assert house.outbox.get(other.id).status == "held"


def test_an_approval_is_for_what_was_shown_and_used_once(house: Household) -> None:
    kept = house.gate.propose(action(draft("a"), "a"))
    with pytest.raises(ButlerError, match="changed since it was shown"):
        house.gate.approve(kept.id, "0" * 64, "anna", "cli")
    house.gate.approve(kept.id, kept.hash, "anna", "cli")
    with pytest.raises(UnknownActionError, match="it is approved"):
        house.gate.approve(kept.id, kept.hash, "anna", "cli")
    house.run()
    with pytest.raises(UnknownActionError, match="it is done"):
        house.gate.approve(kept.id, kept.hash, "anna", "cli")
    assert len(house.world.performed) == 1


def test_an_edit_keeps_before_and_after_and_voids_what_was_shown(house: Household) -> None:
    kept = house.gate.propose(action(draft("a"), "a", findings=(Finding("length", "It is long."),)))
    edited = house.gate.edit(kept.id, kept.hash, draft("a", "No."), "anna", "cli")
    assert (edited.status, edited.version, edited.action.findings, edited.note) == ("held", 2, (), "You changed it.")
    assert house.outbox.get(kept.id) == edited
    for stale in (house.gate.approve, house.gate.reject):
        with pytest.raises(ButlerError, match="changed since"):
            stale(kept.id, kept.hash, "anna", "cli")
    assert house.gate.edit(kept.id, edited.hash, draft("a", "No."), "anna", "cli") == edited
    assert house.outbox.edits("mail.draft", 5) == [(draft("a"), draft("a", "No."))]
    assert house.outbox.versions(kept.id) == [draft("a"), draft("a", "No.")]
    house.gate.approve(kept.id, edited.hash, "anna", "cli")
    house.run()
    assert house.world.drafts == {"a@berger.example": "No."}


def test_an_edit_there_and_back_needs_an_approval_of_its_own(house: Household) -> None:
    kept = house.gate.propose(action(draft("a"), "a"))
    edited = house.gate.edit(kept.id, kept.hash, draft("a", "No."), "anna", "cli")
    back = house.gate.edit(kept.id, edited.hash, draft("a"), "anna", "cli")
    assert (back.hash, back.version) == (kept.hash, 3)
    assert not house.outbox.is_approved(back)


def test_an_edit_cannot_do_what_a_proposal_could_not(house: Household) -> None:
    kept = house.gate.propose(action(draft("a"), "a"))
    with pytest.raises(ButlerError, match="another kind"):
        house.gate.edit(kept.id, kept.hash, send("a"), "anna", "cli")
    bossy = draft("a").model_copy(update={"letter": send("a", to=["boss@x.example"]).letter})
    with pytest.raises(ButlerError, match="no drafts to the boss"):
        house.gate.edit(kept.id, kept.hash, bossy, "anna", "cli")
    assert house.outbox.get(kept.id) == kept


def test_what_is_partly_done_cannot_be_edited(house: Household) -> None:
    number = house.approved(send("a"), "a")
    house.world.acts.extend(["well", "asks"])
    house.run()
    kept = house.outbox.get(number)
    assert (kept.status, len(kept.done)) == ("held", 1)
    with pytest.raises(ButlerError, match="A part of action"):
        house.gate.edit(number, kept.hash, send("a", "Other."), "anna", "cli")


@pytest.mark.parametrize("text", ["", "  \n", "x" * 4001])
def test_a_wish_needs_words_and_not_too_many(house: Household, text: str) -> None:
    kept = house.gate.propose(action(draft("a"), "a"))
    with pytest.raises(ButlerError, match="in some words"):
        house.gate.respond(kept.id, kept.hash, text, "anna", "cli")


def test_a_wish_is_open_until_something_else_is_decided(house: Household) -> None:
    kept = house.gate.propose(action(draft("a"), "a"))
    house.gate.respond(kept.id, kept.hash, "Shorter.", "anna", "cli")
    house.gate.respond(kept.id, kept.hash, "And friendlier.", "anna", "cli")
    assert [wish.text for wish in house.outbox.wishes()] == ["And friendlier."]
    assert house.outbox.get(kept.id).note == "You asked for another version: And friendlier."
    house.gate.edit(kept.id, kept.hash, draft("a", "Short."), "anna", "cli")
    assert house.outbox.wishes() == []


def test_what_expired_cannot_be_decided_any_more(house: Household) -> None:
    soon = NOON + timedelta(hours=1)
    kepts = [house.gate.propose(action(draft(name), name, expires=soon)) for name in "abc"]
    house.clock.forward(hours=1)
    gate, (first, second, third) = house.gate, kepts
    with pytest.raises(UnknownActionError, match="it is expired"):
        gate.approve(first.id, first.hash, "anna", "cli")
    with pytest.raises(UnknownActionError, match="it is expired"):
        gate.edit(second.id, second.hash, draft("z"), "anna", "cli")
    with pytest.raises(UnknownActionError, match="it is expired"):
        gate.respond(third.id, third.hash, "Shorter.", "anna", "cli")
    assert {house.outbox.get(kept.id).status for kept in kepts} == {"expired"}


@pytest.mark.parametrize("number", [0, 9, -1, 2**70])
def test_an_action_that_is_not_there_is_said_not_to_be(house: Household, number: int) -> None:
    with pytest.raises(UnknownActionError, match=f"no action {number}"):
        house.gate.approve(number, "", "anna", "cli")


def test_only_its_owner_asks_for_an_undo(house: Household) -> None:
    effect = PutFile(account="notes", path="x.md", content="x").model_dump()
    assert house.gate.propose(action(Undo(of=1, effects=(effect,)), "a")).status == "rejected"


def test_an_undo_is_refused_where_there_is_nothing_to_take_back(house: Household) -> None:
    held = house.gate.propose(action(draft("a"), "a"))
    sent = house.approved(send("b"), "b")
    house.run()
    with pytest.raises(UnknownActionError, match="cannot be undone: it is held"):
        house.gate.undo(held.id, "anna", "cli")
    with pytest.raises(ButlerError, match="what it did cannot be taken back"):
        house.gate.undo(sent, "anna", "cli")


def test_an_undo_is_asked_for_once_at_a_time(house: Household) -> None:
    number = house.approved(draft("a"), "a")
    house.run()
    undo = house.gate.undo(number, "anna", "cli")
    assert (undo.status, undo.action.payload.kind) == ("approved", "undo")
    assert house.gate.undo(number, "anna", "cli") == undo
    house.run()
    assert house.world.drafts == {}
    with pytest.raises(ButlerError, match="it is undone"):
        house.gate.undo(number, "anna", "cli")
    with pytest.raises(ButlerError, match="cannot be undone"):
        house.gate.undo(undo.id, "anna", "cli")


def test_what_was_approved_is_held_again_until_it_is_begun(house: Household) -> None:
    number = house.approved(draft("a"), "a")
    kept = house.outbox.get(number)
    with pytest.raises(ButlerError, match="was changed since it was shown"):
        house.gate.withdraw(number, "0" * 64, "anna", "web")
    held = house.gate.withdraw(number, kept.hash, "anna", "web")
    assert (held.status, held.note) == ("held", "You took your approval back.")
    line = house.truth.journal.about(f"action:{number}")[-1]
    assert (line.what, line.facts["by"], line.facts["via"]) == ("withdrawn", "anna", "web")
    house.run()
    assert house.world.drafts == {}
    with pytest.raises(UnknownActionError, match="it is held"):
        house.gate.withdraw(number, kept.hash, "anna", "web")
    house.gate.approve(number, kept.hash, "anna", "web")
    house.run()
    assert len(house.world.drafts) == 1
    with pytest.raises(UnknownActionError, match="it is done"):
        house.gate.withdraw(number, kept.hash, "anna", "web")


def test_an_undo_is_rejected_and_not_held(house: Household) -> None:
    number = house.approved(draft("a"), "a")
    house.run()
    undo = house.gate.undo(number, "anna", "web")
    with pytest.raises(ButlerError, match="takes something back"):
        house.gate.withdraw(undo.id, undo.hash, "anna", "web")
    assert house.gate.reject(undo.id, undo.hash, "anna", "web").status == "rejected"


def test_deciding_needs_no_executor(house: Household) -> None:
    number = house.approved(draft("a"), "a")
    house.die()
    assert house.outbox.get(number).status == "approved"
    house.run()
    assert house.outbox.get(number).status == "done"


def test_an_approval_is_withdrawn_before_anything_is_begun(house: Household) -> None:
    number = house.approved(draft("a"), "a")
    rejected = house.gate.reject(number, house.outbox.get(number).hash, "anna", "cli", "on second thoughts")
    assert (rejected.status, rejected.note) == ("rejected", "on second thoughts")
    house.run()
    assert house.world.drafts == {}


def test_what_is_uncertain_is_settled_by_saying_no(house: Household) -> None:
    number = house.approved(send("a"), "a")
    kept = house.outbox.get(number)
    claimed = house.outbox.change(kept, replace(kept, status="executing"), NOON, "claimed")
    house.outbox.change(claimed, replace(claimed, status="uncertain"), NOON, "uncertain")
    assert house.gate.reject(number, kept.hash, "anna", "cli", "it arrived").status == "rejected"
    with pytest.raises(UnknownActionError, match="it is rejected"):
        house.gate.reject(number, kept.hash, "anna", "cli")
