"""What is due, missed or left out, from jobs and from what was kept of their runs."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from butler.core.jobs import (
    At,
    Due,
    Every,
    Job,
    Merge,
    Missed,
    On,
    RunIfWithin,
    SkipAndTell,
    Skipped,
    Slot,
    State,
    Streak,
    request_of,
    should_tell,
    works_again,
)
from butler.core.planning import MOST_ATTEMPTS, MOST_DEATHS, next_time, pause_after, plan
from butler.core.policy import Hours
from butler.core.requests import Priority, Request

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
HOUR = dt.timedelta(hours=1)
BRIEFING = Job("briefing", "briefing", At(dt.time(7)), RunIfWithin(3 * 3600), model=True)
FOLLOWUP = Job("followup", "followup", At(dt.time(8)), Merge())
STRICT = Job("lunch", "lookahead", At(dt.time(12)), SkipAndTell())
SYNC = Job("sync", "sync", Every(300))
TRIAGE = Job("triage", "triage", On("mail"))
QUIET = Hours(dt.time(22), dt.time(6, 30))


def at(text: str, zone: ZoneInfo = BERLIN) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


def row(job: Job, slot: str, state: State = "ran", due: str = "2026-11-20 07:00", **fields: object) -> Slot:
    return replace(Slot(job.name, slot, state, at(due)), **fields)  # type: ignore[arg-type]


def says(job: Job, now: str, *rows: Slot, zone: ZoneInfo = BERLIN) -> list[str]:
    """The verdicts on one job as words: "due 2026-11-24"."""
    verdicts = plan((job,), rows, at(now, zone), zone)
    return [f"{type(each).__name__.lower()} {each.slot}".strip() for each in verdicts]


MONDAY = row(BRIEFING, "2026-11-23")


def test_a_daily_job_is_due_at_its_time_and_not_before() -> None:
    assert says(BRIEFING, "2026-11-24 06:59", MONDAY) == []
    assert plan((BRIEFING,), (MONDAY,), at("2026-11-24 07:00"), BERLIN) == [
        Due("briefing", "2026-11-24", at("2026-11-24 07:00"))
    ]


@pytest.mark.parametrize(
    ("state", "words"),
    [("due", "due 2026-11-24"), ("claimed", ""), ("ran", ""), ("missed", "due 2026-11-24"), ("skipped", "due 2026-11-24")],
)
def test_a_date_that_ran_or_runs_is_done_and_any_other_is_still_due_in_time(state: State, words: str) -> None:
    found = says(BRIEFING, "2026-11-24 07:30", MONDAY, row(BRIEFING, "2026-11-24", state))
    assert found == [words][: bool(words)]


def test_a_job_is_run_late_as_long_as_it_may_be_and_then_missed() -> None:
    assert says(BRIEFING, "2026-11-24 10:00", MONDAY) == ["due 2026-11-24"]
    assert says(BRIEFING, "2026-11-24 10:01", MONDAY) == ["missed 2026-11-24"]
    waiting = row(BRIEFING, "2026-11-24", "due")
    assert says(BRIEFING, "2026-11-24 10:01", MONDAY, waiting) == ["missed 2026-11-24"]
    for state in ("ran", "claimed", "failed", "missed", "skipped"):
        assert says(BRIEFING, "2026-11-24 10:01", MONDAY, row(BRIEFING, "2026-11-24", state)) == []


def test_after_a_weekend_off_every_date_is_accounted_for() -> None:
    friday = row(BRIEFING, "2026-11-20")
    assert says(BRIEFING, "2026-11-23 09:00", friday) == ["missed 2026-11-21", "missed 2026-11-22", "due 2026-11-23"]
    assert says(BRIEFING, "2026-11-23 06:00", friday) == ["missed 2026-11-21", "missed 2026-11-22"]
    merged = plan((FOLLOWUP,), (row(FOLLOWUP, "2026-11-20"),), at("2026-11-23 06:00"), BERLIN)
    assert [(type(each), each.slot) for each in merged] == [(Skipped, "2026-11-21"), (Due, "2026-11-22")]
    assert isinstance(merged[0], Skipped)
    assert merged[0].note == "The run of 2026-11-22 does its work too."


def test_what_waited_when_the_machine_went_off_is_accounted_for_too() -> None:
    waited = row(BRIEFING, "2026-11-20", "due")
    assert says(BRIEFING, "2026-11-21 08:00", waited) == ["missed 2026-11-20", "due 2026-11-21"]
    assert says(replace(BRIEFING, when=At(dt.time(7), frozenset({5}))), "2026-11-21 08:00", waited) == [
        "missed 2026-11-20",
        "due 2026-11-21",
    ]


def test_months_off_are_not_listed_day_by_day_and_years_off_are_a_wrong_clock() -> None:
    assert len(says(BRIEFING, "2027-05-23 09:00", MONDAY)) == 32
    assert says(BRIEFING, "2026-11-23 09:00", row(BRIEFING, "1970-01-01")) == ["due 2026-11-23"]


def test_a_job_that_must_not_be_late_is_missed_and_told_of_once() -> None:
    rows = (row(STRICT, "2026-11-20"),)
    assert says(STRICT, "2026-11-21 12:30", *rows) == ["due 2026-11-21"]
    verdicts = plan((STRICT,), rows, at("2026-11-23 12:31"), BERLIN)
    assert [isinstance(each, Missed) and each.tell for each in verdicts] == [False, False, True]
    assert plan((BRIEFING,), (MONDAY,), at("2026-11-24 11:00"), BERLIN) == [
        Missed("briefing", "2026-11-24", at("2026-11-24 07:00"), tell=False)
    ]


def test_a_new_job_owes_nothing_from_before_it_was_known() -> None:
    assert says(BRIEFING, "2026-11-24 08:00") == ["due 2026-11-24"]
    assert says(BRIEFING, "2026-11-24 12:00") == ["skipped 2026-11-24"]
    assert says(FOLLOWUP, "2026-11-24 07:00") == ["skipped 2026-11-23"]
    assert says(FOLLOWUP, "2026-11-24 23:00") == ["due 2026-11-24"]
    known = row(FOLLOWUP, "2026-11-23", "skipped")
    assert says(FOLLOWUP, "2026-11-24 07:00", known) == []
    assert says(FOLLOWUP, "2026-11-24 08:00", known) == ["due 2026-11-24"]


def test_a_job_that_is_switched_off_is_neither_due_nor_missed() -> None:
    off = replace(BRIEFING, enabled=False)
    assert says(off, "2026-11-26 08:00", MONDAY) == ["skipped 2026-11-24", "skipped 2026-11-25", "skipped 2026-11-26"]
    assert says(off, "2026-11-24 08:00", MONDAY, row(BRIEFING, "2026-11-24")) == []
    assert says(BRIEFING, "2026-11-24 08:00", MONDAY, row(BRIEFING, "2026-11-24", "skipped")) == ["due 2026-11-24"]
    assert says(replace(SYNC, enabled=False), "2026-11-24 08:00") == []
    assert says(replace(TRIAGE, enabled=False), "2026-11-24 08:00", row(TRIAGE, "", "due")) == []
    assert next_time(off, at("2026-11-24 06:00"), BERLIN) is None


def test_only_its_weekdays_count_for_a_job() -> None:
    weekly = Job("weekly", "weekly", At(dt.time(16), frozenset({4})), RunIfWithin(48 * 3600))
    friday = row(weekly, "2026-11-20")
    assert says(weekly, "2026-11-27 15:59", friday) == []
    assert says(weekly, "2026-11-29 15:00", friday) == ["due 2026-11-27"]
    assert says(weekly, "2026-12-10 15:00", friday) == ["missed 2026-11-27", "missed 2026-12-04"]
    assert next_time(weekly, at("2026-11-20 16:00"), BERLIN) == at("2026-11-27 16:00")


@pytest.mark.parametrize("clock", ["2026-11-25 07:05", "1970-01-02 07:05", "2038-01-19 07:05"])
def test_a_clock_that_was_wrong_for_a_while_costs_no_date_its_run(clock: str) -> None:
    today = row(BRIEFING, "2026-11-24")
    there = clock[:10]
    assert f"due {there}" in says(BRIEFING, clock, today)
    wrong = row(BRIEFING, there)
    assert says(BRIEFING, "2026-11-24 09:00", today, wrong) == []
    expected = [] if there == "2026-11-25" else ["due 2026-11-25"]
    assert says(BRIEFING, "2026-11-25 07:00", today, wrong) == expected


def test_what_a_clock_set_forward_made_missed_is_run_when_its_time_comes() -> None:
    rows = (MONDAY, row(BRIEFING, "2026-11-24", "missed"), row(BRIEFING, "2026-11-25", "missed"))
    assert says(BRIEFING, "2026-11-24 07:10", *rows) == ["due 2026-11-24"]


def test_a_zone_that_changes_gives_a_date_no_second_run() -> None:
    assert says(BRIEFING, "2026-11-24 07:00", row(BRIEFING, "2026-11-24"), zone=NEW_YORK) == []
    assert says(BRIEFING, "2026-11-25 07:00", row(BRIEFING, "2026-11-24"), zone=NEW_YORK) == ["due 2026-11-25"]


def test_a_job_without_days_never_comes() -> None:
    never = replace(BRIEFING, when=At(dt.time(7), frozenset()))
    assert (says(never, "2026-11-24 08:00", MONDAY), next_time(never, at("2026-11-24 08:00"), BERLIN)) == ([], None)


def test_a_time_that_exists_twice_or_never_is_due_once() -> None:
    night = Job("night", "night", At(dt.time(2, 30)), RunIfWithin(3600))
    spring = row(night, "2026-03-28")
    assert says(night, "2026-03-29 03:29", spring) == []
    assert says(night, "2026-03-29 03:30", spring) == ["due 2026-03-29"]
    autumn = row(night, "2026-10-24")
    first = at("2026-10-25 02:30").astimezone(dt.UTC)
    assert plan((night,), (autumn,), first, BERLIN) == [Due("night", "2026-10-25", first)]
    assert plan((night,), (autumn, row(night, "2026-10-25")), first + HOUR, BERLIN) == []


def test_a_failed_job_is_tried_again_after_a_pause_while_it_may_still_run() -> None:
    ended = at("2026-11-24 07:02")
    failed = row(BRIEFING, "2026-11-24", "failed", ended_at=ended, retry_at=ended + 4 * HOUR / 60, attempts=3)
    assert says(BRIEFING, "2026-11-24 07:05", MONDAY, failed) == []
    assert next_time(BRIEFING, at("2026-11-24 07:05"), BERLIN, (failed,)) == at("2026-11-24 07:06")
    assert says(BRIEFING, "2026-11-24 07:06", MONDAY, failed) == ["due 2026-11-24"]
    assert says(BRIEFING, "2026-11-24 10:01", MONDAY, failed) == []
    # Its end lies ahead: the clock was set back, and there is nothing to wait for.
    assert says(BRIEFING, "2026-11-24 07:01", MONDAY, failed) == ["due 2026-11-24"]
    assert says(BRIEFING, "2026-11-24 09:00", MONDAY, replace(failed, retry_at=None)) == []


def test_pauses_grow_and_come_to_an_end() -> None:
    assert [pause_after(attempts, 0) for attempts in (1, 2, 6, 7, 39)] == [
        *(dt.timedelta(minutes=minutes) for minutes in (1, 2, 32, 60, 60)),
    ]
    assert [pause_after(5, deaths) for deaths in (1, 2, 9)] == [dt.timedelta(seconds=seconds) for seconds in (2, 4, 512)]
    assert pause_after(MOST_ATTEMPTS, 0) is None
    assert pause_after(5, MOST_DEATHS) is None


def test_jitter_is_the_same_each_time_and_within_its_limit() -> None:
    late = replace(BRIEFING, jitter=600.0)
    moments = {next_time(late, at(f"2026-11-{day} 00:00"), BERLIN) for day in range(10, 30) for _ in range(2)}
    minutes = {moment.astimezone(BERLIN).minute for moment in moments if moment}
    assert len(moments) == 20
    assert len(minutes) > 5
    assert max(minutes) < 10


def test_quiet_hours_put_a_job_off_and_may_make_it_missed() -> None:
    early = replace(BRIEFING, when=At(dt.time(5)), quiet=QUIET)
    assert says(early, "2026-11-24 06:29", MONDAY) == []
    assert says(early, "2026-11-24 06:30", MONDAY) == ["due 2026-11-24"]
    assert next_time(early, at("2026-11-24 00:00"), BERLIN) == at("2026-11-24 06:30")
    evening = replace(BRIEFING, when=At(dt.time(21)), quiet=QUIET)
    assert says(evening, "2026-11-24 22:30", MONDAY) == []
    assert says(evening, "2026-11-25 06:30", MONDAY) == ["missed 2026-11-24"]
    late = replace(FOLLOWUP, when=At(dt.time(23)), quiet=QUIET)
    assert says(late, "2026-11-25 06:30", row(FOLLOWUP, "2026-11-23")) == ["due 2026-11-24"]
    assert says(replace(SYNC, quiet=QUIET), "2026-11-24 23:00") == []
    assert next_time(replace(SYNC, quiet=QUIET), at("2026-11-24 23:00"), BERLIN) == at("2026-11-25 06:30")
    assert says(replace(TRIAGE, quiet=QUIET), "2026-11-24 23:00", row(TRIAGE, "", "due")) == []


def test_a_repeated_job_goes_by_when_it_last_began() -> None:
    assert says(SYNC, "2026-11-24 07:00") == ["due"]
    begun = row(SYNC, "", "ran", claimed_at=at("2026-11-24 07:00"), ended_at=at("2026-11-24 07:01"))
    assert says(SYNC, "2026-11-24 07:04", begun) == []
    assert next_time(SYNC, at("2026-11-24 07:04"), BERLIN, (begun,)) == at("2026-11-24 07:05")
    assert says(SYNC, "2026-11-24 07:05", begun) == ["due"]
    assert says(SYNC, "2026-11-24 06:59", begun) == ["due"], "the clock was set back"
    assert says(SYNC, "2026-11-24 09:00", replace(begun, state="claimed")) == []
    waiting = replace(begun, state="due", due_at=at("2026-11-24 07:05"))
    assert says(SYNC, "2026-11-24 07:06", waiting) == ["due"]
    assert next_time(SYNC, at("2026-11-24 07:06"), BERLIN, (waiting,)) == at("2026-11-24 07:11")


def test_a_repeated_job_that_failed_is_tried_again_no_later_than_it_would_be_anyway() -> None:
    ended = at("2026-11-24 07:01")
    failed = row(SYNC, "", "failed", claimed_at=at("2026-11-24 07:00"), ended_at=ended, retry_at=ended + HOUR)
    assert says(SYNC, "2026-11-24 07:05", failed) == ["due"]
    soon = replace(failed, retry_at=at("2026-11-24 07:02"))
    assert says(SYNC, "2026-11-24 07:02", soon) == ["due"]


def test_what_arrived_waits_until_it_is_done_or_too_late() -> None:
    assert says(TRIAGE, "2026-11-24 07:00", row(TRIAGE, "")) == []
    assert says(TRIAGE, "2026-11-24 07:00", row(TRIAGE, "", "due")) == ["due"]
    assert next_time(TRIAGE, at("2026-11-24 07:00"), BERLIN) is None
    meeting = Job("meeting", "meeting", On("event", 30), RunIfWithin(25 * 60))
    waits = row(meeting, "event:family/u", "due", "2026-11-24 09:30")
    failed = replace(waits, slot="event:family/v", state="failed", ended_at=waits.due_at, retry_at=waits.due_at + HOUR / 60)
    assert says(meeting, "2026-11-24 09:40", waits, failed) == ["due event:family/u", "due event:family/v"]
    assert says(meeting, "2026-11-24 10:00", waits, failed) == ["missed event:family/u"]


def test_a_wish_for_a_job_names_its_slot_and_what_arrived() -> None:
    assert request_of(BRIEFING, "2026-11-24") == Request(
        "briefing", "schedule", Priority.TRIGGER, "", "briefing", "2026-11-24", model=True
    )
    meeting = Job("meeting", "meeting", On("event", 30))
    assert request_of(meeting, "event:family/u").subject == "event:family/u"
    assert request_of(TRIAGE, trigger="mail:home/INBOX").trigger == "mail:home/INBOX"
    assert (request_of(TRIAGE).trigger, request_of(TRIAGE).subject) == ("mail", "")


def test_three_failures_in_a_row_are_told_once_and_so_is_their_end() -> None:
    told = [should_tell(Streak(failures, told=failures > 3)) for failures in range(7)]
    assert told == [False, False, False, True, False, False, False]
    assert [works_again(Streak(0, told=told)) for told in (True, False)] == [True, False]
    assert not works_again(Streak(3, told=True))
