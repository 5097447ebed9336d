"""What a reply to a mail has to be: whom it goes to, its subject, its place in the thread, what it quotes (pure)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from butler.core.mail import Address, Mail, Message
from butler.core.payloads import Person
from butler.core.text import one_line, visible
from tools.mail.addresses import fault_of, is_usable_id

_MOST_REFERENCES = 50
_QUOTED_LINES = 400
_QUOTED_LENGTH = 20_000
_REPLY = re.compile(
    r"\s*(?:re|aw|sv|vs|res|ref|antw|antwort|odp|ynt|rif|r|réf|rép|отв|ответ|απ|σχετ|回复|回覆|答复|返信|답장)"
    r"\s*(?:\[\d{1,4}\]|\(\d{1,4}\)|\^\d{1,4})?\s*[:：]\s*",
    re.IGNORECASE,
)
_TAG = re.compile(r"\s*(\[[^\[\]]{1,60}\])\s*")
_NOBODY = re.compile(
    r"(?:^|[._+=-])(?:no|not|do[._-]?not|dont|dont?[._-]?t|never|cannot)[._-]?(?:reply|respond|answer)"
    r"|noreply|donotreply|dontreply|noresponse|(?:^|[._+=-])no[._-](?:replies|response)|autoreply|auto[._-]reply"
    r"|(?:nicht|bitte|keine)[._-]?(?:antworten|antwort)|ne[._-]?pas[._-]?r[eé]pondre|no[._-]?(?:responder|contestar)"
    r"|non?[._-]?rispondere|n[aã]o[._-]?respond(?:a|er)|(?:niet|geen)[._-]?(?:beantwoorden|antwoord|antwoorden|reply)"
    r"|nie[._-]?odpowiada[jć]|svara[._-]?(?:inte|ej)|ikke[._-]?svar|neodpovidat"
    r"|(?:^|[._+=-])(?:mailer[._-]?daemon|postmaster|bounces?)(?:$|[._+=-])|^(?:dev[._-]?)?null$|^nobody$",
    re.IGNORECASE,
)
_NOBODYS_DOMAIN = re.compile(r"(?:^|\.)(?:no-?reply|do-?not-?reply|bounces?|invalid)(?:\.|$)", re.IGNORECASE)
_ATTRIBUTIONS = {
    "en": ("On {0.day} {month} {0.year} at {0:%H:%M}, {name} wrote:"),
    "de": "Am {0:%d.%m.%Y} um {0:%H:%M} schrieb {name}:",
    "fr": "Le {0:%d/%m/%Y} à {0:%H:%M}, {name} a écrit :",
    "es": "El {0:%d/%m/%Y} a las {0:%H:%M}, {name} escribió:",
    "it": "Il {0:%d/%m/%Y} alle {0:%H:%M}, {name} ha scritto:",
    "nl": "Op {0:%d-%m-%Y} om {0:%H:%M} schreef {name}:",
    "pl": "Dnia {0:%d.%m.%Y} o {0:%H:%M} {name} napisał(a):",
    "pt": "Em {0:%d/%m/%Y} às {0:%H:%M}, {name} escreveu:",
    "sv": "Den {0:%Y-%m-%d} {0:%H:%M} skrev {name}:",
    "da": "Den {0:%d.%m.%Y} {0:%H:%M} skrev {name}:",
    "cs": "Dne {0:%d.%m.%Y} v {0:%H:%M} {name} napsal(a):",
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom a reply goes to; `to` is empty where nobody is left to answer."""

    to: tuple[Person, ...]
    cc: tuple[Person, ...] = ()


def reply_subject(subject: str) -> str:
    """Put one "Re:" before a subject, in place of all of its kin (AW:, SV:, Re[2]: …) that stood there."""
    rest, tags = one_line(subject, 900), ""
    while True:
        if found := _REPLY.match(rest):
            rest = rest[found.end() :]
        elif (tag := _TAG.match(rest)) and _REPLY.match(rest, tag.end()):
            tags, rest = f"{tags}{tag[1]} ", rest[tag.end() :]
        else:
            return f"Re: {tags}{rest}".strip()


def in_reply_to_of(mail: Mail) -> str:
    """The Message-ID that a reply names, without brackets; empty where the mail has none that can be repeated."""
    return mail.message.message_id if is_usable_id(mail.message.message_id) else ""


def references_of(mail: Mail) -> tuple[str, ...]:
    """The References of a reply: the mail's chain (else its In-Reply-To), then its Message-ID; of many some of both ends."""
    message = mail.message
    chain = message.references or ((message.in_reply_to,) if message.in_reply_to else ())
    known = [one for one in (*chain, message.message_id) if is_usable_id(one)]
    # The place of an id that is named twice is its last one: what is near matters most.
    found = list(dict.fromkeys(reversed(known)))[::-1]
    return tuple(found if len(found) <= _MOST_REFERENCES else [found[0], *found[1 - _MOST_REFERENCES :]])


