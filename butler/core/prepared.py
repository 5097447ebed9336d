"""A mail made ready for the mirror: everything that needs only the mail itself, worked out where it is parsed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from butler.core.calendar import CalendarObject
from butler.core.contacts import Cards
from butler.core.folding import beside, with_beside
from butler.core.mail import Address, Attachment, Message
from butler.core.notes import Note
from butler.core.plain import moment_text, read_moment, to_plain
from butler.core.sources import Parsed, SourceKind

_LONGEST_ID = 250
MOST_LINKS = 60
"""References of a mail that are used to find its thread."""
_MOST_PEOPLE = 100
_LATE = timedelta(days=1)
_FIRST_YEAR = 1980
LAST_SECOND = 253_402_300_799
"""The end of the year 9999."""
_REPLY = r"(?:re|aw|sv|vs|res|antw|antwort|odp|ynt|rif|r)"
_FORWARD = r"(?:fwd?|wg|tr|enc|rv|vl|doorst|i)"
_PREFIX = re.compile(rf"\s*(?:({_REPLY})|{_FORWARD})\s*(?:\[\d{{1,3}}\]|\(\d{{1,3}}\))?\s*[:：]", re.IGNORECASE)
_SPACES = re.compile(r"\s+")

_address = to_plain(Address)
_attachment = to_plain(Attachment)


class PreparedMail(NamedTuple):
    """What the mirror stores of a mail, as plain values.

    `identity` is the Message-ID, or made of the content where there is no usable one; `moment` is `Mail.when` in seconds;
    `links` are the numbers of its own id and of the ids it refers to; `loose` says that it is a reply without references,
    so that only its `subject_key` can find its thread; `envelope` is JSON of what is left of the Message. `people` are the
    searchable words of its sender, of those it went to, and of those that got a copy, `files` of its attachments; `folded` is
    what a search has to know beside its text.
    """

    key: str
    flags: str
    received: int
    size: int
    identity: str
    content_hash: str
    moment: int
    sender: str
    subject: str
    subject_key: int
    loose: bool
    links: Sequence[int]
    people: Sequence[str]
    files: str
    text: str
    folded: str
    calendar: str
    envelope: str
    problems: Sequence[str]


Prepared = PreparedMail | CalendarObject | Note | Cards


def prepare(message: Message) -> PreparedMail:
    """Work out a mail's identity, hash, time, thread links and searchable words."""
    sender = message.sender.address if message.sender else ""
    content_hash = _content_hash(message)
    identity = message.message_id if _usable(message.message_id) else _made_up_identity(message, content_hash)
    subject, replied = bare_subject(message.subject)
    others = [message.in_reply_to, *message.references[-MOST_LINKS:]]
    return PreparedMail(
        message.key,
        " ".join(sorted(message.flags)),
        min(max(message.received, 0), LAST_SECOND),
        min(message.size, LAST_SECOND),
        identity,
        content_hash,
        _moment(message),
        sender.lower(),
        message.subject,
        number_of(subject) if subject else 0,
        replied and not any(others),
        [number_of(identity), *{number_of(other) for other in others if other}],
        [_words(people) for people in ([message.sender] if message.sender else [], message.to, message.cc)],
        with_beside("\n".join(attachment.name or attachment.media_type for attachment in message.attachments)),
        message.text,
        beside(message.text),
        message.calendar,
        _envelope(message),
        list(message.problems),
    )


def prepared_of(kind: SourceKind, parsed: Sequence[Parsed]) -> list[Prepared]:
    """Make parsed values of a kind ready for the mirror."""
    if kind == "mail":
        return [prepare(message) for message in cast("Sequence[Message]", parsed)]
    return list(cast("Sequence[CalendarObject | Note | Cards]", parsed))


def message_of(mail: PreparedMail) -> Message:
    """Build the Message again."""
    return read_envelope(
        mail.envelope, mail.key, frozenset(mail.flags.split()), mail.received, mail.size, mail.text, mail.calendar
    )


