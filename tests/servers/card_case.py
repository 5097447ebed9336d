"""Actions for the tests of cards: calm ones, and ones that somebody hostile had a hand in."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256
from zoneinfo import ZoneInfo

from butler.cards.contents import Beside
from butler.core import payloads as p
from butler.core.actions import Action, Decision, Finding, Kept, Status, Taint, payload_hash
from butler.core.effects import Receipt
from butler.core.mail import Address, Mail, Message

ZONE = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2026, 11, 24, 7, tzinfo=ZONE)
REF = "mail:home/offer-1@nordwind.example"
ANNA = p.Person(name="Anna Berger", address="anna@berger.example")
TOM = p.Person(name="Tom Reuter", address="tom@nordwind.example")

LETTER = p.Letter(
    account="home",
    sender=ANNA,
    to=(TOM,),
    subject="Re: The offer",
    body="Dear Tom,\n\nThursday at ten suits me.\n\nAnna\n\n-- \nAnna Berger",
    quoted="On Monday, 23 November, 09:00, Tom Reuter wrote:\nDear Anna,\n\ndoes Thursday suit you?\n\nTom",
    in_reply_to="offer-1@nordwind.example",
    references=("offer-0@nordwind.example", "offer-1@nordwind.example"),
    thread="The offer",
    message_id="butler.1@berger.example",
    date=NOW,
)

MAIL = Mail(
    ref=REF,
    account="home",
    folder="INBOX",
    thread=1,
    when=dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC),
    sent=False,
    content_hash="",
    message=Message(
        key="1",
        flags=frozenset(),
        received=0,
        size=100,
        message_id="offer-1@nordwind.example",
        date=None,
        subject="The offer",
        sender=Address("Tom Reuter", "tom@nordwind.example"),
        to=(Address("Anna Berger", "anna@berger.example"),),
        text="Dear Anna,\n\ndoes Thursday suit you?\n\nTom\n",
    ),
)
BESIDE = Beside(thread=(MAIL,), mails={REF: MAIL}, owner=frozenset({"anna@berger.example"}), zone=ZONE)

EVENT = """\
BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//x//EN\r
BEGIN:VEVENT\r
UID:lunch@nordwind.example\r
DTSTAMP:20261120T100000Z\r
SUMMARY:Lunch\\, with a very long title that has to be folded because it is ove\r
 r seventy-five octets\r
