"""A letter to the bytes of a mail: the same bytes for the same letter, and no field of it can be more than itself (pure).

The standard library encodes words, bodies and parts. Header lines with addresses and Message-IDs are put together here:
the library's own folding writes long Message-IDs as encoded words, by which no program finds the thread.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, quote

from butler.core.errors import EffectError
from butler.core.payloads import Letter, Person
from butler.core.text import one_line
from tools.mail import flowed
from tools.mail.addresses import fault_of, is_own_id, is_usable_id, wire_address

_LONGEST_WORD = 60
_LONGEST_NAME = 120
_LONGEST_SUBJECT = 900
_MOST_IDS = 1_000
# Seven bits pass everywhere as they are, and keep the space at the end of a flowed line.
_POLICY = SMTP.clone(cte_type="7bit")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_METHOD = re.compile(r"^METHOD:([A-Za-z-]{1,30})\s*$", re.MULTILINE)


def compose(letter: Letter, *, with_bcc: bool = False) -> bytes:
    """Write a letter as a mail with CRLF line ends; Bcc only stands in the owner's own copy.

    Raises EffectError with a sentence on what cannot be written.
    """
    _require_writable(letter)
    lines = [
        ("From", _people([letter.sender])),
        ("To", _people(letter.to)),
        ("Cc", _people(letter.cc)),
        ("Bcc", _people(letter.bcc) if with_bcc else ""),
        ("Subject", _subject(letter.subject)),
        ("Date", _date(letter.date)),
        ("Message-ID", f"<{letter.message_id}>"),
        ("In-Reply-To", f"<{letter.in_reply_to}>" if letter.in_reply_to else ""),
        ("References", "\r\n ".join(f"<{one}>" for one in letter.references)),
        ("MIME-Version", "1.0"),
    ]
    # A Subject stands even when it is empty: some servers add one of their own where it is missing.
    head = "".join(f"{name}: {value}".rstrip(" ") + "\r\n" for name, value in lines if value or name == "Subject")
    return head.encode("ascii") + _content(letter)


def envelope(letter: Letter) -> tuple[str, tuple[str, ...]]:
    """The sender and the recipients of a letter for the wire, nobody twice; raises EffectError as `compose` does."""
    _require_writable(letter)
    recipients = dict.fromkeys(wire_address(person.address) for person in letter.recipients)
    return wire_address(letter.sender.address), tuple(recipients)


def _require_writable(letter: Letter) -> None:
    for problem in _problems(letter):
        raise EffectError(problem, permanent=True, advice="Correct the letter, then approve it again.")


def _problems(letter: Letter) -> Iterator[str]:
    for person in (letter.sender, *letter.recipients):
        if fault := fault_of(person.address):
            yield fault
    if not is_own_id(letter.message_id):
        yield f"“{one_line(letter.message_id, 80)}” is no Message-ID for a new mail."
    for known in (*([letter.in_reply_to] if letter.in_reply_to else ()), *letter.references):
        if not is_usable_id(known):
            yield f"“{one_line(known, 80)}” cannot be repeated as a Message-ID."
    if len(letter.references) > _MOST_IDS:
        yield f"A letter cannot refer to {len(letter.references)} mails."
    if not 1970 <= letter.date.year < 10_000:
        yield f"No mail is dated {letter.date:%Y-%m-%d}."
    if letter.itip and not _METHOD.search(letter.itip.replace("\r", "")):
        yield "Its calendar part names no METHOD."


def _people(people: Sequence[Person]) -> str:
    return ",\r\n ".join(_mailbox(person) for person in people)


def _mailbox(person: Person) -> str:
    address = wire_address(person.address)
    name = one_line(person.name, _LONGEST_NAME)
    if not name:
        return address
    if not _is_plain(name):
        return f"{_words(name)}\r\n <{address}>"
    return f"{name} <{address}>" if _PLAIN_NAME.fullmatch(name) else f'"{quote(name)}" <{address}>'


def _subject(subject: str) -> str:
    text = one_line(subject, _LONGEST_SUBJECT)
    if not _is_plain(text):
        return _words(text)
    return str(Header(text, "us-ascii", header_name="Subject", continuation_ws=" ").encode(splitchars=" ", linesep="\r\n"))


def _is_plain(text: str) -> bool:
    """Whether text may stand as it is: what looks like an encoded word would be read as one, even between quotes."""
    return text.isascii() and "=?" not in text and all(len(word) <= _LONGEST_WORD for word in text.split(" "))


def _words(text: str) -> str:
    return str(Header(text, "utf-8", maxlinelen=75, header_name="References").encode(linesep="\r\n"))


def _date(moment: datetime) -> str:
    offset = moment.utcoffset()
    return format_datetime(moment if offset is not None and offset.total_seconds() % 60 == 0 else moment.astimezone(UTC))


def _content(letter: Letter) -> bytes:
    """The headers and bytes of the body: text, and with an iTIP part both as alternatives (RFC 6047)."""
    text = flowed.flow("\n".join([letter.body, "", flowed.quote(letter.quoted)]) if letter.quoted else letter.body)
    message = EmailMessage(policy=_POLICY)
    message.set_content(f"{text}\n", charset="utf-8", params={"format": "flowed", "delsp": "no"})
    method = _METHOD.search(letter.itip.replace("\r", ""))
    if method:
        calendar = letter.itip.replace("\r\n", "\n")
        message.add_alternative(calendar, subtype="calendar", charset="utf-8", params={"method": method[1].upper()})
        message.set_boundary(f"=_{hashlib.sha256(letter.message_id.encode()).hexdigest()[:40]}")
    for part in message.walk():
        del part["MIME-Version"]
    return message.as_bytes()
