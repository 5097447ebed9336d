"""Values cross between processes and are the same there; what is not of its type, or of no known kind, does not get in."""

from __future__ import annotations

import json
import os
import socket
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from math import inf, nan
from pathlib import Path
from random import Random
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from annotated_types import Ge
from drawn_values import BERLIN, frames, messages, notes, objects, raw_mails, raw_notes, raw_objects
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime
from pydantic.fields import FieldInfo

from butler.core.accounts import MailAccount, NotesFolder, SmtpServer
from butler.core.actions import payload_hash
from butler.core.effects import Effect, PutFile
from butler.core.errors import EffectError
from butler.core.mail import Address, Message, RawMail
from butler.core.notes import RawNote
from butler.core.owner import Owner
from butler.core.payloads import FileWrite, Letter, MailDraft, Payload, Person, Undo
from butler.core.prepared import PreparedMail, prepare
from butler.core.requests import Priority
from butler.core.sources import Batch
from butler.sandbox import values
from butler.sandbox.hints import UnfitError, arguments, fitted
from butler.sandbox.kinds import KINDS, hints_of, is_model, kind_named
from butler.sandbox.values import pack, unpack
from butler.sandbox.wire import Parcel

NAMES = [name for names in KINDS.values() for name in names]
NOW = datetime(2026, 11, 26, 8, tzinfo=BERLIN)
PERSON = Person(name="Tom", address="tom@nordwind.example")
LETTER = Letter(account="home", sender=PERSON, to=(PERSON,), subject="Grüße", body="Hi\n", message_id="a@b", date=NOW)


def crossed(value: Any, hint: Any = Any) -> Any:
    parcel, _ = pack(value)
    return fitted(unpack(parcel), hint)


def told(value: Any) -> Parcel:
    """What somebody might send who does not keep to `pack`."""
    return Parcel(json.dumps(value).encode())