def recipients_of(
    mail: Mail, owner_addresses: Iterable[str], thread: Sequence[Mail], reply_all: bool | None = None
) -> Recipients:
    """Find whom a reply to `mail` goes to: its Reply-To, else its sender; with all others in copy where the thread does so.

    Mail-Followup-To is followed where all are answered. `owner_addresses` (lower case) are never among them, and nobody is
    twice. `thread` are the mails of its thread; `reply_all` decides over it.
    """
    owner = {_plain(address) for address in owner_addresses}
    message = mail.message
    everybody = answers_all(mail, owner, thread) if reply_all is None else reply_all
    if everybody and (followup := _others(message.followup_to, owner, set())):
        return Recipients(followup)
    seen: set[str] = set()
    sender = (message.sender,) if message.sender else ()
    to = _others(message.reply_to, owner, seen) or _others(sender, owner, seen)
    return Recipients(to, _others((*message.to, *message.cc), owner, seen) if everybody and to else ())


def answers_all(mail: Mail, owner_addresses: Iterable[str], thread: Sequence[Mail]) -> bool:
    """Whether a reply to all is what this thread does: others got the mail too, and a reply in it went to all before."""
    owner = {_plain(address) for address in owner_addresses}
    if not _circle(mail.message) - owner - _writer(mail.message):
        return False
    replies = [one for one in (*thread, mail) if one.message.in_reply_to or one.message.references]
    return any(len(_circle(one.message) - _writer(one.message)) > 1 for one in replies if one.when <= mail.when)


def is_unanswerable(mail: Mail) -> str | None:
    """Say in a plain sentence why a mail is not to be answered; None where it may be."""
    message = mail.message
    if mail.sent:
        return "You wrote it yourself."
    if message.sender is None:
        return "It names no sender."
    if message.bounce:
        return "It is a delivery report."
    if message.list_id:
        return f"It came over the mailing list {one_line(message.list_id, 60)}."
    if message.bulk:
        return "A machine sent it by itself or to many."
    targets = message.reply_to or (message.sender,)
    return next((reason for one in targets if (reason := _why_not(one.address))), None)


def quoted_original(mail: Mail, zone: tzinfo, language: str) -> str:
    """Make `Letter.quoted` of a mail: the attribution line in the mail's language (ISO 639-1), then its text, bounded."""
    sender = mail.message.sender
    name = one_line(sender.name or sender.address, 80) if sender else "?"
    when: datetime = mail.when.astimezone(zone)
    form = _ATTRIBUTIONS.get(language, _ATTRIBUTIONS["en"])
    text = visible(mail.message.text[: 2 * _QUOTED_LENGTH]).strip("\n")
    lines = [line.rstrip() for line in text[:_QUOTED_LENGTH].split("\n")]
    cut = len(mail.message.text) > 2 * _QUOTED_LENGTH or len(text) > _QUOTED_LENGTH or len(lines) > _QUOTED_LINES
    kept = [*lines[:_QUOTED_LINES], "[…]"] if cut else lines
    return "\n".join([form.format(when, month=_MONTHS[when.month - 1], name=name), *kept])


def draft_message_id(key: str, address: str) -> str:
    """Make the Message-ID of a draft, always the same for an idempotency key, in the domain of its sender, without brackets."""
    _, at, domain = address.lower().rpartition("@")
    known = domain if at and domain.isascii() and fault_of(f"a@{domain}") is None else "butler.invalid"
    return f"butler.{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:40]}@{known}"


def _why_not(address: str) -> str | None:
    local, _, domain = address.rpartition("@")
    if _NOBODY.search(local) or _NOBODYS_DOMAIN.search(domain):
        return f"Nobody reads what is sent to {one_line(address, 80)}."
    return fault_of(address)


def _plain(address: str) -> str:
    """An address as it is compared: lower case, and without what follows a plus sign."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def _writer(message: Message) -> set[str]:
    return {_plain(message.sender.address)} if message.sender else set()


def _circle(message: Message) -> set[str]:
    return {_plain(one.address) for one in (*message.to, *message.cc)}


def _others(addresses: Sequence[Address], owner: set[str], seen: set[str]) -> tuple[Person, ...]:
    """The people among some addresses that are not the owner and not seen yet; what is no address is left out."""
    found: list[Person] = []
    for one in addresses:
        key = one.address.lower()
        if _plain(key) not in owner and key not in seen and fault_of(one.address) is None:
            seen.add(key)
            found.append(Person(name=one_line(one.name, 120), address=one.address))
    return tuple(found)
