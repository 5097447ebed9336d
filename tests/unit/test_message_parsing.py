"""Mails of every kind and brokenness become messages: right where they can be read, with a problem where they cannot."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from butler.core.mail import Address, Attachment, Message, RawMail, RawPart
from tools.mail.message import parse


def whole(content: bytes | str) -> Message:
    content = content.encode() if isinstance(content, str) else content
    return parse(RawMail("k", frozenset({"\\seen"}), 1_795_000_000, len(content), whole=content))


def headed(header: str | bytes) -> Message:
    header = header.encode() if isinstance(header, str) else header
    return parse(RawMail("k", frozenset(), 1_795_000_000, len(header), header))


def part(content: bytes, charset: str = "utf-8", encoding: str = "8bit", media_type: str = "text/plain") -> Message:
    return parse(
        RawMail("k", frozenset(), 0, len(content), b"Subject: s\r\n\r\n", (RawPart(media_type, charset, encoding, content),))
    )


def test_what_the_source_says_is_kept() -> None:
    message = whole("Subject: hi\n\ntext")
    assert (message.key, message.flags, message.received, message.size) == ("k", frozenset({"\\seen"}), 1_795_000_000, 17)


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("Subject: plain", "plain"),
        ("subject:   folded\r\n\tover\r\n lines  ", "folded over lines"),
        ("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= an =?iso-8859-1?b?/GJlcmFsbA==?=", "Grüße an überall"),
        ("Subject: =?utf-8?b?4pyT?=\r\n =?utf-8?b?4pyT?=", "✓✓"),
        ("Subject: =?nonsense?q?a=E4?=", "aä"),
        ("Subject: =?utf-8?b?!!!?=", "=?utf-8?b?!!!?="),
        ("Subject: raw ü", "raw ü"),
        ("Subject : space before the colon", "space before the colon"),
        ("Subject: first\r\nSubject: second", "first"),
        ("X: no subject", ""),
    ],
)
def test_subjects_are_decoded(header: str, subject: str) -> None:
    assert headed(header).subject == subject


def test_a_subject_in_latin_1_without_saying_so_is_read() -> None:
    assert headed("Subject: Grüße".encode("cp1252")).subject == "Grüße"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Tom <Tom@Nordwind.Example>", [Address("Tom", "Tom@nordwind.example")]),
        ('"Nord, Tom" <tom@nordwind.example>', [Address("Nord, Tom", "tom@nordwind.example")]),
        ("=?utf-8?q?J=C3=BCrgen?= <j@nordwind.example>", [Address("Jürgen", "j@nordwind.example")]),
        ("tom@nordwind.example", [Address("", "tom@nordwind.example")]),
        ("a@x.example, B <b@x.example>", [Address("", "a@x.example"), Address("B", "b@x.example")]),
        ("Friends: a@x.example, b@x.example;", [Address("", "a@x.example"), Address("", "b@x.example")]),
        ("undisclosed-recipients:;", []),
        ("not an address", []),
        ("", []),
    ],
)
def test_addresses_are_read(value: str, expected: list[Address]) -> None:
    assert list(headed(f"To: {value}").to) == expected


def test_an_address_inside_another_does_not_pass_for_its_sender() -> None:
    message = headed("From: boss@corp.example]<mallory@evil.example>")
    assert message.sender is None or message.sender.address != "boss@corp.example"


def test_without_from_the_sender_header_counts() -> None:
    assert headed("Sender: a@x.example").sender == Address("", "a@x.example")
    assert headed("To: a@x.example").sender is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mon, 23 Nov 2026 10:00:00 +0100", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("23 Nov 2026 10:00 GMT", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("Mon, 23 Nov 2026 10:00:00 -0000", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
        ("Mon, 23 Nov 9999 23:59:59 -2300", None),
        ("Fri, 24 Nov 2090 10:00:00 +0000", None),
        ("Mon, 99 Nov 2026 99:00:00 +0100", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_dates_are_read_or_nothing(value: str, expected: datetime | None) -> None:
    assert headed(f"Date: {value}").date == expected


def test_threads_are_read_from_ids() -> None:
    message = headed("Message-ID: < a@x >\r\nIn-Reply-To: <b@x> (by phone)\r\nReferences: <c@x>\r\n\t<b@x> <c@x> junk")
    assert (message.message_id, message.in_reply_to, message.references) == ("a@x", "b@x", ("c@x", "b@x"))


def test_a_bare_message_id_is_taken_and_none_is_none() -> None:
    assert headed("Message-ID: bare@x").message_id == "bare@x"
    assert headed("Message-ID: two words").message_id == ""
    assert headed("Subject: x").message_id == ""


def test_of_very_many_references_the_first_and_the_latest_are_kept() -> None:
    message = headed("References: " + " ".join(f"<{n}@x>" for n in range(5_000)))
    assert len(message.references) == 100
    assert (message.references[0], message.references[-1]) == ("0@x", "4999@x")


@pytest.mark.parametrize(
    "header",
    [
        "List-Id: News <news.x.example>",
        "List-Unsubscribe: <mailto:a@x>",
        "Precedence: Bulk",
        "Auto-Submitted: auto-replied; x=y",
    ],
)
def test_mail_from_machines_is_bulk(header: str) -> None:
    assert headed(header).bulk


def test_mail_from_people_is_not_bulk() -> None:
    message = headed("From: a@x.example\r\nAuto-Submitted: no\r\nPrecedence: normal")
    assert (message.bulk, message.bounce) == (False, False)


def test_the_list_is_named_by_its_identifier() -> None:
    assert headed('List-Id: "The <best> list" <News.X.example>').list_id == "news.x.example"
    assert headed("List-Id: bare.x.example").list_id == "bare.x.example"


@pytest.mark.parametrize(
    "header",
    [
        "Content-Type: multipart/report; report-type=delivery-status",
        "X-Failed-Recipients: a@x.example",
        "From: MAILER-DAEMON@x.example\r\nReturn-Path: <>",
    ],
)
def test_delivery_reports_are_bounces(header: str) -> None:
    assert headed(header).bounce


@pytest.mark.parametrize(
    ("content", "charset", "encoding", "text"),
    [
        ("Grüße".encode(), "utf-8", "8bit", "Grüße"),
        ("Grüße".encode("cp1252"), "iso-8859-1", "8bit", "Grüße"),
        ("Grüße".encode("cp1252"), "utf-8", "8bit", "Grüße"),
        ("Grüße".encode(), "us-ascii", "8bit", "Grüße"),
        ("Grüße".encode(), "", "8bit", "Grüße"),
        ("Grüße".encode(), "../../etc", "8bit", "Grüße"),
        ("Grüße".encode(), "punycode", "8bit", "Grüße"),
        ("Grüße".encode(), "'utf-8'", "8bit", "Grüße"),
        (b"\xc4\xe3\xba\xc3", "gb2312", "8bit", "你好"),
        (b"R3LDvMOfZQ==", "utf-8", "BASE64", "Grüße"),
        (b"R3LDv!!MOfZQ==", "utf-8", "base64", "Grüße"),
        (b"Gr=C3=BC=C3=9Fe=\r\n!", "utf-8", "quoted-printable", "Grüße!"),
        (b"a\r\nb\rc\n", "utf-8", "7bit", "a\nb\nc\n"),
        (b"a\0b", "utf-8", "8bit", "ab"),
        (b"", "utf-8", "8bit", ""),
    ],
)
def test_texts_are_decoded(content: bytes, charset: str, encoding: str, text: str) -> None:
    assert part(content, charset, encoding).text == text


def test_what_no_charset_fits_is_said() -> None:
    message = part(b"\x81\x8d\xff", "utf-8")
    assert message.problems == ("Its text/plain part is in no charset that is known.",)


def test_broken_base64_is_said() -> None:
    assert part(b"R3LDvMOfZQ=", "utf-8", "base64").problems == ("Its text/plain part is not encoded as declared.",)


def test_lone_surrogates_are_dropped() -> None:
    assert part(b"a+2AA-b", "utf-7").text.encode()


def test_half_a_character_at_the_cut_is_no_problem() -> None:
    half = RawPart("text/plain", "utf-8", "8bit", "aü".encode()[:2], truncated=True)
    message = parse(RawMail("k", frozenset(), 0, 0, b"Subject: s\n\n", (half,)))
    assert message.text == "a"
    assert message.problems == ("Its text is longer than the limit and was cut.",)


def test_several_texts_are_joined_and_html_is_marked() -> None:
    parts = (RawPart("text/html", "utf-8", "8bit", b"<p>one</p>"), RawPart("text/html", "utf-8", "8bit", b"<p>two</p>"))
    message = parse(RawMail("k", frozenset(), 0, 0, b"Subject: s\n\n", parts))
    assert (message.text, message.html_only) == ("one\n\ntwo", True)
    mixed = (*parts, RawPart("text/plain", "utf-8", "8bit", b"three"))
    assert not parse(RawMail("k", frozenset(), 0, 0, b"Subject: s\n\n", mixed)).html_only


ALTERNATIVE = """Subject: s
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

