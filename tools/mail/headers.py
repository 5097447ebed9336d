"""The headers of a mail: unfolding, encoded words, addresses, dates and Message-IDs, all with limits (pure)."""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from collections.abc import Mapping
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import getaddresses, parsedate_to_datetime
from functools import lru_cache

from butler.core.mail import Address
from tools.charset import clean, decode

HEADER_LIMIT = 65_536
"""Bytes of a mail's headers that are looked at."""

_VALUE_LIMIT = 16_384
_WORD_LIMIT = 200
_ADDRESS_LIMIT = 300
_ID_LIMIT = 100
_OFTEN_LIMIT = 300
_YEAR = 366 * 86_400
_EARLIEST, _LATEST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_NAME = re.compile(rb"[!-9;-~]{1,100}[ \t]*")
_SIMPLE = re.compile(r'\s*(?:"([^"\\<>@]*)"|([^"\\<>@,;:()\[\]]*?))\s*<([^\s<>@,;:()"\\\[\]]+@[^\s<>@,;:()"\\\[\]]+)>\s*')
_BARE = re.compile(r"\s*([^\s<>@,;:()\"\\\[\]]+@[^\s<>@,;:()\"\\\[\]]+)\s*")
_BRACKETED = re.compile(r"<([^<>\s@]{1,200}@[^<>\s@]{1,200})>")
_QUOTED = re.compile(r'"(?:[^"\\]++|\\.)*+"')
_SEPARATORS = re.compile(r"[,;:]")
_MESSAGE_ID = re.compile(r"<\s*([^<>\s]{1,500})\s*>")
_SPACES = re.compile(r"\s+")


def fields(header: bytes) -> dict[str, str]:
    """The first of each field by its lower-case name, unfolded, still with encoded words."""
    block = header[:HEADER_LIMIT].lstrip(b"\r\n").replace(b"\r\n", b"\n").replace(b"\r", b" ")
    block = block.partition(b"\n\n")[0].replace(b"\n\t", b" ").replace(b"\n ", b" ")
    found: dict[str, str] = {}
    for line in block.split(b"\n"):
        name, colon, value = line.partition(b":")
        if not colon or not _NAME.fullmatch(name):
            continue
        key = name.rstrip().decode("ascii").lower()
        if key not in found:
            value = value.strip()
            found[key] = value.decode("ascii") if value.isascii() else decode(value, "utf-8")[0]
    return found


def is_cut(header: bytes, named: Mapping[str, str]) -> bool:
    """Whether a mail has more headers or recipients than are read of them."""
    listed = [named.get(name, "") for name in ("to", "cc")]
    many = any(len(value) > _VALUE_LIMIT or value.count("@") > _ADDRESS_LIMIT for value in listed)
    return many or len(header) > HEADER_LIMIT


def decode_words(value: str) -> str:
    """Decode the encoded words in a value; those past the limit, and broken ones, stay as they are."""
    value = value[:_VALUE_LIMIT]
    if "=?" not in value:
        return clean(value)
    if value.count("=?") > _WORD_LIMIT:
        value = "=?".join(value.split("=?", _WORD_LIMIT)[:_WORD_LIMIT])
    try:
        pieces = decode_header(value)
    except (HeaderParseError, Base64Error, ValueError):
        return clean(value)
    texts = [piece if isinstance(piece, str) else _piece(piece, charset) for piece, charset in pieces]
    return clean("".join(texts)) or clean(value)


def _piece(piece: bytes, charset: str | None) -> str:
    # decode_header returns the plain pieces between words as raw-unicode-escape.
    return decode(piece, charset)[0] if charset else piece.decode("raw-unicode-escape", "replace")


def subject(value: str) -> str:
    """A subject as one line."""
    return _SPACES.sub(" ", decode_words(value)).strip()


def addresses(value: str) -> tuple[Address, ...]:
    """All mailboxes of an address header; groups are opened, what is no address is left out."""
    # The same few people write most of one's mail.
    return _seldom_new(value) if len(value) < _OFTEN_LIMIT else _addresses(value[:_VALUE_LIMIT])


@lru_cache(maxsize=4096)
def _seldom_new(value: str) -> tuple[Address, ...]:
    return _addresses(value)


def _addresses(value: str) -> tuple[Address, ...]:
    simple = _SIMPLE.fullmatch(value)
    if simple:
        return (_address(simple[1] or simple[2] or "", simple[3]),)
    lone = _BARE.fullmatch(value)
    if lone:
        return (_address("", lone[1]),)
    # Brackets nested a thousand deep exhaust the library's recursion.
    if value.count("(") > 50 or value.count("@") > _ADDRESS_LIMIT * 2:
        value = re.sub(r"[()]", " ", value)
    try:
        pairs = getaddresses([value])[:_ADDRESS_LIMIT]
    except (RecursionError, ValueError, IndexError, AttributeError, TypeError):
        pairs = []
    # The library finds the boss in "boss@corp.example]<mallory@evil.example>": a name beside an address is none itself.
    unquoted = _QUOTED.sub("", value)
    certain = _BRACKETED.findall(unquoted)[:_ADDRESS_LIMIT]
    outside = " ".join(piece for piece in _SEPARATORS.split(unquoted) if "<" not in piece)
    named = {address: name for name, address in pairs if "@" in address and (address in certain or address in outside)}
    found = named if {*certain} <= named.keys() else dict.fromkeys(certain, "")
    return tuple(_address(name, address) for address, name in found.items() if not _SPACES.search(address))


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(_SPACES.sub(" ", decode_words(name)).strip(), clean(f"{local}@{domain.lower()}"))


def date(value: str, received: int) -> datetime | None:
    """A Date header in UTC, or None when it cannot be read, names a year that no mail has or one after it arrived."""
    try:
        read = parsedate_to_datetime(value[:200])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        moment = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except OverflowError:
        return None
    if not _EARLIEST <= moment < _LATEST or 0 < received < moment.timestamp() - _YEAR:
        return None
    return moment


def message_ids(value: str) -> tuple[str, ...]:
    """The Message-IDs in a value, without angle brackets; of very many the first and the latest ones."""
    found = tuple(dict.fromkeys(map(clean, _MESSAGE_ID.findall(value[:HEADER_LIMIT]))))
    return found if len(found) <= _ID_LIMIT else (*found[:10], *found[10 - _ID_LIMIT :])


def message_id(value: str) -> str:
    """The one Message-ID of a value; one without angle brackets is taken as it stands."""
    found = message_ids(value)
    if found:
        return found[0]
    bare = value.strip().strip("<>").strip()
    return clean(bare[:500]) if bare and not _SPACES.search(bare) else ""


def list_id(value: str) -> str:
    """The identifier of a List-Id, in lower case."""
    found = re.search(r"<([^<>]{1,255})>\s*$", value)
    return clean((found[1] if found else value[:255]).strip().lower())


def is_bulk(named: Mapping[str, str]) -> bool:
    """Whether a machine sent the mail to many or by itself."""
    if any(name in named for name in ("list-id", "list-unsubscribe", "list-post")):
        return True
    if named.get("precedence", "").strip().lower() in {"bulk", "list", "junk"}:
        return True
    return named.get("auto-submitted", "no").split(";")[0].strip().lower() != "no"


def is_bounce(named: Mapping[str, str]) -> bool:
    """Whether the mail reports that another one could not be delivered."""
    kind = named.get("content-type", "").lower()
    if "x-failed-recipients" in named or ("multipart/report" in kind and "delivery-status" in kind):
        return True
    writer = named.get("from", "").lower()
    return "mailer-daemon@" in writer and named.get("return-path", "").strip() == "<>"
