"""The sync over sources in memory: what is stored, what a failure leaves, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from memory_source import NOON, MemorySource, raw_mail, raw_note, raw_object
from sync_house import ANNA, ZONE, House, Weekly, house_in, states, twelve_mails

from butler.core.calendar import Occurrence, RawObject, Task
from butler.core.errors import SourceError, StateError
from butler.core.mail import RawMail
from butler.core.sources import Frame, SourceState
from butler.plan import frame_for
from butler.store import mirror as mirror_module
from butler.store.mirror import Mirror
from butler.sync import Progress, sync


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror_module, "_PRAGMAS", ("synchronous = OFF",))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = house_in(tmp_path)
    with closing(house.mirror), closing(house.parser):
        yield house


@pytest.fixture
def mailbox() -> MemorySource:
    return twelve_mails()


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
        for table in ("mail", "words", "location", "thread_link", "recipient", "orphan", "problem")
    }
    assert counts == {
        "mail": 1, "words": 1, "location": 1, "thread_link": 1, "recipient": 0, "orphan": 0, "problem": 0,
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


def test_a_second_copy_is_the_same_mail_also_when_another_one_had_its_message_id_at_first(house: House) -> None:
    mailbox = MemorySource()
    mailbox.put("Sent", raw_mail("1", "e@x", "Mine", sender="anna@berger.example"), role="\\Sent")
    house.sync(mailbox)
    del mailbox.shelves["Sent"]
    for key in ("1", "2"):
        mailbox.put("INBOX", raw_mail(key, "e@x", "Theirs"))
        house.sync(mailbox)
    (mail,) = house.mirror.reads.received(NOON - timedelta(1), NOON + timedelta(1))
    assert house.refs() == [mail.ref]
    mailbox.remove("INBOX", "1")
    house.sync(mailbox)
    assert house.refs() == [mail.ref]


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
    # However long a machine that is busy takes for it: what has waited long enough is kept at once.
    monkeypatch.setattr(writing, "_GROUP_SECONDS", float("inf"))
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