class Making:
    """Makes values of a type as the fields of a class name it, another one each time."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._plain: Mapping[Any, Callable[[], Any]] = {
            str: lambda: self._random.choice(("", "Grüße", "\\u00e9 \0", '{}[],"\n', "\u2028\U0001f600")),
            int: lambda: self._random.choice((0, -1, 2**40)),
            float: lambda: self._random.choice((0, 0.5, 1e9)),
            bool: lambda: self._random.choice((True, False)),
            bytes: lambda: self._random.randbytes(self._random.randrange(4)),
            date: lambda: date(2026, 11, self._random.randrange(1, 30)),
            datetime: lambda: NOW + timedelta(hours=self._random.randrange(9999), microseconds=1),
            ZoneInfo: lambda: BERLIN,
            Path: lambda: Path("/var/lib/x"),
            object: lambda: "anything",
            Priority: lambda: Priority.BACKLOG,
            type(None): lambda: None,
        }

    def of_hint(self, hint: Any, depth: int = 0) -> Any:
        if isinstance(hint, typing.TypeVar):
            return self.of_hint(hint.__bound__, depth)
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
        if origin is None:
            return self._plain[hint]() if hint in self._plain else self.of_kind(hint, depth)
        if origin in (tuple, Sequence, frozenset):
            many = [self.of_hint(inner[0], depth) for _ in range(self._random.randrange(1, 3) if depth < 3 else 1)]
            return many if origin is Sequence else origin(many)
        if origin is Mapping:
            return {self.of_hint(inner[0], depth): self.of_hint(inner[1], depth) for _ in range(2)}
        if origin is typing.get_origin(Callable[[], str]):
            return lambda: "a secret"
        if origin is Literal:
            return self._random.choice(inner)
        if origin is typing.Annotated:
            return self.of_hint(inner[0], depth)
        # A receipt names what would take it back, which has none itself.
        others = [each for each in inner if each is not type(None)] if depth < 4 else [inner[-1]]
        return self.of_hint(self._random.choice(others), depth)

    def of_field(self, field: FieldInfo, hint: Any, depth: int) -> Any:
        # Some texts are one line that says something, and some numbers lie between two.
        if field.metadata and hint is int:
            return self._random.choice([each.ge if isinstance(each, Ge) else each.le for each in field.metadata])
        return "Grüße \U0001f600" if field.metadata and hint is str else self.of_hint(hint, depth + 1)

    def of_kind(self, kind: Any, depth: int = 0) -> Any:
        if kind is AwareDatetime:
            return self.of_hint(datetime)
        if is_model(kind):
            hints = typing.get_type_hints(kind)
            return kind(**{name: self.of_field(field, hints[name], depth) for name, field in kind.model_fields.items()})
        return kind(*[self.of_hint(hint, depth + 1) for hint in hints_of(kind).values()])


def secrets_told(value: Any) -> Any:
    """An account with its secrets as plain text, so that two can be compared."""
    known = {name: getattr(value, name)() for name in ("password",) if callable(getattr(value, name, None))}
    if isinstance(value, MailAccount) and value.smtp:
        known["smtp"] = secrets_told(value.smtp)
    return replace(value, **known) if known else value


@given(st.one_of(raw_mails, messages, objects, raw_objects, raw_notes, notes, frames))
def test_what_sources_hand_over_comes_back_the_same(value: Any) -> None:
    again = crossed(value, type(value))
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize("name", NAMES)
def test_each_kind_of_the_table_comes_back_the_same(name: str) -> None:
    kind = kind_named(name)
    assert kind is not None
    making = Making(len(name))
    for _ in range(20):
        value = making.of_kind(kind)
        assert secrets_told(crossed(value, kind)) == secrets_told(value)


def test_the_table_names_each_kind_once_and_none_that_can_be_changed() -> None:
    assert len(set(NAMES)) == len(NAMES)
    for name in NAMES:
        kind: Any = kind_named(name)
        frozen = kind.model_config["frozen"] if is_model(kind) else kind.__dataclass_params__.frozen
        assert (kind.__name__, frozen) == (name, True)


def test_a_payload_has_the_same_hash_at_the_other_end() -> None:
    payload = MailDraft(letter=LETTER)
    assert payload_hash(crossed(payload, Payload)) == payload_hash(payload)
    undo = Undo(of=3, effects=({"verb": "file.put", "content": "a", "append": False},))
    assert crossed(undo, Payload) == undo


def test_effects_cross_by_their_own_class() -> None:
    effect = PutFile(account="notes", path="a.md", content="# A\n")
    assert crossed([effect], list[Effect]) == [effect]
    with pytest.raises(UnfitError):
        crossed(FileWrite(root="notes", path="a.md", content=""), Effect)


class Marks(NamedTuple):
    name: str
    marks: Sequence[int]


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (None, None),
        ("Text with \0, \\ud800 and \\\\u", str),
        ("\u2028 \U0001f600", str),
        (2**63 - 1, int),
        (-(2**63), int),
        (1.5, float),
        (3, float),
        (b"\0\xff" * 1000, bytes),
        ((b"a", b"", b"b"), tuple[bytes, ...]),
        (("a", 1, None), tuple[str, int, None]),
        ((), tuple[str, ...]),
        (["a"], list[str]),
        (["a"], Sequence[str]),
        (frozenset({"a", "b"}), frozenset[str]),
        ({"a": frozenset({"x"})}, Mapping[str, frozenset[str]]),
        ({1: "a", 2: "b"}, dict[int, str]),
        ({"a": (1, 2)}, dict[str, tuple[int, int]]),
        (NOW, datetime),
        (datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN), datetime),
        (date(2026, 11, 26), date),
        (NOW, datetime | date),
        (timedelta(days=-1, microseconds=3), timedelta),
        (Path("/var/lib/x"), Path),
        (BERLIN, ZoneInfo),
        (Priority.TRIGGER, Priority),
        ("a", Literal["a", "b"]),
        (Marks("a", [1, 2]), Marks),
        ([Marks("a", [])], list[Marks]),
        ("a", str | None),
        (None, str | None),
        (("a",), tuple[str, ...] | None),
        (True, bool),
        ([], object),
    ],
)
def test_plain_values_come_back_the_same(value: Any, hint: Any) -> None:
    again = crossed(value, hint)
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (1, str),
        ("1", int),
        (True, int),
        (1, bool),
        ("a", float),
        (1, None),
        (None, str),
        ("a", bytes),
        (b"a", str),
        ("ab", tuple[str, ...]),
        ("ab", Sequence[str]),
        ([1], tuple[str, ...]),
        (["a"], tuple[str, int]),
        (["a"], frozenset[str]),
        (frozenset({1}), frozenset[str]),
        ({"a": 1}, dict[str, str]),
        ({"a": "b"}, dict[int, str]),
        (["a"], dict[str, str]),
        ("c", Literal["a", "b"]),
        (1, Literal[True]),
        ([], Literal["a", "b"]),
        (7, Priority),
        ("2026-11-26", date),
        (date(2026, 11, 26), datetime),
        (NOW, date),
        ("/var", Path),
        (["a"], Marks),
        (["a", ["b"]], Marks),
        (Address("", "a@b"), Message),
        (Address("", "a@b"), str),
        ([Address("", "a@b"), "a"], list[Address]),
        (RawNote("a", "", 0, b""), RawMail | None),
        ({"name": "", "address": "a@b"}, Address),
    ],
)
def test_what_is_of_another_type_does_not_get_in(value: Any, hint: Any) -> None:
    with pytest.raises(UnfitError):
        crossed(value, hint)


def test_a_generic_class_is_checked_for_what_it_is_filled_with() -> None:
    batch = Batch("INBOX", "1", [RawNote("a", "", 0, b"")], {"a": frozenset({"\\seen"})}, ["b"])
    assert crossed(batch, Batch) == batch
    assert crossed(batch, Batch[RawNote]) == batch
    with pytest.raises(UnfitError):
        crossed(batch, Batch[RawMail])
    with pytest.raises(UnfitError):
        crossed("INBOX", Batch[RawMail])


def test_a_mail_made_ready_is_read_by_what_its_fields_are() -> None:
    mail = prepare(Message("1", frozenset(), 1, 2, "a@b", NOW.astimezone(UTC), "Hello", None, text="Hi"))
    assert crossed([mail], list[PreparedMail]) == [mail]
    with pytest.raises(UnfitError):
        crossed([mail._replace(moment=typing.cast("int", "1"))], list[PreparedMail])


@pytest.mark.parametrize("sign", ["x", "ü\0", "\n", '"', "\U0001f600"])
def test_long_texts_cross_beside_the_others(sign: str) -> None:
    message = Message("1", frozenset(), 1, 2, "a@b", None, sign * 400, None, text=sign * 5000, references=(sign * 500,))
    parcel, _ = pack(message)
    assert b"".join(parcel.beside).decode() == "".join(each for each in (message.subject, message.text) if len(each) > 400)
    assert crossed(message, Message) == message
    with pytest.raises(UnicodeEncodeError):
        pack(replace(message, text="\ud800" * 500))
    with pytest.raises(UnfitError):
        unpack(Parcel(b'{"\\u0000":["text",0,3]}', (b"\xed\xa0\x80",)))


def test_a_secret_crosses_as_text_and_shows_it_to_nobody() -> None:
    account = MailAccount(
        "home", "imap.example", password=lambda: "hidden", smtp=SmtpServer("smtp.example", password=lambda: "too")
    )
    again = crossed(account, MailAccount)
    assert (again.password(), again.smtp.password()) == ("hidden", "too")
    assert "hidden" not in repr(again) + repr(again.password) + str(vars(type(again.password)))
    assert crossed(NotesFolder("notes", Path("/notes")), NotesFolder).path == Path("/notes")


@pytest.mark.parametrize("value", [object(), 1j, {1, object()}, EffectError, lambda: 1, memoryview(b""), Path])
def test_what_is_of_no_known_kind_is_not_sent(value: Any) -> None:
    with pytest.raises(TypeError):
        pack([value])


def test_text_that_is_none_is_not_sent() -> None:
    with pytest.raises(UnicodeEncodeError):
        pack("\ud800")


M = values.MARK


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[1,",
        b"\xff",
        b'"\\ud800"',
        b'"\\\\\\udc00"',
        b"[NaN]",
        b"[-Infinity]",
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"1" * 5000,
        b"[9223372036854775808]",
        b"[-9223372036854775809]",
        b"-" + b"1" * 30,
        b'"a" "b"',
    ],
)
def test_text_that_is_no_json_does_not_get_in(text: bytes) -> None:
    with pytest.raises(UnfitError):
        unpack(Parcel(text))


@pytest.mark.parametrize(
    "value",
    [
        {M: 1},
        {M: []},
        {M: [1]},
        {M: ["Address", "a", "b"], "more": 1},
        {M: ["Address", "a"]},
        {M: ["Address", "a", 1]},
        {M: ["Address", "a", "b", "c"]},
        {M: ["Popen", "sh"]},
        {M: ["builtins.eval", "1"]},
        {M: ["Message", *[None] * 22]},
        {M: ["bytes", 0, 1]},
        {M: ["bytes", -1, 0]},
        {M: ["bytes", 1, 0]},
        {M: ["bytes", "0", "0"]},
        {M: ["bytes"]},
        {M: ["text", 0, 1]},
        {M: ["text", 0, 0, 0]},
        {M: ["text", True, True]},
        {M: ["set", []]},
        {M: ["set", {}]},
        {M: ["moment", "2026-11-26T08:00:00"]},
        {M: ["moment", "2026-11-26T08:00:00+00:00[../../etc/passwd]"]},
        {M: ["moment", "2026-11-26T08:00:00+00:00[Nowhere/Town]"]},
        {M: ["moment", "0001-01-01T00:00:00+23:59[Pacific/Auckland]"]},
        {M: ["moment", "0001-01-01T00:00:00+01:00"]},
        {M: ["moment", "9999-12-31T23:59:59-01:00"]},
        {M: ["moment", 1]},
        {M: ["moment", "2026-13-01"]},
        {M: ["zone", "/etc/passwd"]},
        {M: ["zone", ""]},
        {M: ["path", "a", "b"]},
        {M: ["span", 1]},
        {M: ["span", 10**12, 0, 0]},
        {M: ["socket", 0]},
        {M: ["Person", {"address": "a@b"}]},
        {M: ["Person", '{"address": 1}']},
        {M: ["Person", '{"address": "a@b", "more": 1}']},
        {M: ["Person"]},
        {M: ["MailMove", '{"account":"a","messages":[],"source":"a","target":"b"}']},
    ],
)
def test_what_is_no_value_of_its_kind_does_not_get_in(value: Any) -> None:
    with pytest.raises(UnfitError):
        unpack(told(value))


def test_numbers_without_end_are_none() -> None:
    for number in (inf, nan):
        with pytest.raises(UnfitError):
            fitted(number, float)
    with pytest.raises(UnfitError):
        crossed(json.loads("1e999"), float)


def test_what_would_take_much_more_memory_than_it_has_bytes_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "MOST_VALUES", 1000)
    assert len(unpack(told([[]] * 400))) == 400
    many: Any
    for many in ([[]] * 600, [{}] * 600, [0] * 1100, {str(n): 0 for n in range(1100)}):
        with pytest.raises(UnfitError, match="too many parts"):
            unpack(told(many))


def test_a_socket_crosses_with_what_it_is_in() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        parcel, sockets = pack({"line": ours})
        assert sockets == [ours]
        assert list(parcel.descriptors) == [ours.fileno()]
        arrived = Parcel(parcel.text, (), [os.dup(ours.fileno())])
        with fitted(unpack(arrived), dict[str, socket.socket])["line"] as again:
            again.sendall(b"x")
            assert theirs.recv(1) == b"x"


@pytest.mark.parametrize("text", [b"null", b"[1", b'{"\\u0000":["socket",1]}', b'[{"\\u0000":["socket",0]},{"\\u0000":["x"]}]'])
def test_descriptors_that_nobody_takes_are_closed(text: bytes) -> None:
    read, write = os.pipe()
    ours, theirs = socket.socketpair()
    with theirs:
        numbers = [ours.detach(), read, write]
        try:
            unpack(Parcel(text, (), numbers))
        except UnfitError:
            pass
        for number in numbers:
            with pytest.raises(OSError, match="Bad file descriptor"):
                os.fstat(number)


def test_a_descriptor_that_is_no_socket_is_none() -> None:
    read, write = os.pipe()
    os.close(write)
    with pytest.raises(UnfitError):
        unpack(Parcel(b'{"\\u0000":["socket",0]}', (), [read]))


class Offers:
    def add(self, first: int, second: int = 2) -> int:
        return first + second

    def __call__(self, name: str) -> str:
        return name


def loose(value, more=None):  # type: ignore[no-untyped-def]
    return value


@pytest.mark.parametrize(
    ("function", "given"),
    [(Offers().add, [1]), (Offers().add, [1, 2]), (Offers(), ["a"]), (loose, [1]), (loose, ["a", "b"]), (lambda: 1, [])],
)
def test_what_is_asked_for_is_called_with_what_fits(function: Callable[..., Any], given: list[Any]) -> None:
    assert arguments(function, given) == given


@pytest.mark.parametrize(
    ("function", "given"),
    [(Offers().add, []), (Offers().add, [1, 2, 3]), (Offers().add, ["1"]), (Offers(), [1]), (lambda: 1, [1])],
)
def test_what_is_asked_for_is_not_called_with_what_does_not_fit(function: Callable[..., Any], given: list[Any]) -> None:
    with pytest.raises(UnfitError):
        arguments(function, given)


def test_an_owner_crosses_with_their_zone() -> None:
    owner = Owner("Anna", frozenset({"anna@berger.example"}), ZoneInfo("Europe/Berlin"))
    assert crossed(owner, Owner).zone is owner.zone


def test_a_type_that_does_not_cross_is_a_mistake_and_not_a_bad_value() -> None:
    class Odd(IntEnum):
        ONE = 1

    assert fitted(1, Odd) is Odd.ONE
    for hint in (complex, set[str], bytearray, Offers):
        with pytest.raises(TypeError, match="does not cross"):
            fitted(1, hint)
