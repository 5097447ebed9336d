"""The text layer of PDF files, through the parser of langchain-community (over pypdf): the one module that knows of either.

The package is no longer developed: whoever drops it changes `_pages` alone.
"""

from __future__ import annotations

import logging
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from io import BytesIO
from itertools import islice
from typing import Any

from butler.core.documents import LONGEST_TEXT
from tools.files.readers.reading import ENCRYPTED, NO_LOADER, UNREADABLE, Reading, UnreadableError, counted

MOST_PAGES = 300
MOST_FIELDS = 1_000
MOST_SECONDS = 5.0
"""Of processor time: what is not read by then is left out, so that the whole file need not be."""

_PARSER = ("langchain_community.document_loaders.parsers.pdf", "PyPDFParser")
_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
_ERRORS = (*_FAULTS, EOFError, zlib.error)
_LOCKED = frozenset({"FileNotDecryptedError", "WrongPasswordError", "DependencyError"})
"""What pypdf raises of a file that wants a password, or a library that deciphers it."""


def read_pdf(content: bytes, spent: Callable[[], float] = time.process_time) -> Reading:
    """Read pages until there are enough of them; says how many were not, and how many have no text."""
    parser, blob, errors = _library(content)
    began, size, is_damaged, is_late = spent(), 0, False, False
    pages: list[tuple[str, int]] = []
    try:
        for page in _pages(parser, blob):
            pages.append(page)
            size += len(page[0])
            is_late = len(pages) < MOST_PAGES and size <= LONGEST_TEXT and spent() - began > MOST_SECONDS
            if is_late or len(pages) >= MOST_PAGES or size > LONGEST_TEXT:
                break
    except errors as error:
        if not pages:
            locked = type(error).__name__ in _LOCKED
            raise UnreadableError(ENCRYPTED if locked else UNREADABLE.format(kind="PDF")) from error
        is_damaged = True
    fields, beside = ([], []) if is_late else _beside(content, errors)
    told = (*_told(pages, is_damaged=is_damaged), *beside)
    return Reading("\n\n".join([*(text for text, _ in pages), *fields]), told)


def _beside(content: bytes, errors: tuple[type[Exception], ...]) -> tuple[list[str], list[str]]:
    """What was filled into the form of a file, a line a field, and which files are attached to it; pages have neither."""
    if b"/AcroForm" not in content and b"/EmbeddedFiles" not in content and b"/ObjStm" not in content:
        return [], []
    try:
        reader: Any = import_module("pypdf").PdfReader(BytesIO(content))
        fields: Any = islice((reader.get_fields() or {}).items(), MOST_FIELDS)
        # What is ticked is a name, such as /Yes.
        values = ((name, field.get("/V")) for name, field in fields)
        filled = [f"{name}: {value.lstrip('/')}" for name, value in values if isinstance(value, str) and value.strip("/ ")]
        names = [each.name for each in islice(reader.attachment_list, MOST_FIELDS)]
    except errors:
        return [], ["Its form or what is attached to it could not be read."]
    left = [f"{counted(len(names), 'attachment', 'attachments')} left out: {', '.join(names)[:300]}."] if names else []
    return ["\n".join(filled)] if filled else [], left


def _pages(parser: Any, blob: Any) -> Iterator[tuple[str, int]]:
    """The text of each page, and how many pages there are."""
    for page in parser.lazy_parse(blob):
        total = page.metadata.get("total_pages", 0)
        yield page.page_content, total if isinstance(total, int) else 0


def _told(pages: list[tuple[str, int]], *, is_damaged: bool) -> Iterator[str]:
    total = max((total for _, total in pages), default=0)
    if len(pages) < total:
        yield f"{len(pages)} of its {counted(total, 'page', 'pages')} were read."
    empty = sum(not text.strip() for text, _ in pages)
    if 0 < empty < len(pages):
        yield f"{empty} of the pages that were read have no text; perhaps they are pictures."
    if is_damaged:
        yield "A page of it is damaged; what comes after it was left out."


def _library(content: bytes) -> tuple[Any, Any, tuple[type[Exception], ...]]:
    try:
        with warnings.catch_warnings():
            # The package says at each import that it is no longer developed.
            warnings.simplefilter("ignore")
            parser: Any = getattr(import_module(_PARSER[0]), _PARSER[1])()
            blob: Any = import_module("langchain_core.documents.base").Blob.from_data(content, mime_type="application/pdf")
            errors: Any = import_module("pypdf.errors")
    except ImportError as error:
        raise UnreadableError(NO_LOADER.format(kind="PDF")) from error
    # It would tell the log, in the file's own words, of all that is wrong with it.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)
    return parser, blob, (errors.PyPdfError, errors.DependencyError, *_ERRORS)
