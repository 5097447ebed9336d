"""The mirror, written by hand and read back: identity, threads, folders, people, tasks, search, and a damaged file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_source import NOON, message_of, raw_mail, raw_object

from butler.core.calendar import CalendarObject, Occurrence, Placed, Task
from butler.core.context import Reads
from butler.core.errors import StateError, UnknownRefError, UsageError
from butler.core.notes import Note, PlacedNote
from butler.core.prepared import Prepared, prepare
from butler.core.sources import Batch, SourceKind
from butler.store import mirror as mirror_module
from butler.store.mirror import Mirror
from butler.store.sql import statements
from butler.store.threads import assign

ANNA = "anna@berger.example"
TOM = "tom@nordwind.example"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")


class Shelves:
    """A mirror that tests write to without a source."""

    def __init__(self, path: Path, zone: str = "Europe/Berlin", owner: Sequence[str] = (ANNA,)) -> None:
        self.path = path
        self.mirror = Mirror.open(path, zone, frozenset(owner))
        self.reads: Reads = self.mirror.reads
        self.count = 0

    def mail(self, message_id: str, *, folder: str = "INBOX", role: str = "", account: str = "home", **fields: object) -> str:
        """Put one mail into a folder; its key there."""
        self.count += 1
        key = str(self.count)
        raw = raw_mail(key, message_id, **fields)  # type: ignore[arg-type]
        self.write("mail", account, folder, [prepare(message_of(raw))], role)
        return key

    def calendar(self, name: str, *objects: CalendarObject) -> None:
        """Put objects into a calendar."""
        raws = [raw_object(each.key) for each in objects]
        self.write("calendar", "dav", name, list(objects), "", *raws)

    def write(
        self,
        kind: SourceKind,
        source: str,
        name: str,
        prepared: Sequence[Prepared],
        role: str = "",
        *added: object,
    ) -> None:
        known = self.mirror.collection(self.mirror.source(kind, source), name, role)
        with self.mirror.writing() as writing:
            writing.apply(known.place, Batch(name, "1", added), prepared, date(2027, 12, 29))

    def received(self, since: datetime = NOON - 400 * DAY) -> list[str]:
        return [mail.ref for mail in self.reads.received(since, NOON + DAY)]

    def threads(self, *names: str) -> list[int]:
        return [self.reads.mail(f"mail:home/{name}").thread for name in names]


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror_module, "_PRAGMAS", ("synchronous = OFF",))


@pytest.fixture
def shelves(tmp_path: Path) -> Iterator[Shelves]:
    shelves = Shelves(tmp_path / "mirror.db")
    yield shelves
    shelves.mirror.close()


def test_mails_come_newest_first_and_only_those_of_the_window(shelves: Shelves) -> None:
    for name, hours in (("a@x", 3), ("b@x", 1), ("c@x", 2)):
        shelves.mail(name, at=NOON - hours * HOUR)
    found = shelves.reads.received(NOON - 3 * HOUR, NOON - HOUR)
    assert [mail.ref for mail in found] == ["mail:home/c@x", "mail:home/a@x"]
    assert found[0].when == NOON - 2 * HOUR


def test_the_same_mail_in_two_folders_is_one_with_the_flags_of_both(shelves: Shelves) -> None:
    key = shelves.mail("a@x", text="Hello")
    shelves.mail("a@x", text="Hello", folder="[Gmail]/All Mail", flags=("\\answered",))
    shelves.mail("a@x", text="Hello", folder="Trash", role="\\Trash")
    assert shelves.received() == ["mail:home/a@x"]
    mail = shelves.reads.mail("mail:home/a@x")
    assert (mail.folder, mail.message.key, mail.message.flags) == ("INBOX", key, frozenset({"\\answered"}))


def test_another_mail_under_the_same_id_gets_a_name_of_its_own(shelves: Shelves) -> None:
    shelves.mail("a@x", text="Hello")
    shelves.mail("a@x", text="Something else")
    shelves.mail("a@x", text="Something else", folder="Archive")
    first, second = sorted(shelves.received())
    assert first == "mail:home/a@x"
    assert second.startswith("mail:home/a@x~")
    assert len(second.rpartition("~")[2]) == 8
    assert shelves.reads.mail(second).message.text == "Something else"
    assert shelves.reads.mail(second).content_hash[:8] == second[-8:]


def test_mails_without_an_id_are_told_apart_by_their_content(shelves: Shelves) -> None:
    shelves.mail("", text="One")
    shelves.mail("", text="One", folder="Archive")
    shelves.mail("", text="Two")
    assert len(shelves.received()) == 2
    assert all(ref.startswith("mail:home/sha256-") and ref.endswith("@no-id") for ref in shelves.received())


def test_the_same_mail_in_two_accounts_has_two_names_and_one_thread(shelves: Shelves) -> None:
    shelves.mail("a@x")
    shelves.mail("a@x", account="work")
    assert sorted(shelves.received()) == ["mail:home/a@x", "mail:work/a@x"]
    assert shelves.reads.mail("mail:work/a@x").thread == shelves.reads.mail("mail:home/a@x").thread


def test_junk_trash_and_drafts_are_not_received_and_drafts_not_sent(shelves: Shelves) -> None:
    for name, role in (("junk@x", "\\Junk"), ("trash@x", "\\Trash"), ("drafts@x", "\\Drafts"), ("kept@x", "\\Archive")):
        shelves.mail(name, folder=role, role=role)
    shelves.mail("flagged@x", flags=("\\draft",))
    assert shelves.received() == ["mail:home/kept@x"]
    shelves.mail("mine@x", sender=ANNA, folder="\\Archive", role="\\Archive")
    shelves.mail("unsent@x", sender=ANNA, folder="\\Drafts", role="\\Drafts")
    assert [mail.ref for mail in shelves.reads.sent(NOON - DAY, NOON + DAY)] == ["mail:home/mine@x"]
    assert shelves.reads.mail("mail:home/junk@x").folder == "\\Junk"


def test_what_lies_in_sent_was_sent_whatever_the_address(shelves: Shelves) -> None:
    shelves.mail("a@x", sender="anna@old.example", folder="Gesendet", role="\\Sent", to=(TOM,))
    shelves.mail("b@x", sender="anna@old.example", folder="Archive", to=(TOM,))
    assert shelves.received() == ["mail:home/b@x"]
    shelves.mail("b@x", sender="anna@old.example", folder="Gesendet", role="\\Sent", to=(TOM,))
    assert shelves.received() == []
    assert shelves.reads.exchanged([TOM]) == {TOM: (0, 2)}


def test_a_folder_that_becomes_the_sent_one_changes_who_wrote_what(shelves: Shelves) -> None:
    shelves.mail("a@x", sender="anna@old.example", folder="Outbox", to=(TOM,))
    shelves.mirror.collection(shelves.mirror.source("mail", "home"), "Outbox", "\\Sent")
    assert shelves.received() == []
    assert shelves.reads.exchanged([TOM]) == {TOM: (0, 1)}


def test_new_addresses_of_the_owner_change_who_wrote_what(shelves: Shelves) -> None:
    shelves.mail("a@x", sender="anna@old.example", to=(TOM, "Eva@Nordwind.example"))
    assert len(shelves.received()) == 1
    shelves.mirror.close()
    again = Shelves(shelves.path, owner=(ANNA, "anna@old.example"))
    assert again.received() == []
    assert again.reads.exchanged([TOM, "eva@nordwind.example"]) == {TOM: (0, 1), "eva@nordwind.example": (0, 1)}
    again.mirror.close()


def test_mails_had_and_sent_are_counted_by_person(shelves: Shelves) -> None:
    shelves.mail("a@x")
    shelves.mail("b@x", sender="TOM@nordwind.example")
    shelves.mail("c@x", sender=ANNA, to=("Tom@nordwind.example",))
    asked = [TOM, "Tom@Nordwind.example", "nobody@x.example"]
    assert shelves.reads.exchanged(asked) == {TOM: (2, 1), "Tom@Nordwind.example": (2, 1), "nobody@x.example": (0, 0)}


def test_mails_join_a_thread_in_whatever_order_they_come(shelves: Shelves) -> None:
    shelves.mail("c@x", references=("a@x", "b@x"))
    shelves.mail("other@x")
    shelves.mail("b@x", references=("a@x",))
    shelves.mail("e@x", references=("d@x",))
    shelves.mail("d@x", references=("c@x",))
    assert len(set(shelves.threads("b@x", "c@x", "d@x", "e@x"))) == 1
    assert len(set(shelves.threads("b@x", "other@x"))) == 2


def test_a_thread_is_read_oldest_first_and_without_drafts(shelves: Shelves) -> None:
    shelves.mail("b@x", references=("a@x",), at=NOON - HOUR)
    shelves.mail("a@x", at=NOON - 2 * HOUR)
    shelves.mail("c@x", references=("a@x",), folder="Drafts", role="\\Drafts")
    (thread,) = set(shelves.threads("a@x", "b@x"))
    assert [mail.ref for mail in shelves.reads.threads([thread])[thread]] == ["mail:home/a@x", "mail:home/b@x"]
    assert shelves.reads.threads([99]) == {99: []}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_reply_without_references_finds_its_thread_by_subject_and_people(shelves: Shelves, order: tuple[int, int]) -> None:
    mails = [
        {"message_id": "a@x", "subject": "Lunch on Friday", "at": NOON - 3 * DAY},
        {"message_id": "b@x", "subject": "AW: Lunch on  Friday", "sender": ANNA, "to": (TOM,)},
    ]
    for number in order:
        shelves.mail(**mails[number])  # type: ignore[arg-type]
    assert len(set(shelves.threads("a@x", "b@x"))) == 1


@pytest.mark.parametrize(
    "reply",
    [
        {"subject": "Lunch", "sender": ANNA, "to": (TOM,)},
        {"subject": "Re: Dinner", "sender": ANNA, "to": (TOM,)},
        {"subject": "Re: Lunch", "sender": "eva@x.example"},
        {"subject": "Re: Lunch", "sender": ANNA, "to": (TOM,), "references": ("z@x",)},
        {"subject": "Re: Lunch", "sender": ANNA, "to": (TOM,), "at": NOON - 20 * DAY},
        {"subject": "Re: Lunch", "sender": ANNA, "to": (TOM,), "at": NOON + 60 * DAY},
    ],
)
def test_a_subject_is_the_last_resort_and_no_more(shelves: Shelves, reply: dict[str, object]) -> None:
    shelves.mail("a@x", subject="Lunch", at=NOON - 3 * DAY)
    shelves.mail("b@x", **reply)  # type: ignore[arg-type]
    assert len(set(shelves.threads("a@x", "b@x"))) == 2


names = st.sampled_from("abcdefghij")


@given(st.lists(st.tuples(names, st.lists(names, max_size=3)), max_size=10), st.integers(1, 4))
def test_threads_are_the_same_in_any_order_and_any_batches(mails: list[tuple[str, list[str]]], size: int) -> None:
    def threads(order: Sequence[int]) -> set[frozenset[int]]:
        known: dict[int, int] = {}
        of: dict[int, int] = {}
        for at in range(0, len(order), size):
            batch = [
                (number + 1, [ord(name) for name in (mails[number][0], *mails[number][1])]) for number in order[at : at + size]
            ]
            assigned = assign(batch, known)
            for thread, into in assigned.merges:
                known = {link: into if each == thread else each for link, each in known.items()}
                of = {mail: into if each == thread else each for mail, each in of.items()}
            known |= dict(assigned.links)
            of |= {mail: thread for (mail, _), thread in zip(batch, assigned.threads, strict=True)}
        return {frozenset(mail for mail in of if of[mail] == thread) for thread in of.values()}

    forwards = list(range(len(mails)))
    assert threads(forwards) == threads(forwards[::-1])


def event(uid: str, start: datetime | date, end: datetime | date, recurrence_id: str = "") -> Occurrence:
    return Occurrence(uid, recurrence_id, uid.title(), start, end, "Harbour", "Bring a coat")


def test_occurrences_that_touch_the_window_come_by_start(shelves: Shelves) -> None:
    events = [
        event("long", NOON - 100 * DAY, NOON + 100 * DAY),
        event("before", NOON - 2 * HOUR, NOON),
        event("point", NOON, NOON),
        event("today", date(2026, 11, 24), date(2026, 11, 25)),
        event("inside", NOON + HOUR, NOON + 2 * HOUR),
        event("after", NOON + 3 * HOUR, NOON + 4 * HOUR),
        event("tomorrow", date(2026, 11, 25), date(2026, 11, 26)),
    ]
    shelves.calendar("family", CalendarObject("a.ics", "1", tuple(events)))
    found = shelves.reads.occurrences(NOON, NOON + 3 * HOUR)
    assert [placed.occurrence.uid for placed in found] == ["long", "today", "point", "inside"]
    assert found[3] == Placed("event:family/inside", "family", events[4])


def test_whole_days_are_days_of_the_owner(shelves: Shelves) -> None:
    shelves.calendar("family", CalendarObject("a.ics", "1", (event("day", date(2026, 11, 24), date(2026, 11, 25)),)))
    midnight = datetime(2026, 11, 24, tzinfo=BERLIN)
    assert shelves.reads.occurrences(midnight - HOUR, midnight) == []
    assert len(shelves.reads.occurrences(midnight, midnight + timedelta(minutes=1))) == 1
    assert len(shelves.reads.occurrences(midnight + DAY, midnight + DAY + HOUR)) == 0


def test_a_floating_time_is_placed_in_the_zone_of_the_owner(shelves: Shelves) -> None:
    naive = datetime(2026, 11, 24, 9)  # noqa: DTZ001 - a calendar may hand over such a one
    shelves.calendar("family", CalendarObject("a.ics", "1", (event("float", naive, naive + HOUR),)))
    nine = datetime(2026, 11, 24, 9, tzinfo=BERLIN)
    assert len(shelves.reads.occurrences(nine, nine + HOUR)) == 1


def test_open_tasks_come_by_due_date_those_without_one_last(shelves: Shelves) -> None:
    tasks = (
        Task("none", "Some day"),
        Task("late", "Write", due=datetime(2026, 11, 24, 9, tzinfo=BERLIN)),
        Task("early", "Pay", due=date(2026, 11, 24)),
        Task("done", "Done", due=date(2026, 11, 20), completed=True),
        Task("off", "Off", cancelled=True),
    )
    shelves.calendar("home", CalendarObject("t.ics", "1", (), tasks))
    assert [placed.ref for placed in shelves.reads.tasks()] == ["task:home/early", "task:home/late", "task:home/none"]
    assert [placed.task for placed in shelves.reads.tasks()] == [tasks[2], tasks[1], tasks[0]]


def test_notes_come_newest_first(shelves: Shelves) -> None:
    notes = [Note(f"{n}.md", "1", int((NOON - n * HOUR).timestamp()), f"Text {n}") for n in (2, 1, 3)]
    shelves.write("notes", "vault", "vault", notes)
    assert [note.path for note in shelves.reads.notes(NOON - 2 * HOUR)] == ["1.md", "2.md"]
    found = shelves.mirror.show("file:vault/1.md#L3")
    assert isinstance(found, PlacedNote)
    assert (found.text, found.modified, found.root) == ("Text 1", NOON - HOUR, "vault")


def test_show_finds_what_a_reference_points_at(shelves: Shelves) -> None:
    shelves.mail("a/b@x")
    first, second = (event("u/1", NOON + n * DAY, NOON + n * DAY + HOUR, f"2026112{4 + n}T120000Z") for n in (0, 1))
    shelves.calendar("family", CalendarObject("a.ics", "1", (second, first), (Task("t", "Write"),)))
    assert shelves.mirror.show("mail:home/<a/b@x>") == shelves.reads.mail("mail:home/a/b@x")
    assert shelves.mirror.show("event:family/u%2F1") == Placed("event:family/u%2F1/20261124T120000Z", "family", first)
    assert shelves.mirror.show("event:family/u%2F1/20261125T120000Z") == Placed(
        "event:family/u%2F1/20261125T120000Z", "family", second
    )
    assert shelves.mirror.show("task:family/t") == shelves.reads.tasks()[0]


@pytest.mark.parametrize(
    "ref", ["mail:home/none@x", "mail:work/a@x", "event:family/none", "task:family/none", "file:vault/none.md"]
)
def test_what_is_not_there_is_named(shelves: Shelves, ref: str) -> None:
    shelves.mail("a@x")
    with pytest.raises(UnknownRefError, match=ref):
        shelves.mirror.show(ref)
    with pytest.raises(UnknownRefError, match=ref):
        shelves.reads.mail(ref)


def test_what_is_no_reference_is_a_usage_error(shelves: Shelves) -> None:
    with pytest.raises(UsageError, match="References"):
        shelves.mirror.show("lunch")


def test_search_finds_mails_notes_events_and_tasks(shelves: Shelves) -> None:
    shelves.mail("a@x", subject="Über den Hafen", text="The harbour is closed.")
    shelves.write("notes", "vault", "vault", [Note("harbour.md", "1", int(NOON.timestamp()), "Boats lie there.")])
    shelves.calendar("family", CalendarObject("a.ics", "1", (event("walk", NOON, NOON + HOUR),)))
    shelves.calendar("home", CalendarObject("t.ics", "1", (), (Task("t", "Paint the harbour wall"),)))
    found = shelves.mirror.search("HARBOUR")
    assert {hit.ref for hit in found} == {"mail:home/a@x", "file:vault/harbour.md", "event:family/walk", "task:home/t"}
    mail = next(hit for hit in found if hit.ref.startswith("mail"))
    assert (mail.title, mail.when, mail.excerpt) == ("Über den Hafen", NOON, "The harbour is closed.")
    assert [hit.ref for hit in shelves.mirror.search("uber hafen")] == ["mail:home/a@x"]
    assert [hit.ref for hit in shelves.mirror.search('"boats lie"')] == ["file:vault/harbour.md"]
    assert [hit.ref for hit in shelves.mirror.search("nordw* closed")] == ["mail:home/a@x"]
    assert shelves.mirror.search('"lie boats"') == []
    assert len(shelves.mirror.search("harbour", limit=2)) == 2


@pytest.mark.parametrize("text", ["", '"', "***", "()", "\0", '" "'])
def test_a_search_for_nothing_finds_nothing(shelves: Shelves, text: str) -> None:
    assert shelves.mirror.search(text) == []


def test_problems_are_told_until_what_has_them_is_gone(shelves: Shelves) -> None:
    broken = Note("a.md", "1", 0, "", ("This is no text.", "Nor anything else."))
    shelves.write("notes", "vault", "vault", [broken])
    assert [(problem.source, problem.key, problem.sentence) for problem in shelves.mirror.problems()] == [
        ("vault", "a.md", "This is no text."),
        ("vault", "a.md", "Nor anything else."),
    ]
    known = shelves.mirror.source("notes", "vault").collections["vault"]
    with shelves.mirror.writing() as writing:
        writing.apply(known.place, Batch("vault", "2", removed=["a.md"]), [], date(2027, 1, 1))
    assert shelves.mirror.problems() == []


def test_a_damaged_mirror_is_moved_aside_and_started_anew(tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    path.write_bytes(b"This is no database." * 100)
    mirror = Mirror.open(path, "UTC")
    (warning,) = mirror.warnings
    assert "not" in warning or "cannot be used" in warning
    assert str(tmp_path / "mirror.db.aside") in warning
    assert mirror.sources() == []
    mirror.close()
    assert Mirror.open(path, "UTC").warnings == ()


def test_a_mirror_of_another_version_is_rebuilt(tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    Mirror.open(path, "UTC").close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    mirror = Mirror.open(path, "UTC")
    assert "newer butler" in mirror.warnings[0]
    mirror.close()


@pytest.mark.parametrize(
    "change", ["DELETE FROM setting WHERE name = 'schema'", "UPDATE setting SET value = 'x' WHERE name = 'schema'"]
)
def test_a_mirror_that_another_schema_made_is_rebuilt(shelves: Shelves, change: str) -> None:
    shelves.mail("a@x")
    shelves.mirror._database.run(change)
    shelves.mirror.close()
    again = Shelves(shelves.path)
    assert "another version of the butler" in again.mirror.warnings[0]
    assert again.received() == []
    again.mirror.close()


def test_a_mirror_found_damaged_while_it_is_read_is_rebuilt_next_time(shelves: Shelves) -> None:
    for number in range(30):
        shelves.mail(f"m{number}@x", text="word " * 500)
    shelves.mirror.close()
    content = bytearray(shelves.path.read_bytes())
    content[250_000:] = b"\xa5" * (len(content) - 250_000)
    shelves.path.write_bytes(content)
    damaged = Mirror.open(shelves.path, "Europe/Berlin", frozenset({ANNA}))
    assert damaged.warnings == ()
    with pytest.raises(StateError, match="rebuilt from its sources at the next start"):
        damaged.reads.received(NOON - DAY, NOON + DAY)
    damaged.close()
    again = Shelves(shelves.path)
    assert len(again.mirror.warnings) == 1
    assert again.received() == []
    again.mirror.close()


def test_a_mirror_that_cannot_be_opened_is_no_reason_to_throw_it_away(tmp_path: Path) -> None:
    (tmp_path / "mirror.db").mkdir()
    with pytest.raises(StateError, match="cannot be opened"):
        Mirror.open(tmp_path / "mirror.db", "UTC")
    assert (tmp_path / "mirror.db").is_dir()


@pytest.mark.parametrize("name", ["mirror.db.aside", "mirror.db.damaged"])
def test_a_folder_in_the_way_of_a_damaged_mirror_is_a_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "mirror.db").write_bytes(b"This is no database." * 100)
    (tmp_path / name).mkdir()
    with pytest.raises(StateError, match="Is a directory"):
        Mirror.open(tmp_path / "mirror.db", "UTC")


def test_mails_of_a_subject_are_found_without_a_look_at_all_the_others(shelves: Shelves) -> None:
    connection = sqlite3.connect(shelves.path)
    sql = statements("mailbox")["same_subject"]
    (plan, *_) = connection.execute(f"EXPLAIN QUERY PLAN {sql}", (1, 0, 1, 1, 1)).fetchall()
    connection.close()
    assert "mail_by_subject" in plan[3]


def test_a_mirror_that_took_less_from_a_mail_reads_all_again(tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    before = Shelves(path)
    before.mail("old")
    before.mirror._database.run("DELETE FROM setting WHERE name = 'reading'")
    before.mirror.close()
    mirror = Mirror.open(path, "Europe/Berlin", frozenset({ANNA}))
    (known,) = mirror.source("mail", "home").collections.values()
    assert (known.token, known.cursor) == ("", None)
    assert mirror.known(known.place) == {}
    assert not mirror.warnings
    mirror.close()
    again = Shelves(path)
    assert again.received() == []
    again.mail("old")
    assert again.received() != []
    again.mirror.close()
