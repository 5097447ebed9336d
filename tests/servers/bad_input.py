"""Mails, calendar files and notes that are none, or are more than anybody should send; each must hide no other."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

QUESTION = "Could you tell me the colour of the gate?"
"""What the one good mail asks."""

EVENT = "Lunch at the canal"
"""The one good event of today."""

NOTE = "Pay the gardener"
"""What the one good note wants done by tomorrow."""

MEGABYTE = 1_000_000


def good_mail(now: dt.datetime, message_id: str = "good-1@nordwind.example", question: str = QUESTION) -> bytes:
    """A mail that asks the owner something, received an hour ago."""
    mail = EmailMessage()
    mail["From"] = "Tom Lindqvist <tom@nordwind.example>"
    mail["To"] = "anna@berger.example"
    mail["Subject"] = "The gate"
    mail["Date"] = format_datetime(now - dt.timedelta(hours=1))
    mail["Message-ID"] = f"<{message_id}>"
    mail.set_content(f"Hello Anna,\n\n{question}\n\nTom\n")
    return mail.as_bytes().replace(b"\n", b"\r\n")


def bad_mails(now: dt.datetime) -> Mapping[str, bytes]:
    """Mails by what is wrong with them; where one can say so, its text holds the word `oddity`."""
    date = format_datetime(now - dt.timedelta(hours=2)).encode()
    head = b"From: tom@nordwind.example\r\nTo: anna@berger.example\r\nDate: " + date + b"\r\nSubject: oddity %b\r\n"
    text = b"Content-Type: text/plain; charset=%b\r\n\r\noddity\r\n"
    mixed = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    return {
        "empty": b"",
        "no headers": b"\r\noddity without any header\r\n",
        "no mail": b"oddity, this was never a mail\r\n",
        "binary": bytes(range(256)) * 40,
        "never closed": head % b"never closed" + mixed + b"--b\r\n\r\noddity\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>",
        "no boundary": head % b"no boundary" + b"Content-Type: multipart/mixed\r\n\r\noddity\r\n",
        "broken base64": head % b"base64" + b"Content-Transfer-Encoding: base64\r\n\r\n!!oddity!!=\r\n",
        "NUL": head % b"nul \0 byte" + b"\r\noddity \0 \0 \0\r\n",
        "unknown charset": head % b"charset" + text % b"klingon-8",
        "lying charset": head % b"lying" + text % b"us-ascii" + bytes(range(128, 256)) + b"\r\n",
        "bad date": (head % b"date").replace(date, b"Someday, 99 Foo 20x6 99:99:99 +9999") + b"\r\noddity\r\n",
        "far date": (head % b"far").replace(date, b"Fri, 31 Dec 9999 23:59:59 -1200") + b"\r\noddity\r\n",
        "escapes": head % b"=?utf-8?q?=1B[2J=E2=80=AE_oddity?=" + b"\r\noddity \x1b[31m\x07\r\n",
        "a header of a megabyte": head % b"long" + b"X-Long: " + b"x" * MEGABYTE + b"\r\n\r\noddity\r\n",
        "ten thousand headers": head % b"many" + b"X-Many: x\r\n" * 10_000 + b"\r\noddity\r\n",
        "a line of two megabytes": head % b"line" + b"\r\noddity " + b"y" * (2 * MEGABYTE) + b"\r\n",
        "nested 200 deep": head % b"nested" + _nested(200),
        "messages in messages": _matryoshka(200),
        "50 megabytes": head % b"huge" + b"\r\noddity " + (b"z" * 76 + b"\r\n") * (50 * MEGABYTE // 78),
    }


def twins(now: dt.datetime) -> tuple[bytes, bytes]:
    """Two mails that claim the same Message-ID and ask different things."""
    return (
        good_mail(now, "twin@nordwind.example", "Could you tell me where the ladder is?"),
        good_mail(now, "twin@nordwind.example", "Could you tell me where the lantern is?"),
    )


def _nested(depth: int) -> bytes:
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="n%d"\r\n\r\n--n%d\r\n' % (number, number) for number in range(depth)
    )
    return opened + b"\r\noddity\r\n" + b"".join(b"--n%d--\r\n" % number for number in reversed(range(depth)))


def _matryoshka(depth: int) -> bytes:
    head = b"From: tom@nordwind.example\r\nSubject: oddity dolls\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n"
    return head * depth + b"From: tom@nordwind.example\r\n\r\noddity\r\n"


def _event(uid: str, lines: str) -> bytes:
    text = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\nBEGIN:VEVENT\n"
        f"UID:{uid}\nDTSTAMP:20260101T000000Z\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    return text.replace("\n", "\r\n").encode("utf-8", "surrogateescape")


def good_event(day: dt.date) -> bytes:
    """An event of the day, at noon."""
    return _event("good@berger.example", f"SUMMARY:{EVENT}\nDTSTART:{day:%Y%m%d}T120000\nDTEND:{day:%Y%m%d}T130000")


def endless_events(day: dt.date) -> Mapping[str, bytes]:
    """Recurrences without end, and one that never happens; a server takes them all."""
    past = "DTSTART:20200101T150000\nDURATION:PT1H"
    return {
        "secondly.ics": _event(
            "s@berger.example", "SUMMARY:Beat\nDTSTART:19700101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY"
        ),
        "daily.ics": _event("d@berger.example", "SUMMARY:Tea\nDTSTART:19700101T160000\nDURATION:PT1H\nRRULE:FREQ=DAILY"),
        "never.ics": _event("n@berger.example", f"SUMMARY:Never\n{past}\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
        "mars.ics": _event("m@berger.example", f"SUMMARY:Launch\nDTSTART;TZID=Mars/Olympus:{day:%Y%m%d}T180000\nDURATION:PT1H"),
    }


def bad_events(day: dt.date) -> Mapping[str, bytes]:
    """Files that are no calendar, or hold what cannot be."""
    start = f"DTSTART:{day:%Y%m%d}T170000"
    return {
        **endless_events(day),
        "not.ics": b"this is no calendar",
        "empty.ics": b"",
        "binary.ics": bytes(range(256)) * 100,
        "cut.ics": good_event(day)[:150],
        "rule.ics": _event("rule@berger.example", f"SUMMARY:Rule\n{start}\nRRULE:FREQ=SOMETIMES;INTERVAL=0"),
        "date.ics": _event("date@berger.example", "SUMMARY:No such day\nDTSTART:20261399T990000"),
        "none.ics": _event("none@berger.example", "SUMMARY:No start"),
        "long.ics": _event("long@berger.example", f"SUMMARY:{'x' * 100_000}\n{start}\nDESCRIPTION:{'y' * 2 * MEGABYTE}"),
        "escape.ics": _event("esc@berger.example", f"SUMMARY:Es\x1b[2Jcape\x07\n{start}\nDURATION:PT1H"),
    }


def write_bad_notes(folder: Path, day: dt.date) -> None:
    """Fill a folder with one good note and what is no note: binary, a pipe, links in circles and out of it, odd names."""
    folder.mkdir(parents=True)
    (folder / "good.md").write_text(f"- [ ] {NOTE} by {day + dt.timedelta(days=1)}\n")
    (folder / "binary.md").write_bytes(b"\0\x01\xfe\xff" * 1000)
    (folder / "huge.txt").write_text("word " * (2 * MEGABYTE))
    (folder / "folder.md").mkdir()
    (folder / "outside.md").symlink_to("/etc/passwd")
    (folder / "circle").symlink_to(".")
    (folder / "dangling.md").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.md")
    (folder / "new\nline \x1b[31m.md").write_text("odd name\n")
    Path(os.fsdecode(os.fsencode(folder) + b"/latin\xe9.md")).write_text("odd bytes\n")
