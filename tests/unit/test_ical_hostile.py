"""Calendar objects that are broken or mean harm: always a value, its problems told, and never long."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ical_text import FRAME, event, parsed, starts, todo, wrapped

from butler.core.calendar import CalendarObject, RawObject
from butler.core.sources import Frame
from tools.calendar.expansion import Budget, Window, most_occurrences
from tools.calendar.ical import parse

GOOD = event("DTSTART:20261124T080000Z", "good")
HOURS = ",".join(map(str, range(24)))
SIXTIES = ",".join(map(str, range(60)))
FRAME_ZONE = ZoneInfo("Europe/Berlin")
YEAR = Frame("Europe/Berlin", date(2026, 10, 1), date(2027, 12, 1))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b"\xff\xfe\x00",
        b"<html><body>Please log in</body></html>",
        b"UID:1\r\nBEGIN:VEVENT\r\n",
        b"BEGIN:VCALENDAR",
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261124T080000Z\r\n",
        b"BEGIN:VCARD\r\nFN:x\r\nEND:VCARD\r\n",
        b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 15_000,
        b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\nUID:1\r\n" * 3000 + b"END:VEVENT\r\n" * 3000 + b"END:VCALENDAR\r\n",
    ],
    ids=lambda content: repr(content[:30]),
)
def test_what_is_no_calendar_is_a_value_with_a_problem(content: bytes) -> None:
    found = parsed(content)
    assert (found.occurrences, found.tasks) == ((), ())
    assert found.problems


def test_an_object_of_more_than_a_megabyte_is_not_read() -> None:
    found = parsed(wrapped(event("DTSTART:20261124T080000Z\nX-PADDING:" + "x" * 1_000_001)))
    assert (found.occurrences, found.problems) == ((), ("It is larger than 1 MB and was not read.",))


@pytest.mark.parametrize("line", ["ATTACH;ENCODING=BASE64;VALUE=BINARY:", "IMAGE:", "X-ALT-DESC;FMTTYPE=text/html:"])
def test_what_is_attached_does_not_count(line: str) -> None:
    found = parsed(wrapped(event("DTSTART:20261124T080000Z\n" + line + "A" * 1_500_000)))
    assert (len(found.occurrences), found.problems) == (1, ())


def test_an_object_of_very_many_lines_is_not_read() -> None:
    assert "20,000 lines" in parsed(wrapped(event("DTSTART:20261124T080000Z\n" + "X:1\n" * 20_001))).problems[0]


@pytest.mark.parametrize("garbage", ["GARBAGE", "SUMMARY;:x", "X Y:1", "PRIORITY:high", "DTSTAMP:never", "\x01\x02"])
def test_a_broken_line_costs_only_itself(garbage: str) -> None:
    lines = f"{garbage}\nSUMMARY:Kept\nDTSTART:20261124T080000Z"
    assert [each.summary for each in parsed(event(lines)).occurrences] == ["Kept"]
    assert [each.summary for each in parsed(todo(lines)).tasks] == ["Kept"]


def test_an_alarms_words_are_not_the_tasks() -> None:
    alarm = "BEGIN:VALARM\nDESCRIPTION:Ring\nTRIGGER:-PT5M\nEND:VALARM"
    assert parsed(todo(f"PRIORITY:high\n{alarm}\nSUMMARY:Kept")).tasks[0].description == ""


def test_a_broken_line_between_events_costs_only_itself() -> None:
    found = parsed("GARBAGE\n" + GOOD + "MORE GARBAGE\n" + todo("SUMMARY:x\nPERCENT-COMPLETE:lots"))
    assert (len(found.occurrences), len(found.tasks)) == (1, 1)
    assert found.problems == ("Some lines of it could not be read.",)


@pytest.mark.parametrize("bad", ["SUMMARY:no start", "DTSTART:2026x124T080000Z", "DTSTART:PT1H", "DTSTART:99991231T235959Z"])
def test_a_bad_event_hides_no_good_one(bad: str) -> None:
    found = parsed(event(bad, "bad") + GOOD)
    assert [each.uid for each in found.occurrences] == ["good"]
    assert found.problems


def test_words_that_may_be_there_once_count_the_first_time() -> None:
    found = parsed(event("DTSTART:20261124T080000Z\nDTSTART:20261125T080000Z\nSUMMARY:a\nSUMMARY:b\nSEQUENCE:1\nSEQUENCE:x"))
    assert (starts(found), found.occurrences[0].summary) == (["2026-11-24T09:00:00+01:00"], "a")


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;COUNT=2000000000",
        "FREQ=SECONDLY;UNTIL=99991231T235959Z",
        "FREQ=MINUTELY;BYSECOND=" + SIXTIES,
        "FREQ=MINUTELY;COUNT=2000000000",
        "FREQ=HOURLY;INTERVAL=25;BYDAY=MO",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=DAILY;BYYEARDAY=1",
        "FREQ=WEEKLY;BYMONTHDAY=31;BYMONTH=2",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=" + HOURS + ";BYMINUTE=" + SIXTIES + ";BYSECOND=" + SIXTIES,
        "FREQ=FORTNIGHTLY",
        "COUNT=3",
    ],
)
def test_a_bomb_of_a_rule_is_told_and_leaves_the_first_occurrence(rule: str) -> None:
    found = parsed(event(f"SUMMARY:Boom\nDTSTART:20261102T090000Z\nRRULE:{rule}") + GOOD, YEAR)
    assert {"u", "good"} <= {each.uid for each in found.occurrences}
    assert len(found.occurrences) <= 2001
    assert found.problems


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"])
def test_a_bomb_from_long_ago_is_defused_as_well(rule: str) -> None:
    found = parsed(event(f"DTSTART:19700101T090000Z\nRRULE:{rule}"), YEAR)
    assert found.occurrences == ()


def test_many_rules_that_each_take_long_are_not_all_worked_out() -> None:
    slow = [event("DTSTART:20200101T000000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", f"u{n}") for n in range(200)]
    assert any("too long" in each for each in parsed("".join(slow)).problems)


def test_an_event_with_many_rules_is_refused() -> None:
    assert "not valid" in parsed(event("DTSTART:20261102T090000Z\n" + "RRULE:FREQ=DAILY\n" * 50)).problems[0]


def test_two_rules_of_one_event_are_both_worked_out() -> None:
    text = "DTSTART;VALUE=DATE:20261102\nRRULE:FREQ=MONTHLY;BYMONTHDAY=5\nRRULE:FREQ=MONTHLY;BYMONTHDAY=9"
    assert starts(parsed(event(text))) == ["2026-11-02", "2026-11-05", "2026-11-09"]


def test_an_hourly_event_is_cut_off_after_enough_occurrences_from_the_windows_start() -> None:
    found = parsed(event("SUMMARY:Drink\nDTSTART:20200101T090000Z\nRRULE:FREQ=HOURLY"), YEAR)
    assert len(found.occurrences) == most_occurrences(Window(YEAR.start, YEAR.end, FRAME_ZONE)) == 2000
    assert starts(found)[0] == "2026-10-01T00:00:00+02:00"
    assert found.problems == ("“Drink” repeats very often; only some of its occurrences are shown.",)


def test_a_million_exceptions_are_survived() -> None:
    dates = ",".join(f"20{n % 60 + 10}{n % 12 + 1:02}{n % 28 + 1:02}T0{n % 9}0000Z" for n in range(4_000))
    found = parsed(event(f"DTSTART:20261102T080000Z\nRRULE:FREQ=DAILY\nEXDATE:{dates}\nEXDATE:20261103T080000Z"))
    assert "2026-11-03T09:00:00+01:00" not in starts(found)
    assert "2026-11-02T09:00:00+01:00" in starts(found)


def test_very_many_additional_dates_are_survived() -> None:
    dates = ",".join(f"20{n % 60 + 10}{n % 12 + 1:02}{n % 28 + 1:02}T0{n % 9}0000Z" for n in range(4_000))
    found = parsed(event(f"DTSTART:20200101T000000Z\nRDATE:{dates}\nRDATE:20261103T123456Z"))
    assert "2026-11-03T13:34:56+01:00" in starts(found)


def test_a_list_of_exceptions_that_is_too_long_is_told() -> None:
    found = parsed(
        event("DTSTART:20261102T080000Z\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:" + "20261102T080000Z," * 7_000 + "20261102T080000Z")
    )
    assert "too long" in found.problems[0]


def test_an_exception_for_a_moved_occurrence_counts_among_very_many() -> None:
    dates = ",".join(f"2011{n % 12 + 1:02}{n % 28 + 1:02}T0{n % 9}0000Z" for n in range(600))
    master = f"DTSTART:20110103T080000Z\nRRULE:FREQ=WEEKLY;COUNT=9\nEXDATE:{dates}\nEXDATE:20110110T080000Z"
    moved = "RECURRENCE-ID:20110110T080000Z\nDTSTART:20261110T080000Z"
    assert starts(parsed(event(master) + event(moved))) == []


@pytest.mark.parametrize("start", ["00010101T000000Z", "99991231T000000Z", "00010101", "99991231"])
@pytest.mark.parametrize("rule", ["", "RRULE:FREQ=DAILY", "RRULE:FREQ=YEARLY;COUNT=3", "RDATE:20261124T000000Z"])
def test_the_ends_of_the_calendar_are_survived(start: str, rule: str) -> None:
    assert isinstance(parsed(event(f"DTSTART:{start}\n{rule}") + GOOD), CalendarObject)
    assert "good" in {each.uid for each in parsed(event(f"DTSTART:{start}\n{rule}") + GOOD).occurrences}


def test_a_budget_is_not_overdrawn() -> None:
    budget = Budget(10)
    assert [budget.take(6), budget.take(6), budget.take(4)] == [True, False, True]


LINES = (
    """
