"""The sample's calendars as iCalendar text, built with icalendar from the content folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from typing import Any

from icalendar import Alarm, Calendar, Event, Todo, vCalAddress, vText
from icalendar.prop import vRecur

from butler.sample.days import Days
from butler.sample.letters import CONTENT, people, table

EVENT_CALENDARS = ("family", "work")
Files = Mapping[str, bytes]
"""The content of a folder by file name."""


def _address(name: str, answer: str = "") -> vCalAddress:
    display, address = parseaddr(people()[name])
    value = vCalAddress(f"mailto:{address}")
    value.params["CN"] = vText(display)
    if answer:
        value.params["PARTSTAT"] = vText(answer)
        value.params["RSVP"] = vText("TRUE" if answer == "NEEDS-ACTION" else "FALSE")
    return value


def _fill(component: Event, row: Mapping[str, Any], days: Days) -> None:
    component.add("uid", row["uid"])
    component.add("dtstamp", dt.datetime.combine(days.plus(-14), dt.time(8), dt.UTC))
    component.add("summary", row["summary"].format(d=days))
    component.add("dtstart", days.when(row["start"]))
    if "end" in row:
        component.add("dtend", days.when(row["end"]))
    for key in ("location", "description", "status", "sequence"):
        if key in row:
            component.add(key, row[key])
    if row.get("free"):
        component.add("transp", "TRANSPARENT")
    if "organizer" in row:
        component["ORGANIZER"] = _address(row["organizer"])
    for name, answer in row.get("attendees", ()):
        component.add("attendee", _address(name, answer), encode=False)


def _event(row: Mapping[str, Any], days: Days) -> Event:
    event = Event()
    _fill(event, row, days)
    if "rrule" in row:
        event.add("rrule", vRecur.from_ical(row["rrule"]))
    for text in row.get("exdate", ()):
        event.add("exdate", days.when(text))
    if row["summary"] == "Mila: swimming":
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", "Swimming bag")
        alarm.add("trigger", dt.timedelta(minutes=-45))
        event.add_component(alarm)
    return event


def _override(row: Mapping[str, Any], change: Mapping[str, Any], days: Days) -> Event:
    instance = change["instance"]
    start = days.when(row["start"])
    end = days.when(row["end"])
    moved = days.when(instance)
    override = Event()
    kept = {key: value for key, value in row.items() if key not in ("start", "end")}
    changed = {key: value for key, value in change.items() if key != "instance"}
    _fill(override, {**kept, "start": instance, "sequence": 1, **changed}, days)
    if "end" not in change:
        override.add("dtend", moved + (end - start))
    override.add("recurrence-id", moved)
    return override


def _calendar(days: Days, *components: Event | Todo, method: str = "") -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//The sample household//butler//EN")
    calendar.add("version", "2.0")
    if method:
        calendar.add("method", method)
    for component in components:
        calendar.add_component(component)
    if not method:
        calendar.add_missing_timezones(first_date=days.plus(-500), last_date=days.plus(500))
    content: bytes = calendar.to_ical()
    return content


def _file(row: Mapping[str, Any], days: Days, *, today: bool) -> bytes:
    change = row.get("today", {}) if today else {}
    now = {**row, **{key: value for key, value in change.items() if key != "override"}}
    overrides: Sequence[Mapping[str, Any]] = [*row.get("override", ()), *change.get("override", ())]
    return _calendar(days, _event(now, days), *(_override(now, one, days) for one in overrides))


def events(name: str, days: Days, *, today: bool) -> Files:
    """The files of a calendar, one an event, as it stood yesterday or stands today."""
    rows = [row for row in table(f"calendars/{name}.toml")["event"] if "method" not in row]
    return {f"{row['uid']}.ics": _file(row, days, today=today) for row in rows}


def tasks(days: Days) -> Files:
    """The files of the task list."""
    made: dict[str, bytes] = {}
    for row in table("calendars/tasks.toml")["task"]:
        todo = Todo()
        todo.add("uid", row["uid"])
        todo.add("dtstamp", dt.datetime.combine(days.plus(-14), dt.time(8), dt.UTC))
        todo.add("summary", row["summary"])
        todo.add("status", row.get("status", "NEEDS-ACTION"))
        if "due" in row:
            todo.add("due", days.when(row["due"]))
        if "priority" in row:
            todo.add("priority", row["priority"])
        if "percent" in row:
            todo.add("percent-complete", row["percent"])
        made[f"{row['uid']}.ics"] = _calendar(days, todo)
    return made


def odd_events(days: Days) -> Files:
    """An event in a time zone that does not exist, and a file that breaks off."""
    names = ("broken.ics", "nowhere.ics")
    return {
        name: CONTENT.joinpath("calendars", name).read_text(encoding="utf-8").format(d=days).replace("\n", "\r\n").encode()
        for name in names
    }


def invitations(days: Days) -> Mapping[str, str]:
    """The iCalendar texts that travel by mail, by the name that letters give them."""
    rows = [row for name in EVENT_CALENDARS for row in table(f"calendars/{name}.toml")["event"] if "method" in row]
    return {
        row["name"]: _calendar(days, _event(row, days), method=row["method"]).decode().replace("\r\n", "\n") for row in rows
    }
