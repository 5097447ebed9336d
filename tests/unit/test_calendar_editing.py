"""Edits of events and tasks: what is asked for is changed, and nothing else."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ical_text import CUSTOM_ZONE, event, parsed, starts, todo, wrapped

from butler.core.payloads import EventFields, Scope
from butler.core.sources import Frame
from tools.calendar.editing import answer_in, answered, cancelled, last_revised, starts_as, updated
from tools.calendar.lines import EditError, read_block, write_block
from tools.calendar.tasks import completed, new_event, new_task

NOW = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ME = "anna@berger.example"
YEAR = Frame("Europe/Berlin", dt.date(2026, 11, 1), dt.date(2027, 2, 1))
SERIES = """DTSTAMP:20261101T000000Z
DTSTART;TZID=Europe/Berlin:20261103T090000
DTEND;TZID=Europe/Berlin:20261103T100000
RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=6
EXDATE;TZID=Europe/Berlin:20261110T090000
SUMMARY:Standup
SEQUENCE:3
ORGANIZER;CN=Tom:mailto:tom@nordwind.example
ATTENDEE;CN="Berger, Anna";PARTSTAT=NEEDS-ACTION;RSVP=TRUE;X-FOO=1:mailto:Anna@berger.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:carla@nordwind.example
X-ODD;A="b:c":long
  folded
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT15M
END:VALARM
"""
OVERRIDE = """RECURRENCE-ID;TZID=Europe/Berlin:20261124T090000
DTSTART;TZID=Europe/Berlin:20261124T140000
DTEND;TZID=Europe/Berlin:20261124T150000
SUMMARY:Standup in the afternoon
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:anna@berger.example
"""
THIRD, FOURTH = "20261117T080000Z", "20261124T080000Z"


def text(*components: str) -> str:
    return wrapped(*components).decode()


@pytest.fixture
def series() -> str:
    return text(event(SERIES))


@pytest.fixture
def moved() -> str:
    return text(event(SERIES), event(OVERRIDE))


def days(found: str) -> list[str]:
    return [f"{each.start:%m-%d %H}" for each in parsed(found.encode(), YEAR).occurrences]


def lines(found: str) -> list[str]:
    return found.replace("\r\n ", "").split("\r\n")


def test_what_is_only_read_is_written_again_to_the_letter(moved: str) -> None:
    assert write_block(read_block(moved)) == moved


def test_an_answer_for_the_series_changes_the_owners_line_and_a_time_stamp(series: str) -> None:
    after = answered(series, ME, "accepted", now=NOW)
    assert sorted(set(lines(after)) - set(lines(series))) == [
        'ATTENDEE;CN="Berger, Anna";PARTSTAT=ACCEPTED;X-FOO=1:mailto:Anna@berger.example',
        "LAST-MODIFIED:20261120T090000Z",
    ]
    assert len(set(lines(series)) - set(lines(after))) == 1
    assert answer_in(after, {ME}) == "accepted"


def test_an_answer_for_the_series_is_one_for_its_overrides(moved: str) -> None:
    after = answered(moved, ME, "declined", now=NOW)
    assert (answer_in(after, {ME}), answer_in(after, {ME}, FOURTH)) == ("declined", "declined")


def test_an_answer_for_one_occurrence_makes_an_override_of_the_series(series: str) -> None:
    after = answered(series, ME, "declined", FOURTH, "I am; away", now=NOW)
    assert (answer_in(after, {ME}), answer_in(after, {ME}, FOURTH)) == ("needs-action", "declined")
    assert "RECURRENCE-ID;TZID=Europe/Berlin:20261124T090000" in after
    assert "COMMENT:I am\\; away" in after
    assert after.count("RRULE") == after.count("EXDATE") == 1
    assert after.count("BEGIN:VALARM") == 2
    assert days(after) == days(series)


def test_an_answer_for_an_occurrence_that_stands_for_itself_is_put_there(moved: str) -> None:
    after = answered(moved, ME, "tentative", FOURTH, now=NOW)
    assert after.count("BEGIN:VEVENT") == 2
    assert answer_in(after, {ME}, FOURTH) == "tentative"


@pytest.mark.parametrize("name", ["20261110T080000Z", "20261125T080000Z", "20301125T080000Z", "rubbish", "99999999"])
def test_what_does_not_occur_cannot_be_answered_or_cancelled(series: str, name: str) -> None:
    with pytest.raises(EditError):
        answered(series, ME, "declined", name, now=NOW)
    with pytest.raises(EditError):
        cancelled(series, "this", name, now=NOW)


def test_who_is_not_among_the_attendees_is_added(series: str) -> None:
    after = answered(series, "anna@elsewhere.example", "accepted", now=NOW, name='Anna "B"')
    assert answer_in(after, {"anna@elsewhere.example"}) == "accepted"
    assert answer_in(after, {ME}) == "needs-action"


@pytest.mark.parametrize(
    ("start", "name"),
    [("20261103", "20261117"), ("20261103T090000", "20261117T090000"), ("20261103T090000Z", "20261117T090000Z")],
)
def test_an_override_has_the_form_of_its_series(start: str, name: str) -> None:
    form = ";VALUE=DATE" if len(start) == 8 else ""
    found = text(event(f"DTSTART{form}:{start}\nRRULE:FREQ=WEEKLY;COUNT=4\nDURATION:P1D"))
    after = answered(found, ME, "accepted", name, now=NOW)
    assert f"RECURRENCE-ID{form}:{name}\r\nDTSTART{form}:{name}\r\n" in after
    assert len(parsed(after.encode()).occurrences) == len(parsed(found.encode()).occurrences)


def test_an_override_in_a_zone_that_the_object_defines_itself() -> None:
    found = text(CUSTOM_ZONE, event("DTSTART;TZID=Office:20261103T090000\nRRULE:FREQ=WEEKLY;COUNT=3"))
    after = answered(found, ME, "accepted", "20261110T140000Z", now=NOW)
    assert "RECURRENCE-ID;TZID=Office:20261110T090000" in after
    assert starts(parsed(after.encode())) == starts(parsed(found.encode()))


def test_words_are_changed_in_place_and_escaped(series: str) -> None:
    after = updated(series, EventFields(summary="One; two,\nthree", location="Room 4"), now=NOW)
    assert "SUMMARY:One\\; two\\,\\nthree" in after
    assert "SEQUENCE:3" in after
    assert lines(after).index("SUMMARY:One\\; two\\,\\nthree") == lines(series).index("SUMMARY:Standup")


def test_a_whole_series_is_moved_on_the_clock_with_its_exceptions(moved: str) -> None:
    start = dt.datetime(2026, 11, 17, 11, 30, tzinfo=BERLIN)
    after = updated(moved, EventFields(start=start), "all", THIRD, now=NOW)
    assert days(moved) == ["11-03 09", "11-17 09", "11-24 14", "12-01 09", "12-08 09"]
    assert days(after) == ["11-03 11", "11-17 11", "11-24 14", "12-01 11", "12-08 11"]
    assert "EXDATE;TZID=Europe/Berlin:20261110T113000" in after
    assert "RECURRENCE-ID;TZID=Europe/Berlin:20261124T113000" in after


def test_a_series_on_certain_days_is_not_moved_to_others(series: str) -> None:
    with pytest.raises(EditError, match="certain days"):
        updated(series, EventFields(start=dt.datetime(2026, 11, 4, 9, tzinfo=BERLIN)), now=NOW)


def test_a_series_gets_another_length_by_one_of_its_occurrences(series: str) -> None:
    after = updated(series, EventFields(end=dt.datetime(2026, 11, 17, 9, 30, tzinfo=BERLIN)), "all", THIRD, now=NOW)
    assert "DTEND;TZID=Europe/Berlin:20261103T093000" in after


def test_the_end_of_a_series_moves_with_it() -> None:
    found = text(event("DTSTART:20261103T090000Z\nRRULE:FREQ=DAILY;UNTIL=20261106T090000Z"))
    after = updated(found, EventFields(start=dt.datetime(2026, 11, 3, 11, tzinfo=dt.UTC)), now=NOW)
    assert len(days(after)) == len(days(found)) == 4


def test_one_occurrence_is_moved_alone_and_keeps_its_length(series: str) -> None:
    after = updated(series, EventFields(start=dt.datetime(2026, 11, 18, 16, tzinfo=BERLIN)), "this", THIRD, now=NOW)
    assert days(after) == ["11-03 09", "11-18 16", "11-24 09", "12-01 09", "12-08 09"]
    assert "DTEND;TZID=Europe/Berlin:20261118T170000" in after


def test_an_occurrence_and_those_after_it_are_moved(series: str) -> None:
    after = updated(series, EventFields(start=dt.datetime(2026, 11, 24, 16, tzinfo=BERLIN)), "following", FOURTH, now=NOW)
    assert days(after) == ["11-03 09", "11-17 09", "11-24 16", "12-01 16", "12-08 16"]


def test_a_single_event_becomes_one_of_whole_days() -> None:
    found = text(event("DTSTART:20261103T090000Z\nDTEND:20261103T100000Z"))
    after = updated(found, EventFields(start=dt.date(2026, 11, 5)), now=NOW)
    assert "DTSTART;VALUE=DATE:20261105" in after
    assert "DTEND;VALUE=DATE:20261106" in after


@pytest.mark.parametrize(
    "fields",
    [
        EventFields(end=dt.datetime(2026, 11, 1, tzinfo=dt.UTC)),
        EventFields(start=dt.date(2026, 11, 5), end=dt.datetime(2026, 11, 6, tzinfo=dt.UTC)),
    ],
)
def test_an_end_that_cannot_be_is_refused(fields: EventFields) -> None:
    with pytest.raises(EditError, match="before it begins"):
        updated(text(event("DTSTART:20261103T090000Z\nDTEND:20261103T100000Z")), fields, now=NOW)


@pytest.mark.parametrize(("owner", "number"), [((), "3"), (("tom@nordwind.example",), "4"), ((ME,), "3")])
def test_only_who_organizes_raises_the_sequence(series: str, owner: tuple[str, ...], number: str) -> None:
    fields = EventFields(start=dt.datetime(2026, 11, 3, 10, tzinfo=BERLIN))
    assert f"SEQUENCE:{number}\r\n" in updated(series, fields, now=NOW, owner=owner)
    assert f"SEQUENCE:{number}\r\n" in cancelled(series, "this", THIRD, now=NOW, owner=owner)


def test_cancelling_one_occurrence_takes_its_override_along(moved: str) -> None:
    after = cancelled(moved, "this", FOURTH, now=NOW)
    assert days(after) == ["11-03 09", "11-17 09", "12-01 09", "12-08 09"]
    assert after.count("BEGIN:VEVENT") == 1


def test_cancelling_from_an_occurrence_on_ends_the_series_before_it(moved: str) -> None:
    after = cancelled(moved, "following", FOURTH, now=NOW)
    assert days(after) == ["11-03 09", "11-17 09"]
    assert "COUNT" not in after
    assert "UNTIL=20261124T075959Z" in after


def test_a_series_of_days_ends_by_a_day() -> None:
    found = text(event("DTSTART;VALUE=DATE:20261103\nRRULE:FREQ=DAILY;COUNT=9\nRDATE;VALUE=DATE:20261220,20261104"))
    after = cancelled(found, "following", "20261106", now=NOW)
    assert "UNTIL=20261105" in after
    assert "RDATE;VALUE=DATE:20261104" in after
    assert [each[:5] for each in days(after)] == ["11-03", "11-04", "11-05"]


@pytest.mark.parametrize(
    ("scope", "name"),
    [("all", ""), ("all", FOURTH), ("this", ""), ("following", "20261103T080000Z"), ("following", "20261001T080000Z")],
)
def test_where_nothing_is_left_the_object_is_to_be_deleted(series: str, scope: Scope, name: str) -> None:
    assert cancelled(series, scope, name, now=NOW) == ""


def test_an_object_of_overrides_alone_loses_one_and_then_all() -> None:
    second = OVERRIDE.replace("1124", "1201")
    both = text(event(OVERRIDE), event(second))
    one = cancelled(both, "this", FOURTH, now=NOW)
    assert one.count("BEGIN:VEVENT") == 1
    assert cancelled(one, "this", "20261201T080000Z", now=NOW) == ""


def test_a_task_is_done() -> None:
    after = completed(new_task("t", "Pay; now", dt.date(2026, 12, 1), "x", NOW), "t", NOW)
    (task,) = parsed(after.encode()).tasks
    assert (task.completed, task.summary, task.due) == (True, "Pay; now", dt.date(2026, 12, 1))
    for line in ("STATUS:COMPLETED", "COMPLETED:20261120T090000Z", "PERCENT-COMPLETE:100"):
        assert line in lines(after)
    assert after.count("STATUS:") == 1


def test_of_a_task_that_repeats_the_next_open_occurrence_is_done_and_then_the_one_after_it() -> None:
    found = text(todo("DTSTART;VALUE=DATE:20261102\nDUE;VALUE=DATE:20261103\nRRULE:FREQ=WEEKLY;COUNT=3\nSUMMARY:Bins"))
    dues = []
    for _ in range(3):
        (task,) = parsed(found.encode()).tasks
        dues.append((task.due, task.completed))
        found = completed(found, "t", NOW)
    assert dues == [(dt.date(2026, 11, day), False) for day in (3, 10, 17)]
    with pytest.raises(EditError, match="No occurrence"):
        completed(found, "t", NOW)


def test_a_task_that_is_not_there_cannot_be_done() -> None:
    with pytest.raises(EditError):
        completed(text(event("DTSTART:20261103T090000Z")), "t", NOW)


def test_a_new_event_brings_its_zone_along() -> None:
    start = dt.datetime(2026, 11, 24, 11, tzinfo=BERLIN)
    made = new_event("u", "Lunch", start, start + dt.timedelta(hours=1), now=NOW, location="Café", description="a\nb")
    assert "BEGIN:VTIMEZONE" in made
    (found,) = parsed(made.encode()).occurrences
    assert (found.start, found.summary, found.location, found.description) == (start, "Lunch", "Café", "a\nb")


@pytest.mark.parametrize(
    "broken",
    [
        *("", "BEGIN:VCALENDAR", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\nEND:VEVENT", "END:VCALENDAR", "x" * 10_000),
        *("BEGIN:X\n" * 1_000, text(), text(event("DTSTART:1", "a"), event("DTSTART:2", "b")), text(event("SUMMARY:No start"))),
    ],
)
def test_what_is_broken_is_refused_with_a_sentence(broken: str) -> None:
    with pytest.raises(EditError):
        updated(broken, EventFields(start=dt.datetime(2026, 11, 3, tzinfo=dt.UTC)), "this", FOURTH, now=NOW)


def test_times_are_compared_and_the_last_revision_is_read(series: str) -> None:
    after = answered(series, ME, "accepted", now=NOW)
    assert starts_as(series, after)
    assert not starts_as(series, cancelled(series, "following", FOURTH, now=NOW))
    assert last_revised(after) == NOW


_LETTERS = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\u2028\u2029\x85"), max_size=90)
_OTHER_LINES = st.lists(
    st.builds(lambda name, value: f"X-{name}:{value}", st.from_regex(r"[A-Z]{1,8}", fullmatch=True), _LETTERS), max_size=6
)


@settings(max_examples=25, deadline=None)
@given(_OTHER_LINES, _OTHER_LINES, st.sampled_from(["this", "following", "all"]), st.sampled_from(["", "\t", " "]))
def test_whatever_else_is_in_an_object_stays_in_it(inner: list[str], outer: list[str], scope: Scope, fold: str) -> None:
    extra = "".join(f"{line}\n{fold}{'x' if fold else 'X-END:1'}\n" for line in inner)
    found = text("\n".join([*outer, CUSTOM_ZONE.strip()]), event(SERIES + extra), event(OVERRIDE))
    results = [
        answered(found, ME, "accepted", THIRD if scope == "this" else "", now=NOW),
        updated(found, EventFields(summary="Other"), scope, THIRD, now=NOW),
        cancelled(found, "this" if scope == "all" else scope, FOURTH, now=NOW),
    ]
    before = read_block(found)
    kept = [line.raw for line in before.lines] + [
        each.raw for each in before.blocks("VEVENT")[0].lines if each.name[:2] == "X-"
    ]
    for after in results:
        block = read_block(after)
        there = [line.raw for line in block.lines] + [each.raw for each in block.blocks("VEVENT")[0].lines]
        assert [raw for raw in kept if raw not in there] == []
        assert [write_block(each) for each in block.blocks("VTIMEZONE")] == [write_block(before.blocks("VTIMEZONE")[0])]
        assert block.blocks("VEVENT")[0].blocks("VALARM")
