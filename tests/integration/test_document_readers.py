"""Every kind of document through the real parser, in its jail: what is read of it, and what it says that it left out."""

from __future__ import annotations

import datetime as dt
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from butler.core.documents import LONGEST_TEXT
from butler.core.notes import Note, RawNote
from butler.core.sources import Frame
from butler.sample.days import Days
from butler.sample.documents import documents
from butler.sample.making import docx, epub, html, jpeg, packed, pdf, pdf_of
from butler.sandbox.parser import Parser
from butler.sandbox.worker import Forkserver
from tools.files.readers import EMPTY, read_document
from tools.files.readers.pdf import read_pdf
from tools.files.readers.reading import CUT, ENCRYPTED

DAY = dt.date(2026, 11, 24)
SAMPLES = documents(Days(DAY))
Reads = Callable[[str, bytes], Note]


@pytest.fixture(scope="module")
def reads() -> Iterator[Reads]:
    """Read one document in a worker that is confined."""
    with Forkserver() as forkserver, Parser(forkserver, {"notes": "tools.files:TOOL"}) as parser:

        def read(name: str, content: bytes) -> Note:
            (note,) = parser.parse("notes", [RawNote(name, "v", 0, content, document=True)], Frame("Europe/Berlin"))
            assert isinstance(note, Note), "it was too much for the parser"
            return note

        yield read


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Flat/Heizkosten.pdf", "haben Sie ein Guthaben von 127,35 Euro. Wir überweisen es bis zum 6. Dezember 2026."),
        ("Flat/Mietvertrag.docx", "Kaltmiete | 1.240,00 Euro im Monat\nNebenkosten | 215,00 Euro im Monat\n"),
        ("School/Klassenfahrt.odt", "Wir fahren am 4. Januar 2027 und kommen am 8. Januar 2027 zurück."),
        (
            "Bees/The year of the bees.epub",
            "Winter\n\nOxalic acid is trickled once, in December, when it is below five degrees",
        ),
        ("Recipes/Quittengelee.html", "Quittengelee von Helga\n\nEin Kilo Quitten abreiben"),
        (
            "Garden/Pflanzliste.csv",
            "Pflanze | Stück | Preis je Stück | Lieferant | Liefertermin\nSteineiche | 40 | 185,00 € | P",
        ),
        (
            "Pictures/Feigenbaum.jpg",
            "Taken: 2026-10-21 16:03:22\nCamera: Sommer Reise 4\nPlace: 38.70750, -9.13650\nDescription: The fig",
        ),
    ],
)
def test_what_the_household_keeps_is_read_in_the_jail(reads: Reads, name: str, words: str) -> None:
    note = reads(name, SAMPLES[name])
    assert words in note.text
    assert note.problems == ()


