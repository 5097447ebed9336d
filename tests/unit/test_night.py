"""Requests for the night: what they stand for, and how they are kept until they ran."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from daemon_process import write_settings

from butler.cli import main
from butler.cli.do import may_go_on
from butler.core.jobs import Due, Slot
from butler.core.night import is_night_name, night_job, night_jobs, night_name, night_request, of_tonight, workflow_at_night
from butler.core.planning import plan
from butler.core.requests import Priority, Request
from butler.store import truth as truth_module
from butler.store.truth import Truth

NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
ZONE = ZoneInfo("Europe/Berlin")


@pytest.fixture
def truth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Truth]:
    monkeypatch.setattr(truth_module, "_PRAGMAS", ("synchronous = OFF", "foreign_keys = ON"))
    truth = Truth.open(tmp_path / "butler.db")
    yield truth
    truth.close()


def kept(truth: Truth, workflow: str, subject: str = "", now: dt.datetime = NOW) -> str:
    return truth.jobs.keep_for_night(workflow, subject, now)[0].slot


def due(truth: Truth, now: dt.datetime) -> list[tuple[str, str]]:
    history = truth.jobs.history(now)
    verdicts = plan(night_jobs(history), history, now, ZONE)
    return [(each.job, each.slot) for each in verdicts if isinstance(each, Due)]


def test_a_kept_request_is_a_backlog_of_its_workflow() -> None:
    request = night_request(night_job("weekly"), "night-3", "the roses")
    assert request == Request("weekly", "night", Priority.BACKLOG, "the roses", "night:weekly", "night-3", model=True)
    assert not night_request(night_job("maintenance"), "night-4", "").model
    assert (workflow_at_night("night:weekly"), workflow_at_night("weekly")) == ("weekly", "")


@pytest.mark.parametrize("text", ["night-0", "night-", "night-07", "night-1 ", "7", "night-٣", "night-1234567890"])
def test_what_is_no_name_of_the_night_is_not_taken_for_one(text: str) -> None:
    assert is_night_name(night_name(12))
    assert not is_night_name(text)


def test_what_waits_is_listed_by_number_and_what_is_over_is_not() -> None:
    rows = [
        Slot("night:weekly", "night-10", "due", NOW),
        Slot("night:weekly", "night-9", "failed", NOW, retry_at=NOW),
        Slot("night:weekly", "night-8", "failed", NOW),
        Slot("night:triage", "night-7", "claimed", NOW),
        Slot("night:triage", "night-6", "ran", NOW),
        Slot("weekly", "2026-11-20", "due", NOW),
    ]
    assert [slot.slot for slot in of_tonight(rows)] == ["night-7", "night-9", "night-10"]
    assert [job.workflow for job in night_jobs(rows)] == ["triage", "weekly"]


def test_equal_requests_are_one_while_they_wait_and_two_when_one_runs(truth: Truth) -> None:
    assert kept(truth, "weekly") == kept(truth, "weekly", now=NOW + HOUR) == "night-1"
    assert kept(truth, "weekly", "other") == "night-2"
    assert kept(truth, "triage") == "night-3"
    claimed = truth.jobs.claim("night:weekly", "night-1", NOW)
    assert claimed is not None
    assert kept(truth, "weekly") == "night-4"
    truth.jobs.take_back("night-4", NOW)
    truth.jobs.end(claimed, "failed", NOW)
    # What failed is tried again, and does.
    assert kept(truth, "weekly", now=NOW + HOUR) == "night-1"


def test_what_is_kept_is_due_until_it_ran_however_late_and_over_a_death(truth: Truth) -> None:
    name = kept(truth, "weekly", "the roses")
    much_later = NOW + dt.timedelta(days=90)
    assert due(truth, much_later) == [("night:weekly", name)]
    assert truth.jobs.claim("night:weekly", name, much_later)
    (left,) = truth.jobs.recover(much_later, {})
    assert (left.state, left.subject) == ("failed", "the roses")
    assert due(truth, much_later) == []
    assert due(truth, much_later + HOUR) == [("night:weekly", name)]
    truth.jobs.record(Due("night:weekly", name, NOW), much_later + HOUR)
    claimed = truth.jobs.claim("night:weekly", name, much_later + HOUR)
    assert claimed is not None
    run = truth.runs.start("weekly", "the roses", much_later + HOUR)
    truth.runs.finish(run.id, much_later + HOUR)
    # It did its work before the butler died: that is found by its workflow, and it is not done again.
    (left,) = truth.jobs.recover(much_later + HOUR, {})
    assert (left.state, left.run) == ("ran", run.id)
    assert due(truth, much_later + 2 * HOUR) == []


def test_what_waits_can_be_taken_back_and_what_runs_cannot(truth: Truth) -> None:
    first, second = kept(truth, "weekly"), kept(truth, "triage")
    taken = truth.jobs.take_back(first, NOW)
    assert taken is not None
    assert (taken.job, taken.state, taken.note) == ("night:weekly", "skipped", "Its owner took it back.")
    assert truth.jobs.take_back(first, NOW) is None
    truth.jobs.claim("night:triage", second, NOW)
    assert truth.jobs.take_back(second, NOW) is None
    assert truth.jobs.take_back("night-99", NOW) is None
    truth.jobs.arrive("arrival", "night-50", NOW)
    assert truth.jobs.take_back("night-50", NOW) is None
    assert [line.what for line in truth.journal.about("job:night:weekly")] == ["job due", "job cancelled"]
    assert due(truth, NOW + HOUR) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("briefing",),
        ("nonsense",),
        ("meeting",),
        ("meeting", "--about", "the roses"),
        ("weekly", "--no-sync"),
        ("weekly", "--no-model"),
        ("weekly", "--about", "x" * 2001),
    ],
)
def test_what_makes_no_sense_at_night_is_refused_at_once(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--config", str(write_settings(tmp_path)), "--state-dir", str(tmp_path / "state"))
    assert main([*options, "do", *arguments, "--tonight"]) == 2
    assert main([*options, "cancel", "night-1"]) == 2
    assert capsys.readouterr().err.endswith(
        f"night-1 does not wait any more, or never did. `butler {' '.join(options)} schedule` tells what waits.\n"
    )


def test_only_a_run_that_got_somewhere_goes_on_at_night() -> None:
    assert may_go_on({"drafted": [{"id": 1}], "more": 3})
    assert not may_go_on({"drafted": [], "more": 3})
    assert not may_go_on({"drafted": [{"id": 1}]})
