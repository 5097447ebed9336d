"""A letter's bytes say what the letter says and nothing else, whatever somebody wrote into its fields."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from butler.core.errors import EffectError
from butler.core.mail import RawMail
from butler.core.payloads import Letter, Person
from butler.core.text import one_line
from tools.mail import flowed
from tools.mail.addresses import fault_of, wire_address
from tools.mail.compose import compose, envelope
from tools.mail.message import parse

ANNA = Person(name="Anna Berger", address="anna@berger.example")
TOM = Person(name="Tom", address="tom@nordwind.example")
ITIP = "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nSUMMARY:Größe\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


def letter(**changes: Any) -> Letter:
    fields: dict[str, Any] = {
        "account": "home",
        "sender": ANNA,
        "to": (TOM,),
        "subject": "Re: Hello",
        "body": "Yes.",
        "message_id": "butler.1@berger.example",
        "date": datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
    }
    return Letter(**(fields | changes))


def read(content: bytes) -> EmailMessage:
    return BytesParser(policy=default).parsebytes(content)


def text_of(content: bytes) -> str:
    part = read(content).get_body(("plain",))
    assert part is not None
    return str(cast("EmailMessage", part).get_content()).replace("\r\n", "\n")


def refused(words: str, **changes: Any) -> None:
    with pytest.raises(EffectError, match=words) as caught:
        compose(letter(**changes))
    assert caught.value.permanent


NASTY = st.sampled_from(
    [
        *"\r\n\t\0\x0b\x1b\x7f\x85\u2028\u202e\u200b<>@,;:\"'\\()[]=? aä中🙂",
        "\r\nBcc: x@evil.example\r\n",
        "=?utf-8?q?x=0D=0ABcc:_y?=",
    ]
)
TEXT = st.one_of(st.text(max_size=120), st.lists(NASTY, max_size=40).map("".join))
ATOM = st.from_regex(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}", fullmatch=True)
ADDRESS = st.builds(
    lambda a, b, d: f"{a}.{b}@{d}", ATOM, ATOM, st.sampled_from(["x.example", "a-b.example", "bücher.example", "x"])
)
PEOPLE = st.lists(st.builds(Person, name=TEXT, address=ADDRESS.filter(lambda one: fault_of(one) is None)), max_size=6).map(
    tuple
)
IDS = st.from_regex(r"[!-;A-~]{1,200}@[a-z.]{1,40}", fullmatch=True)


@settings(max_examples=50)
@given(
    to=PEOPLE,
    cc=PEOPLE,
    bcc=PEOPLE,
    subject=TEXT,
    replied=IDS,
    references=st.lists(IDS, max_size=12).map(tuple),
    itip=st.booleans(),
)
def test_every_header_says_what_the_letter_says(
    to: tuple[Person, ...],
    cc: tuple[Person, ...],
    bcc: tuple[Person, ...],
    subject: str,
    replied: str,
    references: tuple[str, ...],
    itip: bool,
) -> None:
    made = letter(to=to, cc=cc, bcc=bcc, subject=subject, in_reply_to=replied, references=references, itip=ITIP if itip else "")
    for with_bcc in (True, False):
        content = compose(made, with_bcc=with_bcc)
        found = read(content)
        lists = {"To": to, "Cc": cc, "Bcc": bcc if with_bcc else ()}
        present = [name for name, people in lists.items() if people]
        rest = ["Subject", "Date", "Message-ID", "In-Reply-To", *(["References"] if references else []), "MIME-Version"]
        end = found.keys()[len(present) + len(rest) + 1 :]
        assert found.keys()[: len(present) + len(rest) + 1] == ["From", *present, *rest]
        assert set(end) <= {"Content-Type", "Content-Transfer-Encoding"}
        for name in present:
            assert [one.addr_spec for one in found[name].addresses] == [wire_address(person.address) for person in lists[name]]
        assert str(found["Subject"]) == one_line(subject, 900)
        assert [str(found["Message-ID"]), str(found["In-Reply-To"])] == ["<butler.1@berger.example>", f"<{replied}>"]
        assert str(found.get("References", "")).split() == [f"<{one}>" for one in references]
        assert content.isascii()
        assert all(len(line) <= 998 and b"\r" not in line and b"\n" not in line for line in content.split(b"\r\n"))


@settings(max_examples=50)
@given(name=TEXT, subject=TEXT)
def test_our_own_reader_and_the_library_see_the_same_names(name: str, subject: str) -> None:
    content = compose(letter(to=(Person(name=name, address="t@x.example"),), subject=subject))
    seen = parse(RawMail("1", frozenset(), 0, len(content), whole=content))
    (reader,) = seen.to
    assert (reader.address, " ".join(reader.name.split())) == ("t@x.example", one_line(name, 120))
    assert seen.subject == one_line(subject, 900)


@settings(max_examples=50)
@given(body=TEXT, quoted=TEXT, itip=st.booleans())
def test_the_text_comes_through_as_written(body: str, quoted: str, itip: bool) -> None:
    content = compose(letter(body=body, quoted=quoted, itip=ITIP if itip else ""))
    source = f"{body}\n\n{flowed.quote(quoted)}" if quoted else body
    assert unflowed(text_of(content).removesuffix("\n")) == expected(source)
    assert len(read(content).keys()) == len(set(read(content).keys()))


@settings(max_examples=50)
@given(
    st.lists(st.sampled_from(["word ", "> ", ">", " ", "-- ", "From ", "x" * 90, "\n", "ä", "\t"]), max_size=80).map("".join)
)
def test_flowed_text_is_wrapped_and_means_the_same(text: str) -> None:
    wrapped = flowed.flow(text)
    assert unflowed(wrapped) == expected(text)
    assert all(len(line) <= 80 or "x" * 90 in line or "  " not in line for line in wrapped.split("\n"))


def unflowed(text: str) -> list[tuple[int, str]]:
    """Read format=flowed as RFC 3676 (4.1) says: levels, stuffing, soft breaks, the signature's line."""
    lines: list[tuple[int, str]] = []
    goes_on = False
    for line in text.split("\n"):
        level = len(line) - len(line.lstrip(">"))
        rest = line[level:].removeprefix(" ")
        if goes_on and lines[-1][0] == level and rest != "-- ":
            lines[-1] = (level, lines[-1][1] + rest)
        else:
            lines.append((level, rest))
        goes_on = rest.endswith(" ") and rest != "-- "
    return lines


