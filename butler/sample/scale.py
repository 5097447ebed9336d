"""Mail and events by the ten thousand, for measuring: five years of them, and the same last month whatever the number.

Speed is the point: texts are drawn from sentences made beforehand, attachments are slices of one block of random base64,
and no mail is built as an object.
"""

from __future__ import annotations

import base64
import datetime as dt
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import format_datetime

from butler.sample.dice import dice
from butler.sample.maildir import StoredMail
from butler.sample.scale_text import LANGUAGES, Phrases, phrases, table_of_names

RECENT = 600
"""Mails of the last month, at any size from twice as many on."""
_MONTH = dt.timedelta(days=30)
_YEARS = dt.timedelta(days=5 * 365)
_SHARE_BULK = 0.35
_SHARE_ATTACHED = 0.2
_SHARE_LETTERS = 0.79
_TEXT_SIZE = 6_500
_BLOCK_LINES = 16_384
_LINE = 77
_OWNER = b"Anna Berger <anna@berger.example>"


@dataclass(frozen=True, slots=True)
class _Person:
    address: bytes
    language: str


@dataclass(frozen=True, slots=True)
class _Mail:
    """A mail before it is written: `number` is unique in its span, `chain` the Message-IDs before it."""

    number: str
    when: dt.datetime
    person: _Person
    subject: bytes
    sent: bool = False
    bulk: bool = False
    answered: bool = False
    chain: tuple[bytes, ...] = ()

    @property
    def message_id(self) -> bytes:
        return b"<%s@scale.example>" % self.number.encode()


@dataclass(frozen=True, slots=True)
class _Scale:
    day: dt.date
    rng: random.Random
    attached: int
    phrases: Mapping[str, Phrases]
    people: tuple[_Person, ...]
    lists: tuple[_Person, ...]
    block: bytes = field(repr=False)