{plain}
--b
Content-Type: text/html

<p>pretty</p>
--b--
"""


def test_of_alternatives_the_plain_one_is_read_unless_it_is_a_stub() -> None:
    assert whole(ALTERNATIVE.format(plain="plain words")).text.strip() == "plain words"
    assert whole(ALTERNATIVE.format(plain="-")).text == "pretty"


def test_attachments_are_named_and_not_read() -> None:
    content = """Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; name="=?utf-8?q?notes_=C3=BC.txt?="
Content-Disposition: attachment

not part of the text
--b
Content-Type: application/pdf; name*0*=utf-8''%41; name*1*=%C3%BC.pdf

x
--b
Content-Type: message/rfc822

Subject: inner

inner text
--b
Content-Type: image/png
Content-Disposition: inline; filename*=iso-8859-1''%FC.png

x
--b--
"""
    message = whole(content)
    assert message.text == ""
    assert [(found.name, found.media_type) for found in message.attachments] == [
        ("notes ü.txt", "text/plain"),
        ("Aü.pdf", "application/pdf"),
        ("", "message/rfc822"),
        ("ü.png", "image/png"),
    ]
    assert isinstance(message.attachments[0], Attachment)


@pytest.mark.parametrize(
    ("header", "is_cut"),
    [
        (b"To: " + b",".join(b"p%d@x.example" % number for number in range(300)), False),
        (b"To: " + b",".join(b"p%d@x.example" % number for number in range(301)), True),
        (b"Cc: " + b"x" * 20_000 + b" <a@x.example>", True),
        (b"X-Long: " + b"x" * 20_000 + b"\r\nTo: a@x.example", False),
        (b"To: a@x.example\r\nX-Long: " + b"x" * 70_000, True),
    ],
)
def test_recipients_that_are_not_kept_are_a_problem(header: bytes, is_cut: bool) -> None:
    message = headed(header + b"\r\n\r\n")
    assert any("more recipients" in problem for problem in message.problems) == is_cut


def test_no_headers_is_a_problem() -> None:
    assert "It has no headers." in whole("").problems
    assert "It has no headers." in headed("").problems


def test_of_too_many_parts_the_first_are_read_and_the_others_are_told() -> None:
    message = whole(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nfirst\n" + b"--b\nContent-Type: a/b\n\nx\n" * 1_000)
    assert message.text.strip() == "first"
    assert 150 < len(message.attachments) < 200
    assert message.problems == ("It has too many parts; some were left out.",)


def test_of_very_many_lines_the_first_are_read_and_the_others_are_told() -> None:
    message = whole(b"Subject: long\n\n" + b"y\n" * 600_000)
    assert message.text.startswith("y\ny\n")
    assert "more lines or bytes" in message.problems[0]


def test_of_very_long_headers_the_first_count_and_the_text_is_read() -> None:
    message = whole(b"Subject: s\n" + b"X: y\n" * 100_000 + b"\ntext")
    assert (message.subject, message.text) == ("s", "text")
    assert any("longer headers" in problem for problem in message.problems)
    inner = whole(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" + b"X: y\n" * 100_000 + b"\ntext\n--b--")
    assert inner.text == "text"


def test_a_charset_with_nul_in_it_and_a_kind_with_nul_hide_nothing() -> None:
    message = whole(b"Content-Type: text/plain; charset=utf-\0008\n\n\xc3\xbc")
    assert message.text == "ü"
    odd = whole(b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: a/\0b\n\nx\n--b--")
    assert odd.attachments[0].media_type == "a/b"


@pytest.mark.parametrize(
    "parameters",
    [
        "name*1; name*; name*0*=%C3%BC.pdf",
        "charset*1; charset*; charset*0=utf-8",
        "boundary*1; boundary*; boundary*0=b",
        "boundary*=\0'x'b",
        "name*=\0'x'a",
        "name*99999999999999999999=a; name*0=b",
    ],
)
def test_parameters_that_the_library_falls_over_hide_nothing(parameters: str) -> None:
    message = whole(f"Subject: s\nContent-Type: text/plain; {parameters}\n\ntext")
    assert (message.subject, message.text) == ("s", "text")
    assert whole(f"Subject: s\nContent-Type: multipart/mixed; {parameters}\n\n--b\n\ntext\n--b--").subject == "s"


def test_a_text_far_longer_than_the_limit_is_decoded_up_to_it() -> None:
    message = part(b"R3LDvMOfZQ==\r\n" * 1_000_000, encoding="base64")
    assert message.text.startswith("Grüße")
    assert message.problems == ("Its text is longer than the limit and was cut.",)


BOMBS = {
    "nested 2,000 deep": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2_000)),
    "100,000 parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000,
    "mails in mails": b"Content-Type: message/rfc822\n\n" * 3_000,
    "RFC 2231": b"Content-Type: multipart/mixed; " + b"".join(b"a*%d=x; " % n for n in range(20_000)) + b"boundary=b\n\nx",
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n\nx",
    "comments": b"To: " + b"(" * 5_000 + b"a@x.example\n\nx",
    "brackets": b"From: " + b"<" * 60_000 + b"\n\nx",
    "quotes": b"From: " + b'"\\' * 30_000 + b"\n\nx",
    "groups": b"To: " + b"a:b@x.example;," * 4_000 + b"\n\nx",
    "one long header": b"Subject: " + b"x" * 3_000_000 + b"\n\ntext",
    "endless headers": b"X-A: b\n" * 60_000 + b"\n\ntext",
    "ids": b"References: " + b"<" * 60_000 + b"\n\nx",
    "spaces": b"From: " + b" " * 60_000 + b"x\n\nx",
    "dates": b"Date: " + b"1 " * 30_000 + b"\n\nx",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_little_and_raises_nothing(name: str) -> None:
    began = time.process_time()
    message = whole(BOMBS[name])
    # No measurement: without the limits these take from ten seconds to for ever.
    assert time.process_time() - began < 5
    assert len(message.subject) <= 16_384
    assert len(message.to) <= 300


@given(st.binary(max_size=400))
def test_any_bytes_at_all_become_a_message(content: bytes) -> None:
    message = whole(content)
    assert "\0" not in message.text
    message.text.encode()
    message.subject.encode()


_FIELDS = ("From: ", "To: ", "Subject: ", "Date: ", "Content-Type: ", "multipart/mixed; boundary=b", "--b", "text/html")
_SIGNS = ("=?", "<a@x.example>", "utf-8?b?", "?=", "\n", "\r\n", "\n\n", " ", "\t", "(", '"', "\\", ";", "*0*=", "\0", "ü", "{")
_WORDS = st.lists(st.sampled_from([*_FIELDS, *_SIGNS, "charset=utf-16", "base64"]), max_size=40)


@settings(max_examples=150)
@given(_WORDS)
def test_any_mixture_of_mail_syntax_becomes_a_message(words: list[str]) -> None:
    message = whole("".join(words))
    for found in (message.subject, message.text, message.message_id, *(address.name for address in message.to)):
        found.encode()


@pytest.mark.parametrize("charset", ["rot13", "zlib", "bz2", "base64", "hex", "uu", "undefined"])
def test_what_python_decodes_but_is_no_charset_hides_no_text(charset: str) -> None:
    assert part(b"Hello", charset).text == "Hello"
