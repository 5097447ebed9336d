"""What other programs write into documents is read, and what is left out of it is said."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO

import pytest

pytest.importorskip("langchain_community")
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from tools.files.readers import read_document
from tools.files.readers.reading import NOTHING

BERLIN = "Europe/Berlin"
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
)
ODT = b"application/vnd.oasis.opendocument.text"


def packed(parts: Mapping[str, bytes]) -> bytes:
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return kept.getvalue()


def form(values: Mapping[str, object]) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    fields = [
        writer._add_object(
            DictionaryObject(
                {NameObject("/T"): TextStringObject(name), NameObject("/FT"): NameObject("/Tx"), NameObject("/V"): value}
            )
        )
        for name, value in values.items()
    ]
    writer._root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): ArrayObject(fields)})
    writer.add_attachment("list.txt", b"attached")
    kept = BytesIO()
    writer.write(kept)
    return kept.getvalue()


def test_what_is_filled_into_a_form_is_read_and_what_is_attached_named() -> None:
    content = form({"iban": TextStringObject("DE12"), "married": NameObject("/Yes"), "left empty": TextStringObject("")})
    found = read_document("a.pdf", content)
    assert found.text.strip() == "iban: DE12\nmarried: Yes"
    assert found.problems == ("1 attachment left out: list.txt.",)


def test_a_hyphen_that_breaks_no_line_is_one() -> None:
    body = f"<w:document {WORD}><w:p><w:r><w:t>E</w:t><w:noBreakHyphen/><w:t>Mail</w:t></w:r></w:p></w:document>"
    assert read_document("a.docx", packed({"word/document.xml": body.encode()})).text == "E-Mail"


def test_headers_and_notes_of_odt_are_read_and_its_comments_counted() -> None:
    content = (
        f"<office:document-content {ODF}><text:p>Rent<text:note><text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>cold</text:p></text:note-body></text:note><office:annotation><text:p>hm</text:p></office:annotation>"
        "</text:p></office:document-content>"
    )
    styles = (
        f"<office:document-styles {ODF}><style:header><text:p>Linden House</text:p></style:header></office:document-styles>"
    )
    parts = {"mimetype": ODT, "content.xml": content.encode(), "styles.xml": styles.encode()}
    found = read_document("a.odt", packed(parts))
    assert found.text.split() == ["Rent1", "cold", "Linden", "House"]
    assert found.problems == ("1 comment left out.",)


def test_a_mail_says_when_it_was_in_the_owners_zone_and_who_had_a_copy() -> None:
    mail = b"From: a@x.example\nCc: c@x.example\nDate: Sat, 31 Oct 2026 23:30:00 +0000\nSubject: Hi\n\nHello\n"
    assert (
        read_document("a.eml", mail, BERLIN).text == "Hi\nFrom: <a@x.example>\nCc: c@x.example\nDate: 2026-11-01 00:30\n\nHello"
    )


def test_a_calendar_says_when_a_task_is_due_and_that_an_event_repeats() -> None:
    lines = (
        "BEGIN:VCALENDAR", "BEGIN:VTODO", "UID:1", "SUMMARY:Pay", "DUE:20261101T110000Z", "END:VTODO", "BEGIN:VEVENT", "UID:2",
        "SUMMARY:Choir", "DTSTART:20261102T180000Z", "DTEND:20261102T190000Z", "RRULE:FREQ=WEEKLY", "END:VEVENT",
        "BEGIN:VJOURNAL", "UID:3", "SUMMARY:Diary", "END:VJOURNAL", "END:VCALENDAR",
    )  # fmt: skip
    found = read_document("a.ics", "\r\n".join(lines).encode(), BERLIN)
    assert found.text == "Pay\nDue: 2026-11-01 12:00\n\nChoir\n2026-11-02 19:00–20:00\nRepeats: weekly"
    assert found.problems == ("1 journal entry left out.",)


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("a.txt", "„Miete“ – 45,00 €", "cp1252"),
        ("a.txt", "Umowa: opłata za żółw", "cp1250"),
        ("a.csv", "Opis;Kwota\nOpłata;1", "cp1250"),
        ("a.md", "Договор аренды", "cp1251"),
        ("a.txt", "Größe: 3 m³, ¿qué?", "cp1252"),
    ],
)
def test_text_of_old_windows_is_read_as_what_it_is(name: str, text: str, encoding: str) -> None:
    assert read_document(name, text.encode(encoding)).text == text.replace(";", " | ")


def test_an_empty_file_is_said_to_be_empty() -> None:
    assert read_document("a.pdf", b"").problems == (NOTHING,)


def test_a_cancelled_event_says_so_and_one_without_an_end_has_none() -> None:
    lines = ("BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:2", "SUMMARY:Choir", "DTSTART:20261102T180000Z", "STATUS:CANCELLED",
             "END:VEVENT", "END:VCALENDAR")  # fmt: skip
    assert read_document("a.ics", "\r\n".join(lines).encode(), BERLIN).text == "Choir\n2026-11-02 19:00\nCancelled"


def test_cells_and_chapters_that_are_left_out_are_said() -> None:
    assert read_document("a.csv", (",".join("x" * 201) + "\n1,2\n").encode()).problems == (
        "Of its rows only the first 200 cells were read.",
    )
    place = b'<container><rootfiles><rootfile full-path="c.opf"/></rootfiles></container>'
    package = (
        b'<package><manifest><item id="a" href="a.html"/><item id="b" href="gone.html"/></manifest>'
        b'<spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    )
    book = packed({"META-INF/container.xml": place, "c.opf": package, "a.html": b"<p>One</p>"})
    found = read_document("a.epub", book)
    assert (found.text, found.problems) == ("One", ("1 of its 2 chapters are not in the file.",))


def test_only_a_pdf_without_text_may_be_a_picture_of_a_page() -> None:
    assert read_document("a.html", b"<html><body></body></html>").problems == ("There is no text in it.",)


@pytest.mark.parametrize("name", ["a.html", "a.txt"])
def test_a_soft_hyphen_parts_no_word(name: str) -> None:
    content = "<html><body>Miet\xadvertrag der Woh\xadnung" if name == "a.html" else "Miet\xadvertrag der Woh\xadnung"
    assert read_document(name, content.encode()).text == "Mietvertrag der Wohnung"
