"""Makes small files of the kinds that people keep from text; the same text, the same bytes."""

from __future__ import annotations

import datetime as dt
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from io import BytesIO

_MOMENT = (2026, 1, 1, 0, 0, 0)
_LINES, _STEP, _TOP, _LEFT = 45, 16, 780, 60
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_CELL = " | "
_WIDE, _HIGH, _BLOCK = 640, 480, 8


def pdf(text: str) -> bytes:
    """A PDF file with a text layer, its lines as they are, so many on a page."""
    lines = text.split("\n")
    pages = [lines[at : at + _LINES] for at in range(0, len(lines), _LINES)]
    font = 3 + 2 * len(pages)
    kids = b" ".join(b"%d 0 R" % (3 + 2 * at) for at in range(len(pages)))
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, len(pages))]
    for at, page in enumerate(pages):
        content = _shown(page)
        resources = b"/Resources<</Font<</F %d 0 R>>>>" % font
        objects.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]%b/Contents %d 0 R>>" % (resources, 4 + 2 * at))
        objects.append(b"<</Length %d>>\nstream\n%b\nendstream" % (len(content), content))
    objects.append(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
    return pdf_of(objects)


def pdf_of(objects: Sequence[bytes], more: bytes = b"") -> bytes:
    """A PDF file of these objects, the first of them the root; `more` stands in its trailer."""
    body, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer\n<</Root 1 0 R/Size %d%b>>\nstartxref\n%d\n%%%%EOF\n" % (size, more, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table) + trailer


def _shown(lines: Sequence[str]) -> bytes:
    shown = [b"BT /F 11 Tf %d TL %d %d Td" % (_STEP, _LEFT, _TOP)]
    for line in lines:
        words = line.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        shown.append(b"(%b) Tj T*" % words)
    return b"\n".join([*shown, b"ET"])


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip file of these parts; one named mimetype is first and not compressed, as OpenDocument and EPUB want it."""
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return kept.getvalue()


def docx(text: str) -> bytes:
    """A Word document: a paragraph a line; lines of cells between bars are a table."""
    body = "".join(_word(line) for line in text.split("\n"))
    relation = f'<Relationship Id="r" Type="{_OFFICE}" Target="word/document.xml"/>'
    package = "http://schemas.openxmlformats.org/package/2006"
    return packed(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships">{relation}</Relationships>',
            "word/document.xml": f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>',
        }
    )


def _word(line: str) -> str:
    cells = [f"<w:tc>{_paragraph(cell)}</w:tc>" for cell in _cells(line)]
    return f"<w:tbl><w:tr>{''.join(cells)}</w:tr></w:tbl>" if cells else _paragraph(line)


def _paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def _cells(line: str) -> Sequence[str]:
    return line.strip("| ").split(_CELL) if line.startswith("|") else ()


def odt(text: str) -> bytes:
    """An OpenDocument text: a paragraph a line."""
    kind = "application/vnd.oasis.opendocument.text"
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n"))
    content = (
        f'<office:document-content xmlns:office="{_ODF}:office:1.0" xmlns:text="{_ODF}:text:1.0">'
        f"<office:body><office:text>{lines}</office:text></office:body></office:document-content>"
    )
    return packed({"mimetype": kind, "content.xml": content})


def epub(text: str) -> bytes:
    """A book: its title is the first line, and each heading begins a chapter."""
    title, *chapters = text.split("\n# ")
    named = {f"c{number}.xhtml": _chapter(chapter) for number, chapter in enumerate(chapters, 1)}
    items = "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in named)
    spine = "".join(f'<itemref idref="{name}"/>' for name in named)
    dublin = "http://purl.org/dc/elements/1.1/"
    return packed(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container><rootfiles><rootfile full-path="book/a.opf"/></rootfiles></container>',
            "book/a.opf": (
                f'<package xmlns:dc="{dublin}"><metadata><dc:title>{escape(title.strip())}</dc:title></metadata>'
                f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
            ),
            **{f"book/{name}": page for name, page in named.items()},
        }
    )


def _chapter(text: str) -> str:
    heading, _, rest = text.partition("\n")
    return (
        f"<html><head><title>{escape(heading)}</title></head><body><h1>{escape(heading)}</h1>{_paragraphs(rest)}</body></html>"
    )


def html(text: str) -> bytes:
    """A page: the first line is its title, and paragraphs are parted by empty lines."""
    title, _, rest = text.partition("\n")
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>'
    return f"<!doctype html><html><head>{head}</head><body>{_paragraphs(rest)}</body></html>".encode()


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(each.strip())}</p>" for each in text.split("\n\n") if each.strip())


def jpeg(description: str, taken: dt.datetime, camera: tuple[str, str], place: tuple[float, float]) -> bytes:
    """A grey picture with what cameras write beside theirs: when, with what and where (degrees north and east) it was taken."""
    exif = b"Exif\0\0" + _exif(description, taken, camera, place)
    frame = struct.pack(">BHHB3B", 8, _HIGH, _WIDE, 1, 1, 0x11, 0)
    # One code for each table: no change from block to block, and nothing more in any block.
    table = bytes([1, *[0] * 15, 0])
    blocks = (_WIDE // _BLOCK) * (_HIGH // _BLOCK)
    parts = ((0xE1, exif), (0xDB, bytes([0, *[1] * 64])), (0xC0, frame), (0xC4, b"\0" + table), (0xC4, b"\x10" + table))
    scan = bytes([1, 1, 0, 0, 63, 0])
    marked = b"".join(struct.pack(">BBH", 0xFF, mark, len(part) + 2) + part for mark, part in (*parts, (0xDA, scan)))
    return b"\xff\xd8" + marked + bytes(blocks * 2 // 8) + b"\xff\xd9"


_Entry = tuple[int, int, int, bytes]
"""A tag, the kind and the number of its values, and these."""


def _exif(description: str, taken: dt.datetime, camera: tuple[str, str], place: tuple[float, float]) -> bytes:
    moment = f"{taken:%Y:%m:%d %H:%M:%S}"
    own = [_text(0x010E, description), _text(0x010F, camera[0]), _text(0x0110, camera[1])]
    head = 8 + _size([*own, *_parts(0, 0)])
    exact, where = [_text(0x9003, moment)], list(_where(*place))
    whole = [*own, *_parts(head, head + _size(exact))]
    return b"II*\0" + struct.pack("<I", 8) + _table(whole, 8) + _table(exact, head) + _table(where, head + _size(exact))


def _parts(exact: int, where: int) -> Iterator[_Entry]:
    """Where the other two tables are."""
    yield 0x8769, 4, 1, struct.pack("<I", exact)
    yield 0x8825, 4, 1, struct.pack("<I", where)


def _where(latitude: float, longitude: float) -> Iterator[_Entry]:
    yield _text(1, "S" if latitude < 0 else "N")
    yield 2, 5, 3, _degrees(abs(latitude))
    yield _text(3, "W" if longitude < 0 else "E")
    yield 4, 5, 3, _degrees(abs(longitude))


def _degrees(angle: float) -> bytes:
    return struct.pack("<6I", int(angle), 1, 0, 1, round((angle - int(angle)) * 3_600_000), 1000)


def _text(tag: int, text: str) -> _Entry:
    value = text.encode() + b"\0"
    return tag, 2, len(value), value


def _size(entries: Sequence[_Entry]) -> int:
    return 2 + 12 * len(entries) + 4 + sum(len(value) + len(value) % 2 for *_, value in entries if len(value) > 4)


def _table(entries: Sequence[_Entry], at: int) -> bytes:
    """A table that lies `at` so many bytes into the whole; long values stand behind it."""
    behind = at + 2 + 12 * len(entries) + 4
    rows, rest = struct.pack("<H", len(entries)), b""
    for tag, kind, count, value in entries:
        rows += struct.pack("<HHI", tag, kind, count)
        if len(value) > 4:
            rows += struct.pack("<I", behind + len(rest))
            rest += value + bytes(len(value) % 2)
        else:
            rows += value.ljust(4, b"\0")
    return rows + bytes(4) + rest
