"""Slots: claimed once, ended by their outcome, found again after a death, and told of when they fail."""

import datetime as dt
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from butler.core.jobs import Due, Missed, Skipped, Slot, Streak, Verdict, should_tell, works_again
from butler.store import truth as truth_module
from butler.store.truth import Truth

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
DUE = Due("briefing", "2026-11-24", NOW)


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth_module, "_PRAGMAS", ("synchronous = OFF", "foreign_keys = ON"))


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    truth = Truth.open(tmp_path / "butler.db")
    yield truth
    truth.close()


def claimed(truth: Truth, due: Due = DUE, now: dt.datetime = NOW) -> Slot:
    truth.jobs.record(due, now)
    slot = truth.jobs.claim(due.job, due.slot, now)
    assert slot is not None
    return slot


def told(truth: Truth, job: str = "briefing") -> list[str]:
    return [line.what for line in truth.journal.about(f"job:{job}")]


def test_a_slot_is_due_claimed_and_done_once_with_a_line_for_each(truth: Truth) -> None:
    jobs = truth.jobs
    assert [jobs.record(DUE, NOW), jobs.record(DUE, NOW)] == [True, False]
    slot = jobs.claim("briefing", "2026-11-24", NOW)
    assert slot == Slot("briefing", "2026-11-24", "claimed", NOW, NOW, attempts=1)
    assert jobs.claim("briefing", "2026-11-24", NOW) is None
    assert jobs.end(slot, "ran", NOW + MINUTE, "run-1") == Streak()
    assert jobs.end(slot, "failed", NOW + MINUTE) is None
    assert [jobs.record(DUE, NOW), jobs.claim("briefing", "2026-11-24", NOW)] == [False, None]
    assert jobs.get("briefing", "2026-11-24") == Slot(
        "briefing", "2026-11-24", "ran", NOW, NOW, NOW + MINUTE, run="run-1", attempts=1
    )
    assert told(truth) == ["job due", "job claimed", "job ran"]
    assert truth.journal.verify() == []


def test_what_failed_is_tried_again_later_each_time_and_given_up_at_last(truth: Truth) -> None:
    pauses = []
    for _ in range(40):
        slot = claimed(truth)
        truth.jobs.end(slot, "failed", NOW, note="The model did not answer.")
        kept = truth.jobs.get("briefing", "2026-11-24")
        assert kept is not None
        assert (kept.state, kept.note) == ("failed", "The model did not answer.")
        pauses.append((kept.retry_at - NOW) / MINUTE if kept.retry_at else None)
    assert pauses[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert pauses[-2:] == [60, None]
    assert not truth.jobs.record(DUE, NOW)


def test_what_a_person_ended_is_not_tried_again_and_what_was_put_off_is_as_if_it_had_not_begun(truth: Truth) -> None:
    slot = claimed(truth)
    assert truth.jobs.end(slot, "put off", NOW) == Streak()
    assert truth.jobs.get("briefing", "2026-11-24") == Slot("briefing", "2026-11-24", "due", NOW, NOW)
    slot = claimed(truth)
    assert (slot.attempts, truth.jobs.end(slot, "cancelled", NOW, note="You ended it.")) == (1, Streak())
    kept = truth.jobs.get("briefing", "2026-11-24")
    assert kept is not None
    assert (kept.state, kept.retry_at, truth.jobs.record(DUE, NOW)) == ("failed", None, False)


@pytest.mark.parametrize(
    "verdict",
    [Missed("briefing", "2026-11-24", NOW), Skipped("briefing", "2026-11-24", NOW, "The job is switched off.")],
)
def test_what_is_missed_or_left_out_is_kept_and_may_still_become_due(truth: Truth, verdict: Verdict) -> None:
    jobs = truth.jobs
    assert [jobs.record(verdict, NOW), jobs.record(verdict, NOW)] == [True, False]
    assert jobs.claim("briefing", "2026-11-24", NOW) is None
    assert jobs.record(DUE, NOW)
    assert jobs.record(verdict, NOW), "it waited too long"
    slot = claimed(truth)
    assert not jobs.record(verdict, NOW), "it runs"
    jobs.end(slot, "ran", NOW)
    assert not jobs.record(verdict, NOW)
    assert [what for what in told(truth) if what not in {"job due", "job claimed"}] == [
        *(f"job {type(verdict).__name__.lower()}" for _ in range(2)),
        "job ran",
    ]


def test_an_empty_slot_is_used_again_and_its_good_rounds_leave_no_lines(truth: Truth) -> None:
    jobs = truth.jobs
    for round_ in range(3):
        slot = jobs.claim("sync", "", NOW + round_ * MINUTE)
        assert slot is not None
        assert (slot.attempts, jobs.claim("sync", "", NOW), jobs.arrive("sync", "", NOW)) == (1, None, False)
        jobs.end(slot, "ran", NOW + round_ * MINUTE)
    assert told(truth, "sync") == []
    slot = jobs.claim("sync", "", NOW)
    assert slot is not None
    jobs.end(slot, "failed", NOW, note="The server is away.")
    again = jobs.claim("sync", "", NOW + MINUTE)
    assert again is not None
    assert again.attempts == 2
    jobs.end(again, "ran", NOW + MINUTE)
    assert told(truth, "sync") == ["job failed", "job ran"]


def test_what_arrives_with_a_name_is_done_once_and_what_has_none_whenever_it_arrives(truth: Truth) -> None:
    jobs = truth.jobs
    assert [jobs.arrive("meeting", "event:family/u", NOW) for _ in range(2)] == [True, False]
    jobs.end(claimed(truth, Due("meeting", "event:family/u", NOW)), "ran", NOW)
    assert not jobs.arrive("meeting", "event:family/u", NOW)
    assert jobs.arrive("triage", "", NOW)
    jobs.end(claimed(truth, Due("triage", "", NOW)), "ran", NOW)
    assert jobs.arrive("triage", "", NOW)


def test_a_claim_is_ended_by_its_owner_alone(truth: Truth) -> None:
    old = claimed(truth)
    truth.jobs.recover(NOW, {})
    new = claimed(truth, now=NOW + MINUTE)
    assert truth.jobs.end(old, "ran", NOW + MINUTE) is None
    assert truth.jobs.end(new, "ran", NOW + MINUTE) is not None


def test_a_claim_whose_process_died_is_tried_again_soon_and_given_up_when_it_always_dies(truth: Truth) -> None:
    pauses = []
    for _ in range(10):
        claimed(truth)
        (left,) = truth.jobs.recover(NOW, {"briefing": "briefing"})
        assert (left.state, left.note) == ("failed", "The butler was ended while it ran.")
        assert left == truth.jobs.get("briefing", "2026-11-24")
        pauses.append((left.retry_at - NOW).total_seconds() if left.retry_at else None)
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, None]
    assert truth.jobs.recover(NOW, {}) == []


