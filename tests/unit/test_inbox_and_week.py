"""New documents and the week that was: dates, amounts and places found by code, and hours that count once."""

import datetime as dt
from dataclasses import replace
from hashlib import sha256

import pytest
from statement_files import NOW, OWNER, paper, told

from butler.core.actions import Action, Decision, Kept
from butler.core.calendar import Attendee, CalendarPlace, Occurrence, Placed
from butler.core.definitions import Definition, Material, Paper, Reckoned
from butler.core.mail import Address, Mail, Message
from butler.core.payloads import FileMove, TaskCreate
from butler.sample.days import BERLIN
from workflows.reckoners.inbox.dues import amount_due, kind_of
from workflows.reckoners.inbox.reckoning import INBOX
from workflows.reckoners.week.meetings import meetings, minutes_by_day
from workflows.reckoners.week.reckoning import WEEK

DAY = dt.date(2026, 11, 24)
BILL = "Malermeister\nRechnung Nr. 7\n\nFarbe 148,20 Euro\nGesamtbetrag 648,20 Euro\n\nzahlbar bis zum 29. November 2026.\n"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        (BILL, ("648.20", "EUR", 5)),
        ("Total due: $1,250.00\n(was $900.00)\n", ("1250.00", "$", 1)),
        ("Paint 10.00 EUR\nWork 20.00 EUR\n", None),
        ("Le montant :\n1 234,50 €\n", ("1234.50", "EUR", 2)),
        ("Es kostet EUR 1.250,-\nund nochmals 1.250,00 EUR\n", ("1250", "EUR", 1)),
        ("Total 1.234 EUR\n", None),
        ("Call 030 1234567, 5 people\n", None),
        ("Total: 0.00 EUR\n", None),
        ("", None),
    ],
)
def test_the_amount_due_is_the_one_beside_its_word_or_the_only_one(text: str, amount: tuple[str, str, int] | None) -> None:
    found = amount_due(text)
    assert (found and (str(found.value), found.currency, found.line)) == amount


def test_the_kind_is_told_by_name_and_titles() -> None:
    assert kind_of("Rechnung 7.pdf", "") == "invoice"
    assert kind_of("scan0001.pdf", "Amt\nVertrag über die Miete\n") == "contract"
    assert (
        kind_of(
            "cake.md", "# Cake\n\nBake it for twenty minutes, and write nobody a letter about it, ever, in any kind of form.\n"
        )
        == ""
    )


def inbox(*papers: Paper, gate: tuple[str, ...] = ("file.move", "task.create")) -> Reckoned:
    definition = Definition.model_validate({**told("inbox").model_dump(), "gate": gate})
    return INBOX(Material(OWNER, NOW, documents=papers, task_place=CalendarPlace("tasks", "tasks")), definition, DAY)


def scanned(path: str, text: str) -> Paper:
    return replace(
        paper(path, text), sha256=sha256(text.encode()).hexdigest(), folders=("Inbox", "Rechnungen", "Rechnungen/2025")
    )


def test_what_wants_something_by_a_day_comes_first_with_its_words_amount_and_place() -> None:
    found = inbox(scanned("Inbox/hello.txt", "Hello there.\n"), scanned("Inbox/7.txt", BILL))
    assert [section.heading for section in found.sections] == ["Wants something by a day", "Other documents"]
    (bill,) = found.sections[0].lines
    assert bill.text == (
        "7.txt (invoice, Tue 24 Nov); by Sun 29 Nov, in 5 days: “zahlbar bis zum 29. November 2026.”; 648.20 EUR; "
        "might belong into Rechnungen"
    )
    assert bill.refs == ("file:r/Inbox/7.txt", "file:r/Inbox/7.txt#L7", "file:r/Inbox/7.txt#L5")
    assert found.sections[1].lines[0].text == "hello.txt (Tue 24 Nov); “Hello there.”"


def test_a_move_and_a_task_are_proposed_with_keys_of_the_content_as_the_gate_allows() -> None:
    found = inbox(scanned("Inbox/7.txt", BILL))
    move, task = found.actions
    assert isinstance(move.payload, FileMove)
    assert (move.payload.path, move.payload.target) == ("Inbox/7.txt", "Rechnungen/7.txt")
    assert isinstance(task.payload, TaskCreate)
    assert "DUE;VALUE=DATE:20261129" in task.payload.change.after
    assert {action.sources for action in found.actions} == {("file:r/Inbox/7.txt",)}
    assert all(action.taint[0].foreign for action in found.actions)
    assert inbox(scanned("Inbox/7.txt", BILL)).actions == found.actions
    assert [action.kind for action in inbox(scanned("Inbox/7.txt", BILL), gate=("file.move",)).actions] == ["file.move"]
    assert inbox(paper("Inbox/7.txt", BILL)).actions == ()


