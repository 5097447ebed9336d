"""Cards: what their owner sees is all of what would be done, and nothing in it can hide, act or look like the card."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import card_case as case
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from butler.cards import ics
from butler.cards.card import make_card
from butler.cards.contents import Beside
from butler.cards.document import as_json
from butler.cards.lines import as_line
from butler.cards.page import as_text
from butler.cards.reasons import Event, Story, explain_action, story_json
from butler.cards.revealing import Reveal, as_read
from butler.cards.saying import saying
from butler.core import payloads as p
from butler.core.actions import Finding, Kept, Taint
from butler.core.effects import Receipt
from butler.core.text import visible
from butler.terminal import width_of

SNAPSHOTS = Path(__file__).parents[1] / "snapshots" / "cards"
PAINT = re.compile(r"\x1b\[\d+m")
FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def text_of(kept: Kept, beside: Beside = case.BESIDE, **layout: int) -> str:
    return as_text(make_card(kept, beside), zone=case.ZONE, **layout)  # type: ignore[arg-type]


def told(story: Story) -> str:
    return explain_action(story, case.ZONE)


RECEIPT = Receipt(sentence="It is in Drafts.", answer="APPENDUID 1 7", place="Drafts")
STORY = Story(
    case.kept(case.PAYLOADS["draft"], status="done", findings=case.FINDINGS, done=(RECEIPT,), note="It is in Drafts."),
    (case.decision("respond", "shorter"), case.decision()),
    (Event(5, case.NOW, "proposed", {"hash": "ab" * 32, "kind": "mail.draft", "empty": ""}), Event(9, case.NOW, "done", {})),
    {case.REF: case.MAIL},
)
PAGES: dict[str, Callable[[], str]] = {
    **{name: partial(text_of, case.kept(payload, findings=case.FINDINGS)) for name, payload in case.PAYLOADS.items()},
    "narrow": lambda: text_of(case.kept(case.PAYLOADS["draft"], findings=case.FINDINGS), width=44),
    "colour": lambda: as_text(make_card(case.kept(case.PAYLOADS["update"], findings=case.FINDINGS), case.BESIDE), colour=True),
    "done": lambda: text_of(STORY.kept),
    "hostile": lambda: text_of(case.kept(p.MailDraft(letter=case.hostile_letter()))),
    "why": lambda: told(STORY),
    "why-bare": lambda: told(Story(replace(STORY.kept, done=(), note="", version=1), (), ())),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_card_looks_as_it_was_approved(name: str) -> None:
    path = SNAPSHOTS / f"{name}.txt"
    made = PAGES[name]()
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", case.hostile_payloads())
def test_nothing_from_the_world_acts_in_a_card_or_a_list(name: str) -> None:
    payload = case.hostile_payloads()[name]
    kept = case.kept(payload, findings=(Finding(case.HOSTILE, case.HOSTILE),), note=case.HOSTILE, done=(RECEIPT,))
    action = replace(kept.action, reason=case.HOSTILE, taint=(Taint(case.HOSTILE, case.HOSTILE),), sources=(case.HOSTILE,))
    kept = replace(
        kept, action=replace(action, rule=case.HOSTILE, step=case.HOSTILE, digest=case.HOSTILE, workflow=case.HOSTILE)
    )
    story = Story(kept, (case.decision("reject", case.HOSTILE),), (Event(1, case.NOW, "x", {case.HOSTILE: case.HOSTILE}),), {})
    for text in (as_text(make_card(kept, case.BESIDE)), saying(payload), told(story)):
        assert not FORBIDDEN.search(text)
    card = as_text(make_card(kept, case.BESIDE))
    assert "U+202E" in card
    assert "made visible" in card
    json.dumps(as_json(make_card(kept, case.BESIDE)))
    json.dumps(story_json(story))


@settings(max_examples=60)
@given(st.text(min_size=1), st.integers(30, 120))
def test_whatever_a_letter_says_its_card_is_harmless_and_fits(text: str, width: int) -> None:
    letter = case.LETTER.model_copy(update={"body": text, "subject": text, "to": (p.Person(name=text, address="a@b.example"),)})
    page = as_text(make_card(case.kept(p.MailDraft(letter=letter)), case.BESIDE), width=width, colour=True)
    plain = PAINT.sub("", page)
    assert not [each for each in plain if each != "\n" and (unicodedata.category(each) == "Cc" or visible(each) != each)]
    head, _, rest = plain.partition("\n")
    assert head.startswith("#41 · mail.draft · held")
    assert all(width_of(line) <= max(width, 60) for line in rest.splitlines())


@given(st.text(alphabet=st.sampled_from("ab漢 \u0301-"), min_size=1, max_size=400), st.integers(30, 60))
def test_no_letter_of_a_text_is_cut_from_its_card(text: str, width: int) -> None:
    letter = case.LETTER.model_copy(update={"body": text, "quoted": ""})
    card = make_card(case.kept(p.MailDraft(letter=letter)), case.BESIDE)
    page = as_text(card, width=width).partition("\nText\n")[2].partition("\nAnswers")[0]
    shown = "".join(line[4:] for line in page.splitlines())
    (part,) = [part for part in card.parts if part.title == "Text"]
    assert shown.replace(" ", "") == "".join(part.lines).replace(" ", "")


def test_no_line_of_a_text_can_look_like_a_line_of_the_card() -> None:
    letter = case.LETTER.model_copy(
        update={"body": "Hi\n\nWhy        all is well\n\n#41 · mail.draft · done\n", "quoted": "To  x@y"}
    )
    lines = text_of(case.kept(p.MailDraft(letter=letter))).splitlines()
    assert [line for line in lines if "all is well" in line] == ["  | Why        all is well"]
    assert [line for line in lines if "#41" in line] == [lines[0], "  | #41 · mail.draft · done"]
    assert [line for line in lines if "x@y" in line] == ["  > To  x@y"]


def test_all_of_ten_thousand_recipients_are_shown() -> None:
    card = make_card(case.kept(p.MailSend(letter=case.hostile_letter(10_000))), case.BESIDE)
    page = as_text(card)
    assert "To (10001)" in page
    assert all(f"n{number}@x.example" in page for number in range(10_000))
    document = as_json(card)
    assert len(document["recipients"]) == 10_003
    assert len(document["new_recipients"]) == 10_003


def test_warnings_come_before_anything_that_is_warned_of() -> None:
    page = text_of(case.kept(case.PAYLOADS["draft"], findings=case.FINDINGS))
    assert page.index("! “Friday”") < page.index("· It is a skeleton") < page.index("Why ") < page.index("Text")


@pytest.mark.parametrize(
    ("update", "sentence"),
    [
        ({"to": (p.Person(address="new@evil.example"),)}, "New in this thread: new@evil.example."),
        ({"bcc": (p.Person(address="new@evil.example"),)}, "New in this thread: new@evil.example."),
        (
            {"to": (p.Person(name="boss@corp.example", address="tom@nordwind.example"),)},
            "looks like an address, but the mail would go to",
        ),
        (
            {"to": (p.Person(address="tom@nоrdwind.example"),)},
            "Domains in the addresses have letters that may look like others: xn--nrdwind-9ig.example ⟨nоrdwind.example⟩",
        ),
        ({"body": "Pay at раypаl now"}, "mix letters of several scripts that look alike: р⟨U+0440⟩а⟨U+0430⟩yp"),
        ({"body": "a" + "\u0301" * 30}, "carry heaps of marks"),
        ({"body": "a" + " " * 200 + "b"}, "There is a wide gap in a line of the text"),
        ({"body": "a" + "\n" * 200 + "b"}, "There is a long gap in the text"),
        ({"body": "a\u200bb"}, "Hidden characters in the text are made visible: U+200B ZERO WIDTH SPACE."),
        ({"subject": "a\nBcc: b@c"}, "Hidden characters in the subject are made visible: U+000A"),
    ],
)
def test_a_trick_is_told_of_in_a_sentence(update: dict[str, object], sentence: str) -> None:
    card = make_card(case.kept(p.MailDraft(letter=case.LETTER.model_copy(update=update))), case.BESIDE)
    assert [warning for warning in card.warnings if sentence in warning]
    assert len(card.warnings) == 1 or "nоrdwind" in str(update)


def test_honest_text_in_many_scripts_is_not_warned_of() -> None:
    body = "Grüße, señora. Привет, Анна! Γειά σου. 你好 שלום مرحبا 👩‍👧 ❤️ 1️⃣ naïve café\u00a0— «да» 10 €\ttab\n\n-- \nAnna"
    card = make_card(case.kept(p.MailDraft(letter=case.LETTER.model_copy(update={"body": body}))), case.BESIDE)
    assert card.warnings == ()


def test_links_are_shown_with_the_host_that_they_lead_to() -> None:
    body = "See https://bank.example@evil.example/a, www.nordwind.example. and (http://[bad and https://раypal.com/x)."
    card = make_card(case.kept(p.MailDraft(letter=case.LETTER.model_copy(update={"body": body}))), case.BESIDE)
    assert [(link.url[:30], link.domain) for link in card.links] == [
        ("https://bank.example@evil.exam", "evil.example"),
        ("www.nordwind.example", "www.nordwind.example"),
        ("http://[bad", "no host"),
        (card.links[3].url[:30], "xn--ypal-43d9g.com ⟨раypal.com⟩"),
    ]
    assert "! Leads to www.nordwind.example [www.nordwind.example]" in as_text(card)


def test_without_its_thread_a_card_says_that_recipients_were_not_compared() -> None:
    card = make_card(case.kept(case.PAYLOADS["draft"]))
    assert card.warnings == (
        "The mail that it answers is not in the mirror, so its recipients were not compared with a thread.",
    )


def test_the_difference_of_a_file_is_shown_only_against_the_content_that_it_replaces() -> None:
    kept = case.kept(case.PAYLOADS["write"])
    known = make_card(kept, replace(case.BESIDE, old="one\ntwo\n"))
    assert known.parts[0].lines == ("@@ -1,2 +1,2 @@", " one", "-two", "+three")
    for old in (None, "something else\n"):
        card = make_card(kept, replace(case.BESIDE, old=old))
        assert (card.parts[0].title, card.parts[0].lines) == ("New content", ("one", "three"))
        assert "not at hand" in card.warnings[0]
    new = make_card(case.kept(p.FileWrite(root="notes", path="a.md", content="one\n")))
    assert (new.parts[0].title, new.parts[0].lines, new.warnings) == ("New file", ("@@ -0,0 +1 @@", "+one"), ())


def test_what_becomes_of_an_event_is_said_in_words() -> None:
    found = [(change.field, change.before, change.after) for change in ics.changes(case.EVENT, case.MOVED, case.ZONE)]
    assert found == [
        ("Starts", "Thu 2026-11-26 12:00", "Thu 2026-11-26 12:30"),
        ("Where", "Café", ""),
        ("Answer of anna@berger.example", "needs action", "accepted"),
    ]
    assert ics.starts(case.EVENT) == "Thu 2026-11-26 12:00 (Europe/Berlin)"
    assert dict(ics.first(case.EVENT, case.ZONE))["Ends"] == "Thu 2026-11-26 13:00 CET"


def test_occurrences_are_told_apart_by_their_times() -> None:
    override = "BEGIN:VEVENT\r\nUID:l\r\nRECURRENCE-ID:20261126T110000Z\r\nSUMMARY:Other\r\nEND:VEVENT\r\n"
    after = case.EVENT.replace("END:VCALENDAR", f"{override}{override}END:VCALENDAR")
    fields = [change.field for change in ics.changes(case.EVENT, after, case.ZONE)]
    assert fields == ["Title (of Thu 2026-11-26 12:00 CET)", "Title (of Thu 2026-11-26 12:00 CET no. 3)"]


@pytest.mark.parametrize(
    ("line", "field", "shown"),
    [
        ("DTSTART:nonsense", "Starts", "nonsense"),
        ("DTSTART:20261399T990000Z", "Starts", "20261399T990000Z"),
        ("DTSTART:99991231T235959Z", "Starts", "99991231T235959Z"),
        ("EXDATE;VALUE=DATE:20261124,20261125", "Not on", "Tue 2026-11-24, Wed 2026-11-25"),
        ("DTSTART;TZID=America/New_York:20261125T090000", "Starts", "Wed 2026-11-25 23:00 JST"),
        ("DTSTART;TZID=Asia/Tokyo:20261125T090000", "Starts", "Wed 2026-11-25 09:00"),
        ("DTSTART;TZID=America:20261125T090000", "Starts", "Wed 2026-11-25 09:00 (America)"),
        ("DTSTART;TZID=../etc:20261125T090000", "Starts", "Wed 2026-11-25 09:00 (../etc)"),
        ("DTSTART:20261125T090000", "Starts", "Wed 2026-11-25 09:00"),
        ("ORGANIZER:tom", "Organizer", "tom"),
        ("no property", "", ""),
    ],
)
def test_broken_lines_of_an_event_are_shown_as_they_stand(line: str, field: str, shown: str) -> None:
    text = f"BEGIN:VEVENT\nEND:NOTHING\nBEGIN:VEVENT\n{line}\nEND:VEVENT\nEND:VEVENT\n"
    assert ics.first(text, ZoneInfo("Asia/Tokyo")).get(field, "") == shown


@settings(max_examples=50)
@given(st.text(alphabet=st.sampled_from('BEGIN:VT;="ND\r\n \t,\\01ZT9-ATTENDEE'), max_size=300), st.text(max_size=50))
def test_no_calendar_text_breaks_a_card(before: str, after: str) -> None:
    text_of(case.kept(p.CalendarCreate(change=case.change(f"BEGIN:VEVENT\n{before}\nEND:VEVENT", f"BEGIN:VTODO\n{after}"))))


def test_the_lines_of_a_time_zone_stand_whole_below_those_of_the_event() -> None:
    zone = "BEGIN:VTIMEZONE\r\nTZID:Here\r\nRDATE:19800406T010000\r\nEND:VTIMEZONE\r\n"
    text = case.EVENT.replace("BEGIN:VEVENT", f"{zone}BEGIN:VEVENT")
    shown = text_of(case.kept(p.CalendarCreate(change=case.change("", text))))
    assert shown.index("+SUMMARY:") < shown.index("And of its time zones") < shown.index("+RDATE:19800406T010000")
    assert [line for line in ics.unfolded(text) if line[:20] not in shown] == []
    own, zones = ics.zones_apart(["BEGIN:VTIMEZONE", "SUMMARY:not closed"])
    assert (own, len(zones)) == ([], 2)


def test_a_difference_of_very_many_lines_is_shown_whole() -> None:
    before, after = [str(number) for number in range(15_000)], [str(number) for number in range(15_001)]
    lines = ics.difference(before, after)
    assert len(lines) == 30_001


def test_what_an_action_is_fits_into_a_line_whatever_it_is() -> None:
    said = {name: saying(payload) for name, payload in case.PAYLOADS.items()}
    assert said["draft"] == "Draft to tom@nordwind.example: Re: The offer"
    assert said["send"] == "Send to tom@nordwind.example and 2 more: Re: The offer"
    assert said["move"] == "Move 2 mails from INBOX to Archive"
    assert said["keyword"] == "Mark one mail in INBOX: set todo, take \\Flagged"
    assert said["task"] == "New task “Send the plan”, due Fri 2026-11-27"
    assert said["cancel"].startswith("Take the event “Lunch, with a very long title")
    assert all(len(each) <= 160 for each in said.values())
    counter = case.LETTER.model_copy(update={"itip": "BEGIN:VCALENDAR\nMETHOD:COUNTER\nEND:VCALENDAR"})
    other = p.CalendarRespond(answer="tentative", attendee="a@b", letter=counter)
    assert saying(other) == "Propose another time for “The offer”"
    nobody = p.MailDraft(letter=case.LETTER.model_copy(update={"to": (), "subject": ""}))
    assert saying(nobody) == "Draft to nobody: (no subject)"
    assert saying(p.CalendarCreate(change=case.change("", "x"))) == "New event without a title"


def test_the_document_of_a_card_has_the_exact_payload_and_stable_keys() -> None:
    kept = case.kept(case.PAYLOADS["draft"], findings=case.FINDINGS)
    document = as_json(make_card(kept, case.BESIDE))
    assert p.MailDraft.model_validate(document["payload"]) == kept.action.payload
    assert document["hash"] == kept.hash
    assert list(as_line(kept)) == [
        *(
            "id",
            "kind",
            "status",
            "account",
            "what",
            "warnings",
            "note",
            "version",
            "hash",
            "created",
            "changed",
            "expires",
            "group",
        )
    ]
    assert list(document)[len(as_line(kept)) :] == [
        *("remarks", "reason", "sources", "origin", "findings", "recipients", "new_recipients", "links", "changes", "parts"),
        *("rule", "step", "digest", "workflow", "run", "replaces", "attempts", "not_before", "done", "payload"),
    ]


def test_an_address_is_shown_as_a_computer_reads_it() -> None:
    assert as_read("tom@nordwind.example") == "tom@nordwind.example"
    assert as_read("tom@mÜnchen.example") == "tom@xn--mnchen-3ya.example ⟨mÜnchen.example⟩"
    reveal = Reveal()
    assert reveal.line("plain", "x") == "plain"
    assert reveal.sentences == ()
