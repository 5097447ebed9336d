"""What a file is: by its first bytes, and by its name only where those are text."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec

READING = "1"
"""What is taken from a document; counted up when that is more than before, so that all documents are read again."""

_LOOKED_AT = 4_096
_SPACES = b" \t\r\n\f"
_BOM = b"\xef\xbb\xbf"
_STARTS = (
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xff\xd8\xff", "image"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"GIF87a", "image"),
    (b"GIF89a", "image"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old office"),
    (b"{\\rtf", "rtf"),
)
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"})
_HTML = re.compile(
    rb"(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)*(?:<!doctype\s+html|<html)\b", re.IGNORECASE | re.DOTALL
)
_MAIL = re.compile(
    rb"(?:From |(?:Return-Path|Received|Delivered-To|Message-ID|MIME-Version|From|Date|Subject|X-[\w-]+):\s)", re.IGNORECASE
)
_MAIL_LINES = re.compile(rb"^(?:From|Date|Subject|Message-ID):\s", re.IGNORECASE | re.MULTILINE)
_ENOUGH_LINES = 3
_NAMED = {
    "csv": "csv",
    "tsv": "csv",
    "tab": "csv",
    "eml": "mail",
    "html": "html",
    "htm": "html",
    "xhtml": "html",
    "ics": "calendar",
    "ical": "calendar",
}
_BINARY_NAMES = {
    **dict.fromkeys(("pdf", "docx", "docm", "odt", "epub"), "whole"),
    **dict.fromkeys(("jpg", "jpeg", "png", "tif", "tiff", "heic", "heif", "webp", "gif"), "image"),
}


def ending(name: str) -> str:
    """The ending of a file's name, in small letters; empty where there is none."""
    return name.rpartition("/")[2].rpartition(".")[2].lower() if "." in name.rpartition("/")[2] else ""


def kind_of(name: str, content: bytes) -> str:
    """Tell what a file is: pdf, zip, image, `old office`, rtf, html, calendar, mail, csv, or text where it is none of these."""
    head = content[:_LOOKED_AT]
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if (head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return "image"
    head = head.removeprefix(_BOM).lstrip(_SPACES)
    if head.startswith(b"%PDF-"):
        return "pdf"
    return _text_kind(ending(name), head)


def _text_kind(end: str, head: bytes) -> str:
    if _HTML.match(head):
        return "html"
    if head[:15].upper() == b"BEGIN:VCALENDAR":
        return "calendar"
    if end not in {"md", "markdown", "csv"} and _MAIL.match(head) and len(_MAIL_LINES.findall(head)) >= _ENOUGH_LINES:
        return "mail"
    return _NAMED.get(end, "text")


def misnamed(name: str) -> bool:
    """Whether a name promises what is no text."""
    return ending(name) in _BINARY_NAMES


def is_whole_only(content: bytes) -> bool:
    """Whether the first part of a file is worth nothing without the rest."""
    return kind_of("", content) in {"pdf", "zip", "old office"}


@cache
def mark() -> str:
    """What the readers here can do: where that changes, documents are read again."""
    pdf, pictures = (find_spec(name) is not None for name in ("langchain_community", "PIL"))
    return f"{READING}{'p' if pdf else ''}{'i' if pictures else ''}-"
