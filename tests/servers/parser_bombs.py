"""What was seen to keep parsers busy for ever, to eat their memory or to end them: by kind of source, and by name."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import accumulate

from butler.core.calendar import RawObject
from butler.core.contacts import RawCards
from butler.core.mail import RawMail
from butler.core.notes import RawNote
from butler.core.sources import Raw, SourceKind

Bomb = Callable[[], bytes]
"""They are made when they are needed: some are large."""

_BASE64 = b"A" * 76 + b"\n"
_HTML = b"Content-Type: text/html; charset=utf-8\n\n"
_MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"


def _nested(depth: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))


def _rfc2231(size: int) -> bytes:
    names = [b"a*%d=x; " % n for n in range(size // 10)]
    return b"Content-Disposition: attachment; " + b"".join(names)[:size] + b"\n\nx"


MAILS: Mapping[str, Bomb] = {
    "2,000 nested multiparts": lambda: _nested(2_000),
    "20,000 nested multiparts": lambda: _nested(20_000),
    "100,000 MIME parts": lambda: _MIXED + b"--b\n\nx\n" * 100_000,
    "a million MIME parts": lambda: _MIXED + b"--b\n\nx\n" * 1_000_000,
    "10,000 mails in each other": lambda: b"Content-Type: message/rfc822\n\n" * 10_000,
    "RFC 2231 parameters, 0.2 MB": lambda: _rfc2231(200_000),
    "RFC 2231 parameters, 0.2 MB, in a part": lambda: _MIXED + b"--b\n" + _rfc2231(200_000) + b"\n--b--\n",
    "RFC 2231 parameters in 190 parts of 0.06 MB": lambda: _MIXED + (b"--b\n" + _rfc2231(60_000) + b"\n") * 190,
    "20,000 encoded words": lambda: b"Subject: " + b"=?utf-8?q?aaaaaa?= " * 20_000 + b"\n\nx",
    "encoded words in 190 names of files": lambda: (
        _MIXED + (b"--b\nContent-Type: a/b; name=" + b"=?utf-8?q?a?=" * 2_000 + b"\n\nx\n") * 190
    ),
    "5,000 nested comments": lambda: b"To: " + b"(" * 5_000 + b"a@x.example\n\nx",
    "nested comments in all fields": lambda: b"".join(
        name + b": " + b"(" * 10_000 + b"a@x.example\n" for name in (b"From", b"To", b"Cc", b"Reply-To", b"Date", b"Sender")
    ),
    "charset of a path": lambda: b'Content-Type: text/plain; charset="../../etc"\n\nx',
    "charset of 0.06 MB": lambda: b"Content-Type: text/plain; charset=" + b"x" * 60_000 + b"\n\nx",
    "a header of 20 MB": lambda: b"Subject: " + b"x" * 20_000_000 + b"\n\nx",
    "3 million headers": lambda: b"X: y\n" * 3_000_000 + b"\nx",
    "3 million headers of a part": lambda: _MIXED + b"--b\n" + b"X: y\n" * 3_000_000 + b"\nx",
    "a header folded a million times": lambda: b"Subject: x\n" + b" y\n" * 1_000_000 + b"\nx",
    "a header of folds of a part": lambda: _MIXED + b"--b\nContent-Type: a/b;\n" + b" y\n" * 1_000_000 + b"\nx",
    "24 million empty lines": lambda: b"Subject: x\n\n" + b"\n" * 24_000_000,
    "24 MB of base64": lambda: b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + _BASE64 * 310_000,
    "24 MB that are no base64": lambda: (
        b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + b"=!\n" * 8_000_000
    ),
    "24 MB of quoted-printable": lambda: (
        b"Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n" + b"=" * 24_000_000
    ),
    "24 MB of boundaries that never are": lambda: _MIXED + b"--b \n--c\n--bb\n" * 2_000_000,
    "uuencode without end": lambda: (
        b"Content-Type: text/plain\nContent-Transfer-Encoding: x-uuencode\n\nbegin 6 x\n" + b"M" * 5_000_000
    ),
    "UTF-7 of nothing": lambda: b"Content-Type: text/plain; charset=utf-7\n\n" + b"+AAA-" * 1_000_000,
    "addresses in brackets": lambda: b"From: " + b"<a@" * 20_000 + b"\n\nx",
    "addresses with quotes": lambda: b"From: " + b'"\\' * 30_000 + b"\n\nx",
    "a million empty groups": lambda: b"To: " + b"a:;," * 16_000 + b"\n\nx",
    "a table of quotes": lambda: b"Subject: x\n\n" + b"> " * 1_000_000,
    "HTML: 0.12 MB of <a": lambda: _HTML + b"<a " * 40_000,
    "HTML: 20 MB of <a": lambda: _HTML + b"<a " * 7_000_000,
    "HTML: 100,000 elements in each other": lambda: _HTML + b"<div>" * 100_000 + b"x",
    "HTML: a million elements in each other": lambda: _HTML + b"<div>" * 1_000_000 + b"x",
    "HTML: quotes in each other": lambda: _HTML + b"<blockquote>" * 50_000 + b"x<br>" * 1_000,
    "HTML: a million attributes": lambda: _HTML + b"<p " + b"".join(b"a%d=x " % n for n in range(1_000_000)) + b">x",
    "HTML: entities of entities": lambda: (
        _HTML
        + b'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
        + b"]><p>&a11;</p>"
    ),
    "HTML: an entity of a file": lambda: _HTML + b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><p>&a;</p>',
    "HTML: 20 MB of entities": lambda: _HTML + b"&amp;" * 4_000_000,
    "HTML: one style of 5 MB": lambda: _HTML + b"<style>" + b"a{" * 2_500_000 + b"</style>x",
    "HTML: styles that hide": lambda: _HTML + b"<style>.a{display:none}" + b"@media x{" * 20_000 + b"</style><p class=a>x",
    "HTML: a table of a million cells": lambda: _HTML + b"<table>" + b"<td>x" * 1_000_000,
    "HTML: forms and selects": lambda: _HTML + b"<select><option><form>" * 200_000,
    "HTML: comments that never end": lambda: _HTML + b"<!--" * 1_000_000,
}


def _event(lines: bytes) -> bytes:
    return b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nSUMMARY:Boom\n" + lines + b"\nEND:VEVENT\nEND:VCALENDAR\n"


_START = b"DTSTART:20200101T000000Z\n"
_YEARLY = b"BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=SECONDLY\nEND:STANDARD\n"

OBJECTS: Mapping[str, Bomb] = {
    "a million EXDATEs in one line": lambda: _event(_START + b"RRULE:FREQ=DAILY\nEXDATE:" + b"20261128T100000Z," * 1_000_000),
    "a million EXDATEs in as many lines": lambda: _event(
        _START + b"RRULE:FREQ=DAILY\n" + b"EXDATE:20261128T100000Z\n" * 1_000_000
    ),
    "EXDATEs, 1 MB in ten lines": lambda: _event(
        _START + b"RRULE:FREQ=DAILY\n" + (b"EXDATE:" + b"20261128T100000Z," * 5_800 + b"20261128T100000Z\n") * 10
    ),
    "RDATEs, 1 MB in ten lines": lambda: _event(
        _START
        + b"".join(
            b"RDATE:"
            + b",".join(b"20%02d%02d%02dT%02d0000Z" % (26 + k, n % 12 + 1, n % 28 + 1, n % 24) for n in range(5_800))
            + b"\n"
            for k in range(10)
        )
    ),
    "every second, for ever": lambda: _event(_START + b"RRULE:FREQ=SECONDLY"),
    "every second of some hours": lambda: _event(
        _START + b"RRULE:FREQ=YEARLY;BYHOUR=1,2,3;BYMINUTE=1,2;BYSECOND=" + b",".join(b"%d" % n for n in range(60))
    ),
    "a rule that never comes true": lambda: _event(_START + b"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
    "3,000 rules that never come true": lambda: (
        b"BEGIN:VCALENDAR\n"
        + b"".join(
            b"BEGIN:VEVENT\nUID:u%d\n%bRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\nEND:VEVENT\n" % (n, _START)
            for n in range(3_000)
        )
        + b"END:VCALENDAR\n"
    ),
    "3,000 overrides": lambda: (
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\n%bRRULE:FREQ=DAILY\nEND:VEVENT\n" % _START
        + b"".join(
            b"BEGIN:VEVENT\nUID:u\nRECURRENCE-ID;RANGE=THISANDFUTURE:20%02d%02d%02dT000000Z\nDTSTART:20261101T000000Z\nEND:VEVENT\n"
            % (20 + n // 336, n // 28 % 12 + 1, n % 28 + 1)
            for n in range(3_000)
        )
        + b"END:VCALENDAR\n"
    ),
    "a zone that changes every second": lambda: (
        b"BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Z\n"
        + _YEARLY
        + b"END:VTIMEZONE\nBEGIN:VEVENT\nUID:u\nDTSTART;TZID=Z:20261124T080000\nEND:VEVENT\nEND:VCALENDAR\n"
    ),
    "1,500 zones": lambda: (
        b"BEGIN:VCALENDAR\n"
        + b"".join(
            b"BEGIN:VTIMEZONE\nTZID:Z%d\n%bEND:VTIMEZONE\n" % (n, _YEARLY.replace(b"SECONDLY", b"YEARLY")) for n in range(1_500)
        )
        + b"".join(b"BEGIN:VEVENT\nUID:u%d\nDTSTART;TZID=Z%d:20261124T080000\nEND:VEVENT\n" % (n, n) for n in range(1_500))
        + b"END:VCALENDAR\n"
    ),
    "a zone of a path": lambda: _event(b"DTSTART;TZID=../../../../etc/passwd:20261124T080000"),
    "a zone without end": lambda: _event(b"DTSTART;TZID=" + b"A/" * 400_000 + b":20261124T080000"),
    "a line folded 300,000 times": lambda: _event(_START + b"DESCRIPTION:x\n" + b" y\n" * 300_000),
    "components in each other": lambda: b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * 19_000,
    "alarms in each other": lambda: _event(_START + b"BEGIN:VALARM\n" * 9_000 + b"END:VALARM\n" * 9_000),
    "a quote that never ends": lambda: _event(_START + b"ATTENDEE;CN=" + b'"' * 900_000 + b":x"),
    "300,000 parameters": lambda: _event(_START + b"X;" + b"A=;" * 300_000 + b":x"),
    "3,900 broken tasks": lambda: (
        b"BEGIN:VCALENDAR\nGARBAGE\n" + b"BEGIN:VTODO\nPRIORITY:x\nPERCENT-COMPLETE:x\nUID:u\nEND:VTODO\n" * 3_900
    ),
    "15,000 attendees": lambda: _event(_START + b"ATTENDEE;CN=x;PARTSTAT=ACCEPTED:mailto:a@x.example\n" * 15_000),
    "9 MB of folds": lambda: b"BEGIN:VCALENDAR\n" + b"\n " * 4_500_000,
    "a vCard, folded": lambda: b"BEGIN:VCARD\nVERSION:3.0\nFN:x\nPHOTO;ENCODING=b:" + b"A\n " * 300_000 + b"\nEND:VCARD\n",
}

NOTES: Mapping[str, Bomb] = {
    "front matter of aliases": lambda: (
        b"---\na: &a [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(9))
        + b"---\n# Note\n- [ ] Pay\n"
    ),
    "front matter nested 100,000 deep": lambda: b"---\na: " + b"[" * 100_000 + b"\n---\n# Note\n",
    "front matter without end": lambda: b"---\ndate: 2026-11-24\ngenerated_at: " + b"x" * 900_000,
    "900,000 brackets": lambda: b"[" * 900_000,
    "110,000 tasks": lambda: b"- [ ] x\n" * 110_000,
    "lists in each other": lambda: b"".join(b" " * n + b"- x\n" for n in range(1_200)),
    "UTF-32 of nothing": lambda: b"\xff\xfe\0\0" + b"\0\xd8\0\0" * 240_000,
}


def _pdf(*objects: bytes) -> bytes:
    """A file of these objects, the first of them the root, with a table of where they are."""
    pieces = [b"%PDF-1.7\n", *(b"%d 0 obj\n%b\nendobj\n" % each for each in enumerate(objects, 1))]
    places = [*accumulate(map(len, pieces))][:-1]
    body = b"".join(pieces)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, len(body))
    )


def _page(content: bytes, filters: bytes) -> bytes:
    return _pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<<>>>>",
        b"<</Length %d/Filter%b>>\nstream\n%b\nendstream" % (len(content), filters, content),
    )


@cache
def _large() -> bytes:
    """600 MB of spaces, compressed twice."""
    packing = zlib.compressobj(1)
    packed = [packing.compress(b" " * 1_000_000) for _ in range(600)]
    return zlib.compress(b"".join([*packed, packing.flush()]), 9)


def _zip(parts: Mapping[str, bytes], spaces: Mapping[str, int] | None = None) -> bytes:
    """An archive of parts, and of others with so many MB of spaces."""
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        for name, size in (spaces or {}).items():
            with archive.open(name, "w") as part:
                for _ in range(size):
                    part.write(b" " * 1_000_000)
    return kept.getvalue()


def _lying(archive: bytes) -> bytes:
    """The same with every size in its list of parts as nine bytes."""
    start = archive.rindex(b"PK\x01\x02")
    return archive[: start + 24] + b"\x09\0\0\0" + archive[start + 28 :]


def _laughs(use: bytes) -> bytes:
    entities = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    return b'<!DOCTYPE x [<!ENTITY a0 "ha">' + entities + b"]><x>" + use + b"</x>"


def _book(chapter: bytes, times: int) -> bytes:
    """A book that has one chapter so many times."""
    package = b"<package><item id='c' href='c'/><spine>" + b"<itemref idref='c'/>" * times + b"</spine></package>"
    return _zip({"META-INF/container.xml": b"<c><rootfile full-path='o'/></c>", "o": package, "c": b"<html>" + chapter})


def _png(body: bytes, *others: tuple[bytes, bytes]) -> bytes:
    """A picture that is said to be large, with its content and other chunks before that."""
    kinds = [(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)), *others, (b"IDAT", body), (b"IEND", b"")]
    made = [struct.pack(">I", len(each)) + kind + each + struct.pack(">I", zlib.crc32(kind + each)) for kind, each in kinds]
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


_ODT = b"application/vnd.oasis.opendocument.text"

DOCUMENTS: Mapping[str, Bomb] = {
    "bomb.pdf": lambda: _page(_large(), b"[/FlateDecode/FlateDecode]"),
    "circle.pdf": lambda: _pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"),
    "deep.pdf": lambda: _pdf(b"<</Type/Catalog/Pages " + b"[" * 100_000 + b">>"),
    "pages.pdf": lambda: _pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[" + b"3 0 R " * 20_000 + b"]/Count 20000>>",
        b"<</Type/Page/Parent 2 0 R>>",
    ),
    "deep.eml": lambda: _nested(2_000),
    "parts.eml": lambda: _MIXED + b"--b\n\nx\n" * 100_000,
    "words.eml": MAILS["20,000 encoded words"],
    "parameters.eml": MAILS["RFC 2231 parameters, 0.2 MB"],
    "comments.eml": lambda: b"Content-Type: text/plain; " + b"(" * 5_000 + b"\n\nx",
    "archive.docx": lambda: b"PK\x03\x04" + _large(),
    "empty.zip": lambda: b"PK\x05\x06" + bytes(18),
    "million-pages.pdf": lambda: _pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[" + b"3 0 R " * 1_000_000 + b"]/Count 1000000>>",
        b"<</Type/Page/Parent 2 0 R>>",
    ),
    "objects.pdf": lambda: _pdf(b"<</Type/Catalog/Pages 2 0 R>>", *[b"<<>>"] * 100_000),
    "slow.pdf": lambda: _page(zlib.compress(b"BT (a) Tj ET " * 1_500_000, 9), b"/FlateDecode"),
    "spaces.docx": lambda: _zip({}, {"word/document.xml": 200}),
    "a large part that says 9.docx": lambda: _lying(_zip({}, {"word/document.xml": 200})),
    "large parts.docx": lambda: _zip({}, {f"word/header{n}.xml": 25 for n in range(8)}),
    "100,000 parts.docx": lambda: _zip({f"word/header{n}.xml": b"" for n in range(60_000)}),
    "laughs.docx": lambda: _zip({"word/document.xml": _laughs(b"<w:p>&a11;</w:p>")}),
    "laughs in an attribute.odt": lambda: _zip({"mimetype": _ODT, "content.xml": _laughs(b"<t:p c='&a11;'>x</t:p>")}),
    "laughs.epub": lambda: _zip({"META-INF/container.xml": _laughs(b"<rootfile full-path='&a11;'/>")}),
    "deep.docx": lambda: _zip({"word/document.xml": b"<w:p>" * 1_000_000}),
    "paragraphs.docx": lambda: _zip({"word/document.xml": b"<w:p>" + b"<w:p/>" * 4_900_000}),
    "cells.docx": lambda: _zip({"word/document.xml": b"<w:tbl><w:tr>" + b"<w:tc><w:p/></w:tc>" * 1_500_000}),
    "attributes.odt": lambda: _zip(
        {"mimetype": _ODT, "content.xml": b"<x " + b"".join(b"a%d='' " % n for n in range(200_000)) + b"/>"}
    ),
    "spaces.odt": lambda: _zip({"mimetype": _ODT, "content.xml": b"<t:p xmlns:t='t'>" + b"<t:s t:c='999999999'/>" * 900_000}),
    "chapters.epub": lambda: _book(b"<p>x</p>" * 600_000, 400),
    "the same chapter.epub": lambda: _book(b"<p>x", 300_000),
    "deep.html": lambda: b"<html>" + b"<div>" * 1_000_000 + b"x",
    "tags.html": lambda: b"<html>" + b"<a " * 7_000_000,
    "titles.html": lambda: b"<html>" + b"<title" * 3_000_000,
    "comments.txt": lambda: b"<!--" * 5_000_000,
    "rows.csv": lambda: b"a;b\n" * 6_000_000,
    "cells.csv": lambda: b"a;" * 12_000_000,
    "quote.csv": lambda: b'a;b\n"' + b'x""y;' * 4_000_000,
    "quotes.csv": lambda: b'"' * 24_000_000,
    "lines.csv": lambda: b"\n" * 24_000_000,
    "a million events.ics": lambda: b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n" * 600_000,
    "huge.png": lambda: _png(zlib.compress(bytes(8_000_000), 9)),
    "texts.png": lambda: _png(b"", *[(b"zTXt", b"Title\0\0" + _large())] * 20),
    "many texts.png": lambda: _png(b"", *[(b"tEXt", b"Title\0x")] * 900_000),
    "circle.tiff": lambda: b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0",
    "tags.tiff": lambda: b"II*\0\x08\0\0\0\xff\xff" + b"\x0e\x01\x02\0\xff\xff\xff\x7f\x08\0\0\0" * 65_535 + bytes(4),
    "segments.jpg": lambda: b"\xff\xd8" + b"\xff\xe1\0\x08Exif\0\0" * 2_400_000,
    "boxes.heic": lambda: b"\0\0\0\x18ftypheic" + b"ispe\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff" * 1_400_000,
    "exif.heic": lambda: b"\0\0\0\x18ftypheic" + b"Exif\0\0II*\0\x08\0\0\0\xff\xff" * 1_400_000,
}
"""Documents by their names: what is a PDF, a mail or an archive is told apart by them."""

_CARD = b"BEGIN:VCARD\nVERSION:3.0\nFN:x\nUID:u\n"

CARDS: Mapping[str, Bomb] = {
    "a card of 900,000 addresses": lambda: _CARD + b"EMAIL:a@b.c\n" * 900_000,
    "a note of 9 MB in one line": lambda: _CARD + b"NOTE:" + b"x" * 9_900_000,
    "a note of 3 million folds": lambda: _CARD + b"NOTE:x\n" + b" y\n" * 3_000_000,
    "a card of empty lines": lambda: _CARD + b"\n" * 9_900_000,
    "a card of lines of blanks": lambda: _CARD + (b" " * 1_000 + b"x\n") * 9_000,
    "800,000 cards in each other": lambda: b"BEGIN:VCARD\n" * 800_000,
    "400,000 cards of nothing": lambda: b"BEGIN:VCARD\nEND:VCARD\n" * 400_000,
    "a property of 4 million groups": lambda: _CARD + b"a." * 4_000_000 + b"EMAIL:x@y.z",
    "a property of 2 million parameters": lambda: _CARD + b"EMAIL" + b";A=b" * 2_000_000 + b":x@y.z",
    "a head of quotes and colons": lambda: _CARD + b'EMAIL;TYPE="' + b':"' * 4_000_000,
    "a name of 9 million parts": lambda: _CARD + b"N:" + b";" * 9_000_000,
    "a name of 4 million escapes": lambda: _CARD + b"N:" + b"\\;" * 4_000_000,
    "quoted-printable without end": lambda: _CARD + b"NOTE;ENCODING=QUOTED-PRINTABLE:" + b"=\n" * 3_000_000,
    "punycode of 9 MB": lambda: _CARD + b"NOTE;CHARSET=punycode:" + b"a" * 9_000_000,
    "lists of nicknames": lambda: _CARD + (b"NICKNAME:" + b"a," * 10_000 + b"\n") * 400,
    "100,000 cards": lambda: b"".join(
        b"BEGIN:VCARD\nUID:%d\nFN:x %d\nEMAIL:a%d@x.example\nBDAY:--0229\nEND:VCARD\n" % (n, n, n) for n in range(100_000)
    ),
}

BOMBS: Mapping[SourceKind, Mapping[str, Bomb]] = {"mail": MAILS, "calendar": OBJECTS, "notes": NOTES, "contacts": CARDS}


@dataclass(frozen=True)
class Thing:
    """A bomb as it comes: what it is called, of what kind, and the tool that reads it where that is not its source's."""

    name: str
    kind: SourceKind
    made: Bomb
    found: Mapping[SourceKind, str] | None = None

    def raw(self, key: str = "k") -> Raw:
        """What a source hands over."""
        content = self.made()
        if self.kind == "mail":
            return RawMail(key, frozenset(), 1_795_000_000, len(content), whole=content)
        if self.kind == "contacts":
            return RawCards(key, "v", content)
        return RawObject(key, "v", content) if self.kind == "calendar" else RawNote(self.name, "v", 0, content)


THINGS: Sequence[Thing] = [
    *(Thing(name, kind, made) for kind, bombs in BOMBS.items() for name, made in bombs.items()),
    *(Thing(name, "notes", made, {"notes": "tools.files.loaders:TOOL"}) for name, made in DOCUMENTS.items()),
]
"""All of them."""
