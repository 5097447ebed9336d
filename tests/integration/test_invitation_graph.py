"""The invitations' graph from end to end: what is put before the gate, and why nothing is."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from briefing_twins import NOW, OWNER, Memory, context
from invitation_mails import PLACE, REVIEW, Shelf, busy, ics, invitation, kept

from butler.core.actions import Action, Kept
from butler.core.calendar import CalendarPlace
from butler.core.context import Context, Identity
from butler.core.mail import Address, Mail
from butler.core.payloads import CalendarCancel, CalendarRespond, CalendarUpdate
from butler.core.policy import Policy
from butler.gate import Gate
from butler.runner import Runner
from butler.store.truth import Truth
from butler.thinking.graphs import Graphs
from tools.calendar.editing import answer_in
from tools.calendar.itip import answer_of, read_invitation
from workflows.invitation import WORKFLOW

IDENTITY = Identity("home", "anna@berger.example", "Anna Berger", "Anna", sends=True)
DENTIST = busy("Dentist", *REVIEW)
MALLORY = Address("Mallory", "mallory@evil.example")


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    truth = Truth.open(tmp_path / "butler.db")
    yield truth
    truth.close()


@dataclass
class Outcome:
    """What a run put before the gate, and what it has to say."""

    held: list[Kept]
    result: dict[str, Any]

    @property
    def actions(self) -> list[Action]:
        return [each.action for each in self.held]

    @property
    def reasons(self) -> list[str]:
        return [each["reason"] for each in self.result["left"]]

    def respond(self, place: int = 0) -> CalendarRespond:
        payload = self.actions[place].payload
        assert isinstance(payload, CalendarRespond)
        return payload


@dataclass
class Desk:
    """Runs the workflow over a truth of its own."""

    truth: Truth
    folder: Path

    def run(self, reads: Shelf, **fields: Any) -> Outcome:
        gate = Gate(self.truth.outbox, Policy(), lambda: NOW)
        held: list[Kept] = []

        def propose(action: Action) -> Kept:
            held.append(gate.propose(action))
            return held[-1]

        known = self.truth.outbox.known
        given: dict[str, Any] = {
            "identities": {"home": IDENTITY},
            "calendar": PLACE,
            "propose": propose,
            "known": known,
            **fields,
        }

        def made(run: Any) -> Context:
            return dataclasses.replace(context(reads, self.truth.memory(run.id), run=run.id), **given)

        done = Runner(self.truth.runs, Graphs(self.folder / "checkpoints.db"), lambda: NOW).run(
            WORKFLOW, NOW.date().isoformat(), made
        )
        return Outcome(held, dict(done.result))


@pytest.fixture
def desk(truth: Truth, tmp_path: Path) -> Desk:
    return Desk(truth, tmp_path)


def shelf(*mails: Mail, **fields: Any) -> Shelf:
    return Shelf(mails, **fields)


ASKS = invitation("asks@nordwind.example", ics())


def checks(action: Action) -> list[str]:
    return [finding.check for finding in action.findings]


def test_an_invitation_becomes_three_answers_of_which_one_is_chosen(desk: Desk) -> None:
    done = desk.run(shelf(ASKS))
    assert [each.kind for each in done.actions] == ["calendar.respond"] * 3
    assert [done.respond(place).answer for place in range(3)] == ["accepted", "tentative", "declined"]
    assert {each.group for each in done.actions} == {"invitation|home|review-1||0"}
    assert [each.key for each in done.actions] == [
        f"invitation|home|review-1||0|{each}" for each in ("accepted", "tentative", "declined")
    ]
    assert {each.status for each in done.held} == {"held"}
    first = done.actions[0]
    assert first.reason.startswith("Accept: Tom Krüger <tom@nordwind.example> invites you to “Review”, Thu 26 Nov 2026 11:00")
    assert (first.sources, first.taint[0].by, first.taint[0].foreign) == ((ASKS.ref,), "tom@nordwind.example", True)
    assert first.expires == REVIEW[1]
    assert [finding.sentence for finding in first.findings if finding.check == "free"] == ["You are free."]


def test_accepting_makes_the_event_and_writes_to_the_organizer_alone(desk: Desk) -> None:
    accept = desk.run(shelf(ASKS)).respond()
    assert accept.change is not None
    assert (accept.change.account, accept.change.calendar, accept.change.before) == ("family", "family.work", "")
    assert "METHOD" not in accept.change.after
    assert answer_in(accept.change.after, OWNER.addresses) == "accepted"
    assert accept.letter is not None
    assert [each.address for each in accept.letter.recipients] == ["tom@nordwind.example"]
    assert (accept.letter.subject, accept.send) == ("Accepted: Review", True)
    assert accept.letter.in_reply_to == "asks@nordwind.example"
    assert answer_of(accept.letter.itip) == ("review-1", "", "accepted")


def test_declining_what_is_not_in_the_calendar_only_answers(desk: Desk) -> None:
    decline = desk.run(shelf(ASKS)).respond(2)
    assert decline.change is None
    assert decline.letter is not None
    assert answer_of(decline.letter.itip)[2] == "declined"


def test_an_answer_without_a_way_to_send_waits_in_drafts(desk: Desk) -> None:
    done = desk.run(shelf(ASKS), identities={"home": dataclasses.replace(IDENTITY, sends=False)})
    assert not done.respond().send


def test_what_lies_in_the_calendar_already_is_answered_there(desk: Desk) -> None:
    copy = kept(ics(method="", more="X-OWN:1\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM"))
    change = desk.run(shelf(ASKS, objects=copy)).respond().change
    assert change is not None
    assert (change.key, change.etag, change.before) == ("review-1.ics", '"1"', copy["review-1"].text)
    assert "X-OWN:1" in change.after
    assert "BEGIN:VALARM" in change.after


def test_a_newer_invitation_brings_the_calendar_up_to_date_and_keeps_the_alarm(desk: Desk) -> None:
    copy = kept(
        ics(method="", attendee="ATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@berger.example", more="BEGIN:VALARM\nEND:VALARM")
    )
    moved = invitation("moved@nordwind.example", ics(sequence=1, start="20261127T100000Z", end="20261127T110000Z"))
    change = desk.run(shelf(moved, objects=copy)).respond().change
    assert change is not None
    assert "DTSTART:20261127T100000Z" in change.after
    assert "BEGIN:VALARM" in change.after
    assert change.after.count("BEGIN:VEVENT") == 1


def test_a_server_that_schedules_by_itself_is_left_to_do_so(desk: Desk) -> None:
    done = desk.run(shelf(ASKS, objects=kept(ics(method=""), schedules=True)))
    assert [done.respond(place).letter for place in range(3)] == [None, None, None]
    assert not done.respond().send


def test_a_new_event_on_such_a_server_needs_no_letter_but_declining_without_one_does(desk: Desk) -> None:
    done = desk.run(shelf(ASKS, schedules=True))
    assert [done.respond(place).letter is None for place in range(3)] == [True, True, False]


def test_who_is_not_free_may_propose_the_next_free_time_of_the_same_length(desk: Desk) -> None:
    later = busy("Lunch", REVIEW[1], REVIEW[1] + dt.timedelta(minutes=70))
    done = desk.run(shelf(ASKS, events=[DENTIST, later]))
    assert len(done.actions) == 4
    sentences = [finding.sentence for finding in done.actions[0].findings if finding.check == "conflict"]
    assert sentences == ["You are not free: “Dentist”, Thu 26 Nov 2026 10:00 to 11:00."]
    other = done.respond(2)
    assert (other.answer, done.actions[2].key) == ("tentative", "invitation|home|review-1||0|counter")
    assert other.letter is not None
    assert "METHOD:COUNTER" in other.letter.itip
    proposed = read_invitation(other.letter.itip, OWNER.zone)
    assert proposed.start == dt.datetime(2026, 11, 26, 13, 15, tzinfo=OWNER.zone)
    assert proposed.end == dt.datetime(2026, 11, 26, 14, 15, tzinfo=OWNER.zone)
    assert "Thu 26 Nov 2026 13:15 to 14:15" in other.letter.body


def test_the_owners_own_copy_is_no_conflict(desk: Desk) -> None:
    own = busy("Review", *REVIEW, uid="review-1")
    done = desk.run(shelf(ASKS, events=[own], objects=kept(ics(method=""))))
    assert "conflict" not in checks(done.actions[0])


def test_a_series_is_looked_at_time_by_time(desk: Desk) -> None:
    weekly = invitation("weekly@nordwind.example", ics(more="RRULE:FREQ=WEEKLY;COUNT=4"))
    done = desk.run(shelf(weekly, events=[DENTIST]))
    sentences = [finding.sentence for finding in done.actions[0].findings if finding.check == "conflict"]
    assert sentences[0] == "You are not free at 1 of its next 4 times."
    assert len(done.actions) == 3
    assert done.actions[0].expires is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ics(organizer=""), "names no organizer"),
        (ics(uid=""), "has no UID"),
        (ics(organizer="ORGANIZER:mailto:anna@berger.example"), "You organize it yourself"),
        (ics(organizer="ORGANIZER:mailto:not an address"), "no mail address"),
        (ics(organizer="ORGANIZER:https://evil.example"), "no mail address"),
        (ics(start="20261120T100000Z", end="20261120T110000Z"), "It is over"),
        ("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n", "no event"),
        (
            ics().replace("END:VEVENT", "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:b\r\nDTSTART:20261126\r\nEND:VEVENT"),
            "several events",
        ),
        (ics().replace("END:VCALENDAR\r\n", ""), "broken off"),
        (ics() + "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "cannot be answered"),
    ],
)
def test_what_cannot_be_answered_gets_a_reason_and_no_action(desk: Desk, text: str, reason: str) -> None:
    done = desk.run(shelf(invitation("odd@nordwind.example", text)))
    assert done.actions == []
    assert len(done.reasons) == 1
    assert reason in done.reasons[0]


def test_mails_without_an_invitation_and_of_other_methods_are_passed_over(desk: Desk) -> None:
    done = desk.run(shelf(invitation("plain@nordwind.example", ""), invitation("reply@nordwind.example", ics("REPLY"))))
    assert (done.actions, done.reasons) == ([], [])


def test_what_was_answered_by_mail_is_not_asked_again(desk: Desk) -> None:
    answer = ics("REPLY", attendee="ATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@berger.example")
    done = desk.run(shelf(ASKS, invitation("mine@berger.example", answer, sent=True, days=0.5)))
    assert (done.actions, done.reasons) == ([], ["You have answered it already."])


def test_what_was_answered_in_the_calendar_is_not_asked_again(desk: Desk) -> None:
    copy = kept(ics(method="", attendee="ATTENDEE;PARTSTAT=DECLINED:mailto:anna@berger.example"))
    assert desk.run(shelf(ASKS, objects=copy)).reasons == ["You have answered it already."]


def test_only_the_latest_of_several_invitations_to_the_same_event_counts(desk: Desk) -> None:
    later = invitation("later@nordwind.example", ics(sequence=2), days=0.5)
    done = desk.run(shelf(ASKS, later))
    assert {each.sources for each in done.actions} == {(later.ref,)}
    assert done.reasons == ["A later mail about the same event takes its place."]


def test_somebody_else_cannot_take_the_place_of_an_invitation(desk: Desk) -> None:
    forged = invitation(
        "forged@evil.example", ics(sequence=9, organizer="ORGANIZER:mailto:mallory@evil.example"), days=0.5, sender=MALLORY
    )
    done = desk.run(shelf(ASKS, forged))
    assert {each.sources for each in done.actions} == {(ASKS.ref,), (forged.ref,)}
    assert desk.run(shelf(forged, objects=kept(ics(method="")))).reasons == [
        "Your calendar has this event from another organizer."
    ]


def test_an_account_that_is_read_only_gets_a_reason(desk: Desk) -> None:
    assert desk.run(shelf(ASKS), identities={}).reasons == ["Nothing may be written from the account 'home'."]


def test_without_a_calendar_the_answer_alone_is_offered_with_a_warning(desk: Desk) -> None:
    done = desk.run(shelf(ASKS), calendar=CalendarPlace())
    assert done.respond().change is None
    assert "calendar" in checks(done.actions[0])


def test_an_owner_is_warned_of_who_really_wrote(desk: Desk) -> None:
    forged = invitation(
        "forged@evil.example", ics(organizer='ORGANIZER;CN="tom@nordwind.example":mailto:tom@nordw1nd.example'), sender=MALLORY
    )
    warned = checks(desk.run(shelf(forged)).actions[0])
    assert {"organizer", "look-alike", "unknown"} <= set(warned)


def test_who_was_not_invited_is_told_so(desk: Desk) -> None:
    forwarded = invitation("fwd@nordwind.example", ics(attendee="ATTENDEE:mailto:carla@nordwind.example"))
    done = desk.run(shelf(forwarded))
    assert "attendee" in checks(done.actions[0])
    assert done.respond().attendee == "anna@berger.example"


def test_a_cancellation_takes_the_owners_copy_out(desk: Desk) -> None:
    done = desk.run(shelf(invitation("off@nordwind.example", ics("CANCEL", sequence=1)), objects=kept(ics(method=""))))
    (action,) = done.actions
    assert isinstance(action.payload, CalendarCancel)
    assert (action.payload.change.after, action.payload.change.etag, action.payload.scope) == ("", '"1"', "all")
    assert action.reason == "Tom Krüger <tom@nordwind.example> calls off “Review”, Thu 26 Nov 2026 11:00 to 12:00."


def test_a_cancellation_of_one_occurrence_leaves_the_others(desk: Desk) -> None:
    copy = kept(ics(method="", more="RRULE:FREQ=DAILY;COUNT=5"))
    off = ics("CANCEL", sequence=1, start="20261127T100000Z", end="20261127T110000Z", more="RECURRENCE-ID:20261127T100000Z")
    (action,) = desk.run(shelf(invitation("off@nordwind.example", off), objects=copy)).actions
    assert isinstance(action.payload, CalendarCancel)
    assert (action.payload.scope, action.payload.recurrence_id) == ("this", "20261127T100000Z")
    assert "EXDATE:20261127T100000Z" in action.payload.change.after


def test_a_cancellation_of_what_is_not_there_or_is_the_owners_own_does_nothing(desk: Desk) -> None:
    off = invitation("off@nordwind.example", ics("CANCEL", sequence=1))
    assert desk.run(shelf(off)).reasons == ["It is called off, and it is not in your calendar."]
    own = kept(ics(method="", organizer="ORGANIZER:mailto:anna@berger.example"))
    assert "nobody else can call it off" in desk.run(shelf(off, objects=own)).reasons[0]


def test_a_cancellation_by_somebody_else_is_shown_with_a_warning(desk: Desk) -> None:
    off = ics("CANCEL", sequence=1, organizer="ORGANIZER:mailto:mallory@evil.example")
    (action,) = desk.run(shelf(invitation("off@evil.example", off, sender=MALLORY), objects=kept(ics(method="")))).actions
    assert any("organized by tom@nordwind.example, not by" in finding.sentence for finding in action.findings)


def test_a_guests_proposal_moves_the_owners_event(desk: Desk) -> None:
    own = kept(
        ics(method="", organizer="ORGANIZER:mailto:anna@berger.example", attendee="ATTENDEE:mailto:tom@nordwind.example")
    )
    other = ics("COUNTER", start="20261126T140000Z", end="20261126T150000Z", organizer="ORGANIZER:mailto:anna@berger.example")
    (action,) = desk.run(shelf(invitation("other@nordwind.example", other), objects=own)).actions
    assert isinstance(action.payload, CalendarUpdate)
    assert "DTSTART:20261126T140000Z" in action.payload.change.after
    assert "SEQUENCE:1" in action.payload.change.after
    assert "guests" in checks(action)
    assert "attendee" not in checks(action)


def test_a_proposal_for_what_the_owner_does_not_organize_does_nothing(desk: Desk) -> None:
    other = invitation("other@nordwind.example", ics("COUNTER"))
    assert "do not organize" in desk.run(shelf(other, objects=kept(ics(method="")))).reasons[0]
    assert "not in your calendar" in desk.run(shelf(other)).reasons[0]


def test_running_again_proposes_nothing_twice(desk: Desk) -> None:
    assert len(desk.run(shelf(ASKS)).held) == 3
    again = desk.run(shelf(ASKS))
    assert (again.held, again.result) == ([], {"answered": [], "left": []})


def test_what_was_proposed_in_part_before_a_run_was_killed_is_proposed_whole(desk: Desk) -> None:
    gate = Gate(desk.truth.outbox, Policy(), lambda: NOW)

    def dies(action: Action) -> Kept:
        if action.key.endswith("tentative"):
            raise KeyboardInterrupt
        return gate.propose(action)

    with pytest.raises(KeyboardInterrupt):
        desk.run(shelf(ASKS), propose=dies)
    done = desk.run(shelf(ASKS))
    assert [each.action.key.rpartition("|")[2] for each in done.held] == ["accepted", "tentative", "declined"]
    assert len(desk.truth.outbox.find()) == 3


def test_a_flood_from_one_sender_is_cut_off(desk: Desk) -> None:
    flood = [invitation(f"{number}@evil.example", ics(uid=f"u{number}"), sender=MALLORY) for number in range(40)]
    done = desk.run(shelf(*flood, ASKS))
    assert len({each.sources for each in done.actions}) == 6
    assert sum("many invitations" in reason for reason in done.reasons) == 35


def test_no_words_of_an_invitation_are_in_a_checkpoint(desk: Desk) -> None:
    desk.run(shelf(ASKS))
    assert b"Room 4" not in (desk.folder / "checkpoints.db").read_bytes()


def test_every_node_may_run_again(desk: Desk) -> None:
    from workflows.invitation.nodes import Nodes

    proposed: list[Sequence[str]] = []
    gate = Gate(desk.truth.outbox, Policy(), lambda: NOW)
    given = dataclasses.replace(
        context(shelf(ASKS), Memory()), identities={"home": IDENTITY}, calendar=PLACE, propose=gate.propose
    )
    for _ in range(2):
        nodes = Nodes(given)
        nodes.sync({})
        nodes.propose(nodes.gather({}))
        proposed.append(next(each["ids"] for each in (given.memory.kept("result") or {})["answered"]))
    assert proposed[0] == proposed[1]


def test_whole_days_are_compared_with_nothing(desk: Desk) -> None:
    day = (
        ics(start="20261126", end="20261128").replace("DTSTART:", "DTSTART;VALUE=DATE:").replace("DTEND:", "DTEND;VALUE=DATE:")
    )
    done = desk.run(shelf(invitation("day@nordwind.example", day), events=[DENTIST]))
    assert "Thu 26 Nov 2026 to Fri 27 Nov 2026" in done.actions[0].reason
    assert (len(done.actions), done.actions[0].expires) == (3, None)
    assert "for whole days" in done.actions[0].findings[0].sentence


def test_an_occurrence_that_the_copy_does_not_have_is_brought_in(desk: Desk) -> None:
    extra = ics(start="20261130T100000Z", end="20261130T110000Z", more="RECURRENCE-ID:20261130T100000Z")
    copy = kept(ics(method="", more="RRULE:FREQ=DAILY;COUNT=2"))
    change = desk.run(shelf(invitation("extra@nordwind.example", extra), objects=copy)).respond().change
    assert change is not None
    assert change.after.count("BEGIN:VEVENT") == 2
    assert answer_in(change.after, OWNER.addresses, "20261130T100000Z") == "accepted"


def test_an_older_invitation_than_the_calendars_copy_is_passed_over(desk: Desk) -> None:
    assert desk.run(shelf(ASKS, objects=kept(ics(method="", sequence=5)))).reasons == [
        "Your calendar has a later version of it."
    ]


def test_another_time_is_on_a_working_day_and_none_is_proposed_where_there_is_none(desk: Desk) -> None:
    friday = (dt.datetime(2026, 11, 27, 7, 0, tzinfo=dt.UTC), dt.datetime(2026, 11, 27, 17, 0, tzinfo=dt.UTC))
    asks = invitation("friday@nordwind.example", ics(start="20261127T100000Z", end="20261127T110000Z"))
    done = desk.run(shelf(asks, events=[busy("Fair", *friday)]))
    letter = done.respond(2).letter
    assert letter is not None
    assert "Proposed: Mon 30 Nov 2026 08:00 to 09:00." in letter.body
    weeks = (friday[0], friday[0] + dt.timedelta(days=20))
    asks = invitation("weeks@nordwind.example", ics(uid="weeks", start="20261127T100000Z", end="20261127T110000Z"))
    assert len(desk.run(shelf(asks, events=[busy("Journey", *weeks)])).actions) == 3


@pytest.mark.parametrize(
    ("more", "sequence", "reason"),
    [
        ("", 4, "earlier version"),
        ("RRULE:FREQ=DAILY;COUNT=3", 0, "whole series"),
        ("RECURRENCE-ID:20261201T100000Z", 0, "no such occurrence"),
    ],
)
def test_a_proposal_that_cannot_be_taken_gets_a_reason(desk: Desk, more: str, sequence: int, reason: str) -> None:
    mine = "ORGANIZER:mailto:anna@berger.example"
    own = kept(ics(method="", sequence=sequence, organizer=mine, more="RRULE:FREQ=DAILY;COUNT=2"))
    done = desk.run(shelf(invitation("other@nordwind.example", ics("COUNTER", organizer=mine, more=more)), objects=own))
    assert (done.actions, len(done.reasons)) == ([], 1)
    assert reason in done.reasons[0]


def test_a_proposal_by_somebody_who_was_not_invited_is_shown_with_a_warning(desk: Desk) -> None:
    mine = "ORGANIZER:mailto:anna@berger.example"
    other = ics("COUNTER", start="20261126T140000Z", end="20261126T150000Z", organizer=mine)
    found = invitation("other@evil.example", other, sender=MALLORY)
    (action,) = desk.run(shelf(found, objects=kept(ics(method="", organizer=mine)))).actions
    assert any("not among those whom you invited" in finding.sentence for finding in action.findings)
