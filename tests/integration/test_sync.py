"""The sync over sources in memory: what is stored, what a failure leaves, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from memory_source import NOON, MemorySource, MemoryTool, raw_mail, raw_note, raw_object
from parser_here import ParserHere

from butler.core.calendar import CalendarObject, Occurrence, RawObject, Task
from butler.core.errors import SourceError, StateError
from butler.core.mail import RawMail
from butler.core.prepared import Prepared
from butler.core.sources import Frame, Parsed, Raw, Source, SourceKind, SourceState, Tool
from butler.plan import frame_for
from butler.store import mirror as mirror_module
from butler.store.mirror import Mirror
from butler.sync import Progress, sync

ANNA = frozenset({"anna@berger.example"})
YEAR = timedelta(days=366)
ZONE = "Europe/Berlin"


class Pickless(ParserHere):
    """A parser on which some keys prey: what is in `killers` kills it."""

    def __init__(self, tools: dict[SourceKind, Tool]) -> None:
        super().__init__(tools)
        self.killers: set[str] = set()
        self.asked: list[str] = []

    def parse(self, kind: SourceKind, raws: Sequence[Raw], frame: Frame) -> list[Prepared | None]:
        self.asked += [raw.key for raw in raws]
        parsed = super().parse(kind, raws, frame)
        return [None if raw.key in self.killers else each for raw, each in zip(raws, parsed, strict=True)]


class Weekly(MemoryTool):
    """A tool for one kind of object: an event each day of the frame that its content names by weekday."""

    def parse(self, raws: Sequence[Raw], frame: Frame) -> Sequence[Parsed]:
        return [self._expand(raw, frame) for raw in raws if isinstance(raw, RawObject)]

    def _expand(self, raw: RawObject, frame: Frame) -> CalendarObject:
        days = [frame.start + timedelta(days=n) for n in range((frame.end - frame.start).days)]
        hits = [day for day in days if day.weekday() == int(raw.content)]
        zone = ZoneInfo(frame.zone)
        starts = [datetime(day.year, day.month, day.day, 9, tzinfo=zone) for day in hits]
        found = [Occurrence("week", f"{each:%Y%m%dT%H%M%S}", "Week", each, each + timedelta(hours=1)) for each in starts]
        return CalendarObject(raw.key, raw.version, tuple(found), recurs=True)


@dataclass
class House:
    """A mirror, a parser and a clock, and a way to bring the one up to date by the others."""

    path: Path
    mirror: Mirror
    parser: Pickless
    now: datetime = NOON
    seen: list[Progress] = field(default_factory=list)

    def sync(self, *sources: MemorySource, allow_empty: bool = False) -> list[SourceState]:
        frame = frame_for(self.now.date(), ZONE)
        known: list[Source[Raw]] = list(sources)
        return sync(known, self.mirror, self.parser, lambda: self.now, frame, self.seen.append, allow_empty)

    def refs(self) -> list[str]:
        since, until = NOON - YEAR, NOON + YEAR
        return sorted(mail.ref for mail in (*self.mirror.reads.received(since, until), *self.mirror.reads.sent(since, until)))


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror_module, "_PRAGMAS", ("synchronous = OFF",))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    tools: dict[SourceKind, Tool] = {kind: MemoryTool(kind) for kind in ("mail", "calendar", "notes")}
    mirror = Mirror.open(tmp_path / "mirror.db", ZONE, ANNA)
    parser = Pickless(tools)
    yield House(tmp_path / "mirror.db", mirror, parser)
    parser.close()
    mirror.close()


@pytest.fixture
def mailbox() -> MemorySource:
    source = MemorySource()
    source.put("INBOX", *[raw_mail(str(number), f"m{number}@x", f"Subject {number}", f"word{number}") for number in range(12)])
    return source


def states(found: Sequence[SourceState]) -> list[str]:
    return [state.state for state in found]


def test_everything_of_every_kind_is_read(house: House, mailbox: MemorySource) -> None:
    calendar, notes = MemorySource("calendar", "dav"), MemorySource("notes", "vault")
    calendar.put("family", raw_object("a.ics", [Occurrence("u", "", "Lunch", NOON, NOON)], [Task("t", "Write")]))
    notes.put("vault", raw_note("a.md", "A note"))
    found = house.sync(mailbox, calendar, notes)
    assert found == [
        SourceState("home", "mail", "fresh", NOON),
        SourceState("dav", "calendar", "fresh", NOON),
        SourceState("vault", "notes", "fresh", NOON),
    ]
    assert sorted(house.mirror.sources(), key=lambda state: state.name) == sorted(found, key=lambda state: state.name)
    assert len(house.refs()) == 12
    assert [placed.ref for placed in house.mirror.reads.occurrences(NOON, NOON)] == []
    assert [placed.ref for placed in house.mirror.reads.occurrences(NOON, NOON + timedelta(1))] == ["event:family/u"]
    assert [placed.ref for placed in house.mirror.reads.tasks()] == ["task:family/t"]
    assert [note.ref for note in house.mirror.reads.notes(NOON)] == ["file:vault/a.md"]


def test_what_has_the_same_token_is_not_read_again(house: House, mailbox: MemorySource) -> None:
    house.sync(mailbox)
    mailbox.put("Archive", raw_mail("1", "old@x"))
    house.sync(mailbox)
    house.sync(mailbox)
    assert mailbox.reads == ["INBOX", "Archive"]


def test_what_has_no_token_is_read_each_time_but_parsed_once(house: House, mailbox: MemorySource) -> None:
    mailbox.tokens = False
    house.sync(mailbox)
    house.sync(mailbox)
    assert mailbox.reads == ["INBOX", "INBOX"]
    assert len(house.parser.asked) == 12


def test_flags_removals_and_new_mail_are_followed(house: House, mailbox: MemorySource) -> None:
    house.sync(mailbox)
    mailbox.flag("INBOX", "1", "\\seen", "\\answered")
    mailbox.remove("INBOX", "2")
    mailbox.put("INBOX", raw_mail("99", "new@x"))
    house.sync(mailbox)
    assert house.mirror.reads.mail("mail:home/m1@x").message.flags == {"\\seen", "\\answered"}
    assert house.refs() == sorted([f"mail:home/m{n}@x" for n in range(12) if n != 2] + ["mail:home/new@x"])
    assert house.mirror.search("word2") == []


def test_nothing_is_left_of_a_mail_that_is_gone(house: House, mailbox: MemorySource) -> None:
    mailbox.put("INBOX", raw_mail("99", "mine@x", sender="anna@berger.example", references=("other@x",)))
    house.sync(mailbox)
    mailbox.remove("INBOX", *[str(number) for number in range(1, 12)], "99")
    house.sync(mailbox)
    counts = {
        table: house.mirror._database.value(f"SELECT count(*) FROM {table}")
        for table in ("mail", "mail_text", "location", "thread_link", "recipient", "orphan", "problem")
    }
    assert counts == {
        "mail": 1, "mail_text": 1, "location": 1, "thread_link": 1, "recipient": 0, "orphan": 0, "problem": 0,
    }  # fmt: skip


def test_a_mail_that_moves_stays_the_same_mail(house: House, mailbox: MemorySource) -> None:
    house.sync(mailbox)
    before = house.mirror.reads.mail("mail:home/m3@x")
    mailbox.remove("INBOX", "3")
    mailbox.put("Archive", raw_mail("7", "m3@x", "Subject 3", "word3"))
    house.sync(mailbox)
    after = house.mirror.reads.mail("mail:home/m3@x")
    assert (after.folder, after.message.key, after.thread) == ("Archive", "7", before.thread)
    assert len(house.mirror.search("word3")) == 1


def test_a_new_uidvalidity_voids_the_keys_and_loses_no_mail(house: House, mailbox: MemorySource) -> None:
    house.sync(mailbox)
    before = {ref: house.mirror.reads.mail(ref).thread for ref in house.refs()}
    mailbox.shelves["INBOX"].held = {
        f"{key}0": replace(raw, key=f"{key}0") for key, raw in mailbox.shelves["INBOX"].held.items() if isinstance(raw, RawMail)
    }
    mailbox.shelves["INBOX"].changed = {f"{key}0": at for key, at in mailbox.shelves["INBOX"].changed.items()}
    mailbox.void("INBOX")
    assert states(house.sync(mailbox)) == ["fresh"]
    assert {ref: house.mirror.reads.mail(ref).thread for ref in house.refs()} == before
    assert house.mirror.reads.mail("mail:home/m3@x").message.key == "30"


def test_a_source_that_is_down_is_failed_at_first_and_stale_later(house: House, mailbox: MemorySource) -> None:
    other = MemorySource("notes", "vault")
    other.put("vault", raw_note("a.md", "A note"))
    mailbox.down = "mail.home does not answer."
    assert house.sync(mailbox, other) == [
        SourceState("home", "mail", "failed", None, "mail.home does not answer."),
        SourceState("vault", "notes", "fresh", NOON),
    ]
    mailbox.down = ""
    house.sync(mailbox, other)
    mailbox.down = "mail.home does not answer."
    house.now = NOON + timedelta(hours=1)
    assert house.sync(mailbox, other)[0] == SourceState("home", "mail", "stale", NOON, "mail.home does not answer.")
    assert len(house.refs()) == 12


def test_a_reading_that_breaks_off_keeps_what_it_had_and_goes_on_there(house: House, mailbox: MemorySource) -> None:
    mailbox.put("Archive", raw_mail("1", "old@x"))
    left = iter([None, None, None, SourceError("The line went dead.")])

    def fail() -> None:
        if error := next(left, None):
            raise error

    mailbox.hook = fail
    (state,) = house.sync(mailbox)
    assert (state.state, state.error) == ("failed", "The line went dead.")
    assert house.refs() == sorted([*(f"mail:home/m{n}@x" for n in range(6)), "mail:home/old@x"])
    assert states(house.sync(mailbox)) == ["fresh"]
    assert len(house.refs()) == 13
    assert len(house.parser.asked) == 13, "nothing was read twice"


def test_an_interruption_leaves_whole_batches(house: House, mailbox: MemorySource) -> None:
    left = iter([None, None, None, KeyboardInterrupt()])

    def stop() -> None:
        if error := next(left, None):
            raise error

    mailbox.hook = stop
    with pytest.raises(KeyboardInterrupt):
        house.sync(mailbox)
    assert len(house.refs()) % 3 == 0
    assert states(house.sync(mailbox)) == ["fresh"]
    assert len(house.refs()) == 12


def test_an_interrupted_writing_is_rolled_back_to_whole_batches(
    house: House, mailbox: MemorySource, monkeypatch: pytest.MonkeyPatch
) -> None:
    from butler.store.mailbox import Mailbox

    calls = iter(range(100))
    add = Mailbox.add

    def interrupted(self: Mailbox, *values: object) -> None:
        add(self, *values)  # type: ignore[arg-type]
        if next(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Mailbox, "add", interrupted)
    with pytest.raises(KeyboardInterrupt):
        house.sync(mailbox)
    assert len(house.refs()) % 3 == 0
    assert states(house.sync(mailbox)) == ["fresh"]
    assert len(house.refs()) == 12


def test_a_full_disk_ends_the_sync_with_a_sentence(house: House, mailbox: MemorySource) -> None:
    mailbox.put("INBOX", raw_mail("99", "big@x", text="large " * 100_000))
    database = house.mirror._database
    database.run(f"PRAGMA max_page_count = {database.value('PRAGMA page_count') + 5}")
    with pytest.raises(StateError, match="disk is full"):
        house.sync(mailbox)
    database.run("PRAGMA max_page_count = 1000000")
    assert states(house.sync(mailbox)) == ["fresh"]
    assert len(house.refs()) == 13


def test_sudden_emptiness_is_refused_until_it_is_allowed(house: House, mailbox: MemorySource) -> None:
    house.sync(mailbox)
    mailbox.remove("INBOX", *[str(number) for number in range(12)])
    (state,) = house.sync(mailbox)
    assert state.state == "stale"
    assert state.error is not None
    assert "butler sync --allow-empty" in state.error
    assert len(house.refs()) == 12
    assert states(house.sync(mailbox, allow_empty=True)) == ["fresh"]
    assert house.refs() == []


def test_a_source_whose_collections_all_vanished_is_refused_too(house: House, mailbox: MemorySource) -> None:
    house.sync(mailbox)
    mailbox.shelves.clear()
    assert states(house.sync(mailbox)) == ["stale"]
    assert len(house.refs()) == 12
    assert states(house.sync(mailbox, allow_empty=True)) == ["fresh"]
    assert house.refs() == []


def test_one_of_several_collections_may_vanish(house: House, mailbox: MemorySource) -> None:
    mailbox.put("Archive", raw_mail("1", "old@x"))
    house.sync(mailbox)
    del mailbox.shelves["INBOX"]
    assert states(house.sync(mailbox)) == ["fresh"]
    assert house.refs() == ["mail:home/old@x"]


def test_moving_everything_is_no_emptiness(house: House, mailbox: MemorySource) -> None:
    house.sync(mailbox)
    for number in range(12):
        mailbox.remove("INBOX", str(number))
        mailbox.put("Archive", raw_mail(str(number), f"m{number}@x", f"Subject {number}", f"word{number}"))
    assert states(house.sync(mailbox)) == ["fresh"]
    assert {house.mirror.reads.mail(ref).folder for ref in house.refs()} == {"Archive"}


def test_a_few_may_go_all_at_once_and_a_void_collection_too(house: House) -> None:
    small, void = MemorySource("notes", "small"), MemorySource("notes", "void")
    small.put("small", *[raw_note(f"{number}.md", "Text") for number in range(9)])
    void.put("void", *[raw_note(f"{number}.md", "Text") for number in range(20)])
    house.sync(small, void)
    small.remove("small", *[f"{number}.md" for number in range(9)])
    void.remove("void", *[f"{number}.md" for number in range(20)])
    void.void("void")
    assert states(house.sync(small, void)) == ["fresh", "fresh"]
    assert house.mirror.reads.notes(NOON) == []


def test_a_void_calendar_is_read_anew(house: House) -> None:
    calendar = MemorySource("calendar", "dav")
    calendar.put("family", raw_object("a.ics", tasks=[Task("t", "Write")]), raw_object("b.ics", tasks=[Task("u", "Pay")]))
    house.sync(calendar)
    calendar.remove("family", "a.ics")
    calendar.void("family")
    assert states(house.sync(calendar)) == ["fresh"]
    assert [placed.ref for placed in house.mirror.reads.tasks()] == ["task:family/u"]


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


def test_a_source_that_lies_about_its_keys_does_no_harm(house: House) -> None:
    calendar = MemorySource("calendar", "dav", batch=10)
    twice = [raw_object("a.ics", tasks=[Task("t", title)]) for title in ("Old", "New")]
    calendar.put("family", *twice)
    calendar.shelves["family"].held = {"x": twice[0], "y": twice[1]}
    calendar.shelves["family"].changed = {"x": 1, "y": 2}
    assert states(house.sync(calendar)) == ["fresh"]
    assert [placed.task.summary for placed in house.mirror.reads.tasks()] == ["New"]


def test_progress_is_told_batch_by_batch(house: House, mailbox: MemorySource) -> None:
    house.sync(mailbox)
    assert [(each.done, each.total) for each in house.seen] == [(0, 12), (3, 12), (6, 12), (9, 12), (12, 12)]


def test_recurrences_are_worked_out_anew_when_their_end_comes_near(tmp_path: Path, house: House) -> None:
    house.parser._tools = {"calendar": Weekly("calendar")}
    calendar = MemorySource("calendar", "dav")
    calendar.put("family", *[RawObject(f"{day}.ics", "1", str(day).encode()) for day in range(3)])
    house.sync(calendar)
    later = NOON + timedelta(days=390)

    def weeks() -> int:
        return len(house.mirror.reads.occurrences(later, later + timedelta(days=70)))

    before = weeks()
    house.now = NOON + timedelta(days=339)
    house.sync(calendar)
    assert weeks() == before, "not yet"
    house.now = NOON + timedelta(days=340)
    house.sync(calendar)
    assert weeks() == 30
    house.parser.asked.clear()
    house.sync(calendar)
    assert house.parser.asked == []
    assert calendar.reads == ["family"], "the source is not asked"


def test_a_frame_too_short_to_help_changes_nothing(house: House) -> None:
    calendar = MemorySource("calendar", "dav")
    calendar.put("family", raw_object("a.ics", recurs=True))
    short = Frame(ZONE, date(2026, 11, 1), date(2026, 12, 1))
    for _ in range(2):
        assert states(sync([calendar], house.mirror, house.parser, lambda: NOON, short)) == ["fresh"]
    assert house.parser.asked == ["a.ics"]


@pytest.mark.parametrize("again", [True, False])
def test_a_change_of_zone_moves_whole_days(house: House, again: bool) -> None:
    calendar = MemorySource("calendar", "dav")
    day = Occurrence("u", "", "Holiday", NOON.date(), NOON.date() + timedelta(days=1))
    calendar.put("family", raw_object("a.ics", [day]))
    house.sync(calendar)
    house.mirror.close()
    zone = "Pacific/Auckland" if again else ZONE
    house.mirror = Mirror.open(house.path, zone, ANNA)
    house.sync(calendar)
    midnight = datetime(2026, 11, 24, tzinfo=ZoneInfo(ZONE))
    early = house.mirror.reads.occurrences(midnight - timedelta(hours=2), midnight)
    assert bool(early) is again
    assert house.parser.asked == ["a.ics"] * (2 if again else 1)


def test_a_source_taken_out_of_the_settings_is_forgotten(house: House, mailbox: MemorySource) -> None:
    notes = MemorySource("notes", "vault")
    notes.put("vault", raw_note("a.md", "A note"))
    house.sync(mailbox, notes)
    house.mirror.keep_only(frozenset({("notes", "vault")}))
    assert [state.name for state in house.mirror.sources()] == ["vault"]
    assert house.refs() == []
    assert len(house.mirror.reads.notes(NOON)) == 1


def test_many_batches_are_kept_in_few_transactions(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from butler.store import writing

    monkeypatch.setattr(writing, "_GROUP", 50)
    mailbox = MemorySource(batch=10)
    mailbox.put("INBOX", *[raw_mail(str(number), f"m{number}@x") for number in range(120)])
    seen: list[int] = []

    def look(progress: Progress) -> None:
        from butler.store.database import read_only

        seen.append(read_only(house.path, lambda own: own.value("SELECT count(*) FROM mail")))

    sync([mailbox], house.mirror, house.parser, lambda: NOON, frame_for(NOON.date(), ZONE), look)
    assert seen == [0] * 5 + [50] * 5 + [100] * 3
    assert len(house.refs()) == 120


def test_occurrences_worked_out_under_a_clock_far_ahead_are_worked_out_again(house: House) -> None:
    house.parser._tools = {"calendar": Weekly("calendar")}
    calendar = MemorySource("calendar", "dav")
    calendar.put("family", RawObject("1.ics", "1", b"1"))

    def weeks() -> int:
        return len(house.mirror.reads.occurrences(NOON, NOON + timedelta(days=70)))

    house.now = NOON + timedelta(days=4000)
    house.sync(calendar)
    assert weeks() == 0
    house.now = NOON
    house.sync(calendar)
    assert weeks() == 10
    house.parser.asked.clear()
    house.sync(calendar)
    assert house.parser.asked == [], "once"


def test_a_change_of_zone_needs_no_answer_from_the_source(house: House) -> None:
    calendar = MemorySource("calendar", "dav")
    calendar.put("family", raw_object("a.ics", [Occurrence("u", "", "Holiday", NOON.date(), NOON.date() + timedelta(days=1))]))
    house.sync(calendar)
    house.mirror.close()
    house.mirror = Mirror.open(house.path, "Pacific/Auckland", ANNA)
    calendar.down = "It does not answer."
    assert states(house.sync(calendar)) == ["stale"]
    midnight = datetime(2026, 11, 24, tzinfo=ZoneInfo(ZONE))
    assert house.mirror.reads.occurrences(midnight - timedelta(hours=2), midnight)
