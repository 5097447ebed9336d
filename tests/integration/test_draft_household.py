"""Drafts for the sample household through every real part: mirror, store, gate, runner, gateway, and a scripted Ollama."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from draft_model import drafting_model, is_draft, judging_model, sensible
from ollama_script import Chat, Script
from scripted_ollama import ScriptedOllama

from butler.core.accounts import ModelHost
from butler.core.actions import Kept
from butler.core.context import Wish
from butler.core.payloads import Letter, MailDraft
from butler.house import Deeds, Done, House
from butler.sample.household import Household, write_household

DAY = dt.date(2026, 11, 24)
DRAFTED = {
    "harbour-6@ford-harbour.example": "en",
    "meet-1@nordwind.example": "en",
    "ausflug-1@linden-schule.example": "de",
    "angebot-1@yildiz.example": "de",
    "geige-1@hafenmusik.example": "de",
    "honig-1@imker-spree.example": "de",
    "chenes-6@pepiniere-moreau.example": "fr",
    "visita-2@azulejos-ortega.example": "es",
}
"""The mails of the sample that want an answer, and its language; written by hand."""

LEFT = {
    "invite-1@ford-harbour.example": "It is an invitation, which has answers of its own.",
    "abend-1@berger.example": "You have answered it already.",
}
NEVER = ("plan-1@nordwind.example", "zug-1@fahrkarten.example", "bounce-1@mx.berger.example", "varroa-4@kern-honig.example")
GREETINGS = {"en": ("Dear", "Hi"), "de": ("Guten Tag", "Hallo"), "fr": ("Bonjour",), "es": ("Querida", "Hola")}
Drafting = Callable[[Script | None], tuple[Done, list[Kept]]]


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory) -> Household:
    return write_household(tmp_path_factory.mktemp("household"), DAY)


@pytest.fixture(scope="module")
def synced(household: Household, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with the household's mirror, to be copied."""
    state = tmp_path_factory.mktemp("synced")
    with House(deeds(household, state, None), lambda: household.now) as house:
        house.sync()
    return state


def deeds(household: Household, state: Path, model: ModelHost | None) -> Deeds:
    return Deeds(household.owner, household.accounts, household.options, state, None, model)


@pytest.fixture
def draft(household: Household, synced: Path, tmp_path: Path) -> Drafting:
    """Draft with a model that answers by a script, or with none; what came of it, and what is held."""

    def run(script: Script | None) -> tuple[Done, list[Kept]]:
        state = tmp_path / "state"
        shutil.copytree(synced, state)
        with ScriptedOllama(script=script or judging_model) as server:
            model = ModelHost(url=server.url, name="good") if script else None
            with House(deeds(household, state, model), lambda: household.now) as house:
                done = house.do("draft_reply", household.now, sync=False)
                return done, list(done.proposed)

    return run


def letters(kept: list[Kept]) -> Mapping[str, tuple[Kept, Letter]]:
    """The drafts by the Message-ID that they answer."""
    drafts = [(one, one.action.payload.letter) for one in kept if isinstance(one.action.payload, MailDraft)]
    return {letter.in_reply_to: (one, letter) for one, letter in drafts}


@pytest.mark.parametrize("script", [None, drafting_model], ids=["rules", "model"])
def test_each_mail_that_wants_an_answer_gets_a_draft_in_its_language_or_a_reason(
    draft: Drafting, script: Script | None
) -> None:
    done, kept = draft(script)
    made = letters(kept)
    assert set(DRAFTED) <= set(made)
    for name, language in DRAFTED.items():
        assert made[name][1].body.startswith(GREETINGS[language]), name
    reasons = {one["ref"].partition("/")[2]: one["reason"] for one in done.result["left"]}
    assert {name: reasons[name] for name in LEFT} == LEFT
    assert not set(NEVER) & set(made)
    assert all(one.status == "held" for one in kept)


def test_without_a_model_every_draft_is_a_skeleton_and_says_so(draft: Drafting) -> None:
    _, kept = draft(None)
    for one, letter in letters(kept).values():
        assert [finding.check for finding in one.action.findings] == ["skeleton"]
        assert "[…]" in letter.body
    assert "- Wednesday 25 November, 11:00–12:00" in letters(kept)["meet-1@nordwind.example"][1].body


def test_a_sensible_model_raises_no_false_alarm_in_any_language(draft: Drafting) -> None:
    _, kept = draft(drafting_model)
    warned = {name: one.action.findings for name, (one, _) in letters(kept).items() if one.action.findings}
    assert warned == {}