def test_deaths_count_only_in_a_row(truth: Truth) -> None:
    claimed(truth)
    truth.jobs.recover(NOW, {})
    truth.jobs.end(claimed(truth), "failed", NOW)
    claimed(truth)
    (left,) = truth.jobs.recover(NOW, {})
    assert (left.deaths, left.attempts) == (1, 3)


def test_a_run_that_ended_before_the_butler_did_is_not_done_again_whatever_the_clock_says(truth: Truth) -> None:
    earlier = truth.runs.start("briefing", "2026-11-23", NOW)
    truth.runs.finish(earlier.id, NOW)
    truth.runs.start("briefing", "2026-11-24", NOW)
    claimed(truth)
    other = truth.runs.start("draft_reply", "2026-11-24", NOW)
    truth.runs.finish(other.id, NOW)
    below = truth.runs.start("briefing", "mail:home/a", NOW, parent=other.id)
    truth.runs.finish(below.id, NOW)
    (left,) = truth.jobs.recover(NOW, {"briefing": "briefing"})
    assert left.state == "failed"
    claimed(truth)
    run = truth.runs.unfinished("briefing", "2026-11-24")
    assert run is not None
    truth.runs.finish(run.id, NOW - dt.timedelta(days=9))
    (left,) = truth.jobs.recover(NOW, {"briefing": "briefing"})
    assert (left.state, left.run) == ("ran", run.id)
    assert truth.jobs.streak("briefing") == Streak()


def test_three_failures_in_a_row_make_one_notice_and_one_when_it_works_again(truth: Truth) -> None:
    notices = []
    for number, outcome in enumerate(
        ("ran", "failed", "failed", "put off", "failed", "failed", "failed", "ran", "ran", "failed")
    ):
        streak = truth.jobs.end(claimed(truth, Due("sync", "", NOW)), outcome, NOW + number * MINUTE)  # type: ignore[arg-type]
        assert streak is not None
        if should_tell(streak) and truth.jobs.told("sync"):
            notices.append(f"{number} fails")
        if works_again(streak):
            notices.append(f"{number} works again")
    assert notices == ["4 fails", "7 works again"]
    assert (truth.jobs.streak("sync"), truth.jobs.told("sync"), truth.jobs.told("never")) == (Streak(1), False, False)


