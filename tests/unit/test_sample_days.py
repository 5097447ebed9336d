import datetime as dt

import pytest

from butler.sample.days import BERLIN, Days

DAYS = Days(dt.date(2026, 11, 24))


@pytest.mark.parametrize(
    ("spec", "written"),
    [
        ("+2 en", "Thursday, 26 November"),
        ("+2 en-full", "26 November 2026"),
        ("-1 de", "Montag, 23. November"),
        ("+7 de-full", "1. Dezember 2026"),
        ("+7 de-num", "01.12.2026"),
        ("+0 de-at", "am Dienstag"),
        ("+4 fr-full", "28 novembre 2026"),
        ("+3 es", "viernes 27 de noviembre"),
        ("+0 iso", "2026-11-24"),
    ],
)
def test_a_day_is_written_as_its_language_writes_it(spec: str, written: str) -> None:
    assert format(DAYS, spec) == written


def test_a_time_is_read_in_the_zone_it_names_and_in_berlin_otherwise() -> None:
    assert DAYS.moment("-1 09:30") == dt.datetime(2026, 11, 23, 9, 30, tzinfo=BERLIN)
    assert DAYS.moment("+0 09:30 Europe/Lisbon") == dt.datetime(2026, 11, 24, 10, 30, tzinfo=BERLIN)


def test_days_floating_times_and_anniversaries_are_no_moments() -> None:
    assert DAYS.when("+3") == dt.date(2026, 11, 27)
    assert DAYS.when("+0 21:30 floating") == dt.datetime(2026, 11, 24, 21, 30)  # noqa: DTZ001 - floating on purpose
    assert DAYS.when("1984") == dt.date(1984, 11, 24)
    for text in ("+3", "+0 21:30 floating"):
        with pytest.raises(ValueError, match="names no moment"):
            DAYS.moment(text)


def test_a_time_that_is_none_says_how_to_write_one() -> None:
    with pytest.raises(ValueError, match="09:30 Europe/Lisbon"):
        DAYS.when("tomorrow")
