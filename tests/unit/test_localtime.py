"""Times of the day on days when clocks change, are set forward over midnight, or leave a day out."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from butler.core.localtime import after_hours, moment_of
from butler.core.policy import Hours


@pytest.mark.parametrize(
    ("zone", "day", "at", "utc"),
    [
        ("Europe/Berlin", "2026-03-28", "02:30", "2026-03-28T01:30"),
        # It does not exist: clocks go from 02:00 to 03:00.
        ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:30"),
        # It exists twice, and the first one counts.
        ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45"),
        # Midnight does not exist, and the day begins at 01:00.
        ("Asia/Beirut", "2026-03-29", "00:00", "2026-03-28T22:00"),
        # Clocks went from 23:30 into the next day: as long before.
        ("America/Toronto", "1919-03-30", "23:45", "1919-03-31T03:45"),
        ("UTC", "1970-01-01", "00:00", "1970-01-01T00:00"),
        ("UTC", "2038-01-19", "03:14", "2038-01-19T03:14"),
    ],
)
def test_a_time_of_the_day_is_one_moment_on_that_day(zone: str, day: str, at: str, utc: str) -> None:
    date, where = dt.date.fromisoformat(day), ZoneInfo(zone)
    found = moment_of(date, dt.time.fromisoformat(at), where)
    assert found == dt.datetime.fromisoformat(f"{utc}+00:00")
    assert found.astimezone(where).date() == date


def test_a_day_that_a_zone_leaves_out_has_no_times() -> None:
    assert moment_of(dt.date(2011, 12, 30), dt.time(7), ZoneInfo("Pacific/Apia")) is None
    assert moment_of(dt.date(2011, 12, 31), dt.time(7), ZoneInfo("Pacific/Apia")) is not None


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-24T21:59", "2026-11-24T21:59"),
        ("2026-11-24T22:00", "2026-11-25T06:30"),
        ("2026-11-25T00:10", "2026-11-25T06:30"),
        ("2026-11-25T06:30", "2026-11-25T06:30"),
    ],
)
def test_quiet_hours_put_a_moment_off_to_their_end(now: str, then: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    hours = Hours(dt.time(22), dt.time(6, 30))
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=berlin)
    assert after_hours(moment, hours, berlin) == dt.datetime.fromisoformat(then).replace(tzinfo=berlin)
    assert after_hours(moment, None, berlin) == moment


def test_quiet_hours_within_a_day_end_on_that_day() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    noon = dt.datetime(2026, 11, 24, 13, tzinfo=berlin)
    assert after_hours(noon, Hours(dt.time(12), dt.time(14)), berlin) == noon.replace(hour=14)
