"""A whole mail taken apart by the standard library, within limits that no mail can talk its way around (pure)."""

from __future__ import annotations

import re
from email.message import Message as Part
from email.parser import BytesFeedParser
from email.policy import compat32
from typing import Any

from butler.core.mail import RawMail, RawPart
from tools.mail.headers import HEADER_LIMIT, decode_words
from tools.mail.structure import DEPTH_LIMIT, PART_LIMIT, Branch, Leaf, extended_value, media_type_of, shape_of

WHOLE_LIMIT = 25_000_000
"""Bytes of a mail that are taken apart."""

_LINE_LIMIT = 500_000
_PIECE = 65_536
_FIELD_LIMIT = 4_096
_NAME_LIMIT = 255
_BLANK = re.compile(rb"\r?\n\r?\n")
_NO_HEADERS = re.compile(rb"(?:From |>From )?[^\n]*\n?")
_TOO_MANY = "It has too many parts; some were left out."
_TOO_LONG = "It has more lines or bytes than are read; what is beyond was left out."


_LIBRARY_ERRORS = (AttributeError, LookupError, TypeError, ValueError)
"""What the library was seen to raise over parameters that are none."""


class _TooManyPartsError(Exception):
    pass


class _Part(Part):
    """A part whose fields are few, and cut before the library reads parameters out of them, which takes it quadratic time."""

    def __init__(self) -> None:
        super().__init__(compat32)
        self._kept = 0

    def set_raw(self, name: str, value: Any) -> None:
        """Keep a field as the library found it, unless there were too many."""
        self._kept += len(name) + len(value)
        if self._kept <= HEADER_LIMIT:
            super().set_raw(name, value)

    @property
    def body(self) -> Any:
        """The parts in it, or its text as it came; the library itself would decode that by whatever charset it claims."""
        return vars(self)["_payload"]

    def get(self, name: str, failobj: Any = None) -> Any:
        """The field as text, cut to a sane length."""
        value = super().get(name, failobj)
        return value if value is failobj or value is None else str(value)[:_FIELD_LIMIT]

    def get_param(self, param: str, failobj: Any = None, header: str = "content-type", unquote: bool = True) -> Any:
        """A parameter of a field; one that the library falls over is none."""
        try:
            return super().get_param(param, failobj, header, unquote)
        except _LIBRARY_ERRORS:
            return failobj

    def get_boundary(self, failobj: Any = None) -> Any:
        """What its parts are parted by; one that the library falls over is none."""
        try:
            return super().get_boundary(failobj)
        except _LIBRARY_ERRORS:
            return failobj


class _Counter:
    """Makes parts, and stops the library at the limit; those made until then hang together already."""

    def __init__(self) -> None:
        self.parts: list[_Part] = []

    def __call__(self, *_: Any, **__: Any) -> _Part:
        if len(self.parts) > PART_LIMIT:
            raise _TooManyPartsError
        self.parts.append(_Part())
        return self.parts[-1]


def dissect(raw: RawMail) -> RawMail:
    """Take the file of a mail apart: the same value with header, text parts and attachments instead of `whole`."""
    whole = (raw.whole or b"").lstrip(b"\r\n")
    found = _BLANK.search(whole, 0, HEADER_LIMIT)
    header = whole[: found.start() if found else HEADER_LIMIT + 1]
    problems = raw.problems
    if (read := _bounded(whole)) is not whole:
        whole, problems = read, (*problems, _TOO_LONG)
    root, complete = _parted(whole)
    if not complete:
        problems = (*problems, _TOO_MANY)
    contents: dict[str, bytes] = {}
    shape = shape_of(_tree(root, "", 0, contents), problems)
    parts = tuple(RawPart(leaf.media_type, leaf.charset, leaf.encoding, contents[leaf.path]) for leaf in shape.texts)
    return RawMail(raw.key, raw.flags, raw.received, raw.size, header, parts, shape.attachments, problems=shape.problems)


def _parted(whole: bytes) -> tuple[_Part, bool]:
    """A mail as the library takes it apart, and whether that was done to the end."""
    counter = _Counter()
    feeding = BytesFeedParser(counter, policy=compat32)
    # One was made to see whether that can be done.
    counter.parts.clear()
    try:
        for at in range(0, len(whole), _PIECE):
            feeding.feed(whole[at : at + _PIECE])
        feeding.close()
    except (_TooManyPartsError, RecursionError):
        return counter.parts[0], False
    return counter.parts[0], True


def _bounded(whole: bytes) -> bytes:
    """As much of a mail as the library can take apart in bounded time and memory: each line costs it many times its bytes."""
    if len(whole) <= WHOLE_LIMIT and whole.count(b"\n") <= _LINE_LIMIT:
        return whole
    low, high = 0, WHOLE_LIMIT
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if whole.count(b"\n", 0, middle) <= _LINE_LIMIT else (low, middle - 1)
    return whole[:low]


def _tree(part: _Part, path: str, depth: int, contents: dict[str, bytes]) -> Leaf | Branch:
    payload = part.body
    if not isinstance(payload, list) or part.get_content_maintype() != "multipart":
        return _leaf(part, path or "1", contents)
    children = payload[:PART_LIMIT] if depth < DEPTH_LIMIT else []
    subtype = part.get_content_subtype()
    return Branch(
        subtype, [_tree(child, f"{path}.{n}" if path else str(n), depth + 1, contents) for n, child in enumerate(children, 1)]
    )


def _leaf(part: _Part, path: str, contents: dict[str, bytes]) -> Leaf:
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    content = part.body.encode("utf-8", "surrogateescape") if isinstance(part.body, str) else b""
    contents[path] = content
    attached = part.get_content_disposition() == "attachment"
    charset = part.get_param("charset", "")
    return Leaf(
        path,
        media_type_of(part.get_content_type()),
        charset if isinstance(charset, str) else charset[2],
        encoding,
        len(content),
        _name(part),
        attached,
    )


def _name(part: _Part) -> str:
    """The file name, by RFC 2231 or in encoded words."""
    name = part.get_param("filename", None, "content-disposition") or part.get_param("name", "")
    if isinstance(name, tuple):
        charset, _, value = name
        return extended_value(f"{charset or 'utf-8'}''".encode() + value.encode("raw-unicode-escape", "replace"))
    return decode_words(str(name))[:_NAME_LIMIT]