def png() -> bytes:
    """A picture with a title."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 4, 3, 8, 0, 0, 0, 0)),
        (b"tEXt", b"Title\0Figs"),
        (b"IDAT", zlib.compress(bytes(15))),
    )
    made = (struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("a.txt", "Grüße\n".encode("utf-16"), "Grüße\n"),
        ("a.md", b"# Title\n", "# Title\n"),
        ("mail", b"From: Tom <t@x.example>\nTo: a@y.example\nDate: Tue, 24 Nov 2026 08:00:00 +0000\nSubject: Hi\n\nHello\n",
         "Hi\nFrom: Tom <t@x.example>\nTo: a@y.example\nDate: 2026-11-24 09:00\n\nHello"),
        ("a.ics", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nSUMMARY:Review\nLOCATION:Ulm\nDTSTART:20261124T080000Z\n"
         b"DTEND:20261124T090000Z\nEND:VEVENT\nEND:VCALENDAR\n", "Review\n2026-11-24 09:00–10:00\nUlm"),
        ("a.csv", b'a,b\n"x, y",2\n', "a | b\nx, y | 2"),
        ("a.tsv", b"a\tb\n1\t2\n", "a | b\n1 | 2"),
        ("a.csv", b"one column\nof words\n", "one column\nof words\n"),
        ("a.htm", '<meta charset="iso-8859-1"><p>Gr\xfc\xdfe<p style="display:none">secret'.encode("latin-1"), "Grüße"),
        ("picture.png", png(), "Picture: 4 × 3 pixels, PNG\nTitle: Figs\n("),
    ],
    ids=lambda each: each if isinstance(each, str) and len(each) < 12 else "",
)  # fmt: skip
def test_other_kinds_are_read_too(reads: Reads, name: str, content: bytes, text: str) -> None:
    assert reads(name, content).text.startswith(text)


def test_what_a_file_is_its_bytes_say_and_not_its_name(reads: Reads) -> None:
    assert "Guthaben von 127,35 Euro" in reads("letter.docx", SAMPLES["Flat/Heizkosten.pdf"]).text
    assert "drei Monate" in reads("contract.txt", SAMPLES["Flat/Mietvertrag.docx"]).text
    assert reads("page.txt", SAMPLES["Recipes/Quittengelee.html"]).text.startswith("Quittengelee von Helga\n\nEin Kilo")
    assert "Taken: 2026" in reads("letter.pdf", SAMPLES["Pictures/Feigenbaum.jpg"]).text
    note = reads("scan.pdf", b"Only words.")
    assert (note.text, note.problems) == ("Only words.", ("Its name says PDF, and it is text.",))


def heic() -> bytes:
    """A picture of a telephone: its size in a box, and the EXIF of another file."""
    exif = SAMPLES["Pictures/Feigenbaum.jpg"].partition(b"Exif\0\0")[2][:400]
    return b"\0\0\0\x18ftypheic\0\0\0\0" + b"ispe\0\0\0\0\0\0\x0f\xc0\0\0\x0b\xd0" + b"\0\0\0\x06Exif\0\0" + exif


def test_of_a_heic_picture_what_stands_beside_it_is_read(reads: Reads) -> None:
    text = reads("a.heic", heic()).text
    assert text.startswith("Picture: 4032 × 3024 pixels, HEIF\nTaken: 2026-10-21 16:03:22\nCamera: Sommer Reise 4\nPlace: 38.7")


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "WEBP", "GIF", "PNG"])
def test_pictures_of_other_programs_are_read(reads: Reads, kind: str) -> None:
    image = Image.new("L", (40, 30))
    exif = image.getexif()
    exif[0x010E], exif[0x0110], exif[0x0132] = "The terrace", "Reise 4", "2026:08:14 16:03:22"
    kept = BytesIO()
    image.save(kept, kind, **({} if kind == "GIF" else {"exif": exif}))
    lines = reads(f"a.{kind.lower()}", kept.getvalue()).text.split("\n")
    assert lines[0] == f"Picture: 40 × 30 pixels, {kind}"
    if kind != "GIF":
        assert lines[1:-1] == ["Taken: 2026-08-14 16:03:22", "Camera: Reise 4", "Description: The terrace"]


def with_part(name: str, content: bytes, parts: bytes) -> bytes:
    """An archive with one more part."""
    kept = BytesIO(parts)
    with zipfile.ZipFile(kept, "a") as archive:
        archive.writestr(name, content)
    return kept.getvalue()


def locked(archive: bytes) -> bytes:
    """An archive of which every part says that it is encrypted."""
    return archive.replace(b"PK\x03\x04\x14\0\0\0", b"PK\x03\x04\x14\0\1\0").replace(
        b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\1\0"
    )


def encrypted_pdf(password: str = "word") -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf("A secret."))))
    writer.encrypt(password, "owner", algorithm="AES-256")
    kept = BytesIO()
    writer.write(kept)
    return kept.getvalue()


EVENT = "BEGIN:VEVENT\r\nSUMMARY:Meeting {}\r\nDTSTART:20261124T080000Z\r\nDESCRIPTION:{}\r\nEND:VEVENT\r\n"


def calendar(events: int, words: str) -> bytes:
    return f"BEGIN:VCALENDAR\r\n{''.join(EVENT.format(n, words) for n in range(events))}END:VCALENDAR\r\n".encode()


SCAN = (
    *(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"),
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
)
CIPHERED = b'<EncryptedData><CipherReference URI="book/c1.xhtml"/></EncryptedData>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SECRETS = {"META-INF/manifest.xml": "<encryption-data/>", "content.xml": "x"}
DRAWN = '<w:p xmlns:w="w"><w:r><w:t>Hi</w:t><w:drawing/></w:r></w:p>'
RUN = '<w:p xmlns:w="w"><w:r><w:t>{}</w:t></w:r></w:p>'
ODT = "application/vnd.oasis.opendocument.text"


@pytest.mark.parametrize(
    ("name", "content", "words", "problem"),
    [
        ("long.pdf", lambda: pdf("\n".join(["a line"] * 45 * 320)), "a line", "300 of its 320 pages were read."),
        ("scan.pdf", lambda: pdf_of(SCAN), "", EMPTY),
        ("locked.pdf", encrypted_pdf, "", ENCRYPTED),
        ("half.pdf", lambda: pdf("words")[:300], "", "It could not be read as PDF."),
        ("locked.docx", lambda: locked(docx("A secret.")), "", ENCRYPTED),
        ("locked.odt", lambda: packed({"mimetype": ODT, **SECRETS}), "", ENCRYPTED),
        ("locked.epub", lambda: with_part("META-INF/encryption.xml", CIPHERED, epub("A\n# B\n\nSecret.")), "", ENCRYPTED),
        ("fonts.epub", lambda: with_part("META-INF/encryption.xml", b'<a URI="book/f.ttf"/>', epub("A\n# B")), "A", ""),
        ("old.doc", lambda: OLE + bytes(600), "", "It is a file of an old or locked Office program."),
        ("a.rtf", lambda: b"{\\rtf1 x}", "", "It is an RTF file, which is not read."),
        ("a.xlsx", lambda: packed({"xl/workbook.xml": "<x/>"}), "", "It is a XLSX file, which is not read."),
        ("macros.docm", lambda: with_part("word/vbaProject.bin", b"x", docx("Words.")), "Words.", "Its macros were left out."),
        ("a.docx", lambda: packed({"word/document.xml": DRAWN}), "Hi", "1 picture in it was left out."),
        ("cut.docx", lambda: packed({"word/document.xml": RUN.format("Hi")[:-6]}), "Hi", "It is damaged; only what"),
        ("a.eml", lambda: b"Subject: x\nFrom: a@x.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHi\n--b\n"
         b"Content-Type: application/pdf; name=bill.pdf\n\nx\n--b--\n", "Hi", "1 attachment left out: bill.pdf."),
        ("long.txt", lambda: b"word " * 100_000, "word", CUT),
        ("long.csv", lambda: b"a;b\n" + b"word;word\n" * 60_000, "a | b", "Only its first 3"),
        ("book.epub", lambda: epub("Title" + f"\n# One\n\n{'word ' * 50_000}" * 5), "Title", "2 of its 5 chapters were read."),
        ("long.ics", lambda: calendar(9_000, "x"), "Meeting 0\n2026-11-24", "Only its first 3,999 entries were read."),
        ("large.ics", lambda: calendar(2_000, "word " * 200), "Meeting 0\n2026-11-24", "Only its first 9"),
        ("a.jpg", lambda: b"\xff\xd8\xff\xe0" + bytes(50), "", "It could not be read as a picture."),
        ("a.bin", lambda: b"\0\1\2", "", "This is no text: it has NUL bytes in it."),
    ],
    ids=lambda each: each if isinstance(each, str) and "." in each[:12] else "",
)  # fmt: skip
def test_what_was_left_out_is_said(reads: Reads, name: str, content: Callable[[], bytes], words: str, problem: str) -> None:
    note = reads(name, content())
    assert words in note.text
    assert bool(note.text) == bool(words)
    assert [each for each in note.problems if each.startswith(problem)] or not problem, note.problems
    assert len(note.text) <= LONGEST_TEXT


def test_what_is_encrypted_and_wants_no_password_is_read(reads: Reads) -> None:
    """As statements of banks are, that may be read and printed but not changed."""
    assert reads("a.pdf", encrypted_pdf("")).text == "A secret."


@pytest.mark.parametrize("name", ["hidden", "deleted", "field", "again"])
def test_what_the_reader_of_a_document_does_not_see_is_not_read(reads: Reads, name: str) -> None:
    run = "<w:r>{}<w:t>secret</w:t></w:r>"
    hidden = {
        "hidden": run.format("<w:rPr><w:vanish/></w:rPr>"),
        "deleted": f"<w:del>{run.format('')}</w:del>",
        "field": "<w:r><w:instrText>secret</w:instrText></w:r>",
        "again": f'<m:AlternateContent xmlns:m="m"><m:Fallback>{run.format("")}</m:Fallback></m:AlternateContent>',
    }
    page = f'<w:body xmlns:w="w"><w:p><w:r><w:t>seen</w:t></w:r>{hidden[name]}<w:r><w:t> and read</w:t></w:r></w:p></w:body>'
    assert reads("a.docx", packed({"word/document.xml": page})).text == "seen and read"


ENTITIES = (
    '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY u SYSTEM "http://127.0.0.1:9/x"><!ENTITY s "said">'
    '<!ENTITY % p SYSTEM "file:///etc/hostname">%p;]>'
)


@pytest.mark.parametrize("entity", ["&f;", "&u;", "&s;"])
def test_no_entity_of_a_document_means_anything(reads: Reads, entity: str) -> None:
    """Nor does it have a file or a server looked at: in the jail it could not, and the readers alone do not either."""
    made = {
        "a.docx": packed({"word/document.xml": ENTITIES + RUN.format(entity)}),
        "a.odt": packed({"mimetype": ODT, "content.xml": f'{ENTITIES}<t:p xmlns:t="t">{entity}</t:p>'}),
        "a.epub": packed({"META-INF/container.xml": f'{ENTITIES}<c><rootfile full-path="{entity}"/>{entity}</c>'}),
        "a.html": f"{ENTITIES}<html><p>{entity}</p>".encode(),
    }
    for name, content in made.items():
        for note in (reads(name, content), read_document(name, content)):
            assert not {"root:", "said"}.intersection(note.text.split())
            assert "/bin/" not in note.text


def test_pages_are_read_until_the_time_is_over() -> None:
    clock: Sequence[float] = [0.0, 1.0, 2.0, 6.0]
    found = read_pdf(pdf("\n".join(["a line"] * 45 * 9)), iter(clock).__next__)
    assert found.problems == ("3 of its 9 pages were read.",)
    assert found.text.count("a line") == 3 * 45


@pytest.mark.parametrize(
    ("module", "name", "content"),
    [("langchain_community", "a.pdf", b"%PDF-1.4 \0"), ("PIL.Image", "a.jpg", b"\xff\xd8\xff\xe0")],
)
def test_without_the_extra_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, module: str, name: str, content: bytes
) -> None:
    for each in [one for one in sys.modules if one == module or one.startswith(f"{module}.")]:
        monkeypatch.delitem(sys.modules, each)
    monkeypatch.setitem(sys.modules, module, None)
    found = read_document(name, content)
    assert found.text == ""
    assert found.problems[0].endswith("Install the extra `documents`.")


def test_of_a_picture_that_is_too_large_to_be_unpacked_the_size_is_told(reads: Reads) -> None:
    large = png().replace(struct.pack(">II", 4, 3), struct.pack(">II", 60_000, 50_000))
    body = large[12:29]
    assert reads("a.png", large.replace(large[29:33], struct.pack(">I", zlib.crc32(body)))).text.startswith(
        "Picture: 60000 × 50000 pixels, PNG"
    )


def test_a_picture_of_nowhere_and_never_has_no_such_lines(reads: Reads) -> None:
    nowhere = jpeg("A wall", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), ("", "X"), (95.0, 200.0))
    assert "Place:" not in reads("a.jpg", nowhere).text
    assert "Taken:" not in reads("a.jpg", nowhere.replace(b"2026:01:01", b"0000:00:00")).text


def test_the_text_of_a_page_has_its_title_once(reads: Reads) -> None:
    assert reads("a.html", html("Title\nWords")).text == "Title\n\nWords"
    assert reads("a.html", b"<!doctype html><title>Same</title><h1>Same</h1>").text == "Same"