def test_a_good_end_that_nobody_noted_is_told_with_the_next_one(truth: Truth) -> None:
    for _ in range(3):
        truth.jobs.end(claimed(truth, Due("sync", "", NOW)), "failed", NOW)
    assert truth.jobs.told("sync")
    claimed(truth, Due("sync", "", NOW))
    truth.runs.finish(truth.runs.start("sync", "", NOW).id, NOW)
    (left,) = truth.jobs.recover(NOW, {"sync": "sync"})
    assert (left.state, truth.jobs.streak("sync")) == ("ran", Streak(0, told=True))
    streaks = [truth.jobs.end(claimed(truth, Due("sync", "", NOW)), "ran", NOW) for _ in range(2)]
    assert [streak and works_again(streak) for streak in streaks] == [True, False]


def test_history_is_what_is_open_what_is_near_and_the_latest_before(truth: Truth) -> None:
    jobs = truth.jobs
    for days in (400, 100, 90, 3, 0, -1, -5000):
        day = NOW - dt.timedelta(days=days)
        jobs.end(claimed(truth, Due("briefing", day.date().isoformat(), day)), "ran", day)
    jobs.record(Due("briefing", "2025-01-01", NOW - dt.timedelta(days=600)), NOW)
    jobs.end(claimed(truth, Due("meeting", "event:family/u", NOW)), "failed", NOW)
    jobs.end(claimed(truth, Due("meeting", "event:family/v", NOW)), "ran", NOW)
    jobs.end(claimed(truth, Due("sync", "", NOW)), "ran", NOW)
    found = [(slot.job, slot.slot) for slot in jobs.history(NOW)]
    days_kept = ["2025-01-01", "2026-08-26", "2026-11-21", "2026-11-24", "2026-11-25"]
    assert found == [*(("briefing", day) for day in days_kept), ("meeting", "event:family/u"), ("sync", "")]


def test_old_slots_are_forgotten_but_for_open_ones_and_the_latest(truth: Truth) -> None:
    jobs = truth.jobs
    for days in (3, 2, 1):
        day = NOW - dt.timedelta(days=days)
        jobs.end(claimed(truth, Due("briefing", day.date().isoformat(), day)), "ran", day)
    jobs.record(Due("lookahead", "2026-01-01", NOW - dt.timedelta(days=300)), NOW)
    assert jobs.prune(NOW) == 2
    assert [(slot.job, slot.slot) for slot in jobs.history(NOW)] == [("briefing", "2026-11-23"), ("lookahead", "2026-01-01")]


def test_nothing_is_kept_without_its_line(truth: Truth, tmp_path: Path) -> None:
    truth.jobs.record(DUE, NOW)
    with sqlite3.connect(tmp_path / "butler.db") as own:
        own.execute("DROP TABLE journal_head")
    own.close()
    with pytest.raises(Exception, match="cannot be used"):
        truth.jobs.claim("briefing", "2026-11-24", NOW)
    assert (slot := truth.jobs.get("briefing", "2026-11-24"))
    assert slot.state == "due"


CLAIMER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from butler.store.truth import Truth
truth = Truth.open(Path(sys.argv[1]))
now = datetime(2026, 11, 24, 6, tzinfo=UTC)
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[2])):
    if truth.jobs.claim("job", f"slot-{number:03}", now):
        print(number, flush=True)
print("end", flush=True)
sys.stdin.readline()
"""


def claimer(path: Path, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CLAIMER, str(path), str(count)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def test_of_two_processes_that_claim_at_once_each_slot_is_one_s_alone(truth: Truth, tmp_path: Path) -> None:
    for number in range(60):
        truth.jobs.record(Due("job", f"slot-{number:03}", NOW), NOW)
    processes = [claimer(tmp_path / "butler.db", 60) for _ in range(2)]
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    got = [process.communicate("\n", timeout=60)[0].split()[:-1] for process in processes]
    assert sorted(int(number) for numbers in got for number in numbers) == list(range(60))
    assert truth.journal.verify() == []


def test_a_claim_outlives_the_process_that_made_it_until_the_next_one_finds_it(truth: Truth, tmp_path: Path) -> None:
    truth.jobs.record(Due("job", "slot-000", NOW), NOW)
    process = claimer(tmp_path / "butler.db", 1)
    assert process.stdin
    assert process.stdout
    process.stdin.write("go\n")
    process.stdin.flush()
    assert process.stdout.readline() == "0\n"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert truth.jobs.claim("job", "slot-000", NOW) is None
    assert [slot.slot for slot in truth.jobs.recover(NOW, {})] == ["slot-000"]
    assert truth.jobs.record(Due("job", "slot-000", NOW), NOW)
