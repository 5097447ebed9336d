"""The parser with real worker processes: what kills one is set aside, everything else is parsed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from memory_source import CALENDAR, NOON, message_of, raw_mail, raw_note, raw_object

from butler.core.calendar import Attendee, Occurrence, Task
from butler.core.errors import StateError
from butler.core.prepared import PreparedMail, prepare
from butler.core.sources import Frame, Raw, SourceKind
from butler.sandbox import parser as parser_module
from butler.sandbox import wire
from butler.sandbox.parser import Parser
from butler.sandbox.worker import Forkserver, Limits, Worker

SERVERS = str(Path(__file__).parent.parent / "servers")
HOSTILE: Mapping[SourceKind, str] = {"mail": "hostile_tool:TOOL"}


@pytest.fixture(scope="module")
def forkserver() -> Iterator[Forkserver]:
    """With the tests' own tools in reach."""
    with Forkserver(folders=(SERVERS,)) as forkserver:
        yield forkserver


@pytest.fixture
def parser(forkserver: Forkserver) -> Iterator[Parser]:
    with Parser(forkserver, HOSTILE, Limits(cpu=1)) as parser:
        yield parser


def worker(parser: Parser, kind: SourceKind = "mail") -> Worker:
    found = parser.worker(kind)
    assert found is not None
    return found


def mails(*deeds: str) -> list[Raw]:
    return [raw_mail(str(number), f"m{number}@x", deed, "Text") for number, deed in enumerate(deeds)]


def subjects(parser: Parser, raws: Sequence[Raw]) -> list[str | None]:
    prepared = parser.parse("mail", raws, Frame())
    return [each.subject if isinstance(each, PreparedMail) else None for each in prepared]


def test_what_the_worker_makes_of_mails_is_what_the_butler_would(parser: Parser) -> None:
    raws = [raw_mail(str(number), f"m{number}@x", "Grüße", "Text " * number, flags=("\\seen",)) for number in range(300)]
    assert parser.parse("mail", raws, Frame()) == [prepare(message_of(raw)) for raw in raws]


@pytest.mark.parametrize("deed", ["exit", "spin", "eat", "recurse", "surrogate", "swallow"])
def test_what_kills_the_worker_is_found_among_the_others(parser: Parser, deed: str) -> None:
    assert subjects(parser, mails("a", deed)) == ["a", None]
    assert subjects(parser, mails("f")) == ["f"], "the worker is there again"


def test_two_killers_are_both_found(parser: Parser) -> None:
    assert subjects(parser, mails("exit", "b", "c", "exit", "e")) == [None, "b", "c", None, "e"]


def test_a_worker_that_hangs_is_killed_after_a_while(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert subjects(parser, mails("a")) == ["a"]
    # So short a while that only what is to be killed gets it: any other might be, where the machine is slow.
    with monkeypatch.context() as short:
        short.setattr(parser_module, "_WALL_SECONDS", 0.2)
        short.setattr(parser_module, "_WALL_FACTOR", 0)
        assert subjects(parser, mails("sleep")) == [None]
    assert subjects(parser, mails("b")) == ["b"]


def test_what_it_prints_troubles_nobody(parser: Parser, capfd: pytest.CaptureFixture[str]) -> None:
    assert subjects(parser, mails("print")) == ["print"]
    assert capfd.readouterr() == ("", "")


def test_something_too_large_for_a_frame_is_set_aside(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert subjects(parser, mails("a")) == ["a"]
    same = worker(parser)
    monkeypatch.setattr(wire, "LARGEST_FRAME", 2000)
    assert subjects(parser, [raw_mail("1", "a@x", "a", "x" * 3000), *mails("b", "c")]) == [None, "b", "c"]
    assert worker(parser) is same, "nothing was sent that could have killed it"


def test_an_answer_too_large_ends_the_worker(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert subjects(parser, mails("a")) == ["a"]
    monkeypatch.setattr(wire, "LARGEST_FRAME", 3000)
    assert subjects(parser, mails("swell", "b")) == [None, "b"]


def test_a_tool_that_cannot_be_loaded_is_not_taken_for_bad_mail(forkserver: Forkserver) -> None:
    with Parser(forkserver, {"mail": "no_such_tool:TOOL"}) as parser:
        with pytest.raises(StateError, match=r"does not start.*no_such_tool"):
            parser.parse("mail", mails("a"), Frame())
        assert parser.worker("mail") is None
    with (
        Parser(forkserver, {"mail": "hostile_tool:NONE"}) as parser,
        pytest.raises(StateError, match=r"does not start.*hostile_tool:NONE"),
    ):
        parser.parse("mail", mails("a"), Frame())


def test_a_few_are_parsed_in_the_worker_as_well(parser: Parser) -> None:
    assert subjects(parser, mails("a", "b")) == ["a", "b"]
    assert worker(parser).running
    broken = raw_mail("9", "m9@x", "x", boom="This is not to be read.")
    assert subjects(parser, [*mails("a"), broken]) == ["a", None]
    assert subjects(parser, mails("a", "swallow")) == ["a", None]


def test_nothing_is_parsed_without_a_process(forkserver: Forkserver) -> None:
    with Parser(forkserver, {"mail": "no_such_tool:TOOL"}) as parser:
        assert parser.parse("mail", [], Frame()) == []


def test_the_installed_tool_is_found_by_its_entry_point(forkserver: Forkserver) -> None:
    with Parser(forkserver) as parser:
        (note,) = parser.parse("notes", [raw_note("a.md", "Text")], Frame())
        assert note is not None
        assert (note.key, worker(parser, "notes").running) == ("a.md", True)


def test_calendar_objects_cross_whole(forkserver: Forkserver) -> None:
    standup = Occurrence("u", "", "Standup", NOON, NOON, organizer=Attendee("Tom", "tom@nordwind.example", "accepted"))
    raws = [raw_object("a.ics", [standup], [Task("t", "Write", due=NOON.date())], recurs=True)]
    with Parser(forkserver, {"calendar": "memory_source:CALENDAR"}) as parser:
        assert parser.parse("calendar", raws, Frame()) == CALENDAR.parse(raws, Frame())


def test_the_worker_sees_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUTLER_MAIL__HOME__PASSWORD", "secret")
    with Forkserver(folders=(SERVERS,)) as forkserver, Parser(forkserver, HOSTILE) as parser:
        subjects(parser, mails("a"))
        number = worker(parser).pid
        assert os.getpid() != number
        # It has that of the process which forked it; its own is for root only to look into.
        assert forkserver._process is not None
        for pid in (forkserver._process.pid, *([number] if os.geteuid() == 0 else [])):
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            assert b"secret" not in environment
            assert b"LANG=C.UTF-8" in environment


def test_what_may_be_used_is_counted_from_what_the_worker_has_when_it_is_forked(forkserver: Forkserver) -> None:
    with Parser(forkserver, HOSTILE, Limits(memory=64 << 20)) as parser:
        assert subjects(parser, mails("a", "eat some", "b")) == ["a", None, "b"]
    with Parser(forkserver, HOSTILE) as parser:
        assert subjects(parser, mails("a", "eat some", "b")) == ["a", "eat some", "b"]


def test_each_thing_has_its_time_and_no_more(forkserver: Forkserver) -> None:
    with Parser(forkserver, HOSTILE, Limits(cpu=1)) as parser:
        began = time.monotonic()
        assert subjects(parser, mails("spin")) == [None]
        # Twice a second of processor time, on a busy machine; it would be a minute until its time by the clock is over.
        assert time.monotonic() - began < 60
