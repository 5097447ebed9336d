"""Jobs as they are set: what is shipped, what an owner's table changes or adds, and what is refused in which words."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from butler.core.jobs import ALL_DAYS, At, Every, Job, Merge, On, RunIfWithin, SkipAndTell
from butler.core.policy import Hours
from butler.settings import Loaded, Places, read
from butler.settings.jobs import jobs_of

HOUR = 3600.0
Look = Callable[..., Loaded]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    def look(toml: str, **environ: str) -> Loaded:
        file = tmp_path / "butler.toml"
        file.write_text(toml)
        return read(Places(environ={"HOME": str(tmp_path), **environ}, config=file, folder=tmp_path))

    return look


def jobs(loaded: Loaded) -> dict[str, Job]:
    assert loaded.problems == ()
    return {job.name: job for job in jobs_of(loaded.settings.jobs, loaded.settings.schedule.quiet)}


def test_the_shipped_jobs_are_there_without_any_setting(look: Look) -> None:
    found = jobs(look(""))
    assert {name: (job.when, job.missed) for name, job in found.items()} == {
        "briefing": (At(dt.time(7)), RunIfWithin(3 * HOUR)),
        "lookahead": (At(dt.time(18)), RunIfWithin(4 * HOUR)),
        "weekly": (At(dt.time(16), frozenset({4})), RunIfWithin(48 * HOUR)),
        "triage": (On("mail"), Merge()),
        "meeting": (On("event", 30), RunIfWithin(25 * 60)),
        "documents": (On("file"), Merge()),
        "followup": (At(dt.time(8)), Merge()),
        "sync": (Every(300), Merge()),
        "maintenance": (At(dt.time(3, 20)), Merge()),
    }
    assert [name for name, job in found.items() if not job.model] == ["sync", "maintenance"]
    assert all(job.enabled and job.quiet is None and job.workflow == name for name, job in found.items())


def test_an_owner_changes_fields_of_a_shipped_job_and_keeps_the_others(look: Look) -> None:
    found = jobs(look('[jobs.briefing]\nat = "06:30"\ndays = "mon-fri"\njitter = "2m"\n[jobs.sync]\nenabled = false'))
    days = frozenset(range(5))
    assert found["briefing"] == Job("briefing", "briefing", At(dt.time(6, 30), days), RunIfWithin(3 * HOUR), 120.0, model=True)
    assert not found["sync"].enabled
    assert found["sync"].when == Every(300)


def test_a_shipped_job_may_get_another_kind_of_time(look: Look) -> None:
    found = jobs(look('[jobs.weekly]\nevery = "2d"\n[jobs.sync]\nat = 07:00:00\n[jobs.meeting]\non = "mail"'))
    assert (found["weekly"].when, found["weekly"].missed) == (Every(2 * 86_400), Merge())
    assert (found["sync"].when, found["sync"].missed) == (At(dt.time(7)), RunIfWithin(3 * HOUR))
    assert (found["meeting"].when, found["meeting"].missed) == (On("mail"), Merge())


def test_an_owner_adds_jobs_also_in_the_environment(look: Look) -> None:
    environ = {"BUTLER_JOBS__TEA__AT": "16:30", "BUTLER_JOBS__TEA__MISSED": "skip_and_tell", "BUTLER_JOBS__TEA__QUIET": "false"}
    toml = '[jobs.noon]\nworkflow = "lookahead"\nat = "12:00"\n[jobs.before]\non = "event"\nmissed = "run_if_within 10m"'
    found = jobs(look(toml, **environ))
    assert list(found)[-3:] == ["tea", "noon", "before"]
    assert found["tea"] == Job("tea", "tea", At(dt.time(16, 30)), SkipAndTell(), model=True)
    assert found["noon"] == Job("noon", "lookahead", At(dt.time(12)), RunIfWithin(3 * HOUR), model=True)
    assert (found["before"].when, found["before"].missed) == (On("event", 30), RunIfWithin(600))


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ('"daily"', ALL_DAYS),
        ('"mon-fri"', {0, 1, 2, 3, 4}),
        ('"sat-mon"', {5, 6, 0}),
        ('"Mon, wednesday"', {0, 2}),
        ('["tue", "thu-fri"]', {1, 3, 4}),
        ('""', ALL_DAYS),
    ],
)
def test_weekdays_are_written_by_name(look: Look, written: str, days: set[int]) -> None:
    assert jobs(look(f"[jobs.briefing]\ndays = {written}"))["briefing"].when == At(dt.time(7), frozenset(days))


@pytest.mark.parametrize(
    ("written", "seconds"), [('"90s"', 90), ('"5m"', 300), ('"1.5 h"', 5400), ('"7d"', 604_800), ("60", 60)]
)
def test_spans_are_written_with_their_unit(look: Look, written: str, seconds: float) -> None:
    assert jobs(look(f"[jobs.sync]\nevery = {written}"))["sync"].when == Every(seconds)


def test_quiet_hours_hold_for_the_jobs_that_keep_them(look: Look) -> None:
    found = jobs(look('schedule.quiet = "22:00-6:30"\n[jobs.followup]\nquiet = false\n[jobs.briefing]\nquiet = true'))
    hours = Hours(dt.time(22), dt.time(6, 30))
    quiet = [name for name, job in found.items() if job.quiet == hours]
    assert quiet == ["briefing", "lookahead", "weekly", "triage", "documents"]
    assert all(job.quiet is None for name, job in found.items() if name not in quiet)


WRONG = """
schedule.quiet = "22:00-22:00"
[jobs.briefing]
at = "25:00"
days = "mon-fry"
minutes = 0
[jobs.lookahead]
at = "seven"
days = 5
quiet = "often"
[jobs.sync]
every = "1s"
missed = "run_if_within soon"
[jobs.triage]
on = "post"
jitter = "2h"
hour = 3
[jobs.weekly]
days = "1-5"
missed = 3
"""


def test_all_that_is_wrong_is_told_at_once_with_what_to_write(look: Look, tmp_path: Path) -> None:
    problems = [problem.replace(f" in {tmp_path}/butler.toml", "") for problem in look(WRONG).problems]
    names = "There are: mon, tue, wed, thu, fri, sat, sun, and daily."
    late = 'must be "run_if_within 3h", "merge" or "skip_and_tell".'
    time = 'must be a time of the day such as "07:00". For a second time a day, add another job.'
    assert problems == [
        "jobs.triage.hour is no setting. Did you mean jobs.triage.on?",
        'schedule.quiet must be a span such as "22:00-06:30".',
        f"jobs.briefing.at {time}",
        f'jobs.briefing.days "fry" is no weekday. {names}',
        "jobs.briefing.minutes must be at least 1.",
        f"jobs.lookahead.at {time}",
        'jobs.lookahead.days must be days such as "mon-fri" or "mon, wed".',
        "jobs.lookahead.quiet must be true or false.",
        "jobs.sync.every must be from 10s to 7d.",
        f"jobs.sync.missed {late}",
        "jobs.triage.on must be 'mail', 'event' or 'file'.",
        "jobs.triage.jitter must be at most 1h.",
        f'jobs.weekly.days "1" is no weekday. {names}',
        f"jobs.weekly.missed {late}",
    ]


def test_what_makes_no_job_is_told_for_all_jobs_at_once(look: Look) -> None:
    toml = (
        '[jobs.lunch]\nworkflow = "lookahead"\n[jobs.tea]\nat = "12:00"\nevery = "1m"\n[jobs.sync]\nmissed = "skip_and_tell"\n'
        '[jobs.triage]\ndays = "mon"\nminutes = 5'
    )
    assert [problem.partition("butler.toml: ")[2] for problem in look(toml).problems] == [
        "The job lunch: It has no time. Set at, every or on.",
        "The job tea: It has at and every. Keep one of them.",
        "The job sync: It runs over and over, so that what was missed is always merged. Take missed out.",
        "The job triage: It has days but no time of the day. Set at, or take days out.",
        'The job triage: It has minutes but waits for no event. Set on = "event", or take minutes out.',
    ]


def test_a_span_without_its_unit_is_refused(look: Look) -> None:
    (problem,) = look('[jobs.sync]\nevery = "5"').problems
    assert problem.endswith('must be a span such as "90s", "5m", "3h" or "2d".')


@pytest.mark.parametrize("written", ['"22-06"', '"late-early"', '"22:00"', "7", '"22:00-23:00-24:00"'])
def test_quiet_hours_are_two_times_of_the_day(look: Look, written: str) -> None:
    (problem,) = look(f"schedule.quiet = {written}").problems
    assert problem.endswith('must be a span such as "22:00-06:30".')


def test_an_empty_value_is_as_if_it_were_left_out(look: Look) -> None:
    empty = '[jobs.briefing]\nat = ""\ndays = ""\nevery = ""\nmissed = ""\njitter = ""'
    assert jobs(look(f'schedule.quiet = ""\n{empty}')) == jobs(look(""))
    assert jobs(look('[jobs.briefing]\nmissed = "merge"'))["briefing"].missed == Merge()


def test_without_anything_to_read_only_maintenance_is_on(look: Look) -> None:
    hook = '[web]\nport = 8642\n[web.hooks.bell]\nworkflow = "triage"\ntoken = "a-token-of-some-length-1234"\n'
    off = '[jobs.mine]\nworkflow = "maintenance"\nat = "04:00"\nenabled = false\n'
    bare, other = look(hook + off).settings, look(hook + off + '[notes.notes]\npath = "."\n').settings
    assert [job.name for job in bare.every_job() if job.enabled] == ["maintenance"]
    assert [job.name for job in other.every_job() if not job.enabled] == ["mine"]
    assert {job.name for job in bare.every_job()} == {job.name for job in other.every_job()} >= {"hook:bell", "briefing"}
