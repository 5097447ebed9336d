"""From the bytes of vCards to their properties (RFC 6350, 2426, and what 2.1 was before them), in time that grows with them.

No library is asked: vobject takes time with the square of what is folded and recurses into nested cards, and icalendar
knows neither the quoted-printable nor the charsets of 2.1. Pictures and keys are passed over without being put together.
"""

from __future__ import annotations

import codecs
import quopri
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from tools.charset import clean, decode

LARGEST = 10_000_000
"""Bytes of a file that are read at most."""

MOST_LINES = 400_000
MOST_PROPERTIES = 2_000
"""Properties of one card."""

LONGEST_VALUE = 20_000
"""Characters of a value."""

_LONGEST_LINE = 4 * LONGEST_VALUE
_LONGEST_HEAD = 2_000
_MOST_PARTS = 200
_PASSED_OVER = (b"PHOTO", b"LOGO", b"SOUND", b"KEY", b"X-IMAGEHASH", b"X-ABCROP-RECTANGLE", b"X-WAB-GENDER")
_EMPTY = re.compile(rb"\n{2,}")
_LOOKED_AT = 10
"""Lines at a card's beginning among which its version stands."""

_LONGEST_NAME = 60
_SOFT = b"="
_ENCODINGS = {"QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"}
_PARAMETER = re.compile(r';((?:[^;"]|"[^"]*"?)*)')
_ESCAPED = re.compile(r"\\([\\,;:nN])")


@dataclass(frozen=True, slots=True)
class Property:
    """A property: name and group in capitals, parameters by their names in capitals, and its value, still escaped."""

    name: str
    value: str
    group: str = ""
    parameters: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def types(self) -> list[str]:
        """Its types, in small letters."""
        return [each.lower() for each in self.parameters.get("TYPE", ())]

    @property
    def text(self) -> str:
        """The value as text."""
        return unescaped(self.value)

    def parts(self, sign: str) -> list[str]:
        """The value's parts as texts, parted by a sign that is not escaped; empty ones stay."""
        return [unescaped(each).strip() for each in islice(_parted(self.value, sign), _MOST_PARTS)]


@dataclass(frozen=True, slots=True)
class Block:
    """The properties of one card, its bytes, and whether something was cut off or it never ended."""

    properties: Sequence[Property]
    content: bytes
    is_cut: bool = False
    is_whole: bool = True


def blocks(content: bytes) -> Iterator[Block]:
    """Each card of a file; cards inside of cards are passed over."""
    lines: list[bytes] | None = None
    depth = 0
    for line in _lines(content):
        word = line[:20].strip().upper() if line[:1].upper() in {b"B", b"E"} else b""
        if word.replace(b" ", b"") == b"BEGIN:VCARD":
            depth += 1
            lines = [] if lines is None else lines
        elif word.replace(b" ", b"") == b"END:VCARD" and lines is not None:
            depth -= 1
            if depth <= 0:
                yield _block(lines, is_whole=True)
                lines, depth = None, 0
        elif lines is not None and depth == 1:
            lines.append(line)
    if lines is not None:
        yield _block(lines, is_whole=False)


