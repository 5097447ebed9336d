"""The briefing's fixed words, pure: headings, source states, the notice on how it was composed, numbered references."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from butler.core.pins import short
from butler.core.text import one_line

if TYPE_CHECKING:
    from butler.core.briefing import Briefing, BriefingSource, Line, SectionName

HEADINGS: Mapping[SectionName, str] = MappingProxyType(
    {
        "agenda": "Agenda",
        "conflicts": "Conflicts",
        "reply": "Needs your answer",
        "deadlines": "Deadlines",
        "promised": "You promised",
        "waiting": "They owe you",
        "tasks": "Tasks",
        "birthdays": "Birthdays and anniversaries",
        "reading": "For reading",
        "changes": "Since the last briefing",
    }
)

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_REMARK = re.compile(r" (\([^()]*[^\W\d]{2}[^()]*\))$")
_SHORTENED = re.compile(r"“([^“”]{40,})…”")


def long_day(day: dt.date) -> str:
    """Name a day in full, whatever the machine's locale: `Tuesday, 24 November 2026`."""
    return f"{_DAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


def _moment(at: dt.datetime, today: dt.date, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    if local.date() == today:
        return f"{local:%H:%M}"
    year = f" {local.year}" if local.year != today.year else ""
    return f"{_DAYS[local.weekday()][:3]} {local.day} {_MONTHS[local.month - 1][:3]}{year} {local:%H:%M}"


def source_state(source: BriefingSource, briefing: Briefing) -> str:
    """Say how fresh a source is: `mail.home fresh 07:00`, `calendar.family stale since Mon 23 Nov 18:00`."""
    if source.as_of is None:
        return f"{source.name} {source.state}" if source.state != "stale" else f"{source.name} never read"
    at = _moment(source.as_of, briefing.date, ZoneInfo(briefing.timezone))
    since = {"fresh": " ", "stale": " since ", "failed": ", as of "}[source.state]
    return f"{source.name} {source.state}{since}{at}"


def source_errors(briefing: Briefing) -> list[str]:
    """A sentence for each source that could not be read."""
    return [f"{source.name}: {source.error}" for source in briefing.sources if source.error]


def stillness(briefing: Briefing) -> str:
    """What to say of a day that asks for nothing; empty on any other."""
    if briefing.quiet:
        return "A quiet day."
    if briefing.sections:
        return ""
    return "Nothing was found, but not every source could be read, so this may not be all."


def left_out(briefing: Briefing) -> str:
    """Say how many claims of the model were dropped; empty when none."""
    count = len(briefing.dropped)
    if not count:
        return ""
    claims = "One claim of the model was" if count == 1 else f"{count} claims of the model were"
    return f"{claims} left out: what the model said does not stand in its source."


def cost(briefing: Briefing) -> str:
    """Say what the model did for it; empty when none was there or nothing was asked."""
    usage = briefing.usage
    if briefing.model is None or not (usage.model_calls or usage.cached):
        return ""
    asked = f"{usage.model_calls} asked, {usage.cached} remembered, {usage.tokens_in + usage.tokens_out:,} tokens"
    return f"{briefing.model.name} ({short(briefing.model.digest)}): {asked}, {usage.seconds:.0f} s"


class References:
    """Numbers references in the order in which they are first used."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def numbers(self, line: Line) -> list[int]:
        """The numbers of a line's evidence, each once."""
        refs = dict.fromkeys(evidence.ref for evidence in line.evidence)
        return [self._numbers.setdefault(ref, len(self._numbers) + 1) for ref in refs]

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return ((number, ref) for ref, number in self._numbers.items())


def parted(text: str) -> tuple[str, str]:
    """A line's text without the remark in parentheses at its end, and that remark; empty where there is none."""
    remark = _REMARK.search(text)
    return (text[: remark.start()], remark[1]) if remark else (text, "")


def quotes(line: Line) -> list[str]:
    """A line's verbatim words, each once, without those that its text says already, in full or shortened."""
    said = one_line(line.text, 2000)
    found = dict.fromkeys(one_line(evidence.quote) for evidence in line.evidence if evidence.quote)
    begun = tuple(_SHORTENED.findall(said))
    return [quote for quote in found if quote and quote not in said and not (begun and quote.startswith(begun))]