BEGIN:VCALENDAR|END:VCALENDAR|BEGIN:VEVENT|END:VEVENT|BEGIN:VTODO|END:VTODO|BEGIN:VTIMEZONE|END:VTIMEZONE|UID:a|UID:b
TZID:Office|DTSTART:20261124T080000Z|DTSTART;VALUE=DATE:20261124|DTSTART;TZID=Office:20261124T080000|DTEND:20261124T090000Z
DTEND:20261124|DUE:20261124|DURATION:PT1H|DURATION:-P1D|RRULE:FREQ=DAILY|RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20261130
RRULE:FREQ=MONTHLY;BYDAY=5MO;COUNT=3|RDATE;VALUE=PERIOD:20261124T080000Z/PT1H|RDATE:20261125|EXDATE:20261124
EXDATE;TZID=Office:20261125T080000|RECURRENCE-ID:20261125T080000Z|RECURRENCE-ID;RANGE=THISANDFUTURE:20261125|SEQUENCE:3
SEQUENCE:x|STATUS:CANCELLED|ATTENDEE:x|ORGANIZER;CN=:y|PRIORITY:z| folded||:|;|\0|=
""".strip("\n")
    .replace("\n", "|")
    .split("|")
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=25))
def test_no_arrangement_of_lines_raises(lines: list[str]) -> None:
    for content in ("\r\n".join(lines), "\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"])):
        assert isinstance(parse(RawObject("k", "v", content.encode()), FRAME), CalendarObject)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise(content: bytes) -> None:
    assert isinstance(parse(RawObject("k", "v", b"BEGIN:VCALENDAR\r\n" + content), FRAME), CalendarObject)


def test_a_zone_whose_name_has_no_end_is_unknown() -> None:
    event = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=" + "A/" * 50_000 + ":20261124T100000\r\nEND:VEVENT\r\n"
    raw = RawObject("k", "1", f"BEGIN:VCALENDAR\r\n{event}END:VCALENDAR\r\n".encode())
    parsed = parse(raw, Frame("Europe/Berlin", date(2026, 11, 1), date(2026, 12, 1)))
    assert len(parsed.occurrences) == 1
    assert "unknown" in parsed.problems[0]
