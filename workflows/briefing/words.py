"""The words that code puts into a briefing: one table, so that it can be translated, and how days, spans and names are said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from butler.core.mail import Address
from butler.core.text import one_line

ENGLISH: dict[str, str] = {
    "weekdays": "Mon Tue Wed Thu Fri Sat Sun",
    "months": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "today": "today",
    "tomorrow": "tomorrow",
    "yesterday": "yesterday",
    "in_days": "in {n} days",
    "days_ago": "{n} days ago",
    "all_day": "all day",
    "day_of": "day {k} of {n}",
    "since": "since {when}",
    "until": "until {when}",
    "moved_from": "moved from {when}",
    "tentative": "tentative",
    "cancelled": "cancelled: {what}",
    "accepted": "{n} accepted",
    "declined": "{n} declined",
    "maybe": "{n} tentative",
    "waiting_for": "waiting for {who}",
    "you_silent": "you have not answered",
    "you_declined": "you declined",
    "tomorrow_first": "tomorrow first: {what}",
    "overlap": "{first} overlaps {second} by {span}",
    "tight": "{minutes} min from {first} to {second}",
    "tight_none": "no time from {first} to {second}",
    "free": "free {start}–{end} ({span})",
    "more": "and {n} more",
    "ask": "{who}: {what}",
    "invites": "invites you: “{what}”, {when}",
    "waiting_today": "since today",
    "waiting_one": "waiting 1 day",
    "waiting_many": "waiting {n} days",
    "earlier": "{n} more from them in this thread",
    "alone": "to you alone",
    "to": "to you and others",
    "cc": "you are in Cc",
    "urgent": "urgent",
    "flagged": "flagged by you",
    "often": "you write with them often",
    "sometimes": "you have written with them",
    "remembered": "you wanted remembered: “{what}”",
    "unwritten": "you have not written to them",
    "stranger": "the first mail from them",
    "due_on": "due {when}",
    "was_due": "was due {when}",
    "not_sure": "perhaps no answer needed",
    "overdue": "overdue since {when}",
    "deadline": "{when}: {what} ({who})",
    "answered_since": "you have answered since",
    "task": "task",
    "note": "note {where}",
    "promise": "to {who}: {what} ({when})",
    "promised_on": "promised {when}",
    "question": "{who}: {what} ({when})",
    "asked": "asked {when}",
    "returned": "sent {when}, not delivered",
    "task_due": "{when}: {what}",
    "birthday": "birthday of {who}",
    "anniversary": "anniversary of {who}",
    "your_birthday": "your birthday",
    "your_anniversary": "your anniversary",
    "you": "you",
    "turns": "turns {n}",
    "years": "{n} years",
    "in_contacts": "in your contacts",
    "no_title": "(no title)",
    "no_subject": "(no subject)",
    "nobody": "somebody",
    "high": "high priority",
    "newsletters": "{n} newsletters: {names}",
    "newsletter": "1 newsletter: {names}",
    "lists": "{n} mails on lists: {names}",
    "list": "1 mail on a list: {names}",
    "changed_moved": "moved: {what}, from {old} to {new}",
    "changed_cancelled": "cancelled: {what}, {old}",
    "changed_gone": "no longer in the next two weeks: {what}, {old}",
    "changed_new": "new: {what}, {new}",
    "once_more": "and once more",
    "times_more": "and {n} more times",
    "changed_answer": "{who} {answer}: {what}, {new}",
    "answer_accepted": "accepted",
    "answer_declined": "declined",
    "answer_tentative": "may come",
    "answer_delegated": "delegated",
    "answered_by_you": "you answered {who}: {what}",
    "answered_you": "{who} answered: {what}",
    "hours": "{h} h",
    "minutes": "{m} min",
}


def say(key: str, **values: object) -> str:
    """One phrase of the table, with its gaps filled."""
    return ENGLISH[key].format(**values)


def day_name(day: dt.date, today: dt.date) -> str:
    """A day as "Fri 27 Nov", with the year when it is far away."""
    weekday, month = ENGLISH["weekdays"].split()[day.weekday()], ENGLISH["months"].split()[day.month - 1]
    year = f" {day.year}" if abs((day - today).days) > 300 else ""
    return f"{weekday} {day.day} {month}{year}"


def distance(day: dt.date, today: dt.date) -> str:
    """How far a day is: "today", "tomorrow", "in 3 days", "2 days ago"."""
    days = (day - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(days)
    if near:
        return say(near)
    return say("in_days", n=days) if days > 0 else say("days_ago", n=-days)


def day_and_distance(day: dt.date, today: dt.date, time: dt.time | None = None) -> str:
    """A day, its time where it has one, and how far it is: "Fri 27 Nov 17:00, in 3 days"."""
    clock = f" {time:%H:%M}" if time else ""
    return f"{day_name(day, today)}{clock}, {distance(day, today)}"


def moment(when: dt.datetime | dt.date, today: dt.date, zone: ZoneInfo) -> str:
    """A moment in the owner's zone: the clock alone today, else with its day; a date as its day."""
    if not isinstance(when, dt.datetime):
        return say("today") if when == today else day_name(when, today)
    local = when.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == today else f"{day_name(local.date(), today)} {local:%H:%M}"


def span(minutes: int) -> str:
    """A stretch of time: "45 min", "2 h", "1 h 30 min"."""
    hours, rest = divmod(minutes, 60)
    parts = ([say("hours", h=hours)] if hours else []) + ([say("minutes", m=rest)] if rest or not hours else [])
    return " ".join(parts)


def person(address: Address | None, limit: int = 40) -> str:
    """A person by display name, else by address."""
    if address is None:
        return say("nobody")
    return one_line(address.name, limit) or one_line(address.address, limit) or say("nobody")


def listed(names: Sequence[str], limit: int = 3) -> str:
    """Some names and how many more: "Tom, Eva, Jo and 2 more"."""
    shown = ", ".join(names[:limit])
    return f"{shown} {say('more', n=len(names) - limit)}" if len(names) > limit else shown


def quoted(text: str, limit: int = 120) -> str:
    """Words from the world in quote marks, on one line."""
    return f"“{one_line(text, limit)}”"
