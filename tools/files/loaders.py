"""Text from documents: what is text itself, mails that were saved as files, and PDF where a loader for it is installed.

Pure, and to be run in the sandbox's worker: a document comes from anywhere.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from itertools import islice
from typing import Any, cast

from butler.core.mail import RawMail
from butler.core.notes import Note, RawNote
from butler.core.sources import Frame, Parsed, Raw
from tools.files import NotesTool
from tools.files.paths import text_of
from tools.mail.message import parse as parse_mail

NO_LOADER = "Nothing is installed that reads {kind} files. Install the extra `documents`."
UNREADABLE = "It could not be read as {kind}."
EMPTY = "There is no text in it; perhaps it is a picture of a page."
LONGEST = 400_000
_MOST_PAGES = 300
_PDF = ("langchain_community.document_loaders.parsers.pdf", "PyPDFParser")
_FAULTS = (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)


class DocumentsTool(NotesTool):
    """The notes tool, but for documents: it reads more kinds of files."""

    def parse(self, raws: Sequence[Raw], frame: Frame) -> Sequence[Parsed]:  # noqa: ARG002 - a document depends on no frame
        """Read documents, one for one; one without text has a problem that says why."""
        return [_document(cast("RawNote", raw)) for raw in raws]


def _document(raw: RawNote) -> Note:
    text, problems = text_in(raw.key, raw.content)
    return replace(Note(raw.key, raw.version, raw.modified, "", (*raw.problems, *problems)), text=text)


def text_in(name: str, content: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a file by its name and bytes, and sentences on what could not be read of it."""
    kind = name.rpartition(".")[2].upper() if "." in name else "unnamed"
    try:
        if content.startswith(b"%PDF-"):
            kind = "PDF"
            text, problems = _text_of_pdf(content)
        elif kind == "EML":
            text, problems = _text_of_mail(content), ()
        else:
            text, problems = text_of(content)
    except _FAULTS:
        return "", (UNREADABLE.format(kind=kind),)
    return text[:LONGEST], problems or (() if text.strip() else (EMPTY,))


def _text_of_mail(content: bytes) -> str:
    message = parse_mail(RawMail("", frozenset(), 0, len(content), whole=content), LONGEST)
    return f"{message.subject}\n\n{message.text}".strip()


def _text_of_pdf(content: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        with warnings.catch_warnings():
            # The package says at each import that it is no longer developed.
            warnings.simplefilter("ignore")
            parser: Any = getattr(import_module(_PDF[0]), _PDF[1])()
            blob: Any = import_module("langchain_core.documents.base").Blob.from_data(content, mime_type="application/pdf")
            broken: Any = import_module("pypdf.errors").PyPdfError
    except ImportError:
        return "", (NO_LOADER.format(kind="PDF"),)
    try:
        pages = [page.page_content for page in islice(parser.lazy_parse(blob), _MOST_PAGES)]
    except broken:
        return "", (UNREADABLE.format(kind="PDF"),)
    return "\n\n".join(pages), ()


TOOL = DocumentsTool()
