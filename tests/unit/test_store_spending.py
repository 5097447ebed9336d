"""What the model cost is summed up by one query over an index, however many calls there are, and each call is found again."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from memory_hands import Household, action, draft

from butler.core.steps import ModelCall
from butler.store import truth as truth_module
from butler.store.spending import Below, Cost
from butler.store.sql import migrations, statements
from butler.store.truth import Truth

BERLIN = ZoneInfo("Europe/Berlin")
NOON = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MANY = 100_000


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth_module, "_PRAGMAS", ("synchronous = OFF", "foreign_keys = ON", "trusted_schema = OFF"))


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    truth = Truth.open(tmp_path / "butler.db")
    yield truth
    truth.close()


def call(run: str, at: dt.datetime, key: str = "k", tokens: int = 100, *, cached: bool = False) -> ModelCall:
    cost = (0, 0, 0, 0.0) if cached else (2, tokens, 10, 1.5)
    return ModelCall(run, at, "judge", "1", "mail:home/x", key, "small", "d" * 64, "0.9", cached, "ok", *cost, "Why?", "{}")


def spans(first: dt.date, count: int) -> list[tuple[dt.datetime, dt.datetime]]:
    days = [dt.datetime.combine(first + each * DAY, dt.time(), BERLIN) for each in range(count + 1)]
    return list(pairwise(days))


def test_what_a_day_cost_is_told_by_workflow_in_the_days_of_its_owner(truth: Truth) -> None:
    brief = truth.runs.start("briefing", "2026-11-24", NOON)
    judge = truth.runs.start("triage.judge", "mail:home/x", NOON, brief.id)
    # Half past eleven at night in London is the next day already in Berlin, in whatever zone it was written down.
    late = dt.datetime(2026, 11, 23, 23, 30, tzinfo=dt.UTC)
    for made in (
        call(brief.id, late.astimezone(dt.timezone(dt.timedelta(hours=-11)))),
        call(brief.id, late - dt.timedelta(minutes=31), "before"),
        call(judge.id, NOON),
        call(brief.id, NOON, "again", cached=True),
        call("", NOON, "doctor"),
    ):
        truth.book.record(made)
    monday, tuesday, wednesday = truth.spending.by_span(spans(dt.date(2026, 11, 23), 3))
    assert monday == {"briefing": Cost(2, 0, 100, 10, 1.5)}
    assert tuesday == {
        "": Cost(2, 0, 100, 10, 1.5),
        "briefing": Cost(2, 1, 100, 10, 1.5),
        "triage.judge": Cost(2, 0, 100, 10, 1.5),
    }
    assert wednesday == {}


def test_what_runs_cost_includes_all_below_them_and_nothing_else(truth: Truth) -> None:
    top, other = truth.runs.start("draft_reply", "", NOON), truth.runs.start("briefing", "", NOON)
    below = [truth.runs.start("draft_reply.judge", f"mail:home/{each}", NOON, top.id) for each in range(3)]
    truth.runs.fail(below[0].id, NOON, "It broke.")
    for place, run in enumerate((top, *below)):
        truth.book.record(call(run.id, NOON, tokens=10**place))
    assert truth.spending.of_runs([top.id, other.id]) == {top.id: Cost(8, 0, 1111, 40, 6.0)}
    assert truth.spending.below([top.id, other.id]) == {top.id: Below(3, 1)}
    assert [each.run for each in truth.spending.calls(top.id)] == [run.id for run in (top, *below)]
    assert [each.tokens_in for each in truth.spending.calls(top.id, after=2, limit=1)] == [100]
    assert [run.id for run in truth.runs.some_below(top.id, below[0].id, 1)] == [below[1].id]


def test_a_call_is_found_only_by_the_run_that_it_belongs_to(truth: Truth) -> None:
    one, other = truth.runs.start("briefing", "", NOON), truth.runs.start("briefing", "2", NOON)
    truth.book.record(call(one.id, NOON))
    number = truth.spending.calls(one.id)[0].number
    found = truth.spending.call(one.id, number)
    assert found == call(one.id, NOON)
    assert truth.spending.call(other.id, number) is None
    assert truth.spending.call(one.id, number + 1) is None


def test_runs_are_found_by_workflow_and_state_a_page_at_a_time(truth: Truth) -> None:
    for place in range(6):
        run = truth.runs.start("briefing" if place % 2 else "triage", str(place), NOON)
        truth.runs.start("triage.judge", "below", NOON, run.id)
        if place > 2:
            truth.runs.fail(run.id, NOON, "It broke.")
    first = truth.runs.top(limit=4)
    assert [run.subject for run in first] == ["5", "4", "3", "2"]
    assert [run.subject for run in truth.runs.top(before=first[-1].id)] == ["1", "0"]
    assert [run.subject for run in truth.runs.top("briefing")] == ["5", "3", "1"]
    assert [run.subject for run in truth.runs.top("briefing", "failed")] == ["5", "3"]
    assert [run.subject for run in truth.runs.top(state="running", before=first[-1].id)] == ["1", "0"]
    assert truth.runs.workflows() == ["briefing", "triage"]


def fill(path: Path, first: dt.datetime) -> None:
    """Put in calls one a minute, of a hundred runs of two workflows, with texts as long as they are."""
    with sqlite3.connect(path) as own:
        own.executemany(
            "INSERT INTO run (id, workflow, subject, state, started, now) VALUES (?, ?, '', 'done', '', '')",
            ((f"run-{each}", "triage" if each % 2 else "briefing") for each in range(100)),
        )
        own.executemany(
            "INSERT INTO model_call (run, key, at, step, version, subject, model, digest, server, cached, outcome, attempts,"
            " tokens_in, tokens_out, seconds, prompt, answer, error)"
            " VALUES (?, ?, ?, 's', '1', 'mail:x', 'm', 'd', '', 0, 'ok', 1, 10, 2, 0.5, ?, '{}', '')",
            (
                (f"run-{each % 100}", str(each), (first + each * dt.timedelta(minutes=1)).isoformat(), "p" * 900)
                for each in range(MANY)
            ),
        )


def plan(path: Path, name: str, file: str, values: tuple[object, ...]) -> str:
    with sqlite3.connect(path) as own:
        return "; ".join(row[3] for row in own.execute(f"EXPLAIN QUERY PLAN {statements(file)[name]}", values))


def test_thirty_days_of_a_hundred_thousand_calls_are_read_from_an_index_alone(truth: Truth, tmp_path: Path) -> None:
    file = tmp_path / "butler.db"
    first = dt.datetime(2026, 9, 20, tzinfo=dt.UTC)
    fill(file, first)
    days = truth.spending.by_span(spans(dt.date(2026, 10, 20), 30))
    a_day = sum(cost.calls for cost in days[0].values())
    assert a_day == 24 * 60
    # Clocks go back on one of them.
    assert [sum(cost.tokens_in for cost in each.values()) for each in days] == [14_400] * 5 + [15_000] + [14_400] * 24
    assert all(set(each) == {"briefing", "triage"} for each in days)
    assert truth.spending.last_call() == MANY
    told = plan(file, "by_span", "spending", ("[]",))
    assert "SEARCH model_call USING COVERING INDEX model_call_by_time (at>? AND at<?)" in told
    assert "SCAN model_call" not in told


def test_what_a_run_proposed_is_known_of_actions_that_an_older_butler_kept_too(tmp_path: Path) -> None:
    abouts = ('{"run":"r1"}', '{"run":"r2"}', "{broken", '{"reason":"\\"run\\":\\"r1\\""}', '{"run":"r1"}')
    with sqlite3.connect(tmp_path / "old.db") as old:
        old.executescript("".join(migrations("butler")[:6]) + "PRAGMA user_version = 6;")
        old.executemany(
            "INSERT INTO action (key, kind, account, source, alternatives, about, expires, created, changed, status, hash,"
            " version) VALUES (?, 'mail.draft', 'home', '', '', ?, '', '', '', 'held', '', 1)",
            enumerate(abouts),
        )
    Truth.open(tmp_path / "old.db").close()
    with sqlite3.connect(tmp_path / "old.db") as new:
        assert [row[0] for row in new.execute(statements("outbox")["of_run"], ("r1", 9))] == [1, 5]
        assert [row[0] for row in new.execute(statements("outbox")["of_run"], ("", 9))] == []


def test_what_a_run_proposed_is_listed_oldest_first(tmp_path: Path) -> None:
    house = Household(tmp_path)
    one, other = (action(draft(each), key=each) for each in ("one", "other"))
    for each in (one, replace(other, run="r9"), replace(one, key="third", run="r9")):
        house.outbox.add(each, NOON)
    assert [kept.action.key for kept in house.outbox.of_run("r9")] == ["other", "third"]
    house.close()


@pytest.mark.parametrize(
    ("file", "name", "values", "wanted"),
    [
        ("spending", "of_runs", ("[]",), "SEARCH model_call USING INDEX sqlite_autoindex_model_call_1 (run=?)"),
        ("spending", "below", ("[]",), "SEARCH run USING INDEX run_by_parent (parent=?)"),
        ("spending", "calls", ("", 1, 1), "SEARCH model_call USING INDEX sqlite_autoindex_model_call_1 (run=?)"),
        ("spending", "call", ("", 1), "SEARCH model_call USING INTEGER PRIMARY KEY (rowid=?)"),
        ("truth", "top_runs", ("", 1), "SEARCH run USING INTEGER PRIMARY KEY (rowid<?)"),
        ("truth", "top_runs_of_workflow", ("", 1, "", ""), "USING INDEX run_top_by_workflow (workflow=? AND rowid<?)"),
        ("truth", "top_runs_in_state", ("", 1, ""), "SEARCH run USING INDEX run_top_by_state (state=? AND rowid<?)"),
        ("journal", "some", (1, 1, 1), "SEARCH journal USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        ("journal", "some_of_what", (1, 1, 1, ""), "USING INDEX journal_by_what (what=? AND seq>? AND seq<?)"),
        ("journal", "some_about", (1, 1, 1, ""), "USING INDEX journal_by_subject (subject=? AND seq>? AND seq<?)"),
        ("journal", "span", ("", ""), "SEARCH journal USING COVERING INDEX journal_by_time (at>? AND at<?)"),
        ("outbox", "of_run", ("", 1), "SEARCH action USING COVERING INDEX action_by_run (run=?)"),
    ],
)
def test_what_the_page_asks_is_found_and_sorted_by_an_index(
    truth: Truth, tmp_path: Path, file: str, name: str, values: tuple[object, ...], wanted: str
) -> None:
    told = plan(tmp_path / "butler.db", name, file, values)
    assert wanted in told
    # But for the calls of one run, which are few.
    assert ("ORDER BY" in told) == (name == "calls")