def unescaped(text: str) -> str:
    """A text without its escapes."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text) if "\\" in text else text


def _lines(content: bytes) -> Iterable[bytes]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        content = content[:LARGEST].decode("utf-16", "replace").encode("utf-8", "replace")
    plain = content[:LARGEST].removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    plain = _EMPTY.sub(b"\n", plain)
    start = 0
    for _ in range(MOST_LINES):
        end = plain.find(b"\n", start)
        if end < 0:
            if start < len(plain):
                yield plain[start:]
            return
        if end > start:
            yield plain[start:end]
        start = end + 1


def _block(lines: Sequence[bytes], *, is_whole: bool) -> Block:
    properties: list[Property] = []
    is_old = any(line[:12].upper().replace(b" ", b"") == b"VERSION:2.1" for line in lines[:_LOOKED_AT])
    is_cut = False
    for whole, line in _unfolded(lines, is_old=is_old):
        if len(properties) >= MOST_PROPERTIES:
            is_cut = True
            break
        found = _property(line)
        if found is not None:
            properties.append(found)
            is_cut = is_cut or not whole or len(found.value) >= LONGEST_VALUE
    return Block(properties, b"\n".join(lines), is_cut, is_whole)


def _unfolded(lines: Sequence[bytes], *, is_old: bool) -> Iterator[tuple[bool, bytes]]:
    """Lines put together, each with whether it is whole; what is passed over is not."""
    pieces: list[bytes] = []
    size, whole, soft = 0, True, False
    for line in lines:
        folded = line[:1] in {b" ", b"\t"}
        if not (folded or soft):
            if pieces:
                yield whole, b"".join(pieces)
            pieces, size, whole, soft = [], 0, True, False
            if _is_passed_over(line):
                continue
            soft = _is_quoted(line)
        elif not pieces:
            continue
        piece = line[0 if is_old or (soft and not folded) else 1 :] if folded else line
        if soft:
            piece, soft = _soft(piece)
        if size > _LONGEST_LINE:
            whole = False
            continue
        pieces.append(piece)
        size += len(piece)
    if pieces:
        yield whole, b"".join(pieces)


def _is_passed_over(line: bytes) -> bool:
    name = line[:_LONGEST_NAME].upper().partition(b":")[0].partition(b";")[0].rpartition(b".")[2]
    return name in _PASSED_OVER


def _is_quoted(line: bytes) -> bool:
    """Whether a line is quoted-printable, so that a `=` at its end says that it goes on."""
    return b"QUOTED-PRINTABLE" in line[:_LONGEST_HEAD].partition(b":")[0].upper()


def _soft(piece: bytes) -> tuple[bytes, bool]:
    """A piece of quoted-printable, and whether the next line belongs to it."""
    return (piece[:-1], True) if piece.endswith(_SOFT) else (piece, False)


def _property(line: bytes) -> Property | None:
    head, value = _taken_apart(line)
    if not head:
        return None
    words = head.decode("utf-8", "replace")
    named, sign, rest = words.partition(";")
    group, _, name = named.strip().upper().rpartition(".")
    if not name or not name.replace("-", "").isalnum():
        return None
    parameters = _parameters(sign + rest)
    return Property(name, _value(value, parameters)[:LONGEST_VALUE], group, parameters)


def _taken_apart(line: bytes) -> tuple[bytes, bytes]:
    """A line's head and value, parted by the first colon outside of quotes; by the first at all where quotes never end."""
    at = line.find(b":", 0, _LONGEST_HEAD)
    first = at
    while at >= 0 and line.count(b'"', 0, at) % 2:
        at = line.find(b":", at + 1, _LONGEST_HEAD)
    at = first if at < 0 else at
    return (line[:at], line[at + 1 :]) if at > 0 else (b"", b"")


def _parameters(text: str) -> dict[str, list[str]]:
    """Parameters by name; of 2.1 the words without a name, each an encoding or a type."""
    found: dict[str, list[str]] = {}
    for each in _PARAMETER.findall(text):
        name, sign, value = each.partition("=")
        if not sign:
            name, value = ("ENCODING" if each.strip().upper() in _ENCODINGS else "TYPE"), each
        values = [part.strip().strip('"') for part in value.strip('" ').split(",")]
        found.setdefault(name.strip().upper(), []).extend(part for part in values if part)
    return found


def _value(value: bytes, parameters: Mapping[str, Sequence[str]]) -> str:
    encodings = {each.upper() for each in parameters.get("ENCODING", ())}
    if encodings & {"BASE64", "B"}:
        return ""
    if "QUOTED-PRINTABLE" in encodings:
        # What was a line's end when it was written is one of the text.
        value = quopri.decodestring(value).replace(b"\r\n", b"\n")
    charset = next(iter(parameters.get("CHARSET", ())), "utf-8")
    text, _ = decode(value, charset)
    return clean(text).strip("\r")


def _parted(text: str, sign: str) -> Iterator[str]:
    """Parts between signs that no backslash stands before."""
    pieces: list[str] = []
    for each in text.split(sign):
        pieces.append(each)
        if (len(each) - len(each.rstrip("\\"))) % 2 == 0:
            yield sign.join(pieces)
            pieces = []
    if pieces:
        yield sign.join(pieces)
