"""docs/documents.md says what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from butler.core.documents import LARGEST_DOCUMENT, LONGEST_TEXT
from butler.sandbox.order import Limits
from butler.settings.documents import DocumentsPart
from tools.files.readers import office, pdf, zips

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "documents.md").read_text(encoding="utf-8")


def test_the_limits_are_those_of_the_code() -> None:
    told = {name: int(value.replace(",", "")) for name, value in re.findall(r"^\| ([^|]+) \| ([\d,]+) \|$", PAGE, re.MULTILINE)}
    assert told == {
        "bytes of a file": LARGEST_DOCUMENT,
        "characters of its text": LONGEST_TEXT,
        "pages of a PDF": pdf.MOST_PAGES,
        "seconds of processor time for the pages of a PDF": pdf.MOST_SECONDS,
        "parts of an archive (DOCX, ODT, EPUB)": zips.MOST_ENTRIES,
        "bytes unpacked of one part": zips.LARGEST_PART,
        "bytes unpacked of all parts": zips.LARGEST_WHOLE,
        "elements of a DOCX or ODT": office.MOST_ELEMENTS,
    }
    assert f"{Limits().cpu} seconds of processor time and {Limits().memory >> 20} MB" in PAGE


def test_every_kind_that_is_looked_for_is_in_the_table() -> None:
    table = PAGE.partition("| kind |")[2].partition("\n\n")[0].lower()
    other = {"jpg": "jpeg", "tif": "tiff", "htm": "html", "xhtml": "html", "md": "markdown", "txt": "text"}
    for pattern in DocumentsPart.model_fields["patterns"].default:
        kind = pattern.removeprefix("*.")
        assert other.get(kind, kind) in table, kind