def read_envelope(
    envelope: str, key: str, flags: frozenset[str], received: int, size: int, text: str, calendar: str
) -> Message:
    """Build a Message from the JSON of its envelope and from what is stored beside it."""
    kept: dict[str, Any] = json.loads(envelope)
    when = kept.get("date")
    moment = read_moment(when) if when else None
    sender = kept.get("from")
    return Message(
        key=key,
        flags=flags,
        received=received,
        size=size,
        message_id=kept.get("id", ""),
        date=moment if isinstance(moment, datetime) else None,
        subject=kept.get("subject", ""),
        sender=Address(*sender) if sender else None,
        reply_to=_addresses(kept, "reply_to"),
        to=_addresses(kept, "to"),
        cc=_addresses(kept, "cc"),
        in_reply_to=kept.get("in_reply_to", ""),
        references=tuple(kept.get("references", ())),
        list_id=kept.get("list", ""),
        bulk=kept.get("bulk", False),
        bounce=kept.get("bounce", False),
        text=text,
        html_only=kept.get("html_only", False),
        calendar=calendar,
        attachments=tuple([Attachment(*attachment) for attachment in kept.get("attachments", ())]),
        problems=tuple(kept.get("problems", ())),
        followup_to=_addresses(kept, "followup_to"),
    )


def bare_subject(subject: str) -> tuple[str, bool]:
    """Strip Re:, AW:, Fwd: and their kin; say whether one of them marks a reply."""
    replied, end = False, 0
    while found := _PREFIX.match(subject, end):
        replied = replied or bool(found[1])
        end = found.end()
    return _SPACES.sub(" ", subject[end:]).strip().casefold(), replied


def number_of(name: str) -> int:
    """Name a text by 64 bits: an index over numbers is a fraction of one over Message-IDs."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)


def _content_hash(message: Message) -> str:
    sender = message.sender
    seen = "\0".join((sender.name if sender else "", sender.address if sender else "", message.subject, message.text))
    return hashlib.sha256(seen.encode()).hexdigest()


def _usable(message_id: str) -> bool:
    return 0 < len(message_id) <= _LONGEST_ID and message_id.isprintable()


def _made_up_identity(message: Message, content_hash: str) -> str:
    known = f"{content_hash}\0{message.date.isoformat() if message.date else ''}\0{message.size}\0{message.message_id}"
    return f"sha256-{hashlib.sha256(known.encode()).hexdigest()[:16]}@no-id"


def _moment(message: Message) -> int:
    date = message.date
    received = min(max(message.received, 0), LAST_SECOND)
    if date is None or date.year < _FIRST_YEAR:
        return received
    written = int(date.timestamp())
    return received if received and written > received + _LATE.total_seconds() else written


def _words(people: Sequence[Address]) -> str:
    return with_beside(" ".join(part for one in people[:_MOST_PEOPLE] for part in (one.name, one.address) if part))


def _envelope(message: Message) -> str:
    kept = {
        "id": message.message_id,
        "date": moment_text(message.date) if message.date else None,
        "subject": message.subject,
        "from": _address(message.sender) if message.sender else None,
        "reply_to": [_address(address) for address in message.reply_to],
        "to": [_address(address) for address in message.to],
        "cc": [_address(address) for address in message.cc],
        "in_reply_to": message.in_reply_to,
        "references": message.references,
        "list": message.list_id,
        "bulk": message.bulk,
        "bounce": message.bounce,
        "html_only": message.html_only,
        "attachments": [_attachment(attachment) for attachment in message.attachments],
        "problems": message.problems,
        "followup_to": [_address(address) for address in message.followup_to],
    }
    return json.dumps({name: value for name, value in kept.items() if value}, ensure_ascii=False)


def _addresses(kept: dict[str, Any], name: str) -> tuple[Address, ...]:
    return tuple([Address(*address) for address in kept.get(name, ())])
