"""The sample's mails as bytes: quoted history, encodings, alternatives, attachments and the odd ones."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr

from butler.sample.days import Days
from butler.sample.dice import dice
from butler.sample.letters import Letter, RawLetter

_POLICY = EmailPolicy(utf8=False, cte_type="8bit", linesep="\n", max_line_length=78)
_ATTRIBUTION = {
    "en": "On {date}, {name} wrote:",
    "de": "Am {date} schrieb {name}:",
    "fr": "Le {date}, {name} a écrit :",
    "es": "El {date}, {name} escribió:",
}
_BIDI_SUBJECT = "Rechnung \u202efdp.exe\u202c \u200bsofort öffnen"


@dataclass(frozen=True, slots=True)
class Post:
    """Builds the bytes of letters: `letters` by Message-ID for quoting, `invites` are iCalendar texts by name."""

    days: Days
    seed: int
    letters: Mapping[str, Letter]
    invites: Mapping[str, str]

    def text(self, letter: Letter) -> str:
        """The whole plain text: what is new, and below it the quoted history."""
        if not letter.quote:
            return letter.body
        parent = self.letters[letter.parent]
        name = parseaddr(parent.sender)[0]
        offset = (parent.when.date() - self.days.day).days
        date = f"{self.days.written(offset, letter.quote)}, {parent.when:%H:%M}"
        head = _ATTRIBUTION[letter.quote].format(date=date, name=name)
        quoted = textwrap.indent(self.text(parent).rstrip("\n"), "> ", predicate=lambda _line: True)
        return f"{letter.body}\n{head}\n{quoted}\n"

    def references(self, letter: Letter) -> list[str]:
        """The Message-IDs of the letters before it in its thread, oldest first."""
        parent = self.letters.get(letter.parent)
        return [*self.references(parent), parent.id] if parent else []

    def build(self, letter: Letter) -> bytes:
        """The letter's bytes; the same for the same day and seed."""
        message = EmailMessage(policy=_POLICY)
        self._address(message, letter)
        self._content(message, letter)
        rng = dice(self.seed, letter.id)
        for part in message.walk():
            if part.is_multipart():
                part.set_boundary(f"=_{rng.randbytes(9).hex()}")
        return message.as_bytes()

    def _address(self, message: EmailMessage, letter: Letter) -> None:
        message["From"] = letter.sender
        message["To"] = ", ".join(letter.to)
        if letter.cc:
            message["Cc"] = ", ".join(letter.cc)
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(letter.when)
        message["Message-ID"] = f"<{letter.id}>"
        if letter.parent:
            message["In-Reply-To"] = f"<{letter.parent}>"
            message["References"] = " ".join(f"<{one}>" for one in self.references(letter))
        for name, value in letter.headers.items():
            message[name] = value

    def _content(self, message: EmailMessage, letter: Letter) -> None:
        if letter.html_only:
            message.set_content(letter.html, subtype="html", charset=letter.charset, cte="quoted-printable")
            return
        text = _flowed(self.text(letter)) if letter.flowed else self.text(letter)
        message.set_content(text, charset=letter.charset, cte=letter.cte or _encoding(text))
        if letter.flowed:
            message.set_param("format", "flowed")
        if letter.wrong_charset:
            message.set_param("charset", letter.wrong_charset)
        if letter.html:
            message.add_alternative(letter.html, subtype="html")
        if letter.invite:
            self._invite(message, letter.invite)
        for one in letter.attach:
            kind, _, subtype = one.type.partition("/")
            content = dice(self.seed, one.name).randbytes(one.size)
            message.add_attachment(content, maintype=kind, subtype=subtype, filename=one.name)

    def _invite(self, message: EmailMessage, name: str) -> None:
        text = self.invites[name]
        method = text.split("METHOD:", 1)[1].split("\n", 1)[0].strip()
        message.add_alternative(text, subtype="calendar", params={"method": method})


def _encoding(text: str) -> str:
    """Seven bits where they do, quoted-printable otherwise: lines over 998 characters are not allowed in a mail."""
    return "7bit" if text.isascii() else "quoted-printable"


def _flowed(text: str) -> str:
    """Break long lines with a space before the end, as format=flowed wants it (RFC 3676)."""
    return "\n".join(" \n".join(textwrap.wrap(line, 72)) if len(line) > 76 else line for line in text.split("\n"))


def build_raw(letter: RawLetter) -> bytes:
    """Fill the placeholders of a mail that is given byte for byte."""
    subject = base64.b64encode(_BIDI_SUBJECT.encode()).decode()
    text = letter.text.format(date=format_datetime(letter.when), nul="\0", bidi=subject)
    return (text + _nested(letter.nested)).encode() if letter.nested else text.encode()


def _nested(depth: int) -> str:
    """Multiparts inside multiparts, `depth` deep, around one line of text."""
    open_parts = "".join(f'Content-Type: multipart/mixed; boundary="n{level}"\n\n--n{level}\n' for level in range(depth))
    close_parts = "".join(f"\n--n{level}--\n" for level in reversed(range(depth)))
    return f"{open_parts}Content-Type: text/plain; charset=utf-8\n\nWas sagt der Specht? Klopf, klopf.\n{close_parts}"