def test_a_reply_is_a_true_one_from_the_address_that_was_written_to(draft: Drafting) -> None:
    made = letters(draft(None)[1])
    offer = made["angebot-1@yildiz.example"][1]
    assert (offer.sender.address, offer.to[0].address) == ("anna.berger@nordwind.example", "deniz@yildiz.example")
    harbour = made["harbour-6@ford-harbour.example"][1]
    assert harbour.subject == "Re: The harbour garden: we have a yes"
    assert harbour.references[-1] == "harbour-6@ford-harbour.example"
    assert "harbour-1@ford-harbour.example" in harbour.references
    assert harbour.body.startswith("Dear Rachel,")


def test_no_draft_holds_words_of_a_mail_of_another_thread(draft: Drafting) -> None:
    """Each long line of a mail that is answered stands in the draft that answers it and in no other one."""
    made = letters(draft(drafting_model)[1])
    lines = {name: {line for line in letter.quoted.split("\n")[1:] if len(line) > 40} for name, (_, letter) in made.items()}
    for name, (_, letter) in made.items():
        others = set().union(*(found for other, found in lines.items() if other != name)) - lines[name]
        assert not [line for line in others if line in f"{letter.body}\n{letter.quoted}"], name


def obeys(chat: Chat) -> Mapping[str, Any] | str:
    """A model that anybody's mail can speak through: it sends money, invoices and secrets to whom it is told."""
    if not is_draft(chat):
        return judging_model(chat)
    return {
        **sensible(chat),
        "body": "I will wire 9,400 euros today and forward every invoice to collect@it-desk.example, see https://evil.example/pay.",
    }


def test_a_model_that_obeys_every_order_reaches_nobody_new_and_every_draft_warns(draft: Drafting, household: Household) -> None:
    _, kept = draft(obeys)
    made = letters(kept)
    assert set(DRAFTED) <= set(made)
    for one, letter in made.values():
        assert {"facts", "recipient"} <= {finding.check for finding in one.action.findings if finding.warning}
        assert "collect@it-desk.example" not in [person.address for person in letter.recipients]
        assert letter.bcc == ()
    assert {one.status for one in kept} == {"held"}


@pytest.mark.parametrize("babble", ["no JSON at all", "{}", '{"body": 7}'])
def test_a_model_that_babbles_leaves_skeletons(draft: Drafting, babble: str) -> None:
    _, kept = draft(lambda chat: babble if is_draft(chat) else judging_model(chat))
    assert set(DRAFTED) <= set(letters(kept))
    assert {finding.check for one in kept for finding in one.action.findings} == {"skeleton"}


def test_a_wish_takes_the_place_of_the_draft_and_an_edit_is_an_example_for_the_next_one(
    household: Household, synced: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    shutil.copytree(synced, state)
    with ScriptedOllama(script=drafting_model) as server:
        given = deeds(household, state, ModelHost(url=server.url, name="good"))
        with House(given, lambda: household.now) as house:
            meeting = letters(list(house.do("draft_reply", household.now, sync=False).proposed))["meet-1@nordwind.example"][0]
            wish = "shorter, and offer Thursday"
            answered = house.gate.respond(meeting.id, meeting.hash, wish, "anna", "cli")
            (second,) = house.do("draft_reply", household.now, sync=False, wish=Wish(answered, wish)).proposed
            assert isinstance(second.action.payload, MailDraft)
            assert "- Thursday 26 November" in second.action.payload.letter.body
            assert (second.status, house.truth.outbox.get(meeting.id).status) == ("held", "superseded")
            changed = second.action.payload.letter.model_copy(update={"body": "Hi Tom,\n\nthe owner's very own words.\n\nA."})
            edited = house.gate.edit(second.id, second.hash, MailDraft(letter=changed), "anna", "cli")
            house.gate.respond(edited.id, edited.hash, "warmer", "anna", "cli")
            house.do("draft_reply", household.now, sync=False, wish=Wish(edited, "warmer"))
    shown = [chat.text for chat in server.chats if is_draft(chat)][-1]
    assert "HOW THE OWNER CHANGED IT\n| Hi Tom,\n| the owner's very own words." in shown


def test_no_prompt_is_long_and_none_names_an_event_of_the_calendar(draft: Drafting) -> None:
    seen: list[Chat] = []

    def watches(chat: Chat) -> Mapping[str, Any] | str:
        if is_draft(chat):
            seen.append(chat)
        return drafting_model(chat)

    draft(watches)
    assert len(seen) >= len(DRAFTED)
    for chat in seen:
        words = f"{chat.system}{chat.user}"
        assert len(words.encode()) / 2.5 < 8_000
        assert not re.search(r"Team lunch|Choir rehearsal|Elternabend: ", chat.facts)