def expected(text: str) -> list[tuple[int, str]]:
    cleaned = re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]", "", text.replace("\r\n", "\n").replace("\r", "\n"))
    found = []
    for line in cleaned.split("\n"):
        marks = re.match("(?:> ?)+", line)
        level = min(marks[0].count(">"), 30) if marks else 0
        rest = line[marks.end() :] if marks else line
        found.append((level, line if line == "-- " else rest.rstrip(" ")))
    return found


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_an_address_is_written_as_shown_or_not_at_all(address: str) -> None:
    if fault_of(address) is None:
        found = read(compose(letter(to=(Person(address=address),))))["To"].addresses
        assert [one.addr_spec for one in found] == [wire_address(address)]
    else:
        refused("@|address|domain", to=(Person(address=address),))


@pytest.mark.parametrize(
    "address",
    [
        "a@x.example\r\nBcc: b@evil.example",
        "a@x.example, b@evil.example",
        "a@x.example>,<b@evil.example",
        "boss@corp.example]<mallory@evil.example>",
        "=?utf-8?q?b=40evil.example?=@x.example",
        '"a b"@x.example',
        "a@[192.0.2.1]",
        "a@192.0.2.1",
        "a@x..example",
        "a..b@x.example",
        "a@faß.example",
        "a@ｅvil.example",
        "ä@x.example",
        "a@x.example ",
        "@x.example",
        "a@",
        "a",
        "",
        "a@-x.example",
        f"{'a' * 65}@x.example",
        f"a@{'x' * 64}.example",
        "a(comment)@x.example",
        "a@x.example\0",
    ],
)
def test_what_is_no_plain_address_is_refused(address: str) -> None:
    for place in ("to", "cc", "bcc"):
        refused("address|@|domain", **{place: (Person(address=address),)})
    refused("address|@|domain", sender=Person(address=address))
    with pytest.raises(EffectError):
        envelope(letter(to=(Person(address=address),)))


@pytest.mark.parametrize("wrong", ["a b@x", "a@x>\r\nBcc: <b@evil.example", "=?utf-8?q?a?=@x", "ä@x", "x" * 501, "<a@x>"])
def test_ids_that_could_be_more_than_ids_are_refused(wrong: str) -> None:
    refused("cannot be repeated as a Message-ID", references=("good@x", wrong))
    refused("cannot be repeated as a Message-ID", in_reply_to=wrong)
    refused("is no Message-ID for a new mail", message_id=wrong)


