"""The truth: runs, model calls, what runs keep, briefings."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from butler.core.briefing import Briefing, Evidence, Line, Origin, Section, Usage
from butler.core.context import RunMemory
from butler.core.errors import StateError
from butler.core.steps import CallBook, ModelCall
from butler.store import truth as truth_module
from butler.store.briefings import KeptBriefing
from butler.store.sql import migrations
from butler.store.truth import Truth

BERLIN = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2026, 11, 24, 6, 30, tzinfo=BERLIN)
DAY = dt.date(2026, 11, 24)
LATER = NOW + dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth_module, "_PRAGMAS", ("synchronous = OFF", "foreign_keys = ON"))


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    truth = Truth.open(tmp_path / "butler.db")
    yield truth
    truth.close()


def call(**fields: object) -> ModelCall:
    base = ModelCall(
        *("run", NOW, "triage", "1", "mail:home/a@b", "key", "qwen", "sha256:1", "0.31.2", False, "ok", 1, 100, 20, 1.5),
        *("prompt", '{"label": "reply"}'),
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def briefing(day: dt.date = DAY) -> Briefing:
    line = Line(text="Lunch", by="code", evidence=(Evidence(ref="event:family/u"),))
    return Briefing(
        date=day,
        timezone="Europe/Berlin",
        generated_at=NOW,
        composed_by="rules",
        model=None,
        sources=(),
        sections=(Section(name="agenda", lines=(line,)),),
        dropped=(),
        quiet=False,
        usage=Usage(),
    )


def origin(*refs: str, text: str = "Lunch") -> Origin:
    return Origin(section="agenda", text=text, refs=refs, by="code", rule="agenda", reason="It is today.")


def kept(day: dt.date = DAY, *origins: Origin, **snapshot: object) -> KeptBriefing:
    return KeptBriefing("run", briefing(day), origins, snapshot, Path("/vault/day.md"), "ab" * 32)


def test_the_file_is_for_its_owner_alone(truth: Truth, tmp_path: Path) -> None:
    truth.book.record(call())
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_run_is_found_again_until_it_ends(truth: Truth) -> None:
    run = truth.runs.start("briefing", "2026-11-24", NOW)
    assert truth.runs.unfinished("briefing", "2026-11-24") == run
    assert truth.runs.unfinished("briefing", "2026-11-25") is None
    assert truth.runs.unfinished("other", "2026-11-24") is None
    assert truth.runs.finish(run.id, LATER)
    assert truth.runs.unfinished("briefing", "2026-11-24") is None
    assert truth.runs.get(run.id) == replace(run, state="done", ended=LATER)


def test_the_frozen_time_of_a_run_keeps_its_zone(truth: Truth) -> None:
    run = truth.runs.start("briefing", "2026-11-24", NOW)
    found = truth.runs.get(run.id)
    assert found is not None
    assert found.now.tzinfo == BERLIN


def test_a_run_ends_once(truth: Truth) -> None:
    run = truth.runs.start("briefing", "2026-11-24", NOW)
    assert truth.runs.fail(run.id, LATER, "The disk is full.")
    assert not truth.runs.finish(run.id, LATER)
    assert not truth.runs.abandon(run.id, LATER, "Nobody goes on.")
    found = truth.runs.get(run.id)
    assert found is not None
    assert (found.state, found.error) == ("failed", "The disk is full.")
    assert truth.runs.get("unknown") is None


def test_runs_are_listed_newest_first_and_running_ones_oldest_first(truth: Truth) -> None:
    runs = [truth.runs.start("briefing", str(number), NOW) for number in range(3)]
    truth.runs.abandon(runs[1].id, LATER, "Nobody goes on.")
    assert [run.id for run in truth.runs.recent(2)] == [runs[2].id, runs[1].id]
    assert [run.id for run in truth.runs.running()] == [runs[0].id, runs[2].id]


@pytest.mark.parametrize("end", ["finish", "fail", "abandon"])
def test_what_a_run_keeps_is_its_own_and_gone_when_it_ends(truth: Truth, end: str) -> None:
    first, second = (truth.runs.start("briefing", "2026-11-24", NOW) for _ in range(2))
    memory: RunMemory = truth.memory(first.id)
    memory.keep("judged", {"mails": [1, None, "Grüße"]})
    memory.keep("judged", ["again"])
    assert truth.memory(first.id).kept("judged") == ["again"]
    assert truth.memory(second.id).kept("judged") is None
    why = () if end == "finish" else ("Why.",)
    assert getattr(truth.runs, end)(first.id, LATER, *why)
    assert truth.memory(first.id).kept("judged") is None


def test_a_call_is_recorded_once_for_a_run_and_key(truth: Truth) -> None:
    book: CallBook = truth.book
    book.record(call())
    book.record(call(at=LATER, tokens_in=7))
    assert truth.book.about("mail:home/a@b") == [call()]
    assert book.answer("key") == '{"label": "reply"}'


def test_a_fallback_leaves_no_answer_and_takes_none_away(truth: Truth) -> None:
    truth.book.record(call(outcome="fallback", answer="", error="It did not answer."))
    assert truth.book.answer("key") is None
    truth.book.record(call(run="second"))
    truth.book.record(call(run="third", outcome="fallback", answer=""))
    assert truth.book.answer("key") == '{"label": "reply"}'
    assert [each.run for each in truth.book.about("mail:home/a@b", limit=2)] == ["third", "second"]


def test_usage_sums_up_a_run_and_the_runs_below_it(truth: Truth) -> None:
    run = truth.runs.start("briefing", "2026-11-24", NOW)
    child = truth.runs.start("judge", "mail:home/a@b", NOW, parent=run.id)
    assert truth.memory(run.id).usage() == Usage()
    truth.book.record(call(run=run.id, key="1", attempts=2))
    truth.book.record(call(run=child.id, key="2", seconds=0.5))
    truth.book.record(call(run=run.id, key="3", cached=True, tokens_in=0, tokens_out=0, seconds=0.0, attempts=0))
    truth.book.record(call(run="another", key="4"))
    assert truth.memory(run.id).usage() == Usage(model_calls=3, cached=1, tokens_in=200, tokens_out=40, seconds=2.0)


def test_the_token_ratio_is_the_95th_percentile_of_the_latest(truth: Truth) -> None:
    assert truth.book.tokens_per_byte("sha256:1") is None
    truth.book.learn("sha256:1", 0, 100)
    truth.book.learn("sha256:1", 100, 0)
    assert truth.book.tokens_per_byte("sha256:1") is None
    truth.book.learn("sha256:1", 99, 1)
    for tokens in range(1, 201):
        truth.book.learn("sha256:1", tokens, 1000)
    truth.book.learn("sha256:2", 1, 1)
    assert truth.book.tokens_per_byte("sha256:1") == pytest.approx(0.190)


def test_a_briefing_is_found_by_its_day(truth: Truth) -> None:
    assert truth.briefings.latest() is None
    truth.briefings.keep(kept(DAY, origin("event:family/u")))
    again = replace(kept(DAY, origin("event:family/v"), events=["a"]), path=None)
    truth.briefings.keep(again)
    assert truth.briefings.get(DAY) == again
    assert truth.briefings.get(DAY + dt.timedelta(days=1)) is None
    assert truth.briefings.latest() == DAY


def test_the_snapshot_is_that_of_the_last_earlier_day(truth: Truth) -> None:
    memory = truth.memory("run")
    assert memory.snapshot_before(DAY) is None
    for back in (3, 2, 0):
        truth.briefings.keep(kept(DAY - dt.timedelta(days=back), back=back))
    assert memory.snapshot_before(DAY) == {"back": 2}


def test_an_origin_is_found_by_what_it_names_or_a_part_of_it(truth: Truth) -> None:
    lines = [origin("event:family/u/20261124", text="one"), origin("file:notes/a.md#L3", "mail:home/a@b", text="two")]
    truth.briefings.keep(kept(DAY, *lines))
    truth.briefings.keep(kept(DAY - dt.timedelta(days=1), origin("event:family/u")))
    assert [(day, each.text) for day, each in truth.briefings.origins("event:family/u")] == [
        (DAY, "one"),
        (DAY - dt.timedelta(days=1), "Lunch"),
    ]
    assert [each.text for _, each in truth.briefings.origins("mail:home/a@b")] == ["two"]
    assert [each.text for _, each in truth.briefings.origins("file:notes/a.md")] == ["two"]
    assert truth.briefings.origins("event:family/") == []


@pytest.mark.parametrize("version", range(1, len(migrations("butler"))))
def test_a_database_of_each_older_butler_is_brought_up_to_date_with_what_is_in_it(tmp_path: Path, version: int) -> None:
    Truth.open(tmp_path / "new.db").close()
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as old, old:
        old.executescript("".join(migrations("butler")[:version]) + f"PRAGMA user_version = {version};")
        row = ("r1", "briefing", "2026-11-24", "running", NOW.isoformat(), NOW.isoformat())
        old.execute("INSERT INTO run (id, workflow, subject, state, started, now) VALUES (?, ?, ?, ?, ?, ?)", row)
    with closing(Truth.open(path)) as truth:
        assert [(run.id, run.state) for run in truth.runs.recent()] == [("r1", "running")]
        truth.jobs.arrive("triage", "", NOW)
        truth.examine()
        assert truth.journal.verify() == []
    shapes = []
    for file in (path, tmp_path / "new.db"):
        with closing(sqlite3.connect(file)) as own:
            shapes.append(own.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall())
            shapes.append(own.execute("PRAGMA user_version").fetchall())
    assert shapes[:2] == shapes[2:]


def test_a_database_of_a_newer_butler_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "butler.db"
    Truth.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StateError, match="newer butler"):
        Truth.open(path)
    assert path.read_bytes() == before


def test_a_database_that_is_none_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "butler.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(StateError, match=r"not a database.*backup"):
        Truth.open(tmp_path / "butler.db")


def test_a_folder_that_is_missing_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="No such file or directory"):
        Truth.open(tmp_path / "missing" / "butler.db")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StateError, match="cannot be opened"):
        Truth.open(tmp_path / "folder")


def test_an_event_that_is_gone_is_remembered_as_the_last_briefing_knew_it(truth: Truth) -> None:
    events = {
        "event:family/u": {"summary": "Dentist", "start": "2026-11-26T09:00:00+01:00"},
        "event:family/trip": {"summary": "Trip", "start": "2026-11-27"},
    }
    truth.briefings.keep(
        kept(DAY - dt.timedelta(1), events={**events, "event:family/u": {"summary": "?", "start": "2026-11-20"}})
    )
    truth.briefings.keep(kept(DAY, events=events))
    truth.briefings.keep(kept(DAY + dt.timedelta(1), events={}))
    found, trip = truth.briefings.remembered("event:family/u"), truth.briefings.remembered("event:family/trip")
    assert found is not None
    assert trip is not None
    assert (found.occurrence.summary, found.occurrence.start) == ("Dentist", dt.datetime(2026, 11, 26, 9, tzinfo=BERLIN))
    assert "The briefing of 2026-11-24 knew this of it." in found.occurrence.description
    assert (trip.occurrence.start, trip.occurrence.end) == (dt.date(2026, 11, 27), dt.date(2026, 11, 28))
    assert truth.briefings.remembered("event:family/nobody") is None
