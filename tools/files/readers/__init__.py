"""Takes the text out of documents of every kind: pure, and to be run in the sandbox's worker, for they come from anywhere.

What a file is, its bytes say. Each reader is a module of its own and is loaded when the first file of its kind comes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

from butler.core.documents import LONGEST_TEXT
from tools.files.paths import text_of
from tools.files.readers.kinds import ending, kind_of, misnamed
from tools.files.readers.reading import CUT, EMPTY, NO_LOADER, NO_TEXT, NOTHING, UNREADABLE, Reading, UnreadableError, clean

__all__ = ["EMPTY", "NO_LOADER", "UNREADABLE", "Reading", "read_document"]

_FAULTS = (ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError)
_OLD = {
    "old office": "It is a file of an old or locked Office program. Save it as DOCX or PDF without a password.",
    "rtf": "It is an RTF file, which is not read. Save it as DOCX, ODT or PDF.",
}
_NOT_READ = "It is a {kind} file, which is not read."
_SHOWN = {"pdf": "PDF", "csv": "a table", "mail": "a mail", "calendar": "a calendar", "html": "HTML", "image": "a picture"}


def read_document(name: str, content: bytes, zone: str = "UTC") -> Reading:
    """Read a file by its bytes and, where these are text, its name; times are told in a zone. Never raises."""
    if not content.strip():
        return Reading("", (NOTHING,))
    kind = kind_of(name, content)
    try:
        found = _READERS[kind](name, content, zone)
    except UnreadableError as error:
        return Reading("", (error.sentence,))
    except (*_FAULTS, zlib.error):
        return Reading("", (UNREADABLE.format(kind=_SHOWN.get(kind, ending(name).upper() or "text")),))
    text, problems = clean(found.text), found.problems
    if len(text) > LONGEST_TEXT:
        text, problems = text[:LONGEST_TEXT], (*problems, CUT)
    return Reading(text, problems or (() if text.strip() else (EMPTY if kind == "pdf" else NO_TEXT,)))


def _text(name: str, content: bytes, zone: str) -> Reading:  # noqa: ARG001 - a text has no times
    # No character has more bytes: what is decoded of a longer file is too long, and cut as any other text is.
    text, problems = text_of(content[: 4 * LONGEST_TEXT + 8])
    if misnamed(name) and not problems:
        problems = (f"Its name says {ending(name).upper()}, and it is text.",)
    return Reading(text, problems)


def _pdf(_name: str, content: bytes, _zone: str) -> Reading:
    from tools.files.readers.pdf import read_pdf

    return read_pdf(content)


def _zip(name: str, content: bytes, _zone: str) -> Reading:
    from tools.files.readers.books import read_epub
    from tools.files.readers.office import read_docx, read_odt
    from tools.files.readers.zips import Archive

    archive = Archive(content)
    media = archive.part("mimetype", 200).strip()
    if media == b"application/epub+zip" or "META-INF/container.xml" in archive.names:
        return read_epub(archive)
    is_bare = not media and "content.xml" in archive.names and ending(name) == "odt"
    if is_bare or media.startswith(b"application/vnd.oasis.opendocument.text"):
        return read_odt(archive)
    if any(part.startswith("word/") for part in archive.names):
        return read_docx(archive)
    raise UnreadableError(_NOT_READ.format(kind=ending(name).upper() or "ZIP"))


def _image(_name: str, content: bytes, _zone: str) -> Reading:
    from tools.files.readers.pictures import read_picture

    return read_picture(content)


def _html(_name: str, content: bytes, _zone: str) -> Reading:
    from tools.files.readers.pages import read_html

    return read_html(content)


def _csv(_name: str, content: bytes, _zone: str) -> Reading:
    from tools.files.readers.tables import read_csv

    return read_csv(content)


def _mail(_name: str, content: bytes, zone: str) -> Reading:
    from tools.files.readers.letters import read_mail

    return read_mail(content, zone)


def _calendar(_name: str, content: bytes, zone: str) -> Reading:
    from tools.files.readers.letters import read_calendar

    return read_calendar(content, zone)


def _old(kind: str) -> Callable[[str, bytes, str], Reading]:
    return lambda _name, _content, _zone: Reading("", (_OLD[kind],))


_READERS: Mapping[str, Callable[[str, bytes, str], Reading]] = {
    "text": _text,
    "pdf": _pdf,
    "zip": _zip,
    "image": _image,
    "html": _html,
    "csv": _csv,
    "mail": _mail,
    "calendar": _calendar,
    **{kind: _old(kind) for kind in _OLD},
}
