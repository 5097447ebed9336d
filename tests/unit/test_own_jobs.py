"""The jobs of workflows in files: by their triggers, by the settings where those name them, and by the day of the month."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.core.jobs import At, Due, Job, On, RunIfWithin, Slot
from butler.core.planning import next_time, plan
from butler.core.timetable import when_words
from butler.settings import Places, Settings, read
from butler.settings.own import File

BERLIN = ZoneInfo("Europe/Berlin")
TRIGGERED = "---\ntitle: Mine\ntrigger: {trigger}\nsources: [tasks]\n---\nHello\n"


def settings(folder: Path, more: str = "") -> Settings:
    (folder / "notes").mkdir(exist_ok=True)
    (folder / "butler.toml").write_text(f'state_dir = "state"\n[notes.notes]\npath = "notes"\n{more}')
    loaded = read(Places(environ={"HOME": str(folder)}, config=folder / "butler.toml", folder=folder))
    assert loaded.problems == ()
    return loaded.settings


def write(folder: Path, name: str, trigger: str) -> None:
    (folder / "workflows").mkdir(exist_ok=True)
    (folder / f"workflows/{name}.md").write_text(TRIGGERED.format(trigger=trigger))


def job(found: Settings, name: str) -> Job | None:
    return next((each for each in found.every_job() if each.name == name), None)


def test_a_trigger_is_a_job_with_the_title_of_its_file(tmp_path: Path) -> None:
    write(tmp_path, "mine", '{at: "18:00", days: mon-fri, missed: run_if_within 2h, quiet: no}')
    write(tmp_path, "mails", "on mail")
    write(tmp_path, "hand", "none")
    found = settings(tmp_path, '[schedule]\nquiet = "22:00-06:00"\n')
    mine, mails = job(found, "mine"), job(found, "mails")
    assert mine is not None
    assert mine.when == At(dt.time(18), frozenset(range(5)))
    assert (mine.title, mine.missed, mine.quiet) == ("Mine", RunIfWithin(7200), None)
    assert mails is not None
    assert (mails.when, mails.quiet is None) == (On("mail"), False)
    assert job(found, "hand") is None


def test_the_settings_go_before_a_trigger(tmp_path: Path) -> None:
    write(tmp_path, "mine", "at 18:00")
    found = settings(tmp_path, '[jobs.mine]\nevery = "3h"\n')
    assert [when_words(each.when) for each in found.every_job() if each.name == "mine"] == ["every 3h"]


def test_a_broken_file_is_no_job_and_no_problem_of_the_settings(tmp_path: Path) -> None:
    write(tmp_path, "mine", "sometimes")
    found = settings(tmp_path)
    assert job(found, "mine") is None
    assert next(problem.partition(".md")[2] for problem in found.workflows.problems()).startswith(":3: 'sometimes'")


def test_what_ships_runs_by_itself_for_nobody_until_the_settings_say_so(tmp_path: Path) -> None:
    shipped = [each for each in settings(tmp_path).workflows.shelf().files if each.origin == "shipped"]
    assert shipped
    assert [each.name for each in shipped if job(settings(tmp_path), each.name)] == []
    on: File = next(each for each in shipped if each.definition and "at" in each.definition.trigger)
    found = job(settings(tmp_path, f"[jobs.{on.name}]\nenabled = true\n"), on.name)
    assert found is not None
    assert found.enabled
    assert isinstance(found.when, At)
    assert on.definition is not None
    assert f"{found.when.time:%H:%M}" == on.definition.trigger["at"]
    assert job(settings(tmp_path, f'[jobs.{on.name}]\nat = "05:00"\n'), on.name) is not None


def test_a_file_of_ones_own_stands_in_for_one_that_ships(tmp_path: Path) -> None:
    name = next(each.name for each in settings(tmp_path).workflows.shelf().files)
    write(tmp_path, name, "at 18:00")
    found = settings(tmp_path).workflows.shelf().find(name)
    assert found is not None
    assert (found.origin, found.problems) == ("own", ())


MONTHLY = Job("money", "money", At(dt.time(8), dates=frozenset({1, 31})), RunIfWithin(3 * 3600))


def at(day: str, hour: int = 9) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour), BERLIN)


@pytest.mark.parametrize(
    ("day", "is_due"),
    [("2026-11-01", True), ("2026-11-30", True), ("2026-11-29", False), ("2026-02-28", True), ("2028-02-28", False)],
)
def test_a_job_of_some_dates_is_due_on_them_and_a_date_that_is_not_there_is_the_last(day: str, is_due: bool) -> None:
    before = Slot("money", "2025-12-31", "ran", at("2025-12-31", 8))
    found = plan([MONTHLY], [before], at(day), BERLIN)
    assert any(isinstance(each, Due) and each.slot == day for each in found) is is_due


def test_the_next_time_of_a_monthly_job_is_found_however_far_it_is() -> None:
    once = Job("money", "money", At(dt.time(8), dates=frozenset({1})))
    assert next_time(once, at("2026-11-02"), BERLIN) == at("2026-12-01", 8)
    assert when_words(once.when) == "monthly 1 08:00"
    assert when_words(At(dt.time(8), frozenset(range(5)), frozenset({1, 15}))) == "monthly 1,15 on mon-fri 08:00"


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.sets(st.integers(1, 31), min_size=1))
def test_every_month_has_each_of_its_dates_once(day: dt.date, dates: set[int]) -> None:
    month = [day.replace(day=1) + dt.timedelta(number) for number in range(31)]
    days = [each for each in month if each.month == day.month]
    found = [each.day for each in days if At(dt.time(8), dates=frozenset(dates)).has(each)]
    assert found == sorted({min(each, len(days)) for each in dates})
