"""What kills the parser is set aside: once, by its key and bytes, named, and until it is gone or mended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from memory_source import NOON, MemorySource, raw_mail, raw_note, raw_object
from sync_house import ANNA, ZONE, House, Pickless, Weekly, house_in, states, twelve_mails

from butler.core.calendar import RawObject, Task
from butler.core.sources import SourceKind, Tool
from butler.store.mirror import Mirror


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = house_in(tmp_path)
    with closing(house.mirror), closing(house.parser):
        yield house


@pytest.fixture
def mailbox() -> MemorySource:
    return twelve_mails()


def test_what_kills_the_parser_is_set_aside_once_and_hides_no_other(house: House, mailbox: MemorySource) -> None:
    house.parser.killers = {"5"}
    assert states(house.sync(mailbox)) == ["fresh"]
    assert len(house.refs()) == 12
    (problem,) = house.mirror.problems()
    assert (problem.source, problem.collection, problem.key) == ("home", "INBOX", "5")
    assert "set aside" in problem.sentence
    mailbox.tokens = False
    mailbox.put("INBOX", *mailbox.shelves["INBOX"].held.values())
    house.parser.killers = set()
    house.parser.asked.clear()
    house.sync(mailbox)
    assert "5" not in house.parser.asked, "it is not tried again while it is the same"
    mailbox.put("INBOX", raw_mail("5", "m5@x", "Mended"))
    house.sync(mailbox)
    assert house.mirror.reads.mail("mail:home/m5@x").message.subject == "Mended"
    assert house.mirror.problems() == []


def test_an_object_and_a_note_may_be_set_aside_too(house: House) -> None:
    calendar, notes = MemorySource("calendar", "dav"), MemorySource("notes", "vault")
    calendar.put("family", raw_object("a.ics"), raw_object("b.ics", tasks=[Task("t", "Write")]))
    notes.put("vault", raw_note("a.ics", "A note"), raw_note("b.md", "Another"))
    house.parser.killers = {"a.ics"}
    assert states(house.sync(calendar, notes)) == ["fresh", "fresh"]
    assert [(problem.source, problem.key) for problem in house.mirror.problems()] == [("dav", "a.ics"), ("vault", "a.ics")]
    assert len(house.mirror.reads.tasks()) == 1
    assert [note.path for note in house.mirror.reads.notes(NOON)] == ["a.ics", "b.md"]


def quarantined(house: House) -> list[str]:
    """What `butler doctor` names."""
    return [key for _, key in house.mirror.quarantined(house.mirror.source("mail", "home"))]


def test_what_is_set_aside_is_named_by_that_sync_and_until_it_is_gone_or_mended(house: House, mailbox: MemorySource) -> None:
    house.parser.killers = {"3", "5", "7"}
    assert house.sync(mailbox)[0].aside == ("INBOX/3", "INBOX/5", "INBOX/7")
    house.parser.killers = set()
    mailbox.put("INBOX", raw_mail("5", "m5@x", "Mended"), raw_mail("12", "m12@x", "New"))
    assert house.sync(mailbox)[0].aside == ()
    assert quarantined(house) == ["3", "7"]
    mailbox.remove("INBOX", "3")
    house.sync(mailbox)
    assert quarantined(house) == ["7"]


def test_what_has_a_key_after_a_reset_is_not_what_had_it_before(house: House, mailbox: MemorySource) -> None:
    house.parser.killers = {"5"}
    house.sync(mailbox)
    house.parser.killers = set()
    house.parser.asked.clear()
    mailbox.void("INBOX")
    assert house.sync(mailbox)[0].aside == ()
    assert "5" in house.parser.asked
    assert quarantined(house) == []


def test_what_kills_the_parser_when_it_is_expanded_anew_is_set_aside_as_well(tmp_path: Path) -> None:
    tools: dict[SourceKind, Tool] = {"calendar": Weekly("calendar")}
    with closing(Mirror.open(tmp_path / "weekly.db", ZONE, ANNA)) as mirror:
        house = House(tmp_path / "weekly.db", mirror, Pickless(tools))
        calendar = MemorySource("calendar", "dav")
        calendar.put("family", RawObject("monday.ics", "1", b"0"), RawObject("tuesday.ics", "1", b"1"))
        assert house.sync(calendar)[0].aside == ()
        house.parser.killers = {"monday.ics"}
        house.now += timedelta(days=395)
        assert house.sync(calendar)[0].aside == ("family/monday.ics",)
        house.parser.asked.clear()
        house.now += timedelta(days=395)
        house.sync(calendar)
        assert house.parser.asked == ["tuesday.ics"], "it is not tried again"
