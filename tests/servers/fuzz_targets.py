"""What is fuzzed: each target takes any bytes and may end in no other way than by returning.

`tests/fuzz/fuzzing.py` drives them with coverage guidance; `tests/unit/test_fuzz_corpus.py` replays what was found.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from butler.core.calendar import CalendarObject, RawObject
from butler.core.contacts import Cards, RawCards
from butler.core.errors import ButlerError
from butler.core.mail import Message, RawMail, RawPart
from butler.core.notes import Note, RawNote
from butler.core.prepared import PreparedMail, prepare
from butler.core.sources import Frame
from butler.sandbox.forkserver import Forks
from butler.sandbox.hints import UnfitError
from butler.sandbox.order import LONGEST_ORDER, read_order
from butler.sandbox.seam import Side, WorkerDiedError
from butler.sandbox.values import pack, unpack
from butler.sandbox.wire import Parcel
from tools.calendar import TOOL as CALENDAR
from tools.calendar.itip import answer_of, read_invitation
from tools.calendar.lines import EditError, read_block, write_block
from tools.contacts import TOOL as CONTACTS
from tools.files.loaders import TOOL as DOCUMENTS
from tools.mail import TOOL as MAIL
from tools.mail import grammar, headers
from tools.mail.fetch import read_fetch
from tools.mail.html import html_to_text
from tools.mail.reply import split_new
from tools.mail.session import RefusedError
from tools.mail.structure import read_structure

FRAME = Frame("Europe/Berlin", date(2026, 10, 1), date(2026, 12, 31), 20_000)
_RAW_CONTENT = 2
"""What follows this byte of an input for the mail is its parts instead of its file."""


def storable(*texts: str) -> None:
    """Every text has to be one that UTF-8 and the database can hold."""
    for text in texts:
        assert "\0" not in text
        text.encode()


def mail(content: bytes) -> None:
    """A whole mail, or header and text as a server hands them over, to what the mirror holds of it."""
    raw = RawMail("k", frozenset({"\\seen"}), 1_795_000_000, len(content), whole=content)
    if content[:1] == bytes([_RAW_CONTENT]):
        header, _, rest = content[1:].partition(b"\n\n")
        media_type, _, text = rest.partition(b"\n")
        kind, charset, encoding, *_ = [*media_type.decode("ascii", "replace").split(" "), "", "", ""]
        raw = RawMail("k", frozenset(), 0, len(content), header, (RawPart(kind, charset, encoding, text),))
    (message,) = MAIL.parse([raw], FRAME)
    assert isinstance(message, Message)
    prepared = prepare(message)
    storable(message.subject, message.text, message.calendar, prepared.envelope, prepared.identity)
    storable(*prepared.people, prepared.files, prepared.folded)
    storable(*message.problems, *message.references, message.list_id, *(each.name for each in message.attachments))
    new = split_new(message.text[:5_000])
    storable(new.new, new.signature, new.quoted)
    assert unpack(pack([prepared])[0])


def header(content: bytes) -> None:
    """The fields of a mail, and whoever they name."""
    named = headers.fields(content)
    headers.is_cut(content, named)
    for value in [*named.values(), content.decode("utf-8", "ignore")]:
        for address in headers.addresses(value):
            storable(address.name, address.address)
            assert "@" in address.address
        headers.date(value, 1_795_000_000)
        storable(headers.subject(value), headers.list_id(value), headers.message_id(value), *headers.message_ids(value))


def html(content: bytes) -> None:
    """An HTML page to what its reader sees of it."""
    storable(html_to_text(content.decode("utf-8", "ignore").replace("\0", "")))


def calendar(content: bytes) -> None:
    """A calendar object, and what is made of an invitation; the zones of the world are those of the text."""
    for text in (content, b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\n" + content + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"):
        (found,) = CALENDAR.parse([RawObject("k", "v", text)], FRAME)
        assert isinstance(found, CalendarObject)
        for occurrence in found.occurrences:
            storable(occurrence.uid, occurrence.summary, occurrence.location, occurrence.description, occurrence.recurrence_id)
        assert unpack(pack([found])[0])
        words = text.decode("utf-8", "ignore")
        read_invitation(words, ZoneInfo(FRAME.zone))
        answer_of(words)
        with suppress(EditError):
            write_block(read_block(words))


def contacts(content: bytes) -> None:
    """A file of vCards, and the same as what a card holds."""
    for text in (content, b"BEGIN:VCARD\r\nFN:Eva\r\n" + content + b"\r\nEND:VCARD\r\n"):
        (found,) = CONTACTS.parse([RawCards("k", "v", text)], FRAME)
        assert isinstance(found, Cards)
        storable(*found.problems)
        for each in found.contacts:
            assert each.uid
            storable(each.uid, each.name, each.given, each.text, each.revised, *each.members)
            assert all(address.count("@") == 1 and address.isprintable() for address in each.addresses)
            assert not re.search(r"\S@\S", each.name) or each.name in each.addresses
            for day in (each.birthday, each.anniversary):
                assert day is None or list(day.between(date(2026, 1, 1), date(2028, 12, 31))) or day.year > 2026
        assert unpack(pack([found])[0])


def notes(content: bytes) -> None:
    """A note, and a document by the kind that its first line names."""
    kind, _, rest = content.partition(b"\n")
    name = f"a.{kind.decode('ascii', 'ignore')[:8] or 'md'}"
    (note,) = DOCUMENTS.parse([RawNote(name, "v", 0, rest)], FRAME)
    assert isinstance(note, Note)
    storable(note.text, *note.problems)
    (note,) = DOCUMENTS.parse([RawNote("a.md", "v", 0, content)], FRAME)
    assert isinstance(note, Note)
    storable(note.text, *note.problems)


def answers(content: bytes) -> None:
    """What a mail server answers: a line, a literal, a line … by the ends of lines."""
    pieces = content.split(b"\x01")
    with suppress(ButlerError, RefusedError):
        read_fetch([b"* 1 FETCH (" + pieces[0], *pieces[1:]] if len(pieces) % 2 else [b"* 1 FETCH (" + content])
    with suppress(ButlerError):
        read_structure(grammar.read([content]))


def seam(content: bytes) -> None:
    """What a worker sends who was asked to parse: it dies, fails, or gives what it was asked for."""
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        theirs.settimeout(0.0)
        with suppress(BlockingIOError):
            theirs.send(content)
        theirs.shutdown(socket.SHUT_WR)
        side = Side(ours, {"dial": _dial, "note": _note})
        with suppress(WorkerDiedError, ButlerError, OSError):
            given: Any = side.ask("parse", seconds=5.0, gives=list[PreparedMail])
            assert all(type(each) is PreparedMail for each in given)
        side.close()
    assert ours.fileno() == -1


def values(content: bytes) -> None:
    """A text with bytes beside it as a value of any kind; what was read can be written again, and is the same."""
    text, _, beside = content.partition(b"\x01")
    try:
        value = unpack(Parcel(text, (beside,)))
    except UnfitError:
        return
    with suppress(TypeError):
        again, sockets = pack(value)
        assert sockets == []
        unpack(again)


def orders(content: bytes) -> None:
    """An order that is none: the forkserver refuses it, and goes on."""
    with suppress(ValueError, TypeError, KeyError):
        read_order(content)
        return
    ours, forks = _forks()
    connection, theirs = socket.socketpair()
    with connection, theirs:
        socket.send_fds(ours, [content[:LONGEST_ORDER] or b" "], [theirs.fileno(), theirs.fileno()])
        assert forks._order()


@cache
def _forks() -> tuple[socket.socket, Forks]:
    """A forkserver in this process, and who orders of it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return ours, Forks(theirs, os.pidfd_open(os.getpid()))


def _dial(host: str, port: int, seconds: float) -> str:
    raise ConnectionRefusedError(f"{host}:{port} in {seconds}")


def _note(words: list[str], sizes: dict[str, int]) -> int:
    return len(words) + len(sizes)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "mail": mail,
    "header": header,
    "html": html,
    "calendar": calendar,
    "contacts": contacts,
    "notes": notes,
    "answers": answers,
    "seam": seam,
    "values": values,
    "orders": orders,
}
"""Every target by its name, which is also that of its folder in the corpus."""
