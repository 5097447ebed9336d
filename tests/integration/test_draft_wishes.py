"""Revisions: a wish of the owner's becomes a new draft that takes the place of the old one, or a plain reason why not."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from briefing_twins import Twin
from draft_case import EMPTY, GOOD, MEETS, Shelf, asked_for_drafts, busy, drafting, drafts, run

from butler.core.actions import Action, Kept
from butler.core.context import Wish
from butler.core.errors import UnknownActionError
from butler.core.payloads import MailDraft


def proposed(reads: Twin, *answers: Mapping[str, Any] | str, wish: Wish | None = None) -> Kept:
    """The one action that came of drafting."""
    shelf = Shelf()
    run(drafting(reads, drafts(*answers) if answers else None, shelf, wish=wish))
    (kept,) = shelf.kept
    return kept


def body(kept: Kept) -> str:
    assert isinstance(kept.action.payload, MailDraft)
    return kept.action.payload.letter.body


def warned(kept: Kept) -> list[str]:
    return [finding.check for finding in kept.action.findings if finding.warning]


def wished(text: str, first: Kept) -> Wish:
    return Wish(first, text)


def test_a_wish_is_put_to_the_model_with_the_old_draft_and_its_days_as_free_times() -> None:
    first = proposed(Twin((MEETS,)))
    model, shelf = drafts({**EMPTY, "body": "Gladly.", "offers": [1]}), Shelf()
    run(drafting(Twin((MEETS,)), model, shelf, wish=wished("shorter, and offer Friday", first)))
    (kept,) = shelf.kept
    assert (kept.action.replaces, kept.action.key) == (first.id, "draft|home|meets@nordwind.example|2")
    assert "- Friday 27 November, 10:00–11:00" in body(kept)
    assert kept.action.reason == "You wished: “shorter, and offer Friday”."
    (shown,) = asked_for_drafts(model)
    assert "The owner wants OLD DRAFT changed: shorter, and offer Friday" in shown
    assert "OLD DRAFT\n| Hi Tom," in shown
    assert "Free times: 1 = Friday 2026-11-27 10:00-11:00; 2 = Friday 2026-11-27 14:00-15:00" in shown


def test_a_wish_for_a_day_is_honoured_even_where_the_model_forgets_to_offer_it() -> None:
    first = proposed(Twin((MEETS,)))
    kept = proposed(Twin((MEETS,)), {**EMPTY, "body": "Gladly."}, wish=wished("offer Friday", first))
    assert body(kept).count("- Friday 27 November") == 2


def test_a_wish_for_a_day_that_is_full_is_told() -> None:
    first = proposed(Twin((MEETS,)))
    full = Twin((MEETS,), events=[busy("fair", 27, 0, 23)])
    kept = proposed(full, {**EMPTY, "body": "Gladly."}, wish=wished("offer Friday", first))
    assert "wish" in warned(kept)
    assert "Friday" not in body(kept)


def test_without_a_model_only_the_free_times_of_a_wish_are_put_in_and_that_is_said() -> None:
    first = proposed(Twin((MEETS,)))
    kept = proposed(Twin((MEETS,)), wish=wished("warmer, and offer Friday", first))
    assert kept.action.replaces == first.id
    assert body(kept).count("These times would suit me:") == 1
    assert "- Friday 27 November, 10:00–11:00" in body(kept)
    assert warned(kept) == ["wish"]


def test_a_wish_that_needs_a_model_is_refused_without_one_and_the_old_draft_stays() -> None:
    first = proposed(Twin((MEETS,)))
    shelf = Shelf()
    result = run(drafting(Twin((MEETS,)), None, shelf, wish=wished("make it warmer", first)))
    assert shelf.kept == []
    assert result["left"][0]["reason"] == "Your wish needs a model: No model is configured. The draft is as it was."


def test_each_further_wish_gets_the_next_number() -> None:
    first = proposed(Twin((MEETS,)))
    shelf = Shelf()
    run(drafting(Twin((MEETS,)), drafts(GOOD), shelf, wish=wished("offer Friday", first)))
    again = dataclasses.replace(shelf.kept[0], id=9)
    run(drafting(Twin((MEETS,)), drafts(GOOD), shelf, wish=wished("offer Monday", again)))
    run(drafting(Twin((MEETS,)), drafts(GOOD), shelf, wish=wished("offer Tuesday", first)))
    assert [kept.action.key.rpartition("|")[2] for kept in shelf.kept] == ["2", "3", "4"]
    assert shelf.kept[1].action.replaces == 9


def test_what_an_old_draft_invented_stays_invented_unless_the_owner_wrote_or_wished_it() -> None:
    invents = {**EMPTY, "body": "Markus comes too, for 900 euros."}
    first = proposed(Twin((MEETS,)), invents)
    assert "facts" in warned(first)
    assert "facts" in warned(proposed(Twin((MEETS,)), invents, wish=wished("shorter", first)))
    edited = dataclasses.replace(first, version=2)
    assert warned(proposed(Twin((MEETS,)), invents, wish=wished("shorter", edited))) == []
    second = proposed(Twin((MEETS,)), invents, wish=wished("say that Markus comes, for 900 euros", first))
    assert warned(second) == []
    assert warned(proposed(Twin((MEETS,)), invents, wish=wished("shorter", second))) == []


def test_a_wish_for_what_is_decided_meanwhile_is_told() -> None:
    first = proposed(Twin((MEETS,)))

    def refuse(_action: Action) -> Kept:
        raise UnknownActionError("Action 1 is rejected.")

    given = drafting(Twin((MEETS,)), drafts(GOOD), wish=wished("offer Friday", first))
    result = run(dataclasses.replace(given, propose=refuse))
    assert result == {"drafted": [], "left": [{"ref": MEETS.ref, "reason": "Action 1 is rejected."}]}


def test_a_wish_for_what_is_no_draft_is_told() -> None:
    first = proposed(Twin((MEETS,)))
    nothing = dataclasses.replace(first, action=dataclasses.replace(first.action, sources=()))
    result = run(drafting(Twin((MEETS,)), drafts(GOOD), wish=wished("shorter", nothing)))
    assert result["left"][0]["reason"] == "Only a draft that answers a mail can be drafted anew."


def test_a_wish_for_a_mail_that_is_gone_is_told() -> None:
    first = proposed(Twin((MEETS,)))
    result = run(drafting(Twin(()), drafts(GOOD), wish=wished("shorter", first)))
    assert result["left"] == [{"ref": MEETS.ref, "reason": "The mail is not in the mirror any more."}]
