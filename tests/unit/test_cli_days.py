"""Days on the command line: those that no calendar holds get a sentence."""

from __future__ import annotations

import pytest

from butler.cli import arguments


@pytest.mark.parametrize("day", ["1970-01-01", "2999-12-31", "2028-02-29", "tomorrow"])
def test_days_that_a_calendar_holds_are_taken(day: str) -> None:
    assert arguments.read(["brief", "--date", day]).date == day


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "3000-01-01", "9999-12-31"])
@pytest.mark.parametrize("command", ["brief", "demo"])
def test_days_out_of_reach_get_a_sentence(command: str, day: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments.read([command, "--date", day])
    assert f"'{day}' is out of reach; name a day from 1970 to 2999" in capsys.readouterr().err


@pytest.mark.parametrize("day", ["2026-13-01", "2027-02-29", "yes", "2026-1-1"])
def test_what_is_no_day_gets_a_sentence(day: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments.read(["brief", "--date", day])
    assert "is not a day" in capsys.readouterr().err
