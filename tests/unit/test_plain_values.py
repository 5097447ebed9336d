"""Values survive being made plain: through lists, JSON and MessagePack."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime
from typing import Any

import ormsgpack
import pytest
from drawn_values import BERLIN, frames, messages, moments, notes, objects, raw_mails, raw_notes, raw_objects
from hypothesis import given
from hypothesis import strategies as st

from butler.core.calendar import Task
from butler.core.mail import Message
from butler.core.plain import from_plain, moment_text, read_moment, to_plain
from butler.core.prepared import bare_subject, message_of, prepare


@given(st.one_of(raw_mails, messages, objects, raw_objects, raw_notes, notes, frames))
def test_every_value_that_crosses_a_border_comes_back_the_same(value: Any) -> None:
    kind: Any = type(value)
    plain = ormsgpack.unpackb(ormsgpack.packb(to_plain(kind)(value)))
    assert from_plain(kind)(plain) == value


@given(moments)
def test_a_time_keeps_its_zone(moment: datetime) -> None:
    again = read_moment(moment_text(moment))
    assert isinstance(again, datetime)
    assert (again, again.utcoffset(), getattr(again.tzinfo, "key", None)) == (
        moment,
        moment.utcoffset(),
        getattr(moment.tzinfo, "key", None),
    )


def test_the_hour_that_comes_twice_keeps_which_one_it_is() -> None:
    for fold in (0, 1):
        moment = datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=BERLIN)
        assert read_moment(moment_text(moment)).isoformat() == moment.isoformat()


def test_what_has_no_plain_form_is_refused() -> None:
    @dataclasses.dataclass
    class Odd:
        where: complex

    Odd.__annotations__["where"] = complex
    with pytest.raises(TypeError, match="complex"):
        to_plain(Odd)


def test_a_plain_value_is_json() -> None:
    task = Task("u", "Write", due=datetime(2026, 11, 24, 9, tzinfo=BERLIN), start=date(2026, 11, 23))
    assert json.loads(json.dumps(to_plain(Task)(task)))[2:4] == ["2026-11-24T09:00:00+01:00[Europe/Berlin]", "2026-11-23"]


@given(messages)
def test_a_prepared_mail_gives_the_very_message_back(message: Message) -> None:
    assert message_of(prepare(message)) == message


def mail(**fields: Any) -> Message:
    base: dict[str, Any] = {"key": "1", "flags": frozenset(), "received": 1_764_000_000, "size": 100, "message_id": "a@b"}
    return Message(**(base | {"date": None, "subject": "", "sender": None} | fields))


@pytest.mark.parametrize(
    ("date_header", "expected"),
    [
        (datetime(2025, 11, 20, 12, tzinfo=UTC), 1_763_640_000),
        (datetime(2025, 11, 25, 15, tzinfo=UTC), 1_764_082_800),
        (datetime(2025, 11, 26, tzinfo=UTC), 1_764_000_000),
        (datetime(1970, 1, 1, tzinfo=UTC), 1_764_000_000),
        (datetime(2038, 1, 20, tzinfo=UTC), 1_764_000_000),
        (None, 1_764_000_000),
    ],
)
def test_an_implausible_date_gives_way_to_the_arrival(date_header: datetime | None, expected: int) -> None:
    assert prepare(mail(date=date_header)).moment == expected


def test_a_date_is_all_there_is_when_the_arrival_is_unknown() -> None:
    assert prepare(mail(date=datetime(2025, 11, 26, tzinfo=UTC), received=0)).moment == 1_764_115_200


def test_numbers_out_of_this_world_are_cut() -> None:
    prepared = prepare(mail(received=2**80, size=2**80))
    assert prepared.moment == prepared.received == prepared.size == 253_402_300_799
    assert prepare(mail(received=-5)).received == 0


@pytest.mark.parametrize("message_id", ["", "a\nb@c", "x" * 251, "\x1b[31m@c"])
def test_a_mail_without_a_usable_id_is_named_by_its_content(message_id: str) -> None:
    first, again, other = (
        prepare(mail(message_id=message_id, text="One")),
        prepare(mail(message_id=message_id, text="One", key="2", flags=frozenset({"\\seen"}))),
        prepare(mail(message_id=message_id, text="Two")),
    )
    assert first.identity == again.identity != other.identity
    assert first.identity.startswith("sha256-")
    assert first.identity.endswith("@no-id")


@pytest.mark.parametrize(
    ("subject", "bare", "replied"),
    [
        ("Lunch", "lunch", False),
        ("Re: Lunch", "lunch", True),
        ("AW: WG: Lunch  on   Friday ", "lunch on friday", True),
        ("Fwd: Lunch", "lunch", False),
        ("RE[2]: SV: Lunch", "lunch", True),
        ("TR : Lunch", "lunch", False),
        ("RES: Lunch", "lunch", True),
        ("Regarding: Lunch", "regarding: lunch", False),
        ("re：昼食", "昼食", True),
        ("Re:", "", True),
        ("", "", False),
    ],
)
def test_the_bare_subject_is_without_its_prefixes(subject: str, bare: str, replied: bool) -> None:
    assert bare_subject(subject) == (bare, replied)


def test_a_subject_of_a_thousand_prefixes_is_stripped_in_one_go() -> None:
    assert bare_subject("Re: " * 10_000 + "Lunch") == ("lunch", True)


def test_only_a_reply_that_refers_to_nothing_is_loose() -> None:
    assert prepare(mail(subject="Re: Lunch")).loose
    assert not prepare(mail(subject="Lunch")).loose
    assert not prepare(mail(subject="Re: Lunch", references=("x@y",))).loose
    assert not prepare(mail(subject="Re: Lunch", in_reply_to="x@y")).loose