def test_a_letter_is_refused_that_refers_to_too_many_or_has_no_method_or_date() -> None:
    refused("refer to 1001 mails", references=tuple(f"{n}@x" for n in range(1001)))
    refused("names no METHOD", itip="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    refused("No mail is dated", date=datetime(900, 1, 1, tzinfo=UTC))


def test_the_same_letter_is_the_same_bytes() -> None:
    assert compose(letter(itip=ITIP, body="ä")) == compose(letter(itip=ITIP, body="ä"))
    assert compose(letter(itip=ITIP)) != compose(letter(itip=ITIP, message_id="butler.2@berger.example"))


def test_the_plain_case_looks_as_anybody_would_write_it() -> None:
    made = letter(
        subject="Re: Hello",
        body="Yes.\n\n-- \nAnna",
        quoted="Tom wrote:\nReally?\n> No.",
        in_reply_to="q@x",
        references=("p@x", "q@x"),
    )
    assert compose(made).decode("ascii").replace("\r\n", "\n") == (
        "From: Anna Berger <anna@berger.example>\nTo: Tom <tom@nordwind.example>\nSubject: Re: Hello\n"
        "Date: Tue, 24 Nov 2026 09:00:00 +0000\nMessage-ID: <butler.1@berger.example>\nIn-Reply-To: <q@x>\n"
        "References: <p@x>\n <q@x>\nMIME-Version: 1.0\nContent-Transfer-Encoding: 7bit\n"
        'Content-Type: text/plain; charset="utf-8"; format="flowed"; delsp="no"\n\n'
        "Yes.\n\n-- \nAnna\n\nTom wrote:\n> Really?\n>> No.\n"
    )


def test_an_answer_to_an_invitation_is_an_alternative() -> None:
    found = read(compose(letter(itip=ITIP)))
    assert found.get_content_type() == "multipart/alternative"
    plain, calendar = cast("list[EmailMessage]", list(found.iter_parts()))
    assert plain.get_content_type() == "text/plain"
    assert (calendar.get_content_type(), calendar.get_param("method"), calendar.get_content_charset()) == (
        "text/calendar",
        "REPLY",
        "utf-8",
    )
    assert str(calendar.get_content()).replace("\r\n", "\n") == ITIP.replace("\r\n", "\n")


def test_hundreds_of_references_are_all_there() -> None:
    ids = tuple(f"{'x' * (n % 400)}{n}@x.example" for n in range(600))
    content = compose(letter(references=ids))
    assert str(read(content)["References"]).split() == [f"<{one}>" for one in ids]
    assert max(map(len, content.split(b"\r\n"))) <= 998


def test_two_hundred_recipients_are_all_there_once() -> None:
    people = tuple(Person(name=f"Müller, {n}", address=f"p{n}@x.example") for n in range(200))
    made = letter(to=people[:100], cc=people[100:], bcc=people[:50])
    found = read(compose(made))
    assert [one.addr_spec for name in ("To", "Cc") for one in found[name].addresses] == [one.address for one in people]
    assert [one.display_name for one in found["To"].addresses] == [one.name for one in people[:100]]
    assert envelope(made) == ("anna@berger.example", tuple(one.address for one in people))


def test_bcc_reaches_the_envelope_but_no_header_of_what_is_sent() -> None:
    made = letter(bcc=(Person(address="secret@x.example"),))
    assert b"secret" not in compose(made)
    assert b"Bcc: secret@x.example\r\n" in compose(made, with_bcc=True)
    assert "secret@x.example" in envelope(made)[1]


def test_lone_surrogates_and_nul_do_not_stop_a_letter() -> None:
    made = letter().model_copy(
        update={"subject": "a\ud800\0b", "body": "c\udfff\0d", "to": (TOM.model_copy(update={"name": "T\ud800"}),)}
    )
    found = read(compose(made))
    assert (str(found["Subject"]), text_of(compose(made))) == ("ab", "cd\n")


@pytest.mark.parametrize("body", ["中" * 3000, "x" * 3000, "é" * 999 + " " + "a" * 2000, "\n" * 50, ""])
def test_very_long_lines_stay_within_the_limit(body: str) -> None:
    content = compose(letter(body=body, subject=body[:2000], itip=ITIP))
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert unflowed(text_of(content).rstrip("\n")) == expected(body.rstrip("\n"))


def test_a_zone_with_odd_seconds_is_written_in_utc() -> None:
    odd = timezone(timedelta(hours=1, seconds=28))
    assert b"Date: Tue, 24 Nov 2026 07:59:32 +0000\r\n" in compose(letter(date=datetime(2026, 11, 24, 9, 0, tzinfo=odd)))