def messages(
    count: int, day: dt.date, seed: int = 7, mean_size: int = 55_000, *, attachments: bool = True
) -> Iterator[StoredMail]:
    """Yield `count` mails in about the order of their dates; without attachments they are a few thousand bytes each.

    The last 30 days hold the same mails whatever the count, from twice `RECENT` on.
    """
    recent = min(count // 2, RECENT)
    end = dt.datetime.combine(day, dt.time(6), dt.UTC)
    attached = int((mean_size - _TEXT_SIZE) / (_SHARE_ATTACHED * _SHARE_LETTERS)) if attachments else 0
    block = _random_block(seed) if attachments else b""
    spans = (("old", count - recent, end - _YEARS, end - _MONTH), ("new", recent, end - _MONTH, end))
    for span, number, start, until in spans:
        scale = _scale(day, f"{seed} {span}", max(attached, 0), block)
        yield from _span(scale, f"{span}{seed}-", number, start, until)


def _random_block(seed: int) -> bytes:
    content = dice(seed).randbytes(_BLOCK_LINES * 57)
    return base64.encodebytes(content)


def _scale(day: dt.date, seed: str, attached: int, block: bytes) -> _Scale:
    names = table_of_names()
    people = tuple(
        _Person(f"{first} {last} <{first.lower()}@{last.lower()}-{names['domains'][i % 5]}>".encode(), LANGUAGES[i * 7 % 4])
        for i, (first, last) in enumerate((first, last) for last in names["last"] for first in names["first"])
    )
    lists = tuple(
        _Person(f"{one.split('.')[0].title()} {n} <post{n}@{one}>".encode(), LANGUAGES[n % 4])
        for one in names["lists"]
        for n in range(8)
    )
    return _Scale(day, dice(seed), attached, phrases(), people, lists, block)


def _span(scale: _Scale, name: str, count: int, start: dt.datetime, until: dt.datetime) -> Iterator[StoredMail]:
    """Exactly `count` mails between two moments, thread after thread."""
    made = 0
    while made < count:
        began = start + (until - start) * (made / count)
        thread = _thread(scale, f"{name}{made}", began, until)[: count - made]
        text = b""
        for mail in thread:
            text = _text(scale, mail, text)
            yield _stored(scale, mail, made, text)
            made += 1


def _thread(scale: _Scale, name: str, began: dt.datetime, until: dt.datetime) -> list[_Mail]:
    """One mail from a list, or a conversation of up to six between a person and the owner."""
    rng = scale.rng
    when = min(began + dt.timedelta(seconds=rng.randrange(3_000)), until - dt.timedelta(seconds=60))
    if rng.random() < _SHARE_BULK:
        person = rng.choice(scale.lists)
        return [_Mail(name, when, person, rng.choice(scale.phrases[person.language].subjects), bulk=True)]
    person = rng.choice(scale.people)
    subject = rng.choice(scale.phrases[person.language].subjects)
    sent = rng.random() < 0.2
    mails: list[_Mail] = []
    for step in range(rng.choice((1, 1, 1, 2, 2, 3, 4, 6))):
        chain = tuple(mail.message_id for mail in mails)
        mails.append(_Mail(f"{name}.{step}", when, person, subject if not step else b"Re: " + subject, sent, chain=chain))
        when = min(when + dt.timedelta(seconds=rng.randrange(1_800, 100_000)), until - dt.timedelta(seconds=60 - step))
        sent = not sent
    return [replace(mail, answered=not mail.sent) for mail in mails[:-1]] + mails[-1:]


def _stored(scale: _Scale, mail: _Mail, index: int, text: bytes) -> StoredMail:
    folder = "Sent" if mail.sent else "Archive" if scale.rng.random() < 0.25 else "INBOX"
    unread = folder == "INBOX" and not mail.answered and scale.rng.random() < 0.1
    flags = frozenset() if unread else frozenset("RS") if mail.answered else frozenset("S")
    name = f"{int(mail.when.timestamp())}.M{index:07d}P{mail.number.partition('-')[0]}.scale"
    return StoredMail(folder, name, flags, mail.when, _content(scale, mail, text))


def _text(scale: _Scale, mail: _Mail, before: bytes) -> bytes:
    """The plain text of a mail; a letter ends with its signature and the whole history, as most people's programs do it."""
    rng = scale.rng
    words = scale.phrases[mail.person.language]
    if mail.bulk:
        return b"\n\n".join(rng.choices(words.paragraphs, k=14))
    text = b"\n\n".join(rng.choices(words.paragraphs, k=rng.choice((1, 2, 3, 4, 6))))
    if rng.random() < 0.4:
        text += b"\n\n" + rng.choice(words.promises if mail.sent and rng.random() < 0.3 else words.questions)
    writer, reader = (_OWNER, mail.person.address) if mail.sent else (mail.person.address, _OWNER)
    text += b"\n\n-- \n%s\n" % writer.partition(b" <")[0]
    if not before:
        return text
    head = words.attribution % (f"{mail.when:%d.%m.%Y}".encode(), reader.partition(b" <")[0])
    return b"%s\n%s\n> %s" % (text, head, before.rstrip().replace(b"\n", b"\n> "))


def _content(scale: _Scale, mail: _Mail, text: bytes) -> bytes:
    rng = scale.rng
    if mail.bulk:
        return _head(mail) + _newsletter(scale.phrases[mail.person.language], rng, text)
    if not scale.attached or rng.random() >= _SHARE_ATTACHED:
        return b"%sContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n%s\n" % (_head(mail), text)
    return _head(mail) + _attached(scale, text)


def _head(mail: _Mail) -> bytes:
    sender, to = (_OWNER, mail.person.address) if mail.sent else (mail.person.address, _OWNER)
    head = b"From: %s\nTo: %s\nSubject: %s\nDate: %s\nMessage-ID: %s\nMIME-Version: 1.0\n" % (
        sender,
        to,
        mail.subject,
        format_datetime(mail.when).encode(),
        mail.message_id,
    )
    if mail.chain:
        head += b"In-Reply-To: %s\nReferences: %s\n" % (mail.chain[-1], b"\n ".join(mail.chain))
    if mail.bulk:
        identifier = mail.person.address.partition(b"<")[2].replace(b"@", b".")
        head += b"List-Id: <%s\nList-Unsubscribe: <https://leave.example/%s>\n" % (identifier, mail.number.encode())
    return head


def _newsletter(words: Phrases, rng: random.Random, text: bytes) -> bytes:
    rows = b"".join(b"<tr><td style='padding:8px'><p>%s</p></td></tr>\n" % one for one in rng.choices(words.paragraphs, k=30))
    return (
        b'Content-Type: multipart/alternative; boundary="alt"\n\n'
        b"--alt\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n%s\n"
        b"--alt\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
        b"<html><body><table>\n%s</table></body></html>\n--alt--\n" % (text, rows)
    )


def _attached(scale: _Scale, text: bytes) -> bytes:
    lines = min(int(scale.attached * scale.rng.uniform(0.2, 1.8)) // _LINE, _BLOCK_LINES - 1)
    start = scale.rng.randrange(_BLOCK_LINES - lines) * _LINE
    return (
        b'Content-Type: multipart/mixed; boundary="mixed"\n\n'
        b"--mixed\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n%s\n"
        b'--mixed\nContent-Type: application/pdf; name="plan.pdf"\nContent-Transfer-Encoding: base64\n'
        b'Content-Disposition: attachment; filename="plan.pdf"\n\n%s--mixed--\n'
        % (text, scale.block[start : start + lines * _LINE])
    )
