"""The time zones that calendar objects name: the IANA ones, Windows' names for them, and definitions an object brings along."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

import icalendar
from icalendar.timezone.tzp import TZP
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from butler.core.text import one_line
from tools.calendar.components import start_of
from tools.calendar.rules import LIBRARY_ERRORS, shape

UNRESOLVED = "X-UNRESOLVED-TZID"
"""The parameter under which a zone's name is kept that icalendar is not to look up."""

_ZONED = re.compile(
    r'^((?:DTSTART|DTEND|DUE|RECURRENCE-ID|EXDATE|RDATE)\b[^:\n]*?;)TZID=(?:"([^"\n]*)"|([^:;"\n]*))',
    re.IGNORECASE | re.MULTILINE,
)
_MOST_CHANGES = 60
_LONGEST_NAME = 255


@lru_cache(maxsize=1024)
def known_zone(name: str) -> str | None:
    """Find the IANA name behind a zone's name: itself, Windows' name for it, or the end of `/vendor/…/Europe/Berlin`."""
    if len(name) > _LONGEST_NAME:
        return None
    parts = name.strip("/ ").split("/")
    candidates = ["/".join(parts), WINDOWS_TO_OLSON.get(name, "")]
    if name.startswith("/"):
        candidates += ["/".join(parts[first:]) for first in range(1, len(parts))][:4]
    return next((each for each in candidates if each and _exists(each)), None)


def _exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def with_known_zones(text: str) -> str:
    """Give every zoned time of an unfolded calendar a name that icalendar knows, or hide the name from it.

    icalendar falls over names that are folders of the zone database, warns of vendors' names, and remembers between
    objects what a zone was defined as; none of it happens to names that it never sees.
    """
    return _ZONED.sub(_rename, text)


def _rename(match: re.Match[str]) -> str:
    name = match[2] or match[3] or ""
    zone = known_zone(name)
    return f"{match[1]}TZID={zone}" if zone else f'{match[1]}{UNRESOLVED}="{name}"'


class Zones:
    """Places the times of one calendar object: in their own zone, else in its owner's."""

    def __init__(self, owner: ZoneInfo, definitions: Mapping[str, str], report: Callable[[str], None]) -> None:
        self._owner = owner
        self._definitions = definitions
        self._report = report
        self._found: dict[str, tzinfo | None] = {}

    def place(self, moment: datetime | date, name: str) -> tuple[datetime | date, bool]:
        """Make a time aware, and say whether it had to be the owner's zone that it was placed in."""
        if not isinstance(moment, datetime) or moment.tzinfo is not None:
            return moment, False
        zone = self._zone(name) if name else None
        return moment.replace(tzinfo=zone or self._owner), zone is None

    def _zone(self, name: str) -> tzinfo | None:
        if name not in self._found:
            self._found[name] = _defined(self._definitions.get(name, ""))
            if self._found[name] is None:
                self._report(f"The time zone {one_line(name, 60)!r} is unknown; its times are taken as {self._owner.key}.")
        return self._found[name]


def _defined(definition: str) -> tzinfo | None:
    if not definition:
        return None
    try:
        component = icalendar.Timezone.from_ical(definition)
        if not isinstance(component, icalendar.Timezone) or not _harmless(component):
            return None
        zone: tzinfo = component.to_tz(TZP(), lookup_tzid=False)
        datetime(2026, 1, 1, tzinfo=zone).utcoffset()
    except LIBRARY_ERRORS:
        return None
    return zone


def _harmless(component: icalendar.Timezone) -> bool:
    """Zone rules are evaluated from their first year for every time: only yearly ones that surely come true may pass."""
    changes = component.subcomponents
    if not 0 < len(changes) <= _MOST_CHANGES:
        return False
    for change in changes:
        rule = change.get("RRULE")
        if rule is None:
            continue
        found = shape(rule, start_of(change)) if isinstance(rule, icalendar.vRecur) else None
        if found is None or found.doubtful or (found.freq, found.interval, found.per_day) != ("YEARLY", 1, 1):
            return False
    return True
