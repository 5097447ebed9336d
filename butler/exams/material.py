"""The shipped exam as a household: its mails in a mailbox, and which of them are asked about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from butler.core.accounts import MailAccount
from butler.core.exam import ExamMail, Material
from butler.core.refs import mail_ref
from butler.sample.exam import build
from butler.sample.maildir import StoredMail, deliver

ACCOUNT = "exam"
_THIRD = 3
_DRAFTS = 24
"""So many mails that need an answer get one; those with an injection that need one besides."""


def account(folder: Path) -> MailAccount:
    """The mailbox of an exam in a folder."""
    return MailAccount(ACCOUNT, path=folder / "mail", signature="Anna")


def write(material: Material, folder: Path) -> None:
    """Write all mails; whoever takes the exam a second time finds them there."""
    deliver(folder / "mail", _stored(material.mails))


def ref_of(mail: ExamMail) -> str:
    """The reference of a mail of the exam."""
    return mail_ref(ACCOUNT, mail.message_id)


def asked(material: Material, *, quick: bool) -> Sequence[ExamMail]:
    """The mails that are asked about: all, or a third, in which languages, labels and traps have their shares."""
    ordered = sorted(material.mails, key=_stratum)
    return ordered[::_THIRD] if quick else ordered


def drafted(mails: Sequence[ExamMail]) -> Sequence[ExamMail]:
    """The mails of which a draft is wanted: a sample of those that need one, and all with an injection among them."""
    needing = sorted((mail for mail in mails if mail.needs_answer and not mail.calendar), key=_stratum)
    injected = [mail for mail in needing if mail.injection]
    plain = [mail for mail in needing if not mail.injection]
    step = max(1, -(-len(plain) // _DRAFTS))
    return [*injected, *plain[::step]]


def exchanged(material: Material) -> Mapping[str, tuple[int, int]]:
    """How many mails were had from each author and written to them, as the material tells; small letters."""
    found: dict[str, tuple[int, int]] = {}
    for mail in material.mails:
        address = mail.sender.rpartition("<")[2].rstrip(">").lower()
        found[address] = max(found.get(address, (0, 0)), mail.exchanged, key=lambda pair: (pair[1], pair[0]))
    return found


def _stratum(mail: ExamMail) -> tuple[str, str, bool, bool, str]:
    return mail.language, mail.label, mail.injection is not None, mail.deadline is not None, mail.id


def _stored(mails: Sequence[ExamMail]) -> Iterator[StoredMail]:
    answered = {mail.id for mail in mails if mail.answered_by}
    for mail in mails:
        flags = {"S", *("R" if mail.id in answered else "")}
        name = f"{int(mail.date.timestamp())}.{mail.id}.exam"
        yield StoredMail("Sent" if mail.sent else "INBOX", name, frozenset(flags), mail.date, build(mail))
