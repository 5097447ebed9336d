"""What a card changes: who is known, who a guest is, how a letter begins, what other pages tell."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import card_case as case
import pytest
from briefing_day import ANNA, NOW, gathered, mail
from briefing_twins import Memory, Twin, context
from contact_cards import contact
from page_world import COMING, FRIDAY, Saved, berlin, event, run, world

from butler.cards.beside import card_of as card_of_action
from butler.core import payloads as p
from butler.core.calendar import Attendee
from butler.core.contacts import Cards, card_of
from butler.core.context import Context
from butler.core.mail import Address
from butler.core.owner import Owner
from butler.core.prepared import Prepared, prepare
from butler.core.sources import Batch, SourceKind
from butler.store.mirror import Mirror
from workflows.briefing.gather import on_cards
from workflows.briefing.judge import judge
from workflows.briefing.rank import Ranked, rank
from workflows.briefing.values import Judgement
from workflows.briefing.view import View
from workflows.draft_reply.gather import called
from workflows.invitation.warnings import about_people
from workflows.lookahead import compose as lookahead
from workflows.meeting import compose as meeting
from workflows.pages.nodes import PageNodes
from workflows.weekly import compose as weekly

EVA = "eva@roth.example"


def ranked(had: int, written: int, contacts: frozenset[str]) -> Ranked:
    one = mail("first", sender=EVA)
    judgement = Judgement(ref=one.ref, label="reply")
    return rank([judgement], {one.ref: one}, {EVA: (had, written)}, NOW, ANNA, contacts=contacts)[0]


class Mirrored:
    """A mirror in a folder of its own, written without a source."""

    def __enter__(self) -> Mirrored:
        self._folder = TemporaryDirectory()
        self.mirror = Mirror.open(Path(self._folder.name) / "mirror.db", ANNA.zone.key, ANNA.addresses)
        return self

    def __exit__(self, *_: object) -> None:
        self.mirror.close()
        self._folder.cleanup()

    def write(self, kind: SourceKind, name: str, things: Sequence[Prepared]) -> None:
        known = self.mirror.collection(self.mirror.source(kind, "home"), name, "")
        with self.mirror.writing() as writing:
            writing.apply(known.place, Batch(name, "1"), things, dt.date(2027, 1, 1))


def page(make: Any, *people: Any, **more: Any) -> str:
    """A page over the world, with an address book in it."""
    saved = Saved()
    given = world(saved=saved, **more)
    assert isinstance(given.reads, Twin)
    given = dataclasses.replace(given, reads=dataclasses.replace(given.reads, placed_contacts=people))
    result = run(PageNodes(given, make).order, given)
    return saved.pages.get(result["page"], "")


def reads(*people: Any) -> Context:
    return context(Twin(placed_contacts=people), Memory())


def test_a_first_mail_from_somebody_on_a_card_stays_the_first_one_but_is_no_strangers() -> None:
    stranger, known = ranked(1, 0, frozenset()), ranked(1, 0, frozenset({EVA}))
    assert known.score > stranger.score
    assert "the first mail from them" in stranger.why
    assert {"in your contacts", "the first mail from them"} <= set(known.why)
    assert {"in your contacts", "you have not written to them"} <= set(ranked(4, 0, frozenset({EVA})).why)
    assert ranked(3, 3, frozenset({EVA})) == ranked(3, 3, frozenset())


def test_a_question_of_somebody_on_a_card_is_a_question_and_no_strangers() -> None:
    asks = mail(text="Hello Anna,\n\nwhich hedge do you want for the north edge of the garden?", sender=EVA)
    found = gathered([asks], exchanged={EVA: (1, 0)})
    given = context(Twin([asks]), Memory())
    (unknown,) = judge(given, found).judged.received
    (known,) = judge(given, dataclasses.replace(found, contacts=frozenset({EVA}))).judged.received
    assert (unknown.label, known.label) == ("unsure", "reply")
    assert (unknown.rule, known.rule) == ("question from a stranger", "question")


def test_a_card_keeps_lines_out_of_the_crowd() -> None:
    one = mail("asks", sender=EVA)
    found = gathered([one], exchanged={EVA: (1, 0)})
    for contacts, strange in ((frozenset[str](), True), (frozenset({EVA}), False)):
        view = View(dataclasses.replace(found, contacts=contacts), None, ANNA, None)  # type: ignore[arg-type]
        assert view._is_known(one) is not strange


def test_only_those_who_wrote_are_looked_for_on_cards_and_groups_do_not_count() -> None:
    given = reads(contact("Eva", addresses=(EVA, "other@roth.example")))
    assert on_cards(given, {EVA, "tom@x.example"}) == {EVA}
    assert on_cards(given, set()) == frozenset()


def test_two_names_for_one_address_are_none() -> None:
    eva, evi = contact("Eva Roth", addresses=(EVA,)), contact("Mallory", addresses=(EVA,), book="shared")
    assert card_of(EVA.upper(), [eva]) == eva
    assert card_of(EVA, [eva, evi]) is None
    assert card_of(EVA, [eva, contact("EVA ROTH", addresses=(EVA,), book="work")]) == eva
    assert card_of("x@y.example", [eva]) is None


@pytest.mark.parametrize(
    ("sender", "cards", "name"),
    [
        (Address("", EVA), [contact("Eva Roth", addresses=(EVA,), given="Eva")], "Eva Roth"),
        (Address("E. R.", EVA), [contact("Eva Roth", addresses=(EVA,), given="Eva")], "E. R."),
        (Address("", EVA), [contact("Roth Ltd", addresses=(EVA,))], ""),
        (Address("", EVA), [], ""),
        (
            Address("", EVA),
            [contact("Eva Roth", addresses=(EVA,), given="Eva"), contact("Mallory", addresses=(EVA,), given="Mallory")],
            "",
        ),
    ],
)
def test_a_draft_knows_a_name_from_a_card_only_where_it_is_certain(sender: Address, cards: list[Any], name: str) -> None:
    assert called(sender, reads(*cards)).name == name


def test_a_meeting_page_says_what_a_guest_does_and_cites_the_card() -> None:
    (address, *_) = [one.address for one in COMING.occurrence.attendees if one.address not in ANNA.addresses]
    text = page(
        meeting.compose, contact("Tom", addresses=(address,), title="Gardener", organisation="Nordwind"), subject=COMING.ref
    )
    assert "(Gardener, Nordwind)" in text
    assert "contact:friends/tom" in text
    assert "Gardener" not in page(meeting.compose, subject=COMING.ref)


def test_the_look_ahead_names_who_has_a_birthday_tomorrow() -> None:
    tom, eva = contact("Tom", (11, 25, 1990)), contact("Eva", (11, 26))
    text = page(lookahead.compose, tom, eva)
    assert "## Birthdays and anniversaries\n\n- birthday of Tom (turns 36)" in text
    assert "Eva" not in text
    day = event("b", berlin(25, 0), summary="Tom's birthday", attendees=())
    whole = dataclasses.replace(day.occurrence, start=dt.date(2026, 11, 25), end=dt.date(2026, 11, 26))
    assert "## Birthdays" not in page(lookahead.compose, tom, events=[dataclasses.replace(day, occurrence=whole)])


def test_the_weekly_review_names_the_birthdays_of_the_next_week() -> None:
    text = page(weekly.compose, contact("Tom", (12, 2, 1990)), contact("Eva", (12, 7)), now=FRIDAY)
    assert "Wed 2 Dec: birthday of Tom (turns 36)" in text
    assert "Eva" not in text


def test_a_new_recipient_stays_one_whatever_cards_say() -> None:
    with Mirrored() as mirror:
        mirror.write("contacts", "friends", [Cards("eva.vcf", "1", (contact("Eva", addresses=(EVA,)).contact,))])
        mirror.write("mail", "INBOX", [prepare(case.MAIL.message)])
        letter = case.LETTER.model_copy(update={"to": (p.Person(name="Eva", address=EVA),)})
        shown = card_of_action(mirror.mirror, Owner("Anna", ANNA.addresses, ANNA.zone), case.kept(p.MailDraft(letter=letter)))
    assert any(EVA in each for each in shown.strangers)


def test_an_organizer_to_whom_nothing_was_written_is_warned_of_whatever_cards_say() -> None:
    given = reads(contact("Eva", addresses=(EVA,)))
    asked = Invited(EVA, InvitedTo(Attendee("Eva", EVA, "accepted")))
    assert "unknown" in {each.check for each in about_people(given, asked)}  # type: ignore[arg-type]


@dataclasses.dataclass
class InvitedTo:
    organizer: Attendee
    problems: tuple[str, ...] = ()


@dataclasses.dataclass
class Invited:
    sender: str
    invitation: InvitedTo
