"""The parser with real worker processes: what kills one is set aside, everything else is parsed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hostile_tool import TOOL
from memory_source import CALENDAR, NOON, message_of, raw_mail, raw_note, raw_object

from butler.core.calendar import Attendee, Occurrence, Task
from butler.core.errors import StateError
from butler.core.prepared import PreparedMail, prepare
from butler.core.sources import Frame, Raw, SourceKind
from butler.sandbox import parser as parser_module
from butler.sandbox import wire
from butler.sandbox.parser import Parser
from butler.sandbox.worker import Limits
from tools.files import TOOL as NOTES

SERVERS = str(Path(__file__).parent.parent / "servers")
MEMORY = str(1 << 30)


def command(target: str = "hostile_tool:TOOL") -> Callable[[SourceKind], Sequence[str]]:
    """Start the child as the butler does, with the tests' own tools in reach."""
    code = f"import sys; sys.path.insert(0, {SERVERS!r}); from butler.sandbox.child import main; main(sys.argv[1:])"
    return lambda kind: [sys.executable, "-I", "-c", code, kind, target, MEMORY]


@pytest.fixture
def parser() -> Iterator[Parser]:
    parser = Parser({"mail": TOOL}, Limits(cpu=1), jailed=lambda count, running: True, command=command())
    yield parser
    parser.close()


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
    monkeypatch.setattr(parser_module, "_WALL_SECONDS", 0.2)
    monkeypatch.setattr(parser_module, "_WALL_FACTOR", 0)
    assert subjects(parser, mails("a")) == ["a"]
    assert subjects(parser, mails("sleep")) == [None]


def test_what_it_prints_troubles_nobody(parser: Parser, capfd: pytest.CaptureFixture[str]) -> None:
    assert subjects(parser, mails("print")) == ["print"]
    assert capfd.readouterr() == ("", "")


def test_something_too_large_for_a_frame_is_set_aside(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser_module, "LARGEST_FRAME", 2000)
    assert subjects(parser, [raw_mail("1", "a@x", "a", "x" * 3000), *mails("b", "c")]) == [None, "b", "c"]


def test_an_answer_too_large_ends_the_worker(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert subjects(parser, mails("a")) == ["a"]
    monkeypatch.setattr(wire, "LARGEST_FRAME", 100)
    assert subjects(parser, mails("a")) == [None]


def test_a_tool_that_cannot_be_loaded_is_not_taken_for_bad_mail() -> None:
    parser = Parser({"mail": TOOL}, jailed=lambda count, running: True, command=command("no_such_tool:TOOL"))
    with pytest.raises(StateError, match="does not start"):
        parser.parse("mail", mails("a"), Frame())
    parser.close()


def test_a_few_are_parsed_here_and_what_fails_here_is_tried_there() -> None:
    parser = Parser({"mail": TOOL}, command=command())
    assert subjects(parser, mails("a", "b")) == ["a", "b"]
    assert not parser._worker("mail").running
    broken = raw_mail("9", "m9@x", "x", boom="This is not to be read.")
    assert subjects(parser, [*mails("a"), broken]) == ["a", None]
    assert subjects(parser, mails("a", "swallow")) == ["a", None]
    parser.close()


def test_nothing_is_parsed_without_a_process() -> None:
    parser = Parser({"mail": TOOL}, jailed=lambda count, running: True, command=command("no_such_tool:TOOL"))
    assert parser.parse("mail", [], Frame()) == []


def test_the_installed_tool_is_found_by_its_entry_point() -> None:
    parser = Parser({"notes": NOTES}, jailed=lambda count, running: True)
    (note,) = parser.parse("notes", [raw_note("a.md", "Text")], Frame())
    assert note is not None
    assert (note.key, parser._worker("notes").running) == ("a.md", True)
    parser.close()


def test_calendar_objects_cross_whole() -> None:
    standup = Occurrence("u", "", "Standup", NOON, NOON, organizer=Attendee("Tom", "tom@nordwind.example", "accepted"))
    raws = [raw_object("a.ics", [standup], [Task("t", "Write", due=NOON.date())], recurs=True)]
    parser = Parser({"calendar": CALENDAR}, jailed=lambda count, running: True, command=command("memory_source:CALENDAR"))
    assert parser.parse("calendar", raws, Frame()) == CALENDAR.parse(raws, Frame())
    parser.close()


def test_the_worker_sees_nothing_of_the_environment(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUTLER_MAIL__HOME__PASSWORD", "secret")
    subjects(parser, mails("a"))
    process = parser._worker("mail")._process
    assert process is not None
    environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    assert b"secret" not in environment
    assert b"LANG=C.UTF-8" in environment
    assert os.getpid() != process.pid