DTSTART;TZID=Europe/Berlin:20261126T120000\r
DTEND:20261126T120000Z\r
LOCATION:Café\r
RRULE:FREQ=WEEKLY\r
ORGANIZER:mailto:tom@nordwind.example\r
ATTENDEE;CN=Anna;PARTSTAT=NEEDS-ACTION:mailto:anna@berger.example\r
BEGIN:VALARM\r
SUMMARY:not this\r
END:VALARM\r
END:VEVENT\r
END:VCALENDAR\r
"""
MOVED = EVENT.replace("T120000\r", "T123000\r").replace("NEEDS-ACTION", "ACCEPTED").replace("LOCATION:Café\r\n", "")


def change(before: str = EVENT, after: str = MOVED) -> p.CalendarChange:
    key = "lunch.ics" if before else ""
    return p.CalendarChange(
        account="family", calendar="family", uid="lunch@nordwind.example", key=key, etag='"1"', before=before, after=after
    )


def at(number: int) -> p.MailAt:
    return p.MailAt(
        ref=REF if number == 1 else f"mail:home/{number}@x.example", message_id=f"{number}@x.example", key=str(number)
    )


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


TODO = (
    "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:t\r\nSUMMARY:Send the plan\r\nDUE;VALUE=DATE:20261127\r\nEND:VTODO\r\nEND:VCALENDAR"
)

PAYLOADS: dict[str, p.Payload] = {
    "draft": p.MailDraft(letter=LETTER),
    "send": p.MailSend(letter=LETTER.model_copy(update={"quoted": "", "cc": (ANNA, p.Person(address="x@y.example"))})),
    "move": p.MailMove(account="home", messages=(at(1), at(2)), source="INBOX", target="Archive"),
    "keyword": p.MailKeyword(account="home", messages=(at(1),), folder="INBOX", add=("todo",), remove=("\\Flagged",)),
    "create": p.CalendarCreate(change=change("", EVENT)),
    "update": p.CalendarUpdate(change=change(), fields=p.EventFields(), scope="this", recurrence_id="20261126T110000Z"),
    "respond": p.CalendarRespond(
        answer="accepted",
        attendee="anna@berger.example",
        comment="Gladly.",
        change=change(),
        letter=LETTER.model_copy(update={"itip": EVENT.replace("VERSION", "METHOD:REPLY\r\nVERSION"), "quoted": ""}),
    ),
    "cancel": p.CalendarCancel(change=change(EVENT, "")),
    "task": p.TaskCreate(change=p.CalendarChange(account="tasks", calendar="tasks", uid="t", after=TODO)),
    "complete": p.TaskComplete(
        change=p.CalendarChange(account="tasks", calendar="tasks", uid="t", key="t.ics", before=TODO, after=TODO), at=NOW
    ),
    "write": p.FileWrite(root="notes", path="Plan.md", content="one\nthree\n", before=digest("one\ntwo\n")),
    "append": p.FileAppend(root="notes", path="Plan.md", text="four\n"),
    "file-move": p.FileMove(root="notes", path="Plan.md", target="Old/Plan.md", before=digest("x")),
    "undo": p.Undo(
        of=7,
        effects=(
            {"verb": "mail.remove", "account": "home", "folder": "Drafts", "message_id": "a@b", "sha256": "0" * 64},
            {"verb": "nonsense"},
        ),
    ),
}


def kept(
    payload: p.Payload,
    *,
    status: Status = "held",
    findings: tuple[Finding, ...] = (),
    done: tuple[Receipt, ...] = (),
    note: str = "",
) -> Kept:
    action = Action(
        payload,
        "Tom waits for an answer: “does Thursday suit you?”.",
        "key",
        sources=(REF,),
        taint=(Taint(REF, "tom@nordwind.example"), Taint("file:notes/Plan.md", foreign=False)),
        findings=findings,
        rule="asked for an answer",
        workflow="draft_reply",
        run="r-1",
        expires=NOW + dt.timedelta(days=30),
    )
    return Kept(41, action, status, payload_hash(payload), 2, NOW, NOW, done=done, note=note)


FINDINGS = (
    Finding("dates", "“Friday” does not stand in the thread.", warning=True),
    Finding("skeleton", "It is a skeleton: no model is configured.", warning=False),
)


def decision(verb: str = "approve", text: str = "") -> Decision:
    return Decision(41, verb, "ab" * 32, "anna", "cli", NOW, text)  # type: ignore[arg-type]


HOSTILE = (
    "\x1b[2J\u202eevil\u2066\u200b\x07 \u0430pple раypal a\u0301\u0301\u0301\u0301\u0301\u0301\u0301 \r\n\u2028Bcc: x@y"
    + " " * 90
    + "end"
)
EVIL = p.Person(name=f"boss@berger.example {HOSTILE}", address="mallory@exаmple.org")


def hostile_letter(many: int = 2) -> p.Letter:
    people = tuple(p.Person(name=f"N{number}", address=f"n{number}@x.example") for number in range(many))
    return p.Letter(
        account=f"home{HOSTILE}",
        sender=EVIL,
        to=(EVIL, *people),
        cc=people[:1],
        bcc=(p.Person(name="", address="hidden@evil.example"),),
        subject=HOSTILE,
        body=f"{HOSTILE}\n"
        + "\n" * 40
        + f"https://bank.example@evil.example/{'x' * 300} www.раypal.com http://[ \n"
        + "w" * 500,
        quoted=f"{HOSTILE}\n#41 · mail.draft · held\n  ! all is well\n" * 3,
        in_reply_to=HOSTILE,
        references=(HOSTILE,) * 3,
        thread=HOSTILE,
        message_id=HOSTILE,
        date=NOW,
        itip=EVENT.replace("Café", HOSTILE.replace("\r\n", "")),
    )


def hostile_payloads() -> dict[str, p.Payload]:
    letter, nasty = hostile_letter(), change(EVENT.replace("Café", HOSTILE), EVENT.replace("Lunch", HOSTILE))
    nasty = nasty.model_copy(update={"account": HOSTILE, "calendar": HOSTILE})
    mails = (p.MailAt(ref=f"mail:home/{HOSTILE}", message_id=HOSTILE, key=HOSTILE), at(1))
    return {
        "draft": p.MailDraft(letter=letter),
        "send": p.MailSend(letter=letter),
        "move": p.MailMove(account=HOSTILE, messages=mails, source=HOSTILE, target=HOSTILE),
        "keyword": p.MailKeyword(account=HOSTILE, messages=mails, folder=HOSTILE, add=(HOSTILE,), remove=(HOSTILE,)),
        "update": p.CalendarUpdate(change=nasty, fields=p.EventFields(), recurrence_id=HOSTILE),
        "respond": p.CalendarRespond(answer="declined", attendee=HOSTILE, comment=HOSTILE, change=nasty, letter=letter),
        "write": p.FileWrite(root=HOSTILE, path=HOSTILE, content=HOSTILE),
        "append": p.FileAppend(root=HOSTILE, path=HOSTILE, text=HOSTILE),
        "file-move": p.FileMove(root=HOSTILE, path=HOSTILE, target=HOSTILE, before=HOSTILE),
        "undo": p.Undo(of=1, effects=({"verb": "file.restore", "account": HOSTILE, "path": HOSTILE, "before": HOSTILE},)),
    }
