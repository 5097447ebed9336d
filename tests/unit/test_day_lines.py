"""A briefing cut into what a page shows: leads, remarks, marks, numbers, and what the calendar says otherwise by now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from butler.core.briefing import Briefing, Evidence, Line, Origin, Section, SectionName
from butler.core.calendar import Occurrence, Placed
from butler.store.briefings import KeptBriefing
from butler.web import daylines

DAY = dt.date(2026, 11, 24)
ZONE = ZoneInfo("Europe/Berlin")
NINE = dt.datetime(2026, 11, 24, 9, tzinfo=ZONE)


def kept(*told: tuple[SectionName, str, str, Sequence[str]], snapshot: dict[str, Any] | None = None) -> KeptBriefing:
    """A briefing of lines, each with its section, text, rule and references."""
    sections: dict[SectionName, list[Line]] = {}
    for name, text, _, refs in told:
        sections.setdefault(name, []).append(Line(text=text, by="code", evidence=tuple(Evidence(ref=ref) for ref in refs)))
    briefing = Briefing.model_validate(
        {
            "date": DAY,
            "timezone": ZONE.key,
            "generated_at": NINE,
            "composed_by": "rules",
            "model": None,
            "sources": (),
            "sections": [Section(name=name, lines=tuple(lines)) for name, lines in sections.items()],
            "dropped": (),
            "quiet": False,
            "usage": {},
        }
    )
    origins = [
        Origin(section=name, text=text, refs=tuple(refs), by="code", rule=rule, reason="So.") for name, text, rule, refs in told
    ]
    origins.sort(key=lambda one: list(sections).index(one.section))
    return KeptBriefing("run", briefing, tuple(origins), snapshot or {}, None, "")


def line(section: SectionName, text: str, rule: str = "rule") -> daylines.DayLine:
    return daylines.sections(kept((section, text, rule, ["mail:home/1"])))[0].lines[0]


@pytest.mark.parametrize(
    ("section", "text", "parts"),
    [
        ("agenda", "09:00–10:00 Choir, Canal 9 (1 accepted)", ("09:00–10:00", "Choir, Canal 9", "(1 accepted)")),
        ("agenda", "all day: Paul's birthday", ("all day", "Paul's birthday", "")),
        ("agenda", "cancelled: 17:30–18:30 Yoga", ("", "cancelled: 17:30–18:30 Yoga", "")),
        ("reply", "Tom: “Can we meet: now?” (to you alone)", ("Tom", "“Can we meet: now?”", "(to you alone)")),
        ("deadlines", "due today 17:00: Bake (task)", ("due today 17:00", "Bake", "(task)")),
        ("conflicts", "no time to “Garden” (“Market 1”)", ("", "no time to “Garden” (“Market 1”)", "")),
        ("reading", "6 newsletters: A, B", ("", "6 newsletters: A, B", "")),
        ("reply", f"{'x' * 80}: no", ("", f"{'x' * 80}: no", "")),
    ],
)
def test_a_line_is_cut_into_whom_what_and_remark(section: SectionName, text: str, parts: tuple[str, str, str]) -> None:
    found = line(section, text)
    assert (found.lead, found.head, found.remark) == parts


def test_lines_are_numbered_in_their_section_and_shown_up_to_a_limit() -> None:
    many = kept(*(("tasks", f"due: {number}", "tasks", ["task:t/1"]) for number in range(1, 51)))
    (section,) = daylines.sections(many)
    assert (section.total, len(section.lines), section.lines[-1].number) == (50, daylines.SHOWN, daylines.SHOWN)
    assert [each.head for each in daylines.lines(many, "tasks", 48, 100)] == ["49", "50"]
    assert list(daylines.lines(many, "agenda", 0, 10)) == []


def test_an_event_is_marked_with_what_the_conflicts_say_of_it() -> None:
    found = daylines.sections(
        kept(
            ("agenda", "09:00 A", "agenda", ["event:w/a"]),
            ("agenda", "09:30 B", "agenda", ["event:w/b"]),
            ("agenda", "10:00 C", "agenda", ["event:w/c"]),
            ("conflicts", "“A” overlaps “B”", daylines.OVERLAP, ["event:w/a", "event:w/b"]),
            ("conflicts", "no time", daylines.TRAVEL, ["event:w/b", "event:w/c"]),
            ("conflicts", "free", daylines.FREE, ["event:w/c"]),
        )
    )
    assert [each.marks for each in found[0].lines] == [("overlaps",), ("overlaps", "tight"), ("tight",)]
    assert [each.is_conflict for each in found[1].lines] == [True, True, False]


def test_a_line_is_found_by_its_number_with_where_it_came_from() -> None:
    two = kept(
        ("reply", "Tom: a", "first rule", ["mail:home/1"]),
        ("tasks", "due: b", "tasks", ["task:t/1"]),
        ("reply", "Ann: c", "second rule", ["mail:home/2"]),
    )
    found = daylines.line_of(two, "reply", 2)
    assert found is not None
    assert found[0].text == "Ann: c"
    assert found[1] is not None
    assert found[1].rule == "second rule"
    assert daylines.line_of(two, "reply", 3) is None
    assert daylines.line_of(two, "reply", 0) is None
    assert daylines.line_of(two, "nonsense", 1) is None


def placed(name: str, start: dt.datetime | dt.date, **more: Any) -> Placed:
    end = start + (dt.timedelta(hours=1) if isinstance(start, dt.datetime) else dt.timedelta(days=1))
    return Placed(f"event:w/{name}", "w", Occurrence(name, "", name, start, end, **more))


def test_the_calendar_is_held_against_what_the_briefing_knew() -> None:
    morning = kept(
        ("agenda", "09:00 same", "agenda", ["event:w/same"]),
        ("agenda", "10:00 moves", "agenda", ["event:w/moves"]),
        ("agenda", "11:00 off", "agenda", ["event:w/off"]),
        ("agenda", "cancelled: 11:30 off before", "agenda: cancelled", ["event:w/off-before"]),
        ("agenda", "12:00 gone", "agenda", ["event:w/gone"]),
        ("agenda", "all day: feast", "agenda", ["event:w/feast"]),
        ("agenda", "tomorrow first: 08:00", "agenda: tomorrow's first", ["event:w/tomorrow"]),
        snapshot={
            "events": {
                "event:w/same": {"summary": "same", "start": NINE.astimezone(dt.UTC).isoformat(), "cancelled": False},
                "event:w/moves": {"summary": "moves", "start": NINE.isoformat()},
                "event:w/off": {"summary": "off", "start": NINE.isoformat()},
                "event:w/off-before": {"summary": "off", "start": NINE.isoformat(), "cancelled": True},
                "event:w/feast": {"summary": "feast", "start": "2026-11-24"},
            }
        },
    )
    now = [
        placed("same", NINE),
        placed("moves", NINE + dt.timedelta(minutes=5)),
        placed("off", NINE, status="cancelled"),
        placed("off-before", NINE, status="cancelled"),
        placed("feast", DAY),
        placed("new", NINE),
        placed("new and off", NINE, status="cancelled"),
    ]
    found = daylines.since(morning, now)
    assert [one.ref for one in found.new] == ["event:w/new"]
    assert [one.ref for one in found.moved] == ["event:w/moves", "event:w/off"]
    assert found.gone == ("event:w/gone",)


def test_a_briefing_without_a_snapshot_knows_of_no_move() -> None:
    assert daylines.since(kept(("agenda", "09:00 a", "agenda", ["event:w/a"])), [placed("a", NINE)]) == daylines.Since()
