"""Whom a reply goes to, what it is called, where it belongs and what it quotes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.core.mail import Address, Mail, Message, RawMail
from butler.core.prepared import message_of, prepare
from tools.mail.addresses import is_own_id, is_usable_id
from tools.mail.message import parse, split_new
from tools.mail.reply_to import (
    Recipients,
    answers_all,
    draft_message_id,
    in_reply_to_of,
    is_unanswerable,
    quoted_original,
    recipients_of,
    references_of,
    reply_subject,
)

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
OWNER = frozenset({"anna@berger.example", "anna.b@work.example"})
ANNA, TOM, EVA, BEN = (
    Address(name, address)
    for name, address in (
        ("Anna", "anna@berger.example"),
        ("Tom", "tom@nordwind.example"),
        ("Eva", "eva@x.example"),
        ("", "ben@x.example"),
    )
)


def mail(*, hours: int = 0, sent: bool = False, **fields: Any) -> Mail:
    known: dict[str, Any] = {
        "message_id": "ask@nordwind.example",
        "sender": TOM,
        "to": (ANNA,),
        "subject": "Hello",
        "text": "Really?",
    }
    message = Message("1", frozenset(), 0, 10, date=NOON, **(known | fields))
    return Mail("mail:home/ask", "home", "INBOX", 1, NOON + timedelta(hours=hours), sent, "", message)


def reached(found: Recipients) -> tuple[list[str], list[str]]:
    return [one.address for one in found.to], [one.address for one in found.cc]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Hello", "Re: Hello"),
        ("Re: Hello", "Re: Hello"),
        ("AW: Hello", "Re: Hello"),
        ("SV: VS: Hello", "Re: Hello"),
        ("RE[2]: Re(3): re^4: Hello", "Re: Hello"),
        ("RE : Hello", "Re: Hello"),
        ("回复：你好", "Re: 你好"),
        ("Antw: Odp: Ynt: R: Réf: Отв: Hello", "Re: Hello"),
        ("[club] Re: Hello", "Re: [club] Hello"),
        ("Re: [club] AW: Hello", "Re: [club] Hello"),
        ("[club] Hello", "Re: [club] Hello"),
        ("Re: Fwd: Hello", "Re: Fwd: Hello"),
        ("Fwd: Re: Hello", "Re: Fwd: Re: Hello"),
        ("Reply: Hello", "Re: Reply: Hello"),
        ("Re", "Re: Re"),
        ("", "Re:"),
        ("Re:", "Re:"),
        ("a\r\nBcc: b@evil.example", "Re: a Bcc: b@evil.example"),
    ],
)
def test_re_stands_once(subject: str, expected: str) -> None:
    assert reply_subject(subject) == expected


@given(st.text(max_size=80))
def test_a_reply_to_a_reply_has_the_same_subject(subject: str) -> None:
    once = reply_subject(subject)
    assert reply_subject(once) == once
    assert once.isprintable() or "\n" not in once


def test_references_are_the_whole_chain() -> None:
    assert references_of(mail(references=("a@x", "b@x"), in_reply_to="b@x")) == ("a@x", "b@x", "ask@nordwind.example")
    assert references_of(mail(in_reply_to="b@x")) == ("b@x", "ask@nordwind.example")
    assert references_of(mail()) == ("ask@nordwind.example",)
    assert references_of(mail(message_id="", references=("a@x",))) == ("a@x",)
    assert references_of(mail(references=("a@x", "b@x", "a@x"))) == ("b@x", "a@x", "ask@nordwind.example")


def test_of_very_many_references_the_first_and_the_last_stay() -> None:
    ids = tuple(f"{n}@x" for n in range(300))
    found = references_of(mail(references=ids))
    assert len(found) == 50
    assert (found[0], found[1], found[-2:]) == ("0@x", "252@x", ("299@x", "ask@nordwind.example"))


@pytest.mark.parametrize("wrong", ["", "a b@x", "=?utf-8?q?a?=@x", "ä@x", "a@x>\r\nBcc: <b@x", "x" * 501])
def test_an_id_that_cannot_be_repeated_is_left_out(wrong: str) -> None:
    assert in_reply_to_of(mail(message_id=wrong)) == ""
    assert references_of(mail(message_id=wrong, references=("a@x", wrong))) == ("a@x",)
    assert not is_usable_id(wrong)


def test_a_reply_goes_to_the_sender_alone_where_nobody_else_was_answered() -> None:
    one = mail(to=(ANNA, EVA), cc=(BEN,))
    assert reached(recipients_of(one, OWNER, [one])) == (["tom@nordwind.example"], [])
    assert reached(recipients_of(one, OWNER, [one], reply_all=True)) == (
        ["tom@nordwind.example"],
        ["eva@x.example", "ben@x.example"],
    )


def test_where_the_thread_answers_all_the_reply_does() -> None:
    first = mail(hours=-2, sender=EVA, to=(ANNA, TOM, BEN), message_id="first@x")
    answer = mail(to=(EVA, ANNA), cc=(BEN,), in_reply_to="first@x")
    assert answers_all(answer, OWNER, [first, answer])
    assert reached(recipients_of(answer, OWNER, [first, answer])) == (
        ["tom@nordwind.example"],
        ["eva@x.example", "ben@x.example"],
    )
    assert reached(recipients_of(answer, OWNER, [first, answer], reply_all=False)) == (["tom@nordwind.example"], [])


def test_a_thread_that_goes_between_two_stays_between_two() -> None:
    first = mail(hours=-2, to=(ANNA, EVA), message_id="first@x")
    answer = mail(hours=-1, sender=ANNA, to=(TOM,), in_reply_to="first@x", sent=True)
    last = mail(to=(ANNA,), in_reply_to="answer@x")
    assert not answers_all(last, OWNER, [first, answer, last])
    assert not answers_all(mail(to=(ANNA, EVA), references=()), OWNER, [])


def test_reply_to_wins_over_the_sender_and_never_reaches_the_owner() -> None:
    assert reached(recipients_of(mail(reply_to=(EVA, BEN)), OWNER, [])) == (["eva@x.example", "ben@x.example"], [])
    assert reached(recipients_of(mail(reply_to=(ANNA,)), OWNER, [])) == (["tom@nordwind.example"], [])
    shop = Address("", "Anna+shop@Berger.example")
    assert reached(recipients_of(mail(to=(ANNA, shop, EVA), reply_to=(shop, EVA)), OWNER, [], reply_all=True)) == (
        ["eva@x.example"],
        [],
    )


def test_mail_followup_to_counts_where_all_are_answered() -> None:
    one = mail(to=(ANNA, EVA), followup_to=(BEN, ANNA))
    assert reached(recipients_of(one, OWNER, [], reply_all=True)) == (["ben@x.example"], [])
    assert reached(recipients_of(one, OWNER, [], reply_all=False)) == (["tom@nordwind.example"], [])
    assert reached(recipients_of(mail(to=(ANNA, EVA), followup_to=(ANNA,)), OWNER, [], reply_all=True)) == (
        ["tom@nordwind.example"],
        ["eva@x.example"],
    )


def test_nobody_is_written_to_twice_and_what_is_no_address_not_at_all() -> None:
    one = mail(
        to=(ANNA, Address("T", "TOM@nordwind.example"), EVA),
        cc=(EVA, Address("x", "a@x\r\nBcc: b@evil.example"), Address("", "bad")),
    )
    assert reached(recipients_of(one, OWNER, [], reply_all=True)) == (["tom@nordwind.example"], ["eva@x.example"])


def test_two_hundred_others_are_all_kept() -> None:
    crowd = tuple(Address(f"P {n}", f"p{n}@x.example") for n in range(200))
    assert len(recipients_of(mail(to=(ANNA, *crowd)), OWNER, [], reply_all=True).cc) == 200


def test_mail_followup_to_is_read_and_kept() -> None:
    whole = b"From: tom@x.example\r\nMail-Followup-To: Ben <ben@x.example>, eva@x.example\r\n\r\nhi\r\n"
    read = parse(RawMail("1", frozenset(), 0, len(whole), whole=whole))
    assert read.followup_to == (Address("Ben", "ben@x.example"), Address("", "eva@x.example"))
    assert message_of(prepare(read)) == read


@pytest.mark.parametrize(
    "address",
    [
        *("noreply@x.example", "no-reply@x.example", "No.Reply@x.example", "no_reply+12@x.example", "donotreply@x.example"),
        *("do-not-reply@x.example", "dont-reply@x.example", "info-noreply@x.example", "x@noreply.github.example"),
        *("nicht-antworten@x.example", "ne-pas-repondre@x.example", "noresponder@x.example", "non-rispondere@x.example"),
        *("nao-responda@x.example", "nie-odpowiadaj@x.example", "svara-inte@x.example", "geen-antwoord@x.example"),
        *("MAILER-DAEMON@x.example", "postmaster@x.example", "bounces+tom=x@y.example", "bounce-12@x.example", "x@y.invalid"),
        *("null@x.example", "nobody@x.example", "bitteantworten", "a@x.example\r\nBcc: b@evil.example"),
    ],
)
def test_addresses_that_nobody_reads_are_not_answered(address: str) -> None:
    assert is_unanswerable(mail(sender=Address("", address))) is not None
    assert is_unanswerable(mail(reply_to=(Address("", address),))) is not None
    assert is_unanswerable(mail(sender=Address("", address), reply_to=(EVA,))) is None


@pytest.mark.parametrize(
    "local", ["arno.reply", "tom", "reply", "nora.plyer", "antwort", "info", "bruno", "noel.answerth", "null.mann"]
)
def test_people_are_answered(local: str) -> None:
    assert is_unanswerable(mail(sender=Address("", f"{local}@x.example"))) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sender": None}, "names no sender"),
        ({"bounce": True}, "delivery report"),
        ({"list_id": "club.x.example"}, "mailing list club.x.example"),
        ({"bulk": True}, "A machine sent it"),
    ],
)
def test_machines_and_lists_are_not_answered(change: dict[str, Any], words: str) -> None:
    reason = is_unanswerable(mail(**change))
    assert reason is not None
    assert words in reason


def test_ones_own_mail_is_not_answered() -> None:
    assert is_unanswerable(mail(sent=True)) == "You wrote it yourself."


LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "da", "cs", "xx")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_quoted_is_known_as_quoted_by_our_own_reader(language: str) -> None:
    quoted = quoted_original(mail(text="Can you come?\n> earlier\n\n"), ZoneInfo("Europe/Berlin"), language)
    first, *rest = quoted.split("\n")
    assert "Tom" in first
    assert "13:00" in first
    assert rest == ["Can you come?", "> earlier"]
    body = "\n".join(["My answer.", "", first, *(f"> {line}" for line in rest)])
    assert split_new(body).new == "My answer."


def test_what_is_quoted_is_bounded_and_harmless() -> None:
    long = quoted_original(mail(text="line\n" * 5000), ZoneInfo("UTC"), "en").split("\n")
    assert (len(long), long[-1]) == (402, "[…]")
    assert len(quoted_original(mail(text="x" * 100_000), ZoneInfo("UTC"), "en")) < 21_000
    odd = quoted_original(mail(sender=Address("T\nBcc: x\u202e", "t@x.example"), text="a\0b\u202ec"), ZoneInfo("UTC"), "de")
    assert odd == "Am 24.11.2026 um 12:00 schrieb T Bcc: x:\nabc"
    nameless = replace(mail(), message=replace(mail().message, sender=Address("{month}", "t@x.example")))
    assert "{month}" in quoted_original(nameless, ZoneInfo("UTC"), "en")


@given(st.text(max_size=50), st.text(max_size=50))
def test_a_drafts_id_is_always_the_same_and_always_usable(key: str, address: str) -> None:
    made = draft_message_id(key, address)
    assert made == draft_message_id(key, address)
    assert is_own_id(made)
    assert made != draft_message_id(f"{key}x", address)


def test_a_drafts_id_lies_in_the_senders_domain() -> None:
    assert draft_message_id("k", "anna@Berger.example").endswith("@berger.example")
    assert draft_message_id("k", "anna").endswith("@butler.invalid")