def test_a_document_that_cannot_be_read_says_why() -> None:
    found = inbox(replace(paper("Inbox/x.bin", ""), problem="It is no text."))
    assert found.sections[0].lines[0].text == "x.bin (Tue 24 Nov); It is no text."


ANNA, TOM = Attendee("Anna", "anna@berger.example", "accepted"), Attendee("Tom", "tom@nordwind.example", "accepted")


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


def event(uid: str, start: dt.datetime | dt.date, end: dt.datetime | dt.date, *people: Attendee, **more: object) -> Placed:
    return Placed(f"event:work/{uid}", "work", Occurrence(uid, "", uid, start, end, attendees=people or (ANNA, TOM), **more))  # type: ignore[arg-type]


def test_time_in_meetings_counts_once_and_is_of_its_day() -> None:
    events = [
        event("a", at(23, 9), at(23, 10)),
        event("b", at(23, 9, 30), at(23, 10, 30)),
        event("c", at(23, 9, 45), at(23, 10)),
        event("night", at(23, 23), at(24, 1)),
        event("later", at(24, 20), at(24, 21)),
        event("alone", at(23, 12), at(23, 13), ANNA),
        event("off", at(23, 12), at(23, 13), status="cancelled"),
        event("no", at(23, 12), at(23, 13), replace(ANNA, answer="declined"), TOM),
        event("nobody", at(23, 12), at(23, 13), ANNA, replace(TOM, answer="declined")),
        event("day", dt.date(2026, 11, 23), dt.date(2026, 11, 24)),
    ]
    found = meetings(events, OWNER, at(23, 0), at(24, 18))
    assert [one.placed.occurrence.uid for one in found] == ["a", "b", "c", "night"]
    assert minutes_by_day(found, BERLIN) == {dt.date(2026, 11, 23): 150, dt.date(2026, 11, 24): 60}


def test_an_hour_when_clocks_change_is_as_long_as_it_is() -> None:
    autumn = [event("a", dt.datetime(2026, 10, 25, 1, tzinfo=BERLIN), dt.datetime(2026, 10, 25, 4, tzinfo=BERLIN))]
    found = meetings(autumn, OWNER, dt.datetime(2026, 10, 25, tzinfo=BERLIN), dt.datetime(2026, 10, 26, tzinfo=BERLIN))
    assert minutes_by_day(found, BERLIN) == {dt.date(2026, 10, 25): 240}


def sent(number: int, when: dt.datetime, to: str = "tom@nordwind.example", thread: int = 1, subject: str = "Oaks") -> Mail:
    message = Message(
        str(number),
        frozenset(),
        0,
        1,
        str(number),
        when,
        subject,
        Address("Anna", "anna@berger.example"),
        to=(Address("", to),),
    )
    return Mail(f"mail:home/{number}", "home", "Sent", thread, when, sent=True, content_hash="", message=message)


def test_a_week_is_told_day_by_day_and_summed() -> None:
    moved = Action(FileMove(root="r", path="a", target="b", before=""), "a belongs into b.", "k", sources=("file:r/a",))
    kept = Kept(id=5, action=moved, status="done", hash="", version=1, created=at(23, 8), changed=at(23, 9))
    decision = Decision(5, "approve", "", "Anna", "cli", at(23, 9))
    material = Material(
        OWNER,
        at(24, 18),
        mails=(sent(1, at(23, 8)), sent(2, at(23, 9)), sent(3, at(24, 9), "anna@berger.example", 2), sent(4, at(20, 9))),
        events=(event("a", at(23, 9), at(23, 10)),),
        documents=(
            replace(paper("n.md", "x"), modified=at(24, 11)),
            replace(paper("o.md", "---\ndate: 2026-11-24\ngenerated_at: x\n"), modified=at(24, 11)),
        ),
        decided=((kept, decision), (kept, decision)),
    )
    found = WEEK(material, told("week"), DAY)
    assert found.sections[0].columns == ("day", "meetings", "in meetings", "mails written", "tasks done", "notes", "filed")
    assert [line.text.split("\t") for line in found.sections[0].lines] == [
        ["Mon 23 Nov", "1", "1 h", "2", "–", "–", "1"],
        ["Tue 24 Nov", "–", "–", "1", "–", "1", "–"],
        ["together", "1", "1 h", "3", "–", "1", "1"],
    ]
    assert [line.text for section in found.sections[1:] for line in section.lines] == [
        "09:00–10:00 a, with Tom",
        "To tom@nordwind.example: “Oaks” (2 mails in this thread)",
        "To tom@nordwind.example: “Oaks”",
        "a belongs into b.",
        "To yourself: “Oaks”",
        "1 note changed: n.md",
    ]


def test_mails_beyond_those_shown_are_counted() -> None:
    many = Material(OWNER, at(24, 18), mails=tuple(sent(n, at(24, 8, n), thread=n) for n in range(5)))
    found = WEEK(many, told("week", mails="2"), DAY)
    assert [line.text for line in found.sections[1].lines][2:] == ["and 3 more mails"]
